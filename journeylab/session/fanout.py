"""From every source to every consumer: queues with declared policies that never block a source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from journeylab.session.backlog import Backlog, Bounded, Drop
from journeylab.streams import STREAMS, AudioBlock, Sample

Take: TypeAlias = Callable[[Sample], None]

_UNBOUNDED: Final = Bounded(1 << 62, critical_bytes=1 << 62)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest ``depth`` samples; an older one is replaced, and counted."""

    depth: int = 1


@dataclass(frozen=True, slots=True)
class SubscriptionCounts:
    """What became of the samples: taken by the consumer, dropped (by stream), replaced, waiting.

    ``waiting_bytes`` is about the memory that what waits takes.
    """

    taken: int
    dropped: Mapping[str, int]
    replaced: int
    waiting: int
    waiting_bytes: int


class Subscription:
    """One consumer's queue. Made by :meth:`FanOut.subscribe`."""

    def __init__(self, name: str, policy: Bounded | Latest, streams: frozenset[str]) -> None:
        self.name = name
        self.policy = policy
        self.streams = streams
        self._ready = threading.Condition()
        self._backlog = Backlog(policy if isinstance(policy, Bounded) else _UNBOUNDED)
        self._depth = policy.depth if isinstance(policy, Latest) else None
        self._replaced = 0
        self._taken = 0
        self._is_open = True

    def put(self, sample: Sample) -> None:
        """Take a sample in, or drop it by the policy; for the fan-out, from any thread."""
        with self._ready:
            if not self._is_open:
                return
            if self._depth is not None and self._backlog.waiting >= self._depth:
                self._backlog.take(0)  # the oldest alone
                self._replaced += 1
            self._backlog.put(sample)
            self._ready.notify()

    def get(self, timeout_s: float) -> Sample | None:
        """The oldest waiting sample; None when none came in time, or when closed and empty."""
        with self._ready:
            self._ready.wait_for(lambda: self._backlog.waiting or not self._is_open, timeout_s)
            if not self._backlog.waiting:
                return None
            self._taken += 1
            return self._backlog.take(0)[0]

    def pop_all(self, limit_bytes: int | None = None) -> list[Sample]:
        """All waiting samples, oldest first, or what ``limit_bytes`` hold; returns at once."""
        with self._ready:
            samples = self._backlog.take(limit_bytes)
            self._taken += len(samples)
            return samples

    def pop_drops(self) -> list[Drop]:
        """What was given up since the last call, by stream."""
        with self._ready:
            return self._backlog.take_drops()

    def wait(self, timeout_s: float) -> bool:
        """Whether a sample waits, after at most ``timeout_s``."""
        with self._ready:
            self._ready.wait_for(lambda: self._backlog.waiting or not self._is_open, timeout_s)
            return bool(self._backlog.waiting)

    def close(self) -> None:
        """Let nothing more in and wake the consumer; what waits can still be taken."""
        with self._ready:
            self._is_open = False
            self._ready.notify_all()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def is_overrun(self) -> bool:
        """Whether even the critical samples found no room any more."""
        return self._backlog.is_overrun

    def counts(self) -> SubscriptionCounts:
        """A consistent reading, from any thread."""
        with self._ready:
            backlog = self._backlog
            return SubscriptionCounts(
                self._taken, dict(backlog.dropped), self._replaced, backlog.waiting, backlog.n_bytes
            )


class _Route:
    """Where the samples of one stream go. Its tuples are replaced, never changed in place."""

    __slots__ = ("count", "lock", "subscriptions", "taps")

    def __init__(self) -> None:
        self.subscriptions: tuple[Subscription, ...] = ()
        self.taps: tuple[Take, ...] = ()
        self.count = 0
        self.lock = threading.Lock()


class FanOut:
    """Hands every published sample to every consumer that wants its stream.

    ``publish`` may be called from any thread, takes microseconds and never waits for a consumer.
    Samples published by one thread keep their order in every queue.
    """

    def __init__(self) -> None:
        self._changes = threading.Lock()
        self._routes = {stream: _Route() for stream in STREAMS}

    def subscribe(
        self, name: str, policy: Bounded | Latest, streams: Collection[str] | None = None
    ) -> Subscription:
        """A new queue for the streams named, or for all.

        Raises
        ------
        ValueError
            When a stream is not declared.
        """
        wanted = frozenset(STREAMS if streams is None else streams)
        self._check(wanted)
        subscription = Subscription(name, policy, wanted)
        with self._changes:
            for stream in wanted:
                route = self._routes[stream]
                route.subscriptions = (*route.subscriptions, subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Close a queue and send nothing more to it; may be called twice."""
        subscription.close()
        with self._changes:
            for stream in subscription.streams:
                route = self._routes[stream]
                route.subscriptions = tuple(
                    kept for kept in route.subscriptions if kept is not subscription
                )

    def tap(self, take: Take, streams: Iterable[str]) -> None:
        """Call ``take`` with each sample at once, on the publishing thread, after the queues.

        For consumers that only keep the newest value: ``take`` must cost microseconds and not
        raise.
        """
        wanted = frozenset(streams)
        self._check(wanted)
        with self._changes:
            for stream in wanted:
                route = self._routes[stream]
                route.taps = (*route.taps, take)

    def publish(self, sample: Sample) -> None:
        """Hand a sample to all who want it, from any thread, without waiting."""
        try:
            route = self._routes[sample.stream]
        except KeyError:
            raise ValueError(f'there is no stream "{sample.stream}"') from None
        for subscription in route.subscriptions:
            subscription.put(sample)
        weight = len(sample.pcm) if isinstance(sample, AudioBlock) else 1
        with route.lock:
            route.count += weight
        for take in route.taps:
            take(sample)

    def counts(self) -> dict[str, int]:
        """Samples published so far by stream; single PCM samples where it is sound."""
        return {stream: route.count for stream, route in self._routes.items()}

    def _check(self, streams: Collection[str]) -> None:
        unknown = sorted(set(streams) - set(STREAMS))
        if unknown:
            raise ValueError(f"there is no stream {', '.join(unknown)}")
