"""What calibrations are in force, and the rows that say so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Final

from journeylab.clock import Clock
from journeylab.session.rows import calibration_row
from journeylab.streams import Sample

NEUTRAL: Final = "neutral"
GAZE: Final = "gaze"
GAZE_ACCEPTED: Final = "gaze_accepted"
GAZE_WITHDRAWN: Final = "gaze_withdrawn"
GAZE_KEPT: Final = "gaze_kept"
GAZE_RESCALED: Final = "gaze_rescaled"
GAZE_CHECK: Final = "gaze_check"
GAZE_SHIFT: Final = "gaze_shift"
SCREEN_DELAY: Final = "screen_delay"
OF_GAZE: Final = frozenset(
    {
        GAZE,
        GAZE_ACCEPTED,
        GAZE_WITHDRAWN,
        GAZE_KEPT,
        GAZE_RESCALED,
        GAZE_CHECK,
        GAZE_SHIFT,
    }
)
_DELAY_VERSION: Final = "flashes 1"


class CalibrationLedger:
    """Writes calibrations and keeps those in force, to write them when recording starts.

    Thread-safe; rows of several threads stay in the order of their time.
    """

    def __init__(
        self,
        *,
        publish: Callable[[Sample], None],
        models: Callable[[], Mapping[str, str]],
        clock: Clock,
    ) -> None:
        self._publish = publish
        self._models = models
        self._clock = clock
        self._lock = threading.Lock()
        self._in_force: dict[str, Callable[[], str]] = {}
        self._kept_out: set[str] = set()

    def put_in_force(self, kind: str, data: str) -> None:
        """Write a calibration; it is in force from now on."""
        with self._lock:
            self._in_force[kind] = lambda: data
            self._write(kind, data)

    def replace(self, kind: str, data: Callable[[], str]) -> None:
        """Hold this to be in force without a row: another row has told what changed. ``data`` is
        asked for when recording starts."""
        with self._lock:
            if kind in self._in_force:
                self._in_force[kind] = data

    def withdraw(self, kind: str) -> None:
        """Put a calibration out of force; nothing when there was none."""
        with self._lock:
            self._in_force.pop(kind, None)

    def note(self, kind: str, data: str) -> None:
        """Write what happened to a calibration."""
        with self._lock:
            self._write(kind, data)

    def keep_out(self, kind: str) -> None:
        """Write none of that kind from now on; the participant did not agree to it."""
        with self._lock:
            self._kept_out.add(kind)

    def write_in_force(self) -> None:
        """Write all that is in force; when recording starts."""
        with self._lock:
            for kind, data in self._in_force.items():
                self._write(kind, data())

    def _write(self, kind: str, data: str) -> None:
        if kind in self._kept_out:
            return
        # Stamped and published under the lock, so that rows of several threads stay in order.
        model = "action_units" if kind == NEUTRAL else "gaze"
        version = self._models().get(model, "")
        if kind == SCREEN_DELAY:
            version = _DELAY_VERSION
        self._publish(calibration_row(self._clock.now_ns(), kind, version=version, data=data))
