"""Feelings over time: onset, apex, offset, and the aha's two halves."""

from __future__ import annotations

import numpy as np

from journeylab.simulation.expressions import action_units_over, envelope, resting_over
from journeylab.simulation.reactions import Feeling, Reaction
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

_T_S = np.arange(0, 10, 0.01)


def _course(reaction: Reaction, code: str, *, sneers_left: bool = False) -> np.ndarray:
    units = action_units_over(
        _T_S, [reaction], sneers_left=sneers_left, rng=np.random.default_rng(0)
    )
    return units[:, ACTION_UNIT_COLUMNS.index(code)]


def test_a_smile_lies_between_its_begin_and_end() -> None:
    smile = _course(Reaction(Feeling.JOY, 3.0, 7.0, 0.8), "AU12")
    assert smile[_T_S < 3.0].max() == 0
    assert smile[_T_S > 7.0].max() == 0
    assert smile[(_T_S > 3.5) & (_T_S < 6.1)].min() > 0.3
    assert 0.6 < smile.max() <= 1


def test_an_envelope_rises_and_falls_once_without_a_step() -> None:
    course = envelope(_T_S, 2.0, 2.5)
    apex = int(course.argmax())
    assert np.all(np.diff(course[:apex]) >= 0)
    assert np.all(np.diff(course[apex:]) <= 0)
    assert np.abs(np.diff(course)).max() < 0.12


def test_an_aha_is_surprise_and_then_joy() -> None:
    aha = Reaction(Feeling.AHA, 2.0, 7.0, 1.0)
    surprise, joy = _course(aha, "AU02"), _course(aha, "AU12")
    assert _T_S[surprise.argmax()] < _T_S[np.argmax(joy > 0.5)]
    assert _T_S[np.argmax(joy > 0.5)] - _T_S[surprise.argmax()] < 3.0
    assert surprise[_T_S > 5.0].max() == 0


def test_a_sneer_is_on_one_side_and_the_unsided_column_holds_the_stronger() -> None:
    sneer = Reaction(Feeling.CONTEMPT, 1.0, 5.0, 1.0)
    for left in (True, False):
        here, there = ("AU14L", "AU14R") if left else ("AU14R", "AU14L")
        assert _course(sneer, here, sneers_left=left).max() > 0.8
        assert _course(sneer, there, sneers_left=left).max() == 0
        assert np.array_equal(
            _course(sneer, "AU14", sneers_left=left), _course(sneer, here, sneers_left=left)
        )


def test_joy_comes_soon_and_trouble_builds_up() -> None:
    joy = _course(Reaction(Feeling.JOY, 0.0, 10.0, 0.9), "AU12")
    trouble = _course(Reaction(Feeling.FRUSTRATION, 0.0, 10.0, 0.9), "AU24")
    assert _T_S[joy.argmax()] < 5 < _T_S[trouble.argmax()]


def test_a_resting_face_is_nearly_still_and_quite_still_before_it_may_move() -> None:
    rest = resting_over(_T_S, from_s=4.0, rng=np.random.default_rng(1))
    assert not rest[_T_S <= 4.0].any()
    assert 0 < rest.max() < 0.1


def test_reactions_that_meet_do_not_add_up() -> None:
    two = [Reaction(Feeling.CONFUSION, 1.0, 6.0, 1.0), Reaction(Feeling.FRUSTRATION, 2.0, 7.0, 1.0)]
    units = action_units_over(_T_S, two, sneers_left=False, rng=np.random.default_rng(0))
    assert units.max() <= 1.0
