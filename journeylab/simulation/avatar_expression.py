"""How action units move the avatar's landmarks.

The displacements are hand-made after the muscles' paths (Ekman, Friesen & Hager 2002): each is a
sum of soft bumps on the neutral face, held to one lip or one side where skin parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.simulation.avatar_shape import (
    FACE_OVAL,
    INNER_LIP_LOWER,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    OUTER_LIP_LOWER,
    OUTER_LIP_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    NeutralHead,
)
from journeylab.streams import N_LANDMARKS
from journeylab.vocabulary import ACTION_UNITS


@dataclass(frozen=True, slots=True)
class _Bump:
    """A push of ``mm`` (outwards, up, forward) at a landmark of the right side, mirrored to the
    left; ``radius_mm`` is its standard deviation across the face. ``part`` is face, above or
    below (of the mouth)."""

    landmark: int
    mm: tuple[float, float, float]
    radius_mm: float
    part: str = "face"


# Intensity 1 is a strong but ordinary expression; millimetres from anatomy, then set so that the
# landmarks FaceMesh finds on the picture move as they do on rendered heads.
_BUMPS: Final[Mapping[str, tuple[_Bump, ...]]] = {
    "AU01": (_Bump(107, (0.5, 10.0, 0.5), 11.0), _Bump(66, (0.0, 3.0, 0.0), 9.0)),
    "AU02": (_Bump(105, (0.5, 7.0, 0.0), 13.0), _Bump(70, (0.0, 6.5, 0.0), 11.0)),
    "AU04": (
        _Bump(55, (-2.0, -3.2, 1.0), 11.0),
        _Bump(107, (-1.2, -2.6, 0.5), 9.0),
        _Bump(105, (-0.8, -3.0, 0.0), 15.0),
    ),
    "AU05": (),
    "AU06": (_Bump(50, (0.5, 6.0, 3.0), 15.0), _Bump(117, (0.0, 3.5, 2.0), 12.0)),
    "AU07": (),
    "AU09": (
        _Bump(48, (1.0, 4.0, 1.0), 9.0, "above"),
        _Bump(6, (0.0, -2.0, 1.0), 9.0),
        _Bump(55, (-1.5, -3.0, 1.0), 11.0),
        _Bump(37, (0.0, 2.5, 0.5), 10.0, "above"),
        _Bump(117, (-0.5, 2.0, 1.0), 12.0),
    ),
    "AU10": (
        _Bump(39, (0.0, 5.0, 1.5), 9.0, "above"),
        _Bump(37, (0.0, 2.5, 1.0), 8.0, "above"),
        _Bump(206, (0.5, 3.0, 1.0), 11.0, "above"),
    ),
    "AU12": (
        _Bump(61, (8.0, 8.0, -5.0), 11.0),
        _Bump(40, (1.5, 1.5, -1.0), 9.0, "above"),
        _Bump(91, (1.5, 1.0, -1.0), 9.0, "below"),
        _Bump(205, (1.5, 4.0, 3.0), 15.0),
    ),
    "AU14": (_Bump(61, (3.5, 3.6, -5.0), 8.0), _Bump(57, (1.5, 1.0, -3.0), 8.0)),
    "AU15": (_Bump(61, (0.5, -6.0, -1.0), 9.5), _Bump(202, (1.0, -2.5, 0.5), 10.0)),
    "AU17": (
        _Bump(200, (0.0, 3.5, 2.5), 10.0, "below"),
        _Bump(17, (0.0, 3.5, 2.0), 10.0, "below"),
        _Bump(13, (0.0, 1.8, 0.5), 9.0, "above"),
    ),
    "AU20": (
        _Bump(61, (7.0, -1.0, -4.0), 11.0),
        _Bump(91, (2.0, -1.5, -1.0), 9.0, "below"),
        _Bump(202, (3.0, -1.5, -1.0), 12.0),
    ),
    "AU23": (_Bump(61, (-3.0, 0.0, 1.0), 9.0),),
    "AU24": (_Bump(61, (-1.0, 0.0, -0.5), 8.0), _Bump(200, (0.0, 1.2, 0.8), 9.0, "below")),
    "AU25": (
        _Bump(14, (0.0, -4.0, 0.0), 11.0, "below"),
        _Bump(17, (0.0, -1.5, 0.0), 10.0, "below"),
        _Bump(13, (0.0, 1.2, 0.0), 10.0, "above"),
    ),
    "AU26": (),
    "AU43": (),
}

# Lips drawn towards the line between them, share of their height, and inwards, mm.
_LIP_THINNING: Final = {"AU23": (0.30, -0.6), "AU24": (0.62, -1.8), "AU12": (0.10, 0.0)}
_JAW_DEG: Final = 11.0
_JAW_HINGE_MM: Final = (-24.0, -72.0)  # y, z

# Lids as shares of the aperture: how far the upper lid drops and the lower lid rises.
_UPPER_LID_DROP: Final = {"AU05": -0.34, "AU07": 0.13, "AU09": 0.06}
_LOWER_LID_RISE: Final = {"AU06": 0.28, "AU07": 0.26, "AU09": 0.08, "AU12": 0.05}
# Both lids follow the eye up and down, the upper one more.
_UPPER_LID_DROP_PER_DEG_DOWN: Final = 0.028
_LOWER_LID_DROP_PER_DEG_DOWN: Final = 0.006
_LID_RINGS: Final = (
    # (upper lid, its fold, lower lid, its fold), outer to inner, without the corners
    (
        RIGHT_EYE_UPPER[1:-1], (247, 30, 29, 27, 28, 56, 190),
        RIGHT_EYE_LOWER[1:-1], (25, 110, 24, 23, 22, 26, 112),
    ),
    (
        LEFT_EYE_UPPER[1:-1], (467, 260, 259, 257, 258, 286, 414),
        LEFT_EYE_LOWER[1:-1], (255, 339, 254, 253, 252, 256, 341),
    ),
)  # fmt: skip


class Expression:
    """Moves one neutral head's landmarks by action units."""

    def __init__(self, head: NeutralHead) -> None:
        self._head = head
        face = head.points[:N_LANDMARKS]
        self._part = _parts(face)
        codes = [*ACTION_UNITS, "AU12L", "AU12R", "AU14L", "AU14R"]
        fields = {code: self._field(code) for code in ACTION_UNITS}
        left_share = _smooth_step(face[:, :1], -9.0, 9.0)
        for code in ("AU12", "AU14"):
            fields[code + "L"] = fields[code] * left_share
            fields[code + "R"] = fields[code] * (1 - left_share)
        self._index = {code: i for i, code in enumerate(codes)}
        self._fields = np.stack([fields[code] for code in codes]).reshape(len(codes), -1)

    def displaced(
        self, action_units: Mapping[str, float], *, blink: float, gaze_pitch_deg: float
    ) -> NDArray[np.float64]:
        """The head's points (n, 3), head axes, mm.

        Parameters
        ----------
        action_units
            Intensities 0..1 by code; sided codes act beside the unsided, of which the stronger
            counts.
        blink
            Closure of both eyes, 0..1.
        gaze_pitch_deg
            Of the eyes in the head, up positive; the upper lids follow it.
        """
        weights = np.zeros(len(self._index))
        for code, value in action_units.items():
            weights[self._index[code]] = value
        for code in ("AU12", "AU14"):
            both = weights[self._index[code]]
            for side in "LR":
                weights[self._index[code + side]] = max(both, weights[self._index[code + side]])
            weights[self._index[code]] = 0.0
        points = self._head.points.copy()
        face = points[:N_LANDMARKS]
        outline = face[list(FACE_OVAL)].copy()
        face += (weights @ self._fields).reshape(-1, 3)
        _press_lips_apart_never_through(face)
        smile = max(float(weights[self._index["AU12" + side]]) for side in "LR")
        _move_lids(
            face,
            {**action_units, "AU12": smile},
            closure=max(blink, action_units.get("AU43", 0.0)),
            gaze_pitch_deg=gaze_pitch_deg,
        )
        rings = points[N_LANDMARKS:].reshape(-1, *outline.shape)
        rings += face[list(FACE_OVAL)] - outline
        return points

    def _field(self, code: str) -> NDArray[np.float64]:
        face = self._head.points[:N_LANDMARKS]
        field = np.zeros_like(face)
        for bump in _BUMPS[code]:
            right = self._bump(bump, bump.landmark, side=-1)
            mirrored = int(self._head.mirror[bump.landmark])
            if mirrored == bump.landmark:
                field += right * (0.0, 1.0, 1.0)
            else:
                # In the middle both sides' bumps meet; the stronger one counts, not their sum.
                left = self._bump(bump, mirrored, side=+1)
                field[:, 0] += right[:, 0] + left[:, 0]
                field[:, 1:] += np.where(np.abs(right) > np.abs(left), right, left)[:, 1:]
        if code in _LIP_THINNING:
            field += _lip_thinning(face, *_LIP_THINNING[code])
        if code == "AU26":
            field += self._jaw_field()
        return field

    def _bump(self, bump: _Bump, landmark: int, *, side: int) -> NDArray[np.float64]:
        face = self._head.points[:N_LANDMARKS]
        distance = np.linalg.norm(face - face[landmark], axis=1)
        weight = np.exp(-0.5 * (distance / bump.radius_mm) ** 2)
        if bump.part != "face":
            weight = weight * (self._part == (1 if bump.part == "above" else -1))
        outwards, up, forward = bump.mm
        push: NDArray[np.float64] = weight[:, None] * (side * outwards, up, forward)
        return push

    def _jaw_field(self) -> NDArray[np.float64]:
        face = self._head.points[:N_LANDMARKS]
        y, z = face[:, 1] - _JAW_HINGE_MM[0], face[:, 2] - _JAW_HINGE_MM[1]
        turn = np.radians(_JAW_DEG)
        # The chin swings down and a little back.
        dy = y * np.cos(turn) - z * np.sin(turn) - y
        dz = y * np.sin(turn) + z * np.cos(turn) - z
        mouth_y = face[61, 1]
        below = _smooth_step(-face[:, 1], -mouth_y - 12.0, -mouth_y + 22.0)
        middle = np.exp(-0.5 * (np.abs(face[:, 0]) / 46.0) ** 4)
        share = below * middle
        inside = np.abs(face[:, 0]) < np.abs(face[61, 0]) + 2
        share = np.where((self._part < 0) & inside, np.maximum(share, 0.9 * middle), share)
        upper_lip = (self._part > 0) & inside & (face[:, 1] < face[2, 1])
        share = np.where(upper_lip, 0.06, share)
        corners = [61, 291, 78, 308, 62, 292, 76, 306]
        share[corners] = 0.36
        return np.column_stack((np.zeros(len(face)), dy * share, dz * share))


def _parts(face: NDArray[np.float64]) -> NDArray[np.int8]:
    """+1 above the mouth's line, -1 below, 0 for its corners; (478,)."""
    chain = face[list(INNER_LIP_UPPER)]
    line_y = np.interp(face[:, 0], chain[:, 0], chain[:, 1])
    part = np.where(face[:, 1] >= line_y, 1, -1).astype(np.int8)
    part[list(INNER_LIP_UPPER)] = 1
    part[list(INNER_LIP_LOWER)] = -1
    part[[78, 308, 61, 291]] = 0
    return part


def _lip_thinning(
    face: NDArray[np.float64], share: float, inwards_mm: float
) -> NDArray[np.float64]:
    """The red of both lips drawn towards the line where they meet."""
    field = np.zeros_like(face)
    middle = (np.array(OUTER_LIP_UPPER), np.array(OUTER_LIP_LOWER), np.array(INNER_LIP_UPPER))
    upper, lower, inner = middle
    rows_upper = ((185, 40, 39, 37, 0, 267, 269, 270, 409), 1.0), (
        (184, 74, 73, 72, 11, 302, 303, 304, 408), 0.66), (
        (183, 42, 41, 38, 12, 268, 271, 272, 407), 0.33)  # fmt: skip
    rows_lower = ((146, 91, 181, 84, 17, 314, 405, 321, 375), 1.0), (
        (77, 90, 180, 85, 16, 315, 404, 320, 307), 0.66), (
        (96, 89, 179, 86, 15, 316, 403, 319, 325), 0.33)  # fmt: skip
    for rows, outer in ((rows_upper, upper), (rows_lower, lower)):
        height = face[inner[1:-1], 1] - face[outer[1:-1], 1]
        for row, depth in rows:
            field[list(row), 1] = share * depth * height
            field[list(row), 2] = inwards_mm
    field[list(INNER_LIP_UPPER) + list(INNER_LIP_LOWER), 2] = inwards_mm
    return field


def _press_lips_apart_never_through(face: NDArray[np.float64]) -> None:
    upper, lower = list(INNER_LIP_UPPER), list(INNER_LIP_LOWER)
    overlap = np.maximum(face[lower, 1] - face[upper, 1], 0.0)
    face[upper, 1] += overlap / 2
    face[lower, 1] -= overlap / 2


def _move_lids(
    face: NDArray[np.float64],
    action_units: Mapping[str, float],
    *,
    closure: float,
    gaze_pitch_deg: float,
) -> None:
    drop = sum(share * action_units.get(code, 0.0) for code, share in _UPPER_LID_DROP.items())
    rise = sum(share * action_units.get(code, 0.0) for code, share in _LOWER_LID_RISE.items())
    down_deg = float(np.clip(-gaze_pitch_deg, -15.0, 25.0))
    drop += _UPPER_LID_DROP_PER_DEG_DOWN * down_deg
    rise -= _LOWER_LID_DROP_PER_DEG_DOWN * down_deg
    # A blink closes what the other muscles leave open.
    aperture_share = float(np.clip(1.0 - drop - rise, 0.12, 1.6)) * (1.0 - closure)
    drop = 1.0 - rise - aperture_share
    for upper, upper_fold, lower, lower_fold in _LID_RINGS:
        top, bottom = face[list(upper)], face[list(lower)]
        aperture = top - bottom
        face[list(upper)] -= drop * aperture
        face[list(lower)] += rise * aperture
        face[list(upper_fold)] -= 0.42 * drop * aperture
        face[list(lower_fold)] += 0.6 * rise * aperture


def _smooth_step(value: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    step: NDArray[np.float64] = t * t * (3 - 2 * t)
    return step
