"""The devices of one session: started by consent, watched, stopped together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final, cast

from journeylab.capture.source import AudioSource, CameraSource, Source, SourceStatus
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import SessionError
from journeylab.session.health import HealthLog
from journeylab.streams import Sample

_STEADY: Final = frozenset({"camera", "microphone"})
"""Streams that never pause by themselves: silence is a gap. A mouse may well lie still."""

_SILENCE_NS: Final = 2 * NS_PER_S
_FIRST_SAMPLE_NS: Final = 5 * NS_PER_S
"""Opening a stream may take a camera seconds, and the face model is loaded meanwhile."""


@dataclass(slots=True)
class _Watch:
    """What was last seen of one source."""

    lost: int = 0
    gaps: int = 0
    count: int = 0
    changed_ns: int = 0
    is_silent: bool = False
    has_ended: bool = False


class SourceRack:
    """All sources of a session.

    A source that faults or falls silent is noted in the health log, and so is its return with the
    gap it leaves; it comes back by itself or not at all, and the session goes on with the others.

    Raises
    ------
    SessionError
        When two sources feed the same stream.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        publish: Callable[[Sample], None],
        log: HealthLog,
        clock: Clock,
    ) -> None:
        self._sources = {source.stream: source for source in sources}
        if len(self._sources) != len(sources):
            streams = ", ".join(source.stream for source in sources)
            raise SessionError(f"Two sources feed the same stream ({streams}).")
        self._publish = publish
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._watches: dict[str, _Watch] = {}
        self._closed: set[str] = set()
        self._is_stopped = False

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams that have a source, started or not."""
        return tuple(self._sources)

    @property
    def usable(self) -> tuple[str, ...]:
        """Streams whose source can still give something: it was not stopped."""
        return tuple(stream for stream in self._sources if stream not in self._closed)

    @property
    def started(self) -> tuple[str, ...]:
        """Streams whose source was started."""
        return tuple(self._watches)

    @property
    def camera(self) -> CameraSource | None:
        return cast("CameraSource | None", self._sources.get("camera"))

    @property
    def microphone(self) -> AudioSource | None:
        return cast("AudioSource | None", self._sources.get("microphone"))

    def labels(self, streams: Collection[str]) -> dict[str, str]:
        """Device names of those of the streams that have a source."""
        return {name: one.label for name, one in self._sources.items() if name in streams}

    def label(self, stream: str) -> str:
        return self._sources[stream].label

    def status(self, stream: str) -> SourceStatus:
        return self._sources[stream].status()

    def is_simulated(self, streams: Collection[str]) -> bool:
        """Whether any source of the streams is a simulated twin."""
        return any(one.is_simulated for name, one in self._sources.items() if name in streams)

    def start(self, streams: Collection[str]) -> None:
        """Start those of the streams' sources that do not run yet."""
        with self._lock:
            for stream, source in self._sources.items():
                is_fresh = stream not in self._watches and stream not in self._closed
                if stream in streams and is_fresh and not self._is_stopped:
                    self._watches[stream] = _Watch(changed_ns=self._clock.now_ns())
                    source.start(self._publish)

    def stop(self, streams: Collection[str] | None = None) -> None:
        """Stop and close the sources named, or all, started or not. May be called twice."""
        with self._lock:
            self._is_stopped = self._is_stopped or streams is None
            with ExitStack() as stack:
                # A stack, so that one device that fails to close does not keep the others open.
                for stream, source in self._sources.items():
                    if streams is None or stream in streams:
                        self._watches.pop(stream, None)
                        self._closed.add(stream)
                        stack.callback(source.stop)

    def replace(self, source: Source) -> None:
        """Put a fresh source, not started yet, in the place of one that was stopped.

        It is stopped at once where all of them are by now, or where the one before still runs.
        """
        with self._lock:
            if self._is_stopped or source.stream not in self._closed:
                source.stop()
                return
            self._sources[source.stream] = source
            self._closed.discard(source.stream)

    def poll(self, t_ns: int, counts: Mapping[str, int]) -> None:
        """Compare every running source with what was last seen of it; for the monitor thread.

        ``counts`` are the samples published so far by stream.
        """
        with self._lock:
            running = [(stream, self._sources[stream], w) for stream, w in self._watches.items()]
        for stream, source, watch in running:
            status = source.status()
            self._note_gaps(stream, status, watch, t_ns=t_ns)
            self._note_losses(stream, status, watch)
            self._note_end(stream, source, status=status, watch=watch)
            self._note_silence(stream, status, watch, t_ns=t_ns, count=counts.get(stream, 0))
            if status.fault is not None:
                self._log.fault(stream, status.fault)
            elif not watch.is_silent:
                self._log.recover(stream, f"{source.label} works again.")

    def _note_gaps(self, stream: str, status: SourceStatus, watch: _Watch, *, t_ns: int) -> None:
        for gap in status.gaps[watch.gaps :]:
            self._log.silence(stream, gap.begin_ns, end_ns=gap.end_ns, count=gap.lost)
            watch.lost += gap.lost
            # The device knows better than the watch how long it was away.
            watch.is_silent, watch.changed_ns = False, t_ns
        watch.gaps = len(status.gaps)

    def _note_losses(self, stream: str, status: SourceStatus, watch: _Watch) -> None:
        newly_lost = status.lost - watch.lost
        if newly_lost > 0:
            watch.lost = status.lost
            self._log.gap(stream, count=newly_lost, detail="lost by the device")

    def _note_end(
        self, stream: str, source: Source, *, status: SourceStatus, watch: _Watch
    ) -> None:
        if status.ended and not watch.has_ended:
            watch.has_ended = True
            self._log.warn(stream, f"{source.label} has come to its end.")

    def _note_silence(
        self, stream: str, status: SourceStatus, watch: _Watch, *, t_ns: int, count: int
    ) -> None:
        if count != watch.count:
            if watch.is_silent:
                self._log.silence(stream, watch.changed_ns, end_ns=t_ns)
            watch.count, watch.changed_ns, watch.is_silent = count, t_ns, False
            return
        if status.ended or status.fault is not None or stream not in _STEADY:
            return
        patience_ns = _SILENCE_NS if count else _FIRST_SAMPLE_NS
        if t_ns - watch.changed_ns > patience_ns and not watch.is_silent:
            watch.is_silent = True
            label = self._sources[stream].label
            self._log.fault(stream, f"{label} gives nothing. Check that it is still connected.")
