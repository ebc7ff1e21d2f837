"""The monitor thread: watches devices, rates and the disk, and notes what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from journeylab.clock import NS_PER_S, Clock
from journeylab.logs import logger
from journeylab.session.clock_watch import ClockWatch
from journeylab.session.disk import DiskLimits, DiskWatch
from journeylab.session.fanout import FanOut
from journeylab.session.health import SESSION, HealthLog, RateMeter
from journeylab.session.inference_worker import FACE, InferenceWorker
from journeylab.session.sources import SourceRack
from journeylab.session.view import StreamHealth

_log = logger(__name__)

TICK_S: Final = 0.25
_DISK_NS: Final = NS_PER_S
_RATE_WINDOW_S: Final = 3.0


class HealthMonitor:
    """Looks around four times a second and keeps the health rows of the console ready.

    ``bytes_written`` gives the size of the journal, None while nothing is recorded. ``on_full``
    is called once, on the monitor's thread, when a recording must stop for want of room.
    """

    def __init__(
        self,
        fanout: FanOut,
        rack: SourceRack,
        worker: InferenceWorker | None,
        *,
        folder: Path,
        bytes_written: Callable[[], int | None],
        clock: Clock,
        log: HealthLog,
        disk_limits: DiskLimits | None = None,
        on_full: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._fanout = fanout
        self._rack = rack
        self._worker = worker
        self._bytes_written = bytes_written
        self._clock = clock
        self._log = log
        self._rates = RateMeter(window_s=_RATE_WINDOW_S)
        self._disk = DiskWatch(folder, log, limits=disk_limits, on_full=on_full)
        self._clocks = ClockWatch(clock, log)
        self._disk_ns: int | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self._health: tuple[StreamHealth, ...] = ()

    def start(self) -> None:
        """Begin to watch. Called once."""
        self._thread.start()

    def finish(self, timeout_s: float) -> bool:
        """Look a last time and join; whether that was done in time. May be called twice."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def health(self) -> tuple[StreamHealth, ...]:
        """The last reading, one entry for each source and one for inference."""
        return self._health

    @property
    def free_disk_bytes(self) -> int | None:
        return self._disk.free_bytes

    @property
    def disk_hours_left(self) -> float | None:
        return self._disk.hours_left

    def _run(self) -> None:
        try:
            deadline_ns = self._clock.now_ns()
            while not self._stopping.is_set():
                self.look()
                now_ns = self._clock.now_ns()
                deadline_ns = max(deadline_ns + round(TICK_S * NS_PER_S), now_ns)
                self._stopping.wait((deadline_ns - now_ns) / NS_PER_S)
            self.look()
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            _log.exception("the health monitor ended")
            self._log.fault(SESSION, f"The devices are no longer watched ({error!r}).")

    def look(self) -> None:
        """Look around once; the thread does it four times a second."""
        self._clocks.poll()
        now_ns = self._clock.now_ns()
        counts = self._fanout.counts()
        self._rates.read(now_ns, counts)
        self._rack.poll(now_ns, counts)
        if self._worker is not None:
            self._worker.watch()
        if self._disk_ns is None or now_ns - self._disk_ns >= _DISK_NS:
            self._disk_ns = now_ns
            self._disk.poll(now_ns, self._bytes_written())
        self._health = tuple(self._read_health(counts))

    def _read_health(self, counts: dict[str, int]) -> list[StreamHealth]:
        rows = []
        for stream in self._rack.streams:
            is_started = stream in self._rack.started
            rows.append(
                StreamHealth(
                    stream=stream,
                    label=self._rack.label(stream),
                    rate_hz=self._rates.rate_hz(stream),
                    samples=counts[stream],
                    lost=self._log.lost_of(stream),
                    fault=self._log.fault_of(stream),
                    detail="" if is_started else "off",
                    gaps=self._log.gaps_of(stream),
                )
            )
        if self._worker is not None:
            frames = self._worker.counts()
            rows.append(
                StreamHealth(
                    stream=FACE,
                    label="face analysis",
                    rate_hz=self._rates.rate_hz(FACE),
                    samples=frames.analysed,
                    lost=frames.replaced + frames.failed,
                    fault=self._log.fault_of(FACE),
                    detail=self._worker.models.get(FACE, ""),
                )
            )
        return rows
