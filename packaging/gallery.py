"""Pictures of every window and dialog, at the sizes of lab screens, dark and light.

    python packaging/gallery.py docs/images/windows [--demo DIR]

A practice session is run in each look, on a display of its own (Xvfb, two monitors), with the
demo's sessions behind it. Look at each picture before committing it; the tests search the same
pages for clipped words (tests/ui/moderator/test_nothing_is_clipped.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT)]

SIZES = ((1366, 768), (1920, 1080))
LOOKS = ("dark", "light")
_Act = Callable[[], object]
_Plan = Iterator[tuple[float, _Act]]  # seconds to wait, then what to do


def main() -> int:
    arguments = sys.argv[1:]
    if arguments and arguments[0] == "--one":
        return _photograph_one(*arguments[1:])
    out = Path(arguments[0] if arguments else "docs/images/windows").resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        demo = _demo(arguments, Path(scratch))
        for size in SIZES:
            for look in LOOKS:
                with _monitors(*size) as display:
                    words = [str(out), str(demo), look, str(size[0]), str(size[1])]
                    command = [sys.executable, __file__, "--one", *words]
                    environment = {
                        **os.environ,
                        "DISPLAY": display,
                        "QT_QPA_PLATFORM": "xcb",
                        "HOME": str(Path(scratch) / f"home-{look}-{size[0]}"),
                    }
                    if os.geteuid() == 0:
                        environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
                    subprocess.run(command, env=environment, check=True, timeout=300)
    return 0


def _demo(arguments: list[str], scratch: Path) -> Path:
    if "--demo" in arguments:
        return Path(arguments[arguments.index("--demo") + 1]).resolve()
    from journeylab.app.demo import run_demo

    return run_demo(participants=4, out=scratch / "demo", progress=lambda _: None).path


@contextmanager
def _monitors(width: int, height: int) -> Iterator[str]:
    """An X display whose left monitor has that size, and a right one for the participant."""
    reader, writer = os.pipe()
    screen = f"{width + 1600}x{max(height, 900)}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-noreset"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = ":" + pipe.readline().strip()
    left = f"L {width}/{round(width * 0.26)}x{height}/{round(height * 0.26)}+0+0 screen"
    for monitor in (left, f"R 1600/423x900/238+{width}+0 none"):
        command = ["xrandr", "--setmonitor", *monitor.split()]
        subprocess.run(command, env={**os.environ, "DISPLAY": name}, check=False)
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)


def _photograph_one(out: str, demo: str, look: str, width: str, height: str) -> int:
    from PySide6.QtCore import QTimer

    from journeylab.app.application import open_application
    from journeylab.app.window import Composition
    from journeylab.clock import SessionClock
    from journeylab.ui.moderator.appearance import Appearance
    from journeylab.ui.widgets.style import apply_style

    application = open_application()
    appearance = Appearance(is_light=look == "light")
    apply_style(application, appearance.console)
    home = Path(os.environ["HOME"])
    composition = Composition(clock=SessionClock(), home=home, appearance=appearance)
    composition.window.setGeometry(0, 0, int(width), int(height))
    composition.window.show()
    camera = _Camera(Path(out), f"{width}x{height}-{look}")
    plan = _plan(composition, Path(demo), camera, has_participant=look == "dark")

    def go_on() -> None:
        step = next(plan, None)
        if step is None:
            composition.window.close()
            composition._leave()
            application.exit()
            return
        wait_s, act = step
        QTimer.singleShot(round(wait_s * 1000), lambda: do(act))

    def do(act: _Act) -> None:
        try:
            act()
        except Exception:
            application.exit(1)
            raise
        go_on()

    go_on()
    code = application.exec()
    application.shutdown()
    return code


class _Camera:
    """Grabs widgets into files of at most 256 colours, which is all these windows need."""

    def __init__(self, out: Path, name: str) -> None:
        self._out, self._name = out, name

    def take(self, widget: object, what: str) -> None:
        from PIL import Image

        path = self._out / f"{what}-{self._name}.png"
        widget.grab().save(str(path))
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(256).save(path, optimize=True)
        print("photographed", path.name, flush=True)

    def take_participant(self, what: str) -> None:
        from PySide6.QtWidgets import QApplication

        from journeylab.ui.participant.window import ParticipantWindow

        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, ParticipantWindow) and widget.isVisible():
                self.take(widget, what)

    def take_dialog(self, what: str) -> None:
        from PySide6.QtWidgets import QApplication, QDialog

        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
        for dialog in dialogs:
            if dialog.isVisible():
                self.take(dialog, what)
                dialog.reject()


def _plan(composition: object, demo: Path, camera: _Camera, *, has_participant: bool) -> _Plan:
    window = composition.window
    yield 1.0, lambda: camera.take(window, "studies-empty")
    yield 0.1, lambda: window.open_study(demo)
    yield 1.0, window._leave_study
    yield 1.0, lambda: camera.take(window, "studies")
    yield 0.1, lambda: window.edit_study(None)
    yield 1.5, lambda: camera.take_dialog("new-study")
    yield 0.2, lambda: window.edit_study(demo)
    yield 1.5, lambda: camera.take_dialog("study-editor")
    yield 0.5, lambda: window.open_study(demo)
    yield 14.0, lambda: camera.take(window, "setup")
    yield 0.1, lambda: composition._practise(window.setup.choice())
    yield 9.0, lambda: window.console.marker_requested.emit("confusion", None)
    for _ in range(3):
        yield 4.0, composition._next_step
    yield 6.0, lambda: camera.take(window, "console")
    if has_participant:
        yield 0.1, lambda: camera.take_participant("participant-page")
    yield 0.1, window.console.key_sheet.toggle
    yield 0.5, lambda: camera.take(window, "console-keys")
    yield 0.1, window.console.key_sheet.toggle
    yield 0.1, composition._session.controller.course.pause
    yield 1.5, lambda: camera.take(window, "console-paused")
    yield 0.1, composition._session.controller.course.resume
    for _ in range(6):
        yield 3.0, composition._next_step
    yield 3.0, lambda: camera.take(window, "debrief")
    yield 0.1, composition._stop
    yield 12.0, lambda: camera.take(window, "finish")
    yield 0.1, window.show_analysis
    yield 8.0, lambda: camera.take(window, "analysis")


if __name__ == "__main__":
    raise SystemExit(main())
