"""Runs ``python -m journeylab`` as a person would, and reads what became of it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 90
_STUDY = """
format = "1"
id = "kettle"
title = "Kettle"

[[steps]]
id = "look"
title = "Look"
planned_s = {planned_s}
stimulus = {{kind = "camera_only", text = "Look at the kettle."}}

[[steps]]
id = "read"
title = "Read"
planned_s = {planned_s}
stimulus = {{kind = "instruction", text = "Read the manual."}}

[[segments]]
name = "device"
values = ["desktop", "mobile"]
"""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """What it says of its failure: one sentence, and no trace of the program's inside."""
        assert self.code == 1, self.out + self.err
        assert "Traceback" not in self.out + self.err
        said = [line for line in self.err.splitlines() if line.startswith("journeylab: ")]
        assert len(said) == 1, self.err
        assert "━" not in self.err, "a bar of progress stands before the sentence"
        return said[0].removeprefix("journeylab: ")


class CommandLine:
    """The command in an environment of its own; one that ends with the test."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def run(self, *arguments: object, **environment: str | None) -> Ended:
        """Run to the end; a variable given as None is taken away."""
        ended = subprocess.run(
            self._command(arguments),
            env=self._with(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def start(self, *arguments: object, **environment: str | None) -> subprocess.Popen[str]:
        """Begin, at the head of a process group as a terminal would have it."""
        return subprocess.Popen(
            self._command(arguments),
            env=self._with(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _command(self, arguments: Sequence[object]) -> list[str]:
        return [sys.executable, "-m", "journeylab", *map(str, arguments)]

    def _with(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        environment = {**self._environment, **{k: v for k, v in changes.items() if v is not None}}
        return {k: v for k, v in environment.items() if k not in changes or changes[k] is not None}


def finish(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command that was started; none is left behind."""
    try:
        out, err = process.communicate(timeout=_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"it did not end: {out}{err}") from None
    return Ended(process.returncode, out, err)


def make_study(folder: Path, *, planned_s: float = 1.0) -> Path:
    """A study of two steps that need no file."""
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(_STUDY.format(planned_s=planned_s), encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with a digest of what is in it; but for what was computed of it,
    which is made anew at any time."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def wait_for_recording(process: subprocess.Popen[str], study: Path, *, kilobytes: int) -> Path:
    """Wait until so much is journalled; the journal."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline_s:
        for journal in study.glob("sessions/*.journal"):
            if journal.stat().st_size > kilobytes * 1000:
                return journal
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"nothing is recorded: {finish(process)}")
