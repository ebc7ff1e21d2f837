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
from pathlib import Path
from typing import TYPE_CHECKING

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests" / "bench")]

from live import two_monitors  # noqa: E402

if TYPE_CHECKING:
    from photographing import Camera, Scenes

_SIZE = (1600, 900)


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
    from photographing import Camera, follow, of_few_colours
    from PIL import Image

    from journeylab.app.application import open_application
    from journeylab.app.map import run_map
    from journeylab.app.window import Composition
    from journeylab.clock import SessionClock

    for path in run_map(demo, segment=None, out=out, formats=("png",)):
        with Image.open(path) as picture:
            smaller = picture.convert("RGB").resize((1920, 1080), Image.Resampling.LANCZOS)
        of_few_colours(smaller).save(out / "map.png", optimize=True)
        path.unlink()
    application = open_application()
    composition = Composition(clock=SessionClock(), home=demo.parent / "home")
    composition.window.setGeometry(0, 0, *_SIZE)
    composition.window.show()
    try:
        code = follow(_scenes(composition, Camera(out), demo=demo), application)
    finally:
        composition._leave()
        application.shutdown()  # lets go of the display before its server ends
    if code:
        raise SystemExit("a picture could not be taken")


def _scenes(composition: object, camera: Camera, *, demo: Path) -> Scenes:
    """The scenes of :func:`_plan`, each waited for until its time since the start."""
    began_s = time.monotonic()
    for at_s, act in _plan(composition, demo=demo, camera=camera):
        yield max(0.1, began_s + at_s - time.monotonic()), act


def _plan(composition: object, *, demo: Path, camera: Camera) -> Scenes:
    """Seconds since the start, and what to do then; steps advance as the simulated face plays."""
    from gallery_scenes import fill_in, peak_of

    window, analysis = composition.window, composition.analysis
    steps = _played(demo)
    lead_s = 3.0  # from opening the study until its devices give their first sample
    yield 1.0, lambda: window.open_study(demo)
    yield 2.0, lambda: fill_in(window.setup)
    yield steps[0].start_s, lambda: camera.take(window, "setup")
    yield lead_s + steps[0].start_s - 1.5, lambda: composition._start(window.setup.choice())
    for step in steps[1:4]:
        yield lead_s + step.start_s, composition._next_step
    compare_s = lead_s + steps[3].start_s
    yield compare_s + 7, lambda: _marker(composition, "confusion")
    yield compare_s + 10, lambda: _photograph_both(window, camera)
    yield compare_s + 11, composition._stop
    yield compare_s + 19, lambda: camera.take(window, "finish")
    yield compare_s + 19, window.show_analysis
    yield compare_s + 27, lambda: camera.take(window, "analysis")
    yield compare_s + 27, lambda: analysis.open_moment(peak_of(analysis))
    yield compare_s + 31, lambda: camera.take(window, "moment")


def _photograph_both(window: object, camera: Camera) -> None:
    from PySide6.QtWidgets import QApplication

    from journeylab.ui.participant.window import ParticipantWindow

    camera.take(window, "console")
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, ParticipantWindow) and widget.isVisible():
            camera.take(widget, "participant")


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


def _print_share(share: float) -> None:
    print(f"\rsimulating {100 * share:.0f} %", end="" if share < 1 else "\n", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
