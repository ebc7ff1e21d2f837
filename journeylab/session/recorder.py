"""The writer thread: everything published since the last tick goes to the journal at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import StorageError
from journeylab.logs import logger
from journeylab.session.backlog import Bounded
from journeylab.session.fanout import FanOut
from journeylab.session.health import SESSION, HealthLog
from journeylab.streams import STREAMS, Row, Sample

_log = logger(__name__)

TICK_S: Final = 0.02
_OPEN_TIMEOUT_S: Final = 10.0

WAITING: Final = Bounded(room_bytes=256 << 20)
"""What may wait while the disk is slow: three seconds of video at 720p, or hours of the rest."""

_WRITE_BYTES: Final = 16 << 20
"""What is written at once of a backlog, so that it is not in memory twice."""

_LARGE: Final = ("camera", "screen", "pages")
_OF_THE_SESSION: Final = frozenset(
    {"steps", "acts", "alerts", "markers", "notes", "withdrawals", "health", "clock"}
)
_IN_FORCE: Final = frozenset({"displays", "calibrations", "stimulus", "aois"})
"""Told when it changes and true from then on: what comes after a pause cannot be read without what
changed in it."""
_SEEN_BEFORE: Final = frozenset({"pages"})
"""A whole page is copied while it is seen, and drawn and written seconds later."""
_KEPT_WHILE_PAUSED: Final = _OF_THE_SESSION | _IN_FORCE | _SEEN_BEFORE
_PAGE_IN_FORCE: Final = frozenset({"load", "url", "scroll", "picture"})
"""Rows of the page that say what of it is seen from then on, or was; in a pause no hand reaches
it."""
_PAGE_KIND: Final = [column.name for column in STREAMS["page"].columns].index("kind")

_STALL_S: Final = 2.0
_WATCH_S: Final = 0.25
_REPORT_S: Final = 1.0
_SLOW: Final = (
    "The disk does not keep up. Until it does, pictures, then video, then sound are left out; "
    "markers, pointer, face and answers are kept."
)


class Writer(Protocol):
    """What the recorder needs of :class:`journeylab.bundle.writer.BundleWriter`."""

    @property
    def journal_path(self) -> Path: ...

    @property
    def bytes_written(self) -> int: ...

    def write(self, samples: Sequence[Sample]) -> None: ...

    def close(self) -> None: ...


class Recorder:
    """Writes the samples of the streams agreed to, from :meth:`start` until :meth:`end`.

    The writer is made, used and closed on the recorder's thread. One that fails ends the
    recording: ``on_fault`` is called on that thread with a sentence, and what was journalled
    until then is kept. Of each tick, video and pictures are written last; of the failing one and
    of what waits behind it, all but these is tried once more, since the journal keeps a reserve
    for it. ``first_samples`` gives what is written before all else, by the instant recording
    starts.
    """

    def __init__(
        self,
        fanout: FanOut,
        open_writer: Callable[[], Writer],
        *,
        streams: Collection[str],
        clock: Clock,
        log: HealthLog,
        on_fault: Callable[[str], None],
        first_samples: Callable[[int], Sequence[Sample]] = lambda _: (),
        waiting: Bounded = WAITING,
        tick_s: float = TICK_S,
    ) -> None:
        self._fanout = fanout
        self._open_writer = open_writer
        self._streams = frozenset(streams)
        self._waiting = waiting
        self._clock = clock
        self._log = log
        self._on_fault = on_fault
        self._first_samples = first_samples
        self._tick_ns = round(tick_s * NS_PER_S)
        self._writer: Writer | None = None
        self._refusal: BaseException | None = None
        self._opened = threading.Event()
        self._stopping = threading.Event()
        self._start_ns = 0
        self._end_ns: int | None = None
        self._pauses: tuple[tuple[int, int | None], ...] = ()
        self._dropped = 0
        self._failed: list[Sample] = []
        self._report_ns = 0
        self._write_began_ns: int | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self.has_failed = False
        self.samples_written = 0
        self.ticks = 0
        self.longest_write_s = 0.0

    def start(self) -> int:
        """Open the writer and begin; the instant recording starts, ns. Called once.

        Raises
        ------
        StorageError
            When the writer cannot be opened; nothing was recorded then.
        """
        self._thread.start()
        if not self._opened.wait(_OPEN_TIMEOUT_S):
            self._stopping.set()  # should it open after all, it closes at once
            raise StorageError(
                f"The disk did not answer within {_OPEN_TIMEOUT_S:.0f} s.",
                remedy="Check the disk the study lies on.",
            )
        if self._refusal is not None:
            self._thread.join()
            raise self._refusal
        return self._start_ns

    def end(self, end_ns: int) -> None:
        """Set the session's end: samples of later instants are not kept."""
        self._end_ns = end_ns

    def pause(self, t_ns: int) -> None:
        """Keep nothing of the participant from that instant on, until :meth:`resume`.

        What is of the session, or in force from then on, is kept.
        """
        self._pauses = (*self._pauses, (t_ns, None))

    def resume(self, t_ns: int) -> None:
        """Keep everything again from that instant on."""
        begin_ns, _ = self._pauses[-1]
        self._pauses = (*self._pauses[:-1], (begin_ns, t_ns))

    def finish(self, timeout_s: float) -> bool:
        """Write what waits, close the writer and join; whether that was done in time."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def journal_path(self) -> Path:
        """The journal. Only after :meth:`start`."""
        if self._writer is None:
            raise ValueError("the recorder has not started")
        return self._writer.journal_path

    @property
    def bytes_written(self) -> int:
        return 0 if self._writer is None else self._writer.bytes_written

    @property
    def dropped(self) -> int:
        """Samples that were published and not written."""
        return self._dropped

    def _run(self) -> None:
        try:
            self._writer = self._open_writer()
        except Exception as error:  # noqa: BLE001 - top of the thread: raised again by start
            self._refusal = error
            self._opened.set()
            return
        # In this order, so that nothing of the first instants is missed.
        self._subscription = self._fanout.subscribe("recorder", self._waiting, self._streams)
        self._start_ns = self._clock.now_ns()
        self._opened.set()
        watch = threading.Thread(target=self._watch, name="recorder-watch", daemon=True)
        watch.start()
        try:
            self._write_until_stopped(self._writer)
        except StorageError as error:
            self._fail(str(error))
            self._rescue(self._writer)
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            _log.exception("the recorder failed")
            self._fail(f"The recorder failed ({error!r}). Stop the session.")
        finally:
            self._stopping.set()
            self._fanout.unsubscribe(self._subscription)
            watch.join()
            self._close(self._writer)

    def _fail(self, sentence: str) -> None:
        if self.has_failed:
            return
        fault = f"{sentence} What was recorded until now is kept."
        self.has_failed = True
        self._log.fault(SESSION, fault)
        self._on_fault(fault)

    def _rescue(self, writer: Writer) -> None:
        """Use the journal's reserve for what cannot be had again, and for what went wrong."""
        self._fanout.unsubscribe(self._subscription)
        samples = [*self._failed, *self._subscription.pop_all()]
        with suppress(StorageError, ValueError):
            writer.write([s for s in samples if self._is_inside(s) and s.stream not in _LARGE])

    def _close(self, writer: Writer) -> None:
        try:
            writer.close()
        except StorageError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            _log.exception("the journal could not be closed")
            self._fail(f"The journal could not be closed ({error!r}).")

    def _watch(self) -> None:
        """Say so while the disk does not keep up: the writing thread cannot, it waits."""
        dropped = 0
        while not self._stopping.wait(_WATCH_S):
            began_ns = self._write_began_ns
            counts = self._subscription.counts()
            now_dropped = sum(counts.dropped.values())
            waits_s = 0.0 if began_ns is None else (self._clock.now_ns() - began_ns) / NS_PER_S
            if waits_s > _STALL_S or now_dropped > dropped:
                self._log.fault(SESSION, _SLOW)
            elif not counts.waiting and self._log.fault_of(SESSION) == _SLOW:
                self._log.recover(SESSION, "The disk keeps up again.")
            dropped = now_dropped

    def _write_until_stopped(self, writer: Writer) -> None:
        first = [s for s in self._first_samples(self._start_ns) if s.stream in self._streams]
        if first:
            writer.write(first)
        deadline_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            now_ns = self._clock.now_ns()
            # Absolute deadlines; after a slow write the missed ticks are left out.
            deadline_ns = max(deadline_ns + self._tick_ns, now_ns)
            self._stopping.wait((deadline_ns - now_ns) / NS_PER_S)
            self._write_waiting(writer)
            if self._subscription.is_overrun:
                raise StorageError(
                    "The disk did not answer for many minutes, and no more could be kept waiting.",
                    remedy="Move the study to another disk.",
                )
        # Twice: what the last tick reports of itself is part of the session, too.
        self._write_waiting(writer)
        self._report_drops()
        self._write_waiting(writer)

    def _write_waiting(self, writer: Writer) -> None:
        """Write all that waits, a part at a time."""
        while True:
            if self._clock.now_ns() - self._report_ns >= _REPORT_S * NS_PER_S:
                self._report_drops()
            samples = self._subscription.pop_all(_WRITE_BYTES)
            if not samples:
                return
            inside = [sample for sample in samples if self._is_inside(sample)]
            # First what cannot be had again: it is not to wait until a frame is encoded.
            self._write_tick(writer, [s for s in inside if s.stream not in _LARGE])
            self._write_tick(writer, [s for s in inside if s.stream in _LARGE])

    def _write_tick(self, writer: Writer, samples: list[Sample]) -> None:
        if not samples:
            return
        began_ns = self._write_began_ns = self._clock.now_ns()
        try:
            writer.write(samples)
        except StorageError:
            self._failed = samples
            raise
        except ValueError as error:
            # The writer wrote the others of the tick; the session must not end for one sample.
            _log.exception("a sample was refused")
            self._log.warn(SESSION, f"A sample could not be recorded: {error}.")
        finally:
            self._write_began_ns = None
        duration_s = (self._clock.now_ns() - began_ns) / NS_PER_S
        self.longest_write_s = max(self.longest_write_s, duration_s)
        self.samples_written += len(samples)
        self.ticks += 1

    def _is_inside(self, sample: Sample) -> bool:
        # A frame taken before the participant agreed may be analysed after: it is not kept.
        t_ns, end_ns = sample.t_ns, self._end_ns
        if t_ns < self._start_ns or (end_ns is not None and t_ns > end_ns):
            return False
        if _is_kept_while_paused(sample):
            return True
        return not any(begin <= t_ns and (end is None or t_ns < end) for begin, end in self._pauses)

    def _report_drops(self) -> None:
        self._report_ns = self._clock.now_ns()
        for drop in self._subscription.pop_drops():
            self._dropped += drop.count
            detail = f"writing fell behind, left out from {drop.first_ns} to {drop.last_ns} ns"
            self._log.drop(drop.stream, count=drop.count, detail=detail)


def _is_kept_while_paused(sample: Sample) -> bool:
    if isinstance(sample, Row) and sample.stream == "page":
        return sample.values[_PAGE_KIND] in _PAGE_IN_FORCE
    return sample.stream in _KEPT_WHILE_PAUSED
