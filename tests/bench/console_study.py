"""A study with steps of every kind, and the site its pages lie on, for the console's bench."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KINDS = (
    "instruction",
    "page",
    "page",  # without a step between: it cannot be read ahead
    "video",
    "screens",
    "camera_only",
    "image",
    "questions",
)
_PAGE = """<!doctype html><title>Shop</title><style>
body { margin: 0; font: 18px sans-serif } main { max-width: 1100px; margin: 40px auto }
li { display: inline-block; width: 300px; height: 260px; margin: 12px; background: #e6ecf4;
     border-radius: 12px; box-shadow: 0 2px 8px #0003 }
img { display: block; width: 100%; height: 180px; object-fit: cover }
</style><main><h1>Everything for coffee</h1><ul id=goods></ul></main><script>
for (let n = 0; n < 24; n++) {
    const one = document.createElement("li");
    one.innerHTML = `<img src=photo.png><p>Pot ${n}</p><button>Into the cart</button>`;
    goods.append(one);
}
</script>"""


def prepare_study(folder: Path, n_steps: int, *, site: str) -> Path:
    """Steps of all kinds in turn; the id of each begins with its kind."""
    from PIL import Image, ImageDraw

    from journeylab.study.folder import save_study
    from journeylab.study.model import Step, Study
    from journeylab.study.questions import Question
    from journeylab.vocabulary import QuestionKind

    stimuli = folder / "stimuli"
    stimuli.mkdir(parents=True)
    for n in range(2):
        picture = Image.new("RGB", (1600, 900), (200, 210 - 40 * n, 220))
        ImageDraw.Draw(picture).text((700, 400), f"Screen {n}", fill=(20, 20, 40))
        picture.save(stimuli / f"{n}.png")
    _film(stimuli / "ad.mp4")
    ease = Question(id="ease", kind=QuestionKind.EASE)
    steps = []
    for n in range(n_steps):
        kind = KINDS[n % len(KINDS)]
        steps.append(
            Step(
                id=f"{kind}-{n}",
                title=f"Step {n}",
                planned_s=8.0,
                stimulus=_stimulus(kind, n, site=site),
                questions=(ease,) if kind == "questions" else (),
            )
        )
    study = Study(id="bench", title="Console bench", steps=tuple(steps))
    return save_study(folder, study).path


def _stimulus(kind: str, n: int, *, site: str) -> object:
    from journeylab.study.stimulus import Hotspot, Screen, Stimulus
    from journeylab.vocabulary import StimulusKind

    box = (100, 100, 200, 80)
    more: dict[str, object] = {
        "instruction": {"text": f"Please read this, {n}."},
        "page": {"url": f"{site}/shop.html?{n}"},
        "video": {"path": "stimuli/ad.mp4"},
        "image": {"path": "stimuli/0.png"},
        "screens": {
            "screens": (
                Screen(
                    id="one", path="stimuli/1.png", hotspots=(Hotspot(box=box, leads_to="two"),)
                ),
                Screen(id="two", path="stimuli/0.png"),
            )
        },
    }.get(kind, {})  # type: ignore[assignment]
    return Stimulus(kind=StimulusKind(kind), **more)


def _film(out: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-t", "5"]
    command = ["ffmpeg", "-loglevel", "error", "-y", *source, "-pix_fmt", "yuv420p", str(out)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@contextmanager
def served_site(folder: Path) -> Iterator[str]:
    """The shop's address, on a server in a process of its own."""
    from PIL import Image

    folder.mkdir()
    (folder / "shop.html").write_text(_PAGE, encoding="utf-8")
    Image.radial_gradient("L").resize((600, 400)).convert("RGB").save(folder / "photo.png")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([*command, "--directory", str(folder)], stdout=quiet, stderr=quiet)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the site's server did not start")
