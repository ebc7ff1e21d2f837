"""The writer thread: what is written, what is kept when the disk fails, what is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_fakes import MemoryWriter, frame, marker, pointer_move, wait_until

from journeylab.clock import SessionClock
from journeylab.errors import StorageError
from journeylab.session import recorder as recorder_module
from journeylab.session.backlog import Bounded, memory_bytes
from journeylab.session.fanout import FanOut
from journeylab.session.health import HealthLog
from journeylab.session.recorder import Recorder
from journeylab.streams import STREAMS, Row, Sample


class Bench:
    """A recorder on a writer in memory."""

    def __init__(
        self,
        path: Path,
        *,
        streams: tuple[str, ...] = tuple(STREAMS),
        room: int = 100,
        critical_bytes: int = 1 << 28,
    ) -> None:
        self.clock = SessionClock()
        self.fanout = FanOut()
        self.log = HealthLog(self.fanout.publish, clock=self.clock)
        self.writer = MemoryWriter(path / "P01.h5")
        self.faults: list[str] = []
        self.recorder = Recorder(
            self.fanout,
            lambda: self.writer,
            streams=streams,
            clock=self.clock,
            log=self.log,
            on_fault=self.faults.append,
            waiting=Bounded(room * memory_bytes(frame(0)), critical_bytes=critical_bytes),
        )

    def now_ns(self) -> int:
        return self.clock.now_ns()

    def publish(self, *samples: Sample) -> None:
        for sample in samples:
            self.fanout.publish(sample)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.writer.go_on.set()
    made.recorder.finish(5)


def test_all_that_was_published_is_written_in_order_by_one_thread(bench: Bench) -> None:
    bench.recorder.start()
    published = [pointer_move(bench.now_ns(), float(n)) for n in range(1000)]
    bench.publish(*published)
    assert bench.recorder.finish(5)
    assert bench.writer.samples == published
    assert bench.writer.threads == {"recorder"}
    assert bench.writer.closed == 1


def test_samples_of_a_tick_are_written_together(bench: Bench) -> None:
    bench.recorder.start()
    for _ in range(5):
        bench.publish(*(pointer_move(bench.now_ns()) for _ in range(100)))
        wait_until(lambda: len(bench.writer.samples) % 100 == 0)
    bench.recorder.finish(5)
    assert len(bench.writer.samples) == 500
    assert bench.writer.ticks <= 10


def test_rows_do_not_wait_until_a_frame_is_encoded(bench: Bench) -> None:
    bench.recorder.start()
    write, encoding = bench.writer.write, threading.Event()

    def slow_at_video(samples: list[Sample]) -> None:
        if any(sample.stream == "camera" for sample in samples):
            encoding.set()
            bench.writer.go_on.wait(10)
        write(samples)

    bench.writer.write = slow_at_video  # type: ignore[method-assign]
    for n in range(5):  # whatever ticks they fall into
        bench.publish(frame(bench.now_ns(), n), marker(bench.now_ns(), f"m{n}"))
    assert encoding.wait(5)
    assert bench.writer.of("markers")
    assert not bench.writer.of("camera")
    bench.writer.go_on.set()
    assert bench.recorder.finish(5)
    assert len(bench.writer.of("markers")) == len(bench.writer.of("camera")) == 5


def test_only_the_streams_agreed_to_reach_the_writer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, streams=("pointer", "health"))
    bench.recorder.start()
    bench.publish(frame(bench.now_ns()), pointer_move(bench.now_ns()))
    bench.recorder.finish(5)
    assert [sample.stream for sample in bench.writer.samples] == ["pointer"]


def test_what_happened_before_the_start_or_after_the_end_is_not_kept(bench: Bench) -> None:
    early = bench.now_ns()
    start_ns = bench.recorder.start()
    inside = bench.now_ns()
    bench.publish(pointer_move(early), pointer_move(inside))
    bench.recorder.end(bench.now_ns())
    bench.publish(pointer_move(bench.now_ns()))
    bench.recorder.finish(5)
    assert early < start_ns <= inside
    assert [sample.t_ns for sample in bench.writer.samples] == [inside]


def test_a_full_disk_faults_visibly_and_keeps_what_was_written(bench: Bench) -> None:
    bench.recorder.start()
    bench.publish(marker(bench.now_ns(), "kept"))
    wait_until(lambda: bench.writer.samples)
    bench.writer.full_from_tick = bench.writer.ticks + 1
    bench.publish(marker(bench.now_ns(), "lost"))
    wait_until(lambda: bench.faults)
    assert bench.faults == ["The disk is full. What was recorded until now is kept."]
    assert bench.log.faults == tuple(bench.faults)
    assert bench.recorder.finish(1)
    assert [s.values[0] for s in bench.writer.of("markers") if isinstance(s, Row)] == ["kept"]
    assert bench.writer.closed == 1


def test_what_cannot_be_had_again_is_tried_once_more_on_a_full_disk(bench: Bench) -> None:
    bench.recorder.start()
    written = bench.writer.write
    refused = iter([True])

    def write(samples: list[Sample]) -> None:
        if next(refused, False):
            bench.publish(marker(bench.now_ns(), "behind"))
            raise StorageError("The disk is full.")
        written(samples)

    bench.writer.write = write  # type: ignore[method-assign]
    bench.publish(frame(bench.now_ns()), marker(bench.now_ns(), "failed"))
    wait_until(lambda: bench.writer.closed)
    rescued = [s.values[0] for s in bench.writer.of("markers") if isinstance(s, Row)]
    assert rescued == ["failed", "behind"]
    assert not bench.writer.of("camera")
    (fault,) = bench.writer.of("health")
    assert isinstance(fault, Row)
    assert fault.values[1] == "fault"
    assert bench.faults == ["The disk is full. What was recorded until now is kept."]


def test_a_disk_that_does_not_answer_is_told_while_it_lasts_and_when_it_is_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_STALL_S", 0.1)
    monkeypatch.setattr(recorder_module, "_WATCH_S", 0.02)
    bench.recorder.start()
    bench.writer.slow.set()
    bench.publish(marker(bench.now_ns()))
    wait_until(lambda: bench.log.faults)
    assert "The disk does not keep up" in bench.log.faults[0]
    bench.writer.slow.clear()
    bench.writer.go_on.set()
    wait_until(lambda: not bench.log.faults)
    assert bench.recorder.finish(5)
    kinds = [s.values[1] for s in bench.writer.of("health") if isinstance(s, Row)]
    assert kinds == ["fault", "recovered"]
    assert not bench.faults


def test_a_disk_that_never_answers_ends_the_recording_and_keeps_what_fitted(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, critical_bytes=20_000)
    bench.recorder.start()
    bench.writer.slow.set()
    for n in range(300):
        bench.publish(pointer_move(bench.now_ns(), n))
    assert bench.recorder._subscription.counts().waiting_bytes <= 20_000
    bench.writer.go_on.set()
    wait_until(lambda: bench.faults)
    assert "did not answer for many minutes" in bench.faults[0]
    assert bench.recorder.finish(5)
    xs = [s.values[0] for s in bench.writer.of("pointer") if isinstance(s, Row)]
    assert xs == list(range(len(xs)))
    assert 20 < len(xs) < 300


def test_after_a_full_disk_nothing_piles_up_in_memory(bench: Bench) -> None:
    bench.recorder.start()
    bench.writer.full_from_tick = 1
    bench.publish(marker(bench.now_ns()))
    wait_until(lambda: bench.faults)
    for n in range(1000):
        bench.publish(pointer_move(n))
    assert bench.recorder._subscription.counts().waiting <= 1


def test_a_writer_that_cannot_be_opened_refuses_the_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    def refuse() -> MemoryWriter:
        raise StorageError("The folder is read-only.")

    recorder = Recorder(
        bench.fanout,
        refuse,
        streams=("pointer",),
        clock=bench.clock,
        log=bench.log,
        on_fault=bench.faults.append,
    )
    with pytest.raises(StorageError, match="read-only"):
        recorder.start()
    assert not bench.faults


def test_frames_dropped_behind_a_slow_disk_are_counted_in_the_session_itself(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, room=4)
    bench.recorder.start()
    bench.writer.slow.set()
    bench.publish(marker(bench.now_ns()))
    # The writer hangs in its first write; nobody takes from the queue now.
    wait_until(lambda: bench.writer.threads)
    frames = [frame(bench.now_ns(), n) for n in range(10)]
    bench.publish(*frames)
    bench.publish(marker(bench.now_ns()))
    bench.writer.slow.clear()
    bench.writer.go_on.set()
    assert bench.recorder.finish(5)
    first_lost, *_, last_lost = frames[3:]
    assert bench.writer.of("camera") == frames[:3]
    assert len(bench.writer.of("markers")) == 2
    (drop,) = bench.writer.of("health")
    assert isinstance(drop, Row)
    where = f"left out from {first_lost.t_ns} to {last_lost.t_ns} ns"
    assert drop.values == ("camera", "drop", 7, f"writing fell behind, {where}")
    assert bench.recorder.dropped == 7
    assert bench.log.lost_of("camera") == 7


def test_a_sample_the_writer_refuses_does_not_end_the_session(bench: Bench) -> None:
    written = bench.writer.write
    refused = iter([True])

    def write(samples: list[Sample]) -> None:
        written(samples)
        if next(refused, False):
            raise ValueError("stream page: 8 values were wanted, 3 came")

    bench.writer.write = write  # type: ignore[method-assign]
    bench.recorder.start()
    bench.publish(marker(bench.now_ns()))
    wait_until(lambda: bench.log.warnings)
    bench.publish(marker(bench.now_ns()))
    bench.recorder.finish(5)
    assert "8 values were wanted" in bench.log.warnings[0]
    assert len(bench.writer.of("markers")) == 2
    assert not bench.faults
