"""Away from the screen: delight or disappointment at unboxing, flow or struggle in set-up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from journeylab.analysis import signs
from journeylab.analysis.detectors.aligned_study import AlignedStudy, StepSpan
from journeylab.analysis.detectors.finding import (
    ALPHA,
    Evidence,
    Finding,
    FindingKind,
    Parameter,
    Rule,
)
from journeylab.analysis.detectors.gathering import (
    LEAST_PEOPLE,
    QUORUM,
    SHIFTS,
    Gathering,
    finding_of,
    gathered_on,
    people_of,
    quorum,
)
from journeylab.analysis.signs import SignKind
from journeylab.analysis.statistics_chance import raised_for_number

FLOW_SHARE: Final = 0.1
_STRUGGLE: Final = (SignKind.FROWN, SignKind.PRESS)
_WHICH: Final = (
    "Steps in front of the camera alone, after one on the screen, are with the thing itself, but "
    "for those called interview, debrief or talk. Unboxing is the first whose touchpoint, title or "
    "id names a package or unboxing, else the first without a touchpoint; set-up the last that "
    "names set-up, else the last whose touchpoint is the product, else the last without one; a "
    "step may be both."
)
_UNBOXING: Final = frozenset({"unboxing", "unbox", "package", "parcel", "box", "delivery"})
_SET_UP: Final = frozenset({"setup", "installation", "install", "assembly", "pairing"})
_PRODUCT: Final = frozenset({"product", "device"})
_TALK: Final = frozenset(
    {"interview", "debrief", "debriefing", "talk", "conversation", "discussion", "feedback"}
)
_PARAMETERS: Final = (
    Parameter("quorum", QUORUM, "of those measured"),
    Parameter("least_people", LEAST_PEOPLE),
    Parameter("alpha", ALPHA),
)

DELIGHT: Final = Rule(
    FindingKind.DELIGHT,
    "2",
    f"{_WHICH} At unboxing at least a quarter of the participants, and at least two, smile (AU12 "
    "from 0.3 on), and more of them than on another stretch as long, with 5 % by chance, over the "
    "tests of these steps together (mid-p, Holm).",
    (Parameter("AU12", signs.SMILE_AU12), *_PARAMETERS),
    f"Ekman & Friesen 1982. {SHIFTS}, in this one window",
)
DISAPPOINTMENT: Final = Rule(
    FindingKind.DISAPPOINTMENT,
    "2",
    f"{_WHICH} At unboxing at least a quarter of the participants, and at least two, show contempt "
    "(AU14 on one side by 0.25 more than on the other, for 0.6 s), and more of them than on "
    "another stretch as long, with 5 % by chance, over the tests of these steps together (mid-p, "
    "Holm).",
    (Parameter("AU14_sides", signs.CONTEMPT_AU14), *_PARAMETERS),
    f"Unilateral AU14: Ekman & Friesen 1986. {SHIFTS}, in this one window",
)
STRUGGLE: Final = Rule(
    FindingKind.STRUGGLE,
    "2",
    f"{_WHICH} In set-up at least a quarter of the participants, and at least two, frown or press "
    "their lips (AU4 or AU24 from 0.3 on, for 0.6 s), and more of them than on another stretch as "
    "long, with 5 % by chance, over the tests of these steps together (mid-p, Holm).",
    (
        Parameter("AU04", signs.FROWN_AU04),
        Parameter("AU24", signs.PRESS_AU24),
        *_PARAMETERS,
    ),
    f"Grafsgaard et al. 2013. {SHIFTS}, in this one window",
)
FLOW: Final = Rule(
    FindingKind.FLOW,
    "2",
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
    unboxing, set_up = unboxing_of(physical), set_up_of(physical)
    tried: list[tuple[Gathering | None, Rule, str, str]] = []
    for rule, kinds, step, title, mood in (
        (DELIGHT, (SignKind.SMILE,), unboxing, "Delight · AU12", "joy"),
        (DISAPPOINTMENT, (SignKind.CONTEMPT,), unboxing, "Disappointment · contempt", "negative"),
        (STRUGGLE, _STRUGGLE, set_up, "Struggle in set-up", "negative"),
    ):
        if step is not None:
            tried.append((gathered_on(study, kinds, step, rng=rng), rule, title, mood))
    ps = raised_for_number([1.0 if gathering is None else gathering.p for gathering, *_ in tried])
    found = [
        finding_of(replace(gathering, p=p), study, rule, title=title, mood=mood)
        for (gathering, rule, title, mood), p in zip(tried, ps, strict=True)
        if gathering is not None
        and p <= alpha
        and len(people_of(study, gathering.signs)) >= quorum(gathering.n_measured)
    ]
    flow = None if set_up is None else _flow(study, set_up)
    return (*found, flow) if flow is not None else tuple(found)


def _physical(study: AlignedStudy) -> list[StepSpan]:
    """Steps without a screen that come after one with a screen."""
    first = next((place for place, step in enumerate(study.steps) if step.has_screen), None)
    if first is None:
        return []
    return [
        step for step in study.steps[first:] if not step.has_screen and not _words(step) & _TALK
    ]


def unboxing_of(physical: Sequence[StepSpan]) -> StepSpan | None:
    """Which of the steps with the thing itself is unboxing, by the rule; None where none is."""
    named = [step for step in physical if _words(step) & _UNBOXING]
    unnamed = [step for step in physical if not step.touchpoint]
    return next(iter(named or unnamed), None)


def set_up_of(physical: Sequence[StepSpan]) -> StepSpan | None:
    """Which of the steps with the thing itself is set-up, by the rule; None where none is."""
    named = [step for step in physical if _words(step) & _SET_UP]
    product = [step for step in physical if _words_in(step.touchpoint) & _PRODUCT]
    unnamed = [step for step in physical if not step.touchpoint]
    return next(reversed(named or product or unnamed), None)


def _words(step: StepSpan) -> frozenset[str]:
    return _words_in(f"{step.touchpoint} {step.title} {step.step_id}")


def _words_in(text: str) -> frozenset[str]:
    joined = re.sub(r"set[-_ ]?up", "setup", text.casefold())
    return frozenset(re.findall(r"\w+", joined.replace("_", " ")))


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
    moments = [
        Evidence(
            session.summary.participant_id, session.summary.session_id, int(session.t_ns[middle])
        )
        for session in study.sessions
        if session.summary.participant_id in people and session.t_ns[middle] >= 0
    ]
    return replace(finding, evidence=tuple(moments))
