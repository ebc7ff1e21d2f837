"""The mood people enter with, from the ad, and whether the first page takes it up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.detectors.aligned_study import AlignedStudy, StepSpan
from journeylab.analysis.detectors.finding import (
    ALPHA,
    Evidence,
    Finding,
    FindingKind,
    Parameter,
    Rule,
)
from journeylab.analysis.detectors.gathering import LEAST_PEOPLE, evidence_of, people_of
from journeylab.analysis.signs import CERTAIN_STATE, SMILE_AU12, SignKind
from journeylab.analysis.statistics_chance import sign_flip_p
from journeylab.vocabulary import StimulusKind

MOOD_SHARE: Final = 0.5
LEAST_FALL: Final = 15.0
_PAGES: Final = frozenset({StimulusKind.PAGE, StimulusKind.SCREENS, StimulusKind.IMAGE})
TEST_FROM: Final = 5
"""Fewer cannot reach 5 % by flipping signs: four give 1 in 2^4 at best."""

ENTRY_MOOD: Final = Rule(
    FindingKind.ENTRY_MOOD,
    "2",
    "At the first video before the first page or screen: at least half of the participants smile "
    "during it (AU12 from 0.3 on), and their mean valence over it lies above neutral: high energy. "
    "At least half show fear (probability from 0.5 on), and it lies below: high anxiety. Else "
    "neutral. Fewer than 5 are told without a test.",
    (
        Parameter("share", MOOD_SHARE, "of those measured"),
        Parameter("AU12", SMILE_AU12),
        Parameter("fear", CERTAIN_STATE),
        Parameter("test_from", TEST_FROM, "participants"),
        Parameter("alpha", ALPHA),
    ),
    "Mood carries over to what follows: Bower 1981; joy and fear: Ekman & Friesen 1983. Test: "
    "Fisher 1935, flipped signs, one-sided",
)
DISCONNECT: Final = Rule(
    FindingKind.DISCONNECT,
    "2",
    "After an entry of high energy or high anxiety, the mean valence over the first page or screen "
    "after the ad is nearer to neutral than over the ad by 15 or more, in the same participants.",
    (
        Parameter("fall", LEAST_FALL, "valence"),
        Parameter("test_from", TEST_FROM, "participants"),
        Parameter("alpha", ALPHA),
    ),
    "15 is one and a half times the least distance of a peak. Test: Fisher 1935, flipped signs, "
    "one-sided, paired",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """The ad's step, and each participant's mean valence over it, NaN where not measured."""

    step: StepSpan
    level: NDArray[np.float64]


def find_entry(
    study: AlignedStudy, *, rng: np.random.Generator, alpha: float = ALPHA
) -> tuple[Finding, ...]:
    """Entry mood and emotional disconnect; nothing where no video comes before the first page, or
    fewer than two faces were measured on it."""
    ad = ad_of(study)
    if ad is None:
        return ()
    entry = _Entry(ad, _level(study, ad))
    if np.isfinite(entry.level).sum() < LEAST_PEOPLE:
        return ()
    mood = _mood(study, entry, rng, alpha)
    disconnect = _disconnect(study, entry, mood, rng, alpha) if mood.is_alarm else None
    return (mood,) if disconnect is None else (mood, disconnect)


def ad_of(study: AlignedStudy) -> StepSpan | None:
    """The ad people enter with: the first video before the first page or screen, whatever was
    explained or asked before it."""
    for step in study.steps:
        if step.kind is StimulusKind.VIDEO:
            return step
        if step.kind in _PAGES:
            return None
    return None


def _mood(study: AlignedStudy, entry: _Entry, rng: np.random.Generator, alpha: float) -> Finding:
    n_measured = int(np.isfinite(entry.level).sum())
    best: Finding | None = None
    for kind, sign, title, mood in (
        (SignKind.SMILE, 1, "Entry: high energy", "joy"),
        (SignKind.FEAR, -1, "Entry: high anxiety", "negative"),
    ):
        signs = study.signs_of((kind,), entry.step.step_id)
        people = people_of(study, signs)
        share = len(people) / n_measured
        p = _p(sign * entry.level, rng, alpha)
        if share < MOOD_SHARE or p == 1.0 or (best is not None and share <= best.strength):
            continue
        best = replace(
            _told(study, entry.step, ENTRY_MOOD, n_measured=n_measured),
            title=title,
            mood=mood,
            participants=people,
            strength=share,
            p=p,
            evidence=evidence_of(signs),
        )
    if best is not None:
        return best
    seen = tuple(study.people[person] for person in np.flatnonzero(np.isfinite(entry.level)))
    return replace(
        _told(study, entry.step, ENTRY_MOOD, n_measured=n_measured),
        title="Entry: neutral",
        participants=seen,
        evidence=_first_moments(study, entry.step, seen),
    )


def _disconnect(
    study: AlignedStudy, entry: _Entry, mood: Finding, rng: np.random.Generator, alpha: float
) -> Finding | None:
    after = study.steps[study.steps.index(entry.step) + 1 :]
    page = next((step for step in after if step.kind in _PAGES), None)
    if page is None:
        return None
    sign = 1 if mood.mood == "joy" else -1
    falls = sign * (entry.level - _level(study, page))
    known = np.isfinite(falls)
    if known.sum() < LEAST_PEOPLE:
        return None
    fall = float(aggregate.robust_mean(falls[known][:, None])[0])
    p = _p(falls, rng, alpha)
    if fall < LEAST_FALL or p == 1.0:
        return None
    behind = tuple(study.people[person] for person in np.flatnonzero(known & (falls >= LEAST_FALL)))
    return replace(
        _told(study, page, DISCONNECT, n_measured=int(known.sum())),
        title="Emotional disconnect",
        mood="warning",
        participants=behind,
        strength=-sign * fall,
        unit="valence",
        p=p,
        evidence=_usual_moments(study, page, behind),
    )


def _level(study: AlignedStudy, step: StepSpan) -> NDArray[np.float64]:
    """(people,) mean valence over a step; NaN where no face was measured."""
    values = study.valence[:, study.part(step)]
    counts = np.isfinite(values).sum(axis=1)
    return np.where(counts > 0, np.nansum(values, axis=1) / np.maximum(counts, 1), np.nan)


def _p(values: NDArray[np.float64], rng: np.random.Generator, alpha: float) -> float | None:
    """Probability of a mean as high by chance; None where it is above 0 in too few participants
    for a test, and 1 where it is too probable or not above 0."""
    known = values[np.isfinite(values)]
    if len(known) < TEST_FROM:
        return None if known.mean() > 0 else 1.0
    p = sign_flip_p(known, rng=rng)
    return p if p <= alpha else 1.0


def _told(study: AlignedStudy, step: StepSpan, rule: Rule, *, n_measured: int) -> Finding:
    """What findings of this module share; a page's disconnect stands at its begin, a mood where
    the trace is furthest from neutral."""
    part = study.part(step)
    mean = study.mean[part]
    point = part.start
    if rule is ENTRY_MOOD and np.isfinite(mean).any():
        point += int(np.nanargmax(np.abs(mean)))
    return Finding(
        kind=rule.kind,
        rule=f"{rule.kind} {rule.version}",
        step_id=step.step_id,
        start_s=step.start_s,
        position_s=float(study.position_s[point]),
        end_s=step.end_s,
        mood="neutral",
        title="",
        participants=(),
        n_measured=n_measured,
        strength=0.0,
        unit="share of participants",
    )


def _usual_moments(
    study: AlignedStudy, step: StepSpan, people: tuple[str, ...]
) -> tuple[Evidence, ...]:
    """Where on the step each session is nearest to its own mean over it: at the begin it may still
    be in the mood it came with."""
    found = []
    for session in study.sessions:
        valence = session.signal("valence")[study.part(step)]
        if session.summary.participant_id not in people or not np.isfinite(valence).any():
            continue
        point = int(np.nanargmin(np.abs(valence - np.nanmean(valence))))
        summary, t_ns = session.summary, int(session.t_ns[study.part(step)][point])
        found.append(Evidence(summary.participant_id, summary.session_id, t_ns))
    return tuple(found)


def _first_moments(
    study: AlignedStudy, step: StepSpan, people: tuple[str, ...]
) -> tuple[Evidence, ...]:
    """When each came to the step."""
    point = study.part(step).start
    return tuple(
        Evidence(
            session.summary.participant_id, session.summary.session_id, int(session.t_ns[point])
        )
        for session in study.sessions
        if session.t_ns[point] >= 0 and (people is None or session.summary.participant_id in people)
    )
