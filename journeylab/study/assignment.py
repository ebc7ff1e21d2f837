"""Which variant of each step a participant meets: balanced, and the same whenever it is asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeylab.errors import StudyError
from journeylab.study.folder import check_participant_id, check_segments
from journeylab.study.model import Step, Study
from journeylab.study.quotas import HeldSession

PREFIX: Final = "variant."
"""A variant stands among a session's segments, as ``variant.<step id>``: what is compared by device
is compared by variant in the same way."""


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
) -> Assignment:
    """What a participant of these segments meets, as :func:`assign_variants` balances it.

    Parameters
    ----------
    earlier
        Gives the sessions so far; asked only where steps have variants.

    Raises
    ------
    StudyError
        When the participant id or the segments are not the study's.
    """
    check_participant_id(participant_id)
    met = check_segments(study, dict(segments))
    if any(step.variants for step in study.steps):
        met |= assign_variants(study, participant_id, segments=met, earlier=earlier())
    return Assignment(participant_id, met, as_assigned(study.steps, met))


def assign_variants(
    study: Study,
    participant_id: str,
    *,
    segments: Mapping[str, str],
    earlier: Iterable[HeldSession],
) -> dict[str, str]:
    """The variant of each step that has any, as segments.

    Of the variants that the fewest earlier participants of the same segments met, one is drawn;
    the draw is seeded by study, step and participant. So groups differ by one at most, within each
    combination of segments, and nobody chooses. Who comes again meets what she met before.

    Parameters
    ----------
    earlier
        The sessions so far, oldest first, their variants among their segments. Simulated ones are
        of nobody and count for nothing.
    """
    met_by = {one.participant_id: one.segments for one in earlier if not one.is_simulated}
    own = met_by.pop(participant_id, {})
    alike = [
        others
        for others in met_by.values()
        if all(others.get(name) == value for name, value in segments.items())
    ]
    assigned = {}
    for step in study.steps:
        key = PREFIX + step.id
        if own.get(key) in step.variant_ids:
            assigned[key] = own[key]
        elif step.variants:
            met = Counter(others[key] for others in alike if key in others)
            assigned[key] = _draw(step, met, seed=f"{study.id}/{step.id}/{participant_id}")
    return assigned


def _draw(step: Step, met: Counter[str], *, seed: str) -> str:
    fewest = min(met[variant] for variant in step.variant_ids)
    rarest = [variant for variant in step.variant_ids if met[variant] == fewest]
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
