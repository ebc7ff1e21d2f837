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
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from journeylab.app.map import run_map
    from journeylab.app.window import Composition, _application
    from journeylab.clock import SessionClock

    for path in run_map(demo, segment=None, out=out, formats=("png",)):
        path.replace(out / "map.png")
    application = _application()
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

    def go_on() -> None:
        step = next(plan, None)
        if step is None:
            composition.window.close()
            application.quit()
            return
        wait_s, act = step
        QTimer.singleShot(round(wait_s * 1000), lambda: (act(), go_on()))

    go_on()
    application.exec()


def _plan(
    composition: object, *, demo: Path, grab: Callable[[str], None], grab_participant: _Act
) -> Iterator[tuple[float, _Act]]:
    """Seconds to wait, then what to do; one after the other."""
    window = composition.window
    page = window.setup
    yield 1.0, lambda: window.open_study(demo)
    yield 0.5, lambda: _fill_in(page)
    yield 6.0, lambda: grab("setup")
    yield 0.1, lambda: composition._start(page.choice)
    for wait_s in (13.0, 8.0, 10.0):
        yield wait_s, composition._next_step
    yield 5.0, lambda: composition._add_marker("confusion")
    yield 5.0, lambda: (grab("console"), grab_participant())
    yield 0.1, composition._stop
    yield 6.0, lambda: grab("finish")
    yield 0.1, window.show_analysis
    yield 6.0, lambda: grab("analysis")
    yield 0.1, lambda: composition.analysis.open_moment(_peak(composition.analysis))
    yield 3.0, lambda: grab("moment")


def _fill_in(page: object) -> None:
    """What a moderator types and ticks on the set-up page."""
    from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

    page.findChildren(QLineEdit)[0].setText("P07")
    for box in page.findChildren(QCheckBox):
        box.setChecked(True)
    for choice in page.findChildren(QComboBox):
        if choice.currentText() == "Choose":
            choice.setCurrentIndex(1)


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
