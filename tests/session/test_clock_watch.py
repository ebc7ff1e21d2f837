"""Sleep and clock steps are told apart, noted, and change nothing else."""

from __future__ import annotations

import time

import pytest

from journeylab.clock import NS_PER_MS, NS_PER_S, Clock, SessionClock, VirtualClock
from journeylab.session.clock_watch import ClockWatch
from journeylab.session.health import HealthLog
from journeylab.streams import Row, Sample

TICK_NS = NS_PER_S // 4


class Bench:
    """A watch on a clock in the test's hands."""

    def __init__(self, clock: Clock) -> None:
        self.published: list[Sample] = []
        self.watch = ClockWatch(clock, HealthLog(self.published.append, clock=clock))

    @property
    def told(self) -> list[tuple[object, object]]:
        rows = [sample.values for sample in self.published if isinstance(sample, Row)]
        assert all(values[0] == "session" for values in rows)
        return [(values[1], values[3]) for values in rows]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(wall_start_ns=1_700_000_000 * NS_PER_S)


@pytest.fixture
def bench(clock: VirtualClock) -> Bench:
    made = Bench(clock)
    made.watch.poll()
    return made


def test_a_computer_that_slept_is_noted_with_how_long(clock: VirtualClock, bench: Bench) -> None:
    clock.advance_ns(TICK_NS)
    clock.suspend_ns(90 * NS_PER_S)
    bench.watch.poll()
    ((kind, words),) = bench.told
    assert kind == "suspend"
    assert "slept for 90.0 s" in str(words)


@pytest.mark.parametrize(("step_s", "way"), [(2.5, "forward by 2.50"), (-0.08, "back by 0.08")])
def test_a_clock_that_was_set_is_noted_once(
    clock: VirtualClock, bench: Bench, step_s: float, way: str
) -> None:
    before_ns = clock.now_ns()
    clock.step_wall_ns(round(step_s * NS_PER_S))
    assert clock.now_ns() == before_ns
    for _ in range(3):
        clock.advance_ns(TICK_NS)
        bench.watch.poll()
    ((kind, words),) = bench.told
    assert kind == "clock_step"
    assert way in str(words)


def test_a_clock_set_after_waking_is_told_from_the_sleep(clock: VirtualClock, bench: Bench) -> None:
    clock.suspend_ns(30 * NS_PER_S)
    clock.step_wall_ns(-NS_PER_S)
    bench.watch.poll()
    assert [kind for kind, _ in bench.told] == ["suspend", "clock_step"]


def test_a_slewed_clock_is_nothing_to_note(clock: VirtualClock, bench: Bench) -> None:
    for _ in range(4 * 3600):
        clock.advance_ns(TICK_NS)
        clock.step_wall_ns(round(TICK_NS * 500e-6))
        bench.watch.poll()
    assert bench.told == []


def test_without_boot_time_sleep_is_at_least_a_clock_step(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "boot_ns", lambda: None)
    bench = Bench(clock)
    bench.watch.poll()
    clock.suspend_ns(30 * NS_PER_S)
    bench.watch.poll()
    assert [kind for kind, _ in bench.told] == ["clock_step"]


def test_a_reading_that_was_interrupted_is_not_believed(
    clock: VirtualClock, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall_ns = clock.wall_ns

    def slow_wall_ns() -> int:
        clock.advance_ns(200 * NS_PER_MS)  # the thread was put aside
        return wall_ns()

    monkeypatch.setattr(clock, "wall_ns", slow_wall_ns)
    bench.watch.poll()
    monkeypatch.undo()
    bench.watch.poll()
    assert bench.told == []


def test_the_computers_own_clocks_agree_while_nothing_happens() -> None:
    clock = SessionClock()
    bench = Bench(clock)
    for _ in range(50):
        bench.watch.poll()
        time.sleep(0.002)
    assert bench.told == []
    boot_ns = clock.boot_ns()
    assert boot_ns is None or boot_ns > 0
