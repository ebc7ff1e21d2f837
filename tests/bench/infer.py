"""How fast ``infer`` is, beside a bare decode and Face Mesh loop on the same clip.

    python tests/bench/infer.py [--video CLIP.mp4] [--out FILE.csv] [--rounds 3]

The bare loop is PyAV decoding to RGB and ``FaceMesh.process``, nothing else: what any program
built on Face Mesh has to spend. Rounds alternate, and the best of each counts, so that another
process on the machine disturbs both alike.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from journeylab.app.infer import run_infer

sys.path.insert(0, str(Path(__file__).resolve().parent))

FLOOR = 0.5
"""``infer`` must reach this share of the bare loop's speed."""


def bare_loop(video: Path) -> tuple[int, float]:
    """Frames and seconds of decode and Face Mesh alone."""
    import av
    from mediapipe.python.solutions.face_mesh import FaceMesh

    started = time.perf_counter()
    n_frames = 0
    with (
        FaceMesh(refine_landmarks=True, max_num_faces=1) as model,
        av.open(str(video)) as container,
    ):
        for frame in container.decode(video=0):
            model.process(frame.to_ndarray(format="rgb24"))
            n_frames += 1
    return n_frames, time.perf_counter() - started


def infer_once(video: Path, out: Path) -> tuple[int, float]:
    """Frames and seconds of the whole command, table written."""
    started = time.perf_counter()
    summary = run_infer(video, out=out, neutral=None, gaze_targets=None)
    return summary.n_frames, time.perf_counter() - started


def measure(video: Path, out: Path, *, rounds: int) -> tuple[float, float, int]:
    """Best frames per second of the bare loop and of infer, and the number of frames."""
    bare_loop(video)  # the first run loads libraries and fills the disk cache
    bare_fps = infer_fps = 0.0
    n_frames = 0
    for _ in range(rounds):
        n_frames, elapsed_s = bare_loop(video)
        bare_fps = max(bare_fps, n_frames / elapsed_s)
        n_frames, elapsed_s = infer_once(video, out)
        infer_fps = max(infer_fps, n_frames / elapsed_s)
    return bare_fps, infer_fps, n_frames


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--video", type=Path, default=None, help="else a simulated face")
    parser.add_argument("--out", type=Path, default=None, help="the table infer writes")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    from clips import avatar_clip

    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "infer.csv"
        video = options.video or avatar_clip(Path(folder) / "simulated.mp4")
        bare_fps, infer_fps, n_frames = measure(video, out, rounds=options.rounds)
    table = Table(title=f"infer on {video.name}, {n_frames} frames")
    for heading in ("", "frames/s", "ms/frame", "share of bare"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, fps in (("bare decode + Face Mesh", bare_fps), ("journeylab infer", infer_fps)):
        table.add_row(name, f"{fps:.0f}", f"{1000 / fps:.2f}", f"{fps / bare_fps:.2f}")
    share = infer_fps / bare_fps
    Console().print(table)
    Console().print(f"floor {FLOOR}: {'held' if share >= FLOOR else 'NOT HELD'}")
    return 0 if share >= FLOOR else 1


if __name__ == "__main__":
    raise SystemExit(main())
