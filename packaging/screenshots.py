"""Pictures of the running app for the README: ``make screenshots``.

    python packaging/screenshots.py docs/images

The demo is run, a session is recorded with a simulated participant on a display of its own
(Xvfb, two monitors), and every window is photographed as it stands. Look at each picture before
committing it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests" / "bench")]

from live import two_monitors  # noqa: E402

_SIZE = (1600, 900)
_Act = Callable[[], object]


def main() -> int:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images").resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, two_monitors() as display:
        os.environ.update(DISPLAY=display, QT_QPA_PLATFORM="xcb", HOME=scratch)
        if os.geteuid() == 0:
            os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        from journeylab.app.demo import run_demo

        demo = run_demo(participants=6, out=Path(scratch) / "demo", progress=_print_share)
        photograph(demo.path, out)
    return 0


def photograph(demo: Path, out: Path) -> None:
    """Walk through the app and write a picture of each of its windows."""
    from PIL import Image
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from journeylab.app.application import open_application
    from journeylab.app.map import run_map
    from journeylab.app.window import Composition
    from journeylab.clock import SessionClock

    for path in run_map(demo, segment=None, out=out, formats=("png",)):
        with Image.open(path) as picture:
            picture.resize((1920, 1080), Image.Resampling.LANCZOS).save(out / "map.png")
        path.unlink()
    application = open_application()
    composition = Composition(clock=SessionClock(), home=demo.parent / "home")
    composition.window.setGeometry(0, 0, *_SIZE)
    composition.window.show()

    def grab(name: str) -> None:
        composition.window.grab().save(str(out / f"{name}.png"))
        print("photographed", name, flush=True)

    def grab_participant() -> None:
        from journeylab.ui.participant.window import ParticipantWindow

        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, ParticipantWindow) and widget.isVisible():
                widget.grab().save(str(out / "participant.png"))

    plan = _plan(composition, demo=demo, grab=grab, grab_participant=grab_participant)
    began_s = time.monotonic()

    def do(act: _Act) -> None:
        try:
            act()
        except Exception:
            composition._leave()
            application.exit(1)
            raise
        go_on()

    def go_on() -> None:
        step = next(plan, None)
        if step is None:
            composition.window.close()
            application.exit()
            return
        at_s, act = step
        wait_s = max(0.1, began_s + at_s - time.monotonic())
        QTimer.singleShot(round(wait_s * 1000), lambda: do(act))

    go_on()
    code = application.exec()
    application.shutdown()  # lets go of the display before its server ends
    if code:
        raise SystemExit("a picture could not be taken")


def _plan(
    composition: object, *, demo: Path, grab: Callable[[str], None], grab_participant: _Act
) -> Iterator[tuple[float, _Act]]:
    """Seconds since the start, and what to do then; steps advance as the simulated face plays."""
    window = composition.window
    steps = _played(demo)
    lead_s = 3.0  # from opening the study until its devices give their first sample
    yield 1.0, lambda: window.open_study(demo)
    yield 2.0, lambda: _fill_in(window.setup)
    yield steps[0].start_s, lambda: grab("setup")
    yield lead_s + steps[0].start_s - 1.5, lambda: composition._start(window.setup.choice())
    for step in steps[1:4]:
        yield lead_s + step.start_s, composition._next_step
    compare_s = lead_s + steps[3].start_s
    yield compare_s + 7, lambda: _marker(composition, "confusion")
    yield compare_s + 10, lambda: (grab("console"), grab_participant())
    yield compare_s + 11, composition._stop
    yield compare_s + 19, lambda: grab("finish")
    yield compare_s + 19, window.show_analysis
    yield compare_s + 27, lambda: grab("analysis")
    yield compare_s + 27, lambda: composition.analysis.open_moment(_peak(composition.analysis))
    yield compare_s + 31, lambda: grab("moment")


def _marker(composition: object, label: str) -> None:
    composition._session.controller.remarks.add_marker(label)


def _played(demo: Path) -> tuple[object, ...]:
    """The steps of the participant that the set-up page's simulated camera shows."""
    from journeylab.app.devices import DeviceRequest, simulated_participant
    from journeylab.bundle.header import ScreenGeometry
    from journeylab.study.folder import load_study

    request = DeviceRequest("simulated", "simulated")
    screen = ScreenGeometry(*_SIZE)
    return simulated_participant(request, load_study(demo).study, screen=screen).step_times()


def _fill_in(page: object) -> None:
    """What a moderator types and ticks on the set-up page."""
    from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

    page.findChildren(QLineEdit)[0].setText("P07")
    for box in page.findChildren(QCheckBox):
        box.setChecked(True)
    page.consent.declines_emotion.setChecked(False)
    for choice in page.findChildren(QComboBox):
        if choice.currentIndex() < 0:
            choice.setCurrentIndex(0)


def _peak(analysis: object) -> object:
    """The highest point of the trace."""
    import numpy as np

    from journeylab.report.scene import MomentTarget

    trace = analysis.journey.trace
    place = int(np.nanargmax(trace.mean))
    return MomentTarget(
        position_s=float(trace.position_s[place]),
        valence=float(trace.mean[place]),
        participants=(),
    )


def _print_share(share: float) -> None:
    print(f"\rsimulating {100 * share:.0f} %", end="" if share < 1 else "\n", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
