"""The playhead follows the clock at its speed and never leaves the session; the axis likewise."""

from __future__ import annotations

from itertools import pairwise

import pytest

from journeylab.analysis.replay_axis import SHORTEST_NS, TimeAxis, time_words
from journeylab.analysis.replay_playhead import SPEEDS, Playhead
from journeylab.clock import NS_PER_S

MINUTE_NS = 60 * NS_PER_S


@pytest.mark.parametrize("speed", SPEEDS)
def test_it_moves_at_its_speed(speed: float) -> None:
    head = Playhead(0, MINUTE_NS, 10 * NS_PER_S).at_speed(speed, 0).playing(5 * NS_PER_S)
    assert head.position_ns(8 * NS_PER_S) == round((10 + 3 * speed) * NS_PER_S)
    assert head.still(8 * NS_PER_S).position_ns(99 * NS_PER_S) == head.position_ns(8 * NS_PER_S)


def test_a_change_of_speed_does_not_jump() -> None:
    head = Playhead(0, MINUTE_NS, 0).playing(0)
    faster = head.at_speed(4.0, 2 * NS_PER_S)
    assert faster.position_ns(2 * NS_PER_S) == 2 * NS_PER_S
    assert faster.position_ns(3 * NS_PER_S) == 6 * NS_PER_S


def test_it_stays_within_the_session_and_begins_again_from_its_end() -> None:
    head = Playhead(NS_PER_S, MINUTE_NS, 0)
    assert head.position_ns(0) == NS_PER_S
    end = head.moved_to(1 << 62, 0).playing(0)
    assert end.position_ns(5) == NS_PER_S + 5
    assert head.playing(0).is_at_end(2 * MINUTE_NS)
    with pytest.raises(ValueError, match="positive"):
        head.at_speed(0.0, 0)


def test_the_axis_keeps_the_time_under_the_pointer_while_it_zooms() -> None:
    axis = TimeAxis(0, 60 * MINUTE_NS, 0, 60 * MINUTE_NS, 1000.0)
    about = 17 * MINUTE_NS
    x = axis.x_of(about)
    for _ in range(10):
        axis = axis.zoomed(0.7, about)
        assert axis.x_of(about) == pytest.approx(x, abs=0.01)
    for _ in range(40):
        axis = axis.zoomed(0.7, about)
    assert axis.length_ns == SHORTEST_NS
    for _ in range(60):
        axis = axis.zoomed(1.4, about)
    assert (axis.first_ns, axis.last_ns) == (0, 60 * MINUTE_NS)


def test_the_axis_turns_on_when_the_playhead_leaves_it() -> None:
    axis = TimeAxis(0, 60 * MINUTE_NS, 0, 60 * MINUTE_NS, 1000.0).zoomed(0.1, 0)
    assert axis.following(3 * MINUTE_NS) is axis
    turned = axis.following(30 * MINUTE_NS)
    assert 0 < turned.x_of(30 * MINUTE_NS) < 100
    assert axis.following(60 * MINUTE_NS).last_ns == 60 * MINUTE_NS


@pytest.mark.parametrize("minutes", [0.1, 1, 7, 60, 180])
def test_ticks_are_round_and_leave_each_other_room(minutes: float) -> None:
    end_ns = round(minutes * MINUTE_NS)
    axis = TimeAxis(0, end_ns, 0, end_ns, 1000.0)
    ticks = axis.ticks()
    places = [axis.x_of(t_ns) for t_ns, _ in ticks]
    assert len(ticks) >= 2
    assert min(b - a for a, b in pairwise(places)) >= 80


def test_times_are_cut_not_rounded_up() -> None:
    assert time_words(59.99, tenths=True) == "0:59.9"
    assert time_words(3599.99) == "59:59"
    assert time_words(0.3, tenths=True) == "0:00.3"
