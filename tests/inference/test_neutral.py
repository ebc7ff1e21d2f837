"""Neutral face: robust against what happens, kept as JSON, estimated from the first frame on."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import observation, raw_with, rest_raw

from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.errors import InferenceError
from journeylab.inference.action_units import FULL_SCALE
from journeylab.inference.neutral import (
    NeutralFace,
    RunningNeutral,
    estimate_neutral,
    resting_point,
)


def noisy(raw: np.ndarray, n: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return raw + rng.normal(0, 0.05, (n, len(raw))) * FULL_SCALE


def off(estimate: np.ndarray) -> float:
    """Largest distance from rest, in full scales."""
    return float(np.abs((estimate - rest_raw()) / FULL_SCALE).max())


def test_rest_is_found_in_noise() -> None:
    assert off(resting_point(noisy(rest_raw(), 100))) < 0.05


@pytest.mark.parametrize(
    ("interlude", "share"),
    [
        ({"AU12": 1.0, "AU12L": 1.0, "AU12R": 1.0, "AU25": 0.8}, 0.6),
        ({"AU43": 1.0}, 0.6),
        ({"AU25": 1.0, "AU26": 1.0}, 0.6),
        # Furrows at rest differ between persons, so only what lasts tells.
        ({"AU04": 1.0, "AU24": 0.9}, 0.3),
    ],
)
def test_what_happens_in_between_is_not_rest(interlude: dict[str, float], share: float) -> None:
    n_event = round(200 * share)
    raw = np.vstack((noisy(rest_raw(), 200 - n_event), noisy(raw_with(**interlude), n_event)))
    assert off(resting_point(raw)) < 0.15


def test_a_smile_throughout_is_still_a_smile() -> None:
    raw = noisy(raw_with(AU12=1.0, AU25=1.0), 100)
    rest = resting_point(raw)
    at = 8  # AU12 in the order of the columns
    assert (raw[:, at].mean() - rest[at]) / FULL_SCALE[at] > 0.2


def test_estimate_refuses_too_few_faces() -> None:
    dim = [observation(rest_raw(), t_ns=at, quality=0.05) for at in range(50)]
    with pytest.raises(InferenceError, match="0 of 50 frames"):
        estimate_neutral(dim)
    with pytest.raises(InferenceError, match="0 of 0"):
        estimate_neutral([])


def test_json_keeps_every_digit() -> None:
    neutral = NeutralFace(noisy(rest_raw(), 1)[0], 42)
    again = NeutralFace.from_json(neutral.to_json())
    assert np.array_equal(again.raw, neutral.raw)
    assert (again.n_frames, again.version) == (42, neutral.version)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"raw": {}}'])
def test_something_else_is_no_neutral_face(text: str) -> None:
    with pytest.raises(InferenceError, match="not a neutral face"):
        NeutralFace.from_json(text)


def test_a_neutral_face_by_other_rules_is_refused() -> None:
    stored = NeutralFace(rest_raw(), 9, version="rules-0").to_json()
    with pytest.raises(InferenceError, match="rules-0"):
        NeutralFace.from_json(stored)


def test_running_estimate_stands_from_the_first_frame_and_settles() -> None:
    running = RunningNeutral.empty()
    faces = noisy(rest_raw(), 300, seed=5)
    faces[:20] = noisy(raw_with(AU25=1.0, AU26=1.0), 20)
    for at, raw in enumerate(faces):
        running = running.seen(raw, quality=1.0, t_ns=at * 33 * NS_PER_MS)
        assert running.current is not None
    assert off(running.current) < 0.12


def test_running_estimate_keeps_its_size_over_hours() -> None:
    running = RunningNeutral.empty()
    for second in range(3 * 3600):
        running = running.seen(rest_raw(), quality=1.0, t_ns=second * NS_PER_S)
        assert len(running.samples) <= 256
