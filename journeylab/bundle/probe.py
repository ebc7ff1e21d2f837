"""The helper process that looks bundles over: ``python -m journeylab.bundle.probe``.

Takes a line on standard input for each file, as JSON: its path and the streams wanted, or null for
all. Answers with one JSON object a line: ``index``, or ``what`` and ``remedy`` of a refusal, or how
the child ``ended`` that could not answer. Forks for every file, which costs a few milliseconds,
since all is imported already.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import h5py

from journeylab.bundle.audit import audit
from journeylab.bundle.index import Wanted
from journeylab.errors import BundleError

TIME_LIMIT_S: Final = 20
MEMORY_LIMIT_BYTES: Final = 512 << 20
_MAX_ANSWER_BYTES: Final = 64 << 20


def look_over(path: Path, streams: Wanted | None = None) -> str:
    """The answer for one file, JSON."""
    try:
        with ExitStack() as stack:
            # A bundle decrypted into memory has no name on a disk, which libhdf5 asks for.
            is_memory = path.is_relative_to("/proc")
            source = stack.enter_context(path.open("rb")) if is_memory else path
            file = stack.enter_context(h5py.File(source, "r", locking=False))
            index = audit(path, file, streams=streams)
        return '{"index": ' + index.to_json() + "}"
    except BundleError as error:
        return json.dumps({"what": error.what, "remedy": error.remedy})
    except MemoryError:
        return json.dumps({"ended": "took too much memory"})
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        # What h5py raises on a damaged file.
        what = f"{path} cannot be read; it is damaged or no bundle ({str(error)[:300]})."
        return json.dumps({"what": what, "remedy": "A copy from elsewhere may be whole."})


def answer_to(question: str | bytes) -> bytes:
    """The answer to a line, by a child that is forked from this process."""
    answers, ended = _asked([question])
    return answers[0] if answers else json.dumps({"ended": ended}).encode()


def answers_to(questions: Sequence[str]) -> list[bytes]:
    """The answers to some lines, by one child for all; fewer where it ended at the next of them."""
    return _asked(questions)[0]


def _child(questions: Sequence[str | bytes], out: int) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = used + MEMORY_LIMIT_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nothing is written to any file, and the kernel ends what loops in C.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for question in questions:
        path, streams = json.loads(question)
        signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT_S)
        answer = look_over(Path(path), streams).encode("ascii") + b"\n"
        while answer:
            answer = answer[os.write(out, answer) :]


def _asked(questions: Sequence[str | bytes]) -> tuple[list[bytes], str]:
    """Whole answers of a child, and how it ended where it could not answer all."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            _child(questions, writer)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read(_MAX_ANSWER_BYTES)
        if len(said) == _MAX_ANSWER_BYTES:
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    answers = said.split(b"\n")[:-1]
    if code == 0:
        return answers, ""
    if code == -signal.SIGALRM:
        return answers, f"took more than {TIME_LIMIT_S} seconds"
    return answers, f"ended with {signal.Signals(-code).name}" if code < 0 else "failed"


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer_to(line) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
