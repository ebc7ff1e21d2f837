"""From every source to every consumer: queues with declared policies that never block a source."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from journeylab.streams import STREAMS, AudioBlock, Sample

Take: TypeAlias = Callable[[Sample], None]


@dataclass(frozen=True, slots=True)
class Bounded:
    """Every sample, in order.

    Of a droppable stream at most ``size`` samples wait (``sizes`` sets it per stream); what
    comes then is dropped and counted. Samples of critical streams always get in: they are small,
    and losing one loses what the session was for.
    """

    size: int
    sizes: Mapping[str, int] = field(default_factory=dict)

    def limit(self, stream: str) -> int | None:
        """How many samples of a stream may wait; None when it may not be dropped."""
        return None if STREAMS[stream].critical else self.sizes.get(stream, self.size)


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest ``depth`` samples; an older one is replaced, and counted."""

    depth: int = 1


@dataclass(frozen=True, slots=True)
class SubscriptionCounts:
    """What became of the samples: taken by the consumer, dropped (by stream), replaced, waiting."""

    taken: int
    dropped: Mapping[str, int]
    replaced: int
    waiting: int


class Subscription:
    """One consumer's queue. Made by :meth:`FanOut.subscribe`."""

    def __init__(self, name: str, policy: Bounded | Latest, streams: frozenset[str]) -> None:
        self.name = name
        self.policy = policy
        self.streams = streams
        self._ready = threading.Condition()
        self._waiting: deque[Sample] = deque()
        self._waiting_by_stream: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._replaced = 0
        self._taken = 0
        self._is_open = True
        self._limits = (
            {stream: policy.limit(stream) for stream in streams}
            if isinstance(policy, Bounded)
            else {}
        )

    def put(self, sample: Sample) -> None:
        """Take a sample in, or drop it by the policy; for the fan-out, from any thread."""
        with self._ready:
            if not self._is_open:
                return
            if isinstance(self.policy, Latest):
                if len(self._waiting) >= self.policy.depth:
                    self._waiting.popleft()
                    self._replaced += 1
            else:
                limit = self._limits[sample.stream]
                if limit is not None:
                    if self._waiting_by_stream[sample.stream] >= limit:
                        self._dropped[sample.stream] += 1
                        return
                    self._waiting_by_stream[sample.stream] += 1
            self._waiting.append(sample)
            self._ready.notify()

    def get(self, timeout_s: float) -> Sample | None:
        """The oldest waiting sample; None when none came in time, or when closed and empty."""
        with self._ready:
            self._ready.wait_for(lambda: self._waiting or not self._is_open, timeout_s)
            if not self._waiting:
                return None
            sample = self._waiting.popleft()
            self._waiting_by_stream[sample.stream] -= 1
            self._taken += 1
            return sample

    def pop_all(self) -> list[Sample]:
        """All waiting samples, oldest first; returns at once."""
        with self._ready:
            samples = list(self._waiting)
            self._waiting.clear()
            self._waiting_by_stream.clear()
            self._taken += len(samples)
            return samples

    def wait(self, timeout_s: float) -> bool:
        """Whether a sample waits, after at most ``timeout_s``."""
        with self._ready:
            self._ready.wait_for(lambda: self._waiting or not self._is_open, timeout_s)
            return bool(self._waiting)

    def close(self) -> None:
        """Let nothing more in and wake the consumer; what waits can still be taken."""
        with self._ready:
            self._is_open = False
            self._ready.notify_all()

    @property
    def is_open(self) -> bool:
        return self._is_open

    def counts(self) -> SubscriptionCounts:
        """A consistent reading, from any thread."""
        with self._ready:
            return SubscriptionCounts(
                self._taken, dict(self._dropped), self._replaced, len(self._waiting)
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
