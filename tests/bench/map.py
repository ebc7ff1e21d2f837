"""How fast a map comes: cold against reading its columns with h5py, warm, and by sessions.

``python tests/bench/map.py`` makes 50 sessions of 30 minutes in a temporary folder (2.5 GB), and
prints a table: the time from cold beside that of reading the same columns with h5py in the same
run, the time from warm caches, how it grows from 10 to 50 sessions, and the memory for 500.

"Cold" is without any cache of the study, in a process that runs; "first" has the start of the
processes that read as well, as the first large study of an app or a command has.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.long_sessions import long_study, write_long_sessions
from faults.printed import Line, show

from journeylab.study.cache_folder import clear_cache
from journeylab.study.folder import StudyFolder, save_study

NEEDED = {
    "face": ("face", "quality", "blink", "head_z_mm"),
    "affect": (
        *("valence", "joy", "surprise", "confusion", "frustration", "sadness", "contempt"),
        *("fear", "disgust", "anger", "boredom"),
    ),
    "action_units": ("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24"),
    "gaze": ("x_px", "y_px", "uncertainty_px"),
    "pointer": ("x_px", "y_px", "action"),
    "page": ("kind", "selector"),
    "aois": ("step_id", "name", "x_px", "y_px", "width_px", "height_px"),
    "steps": ("step_id", "phase", "visit"),
    "screen": ("step_id",),
    "calibrations": ("kind", "data"),
    "health": ("of_stream", "kind", "count"),
}
MOST_RATIO, MOST_WARM_S, MOST_GROWTH, MOST_MEMORY_MB = 2.0, 1.0, 1.35, 1000.0
_LOOK_EVERY_S = 0.25
_PROGRAM = """
import json, sys, time
from pathlib import Path

def timed(folder):
    began_s = time.monotonic()
    journey = build_journey_map(folder)
    return time.monotonic() - began_s, journey.n_usable

if __name__ == "__main__":
    import mne.stats, scipy.special, cv2, pyrage
    from journeylab.analysis.journey_builder import build_journey_map
    from journeylab.study.cache_folder import clear_cache
    from journeylab.study.folder import load_study
    folder = load_study(Path(sys.argv[1]))
    first_s, n_usable = timed(folder)
    cold = []
    for _ in range(int(sys.argv[2])):
        clear_cache(folder.path)
        cold.append(timed(folder)[0])
    warm_s = timed(folder)[0]
    for file in (folder.path / ".cache").glob("study.*"):
        file.unlink()
    sessions_s = timed(folder)[0]
    print(json.dumps([first_s, min(cold or [first_s]), warm_s, sessions_s, n_usable]))
"""


@dataclass(frozen=True)
class Told:
    """What one process told of its maps: seconds, and MB of memory that it and all it started
    had at most at one time."""

    first_s: float
    cold_s: float
    warm_s: float
    sessions_s: float
    n_usable: int
    memory_mb: float


def read_with_h5py(folder: StudyFolder) -> float:
    """Seconds that reading the needed columns takes."""
    began_s = time.monotonic()
    for path in folder.bundles():
        with h5py.File(path) as file:
            for stream, columns in NEEDED.items():
                for column in ("t_ns", *columns):
                    file[stream][column][:]
    return time.monotonic() - began_s


def build(folder: StudyFolder, program: Path, *, repeat: int) -> Told:
    """Maps of a study without a cache, in a process of their own."""
    clear_cache(folder.path)
    process = subprocess.Popen(
        [sys.executable, str(program), str(folder.path), str(repeat)],
        stdout=subprocess.PIPE,
        text=True,
    )
    most_mb = 0.0
    while process.poll() is None:
        most_mb = max(most_mb, _tree_mb(process.pid))
        time.sleep(_LOOK_EVERY_S)
    assert process.stdout is not None and process.returncode == 0
    told = Told(*json.loads(process.stdout.read().splitlines()[-1]), most_mb)
    assert told.n_usable == len(folder.bundles())
    return told


def _tree_mb(pid: int) -> float:
    """Memory of a process and all it started, MB; what they share counts once (PSS)."""
    place = Path("/proc") / str(pid)
    try:
        lines = (place / "smaps_rollup").read_text().splitlines()
        children = (place / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return 0.0  # it ended meanwhile
    own_kb = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return own_kb / 1024 + sum(_tree_mb(int(child)) for child in children)


@contextmanager
def some_of(folder: StudyFolder, n: int) -> Iterator[StudyFolder]:
    """A study of the first ``n`` sessions, linked."""
    part = save_study(folder.path.parent / f"of-{n}", folder.study)
    part.sessions_path.mkdir()
    for path in folder.bundles()[:n]:
        (part.sessions_path / path.name).hardlink_to(path)
    try:
        yield part
    finally:
        clear_cache(part.path)
        for path in part.bundles():
            path.unlink()


def measure(root: Path, *, n: int, minutes: float, many: int, repeat: int) -> list[Line]:
    """All rows of the table."""
    folder = long_study(root / "long", minutes=minutes)
    write_long_sessions(folder, n=n, minutes=minutes)
    program = root / "build.py"
    program.write_text(_PROGRAM)
    lines: list[Line] = []
    cold_s: dict[int, float] = {}
    for part in sorted({max(n // 5, 1), max(n // 2, 1), n}):
        with some_of(folder, part) as study:
            read_with_h5py(study)  # from here on all lies in the page cache, for both
            plain_s = min(read_with_h5py(study) for _ in range(max(repeat, 1)))
            told = build(study, program, repeat=repeat)
            plain_s = min(plain_s, *(read_with_h5py(study) for _ in range(max(repeat, 1))))
            cold_s[part] = told.cold_s
            lines += _lines(told, plain_s, f"{part} sessions of {minutes:g} min", part == n)
    half = max(n // 2, 1)
    growth = (cold_s[n] / n) / (cold_s[half] / half)
    lines.append(
        Line(
            f"time a session, of {n} against {half}",
            f"{growth:.2f} x",
            f"<= {MOST_GROWTH} x",
            held=growth <= MOST_GROWTH,
        )
    )
    if many:
        for path in folder.bundles():
            path.unlink()
        write_long_sessions(folder, n=many, minutes=minutes, has_mesh=False)
        told = build(folder, program, repeat=0)
        lines += [
            Line(f"{many} sessions, first", f"{told.first_s:.1f} s"),
            Line("  from warm caches", f"{told.warm_s:.2f} s"),
            Line(
                "  memory, with all processes",
                f"{told.memory_mb:.0f} MB",
                f"< {MOST_MEMORY_MB:.0f} MB",
                held=told.memory_mb < MOST_MEMORY_MB,
            ),
        ]
    return lines


def _lines(told: Told, plain_s: float, what: str, is_all: bool) -> list[Line]:
    ratio = told.cold_s / plain_s
    figure = f"{told.cold_s:.2f} s; h5py {plain_s:.2f} s; {ratio:.2f} x"
    return [
        Line(
            f"{what}, cold",
            figure,
            f"<= {MOST_RATIO:.0f} x" if is_all else "",
            held=not is_all or ratio <= MOST_RATIO,
        ),
        Line("  first in its process", f"{told.first_s:.2f} s; {told.first_s / plain_s:.2f} x"),
        Line(
            "  from warm caches",
            f"{told.warm_s:.2f} s",
            f"< {MOST_WARM_S:.0f} s",
            held=told.warm_s < MOST_WARM_S,
        ),
        Line("  from the sessions' caches", f"{told.sessions_s:.2f} s"),
    ]


def main() -> int:
    """Print the table; 1 when a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--many", type=int, default=500, help="0 leaves the memory out")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where there is room, instead of /tmp")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeylab-map-", dir=arguments.out) as name:
        lines = measure(
            Path(name),
            n=arguments.sessions,
            minutes=arguments.minutes,
            many=arguments.many,
            repeat=arguments.repeat,
        )
    return show("How fast a map comes", lines)


if __name__ == "__main__":
    sys.exit(main())
