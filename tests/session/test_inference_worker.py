"""The inference thread: every frame in its time, replaced ones counted, failures survived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from session_fakes import FakeAnalyser, frame, wait_until

from journeylab.clock import SessionClock
from journeylab.errors import InferenceError
from journeylab.inference.measures import FaceMeasures
from journeylab.session.backlog import Bounded
from journeylab.session.fanout import FanOut
from journeylab.session.health import HealthLog
from journeylab.session.inference_worker import HANG_S, InferenceWorker
from journeylab.streams import Frame, Row


class Bench:
    """A worker around a fake analyser."""

    def __init__(
        self, *, factory: Callable[[], FakeAnalyser] | None = None, hang_s: float = HANG_S
    ) -> None:
        self.clock = SessionClock()
        self.fanout = FanOut()
        self.queue = self.fanout.subscribe("test", Bounded(1 << 20))
        self.log = HealthLog(self.fanout.publish, clock=self.clock)
        self.analyser = FakeAnalyser()
        self.results: list[tuple[Frame, FaceMeasures]] = []
        self.worker = InferenceWorker(
            self.fanout,
            factory or (lambda: self.analyser),
            clock=self.clock,
            log=self.log,
            consumers=(lambda frame, measures: self.results.append((frame, measures)),),
            hang_s=hang_s,
        )

    def rows(self, stream: str) -> list[Row]:
        return [s for s in self.queue.pop_all() if isinstance(s, Row) and s.stream == stream]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.worker.finish(5)


def test_measures_are_published_with_the_time_of_their_frame(bench: Bench) -> None:
    bench.worker.start()
    bench.fanout.publish(frame(12345, 7))
    wait_until(lambda: bench.results)
    samples = [s for s in bench.queue.pop_all() if isinstance(s, Row)]
    assert {s.stream for s in samples} == {
        "face",
        "landmarks",
        "face_measures",
        "action_units",
        "action_units_raw",
        "affect",
        "gaze",
    }
    assert {s.t_ns for s in samples} == {12345}
    assert all(s.arrived_ns is not None for s in samples)
    (result_frame, measures) = bench.results[0]
    assert result_frame.index == 7
    assert measures.t_ns == 12345


def test_the_analyser_lives_on_the_inference_thread_from_making_to_closing(bench: Bench) -> None:
    bench.worker.start()
    bench.worker.wait_ready(5)
    bench.fanout.publish(frame(1))
    wait_until(lambda: bench.results)
    assert bench.worker.finish(5)
    assert bench.analyser.threads == {"inference"}
    assert bench.analyser.is_closed


def test_a_burst_of_three_frames_is_analysed_whole(bench: Bench) -> None:
    bench.analyser.cost_s = 0.02
    bench.worker.start()
    bench.worker.wait_ready(5)
    for burst in range(5):
        for n in range(3):
            bench.fanout.publish(frame(burst * 100 + n, n))
        wait_until(
            lambda: bench.queue.counts().waiting and not bench.worker._frames.counts().waiting
        )
        time.sleep(0.025)
    wait_until(lambda: len(bench.results) == 15)
    assert bench.worker.counts().replaced == 0
    assert bench.worker.counts().share == 1.0


def test_frames_the_model_has_no_time_for_are_replaced_and_counted(bench: Bench) -> None:
    bench.analyser.cost_s = 0.05
    bench.worker.start()
    bench.worker.wait_ready(5)
    for n in range(30):
        bench.fanout.publish(frame(n, n))
    assert bench.worker.finish(5)
    counts = bench.worker.counts()
    assert counts.analysed + counts.replaced == 30
    assert counts.replaced >= 20
    assert bench.results[-1][0].index == 29
    assert sum(int(str(row.values[2])) for row in bench.rows("health")) == counts.replaced
    assert bench.log.lost_of("face") == counts.replaced


def test_a_frame_the_model_chokes_on_is_shown_and_the_next_one_recovers(bench: Bench) -> None:
    bench.analyser.breaks_on = lambda n: n == 0
    bench.worker.start()
    bench.fanout.publish(frame(1))
    wait_until(lambda: bench.worker.counts().failed)
    wait_until(lambda: bench.log.fault_of("face"))
    assert "the model choked" in (bench.log.fault_of("face") or "")
    bench.fanout.publish(frame(2))
    wait_until(lambda: bench.results)
    assert bench.log.fault_of("face") is None
    assert [row.values[1] for row in bench.rows("health")] == ["fault", "recovered"]
    assert bench.worker.counts().failed == 1


def test_a_model_that_cannot_be_loaded_says_so_and_takes_no_frames() -> None:
    def refuse() -> FakeAnalyser:
        raise OSError("libGL.so.1 is missing")

    bench = Bench(factory=refuse)
    bench.worker.start()
    with pytest.raises(InferenceError, match="libGL"):
        bench.worker.wait_ready(5)
    bench.fanout.publish(frame(1))
    assert bench.worker.finish(1)
    assert "libGL" in (bench.log.fault_of("face") or "")
    assert bench.worker.counts().analysed == 0


def test_what_is_asked_of_the_analyser_is_done_before_the_next_frame(bench: Bench) -> None:
    seen: list[float] = []
    bench.worker.start()
    bench.worker.submit(lambda _: seen.append(len(bench.analyser.analysed)))
    bench.fanout.publish(frame(1))
    wait_until(lambda: bench.results)
    assert seen == [0]


def test_waiting_frames_are_analysed_before_the_end(bench: Bench) -> None:
    bench.analyser.cost_s = 0.02
    bench.worker.start()
    bench.worker.wait_ready(5)
    for n in range(3):
        bench.fanout.publish(frame(n, n))
    bench.worker.finish(5)
    assert bench.analyser.analysed == [0, 1, 2]


def test_no_share_is_claimed_before_the_first_frame(bench: Bench) -> None:
    bench.worker.start()
    assert np.isnan(bench.worker.counts().share)


def _dying_first(made: list[FakeAnalyser]) -> Callable[[], FakeAnalyser]:
    """Makes analysers of which the first fails on every frame after the third."""

    def make() -> FakeAnalyser:
        analyser = FakeAnalyser()
        if not made:
            analyser.breaks_on = lambda n: n >= 3
        made.append(analyser)
        return analyser

    return make


def test_an_analysis_that_breaks_is_started_again_with_what_was_calibrated() -> None:
    made: list[FakeAnalyser] = []
    bench = Bench(factory=_dying_first(made))
    bench.worker.start()
    bench.worker.wait_ready(5)
    bench.worker.submit(lambda analyser: analyser.set_neutral("a face"))  # type: ignore[arg-type]
    n = 0

    def feed() -> bool:
        nonlocal n
        bench.fanout.publish(frame(n, n))
        n += 1
        return len(made) == 2 and len(bench.results) >= 6

    wait_until(feed)
    bench.worker.finish(5)
    first, second = made
    assert first.is_closed
    assert first.neutral == second.neutral == "a face"
    assert bench.log.fault_of("face") is None
    told = [(row.values[1], row.values[3]) for row in bench.rows("health")]
    kinds = [kind for kind, _ in told if kind != "drop"]
    assert kinds == ["fault", "fault", "recovered"]
    assert any("started again" in str(words) for _, words in told)


def test_an_act_that_fails_does_not_end_the_analysis_for_good(bench: Bench) -> None:
    def fail(_: object) -> None:
        raise ValueError("no such thing")

    bench.worker.start()
    bench.worker.wait_ready(5)
    bench.worker.submit(fail)
    wait_until(lambda: bench.log.fault_of("face"))
    bench.fanout.publish(frame(1))
    wait_until(lambda: bench.results)
    assert bench.log.fault_of("face") is None


def test_an_analysis_that_breaks_twice_ends_and_says_so(bench: Bench) -> None:
    def fail(_: object) -> None:
        raise ValueError("no such thing")

    bench.worker.start()
    bench.worker.wait_ready(5)
    for said in ("started again", "still recorded"):
        bench.worker.submit(fail)
        wait_until(lambda said=said: said in (bench.log.fault_of("face") or ""))
    bench.fanout.publish(frame(1))  # published as before, and analysed by nobody
    assert bench.worker.finish(5)
    assert bench.results == []


class Hanging:
    """Makes analysers of which the first ``hangs`` do not come back from a frame until let go."""

    def __init__(self, hangs: int = 1, *, at: int = 2) -> None:
        self.made: list[FakeAnalyser] = []
        self.let_go = threading.Event()
        self.is_back = threading.Event()
        self._hangs, self._at = hangs, at

    def __call__(self) -> FakeAnalyser:
        analyser = FakeAnalyser(valence=10.0 * (len(self.made) + 1))
        if len(self.made) < self._hangs:
            analyser.breaks_on = self._hang
        self.made.append(analyser)
        return analyser

    def _hang(self, n: int) -> bool:
        if n >= self._at:
            self.let_go.wait(20)
            self.is_back.set()
        return False


def _feed(bench: Bench, until: Callable[[], object]) -> None:
    """Frames at 200 Hz, and the watch over them, until it is so."""
    index = 0

    def one() -> object:
        nonlocal index
        bench.fanout.publish(frame(index, index))
        bench.worker.watch()
        index += 1
        return until()

    wait_until(one)


def test_a_model_that_hangs_is_given_up_and_started_again_with_what_was_calibrated() -> None:
    hanging = Hanging()
    bench = Bench(factory=hanging, hang_s=0.3)
    bench.worker.start()
    bench.worker.wait_ready(5)
    bench.worker.submit(lambda analyser: analyser.set_neutral("a face"))  # type: ignore[arg-type]
    bench.worker.submit(lambda analyser: analyser.set_calibration("a fit"))  # type: ignore[arg-type]
    try:
        _feed(bench, lambda: len(bench.results) >= 6)
        first, second = hanging.made
        assert second.neutral == "a face"
        assert second.calibration == "a fit"
        assert bench.log.fault_of("face") is None
        told = [row.values for row in bench.rows("health") if row.values[1] != "drop"]
        assert [values[1] for values in told] == ["fault", "recovered"]
        assert "does not come back from a frame for 0.3 s" in str(told[0][3])
        assert "started again" in str(told[0][3])
        assert bench.worker.counts().failed == 1
    finally:
        hanging.let_go.set()
        assert bench.worker.finish(5)
    wait_until(lambda: first.is_closed)
    assert second.is_closed


def test_what_a_model_that_was_given_up_brings_late_is_not_published() -> None:
    hanging = Hanging()
    bench = Bench(factory=hanging, hang_s=0.3)
    bench.worker.start()
    bench.worker.wait_ready(5)
    _feed(bench, lambda: len(hanging.made) == 2)
    hung_at = hanging.made[0].analysed[-1]
    hanging.let_go.set()
    wait_until(lambda: hanging.made[0].is_closed)
    assert hanging.is_back.is_set()
    assert bench.worker.finish(5)
    faces = [row.t_ns for row in bench.rows("face")]
    assert hung_at not in faces
    assert [result.t_ns for result, _ in bench.results] == faces
    assert faces == sorted(set(faces))
    valences = [measures.valence for _, measures in bench.results]
    assert valences == sorted(valences)  # nothing of the first after the second began
    counts = bench.worker.counts()
    assert counts.analysed == len(faces)
    assert counts.failed == 1


def test_a_model_that_hangs_twice_is_left_and_said_so_and_nothing_waits_for_it() -> None:
    hanging = Hanging(hangs=2, at=0)
    bench = Bench(factory=hanging, hang_s=0.2)
    bench.worker.start()
    bench.worker.wait_ready(5)
    try:
        _feed(bench, lambda: "still recorded" in (bench.log.fault_of("face") or ""))
        bench.fanout.publish(frame(1))  # published as before, and analysed by nobody
        began = time.monotonic()
        assert bench.worker.finish(5)
        assert time.monotonic() - began < 1
    finally:
        hanging.let_go.set()
    wait_until(lambda: all(analyser.is_closed for analyser in hanging.made))
    assert bench.results == []
    assert bench.rows("face") == []


def test_a_slow_model_and_one_without_frames_are_not_taken_for_hanging() -> None:
    bench = Bench(hang_s=0.3)
    bench.analyser.cost_s = 0.15
    bench.worker.start()
    bench.worker.wait_ready(5)
    _feed(bench, lambda: len(bench.results) >= 4)
    wait_until(lambda: not bench.worker._frames.counts().waiting)
    time.sleep(0.6)
    bench.worker.watch()
    assert bench.log.fault_of("face") is None
    assert bench.worker.finish(5)


def test_a_view_that_fails_does_not_stop_the_analysis() -> None:
    bench = Bench()

    def fail(*_: object) -> None:
        raise RuntimeError("no paint")

    bench.worker = InferenceWorker(
        bench.fanout,
        lambda: bench.analyser,
        clock=bench.clock,
        log=bench.log,
        consumers=(fail, lambda frame, measures: bench.results.append((frame, measures))),
    )
    bench.worker.start()
    bench.worker.wait_ready(5)
    for n in range(3):
        bench.fanout.publish(frame(n, n))
        wait_until(lambda n=n: len(bench.results) == n + 1)
    bench.worker.finish(5)
    assert [row.values[1] for row in bench.rows("health")] == ["warning"]
    assert len(bench.log.warnings) == 1
