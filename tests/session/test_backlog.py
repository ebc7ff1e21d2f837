"""What waits behind a slow disk: how much, what is given up first, and what never."""

from __future__ import annotations

import numpy as np
import pytest
from session_fakes import frame, marker, pointer_move, sound

from journeylab.session.backlog import DROP_ORDER, Backlog, Bounded, Drop, memory_bytes
from journeylab.streams import STREAMS, Picture, Row, Sample

FRAME_BYTES = memory_bytes(frame(0))


def picture(t_ns: int) -> Picture:
    return Picture(t_ns, "landing", 32, 24, "image/jpeg", bytes(FRAME_BYTES - 200))


def streams_of(samples: list[Sample]) -> list[str]:
    return [sample.stream for sample in samples]


def test_the_order_names_every_stream_that_is_not_critical_and_no_other() -> None:
    assert set(DROP_ORDER) == {name for name, spec in STREAMS.items() if not spec.critical}


def test_pictures_go_before_video_and_video_before_sound() -> None:
    backlog = Backlog(Bounded(4 * FRAME_BYTES))
    large_sound = sound(3, n=(FRAME_BYTES - 200) // 2)
    for sample in (picture(0), frame(1, 1), frame(2, 2), large_sound):
        backlog.put(sample)
    assert not backlog.dropped
    backlog.put(frame(4, 4))
    assert backlog.dropped == {"screen": 1}
    backlog.put(large_sound)
    assert backlog.dropped == {"screen": 1, "camera": 1}
    for _ in range(5):
        backlog.put(large_sound)
    assert backlog.dropped == {"screen": 1, "camera": 3, "microphone": 3}
    assert streams_of(backlog.take()) == ["microphone"] * 4


def test_video_is_left_out_as_a_whole_until_half_of_the_room_is_free_again() -> None:
    backlog = Backlog(Bounded(10 * FRAME_BYTES))
    for n in range(14):
        backlog.put(frame(n, n))
    first = backlog.take(3 * FRAME_BYTES)
    backlog.put(frame(14, 14))
    second = backlog.take(3 * FRAME_BYTES)
    backlog.put(frame(15, 15))
    indices = [s.index for s in (*first, *second, *backlog.take())]
    assert indices == [*range(10), 15]
    assert backlog.take_drops() == [Drop("camera", 5, 10, 14)]


def test_critical_samples_push_out_the_newest_frames_and_are_all_kept() -> None:
    backlog = Backlog(Bounded(6 * FRAME_BYTES))
    for n in range(6):
        backlog.put(frame(n, n))
    moves = 4 * FRAME_BYTES // memory_bytes(pointer_move(0))
    for n in range(moves):
        backlog.put(pointer_move(n))
    assert backlog.n_bytes <= 6 * FRAME_BYTES
    samples = backlog.take()
    assert [s.index for s in samples if s.stream == "camera"] == [0, 1]
    assert sum(s.stream == "pointer" for s in samples) == moves
    assert backlog.n_bytes == backlog.waiting == 0


def test_what_waits_never_exceeds_its_room_whatever_comes() -> None:
    rng = np.random.default_rng(4)
    room = 30 * FRAME_BYTES
    backlog = Backlog(Bounded(room))
    make = (frame, picture, sound, pointer_move, marker)
    sent: dict[str, list[int]] = {}
    kept: dict[str, list[int]] = {}
    for t_ns in range(5000):
        sample = make[rng.integers(len(make))](t_ns)
        sent.setdefault(sample.stream, []).append(t_ns)
        backlog.put(sample)
        assert backlog.n_bytes <= room
        if rng.random() < 0.03:
            for taken in backlog.take(int(rng.integers(1, room))):
                kept.setdefault(taken.stream, []).append(taken.t_ns)
    for taken in backlog.take():
        kept.setdefault(taken.stream, []).append(taken.t_ns)
    for stream, times in sent.items():
        assert kept[stream] == sorted(kept[stream])
        assert len(kept[stream]) + backlog.dropped[stream] == len(times)
        if STREAMS[stream].critical:
            assert kept[stream] == times
    assert sum(drop.count for drop in backlog.take_drops()) == sum(backlog.dropped.values()) > 100


def test_a_disk_that_never_answers_ends_in_an_overrun_and_not_in_all_memory() -> None:
    one = memory_bytes(marker(0))
    backlog = Backlog(Bounded(1 << 20, critical_bytes=10 * one))
    for n in range(20):
        backlog.put(marker(n))
    assert backlog.is_overrun
    assert backlog.dropped == {"markers": 10}
    assert [sample.t_ns for sample in backlog.take()] == list(range(10))


def test_at_least_one_sample_is_taken_however_small_the_limit() -> None:
    backlog = Backlog(Bounded(1 << 20))
    for n in range(3):
        backlog.put(marker(n))
    assert [sample.t_ns for sample in backlog.take(1)] == [0]
    assert [sample.t_ns for sample in backlog.take()] == [1, 2]


@pytest.mark.parametrize(
    ("sample", "at_least"),
    [
        (frame(0), 24 * 32 * 3),
        (sound(0, n=480), 960),
        (Row("landmarks", 0, (np.zeros((478, 3), np.float32),)), 478 * 12),
        (Row("notes", 0, ("x" * 5000, "m")), 5000),
    ],
)
def test_large_values_are_counted_with_their_size(sample: Sample, at_least: int) -> None:
    assert at_least < memory_bytes(sample) < at_least + 500
