"""Has a bundle audited in a process of its own, so that no file can harm this one.

A forged structure may make libhdf5 crash, loop or eat memory. So this process never gives it a
bundle from elsewhere. One helper process is started when the first bundle is opened and ends with
this one; for each file it forks a child, which has limits on time and memory, looks the file over
(:mod:`journeylab.bundle.audit`) and tells where its data lies. Whatever happens to the child, the
file is refused in words.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from journeylab.bundle.index import BundleIndex, Wanted
from journeylab.errors import BundleError

_State: TypeAlias = tuple[int, int, int]
_REMEDY: Final = "Take the bundle from the computer that recorded it."


class Inspector:
    """The helper process; may be used from any thread, one file at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._forks = False
        self._ahead: dict[str, tuple[_State, bytes]] = {}

    def fork_from_here(self) -> None:
        """From now on fork the children from this process, which has one thread, and stays so,
        and is itself no loss: it saves the helper process."""
        self._forks = True

    def look_ahead(self, paths: Sequence[Path], *, streams: Wanted | None = None) -> None:
        """Audit some files that will be inspected next, in one child instead of one for each.

        Where that ends without all answers, what is missing is audited when it is inspected.
        """
        if not self._forks:
            return
        from journeylab.bundle.probe import answers_to

        with self._lock:
            questions = [_question(path, streams) for path in paths]
            states = [_state(path) for path in paths]
            answers = answers_to(questions)
            self._ahead = {
                question: (state, answer)
                for question, state, answer in zip(questions, states, answers, strict=False)
                if state is not None
            }

    def inspect(self, path: Path, *, streams: Wanted | None = None) -> BundleIndex:
        """Audit a file, or only some columns of it, which then alone are in the index.

        Raises
        ------
        BundleError
            When the file is refused, and when auditing it took too long or crashed.
        """
        with self._lock:
            asked = _question(path, streams)
            answer = self._known(asked, path)
            if answer is None:
                is_own = self._forks
                answer = self._forked(asked) if is_own else self._ask(asked) or self._ask(asked)
        if answer is None:
            raise BundleError(f"{path} cannot be looked over: the process for it does not answer.")
        if "index" in answer:
            return BundleIndex.from_json(answer["index"])
        if "what" in answer:
            raise BundleError(
                str(answer["what"]).replace(str(path.absolute()), str(path)),
                remedy=str(answer["remedy"]),
            )
        raise BundleError(
            f"{path} is not opened: looking it over {answer['ended']}.", remedy=_REMEDY
        )

    def close(self) -> None:
        """End the helper process."""
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.stdin.close()  # type: ignore[union-attr]
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]

    def _known(self, question: str, path: Path) -> dict[str, Any] | None:
        """The answer that was asked for ahead, of a file that has not changed since."""
        state, answer = self._ahead.pop(question, (None, b""))
        if state is None or state != _state(path):
            return None
        known: dict[str, Any] = json.loads(answer)
        return known

    def _forked(self, question: str) -> dict[str, Any]:
        from journeylab.bundle.probe import answer_to

        answer: dict[str, Any] = json.loads(answer_to(question))
        return answer

    def _ask(self, question: str) -> dict[str, Any] | None:
        """The answer for one file; None when the helper process was gone."""
        try:
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(question.encode("ascii") + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        if not line:
            process_gone, self._process = self._process, None
            if process_gone is not None:
                process_gone.kill()
                process_gone.communicate()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():
            root = str(Path(__file__).resolve().parents[2])
            paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "journeylab.bundle.probe"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(paths),
                    "OPENBLAS_NUM_THREADS": "1",  # only a process of one thread may fork
                },
                process_group=0,  # Ctrl-C in a terminal goes to the whole group
            )
            atexit.register(self.close)
        return self._process


def _question(path: Path, streams: Wanted | None) -> str:
    return json.dumps([str(path.absolute()), _plain(streams)])


def _state(path: Path) -> _State | None:
    """What tells a file from another in its place; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return (about.st_ino, about.st_size, about.st_mtime_ns)


def _plain(streams: Wanted | None) -> dict[str, list[str] | None] | None:
    if streams is None:
        return None
    return {name: None if own is None else [*own] for name, own in streams.items()}


INSPECTOR: Final = Inspector()
"""The inspector of this process; it starts nothing before the first bundle is opened."""
