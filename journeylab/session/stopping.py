"""The end of a recording, in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from journeylab.errors import SessionError
from journeylab.logs import logger
from journeylab.session.engine import SessionEngine
from journeylab.session.health import SESSION

_log = logger(__name__)

_TIMEOUT_S: Final = 60.0


class WriteBundle(Protocol):
    """Makes the bundle of a closed journal, such as
    :func:`journeylab.bundle.finalise.finalise_in_subprocess`."""

    def __call__(
        self, journal: Path, *, progress: Callable[[float], None] | None = None
    ) -> Path: ...


class Stopper:
    """Stops an engine on a thread of its own, so that the window stays alive meanwhile.

    ``fail`` is called there with a sentence when a part does not end in time.
    """

    def __init__(self, engine: SessionEngine, *, end_ns: int, fail: Callable[[str], None]) -> None:
        self._engine = engine
        self._end_ns = end_ns
        self._fail = fail
        self._thread = threading.Thread(target=self._run, name="session stop", daemon=True)

    def start(self) -> None:
        """Begin to stop. Called once."""
        self._thread.start()

    def join(self) -> None:
        """Return when all has stopped, or did not in time."""
        self._thread.join(_TIMEOUT_S)

    def _run(self) -> None:
        try:
            in_time = self._engine.stop(self._end_ns)
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            _log.exception("stopping failed")
            self._engine.log.fault(SESSION, f"Stopping failed ({error!r}).")
            in_time = False
        if not in_time:
            self._fail("A part of the session did not end in time. What was written is kept.")


class StopRecording(Protocol):
    """Ends a recording, such as ``SessionController.stop_recording``."""

    def __call__(self, *, reason: str = "") -> None: ...


def stop_early(stop: StopRecording, reason: str) -> None:
    """Stop a recording for a reason of the computer's; nothing when none runs any more."""
    with suppress(SessionError):
        stop(reason=reason)
