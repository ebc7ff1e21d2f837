"""Queues between sources and consumers: what waits, what is dropped, what is replaced."""

from __future__ import annotations

import threading
import time

import pytest
from session_fakes import frame, marker, pointer_move, sound

from journeylab.session.backlog import Bounded, memory_bytes
from journeylab.session.fanout import FanOut, Latest
from journeylab.streams import Row

FRAME_BYTES = memory_bytes(frame(0))


def test_a_full_queue_drops_frames_counts_them_and_keeps_every_critical_sample() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("slow disk", Bounded(4 * FRAME_BYTES))
    for n in range(100):
        fanout.publish(frame(n, n))
        fanout.publish(pointer_move(n))
        fanout.publish(marker(n))
    samples = queue.pop_all()
    kept = sum(s.stream == "camera" for s in samples)
    assert sum(s.stream == "pointer" for s in samples) == 100
    assert sum(s.stream == "markers" for s in samples) == 100
    assert queue.counts().dropped == {"camera": 100 - kept}
    assert queue.counts().taken == 200 + kept
    (drop,) = queue.pop_drops()
    assert drop.count == 100 - kept
    assert queue.pop_drops() == []


def test_room_comes_back_once_the_consumer_has_taken_what_waited() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("disk", Bounded(2 * FRAME_BYTES))
    for _ in range(3):
        fanout.publish(frame(1))
        fanout.publish(frame(2))
        queue.get(0)
        queue.pop_all()
    assert queue.counts().dropped == {}
    assert queue.counts().waiting_bytes == 0


def test_the_newest_frames_replace_older_ones_and_these_are_counted() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("model", Latest(2), ("camera",))
    for n in range(10):
        fanout.publish(frame(n, n))
    assert [sample.t_ns for sample in queue.pop_all()] == [8, 9]
    assert queue.counts().replaced == 8


def test_only_the_streams_asked_for_arrive() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("model", Bounded(1 << 20), ("camera",))
    fanout.publish(pointer_move(1))
    fanout.publish(frame(2))
    assert [sample.stream for sample in queue.pop_all()] == ["camera"]


def test_an_undeclared_stream_is_refused_on_both_ends() -> None:
    fanout = FanOut()
    with pytest.raises(ValueError, match="teeth"):
        fanout.subscribe("dentist", Latest(), ("teeth",))
    with pytest.raises(ValueError, match="teeth"):
        fanout.publish(Row("teeth", 0, ()))


def test_a_waiting_consumer_is_woken_by_a_sample_and_by_the_close() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("model", Latest(), ("camera",))
    got: list[object] = []

    def consume() -> None:
        got.append(queue.get(5))
        got.append(queue.get(5))

    thread = threading.Thread(target=consume)
    thread.start()
    fanout.publish(frame(1))
    while not got:
        time.sleep(0.001)
    fanout.unsubscribe(queue)
    thread.join(1)
    assert not thread.is_alive()
    assert got[1] is None


def test_nothing_enters_after_the_close_but_what_waits_can_be_taken() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("disk", Bounded(1 << 20))
    fanout.publish(frame(1))
    fanout.unsubscribe(queue)
    fanout.unsubscribe(queue)
    fanout.publish(frame(2))
    assert [sample.t_ns for sample in queue.pop_all()] == [1]


def test_many_publishers_lose_nothing_and_each_keeps_its_order() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("disk", Bounded(1 << 20))
    n_threads, n_each = 8, 2000
    got: list[tuple[float, int]] = []
    done = threading.Event()

    def publish(source: int) -> None:
        for n in range(n_each):
            fanout.publish(pointer_move(n, float(source)))

    def consume() -> None:
        while not done.is_set() or queue.counts().waiting:
            for sample in queue.pop_all():
                assert isinstance(sample, Row)
                got.append((sample.values[0], sample.t_ns))

    consumer = threading.Thread(target=consume)
    publishers = [threading.Thread(target=publish, args=(n,)) for n in range(n_threads)]
    for thread in (consumer, *publishers):
        thread.start()
    for thread in publishers:
        thread.join()
    done.set()
    consumer.join()
    assert len(got) == n_threads * n_each
    for source in range(n_threads):
        assert [t for s, t in got if s == source] == list(range(n_each))
    assert fanout.counts()["pointer"] == n_threads * n_each


def test_publishing_takes_microseconds_even_when_nobody_takes_anything() -> None:
    fanout = FanOut()
    fanout.subscribe("stuck recorder", Bounded(50 * FRAME_BYTES))
    fanout.subscribe("stuck model", Latest(3), ("camera",))
    samples = [frame(n, n) for n in range(5000)]
    began = time.perf_counter()
    for sample in samples:
        fanout.publish(sample)
    each_us = (time.perf_counter() - began) / len(samples) * 1e6
    print(f"publish: {each_us:.2f} µs a sample")
    assert each_us < 100


def test_sound_is_counted_in_single_samples() -> None:
    fanout = FanOut()
    fanout.publish(sound(0, n=480))
    assert fanout.counts()["microphone"] == 480


def test_a_tap_sees_each_sample_at_once_after_the_queues() -> None:
    fanout = FanOut()
    queue = fanout.subscribe("disk", Bounded(1 << 20))
    waiting: list[int] = []
    fanout.tap(lambda _: waiting.append(queue.counts().waiting), ("camera",))
    fanout.publish(frame(1))
    fanout.publish(pointer_move(2))
    assert waiting == [1]
