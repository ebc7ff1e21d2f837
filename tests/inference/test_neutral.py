"""Neutral face: robust against what happens, kept as JSON, estimated from the first frame on."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import measures_with, observation, rest_measures

from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.errors import InferenceError
from journeylab.inference.action_units import intensities, raw_action_units
from journeylab.inference.neutral import (
    NeutralFace,
    RunningNeutral,
    estimate_neutral,
    resting_point,
)
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

# How far the measures of a still face jitter, in interocular distances.
JITTER = 0.003


def noisy(measures: np.ndarray, n: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return measures + rng.normal(0, JITTER, (n, len(measures)))


def resting(measures: np.ndarray) -> np.ndarray:
    return resting_point(measures, raw_action_units(measures))


def off(estimate: np.ndarray) -> float:
    """Strongest unit a face at rest would seem to show against the estimate."""
    return float(intensities(rest_measures(), estimate).max())


def test_rest_is_found_in_noise() -> None:
    assert off(resting(noisy(rest_measures(), 100))) < 0.05


@pytest.mark.parametrize(
    ("interlude", "share"),
    [
        ({"AU12": 1.0, "AU25": 0.8}, 0.6),
        ({"AU43": 1.0}, 0.6),
        ({"AU25": 1.0, "AU26": 1.0}, 0.6),
        # Furrows at rest differ between persons, so only what lasts tells.
        ({"AU04": 1.0, "AU24": 0.9}, 0.3),
    ],
)
def test_what_happens_in_between_is_not_rest(interlude: dict[str, float], share: float) -> None:
    n_event = round(200 * share)
    event = noisy(measures_with(**interlude), n_event)
    seen = np.vstack((noisy(rest_measures(), 200 - n_event), event))
    assert off(resting(seen)) < 0.15


def test_a_smile_throughout_is_still_a_smile() -> None:
    smiling = noisy(measures_with(AU12=1.0, AU25=1.0), 100)
    units = intensities(smiling, resting(smiling))
    assert units[:, ACTION_UNIT_COLUMNS.index("AU12")].mean() > 0.2


def test_estimate_refuses_too_few_faces() -> None:
    dim = [observation(rest_measures(), t_ns=at, quality=0.05) for at in range(50)]
    with pytest.raises(InferenceError, match="0 of 50 frames"):
        estimate_neutral(dim)
    with pytest.raises(InferenceError, match="0 of 0"):
        estimate_neutral([])


def test_json_keeps_every_digit() -> None:
    neutral = NeutralFace(noisy(rest_measures(), 1)[0], 42)
    again = NeutralFace.from_json(neutral.to_json())
    assert np.array_equal(again.measures, neutral.measures)
    assert (again.n_frames, again.version) == (42, neutral.version)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"measures": [1]}'])
def test_something_else_is_no_neutral_face(text: str) -> None:
    with pytest.raises(InferenceError, match="not a neutral face"):
        NeutralFace.from_json(text)


def test_a_neutral_face_by_other_rules_is_refused() -> None:
    stored = NeutralFace(rest_measures(), 9, version="rules-0").to_json()
    with pytest.raises(InferenceError, match="rules-0"):
        NeutralFace.from_json(stored)


def test_running_estimate_stands_from_the_first_frame_and_settles() -> None:
    running = RunningNeutral.empty()
    faces = noisy(rest_measures(), 300, seed=5)
    faces[:20] = noisy(measures_with(AU25=1.0, AU26=1.0), 20)
    for at, one in enumerate(faces):
        running = running.seen(one, raw_action_units(one), quality=1.0, t_ns=at * 33 * NS_PER_MS)
        assert running.current is not None
    assert off(running.current) < 0.12


def test_running_estimate_keeps_its_size_over_hours() -> None:
    running = RunningNeutral.empty()
    rest = rest_measures()
    raw = raw_action_units(rest)
    for second in range(3 * 3600):
        running = running.seen(rest, raw, quality=1.0, t_ns=second * NS_PER_S)
        assert len(running.samples) <= 256
