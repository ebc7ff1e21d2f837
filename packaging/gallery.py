"""Pictures of every window and dialog, at the sizes of lab screens, dark and light, and of those in
which colours tell something in the set that is safe for the colour-blind.

    python packaging/gallery.py docs/images/windows [--demo DIR] [--only PART,PART]

The app runs on a display of its own (Xvfb, two monitors), with the demo's sessions behind it and
a practice session in it; what the participant sees is always light and is photographed apart.
Look at each picture before committing it; the tests search the same pages for clipped words
(tests/ui/moderator/test_nothing_is_clipped.py).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT), str(_ROOT / "tests")]

from x_display import x_display  # noqa: E402

SIZES = ((1366, 768), (1920, 1080))
LOOKS = ("dark", "light")
SAFE_LOOKS = ("dark-safe", "light-safe")
"""Colours safe for the colour-blind: taken at one size, of the windows in which colours tell."""
SAFE_SCENES = {
    *("setup", "console", "console-alert", "console-paused", "strip", "finish", "analysis"),
    *("analysis-moment", "analysis-heatmaps", "replay", "study-health", "compare-studies"),
}
_SAFE_PARTS = ("setup", "session", "finish", "analysis")
PARTS = ("studies", "editor", "setup", "session", "finish", "analysis", "versions", "participant")
_BESIDE = (1600, 900)  # the participant's monitor during the practice session
_LONGEST_S = 1500


def main() -> int:
    options = _options(sys.argv[1:])
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if options.one is not None:
        look, width, height = options.one
        parts = options.only.split(",")
        return photograph(out, options.demo, look, (int(width), int(height)), parts=parts)
    with tempfile.TemporaryDirectory() as scratch:
        demo = options.demo or make_demo(Path(scratch))
        wanted = options.only.split(",")
        for size in SIZES:
            for look in LOOKS:
                _run(out, demo.resolve(), look, size, only=",".join(wanted))
        safe = [part for part in wanted if part in _SAFE_PARTS]
        for look in SAFE_LOOKS if safe else ():
            _run(out, demo.resolve(), look, SIZES[0], only=",".join(safe))
    return 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("docs/images/windows"))
    parser.add_argument("--demo", type=Path, help="a demo study with sessions; made when left out")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def make_demo(scratch: Path) -> Path:
    """The demo study with four simulated sessions."""
    from journeylab.app.demo import run_demo

    return run_demo(participants=4, out=scratch / "demo-shop", progress=lambda _: None).path


def _run(out: Path, demo: Path, look: str, size: tuple[int, int], *, only: str) -> None:
    """Photograph one look at one size, in a process, a home and a display of its own."""
    with tempfile.TemporaryDirectory() as home, x_display([size, _BESIDE]) as display:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": home}
        if os.geteuid() == 0:
            environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        command = [sys.executable, __file__, str(out), "--demo", str(demo), "--only", only]
        command += ["--one", look, *map(str, size)]
        subprocess.run(command, env=environment, check=True, timeout=_LONGEST_S)


def photograph(
    out: Path, demo: Path, look: str, size: tuple[int, int], *, parts: Sequence[str]
) -> int:
    """Walk through the app in one look and write its pictures."""
    from gallery_participant import participant_scenes
    from gallery_scenes import moderator_scenes
    from gallery_study import study_of_every_kind
    from photographing import Camera, follow

    from journeylab.app.application import open_application
    from journeylab.app.window import Composition
    from journeylab.clock import SessionClock
    from journeylab.ui.moderator.appearance import Appearance
    from journeylab.ui.widgets.style import apply_style

    application = open_application()
    is_safe = look in SAFE_LOOKS
    appearance = Appearance(is_light=look.startswith("light"), is_colour_blind_safe=is_safe)
    apply_style(application, appearance.console)
    home = Path.home() / "JourneyLab"
    every_kind = study_of_every_kind(home / "kettle-shop")
    demo = shutil.copytree(demo, home / "demo-shop")
    composition = Composition(clock=SessionClock(), home=home, appearance=appearance)
    window = composition.window
    window.setGeometry(0, 0, *size)
    window.show()
    wanted = SAFE_SCENES if is_safe else None
    camera = Camera(out, name=f"{size[0]}x{size[1]}-{look}", wanted=wanted)

    def scenes() -> object:
        yield from moderator_scenes(
            composition, camera, demo=demo, study=every_kind.path, parts=parts
        )
        if look == "light" and "participant" in parts:
            window.hide()
            yield from participant_scenes(
                every_kind, Camera(out, name=f"{size[0]}x{size[1]}"), size=size
            )

    try:
        return follow(scenes(), application)
    finally:
        composition._leave()
        application.shutdown()


if __name__ == "__main__":
    raise SystemExit(main())
