"""Kill sessions and finalisers at random instants; nothing but the last moment may be lost.

    python tests/faults/kills.py [--kills 200] [--finalising 100] [--encrypting 100] [--short]

A session records video, sound, a 500 Hz pointer, a 30 Hz face with its mesh and action units,
markers and answers, and is ended by kill -9. ``journeylab recover`` makes its bundle, which is
compared with what was sent, sample by sample. Then finalisers are killed, up to twice each, and
completed by ``journeylab recover``; every bundle must be the same, byte by byte. Last, a finished
bundle is killed while it is encrypted: after each kill the plain or the encrypted one must be whole
and readable, and ``journeylab recover`` must leave the encrypted one alone.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyrage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from faults import forked
from faults.checked import check
from faults.printed import Line, show
from faults.sender import LiveSession, Tape
from journeylab.bundle.encryption import encrypt_bundle, plain_bundle
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.clock import SessionClock
from journeylab.errors import BundleError
from journeylab.study.folder import save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.study.privacy import Privacy
from journeylab.study.study_key import KEYRING
from journeylab.vocabulary import StimulusKind

_ROOT = Path(__file__).resolve().parents[2]
_BATCH = 20
_LONGEST_S = 1.6
MOST_LOST_MS = 100.0


@dataclass(slots=True)
class Outcome:
    """What became of killed recordings."""

    kills: int = 0
    whole: int = 0
    empty: int = 0
    sent: int = 0
    lost_ms: list[float] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)


def _recover(folder: Path) -> str:
    """Run the command; what it said when it failed."""
    command = [sys.executable, "-m", "journeylab", "recover", str(folder)]
    done = subprocess.run(command, cwd=_ROOT, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()


def _kill_recording(folder: Path, name: str, delay_s: float) -> int:
    """Start a session and kill it after a while; the instant, on the session clock."""
    tape = Tape(folder / f"{name}.tape")

    def work() -> None:
        session = LiveSession(folder / f"{name}.h5", tape)
        session.start()
        session.run(60)

    pid = forked.start(work, log=folder / f"{name}.log")
    time.sleep(delay_s)
    killed_ns = SessionClock().now_ns()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return killed_ns


def _check_recording(folder: Path, name: str, killed_ns: int) -> dict[str, object]:
    tape = Tape(folder / f"{name}.tape")
    bundle = folder / f"{name}.h5"
    if not bundle.exists():
        # Killed before it was open: then nothing had been sent, and nothing may lie about.
        left = [path.name for path in folder.glob(f"{name}.*") if path.suffix == ".journal"]
        assert not left, f"{left} was not recovered"
        assert not len(tape.times_ns("pointer")), "samples were sent and there is no bundle"
        return {"sent": 0}
    checked = check(bundle, tape)
    return {
        "sent": checked.sent,
        "lost_ms": checked.lost_ms(killed_ns),
        "lost": checked.lost_by_stream,
    }


def kill_recordings(kills: int, folder: Path, *, seed: int) -> Outcome:
    """Kill that many sessions, recover them a batch at a time, and check each."""
    rng = random.Random(seed)
    outcome = Outcome()
    while outcome.kills < kills:
        batch = folder / f"batch{outcome.kills}"
        batch.mkdir()
        names = [f"P{n:03}" for n in range(min(_BATCH, kills - outcome.kills))]
        killed_ns = {
            name: _kill_recording(batch, name, rng.uniform(0.0, _LONGEST_S)) for name in names
        }
        told = _recover(batch)
        if told:
            outcome.errors.append(told)
        for name in names:
            work = partial(_check_recording, batch, name, killed_ns[name])
            _count(outcome, forked.answer(work), what=f"{batch.name}/{name}")
        if not outcome.errors:
            shutil.rmtree(batch)
    return outcome


def _count(outcome: Outcome, answer: dict, *, what: str) -> None:
    outcome.kills += 1
    if "error" in answer:
        outcome.errors.append(f"{what}: {answer['error']}")
        return
    value = answer["value"]
    outcome.whole += 1
    if not value["sent"]:
        outcome.empty += 1
        return
    outcome.sent += value["sent"]
    outcome.lost_ms.append(value["lost_ms"])
    outcome.lost.update(value["lost"])


def _a_journal(folder: Path, seconds: float) -> Path:
    """The journal of a session that ended in order."""
    tape = Tape(folder / "tape")

    def work() -> None:
        session = LiveSession(folder / "P.h5", tape)
        session.start()
        session.run(seconds)
        assert session.stop()

    assert forked.wait(forked.start(work), timeout_s=120) == 0
    return folder / "P.journal"


def kill_finalisers(kills: int, folder: Path, *, seed: int, seconds: float = 4.0) -> Outcome:
    """Kill finalisers of one journal at random instants, and complete each by recovery."""
    rng = random.Random(seed)
    outcome = Outcome()
    (folder / "reference").mkdir()
    journal = _a_journal(folder / "reference", seconds)
    kept = folder / "kept.journal"
    shutil.copy(journal, kept)
    began = time.monotonic()
    assert forked.wait(forked.start(lambda: finalise(journal)), timeout_s=120) == 0
    usual_s = time.monotonic() - began
    expected = journal.with_suffix(".h5").read_bytes()
    while outcome.kills < kills:
        batch = folder / f"batch{outcome.kills}"
        names = [f"P{n:03}" for n in range(min(_BATCH, kills - outcome.kills))]
        for name in names:
            (batch / name).mkdir(parents=True)
            shutil.copy(kept, batch / name / "P.journal")
            for _ in range(rng.choice((1, 2))):
                _kill_finaliser(batch / name, rng.uniform(0.0, 1.1 * usual_s), outcome)
        told = _recover(batch)
        if told:
            outcome.errors.append(told)
        for name in names:
            outcome.kills += 1
            left = sorted(path.name for path in (batch / name).iterdir())
            if left != ["P.h5"]:
                outcome.errors.append(f"{batch.name}/{name} holds {left}")
            elif (batch / name / "P.h5").read_bytes() != expected:
                outcome.errors.append(f"{batch.name}/{name} is another bundle")
            else:
                outcome.whole += 1
        shutil.rmtree(batch)
    return outcome


def _kill_finaliser(folder: Path, delay_s: float, outcome: Outcome) -> None:
    pid = forked.start(lambda: finalise(folder / "P.journal"), log=folder.parent / "log")
    time.sleep(delay_s)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    left = sorted(path.name for path in folder.iterdir())
    outcome.lost[" + ".join(left)] += 1


def kill_encryptions(kills: int, folder: Path, *, seed: int, seconds: float = 4.0) -> Outcome:
    """Kill the encrypting of one finished bundle at random instants, and complete each."""
    rng = random.Random(seed)
    outcome = Outcome()
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    (folder / "reference").mkdir()
    journal = _a_journal(folder / "reference", seconds)
    assert forked.wait(forked.start(lambda: finalise(journal)), timeout_s=120) == 0
    kept = journal.with_suffix(".h5")
    expected = kept.read_bytes()
    usual_s = min(_seconds_to_encrypt(kept, recipient) for _ in range(5))
    while outcome.kills < kills:
        batch = folder / f"batch{outcome.kills}"
        studies = [batch / f"s{n:03}" for n in range(min(_BATCH, kills - outcome.kills))]
        wrong: dict[Path, list[str]] = {study: [] for study in studies}
        for study in studies:
            KEYRING.put(study, identity)
            bundle = _encrypted_study(study, recipient) / "P.h5"
            shutil.copy(kept, bundle)
            for _ in range(rng.choice((1, 2))):
                _kill_encryption(bundle, recipient, rng.uniform(0.0, 1.2 * usual_s), outcome)
                wrong[study] += _not_whole(bundle, expected)
        told = _recover(batch)
        if told:
            outcome.errors.append(told)
        for study in studies:
            bundle = study / "sessions" / "P.h5"
            left = sorted(path.name for path in bundle.parent.iterdir())
            if left != ["P.h5.age"]:
                wrong[study].append(f"holds {left} at last")
            wrong[study] += _not_whole(bundle, expected)
            outcome.kills += 1
            outcome.whole += not wrong[study]
            outcome.errors += [f"{study}: {error}" for error in wrong[study]]
            KEYRING.drop(study)
        shutil.rmtree(batch)
    return outcome


def _encrypted_study(path: Path, recipient: str) -> Path:
    """A study that encrypts; its folder of sessions."""
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go"))
    study = Study(id="s", title="S", steps=(step,), privacy=Privacy(encrypt_to=recipient))
    sessions = save_study(path, study).sessions_path
    sessions.mkdir()
    return sessions


def _seconds_to_encrypt(kept: Path, recipient: str) -> float:
    copy = Path(shutil.copy(kept, kept.with_name("copy.h5")))
    began_s = time.monotonic()
    _, status = os.waitpid(forked.start(lambda: encrypt_bundle(copy, recipient)), 0)
    assert status == 0
    return time.monotonic() - began_s


def _kill_encryption(bundle: Path, recipient: str, delay_s: float, outcome: Outcome) -> None:
    log = bundle.parent.parent / "log"
    pid = forked.start(lambda: encrypt_bundle(bundle, recipient), log=log)
    time.sleep(delay_s)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    left = sorted(path.name for path in bundle.parent.iterdir())
    outcome.lost[" + ".join(left)] += 1


def _not_whole(bundle: Path, expected: bytes) -> list[str]:
    """What is wrong with what a kill left: what there is must be whole, and one must be there."""
    found = [path for path in (bundle, bundle.with_name(f"{bundle.name}.age")) if path.exists()]
    errors = [] if found else ["neither the plain nor the encrypted bundle is there"]
    for path in found:
        try:
            with plain_bundle(path) as plain:
                is_same = plain.read_bytes() == expected
            with Bundle.open(path) as opened:
                is_read = len(opened.table("pointer")) > 0
        except BundleError as error:
            errors.append(str(error))
        else:
            errors += [] if is_same and is_read else [f"{path.name} holds something else"]
    return errors


def _lines(recordings: Outcome, finalisers: Outcome, encryptions: Outcome) -> list[Line]:
    lost_ms = np.array(recordings.lost_ms or [0.0])
    lines = [
        Line(
            "recordings killed, recovered without a question",
            f"{recordings.whole} of {recordings.kills}",
            "all",
            recordings.whole == recordings.kills and not recordings.errors,
        ),
        Line("killed before anything was sent", str(recordings.empty)),
        Line("samples sent in the others", str(recordings.sent)),
        Line("altered, or lost before a kept one", "0" if not recordings.errors else "?", "0"),
        Line("lost, median", f"{np.median(lost_ms):.1f} ms"),
        Line("lost, 95th percentile", f"{np.percentile(lost_ms, 95):.1f} ms"),
        Line(
            "lost, most",
            f"{lost_ms.max():.1f} ms",
            f"<= {MOST_LOST_MS:.0f} ms",
            bool(lost_ms.max() <= MOST_LOST_MS),
        ),
    ]
    lines += [Line(f"  samples of {name}", str(n)) for name, n in recordings.lost.items()]
    lines.append(
        Line(
            "finalisers killed, bundle complete and the same bytes",
            f"{finalisers.whole} of {finalisers.kills}",
            "all",
            finalisers.whole == finalisers.kills and not finalisers.errors,
        )
    )
    lines += [Line(f"  a kill left {name}", str(n)) for name, n in finalisers.lost.items()]
    lines.append(
        Line(
            "killed while encrypted, whole all along and completed",
            f"{encryptions.whole} of {encryptions.kills}",
            "all",
            encryptions.whole == encryptions.kills and not encryptions.errors,
        )
    )
    lines += [Line(f"  a kill left {name}", str(n)) for name, n in encryptions.lost.items()]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--finalising", type=int, default=100)
    parser.add_argument("--encrypting", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="6, 4 and 4 kills")
    arguments = parser.parse_args()
    if arguments.short:
        arguments.kills, arguments.finalising, arguments.encrypting = 6, 4, 4
    seed, seconds = arguments.seed, 1.5 if arguments.short else 4.0
    with tempfile.TemporaryDirectory(prefix="journeylab-kills-") as name:
        folders = [Path(name) / what for what in ("recordings", "finalisers", "encryptions")]
        for folder in folders:
            folder.mkdir()
        outcomes = (
            kill_recordings(arguments.kills, folders[0], seed=seed),
            kill_finalisers(arguments.finalising, folders[1], seed=seed, seconds=seconds),
            kill_encryptions(arguments.encrypting, folders[2], seed=seed, seconds=seconds),
        )
    for outcome in outcomes:
        for error in outcome.errors:
            print(error, file=sys.stderr)
    return show("Killed at any instant", _lines(*outcomes))


if __name__ == "__main__":
    sys.exit(main())
