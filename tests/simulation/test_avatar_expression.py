"""Action units as displacements: monotone, sided, and never through one another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.simulation.avatar_expression import Expression
from journeylab.simulation.avatar_shape import (
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    AvatarIdentity,
    NeutralHead,
    neutral_head,
)
from journeylab.streams import N_LANDMARKS
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


@pytest.fixture(scope="module")
def head() -> NeutralHead:
    return neutral_head(AvatarIdentity(2))


@pytest.fixture(scope="module")
def expression(head: NeutralHead) -> Expression:
    return Expression(head)


def _face(
    expression: Expression,
    units: dict[str, float],
    *,
    blink: float = 0.0,
    gaze_pitch_deg: float = 0.0,
) -> NDArray[np.float64]:
    points = expression.displaced(units, blink=blink, gaze_pitch_deg=gaze_pitch_deg)
    return points[:N_LANDMARKS]


@pytest.mark.parametrize("code", ACTION_UNIT_COLUMNS)
def test_more_intensity_moves_the_face_further(expression: Expression, code: str) -> None:
    neutral = _face(expression, {})
    ways = [
        np.linalg.norm(_face(expression, {code: level}) - neutral, axis=1).sum()
        for level in (0.25, 0.5, 0.75, 1.0)
    ]
    assert ways[0] > 0.5
    assert np.all(np.diff(ways) > 0)


@pytest.mark.parametrize(
    ("code", "landmark", "axis", "sign"),
    [
        ("AU01", 107, 1, +1),
        ("AU02", 70, 1, +1),
        ("AU04", 55, 1, -1),
        ("AU04", 55, 0, +1),  # the right brow goes to the middle
        ("AU05", 159, 1, +1),
        ("AU06", 50, 1, +1),
        ("AU07", 145, 1, +1),
        ("AU12", 61, 1, +1),
        ("AU12", 61, 0, -1),
        ("AU15", 61, 1, -1),
        ("AU17", 200, 1, +1),
        ("AU20", 291, 0, +1),
        ("AU24", 0, 1, -1),
        ("AU24", 17, 1, +1),
        ("AU25", 14, 1, -1),
        ("AU26", 152, 1, -1),
        ("AU43", 159, 1, -1),
    ],
)
def test_each_muscle_pulls_its_own_way(
    expression: Expression, code: str, landmark: int, axis: int, sign: int
) -> None:
    moved = _face(expression, {code: 1.0}) - _face(expression, {})
    assert sign * moved[landmark, axis] > 0.8


@pytest.mark.parametrize("code", ["AU12", "AU14"])
def test_one_side_leaves_the_other_still(expression: Expression, code: str) -> None:
    neutral = _face(expression, {})
    left = np.linalg.norm(_face(expression, {code + "L": 1.0}) - neutral, axis=1)
    assert left[291] > 3.0
    assert left[61] < 0.05 * left[291]


def test_both_sides_make_the_whole(expression: Expression) -> None:
    both = _face(expression, {"AU12L": 0.7, "AU12R": 0.7})
    assert np.allclose(both, _face(expression, {"AU12": 0.7}), atol=1e-6)


def test_lips_press_and_never_pass_through_one_another(expression: Expression) -> None:
    for units in ({"AU17": 1.0}, {"AU24": 1.0, "AU17": 1.0}, {"AU15": 1.0, "AU17": 1.0}):
        face = _face(expression, units)
        gap = face[list(INNER_LIP_UPPER), 1] - face[list(INNER_LIP_LOWER), 1]
        assert gap.min() > -1e-9


def test_a_jaw_drop_parts_the_lips_and_leaves_the_brow(expression: Expression) -> None:
    neutral, dropped = _face(expression, {}), _face(expression, {"AU26": 1.0})
    assert dropped[13, 1] - dropped[14, 1] > 6.0
    assert np.allclose(dropped[[107, 336, 33, 263, 168]], neutral[[107, 336, 33, 263, 168]])


def test_a_blink_shuts_the_eye_whatever_the_lids_do(expression: Expression) -> None:
    def aperture(face: NDArray[np.float64]) -> float:
        top, bottom = face[list(LEFT_EYE_UPPER)], face[list(LEFT_EYE_LOWER)]
        return float((top[1:-1, 1] - bottom[1:-1, 1]).max())

    assert aperture(_face(expression, {})) > 6.0
    for units in ({}, {"AU05": 1.0}, {"AU06": 1.0, "AU07": 1.0}):
        assert abs(aperture(_face(expression, units, blink=1.0))) < 0.2
    half = aperture(_face(expression, {}, blink=0.5))
    assert 0.3 < half / aperture(_face(expression, {})) < 0.7
    looking_down = aperture(_face(expression, {}, gaze_pitch_deg=-20.0))
    assert 0.3 < looking_down / aperture(_face(expression, {})) < 0.8


def test_an_unknown_unit_is_refused(expression: Expression) -> None:
    with pytest.raises(KeyError):
        _face(expression, {"AU99": 1.0})
