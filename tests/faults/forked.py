"""Work in a fork of this process, which has everything imported and no thread."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def start(work: Callable[[], object], *, log: Path | None = None) -> int:
    """Begin ``work`` in a fork; its process id. It leaves with 0, or 70 after an error."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        if log is not None:
            fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(fd, 1)
            os.dup2(fd, 2)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - top of the process: told by its exit code
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def answer(work: Callable[[], object]) -> dict[str, object]:
    """What ``work`` returned in a fork, as JSON, or ``{"error": …}`` with what it raised."""
    reader, writer = os.pipe()

    def tell() -> None:
        os.close(reader)
        try:
            told: object = {"value": work()}
        except BaseException as error:  # noqa: BLE001 - top of the process: told to its parent
            told = {"error": f"{type(error).__name__}: {error}"[:2000]}
        with os.fdopen(writer, "w") as pipe:
            json.dump(told, pipe)

    pid = start(tell)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    return json.loads(text) if text else {"error": f"ended with status {status}"}


def wait(pid: int, *, timeout_s: float) -> int | None:
    """The exit code of a fork (negative for a signal), None when it did not end in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    return None
