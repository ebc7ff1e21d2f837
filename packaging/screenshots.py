"""Pictures of the running app for the README: ``make screenshots``.

    python packaging/screenshots.py docs/images [--demo DIR]

The demo is run (or one that was run before is taken), a session is recorded with a simulated
participant on a display of its own (Xvfb, two monitors), and every window is photographed as it
stands. Look at each picture before committing it.
"""

from __future__ import annotations

import argparse
import os
import shutil
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
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("docs/images"))
    parser.add_argument("--demo", type=Path, help="a demo study with sessions; made when left out")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, two_monitors() as display:
        os.environ.update(DISPLAY=display, QT_QPA_PLATFORM="xcb", HOME=scratch)
        if os.geteuid() == 0:
            os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        demo = Path(scratch) / "demo"
        if options.demo is None:
            from journeylab.app.demo import run_demo

            run_demo(participants=6, out=demo, progress=_print_share)
        else:
            shutil.copytree(options.demo, demo)
        photograph(demo, out)
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
    """Set-up, a session in which steps advance as the simulated face plays, its end, the map."""
    from gallery_scenes import fill_in, peak_of

    window, analysis = composition.window, composition.analysis
    steps = _played(demo)
    yield 1.0, lambda: window.open_study(demo)
    yield 2.0, lambda: fill_in(window.setup)
    while composition._session is None or composition._session.controller is None:
        yield 0.1, _wait  # until the devices are open, and the face begins to play
    began_s = time.monotonic()

    def at(second: float) -> float:
        return max(0.1, began_s + second - time.monotonic())

    yield at(steps[0].start_s - 3.0), lambda: camera.take(window, "setup")
    yield at(steps[0].start_s - 1.5), lambda: composition._start(window.setup.choice())
    while window.page is not window.console:
        yield 0.1, _wait  # until it records
    for step in steps[1:4]:
        yield at(step.start_s), composition._next_step
    compare_s = steps[3].start_s
    yield at(compare_s + 7), lambda: _marker(composition, "confusion")
    yield at(compare_s + 10), lambda: _photograph_both(window, camera)
    yield 1.0, composition._stop
    while not window.finish.next_button.isVisible():
        yield 0.5, _wait  # until it is written
    yield 2.0, lambda: camera.take(window, "finish")
    yield 0.1, window.show_analysis
    yield 2.0, _wait
    while analysis.is_loading or analysis.journey is None or not analysis.map.is_drawn:
        yield 0.5, _wait  # until the map stands
    yield 1.0, lambda: camera.take(window, "analysis")
    yield 0.1, lambda: analysis.open_moment(peak_of(analysis))
    yield 4.0, lambda: camera.take(window, "moment")


def _wait() -> None:
    """Nothing is to be done yet."""


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
