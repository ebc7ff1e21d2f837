"""Let the disk fill up at random points of a session, on a small disk of its own.

    python tests/faults/full_disk.py [--sessions 30] [--seed 1] [--short]

Each session records onto a new tmpfs of random size until that is full; every other one on a disk
that sets no reserve aside. The program must go on, say so, and end without a crash. Then there is
no room to finish it, which must be told with the room needed; with more room it is finished and
compared with what was sent. Needs root, to mount; skips visibly otherwise.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import forked
from faults.checked import check
from faults.printed import Line, show
from faults.sender import LiveSession, Tape
from journeylab.bundle import reserve
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_MS

_ROOT = Path(__file__).resolve().parents[2]
_SMALLEST_KB, _LARGEST_KB = 350, 2500
_LONGEST_S = 30.0
_ROOM_AT_LAST = "64m"
_LARGE = ("camera", "microphone")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[bool]:
    """A tmpfs of that size on a folder; False where it cannot be mounted."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    is_mounted = not subprocess.run(command, check=False, capture_output=True).returncode
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def record_until_full(path: Path, tape: Path, *, has_reserve: bool) -> None:
    """The session: a program of its own, ended as any program, so that a crash at exit shows."""
    if not has_reserve:
        reserve.system_allocate = lambda: lambda *_: errno.EOPNOTSUPP
    session = LiveSession(path, Tape(tape))
    told_ns: list[int] = []
    on_fault = session.faults.append
    session.recorder._on_fault = lambda words: (
        on_fault(words),
        told_ns.append(session.clock.now_ns()),
    )
    session.start()
    session.run(_LONGEST_S, until=lambda: session.faults)
    before = session.fanout.counts()["pointer"]
    session.run(0.3)
    outcome = {
        "faults": session.faults,
        "told_ns": told_ns[0] if told_ns else None,
        "goes_on": session.fanout.counts()["pointer"] > before + 50,
        "in_time": session.stop(),
        "errors": [repr(error) for error in session.errors],
    }
    print(json.dumps(outcome), flush=True)


@dataclass(slots=True)
class Outcome:
    """What became of the sessions."""

    sessions: int = 0
    held: int = 0
    seconds: list[float] = field(default_factory=list)
    lost_ms: list[float] = field(default_factory=list)
    large_lost_ms: list[float] = field(default_factory=list)
    closed: int = 0
    noted: int = 0
    errors: list[str] = field(default_factory=list)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=_ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def fill_disks(sessions: int, folder: Path, *, seed: int) -> Outcome | None:
    """Fill that many small disks; None where none can be mounted."""
    rng = random.Random(seed)
    outcome = Outcome()
    for n in range(sessions):
        disk = folder / f"disk{n}"
        with small_disk(disk, f"{rng.randint(_SMALLEST_KB, _LARGEST_KB)}k") as is_mounted:
            if not is_mounted:
                return None
            outcome.sessions += 1
            try:
                _fill(disk, folder / f"tape{n}", outcome, has_reserve=n % 2 == 0)
                outcome.held += 1
            except AssertionError as error:
                outcome.errors.append(f"session {n}: {error}")
        (folder / f"tape{n}").unlink(missing_ok=True)
    return outcome


def _fill(disk: Path, tape: Path, outcome: Outcome, *, has_reserve: bool) -> None:
    flags = ["--reserve"] if has_reserve else []
    ran = _run(__file__, "--session", str(disk / "P.h5"), "--tape", str(tape), *flags)
    assert ran.returncode == 0, f"the program ended with {ran.returncode}: {ran.stderr[-800:]}"
    assert "Traceback" not in ran.stderr, ran.stderr[-800:]
    told = json.loads(ran.stdout)
    assert told["faults"] and "is full" in told["faults"][0], f"it said {told['faults']}"
    assert len(told["faults"]) == 1, f"it said more than once: {told['faults']}"
    assert told["goes_on"] and told["in_time"] and not told["errors"], str(told)
    _refuses_to_finish(disk)
    subprocess.run(["mount", "-o", f"remount,size={_ROOM_AT_LAST}", str(disk)], check=True)
    recovered = _run("-m", "journeylab", "recover", str(disk))
    assert recovered.returncode == 0, recovered.stderr
    assert sorted(path.name for path in disk.iterdir()) == ["P.h5"]
    answer = forked.answer(lambda: _look_into(disk / "P.h5", tape, told["told_ns"]))
    assert "error" not in answer, str(answer["error"])
    value = answer["value"]
    outcome.seconds.append(value["seconds"])
    outcome.large_lost_ms.append(value["large_lost_ms"])
    if has_reserve:
        outcome.lost_ms.append(value["lost_ms"])
        outcome.closed += value["closed"]
        outcome.noted += value["noted"]


def _refuses_to_finish(disk: Path) -> None:
    """Without room it is told how much is needed, also when it is met only while writing."""
    journal = disk / "P.journal"
    before = journal.read_bytes()
    # There may be room by now, when the disk was large and the session small: then take it.
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        file.write(bytes(max(0, free - (64 << 10))))
    refused = _run("-m", "journeylab", "recover", str(disk))
    assert refused.returncode == 1, f"recover left with {refused.returncode}"
    words = " ".join(refused.stderr.split())
    assert re.search(r"MB free; to finish P\.journal it needs \d+ MB", words), words
    program = (
        "import os, sys, journeylab.bundle.finalise as f\n"
        "f._check_room = lambda *_: None\n"
        "os._exit(f._main(sys.argv[1:]))\n"
    )
    surprised = _run("-c", program, str(journal))
    message = json.loads(surprised.stdout.splitlines()[-1])
    assert surprised.returncode == 1, f"the finaliser left with {surprised.returncode}"
    assert "it needs" in message.get("what", ""), message
    ballast.unlink()
    assert [path.name for path in disk.iterdir()] == ["P.journal"]
    assert journal.read_bytes() == before, "the journal was changed"


def _look_into(bundle: Path, tape: Path, told_ns: int) -> dict[str, float]:
    checked_tape = Tape(tape)
    checked = check(bundle, checked_tape, gaps=True)
    lost = {"large": [told_ns], "critical": [told_ns]}
    with Bundle.open(bundle) as opened:
        for stream in checked.lost_by_stream:
            times = checked_tape.times_ns(stream)
            kept = set(opened.table(stream, columns=()).t_ns.tolist())
            kind = "large" if stream in _LARGE else "critical"
            lost[kind] += [t for t in times.tolist() if t not in kept]
        health = opened.table("health")
        return {
            "seconds": (opened.end_ns - opened.start_ns) / 1e9,
            "lost_ms": (told_ns - min(lost["critical"])) / NS_PER_MS,
            "large_lost_ms": (told_ns - min(lost["large"])) / NS_PER_MS,
            "closed": int(opened.attributes["recovered"] == 0),
            "noted": int(any("is full" in text for text in health["detail"])),
        }


def lines_of(outcome: Outcome) -> list[Line]:
    """The table's rows."""
    with_reserve = len(outcome.lost_ms)
    lost_ms = np.array(outcome.lost_ms or [0.0])
    large_ms = np.array(outcome.large_lost_ms or [0.0])
    seconds = np.array(outcome.seconds or [0.0])
    return [
        Line(
            "disks filled: told, went on, no crash at exit, all readable",
            f"{outcome.held} of {outcome.sessions}",
            "all",
            outcome.held == outcome.sessions,
        ),
        Line("seconds until full", f"{seconds.min():.1f} to {seconds.max():.1f}"),
        Line(
            "critical samples lost before it was told, with a reserve",
            f"{lost_ms.max():.1f} ms at most",
            "<= 20 ms",
            bool(lost_ms.max() <= 20),
        ),
        Line("video or sound lost before it was told", f"{large_ms.max():.1f} ms at most"),
        Line(
            "with a reserve: closed in order, and says so itself",
            f"{min(outcome.closed, outcome.noted)} of {with_reserve}",
            "all",
            outcome.closed == outcome.noted == with_reserve,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="2 sessions")
    parser.add_argument("--session", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--tape", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--reserve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.session is not None:
        record_until_full(arguments.session, arguments.tape, has_reserve=arguments.reserve)
        return 0
    with tempfile.TemporaryDirectory(prefix="journeylab-full-") as name:
        sessions = 2 if arguments.short else arguments.sessions
        outcome = fill_disks(sessions, Path(name), seed=arguments.seed)
    if outcome is None:
        print("SKIPPED: full_disk.py mounts small disks, which only root may.")
        return 0
    for error in outcome.errors:
        print(error, file=sys.stderr)
    return show("The disk is full", lines_of(outcome))


if __name__ == "__main__":
    sys.exit(main())
