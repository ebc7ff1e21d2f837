"""Runs a whole simulated session on an X display whose resolution changes in its middle.

``python live_display_trial.py STUDY``. Prints the bundle's path as its last line.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest

from journeylab.app.application import open_application
from journeylab.app.devices import DeviceRequest
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.clock import SessionClock
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.study.folder import load_study


def main(path: Path) -> None:
    application = open_application()
    session = LiveSession(
        load_study(path), screen=application.primaryScreen(), clock=SessionClock()
    )

    def await_(signal: object) -> list[object]:
        loop, got = QEventLoop(), []
        signal.connect(lambda *values: (got.extend(values), loop.quit()))  # type: ignore[attr-defined]
        QTimer.singleShot(60_000, loop.quit)
        loop.exec()
        return got

    session.failed.connect(sys.exit)
    session.open(DeviceRequest("simulated", "none"))
    await_(session.ready)
    consent = {**AGREED_TO_ALL, "face_video": "no", "audio": "no", "screen": "no"}
    session.start(SessionRequest("P01", {}, consent))
    await_(session.started)
    QTest.qWait(800)
    subprocess.run(["xrandr", "--output", "screen", "--mode", "smaller"], check=True)
    QTest.qWait(1500)
    session.stop()
    (bundle,) = await_(session.finished)
    session.close().result()
    print(bundle, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
