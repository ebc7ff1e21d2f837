"""How soon a long session opens in the replay, and how soon a sought moment is on the screen.

    python tests/bench/replay.py [--minutes 60] [--bundle FILE.h5] [--seeks 200] [--blur]
                                 [--whole-page] [--encrypted]

A session with 720p video, meshes, sound, a 500 Hz mouse, a picture of the screen every eight
seconds, long pages that scroll and a video that is watched is made (or given) and replayed in the
page as the app shows it, offscreen. Measured from the call to the painting of the picture; a timer
of 10 ms tells how long the window stood still.
Beside the times stands what they cost a core: on a busy machine the difference is the machine's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from bench.replay_session import FILM, make_film, make_session
from faults.printed import Line, show
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from journeylab.bundle.encryption import encrypt_bundle
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy
from journeylab.study.study_key import encrypt_study
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.widgets.style import apply_style
from journeylab.vocabulary import StimulusKind

MOST_OPENING_MS = 1000.0
MOST_SEEK_MS = 100.0
MOST_STILL_MS = 100.0
_OPENINGS = 5
_LONGEST_MS = 30_000
_PLAYED_S = 4.0


@dataclass(frozen=True)
class Measured:
    """What was measured, ms: ``core_ms`` is the processor time of a seek, of all threads, and
    ``work_ms`` that of the window's thread between two ticks."""

    opening_ms: list[float]
    opening_core_ms: float
    seek_ms: list[float]
    core_ms: float
    rates: dict[float, float]
    still_ms: list[float]
    work_ms: list[float]


class Painted(QObject):
    """Waits until a picture that was handed over is painted."""

    def __init__(self, page: ReplayPage) -> None:
        super().__init__(page)
        self._wanted_ns: int | None = None
        self._is_handed = False
        self._loop = QEventLoop(self)
        page.face_picture.installEventFilter(self)
        page.shown.connect(self._hand_over)

    def within_ms(self, act: Callable[[], None], *, t_ns: int | None = None) -> float:
        """How long after ``act`` a view (that of ``t_ns`` where given) was painted."""
        self._wanted_ns, self._is_handed = t_ns, False
        stop = QTimer(self, singleShot=True, interval=_LONGEST_MS)
        stop.timeout.connect(self._loop.quit)
        stop.start()
        began_s = time.perf_counter()
        act()
        self._loop.exec()
        passed_ms = (time.perf_counter() - began_s) * 1e3
        if not stop.isActive():
            raise SystemExit("the replay showed nothing for half a minute")
        stop.stop()
        stop.deleteLater()
        return passed_ms

    def _hand_over(self, painted: object) -> None:
        t_ns = painted.view.t_ns  # type: ignore[attr-defined]
        if self._wanted_ns is None or t_ns == self._wanted_ns:
            self._is_handed = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._is_handed:
            QTimer.singleShot(0, self._loop.quit)
        return super().eventFilter(watched, event)


class StandStills(QObject):
    """The gaps between the ticks of a timer of 10 ms, ms, and how much of each the window itself
    was to blame for: its processor time. The rest is the machine's, where others use it too."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps_ms: list[float] = []
        self.work_ms: list[float] = []
        self._last_s: float | None = None
        self._last_work_s = 0.0
        self._timer = QTimer(self, interval=10)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def _tick(self) -> None:
        now_s, work_s = time.perf_counter(), time.thread_time()
        if self._last_s is not None:
            self.gaps_ms.append((now_s - self._last_s) * 1e3)
            self.work_ms.append((work_s - self._last_work_s) * 1e3)
        self._last_s, self._last_work_s = now_s, work_s


def measure(
    bundle: Path, folder: StudyFolder, *, n_seeks: int, whole_page: bool = False
) -> Measured:
    """Open a session several times, seek in it, and play it."""
    application = QApplication.instance() or QApplication([])
    apply_style(application)  # type: ignore[arg-type]
    # The analysis tab has read the sessions by then: the process that looks bundles over runs.
    Bundle.open(bundle).close()
    page = ReplayPage(clock=SessionClock())
    page.resize(1366, 720)
    page.show()
    painted, stills = Painted(page), StandStills(page)
    page.head.whole_page.setChecked(whole_page)
    target = ReplayTarget(bundle)
    began_s = time.process_time()
    opening_ms = [
        painted.within_ms(lambda: page.open_session(target, folder=folder))
        for _ in range(_OPENINGS)
    ]
    opening_core_ms = (time.process_time() - began_s) / _OPENINGS * 1e3
    _wait_for_index(page)
    assert page.track is not None
    rng = np.random.default_rng(3)
    times_ns = rng.integers(page.track.start_ns, page.track.end_ns, n_seeks).tolist()
    began_s = time.process_time()
    seek_ms = [painted.within_ms(lambda t=t: page.player.seek(t), t_ns=t) for t in times_ns]
    core_ms = (time.process_time() - began_s) / n_seeks * 1e3
    rates = {speed: _frames_a_second(page, speed) for speed in (1.0, 4.0)}
    stills.stop()
    page.shut_down()
    page.close()
    return Measured(
        opening_ms, opening_core_ms, seek_ms, core_ms, rates, stills.gaps_ms, stills.work_ms
    )


def lines_of(measured: Measured) -> list[Line]:
    """The table's rows."""
    opening, p95 = max(measured.opening_ms), float(np.percentile(measured.seek_ms, 95))
    still = max(measured.still_ms)
    return [
        Line(
            f"from the call to the first picture, the worst of {len(measured.opening_ms)}",
            f"{opening:.0f} ms",
            f"< {MOST_OPENING_MS:.0f} ms",
            opening < MOST_OPENING_MS,
        ),
        Line("  median", f"{np.median(measured.opening_ms):.0f} ms"),
        Line("  time on a core, mean", f"{measured.opening_core_ms:.0f} ms"),
        Line(
            f"from a seek to its picture, 95 % of {len(measured.seek_ms)}",
            f"{p95:.0f} ms",
            f"< {MOST_SEEK_MS:.0f} ms",
            p95 < MOST_SEEK_MS,
        ),
        Line("  median", f"{np.median(measured.seek_ms):.0f} ms"),
        Line("  the worst", f"{max(measured.seek_ms):.0f} ms"),
        Line("  time on a core, mean", f"{measured.core_ms:.0f} ms"),
        *(
            Line(f"pictures a second when playing at {speed:g}", f"{rate:.0f}")
            for speed, rate in measured.rates.items()
        ),
        Line(
            "the window stood still, at most",
            f"{still:.0f} ms",
            f"< {MOST_STILL_MS:.0f} ms",
            still < MOST_STILL_MS,
        ),
        Line("  99 %", f"{np.percentile(measured.still_ms, 99):.0f} ms"),
        Line("  its own work at a stretch, at most", f"{max(measured.work_ms):.0f} ms of a core"),
    ]


def _study(path: Path, *, blurs: bool) -> StudyFolder:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="A"))
    privacy = Privacy(blur_faces=blurs)
    return save_study(path, Study(id="bench", title="Bench", steps=(step,), privacy=privacy))


def _encrypted(folder: StudyFolder, bundle: Path) -> tuple[StudyFolder, Path]:
    """The same study and session at rest; its passphrase was entered."""
    locked = encrypt_study(folder, "four quite unrelated words")
    return locked, encrypt_bundle(bundle, locked.study.privacy.encrypt_to or "")


def _wait_for_index(page: ReplayPage) -> None:
    if not page.side.events.rows:
        loop = QEventLoop()
        page.worker.indexed.connect(loop.quit)
        QTimer.singleShot(_LONGEST_MS, loop, loop.quit)
        loop.exec()


def _frames_a_second(page: ReplayPage, speed: float) -> float:
    assert page.track is not None
    shown: list[int] = []
    page.player.seek(page.track.start_ns + 60 * NS_PER_S)
    page.player.set_speed(speed)
    connection = page.shown.connect(lambda painted: shown.append(painted.view.t_ns))
    loop = QEventLoop()
    QTimer.singleShot(round(_PLAYED_S * 1000), loop, loop.quit)
    page.player.toggle()
    loop.exec()
    page.player.pause()
    page.shown.disconnect(connection)
    return len(set(shown)) / _PLAYED_S


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--bundle", type=Path, help="one made before, instead of a new one")
    parser.add_argument("--seeks", type=int, default=200)
    parser.add_argument("--blur", action="store_true", help="with the face blurred")
    parser.add_argument("--whole-page", action="store_true", help="with pages as long as they are")
    parser.add_argument("--encrypted", action="store_true", help="of an encrypted study")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeylab-replay-") as name:
        folder = _study(Path(name) / "study", blurs=options.blur)
        folder.prepare_for_writing()
        make_film(folder.path / FILM)
        bundle = options.bundle
        if bundle is None:
            bundle = make_session(folder.sessions_path / "P01.h5", options.minutes)
        if options.encrypted:
            own = folder.sessions_path / "P01.h5"
            if bundle != own:
                shutil.copy(bundle, own)  # only sessions of the study open with its key
            folder, bundle = _encrypted(folder, own)
        measured = measure(bundle, folder, n_seeks=options.seeks, whole_page=options.whole_page)
    what = "a session" if options.bundle else f"a session of {options.minutes:g} minutes"
    how = [word for word in ("blur", "whole_page", "encrypted") if getattr(options, word)]
    title = ", ".join([f"The replay of {what}", *(word.replace("_", " ") for word in how)])
    return show(title, lines_of(measured))


if __name__ == "__main__":
    sys.exit(main())
