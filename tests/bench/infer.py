"""How fast ``infer`` is, beside a bare decode and Face Mesh loop on the same clip.

    python tests/bench/infer.py [--video CLIP.mp4] [--out FILE.csv] [--rounds 3]

The bare loop is PyAV decoding to RGB and ``FaceMesh.process``, nothing else: what any program
built on Face Mesh has to spend. Rounds alternate, and the best of each counts, so that another
process on the machine disturbs both alike. Below it, the time from a frame in memory to all its
measures, beside the bare ``FaceMesh.process`` of the same frame.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from journeylab.app.infer import run_infer
from journeylab.capture.camera.source import read_frames
from journeylab.inference.analyser import FrameAnalyser

sys.path.insert(0, str(Path(__file__).resolve().parent))

FLOOR = 0.5
"""``infer`` must reach this share of the bare loop's speed."""
MOST_PER_FRAME = 3.0
"""All measures of a frame may take this many bare calls."""
N_TIMED = 300


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


def per_frame_ms(video: Path) -> tuple[float, float]:
    """Medians over frames: a bare Face Mesh call, and all measures of the same frame."""
    from mediapipe.python.solutions.face_mesh import FaceMesh

    bare_s, all_s = [], []
    analyser = FrameAnalyser()
    with FaceMesh(refine_landmarks=True, max_num_faces=1) as model:
        for frame in islice(read_frames(video), N_TIMED):
            rgb = np.ascontiguousarray(frame.image[..., ::-1])
            started = time.perf_counter()
            model.process(rgb)
            between = time.perf_counter()
            analyser.analyse(frame.image, t_ns=frame.t_ns)
            all_s.append(time.perf_counter() - between)
            bare_s.append(between - started)
    analyser.close()
    return float(np.median(bare_s)) * 1000, float(np.median(all_s)) * 1000


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
        bare_ms, all_ms = per_frame_ms(video)
    table = Table(title=f"infer on {video.name}, {n_frames} frames")
    for heading in ("", "frames/s", "ms/frame", "share of bare"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, fps in (("bare decode + Face Mesh", bare_fps), ("journeylab infer", infer_fps)):
        table.add_row(name, f"{fps:.0f}", f"{1000 / fps:.2f}", f"{fps / bare_fps:.2f}")
    share, calls = infer_fps / bare_fps, all_ms / bare_ms
    console = Console()
    console.print(table)
    console.print(f"floor {FLOOR}: {'held' if share >= FLOOR else 'NOT HELD'}")
    console.print(
        f"all measures of a frame: {all_ms:.1f} ms, {calls:.2f} bare Face Mesh calls of "
        f"{bare_ms:.1f} ms; at most {MOST_PER_FRAME:g}: "
        f"{'held' if calls <= MOST_PER_FRAME else 'NOT HELD'}",
        soft_wrap=True,
    )
    return 0 if share >= FLOOR and calls <= MOST_PER_FRAME else 1


if __name__ == "__main__":
    raise SystemExit(main())
