"""Clusters of expressions over several participants: load, friction, Aha, boredom."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from journeylab.analysis import signs
from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.finding import ALPHA, Finding, FindingKind, Parameter, Rule
from journeylab.analysis.detectors.gathering import (
    SHIFTS,
    TOGETHER_PARAMETERS,
    Gathering,
    finding_of,
    gatherings,
)
from journeylab.analysis.signs import SignKind

LOAD: Final = Rule(
    FindingKind.COGNITIVE_LOAD,
    "2",
    "At least a quarter of the participants, and at least two, lower the brow (AU4 from 0.3 on, "
    "for at least 0.6 s, without pressed lips or a smile) within a tenth of the same step, more "
    "than chance brings together anywhere on the journey in 5 % of studies.",
    (
        Parameter("AU04", signs.FROWN_AU04),
        Parameter("held", signs.HELD_S, "s"),
        *TOGETHER_PARAMETERS,
        Parameter("alpha", ALPHA),
    ),
    "AU4 in confusion: Craig et al. 2008; Grafsgaard, Boyer & Lester 2011; as mental effort: van "
    f"Boxtel & Jessurun 1993. {SHIFTS}",
)
FRICTION: Final = Rule(
    FindingKind.FRICTION,
    "2",
    "At least a quarter of the participants, and at least two, press their lips (AU24 from 0.3 on, "
    "for at least 0.6 s) within 5 s of repeated clicks on one spot or of a refused form field, "
    "within a tenth of the same step, more than chance brings together anywhere in 5 % of studies.",
    (
        Parameter("AU24", signs.PRESS_AU24),
        Parameter("held", signs.HELD_S, "s"),
        Parameter("behaviour_within", signs.BEHAVIOUR_S, "s"),
        *TOGETHER_PARAMETERS,
        Parameter("alpha", ALPHA),
    ),
    "AU24 is weak evidence alone (Ekman & Friesen 1983: anger's pressed lips), so behaviour is "
    f"asked for beside it. {SHIFTS}",
)
AHA: Final = Rule(
    FindingKind.AHA,
    "2",
    "At least a quarter of the participants, and at least two, show surprise (probability from "
    "0.5 on, for at least 0.2 s) and then begin to smile (AU12 from 0.3 on) within 3 s, within a "
    "tenth of the same step, more than chance brings together anywhere in 5 % of studies.",
    (
        Parameter("surprise", signs.CERTAIN_STATE),
        Parameter("surprise_held", signs.SURPRISE_S, "s"),
        Parameter("AU12", signs.SMILE_AU12),
        Parameter("joy_within", signs.AHA_S, "s"),
        *TOGETHER_PARAMETERS,
        Parameter("alpha", ALPHA),
    ),
    "Insight as surprise that turns to pleasure: Topolinski & Reber 2010; expressions: Ekman & "
    f"Friesen 1983. {SHIFTS}",
)
BOREDOM: Final = Rule(
    FindingKind.BOREDOM,
    "2",
    "At least a quarter of the participants, and at least two, look bored (probability from 0.5 "
    "on, for at least 4 s, so that no blink counts) within a tenth of the same step, more than "
    "chance brings together anywhere in 5 % of studies.",
    (
        Parameter("boredom", signs.CERTAIN_STATE),
        Parameter("held", signs.BOREDOM_S, "s"),
        *TOGETHER_PARAMETERS,
        Parameter("alpha", ALPHA),
    ),
    f"Drooping lids on a still face: Craig et al. 2008. {SHIFTS}",
)

_KINDS: Final = (
    (LOAD, SignKind.FROWN, "High Cognitive Load · AU4", "negative"),
    (FRICTION, SignKind.FRICTION, "Friction / Rage Click Risk · AU24", "negative"),
    (AHA, SignKind.AHA, "Aha", "joy"),
    (BOREDOM, SignKind.BOREDOM, "Boredom", "negative"),
)


def find_clusters(
    study: AlignedStudy, *, rng: np.random.Generator, alpha: float = ALPHA
) -> tuple[Finding, ...]:
    """High cognitive load, friction, Aha moments and boredom, each by its rule."""
    found = []
    for rule, kind, title, mood in _KINDS:
        for gathering in gatherings(study, (kind,), rng=rng, alpha=alpha):
            finding = finding_of(gathering, study, rule, title=title, mood=mood)
            if mood == "joy":
                finding = _at_its_height(finding, study, gathering)
            found.append(finding)
    return tuple(found)


def _at_its_height(finding: Finding, study: AlignedStudy, gathering: Gathering) -> Finding:
    """The finding where the trace is highest within it: its joy comes after its surprise."""
    mean = study.mean[gathering.first : gathering.last + 1]
    if not np.isfinite(mean).any():
        return finding
    highest = gathering.first + int(np.nanargmax(mean))
    return replace(finding, position_s=float(study.position_s[highest]))
