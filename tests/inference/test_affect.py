"""Affect: signs of valence, published states, and a smoothing that does not lag."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.inference.affect import (
    STATE_RULES,
    AffectState,
    instant_arousal,
    instant_states,
    instant_valence,
)
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES


def face(**units: float) -> np.ndarray:
    return np.array([units.get(code, 0.0) for code in ACTION_UNIT_COLUMNS])


def strongest(**units: float) -> str:
    return STATES[int(np.argmax(instant_states(face(**units))))]


def test_rules_are_in_the_order_of_the_states_and_name_their_source() -> None:
    assert tuple(rule.state for rule in STATE_RULES) == STATES
    assert all(rule.source for rule in STATE_RULES)
    for rule in STATE_RULES:
        assert sum(rule.evidence.values()) == pytest.approx(1.0)
        assert set(rule.evidence) | set(rule.needs) | set(rule.against) <= set(ACTION_UNIT_COLUMNS)


def test_a_resting_face_feels_nothing() -> None:
    assert instant_valence(face()) == 0
    assert instant_arousal(face()) == 0
    assert instant_states(face()).max() < 0.05


def test_smile_is_positive_and_grows_with_the_cheeks() -> None:
    assert instant_valence(face(AU12=0.5)) > 35
    assert instant_valence(face(AU12=1.0, AU06=1.0)) == pytest.approx(100)
    assert instant_valence(face(AU12=0.5, AU06=1.0)) > instant_valence(face(AU12=0.5))


@pytest.mark.parametrize("code", ["AU04", "AU09", "AU10", "AU15", "AU17", "AU24"])
def test_negative_units_take_from_valence(code: str) -> None:
    assert instant_valence(face(**{code: 0.8})) < -20


def test_inner_brow_with_furrow_is_worse_than_furrow() -> None:
    assert instant_valence(face(AU01=0.8, AU04=0.6)) < instant_valence(face(AU04=0.6)) - 10
    assert instant_valence(face(AU01=0.8)) == 0, "a raised brow alone is surprise, not grief"


def test_a_smile_under_a_furrow_is_no_pleasure() -> None:
    assert instant_valence(face(AU12=0.5, AU06=0.8, AU04=1.0)) < -30


def test_what_a_smile_does_to_lips_and_nose_does_not_spoil_it() -> None:
    assert instant_valence(face(AU12=0.6, AU06=0.4, AU10=0.5, AU09=0.2)) > 35


def test_cheek_raise_without_a_smile_is_not_pleasure() -> None:
    assert instant_valence(face(AU06=1.0)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_everything_stays_in_range(seed: int) -> None:
    for units in np.random.default_rng(seed).uniform(0, 1, (40, len(ACTION_UNIT_COLUMNS))):
        states = instant_states(units, idle=1.0)
        assert -100 <= instant_valence(units) <= 100
        assert 0 <= instant_arousal(units) <= 100
        assert states.min() >= 0 and states.max() <= 1


@pytest.mark.parametrize(
    ("state", "units"),
    [
        ("joy", {"AU12": 0.9, "AU06": 0.7}),
        ("surprise", {"AU01": 0.9, "AU02": 0.9, "AU05": 0.7, "AU26": 0.8, "AU25": 0.8}),
        ("confusion", {"AU04": 0.9, "AU07": 0.6}),
        ("frustration", {"AU04": 0.9, "AU24": 0.9}),
        ("sadness", {"AU01": 0.8, "AU04": 0.6, "AU15": 0.8}),
        ("contempt", {"AU14": 0.9, "AU14R": 0.9}),
        ("fear", {"AU01": 0.7, "AU02": 0.6, "AU04": 0.6, "AU05": 0.9, "AU20": 0.9, "AU25": 0.5}),
        ("disgust", {"AU09": 0.9, "AU10": 0.7}),
        ("anger", {"AU04": 0.9, "AU05": 0.6, "AU07": 0.8, "AU23": 0.9}),
    ],
)
def test_each_state_wins_on_its_own_face(state: str, units: dict[str, float]) -> None:
    assert strongest(**units) == state
    assert instant_states(face(**units))[STATES.index(state)] > 0.6


def run(faces: np.ndarray, *, step_ms: float = 100 / 3) -> np.ndarray:
    """Valence after each face."""
    state, valence = AffectState(), []
    for at, units in enumerate(faces):
        state, affect = state.seen(units, t_ns=round(at * step_ms * NS_PER_MS))
        valence.append(affect.valence)
    return np.array(valence)


def test_boredom_takes_a_face_long_still() -> None:
    state = AffectState()
    bored = []
    for at in range(30 * 30):
        state, affect = state.seen(face(AU43=0.3), t_ns=at * 33 * NS_PER_MS)
        bored.append(affect.states[STATES.index("boredom")])
    assert bored[30] < 0.3 and bored[-1] > 0.6


@pytest.mark.parametrize("rate_hz", [15, 30, 60])
def test_smoothing_delays_by_at_most_150_ms(rate_hz: int) -> None:
    step_ms = 1000 / rate_hz
    ramp = np.linspace(0, 1, 3 * rate_hz)
    slope = np.array([face(AU12=value, AU06=value) for value in ramp])
    plain = np.array([instant_valence(units) for units in slope])
    smooth = run(slope, step_ms=step_ms)
    half = np.argmax(smooth >= 50) - np.argmax(plain >= 50)
    assert 0 <= half * step_ms <= 150


def test_a_smile_is_in_valence_within_300_ms() -> None:
    step = np.vstack((np.tile(face(), (30, 1)), np.tile(face(AU12=0.8), (30, 1))))
    valence = run(step)
    assert valence[29] == 0
    assert valence[30 + 4] > 0.7 * valence[-1], "150 ms after"
    assert valence[30 + 9] > 0.9 * valence[-1], "300 ms after"


def test_the_past_is_forgotten_over_a_gap() -> None:
    state, _ = AffectState().seen(face(AU12=1.0), t_ns=0)
    _, after = state.seen(face(), t_ns=5 * NS_PER_S)
    assert after.valence == 0
    _, soon = state.seen(face(), t_ns=33 * NS_PER_MS)
    assert soon.valence > 30
