"""Action units: raw measures from shape and image, intensities against the neutral face.

A raw measure is a weighted sum of named shape measures and of the furrow between the brows. Its
weights were found by ridge regression on rendered faces with known action units (noise of a still
face as the penalty, signs held to what the muscle can do), then rounded, and set by hand where
real faces disagreed: scales, dead bands, what units lend each other. An intensity is the
raw measure's distance from the person's neutral face over ``full_scale``, less what other units
lend it, less a dead band.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.shape import SHAPE_NAMES
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

RULES_VERSION: Final = "rules-1"

IMAGE_NAMES: Final = ("furrow", "closure")
"""Terms that are no shape: ln of the wrinkle energy between the brows; closure of the lids, that
is minus ln of the aperture, freed of where the eyes look."""
TERM_NAMES: Final = SHAPE_NAMES + IMAGE_NAMES


@dataclass(frozen=True, slots=True)
class AuRule:
    """How one action unit is measured.

    Attributes
    ----------
    terms
        Weights by name of :data:`TERM_NAMES`; their sum is the raw measure.
    full_scale
        Distance from neutral that is intensity 1.
    dead_band
        Share of full scale taken as noise.
    less
        Share of other units' intensities (before their dead bands) to subtract.
    why
        What the muscle does that these terms see.
    """

    code: str
    terms: Mapping[str, float]
    full_scale: float
    dead_band: float
    why: str
    less: Mapping[str, float] = field(default_factory=dict)


RULES: Final = (
    AuRule(
        "AU01",
        {"inner_brow": 7.4, "mid_brow": 2.4},
        0.77,
        0.12,
        "frontalis, medial part: inner brow rises, or stays where AU04 would have drawn it down",
        less={"AU04": -0.30},
    ),
    AuRule("AU02", {"outer_brow": 10.5}, 0.76, 0.12, "frontalis, lateral part: outer brow rises"),
    AuRule(
        "AU04",
        {"furrow": 1.4, "brow_gap": -2.9, "mid_brow": -2.0},
        0.38,
        0.14,
        "corrugator and depressors: vertical furrow, brows nearer to each other, lower",
        less={"AU01": -0.60},
    ),
    AuRule("AU05", {"upper_lid": 2.0, "aperture": 2.5}, 0.20, 0.30, "levator: upper lid rises"),
    AuRule(
        "AU06",
        {"lower_lid": 10.0},
        0.105,
        0.30,
        "orbicularis oculi, orbital part: cheek pushes the lower lid up",
        less={"AU12": 0.45, "AU10": 0.20},
    ),
    AuRule(
        "AU07",
        {"lower_lid": 6.0, "cheek": -1.0},
        0.045,
        0.45,
        "orbicularis oculi, palpebral part: lower lid tightens; AU06 moves it too",
    ),
    AuRule(
        "AU09",
        {"subnasale": 1.6, "inner_brow_tip": -7.9, "mid_brow": 5.7},
        0.18,
        0.25,
        "levator alaeque nasi: base of the nose rises, inner brow is drawn down",
        less={"AU10": 0.50, "AU12": 0.30, "AU02": 0.35},
    ),
    AuRule(
        "AU10",
        {
            "upper_lip_top": 1.1,
            "upper_lip_in": 3.9,
            "alar": 4.8,
            "mouth_width": -0.7,
            "subnasale": -6.5,
        },
        0.36,
        0.25,
        "levator labii superioris: upper lip and wings of the nose rise",
        less={"AU12": 0.40},
    ),
    AuRule(
        "AU12",
        {"mouth_width": 1.6, "corner_lift": 2.4, "corner_level": 1.8, "corner_depth": -3.1},
        0.80,
        0.10,
        "zygomaticus major: corners go out, up and back",
        less={"AU10": 0.25},
    ),
    AuRule("AU14", {}, 1.0, 0.0, "buccinator: the stronger of its sides"),
    AuRule(
        "AU15",
        {"corner_lift": -0.7, "corner_level": -2.5, "corner_depth": 2.4, "nasolabial": 2.0},
        0.14,
        0.20,
        "depressor anguli oris: corners go down",
        less={"AU20": 0.25, "AU26": 0.15},
    ),
    AuRule(
        "AU17",
        {"chin_boss": 1.0, "chin": 1.0, "boss_to_lip": -0.6},
        0.065,
        0.45,
        "mentalis: chin boss is pushed up, faster than the lip",
        less={"AU20": 0.50, "AU15": 0.25, "AU24": 0.20, "AU12": 0.35, "AU25": 0.30},
    ),
    AuRule(
        "AU20",
        {
            "mouth_width": 2.4,
            "corner_lift": -1.0,
            "corner_level": -2.8,
            "lip_depth": 1.4,
            "alar": 2.0,
        },
        0.27,
        0.25,
        "risorius: corners go out without rising",
        less={"AU12": 0.40},
    ),
    AuRule(
        "AU23",
        {"upper_lip_height": -3.7, "lower_lip_height": -3.7, "mouth_width": -2.0},
        0.60,
        0.40,
        "orbicularis oris: both lips narrow and the mouth with them; no rendered truth",
        less={"AU24": 0.50, "AU12": 0.30, "AU25": 0.30},
    ),
    AuRule(
        "AU24",
        {"lower_lip_height": -7.9, "upper_lip_height": -3.7, "boss_to_lip": 0.6},
        0.43,
        0.20,
        "orbicularis oris: lips pressed, their red hidden",
        less={"AU12": 0.30, "AU25": 0.20},
    ),
    AuRule("AU25", {"lip_gap": 3.6}, 0.70, 0.08, "lips part"),
    AuRule(
        "AU26",
        {"lower_lip_bottom": -3.5},
        0.73,
        0.12,
        "jaw drops, and the lower lip with it",
        less={"AU24": -0.20, "AU17": -0.05},
    ),
    AuRule("AU43", {"closure": 1.0}, 0.85, 0.25, "levator relaxes: lids close"),
    AuRule(
        "AU12L",
        {
            "left_corner_out": 1.4,
            "left_corner_lift": 2.7,
            "left_corner_level": 2.5,
            "left_corner_depth": -3.9,
        },
        0.75,
        0.12,
        "zygomaticus major, participant's left",
        less={"AU10": 0.25},
    ),
    AuRule(
        "AU12R",
        {
            "right_corner_out": 1.4,
            "right_corner_lift": 2.7,
            "right_corner_level": 2.5,
            "right_corner_depth": -3.9,
        },
        0.75,
        0.12,
        "zygomaticus major, participant's right",
        less={"AU10": 0.25},
    ),
    AuRule(
        "AU14L",
        {
            "left_corner_lift": 7.9,
            "left_nasolabial": -4.5,
            "right_corner_lift": -7.9,
            "right_nasolabial": 4.5,
        },
        0.22,
        0.35,
        "buccinator, left: that corner tightens and lifts against the other, cheek still",
        less={"AU12": 0.50, "AU25": 0.40},
    ),
    AuRule(
        "AU14R",
        {
            "right_corner_lift": 7.9,
            "right_nasolabial": -4.5,
            "left_corner_lift": -7.9,
            "left_nasolabial": 4.5,
        },
        0.22,
        0.35,
        "buccinator, right",
        less={"AU12": 0.50, "AU25": 0.40},
    ),
)

_INDEX: Final = {code: at for at, code in enumerate(ACTION_UNIT_COLUMNS)}
_AU14, _AU14L, _AU14R = _INDEX["AU14"], _INDEX["AU14L"], _INDEX["AU14R"]
_AU43: Final = _INDEX["AU43"]
_LIDS: Final = [_INDEX["AU05"], _INDEX["AU06"], _INDEX["AU07"]]


def _weights() -> NDArray[np.float64]:
    """(22, terms): raw measures of a face as one product."""
    weights = np.zeros((len(ACTION_UNIT_COLUMNS), len(TERM_NAMES)))
    for rule in RULES:
        for name, weight in rule.terms.items():
            weights[_INDEX[rule.code], TERM_NAMES.index(name)] = weight
    return weights


def _lent() -> NDArray[np.float64]:
    """(22, 22): what one unit's (column) intensity takes from another's (row)."""
    lent = np.zeros((len(ACTION_UNIT_COLUMNS),) * 2)
    for rule in RULES:
        for code, share in rule.less.items():
            lent[_INDEX[rule.code], _INDEX[code]] = share
    return lent


_WEIGHTS: Final = _weights()
_LENT: Final = _lent()
_BY_CODE: Final = {rule.code: rule for rule in RULES}
FULL_SCALE: Final = np.array([_BY_CODE[code].full_scale for code in ACTION_UNIT_COLUMNS])
_DEAD_BAND: Final = np.array([_BY_CODE[code].dead_band for code in ACTION_UNIT_COLUMNS])


def raw_action_units(terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw measures of one face or many.

    Parameters
    ----------
    terms
        (..., terms) in the order of :data:`TERM_NAMES`.

    Returns
    -------
    (..., 22)
        In the order of ACTION_UNIT_COLUMNS, each in its own unit. AU14 is the larger side.
    """
    raw = terms @ _WEIGHTS.T
    raw[..., _AU14] = np.maximum(raw[..., _AU14L], raw[..., _AU14R])
    return np.asarray(raw)


def intensities(raw: NDArray[np.float64], neutral: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intensities 0..1 against a neutral face.

    Parameters
    ----------
    raw
        (..., 22) from :func:`raw_action_units`.
    neutral
        (22,) the same measures of the person's neutral face.

    Returns
    -------
    (..., 22)
        NaN where the raw measure is NaN.
    """
    active = (raw - neutral) / FULL_SCALE
    # Bounded: what lies past full scale must not drag other units with it.
    active = active - np.clip(active, 0.0, 1.2) @ _LENT.T
    active = (active - _DEAD_BAND) / (1 - _DEAD_BAND)
    active[..., _AU14] = np.maximum(active[..., _AU14L], active[..., _AU14R])
    # Closing lids cover what the muscles around them do.
    active[..., _LIDS] *= 1.0 - np.clip(active[..., _AU43, None], 0.0, 1.0)
    return np.asarray(np.clip(active, 0.0, 1.0))
