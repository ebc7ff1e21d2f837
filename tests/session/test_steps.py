"""Step markers, visits and durations."""

from __future__ import annotations

import pytest

from journeylab.clock import NS_PER_S
from journeylab.errors import SessionError
from journeylab.session.steps import StepLog


def test_entering_a_step_ends_the_one_before_at_the_same_instant() -> None:
    log = StepLog(["ad", "shop"])
    assert [row.values for row in log.enter(0, t_ns=10)] == [("ad", "start", 1)]
    rows = log.enter(1, t_ns=20)
    assert [(row.t_ns, *row.values) for row in rows] == [
        (20, "ad", "end", 1),
        (20, "shop", "start", 1),
    ]
    assert [row.values for row in log.leave(t_ns=30)] == [("shop", "end", 1)]
    assert log.leave(t_ns=40) == ()


def test_a_second_visit_is_counted_and_its_time_added() -> None:
    log = StepLog(["ad", "shop"])
    log.enter(0, t_ns=0)
    log.enter(1, t_ns=2 * NS_PER_S)
    rows = log.enter(0, t_ns=3 * NS_PER_S)
    assert rows[-1].values == ("ad", "start", 2)
    assert log.visit == 2
    assert log.durations_s(5 * NS_PER_S) == (4.0, 1.0)


def test_a_call_that_came_in_late_does_not_turn_time_back() -> None:
    log = StepLog(["ad", "shop"])
    log.enter(0, t_ns=100)
    rows = log.enter(1, t_ns=90)
    assert [row.t_ns for row in rows] == [100, 100]
    assert log.durations_s(100) == (0.0, 0.0)


@pytest.mark.parametrize(("index", "words"), [(2, "last step"), (-1, "before the first")])
def test_there_is_no_step_beyond_the_ends(index: int, words: str) -> None:
    log = StepLog(["ad", "shop"])
    log.enter(1, t_ns=0)
    with pytest.raises(SessionError, match=words):
        log.enter(index, t_ns=1)
    assert log.index == 1
