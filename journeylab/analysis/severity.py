"""How severe a moment is: one rule, for the replay's list and for the moments behind the map.

Rule, version 2. Every sign has a severity of its own, 0..1: its weight (:data:`WEIGHTS`), of an
expression times half and half its intensity; valence beyond the level from which the trace is drawn
in colour weighs the more, the further it is from neutral. A moment takes the strongest sign of each
kind as independent witnesses: 1 - product of (1 - severity). So three faint signs of different
kinds outrank one of them, and a frown that comes again does not.

Of trouble speak frowns, pressed lips, contempt, lowered lip corners, fear, boredom, clicks in vain,
refused fields, the console's alerts, the moderator's markers and valence below neutral; of joy
smiles, Aha moments and valence above. Surprise speaks of neither, and friction is counted by its
parts. Behind a finding of trouble or of joy that side counts; a place of the map without one asks
for neither, so the stronger of both does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from journeylab.analysis.signs import SignKind

RULE_VERSION: Final = "2"
VALENCE: Final = "valence"
MARKER: Final = "marker"
VALENCE_LEVEL: Final = 12.0
"""From so far from neutral on the trace is drawn in colour."""
VALENCE_SPAN: Final = 60.0
"""So far beyond its level valence weighs in full."""
SEVERE, NOTABLE = 0.7, 0.4

WEIGHTS: Final = MappingProxyType(
    {
        SignKind.FROWN.value: 0.45,
        SignKind.PRESS.value: 0.5,
        SignKind.CONTEMPT.value: 0.45,
        SignKind.LOW_MOOD.value: 0.3,
        SignKind.FEAR.value: 0.5,
        SignKind.BOREDOM.value: 0.35,
        SignKind.BURST.value: 0.6,
        SignKind.REFUSAL.value: 0.5,
        "frustrated": 0.65,
        "stuck": 0.55,
        "off_screen": 0.3,
        MARKER: 0.4,
        VALENCE: 0.6,
        SignKind.SMILE.value: 0.5,
        SignKind.AHA.value: 0.55,
    }
)
"""How much each sign weighs at its full strength. Behaviour (clicks on one spot, a refused field)
counts for more than one expression alone, which may mean many things."""

JOYFUL: Final = frozenset({SignKind.SMILE.value, SignKind.AHA.value})
_OF_A_FACE: Final = frozenset(
    {
        SignKind.FROWN.value,
        SignKind.PRESS.value,
        SignKind.CONTEMPT.value,
        SignKind.LOW_MOOD.value,
        SignKind.FEAR.value,
        SignKind.BOREDOM.value,
        SignKind.SMILE.value,
        SignKind.AHA.value,
    }
)


def severity_of_sign(key: str, strength: float = 1.0) -> float:
    """Severity of one sign, 0..1; ``strength`` is an expression's intensity 0..1. What speaks of
    neither trouble nor joy has none."""
    weight = WEIGHTS.get(key, 0.0)
    if key not in _OF_A_FACE:
        return weight
    return weight * (0.5 + 0.5 * min(max(strength, 0.0), 1.0))


def severity_of_valence(valence: float) -> float:
    """Severity of a valence -100..100, on either side of neutral; 0 near it and where unknown."""
    beyond = abs(valence) - VALENCE_LEVEL
    if not math.isfinite(valence) or beyond < 0:
        return 0.0
    return WEIGHTS[VALENCE] * min(1.0, beyond / VALENCE_SPAN + 0.25)


def together(signs: Iterable[tuple[str, float]]) -> float:
    """Severity 0..1 of signs together, each with its kind and severity."""
    strongest: dict[str, float] = {}
    for key, severity in signs:
        strongest[key] = max(severity, strongest.get(key, 0.0))
    return 1.0 - math.prod(1.0 - severity for severity in strongest.values())


def severity_of_moment(signs: Iterable[tuple[str, float]], valence: float, *, kind: str) -> float:
    """How severe a moment is, 0..1.

    Parameters
    ----------
    signs
        Kind and strength of each.
    valence
        -100..100, NaN where no face was measured.
    kind
        Of the finding it stands behind: joy, negative or warning; else it is of a mere place.
    """
    known = [(key, severity_of_sign(key, strength)) for key, strength in signs]
    above, below = max(valence, 0.0), min(valence, 0.0)
    if not math.isfinite(valence):
        above = below = math.nan
    joy = [one for one in known if one[0] in JOYFUL]
    trouble = [one for one in known if one[0] not in JOYFUL]
    of_joy = together([*joy, (VALENCE, severity_of_valence(above))])
    of_trouble = together([*trouble, (VALENCE, severity_of_valence(below))])
    if kind == "joy":
        return of_joy
    return of_trouble if kind in ("negative", "warning") else max(of_joy, of_trouble)


def severity_words(severity: float) -> str:
    """How severe, in a word."""
    if severity >= SEVERE:
        return "severe"
    return "notable" if severity >= NOTABLE else "slight"
