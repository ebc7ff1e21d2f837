"""Away from the screen: delight or disappointment at unboxing, flow or struggle in set-up."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from journeylab.analysis import signs
from journeylab.analysis.detectors.aligned_study import AlignedStudy, StepSpan
from journeylab.analysis.detectors.finding import ALPHA, Finding, FindingKind, Parameter, Rule
from journeylab.analysis.detectors.gathering import (
    LEAST_PEOPLE,
    QUORUM,
    SHIFTS,
    evidence_of,
    finding_of,
    gathered_on,
    people_of,
    quorum,
)
from journeylab.analysis.signs import SignKind

FLOW_SHARE: Final = 0.1
_STRUGGLE: Final = (SignKind.FROWN, SignKind.PRESS)
_WHICH: Final = (
    "A step in front of the camera alone, after one on the screen, is unboxing when it is the "
    "first and set-up when it is the last; one step may be both."
)
_PARAMETERS: Final = (
    Parameter("quorum", QUORUM, "of those measured"),
    Parameter("least_people", LEAST_PEOPLE),
    Parameter("alpha", ALPHA),
)

DELIGHT: Final = Rule(
    FindingKind.DELIGHT,
    "1",
    f"{_WHICH} At unboxing at least a quarter of the participants, and at least two, smile (AU12 "
    "from 0.3 on), and more of them than on another stretch as long, with 5 % by chance.",
    (Parameter("AU12", signs.SMILE_AU12), *_PARAMETERS),
    f"Ekman & Friesen 1982. {SHIFTS}, in this one window",
)
DISAPPOINTMENT: Final = Rule(
    FindingKind.DISAPPOINTMENT,
    "1",
    f"{_WHICH} At unboxing at least a quarter of the participants, and at least two, show contempt "
    "(AU14 on one side by 0.25 more than on the other, for 0.6 s), and more of them than on "
    "another stretch as long, with 5 % by chance.",
    (Parameter("AU14_sides", signs.CONTEMPT_AU14), *_PARAMETERS),
    f"Unilateral AU14: Ekman & Friesen 1986. {SHIFTS}, in this one window",
)
STRUGGLE: Final = Rule(
    FindingKind.STRUGGLE,
    "1",
    f"{_WHICH} In set-up at least a quarter of the participants, and at least two, frown or press "
    "their lips (AU4 or AU24 from 0.3 on, for 0.6 s), and more of them than on another stretch as "
    "long, with 5 % by chance.",
    (
        Parameter("AU04", signs.FROWN_AU04),
        Parameter("AU24", signs.PRESS_AU24),
        *_PARAMETERS,
    ),
    f"Grafsgaard et al. 2013. {SHIFTS}, in this one window",
)
FLOW: Final = Rule(
    FindingKind.FLOW,
    "1",
    f"{_WHICH} In set-up at most a tenth of at least two participants frown, press their lips or "
    "show contempt. It says that nothing was in the way, and is no alarm.",
    (Parameter("share", FLOW_SHARE, "of those measured"), *_PARAMETERS[1:2]),
    "The absence of the signs of struggle",
)


def find_after_purchase(
    study: AlignedStudy, *, rng: np.random.Generator, alpha: float = ALPHA
) -> tuple[Finding, ...]:
    """What happens with the thing itself, by the rules above."""
    physical = _physical(study)
    if not physical:
        return ()
    unboxing, set_up = physical[0], physical[-1]
    found = []
    for rule, kinds, step, title, mood in (
        (DELIGHT, (SignKind.SMILE,), unboxing, "Delight · AU12", "joy"),
        (DISAPPOINTMENT, (SignKind.CONTEMPT,), unboxing, "Disappointment · contempt", "negative"),
        (STRUGGLE, _STRUGGLE, set_up, "Struggle in set-up", "negative"),
    ):
        gathering = gathered_on(study, kinds, step, rng=rng)
        if gathering is None or gathering.p > alpha:
            continue
        if len(people_of(study, gathering.signs)) >= quorum(gathering.n_measured):
            found.append(finding_of(gathering, study, rule, title=title, mood=mood))
    flow = _flow(study, set_up)
    return (*found, flow) if flow is not None else tuple(found)


def _physical(study: AlignedStudy) -> list[StepSpan]:
    """Steps without a screen that come after one with a screen."""
    first = next((place for place, step in enumerate(study.steps) if step.has_screen), None)
    if first is None:
        return []
    return [step for step in study.steps[first:] if not step.has_screen]


def _flow(study: AlignedStudy, step: StepSpan) -> Finding | None:
    n_measured = study.n_seen_on(step)
    if n_measured < LEAST_PEOPLE:
        return None
    against = study.signs_of((*_STRUGGLE, SignKind.CONTEMPT), step.step_id)
    struggling = {one.person for one in against}
    if len(struggling) > FLOW_SHARE * n_measured:
        return None
    part = study.part(step)
    flowing = np.flatnonzero(study.seen[:, part].any(axis=1))
    people = tuple(study.people[p] for p in flowing if int(p) not in struggling)
    middle = (part.start + part.stop) // 2
    finding = Finding(
        kind=FLOW.kind,
        rule=f"{FLOW.kind} {FLOW.version}",
        step_id=step.step_id,
        start_s=step.start_s,
        position_s=float(study.position_s[middle]),
        end_s=step.end_s,
        mood="neutral",
        title="Flow in set-up",
        participants=people,
        n_measured=n_measured,
        strength=len(people) / n_measured,
        unit="share of participants",
    )
    smiles = [
        one
        for one in study.signs_of((SignKind.SMILE,), step.step_id)
        if one.person not in struggling
    ]
    return replace(finding, evidence=evidence_of(smiles))
