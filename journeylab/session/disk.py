"""Room on the study's disk: how long it lasts, and when a session must stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.session.health import NEEDED_DISK_BYTES, SESSION, HealthLog, RateMeter
from journeylab.study.folder import free_disk_bytes

_WRITTEN: Final = "written"
_SECONDS_PER_HOUR: Final = 3600.0
# A disk that hovers about the limit is not warned of again and again.
_AMPLE: Final = 1.05


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Below ``low_bytes`` of free room the moderator is warned, below ``full_bytes`` a recording
    is stopped while there still is room to save it."""

    low_bytes: int = 5_000_000_000
    full_bytes: int = NEEDED_DISK_BYTES


class DiskWatch:
    """Room on the study's disk, and for how many hours it lasts at the present rate.

    ``on_full`` is called once, with a sentence, when a recording must stop for want of room.
    """

    def __init__(
        self,
        folder: Path,
        log: HealthLog,
        *,
        limits: DiskLimits | None = None,
        on_full: Callable[[str], None] = lambda _: None,
        window_s: float = 30.0,
    ) -> None:
        self._folder = folder
        self._log = log
        self._limits = limits or DiskLimits()
        self._on_full = on_full
        self._is_low = False
        self._is_full = False
        self._rate = RateMeter(window_s=window_s)
        self.free_bytes: int | None = None
        self.hours_left: float | None = None

    def poll(self, t_ns: int, bytes_written: int | None) -> None:
        """Look at the disk; ``bytes_written`` is None while nothing is recorded."""
        try:
            self.free_bytes = free_disk_bytes(self._folder)
        except OSError as error:
            self._log.warn(SESSION, f"The disk of {self._folder} cannot be read ({error}).")
            return
        self._compare(self.free_bytes, is_recording=bytes_written is not None)
        if bytes_written is None:
            return
        self._rate.read(t_ns, {_WRITTEN: bytes_written})
        rate = self._rate.rate_hz(_WRITTEN)
        if rate > 0:
            self.hours_left = self.free_bytes / rate / _SECONDS_PER_HOUR

    def _compare(self, free_bytes: int, *, is_recording: bool) -> None:
        low, full = self._limits.low_bytes, self._limits.full_bytes
        if free_bytes < low:
            self._is_low = True
            self._log.warn(
                SESSION,
                f"The disk of {self._folder} has less than {_gigabytes(low)} free. Free some "
                f"space: below {_gigabytes(full)} the session is stopped and saved.",
            )
        elif self._is_low and free_bytes > low * _AMPLE:
            self._is_low = False
            self._log.settle(SESSION, f"The disk of {self._folder} has room again.")
        if free_bytes < full and is_recording and not self._is_full:
            self._is_full = True
            sentence = (
                f"The session was stopped: the disk of {self._folder} has less than "
                f"{_gigabytes(full)} free. Everything up to here is saved."
            )
            self._log.fault(SESSION, sentence)
            self._on_full(sentence)


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.3g} GB"
