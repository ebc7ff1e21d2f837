"""Which variant of each step a participant meets: balanced, and the same whenever it is asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from journeylab.errors import StudyError
from journeylab.study.assignment_book import PREFIX, AssignmentBook
from journeylab.study.folder import StudyFolder, check_participant_id, check_segments
from journeylab.study.model import Step, Study
from journeylab.study.quotas import HeldSession

__all__ = [
    "PREFIX",
    "Assignment",
    "as_assigned",
    "assign",
    "assign_in",
    "assign_variants",
    "check_filter",
]


@dataclass(frozen=True, slots=True)
class Assignment:
    """How one participant meets a study: the session's segments, variants among them, and the
    steps as they are met."""

    participant_id: str
    segments: dict[str, str]
    steps: tuple[Step, ...]


def assign(
    study: Study,
    participant_id: str,
    *,
    segments: Mapping[str, str],
    earlier: Callable[[], Iterable[HeldSession]],
    book: AssignmentBook | None = None,
) -> Assignment:
    """What a participant of these segments meets, as :func:`assign_variants` balances it.

    Parameters
    ----------
    earlier
        Gives the sessions so far that can be read; asked only where steps have variants.
    book
        What was assigned before, kept beside the sessions: it tells of those that cannot be read,
        and takes this assignment in.

    Raises
    ------
    StudyError
        When the participant id or the segments are not the study's, or a session of hers cannot
        be read and nothing else tells which variants she met.
    StorageError
        When the book cannot be written.
    """
    check_participant_id(participant_id)
    met = check_segments(study, dict(segments))
    if any(step.variants for step in study.steps):
        sessions = tuple(earlier())
        known = {} if book is None else book.beside(sessions, participant_id=participant_id)
        met |= assign_variants(
            study, participant_id, segments=met, earlier=sessions, elsewhere=known
        )
        if book is not None:
            book.note(participant_id, met, sessions)
    return Assignment(participant_id, met, as_assigned(study.steps, met))


def assign_in(
    folder: StudyFolder,
    participant_id: str,
    *,
    segments: Mapping[str, str],
    earlier: Callable[[StudyFolder], Iterable[HeldSession]],
) -> Assignment:
    """What a participant meets in a study with its sessions, as :func:`assign` has it, by what
    its book tells besides those ``earlier`` can read; raises as that."""
    return assign(
        folder.study,
        participant_id,
        segments=segments,
        earlier=lambda: earlier(folder),
        book=AssignmentBook(folder),
    )


def assign_variants(
    study: Study,
    participant_id: str,
    *,
    segments: Mapping[str, str],
    earlier: Iterable[HeldSession],
    elsewhere: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> dict[str, str]:
    """The variant of each step that has any, as segments.

    Minimisation: the variant that leaves the groups most alike, counting all participants, those
    of each value of each segment, and those of the same combination of segments, all at once
    (Pocock & Simon 1975; with overall and within-stratum imbalance beside the marginal ones,
    Hu & Hu 2012). Where several do, one is drawn; the draw is seeded by study, step and
    participant, so nobody chooses. Who comes again meets what she met before.

    Parameters
    ----------
    earlier
        The sessions so far, oldest first, their variants among their segments. Only usable ones
        count as met: what was excluded or is too poor has to be met by somebody else. Simulated
        ones are of nobody and count for nothing.
    elsewhere
        What participants were assigned whose sessions cannot be read, by id: nothing is known of
        their segments, so they count among all participants alone.
    """
    own: Mapping[str, str] = elsewhere.get(participant_id, {})
    usable: dict[str, Mapping[str, str]] = {}
    seen = {participant_id}
    for one in earlier:
        if one.is_simulated:
            continue
        seen.add(one.participant_id)
        if one.participant_id == participant_id:
            own = {**own, **one.segments}
        elif one.is_usable:
            usable[one.participant_id] = one.segments
    met = [*usable.values(), *(elsewhere[who] for who in elsewhere if who not in seen)]
    assigned = {}
    for step in study.steps:
        key = PREFIX + step.id
        if own.get(key) in step.variant_ids:
            assigned[key] = own[key]
        elif step.variants:
            groups = _groups([others for others in met if key in others], key, segments)
            assigned[key] = _draw(step, groups, seed=f"{study.id}/{step.id}/{participant_id}")
    return assigned


def _groups(
    met: Sequence[Mapping[str, str]], key: str, segments: Mapping[str, str]
) -> list[Counter[str]]:
    """How many met each variant, in each group this participant is one more of: all (counted
    twice, for over all the groups are to differ by two at most), those who share a segment's
    value, and those who share them all."""
    shared = [[one for one in met if one.get(name) == value] for name, value in segments.items()]
    alike = [one for one in met if all(one.get(n) == v for n, v in segments.items())]
    groups = [met, met, *shared, alike] if len(segments) > 1 else [met, *shared]
    return [Counter(one[key] for one in group) for group in groups]


def _draw(step: Step, groups: Sequence[Counter[str]], *, seed: str) -> str:
    # One more in a group of n raises its sum of squares by 2 n + 1: the least sum of n over the
    # groups leaves the least sum of squared differences.
    counts = {v: sum(group[v] for group in groups) for v in step.variant_ids}
    fewest = min(counts.values())
    rarest = [variant for variant, count in counts.items() if count == fewest]
    return random.Random(seed).choice(rarest)


def as_assigned(steps: Sequence[Step], segments: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps as the participant of a session with these segments meets them."""
    met = []
    for step in steps:
        variant = segments.get(PREFIX + step.id, "")
        met.append(step.as_variant(variant) if variant in step.variant_ids else step)
    return tuple(met)


def check_filter(study: Study, wanted: dict[str, str]) -> dict[str, str]:
    """Return what sessions are to be chosen by, segments and variants; StudyError for an unknown
    one."""
    variants = {name: value for name, value in wanted.items() if name.startswith(PREFIX)}
    known = {PREFIX + step.id: step.variant_ids for step in study.steps if step.variants}
    for name, value in variants.items():
        if value not in known.get(name, ()):
            raise StudyError(
                f'There is no variant "{value}" of "{name.removeprefix(PREFIX)}".',
                remedy="There are: "
                + ("; ".join(f"{key}={', '.join(ids)}" for key, ids in known.items()) or "none"),
            )
    check_segments(study, {name: value for name, value in wanted.items() if name not in variants})
    return wanted
