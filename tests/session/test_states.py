"""States and moves as a table."""

from __future__ import annotations

import pytest

from journeylab.errors import SessionError
from journeylab.session.states import ACTS, MOVES, WORDS, Act, SessionState, StateCell


def test_every_state_and_act_has_its_line_and_its_words() -> None:
    assert set(MOVES) == set(SessionState) == set(WORDS)
    assert set(ACTS) == set(Act)


def test_every_state_can_be_reached_and_every_one_ends_in_closed() -> None:
    reached = {SessionState.IDLE}
    while True:
        more = reached.union(*(MOVES[state] for state in reached))
        if more == reached:
            break
        reached = more
    assert reached == set(SessionState)
    assert not MOVES[SessionState.CLOSED]
    ends = {SessionState.CLOSED}
    while True:
        more = ends | {state for state in SessionState if MOVES[state] & ends}
        if more == ends:
            break
        ends = more
    assert ends == set(SessionState)


@pytest.mark.parametrize(
    ("before", "to"),
    [(before, to) for before in SessionState for to in SessionState],
)
def test_a_move_happens_exactly_where_the_table_has_it(
    before: SessionState, to: SessionState
) -> None:
    cell = StateCell()
    cell._state = before
    if to in MOVES[before]:
        assert cell.move(to) is before
        assert cell.state is to
    else:
        with pytest.raises(SessionError, match=WORDS[before]):
            cell.move(to)
        assert cell.state is before


def test_a_refused_act_says_what_the_session_does_and_when_it_may() -> None:
    with pytest.raises(SessionError) as caught:
        StateCell().require(Act.MARK)
    assert str(caught.value) == (
        "The session has not started, so it cannot set a marker. "
        "That is possible while it is recording."
    )


def test_a_racing_move_only_happens_from_the_state_it_was_meant_for() -> None:
    cell = StateCell()
    assert not cell.move_from(SessionState.PREVIEW, SessionState.CALIBRATING)
    assert cell.move_from(SessionState.IDLE, SessionState.PREVIEW)
    assert cell.state is SessionState.PREVIEW
