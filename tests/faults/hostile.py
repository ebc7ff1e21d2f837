"""Open damaged and hostile bundles; each must be refused in words or read as it was written.

    python tests/faults/hostile.py [--files 1000] [--seed 1] [--short]

A process of its own, with a limit on its memory, opens each file as the app does, reads every
table, all pictures, sound and frames, and verifies it. It must not crash or hang;
canary files outside, which links and storage of the files name, are watched by inotify and must
not be opened.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import os
import random
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bundle.sent import journalled

from faults.hostile_files import KINDS
from faults.printed import Line, show
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import LAYOUT
from journeylab.bundle.validate import validate
from journeylab.errors import BundleError, VideoError
from journeylab.streams import Frame

_TICKS = 24
_HANG_S = 60.0
_MEMORY_BYTES = 1 << 30
_IN_OPEN = 0x20


class Canary:
    """Watches files that nobody has reason to open."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        with h5py.File(folder / "secret.h5", "w") as file:
            file["x"] = np.zeros(1000, "<f4")
        (folder / "secret.raw").write_bytes(bytes(4000))
        self._folder = folder
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = libc.inotify_init1(os.O_NONBLOCK)
        if self._fd < 0 or libc.inotify_add_watch(self._fd, bytes(folder), _IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "no inotify")

    def was_opened(self) -> bool:
        """Whether any file was opened since the last call."""
        if not select.select([self._fd], [], [], 0)[0]:
            return False
        return bool(os.read(self._fd, 1 << 16))

    def check(self) -> None:
        """See that the canary sings when HDF5 follows a link: else it would prove nothing."""
        link = self._folder.parent / "link.h5"
        with h5py.File(link, "w") as file:
            file["x"] = h5py.ExternalLink("outside/secret.h5", "/x")
            _ = file["x"][:]
        if not self.was_opened():
            raise RuntimeError("the canary is deaf")


@dataclass
class Tally:
    """What became of the files."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    peak_bytes: int = 0
    opened_outside: int = 0
    crashes: int = 0
    hangs: int = 0


def read_all(path: Path) -> dict[str, object]:
    """Read a bundle as the app does; a checksum of each stream."""
    sums: dict[str, object] = {}
    with Bundle.open(path) as bundle:
        for stream in LAYOUT:
            table = bundle.table(stream)
            parts = [table.t_ns.tobytes()]
            parts += [
                "\0".join(v.tolist()).encode() if v.dtype == object else v.tobytes()
                for v in table.columns.values()
            ]
            sums[stream] = hash(b"".join(parts))
        problem: BundleError | VideoError | None = None
        for what, read in (
            ("sound", lambda: [b.pcm.tobytes() for b in filter(None, [bundle.audio()])]),
            ("pictures", lambda: [bundle.picture(entry).data for entry in bundle.pictures()]),
            ("last frame", lambda: [_bytes(bundle.frame_at(bundle.end_ns))]),
            ("frames", lambda: [_bytes(frame) for frame in bundle.frames()]),
        ):
            try:
                sums[what] = hash(b"".join(read()))
            except (BundleError, VideoError) as error:
                problem = error
        if problem is not None:
            raise problem
    return sums


def _bytes(frame: Frame | None) -> bytes:
    return b"" if frame is None else frame.image.tobytes()


def _worker() -> None:
    """Reads paths from standard input; says what became of each on standard output."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY_BYTES,) * 2)
    logging.disable()
    sound = read_all(Path(sys.argv[2]))
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        try:
            outcome = "read" if read_all(path) == sound else "read, other values"
            words = ""
        except (BundleError, VideoError) as error:
            outcome, words = "refused", str(error)
        report = validate(path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps([outcome, words, report.problems, peak]), flush=True)


def run(files: int, folder: Path, *, seed: int) -> Tally:
    """Make and open that many files, every kind in turn."""
    sound = finalise(journalled(folder / "sound.h5", _TICKS).journal_path)
    canary = Canary(folder / "outside")
    canary.check()
    tally = Tally({kind.name: Counter() for kind in KINDS})
    rng = random.Random(seed)
    worker: subprocess.Popen[str] | None = None
    target = folder / "P01.h5"
    for number in range(files):
        kind = KINDS[number % len(KINDS)]
        shutil.copy(sound, target)
        kind.make(target, rng)
        canary.was_opened()
        worker = worker or _start(sound)
        assert worker.stdin is not None and worker.stdout is not None
        began_s = time.monotonic()
        worker.stdin.write(f"{target}\n")
        worker.stdin.flush()
        line = _line(worker.stdout)
        tally.slowest_s = max(tally.slowest_s, time.monotonic() - began_s)
        if not line:
            is_hang = worker.poll() is None
            worker.kill()
            outcome = "HANG" if is_hang else f"CRASH {worker.wait()}"
            tally.hangs += is_hang
            tally.crashes += not is_hang
            worker.communicate()
            worker = None
        else:
            outcome, words, problems, peak = json.loads(line)
            tally.peak_bytes = max(tally.peak_bytes, peak)
            if outcome == "refused" and not words:
                tally.errors.append(f"{number} {kind.name}: refused without a word")
            if outcome != "read" and kind.is_damage and (outcome != "refused" or not problems):
                tally.errors.append(f"{number} {kind.name}: {outcome}, verify says {problems}")
        tally.outcomes[kind.name][outcome] += 1
        if canary.was_opened():
            tally.opened_outside += 1
            tally.errors.append(f"{number} {kind.name}: a file outside was opened")
    if worker is not None:
        worker.communicate()
    return tally


def _start(sound: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, __file__, "--worker", str(sound)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )


def _line(pipe: IO[str]) -> str:
    ready, _, _ = select.select([pipe], [], [], _HANG_S)
    return pipe.readline() if ready else ""


def _lines(tally: Tally) -> list[Line]:
    lines = [
        Line(name, ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
        for name, counts in tally.outcomes.items()
    ]
    total = sum(sum(counts.values()) for counts in tally.outcomes.values())
    peak_mb = tally.peak_bytes / 1e6
    return [
        *lines,
        Line("hostile files opened", str(total)),
        Line("crashes", str(tally.crashes), "0", tally.crashes == 0),
        Line("hangs", str(tally.hangs), "0", tally.hangs == 0),
        Line("files outside opened", str(tally.opened_outside), "0", tally.opened_outside == 0),
        Line("slowest file", f"{tally.slowest_s:.1f} s", f"{_HANG_S:.0f} s"),
        Line("most memory", f"{peak_mb:.0f} MB", "1000 MB", peak_mb < 1000),
        Line("damage read wrongly or in silence", str(len(tally.errors)), "0", not tally.errors),
    ]


def main() -> int:
    """Run and print; 1 when something did not hold."""
    if sys.argv[1:2] == ["--worker"]:
        _worker()
        return 0
    parser = argparse.ArgumentParser(description=__doc__, prog="hostile.py")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeylab-hostile-") as name:
        files = 3 * len(KINDS) if arguments.short else arguments.files
        tally = run(files, Path(name), seed=arguments.seed)
    for error in tally.errors:
        print(error, file=sys.stderr)
    return show("Damaged and hostile bundles", _lines(tally))


if __name__ == "__main__":
    sys.exit(main())
