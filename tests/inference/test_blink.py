"""Blinks: one closure is one blink, and long closures are none."""

from __future__ import annotations

from journeylab.clock import NS_PER_MS
from journeylab.inference.blink import BlinkState


def flags(closures: list[float], *, step_ms: int = 33) -> list[bool]:
    state, found = BlinkState(), []
    for at, closure in enumerate(closures):
        t_ns = at * step_ms * NS_PER_MS
        state = state.seen(closure, t_ns=t_ns)
        found.append(state.is_blink(t_ns))
    return found


def test_a_short_closure_is_one_blink() -> None:
    assert (
        flags([0, 0.2, 0.8, 1.0, 0.5, 0.6, 0.4, 0.2, 0]) == [False] * 2 + [True] * 5 + [False] * 2
    )


def test_half_closed_lids_are_no_blink() -> None:
    assert not any(flags([0.5] * 30))


def test_closed_eyes_are_no_blink_after_half_a_second() -> None:
    found = flags([1.0] * 40)
    assert found[0] and not found[-1]
    assert sum(found) == 16


def test_a_lost_frame_changes_nothing() -> None:
    assert flags([1.0, float("nan"), 1.0]) == [True, True, True]
