"""Signs of several participants that come together on one step, more than chance would bring."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.detectors.aligned_study import AlignedStudy, PlacedSign, StepSpan
from journeylab.analysis.detectors.finding import Evidence, Finding, Parameter, Place, Rule
from journeylab.analysis.runs import close_short_breaks, runs_of
from journeylab.analysis.signs import SignKind
from journeylab.analysis.statistics_chance import shifted, shifted_into

TOGETHER: Final = 0.05
"""Signs are together when they lie within a tenth of a step: each reaches so far to either side."""
QUORUM: Final = 0.25
LEAST_PEOPLE: Final = 2
PLACE_SHARE: Final = 0.5
TOGETHER_PARAMETERS: Final = (
    Parameter("reach", TOGETHER, "of the step"),
    Parameter("quorum", QUORUM, "of those measured"),
    Parameter("least_people", LEAST_PEOPLE),
    Parameter("place_share", PLACE_SHARE, "of those placed"),
)
SHIFTS: Final = (
    "Lancaster et al. 2018, Physics Reports 748: time-shifted surrogates, largest count on the axis"
)


@dataclass(frozen=True, slots=True, eq=False)
class Gathering:
    """Signs together on one step: over which points, where most, whose, and how probable by
    chance."""

    step: StepSpan
    first: int
    peak: int
    last: int
    signs: tuple[PlacedSign, ...]
    n_measured: int
    p: float


def quorum(n_measured: int) -> int:
    """How many participants make a finding: a quarter, at least two."""
    return max(LEAST_PEOPLE, math.ceil(QUORUM * n_measured))


def gatherings(
    study: AlignedStudy, kinds: Iterable[SignKind], *, rng: np.random.Generator, alpha: float
) -> list[Gathering]:
    """Where signs of these kinds come together.

    Parameters
    ----------
    alpha
        Probability that chance alone brings as many together anywhere on the axis.
    """
    kinds = tuple(kinds)
    shown = study.shown(kinds, reach=TOGETHER)
    counts = shown.sum(axis=0)
    needed = np.zeros(len(counts), dtype=np.int64)
    for step in study.steps:
        needed[study.part(step)] = quorum(study.n_seen_on(step))
    if not (counts >= needed).any():
        return []  # trying chance would change nothing
    chance = shifted(study.shown_in_time(kinds), rng=rng, reaches=study.reaches(TOGETHER))
    least = chance.least_count(alpha)
    found = []
    for step in study.steps:
        part = study.part(step)
        enough = counts[part] >= np.maximum(least, needed[part])
        widened = round(TOGETHER * (part.stop - part.start))
        for low, high in runs_of(close_short_breaks(enough, max_points=2 * widened)):
            peak, count = _peak(shown, slice(part.start + low, part.start + high))
            # Those who show it where most do: theirs is the count that is tested.
            at = slice(peak, peak + 1)
            gathering = _gathering(study, kinds, step=step, shown=shown, around=at, peak=peak)
            found.append(replace(gathering, p=chance.p_of(count)))
    return found


def gathered_on(
    study: AlignedStudy, kinds: Iterable[SignKind], step: StepSpan, *, rng: np.random.Generator
) -> Gathering | None:
    """All signs of these kinds on one step, whenever in it; None of fewer than a quorum.

    ``p`` is the probability, as a mid-p value, that chance alone has as many participants show one
    on this step.
    """
    kinds = tuple(kinds)
    shown = study.shown(kinds)
    part = study.part(step)
    count = int(shown[:, part].any(axis=1).sum())
    if count < quorum(study.n_seen_on(step)):
        return None
    chance = shifted_into(study.shown_in_time(kinds), study.uniform_window(step), rng=rng)
    wide = study.shown(kinds, reach=TOGETHER)
    peak, _ = _peak(wide, part)
    gathering = _gathering(study, kinds, step=step, shown=wide, around=part, peak=peak)
    return replace(gathering, p=chance.mid_p_of(count))


def _peak(shown: NDArray[np.bool_], run: slice) -> tuple[int, int]:
    """The point of a run at which most show it, and how many: of a plateau the middle, of two the
    first."""
    counts = shown[:, run].sum(axis=0)
    most = np.flatnonzero(counts == counts.max())
    return run.start + int(most[runs_middle(most)]), int(counts.max())


def _gathering(
    study: AlignedStudy,
    kinds: Sequence[SignKind],
    *,
    step: StepSpan,
    shown: NDArray[np.bool_],
    around: slice,
    peak: int,
) -> Gathering:
    """The signs that reach into ``around``, as a gathering that is not tested yet."""
    people = set(np.flatnonzero(shown[:, around].any(axis=1)).tolist())
    part = study.part(step)
    wider = round(TOGETHER * (part.stop - part.start))
    signs = tuple(
        one
        for one in study.signs_of(kinds, step.step_id)
        if one.person in people
        and one.last + wider >= around.start
        and one.first - wider < around.stop
    )
    first, last = _usual_extent(signs)
    return Gathering(step, first, peak, last, signs, study.n_seen_on(step), p=1.0)


def runs_middle(points: NDArray[np.int64]) -> int:
    """The place, among sorted points, of the middle of their first unbroken run."""
    breaks = np.flatnonzero(np.diff(points) > 1)
    length = int(breaks[0]) + 1 if len(breaks) else len(points)
    return (length - 1) // 2


def _usual_extent(signs: Sequence[PlacedSign]) -> tuple[int, int]:
    """The median participant's first point and last."""
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    for one in signs:
        firsts[one.person] = min(one.first, firsts.get(one.person, one.first))
        lasts[one.person] = max(one.last, lasts.get(one.person, one.last))
    first = round(float(np.median(list(firsts.values()))))
    return first, max(first, round(float(np.median(list(lasts.values())))))


def people_of(study: AlignedStudy, signs: Iterable[PlacedSign]) -> tuple[str, ...]:
    """Whose signs these are, in the study's order."""
    return tuple(study.people[person] for person in sorted({one.person for one in signs}))


def evidence_of(signs: Iterable[PlacedSign]) -> tuple[Evidence, ...]:
    """The strongest sign of each session as a moment: its middle."""
    best: dict[tuple[int, str], PlacedSign] = {}
    for one in signs:
        key = (one.person, one.session.summary.session_id)
        if key not in best or one.sign.strength > best[key].sign.strength:
            best[key] = one
    return tuple(
        Evidence(
            one.session.summary.participant_id,
            one.session.summary.session_id,
            (one.sign.onset_ns + one.sign.offset_ns) // 2,
        )
        for _, one in sorted(best.items())
    )


def place_of(signs: Iterable[PlacedSign]) -> Place | None:
    """Where on the screen they were: the area named by at least half of those with a place.

    Each participant votes once, with the area of most of her signs.
    """
    votes: dict[int, list[PlacedSign]] = {}
    for one in signs:
        if one.sign.spot.by:
            votes.setdefault(one.person, []).append(one)
    if not votes:
        return None
    names = []
    for own in votes.values():
        named = [one.sign.spot.name for one in own if one.sign.spot.name]
        names.append(max(dict.fromkeys(named), key=named.count, default=""))
    best = max((n for n in dict.fromkeys(names) if n), key=names.count, default="")
    if names.count(best) < PLACE_SHARE * len(names):
        best = ""
    there = [one for own in votes.values() for one in own if not best or one.sign.spot.name == best]
    by = [one.sign.spot.by for one in there]
    return Place(
        name=best,
        by=max(dict.fromkeys(by), key=by.count),
        n=names.count(best) if best else len(votes),
        x=_median([one.sign.spot.x for one in there]),
        y=_median([one.sign.spot.y for one in there]),
    )


def finding_of(
    gathering: Gathering, study: AlignedStudy, rule: Rule, *, title: str, mood: str
) -> Finding:
    """A gathering as a finding; its strength is the share of those measured."""
    people = people_of(study, gathering.signs)
    return Finding(
        kind=rule.kind,
        rule=f"{rule.kind} {rule.version}",
        step_id=gathering.step.step_id,
        start_s=float(study.position_s[gathering.first]),
        position_s=float(study.position_s[gathering.peak]),
        end_s=float(study.position_s[gathering.last]),
        mood=mood,
        title=title,
        participants=people,
        n_measured=gathering.n_measured,
        strength=len(people) / max(gathering.n_measured, 1),
        unit="share of participants",
        p=gathering.p,
        place=place_of(gathering.signs) if gathering.step.has_screen else None,
        evidence=evidence_of(gathering.signs),
    )


def _median(values: Sequence[float]) -> float | None:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else None
