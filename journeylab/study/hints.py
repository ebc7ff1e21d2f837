"""What a careful colleague would say about a study that can be run as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from journeylab.study.model import Step, Study
from journeylab.vocabulary import StimulusKind

FEWEST_STAGES: Final = 5
MOST_STAGES: Final = 10
STAGES: Final = ("awareness", "consideration", "decision", "onboarding", "retention", "advocacy")


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a place in a study."""

    place: tuple[str | int, ...]
    sentence: str


def hints(study: Study) -> tuple[Remark, ...]:
    """Advice on a study, none of which keeps it from being run."""
    return tuple(_hints(study))


def starts_with_ad(study: Study) -> bool:
    """Whether the first thing seen is an ad: a video, a picture, or so called."""
    if not study.steps:
        return False
    return _is_ad(study.steps[0])


def _is_ad(step: Step) -> bool:
    words = f"{step.touchpoint} {step.title}".casefold().split()
    kinds = (StimulusKind.VIDEO, StimulusKind.IMAGE)
    return step.stimulus.kind in kinds or bool({"ad", "advert", "advertisement"} & set(words))


def _hints(study: Study) -> Iterator[Remark]:
    if study.steps and not starts_with_ad(study):
        yield Remark(
            ("steps", 0),
            "No ad stands before the first step. The mood people enter with is measured on it.",
        )
    n_steps = len(study.steps)
    if 0 < n_steps < FEWEST_STAGES:
        yield Remark(
            ("steps",),
            f"{n_steps} {'step makes' if n_steps == 1 else 'steps make'} a short journey. "
            f"{FEWEST_STAGES} to {MOST_STAGES} read best on the map.",
        )
    if n_steps > MOST_STAGES:
        yield Remark(
            ("steps",),
            f"{n_steps} steps make a long journey. {FEWEST_STAGES} to {MOST_STAGES} read best on "
            "the map, and people tire.",
        )
    yield from _twice(study)
    yield from _quotas(study)
    if study.goal.strip() and not study.hypothesis.strip():
        yield Remark(("hypothesis",), "Without a hypothesis the map has no question to answer.")


def _twice(study: Study) -> Iterator[Remark]:
    first: dict[str, int] = {}
    for index, step in enumerate(study.steps):
        title = step.title.strip().casefold()
        if title and title in first:
            yield Remark(
                ("steps", index, "title"),
                f"Step {first[title] + 1} has the same title. On the map they look alike.",
            )
        first.setdefault(title, index)


def _quotas(study: Study) -> Iterator[Remark]:
    for index, segment in enumerate(study.segments):
        wanted = sum(segment.quotas.values())
        is_whole = set(segment.quotas) == set(segment.values)
        if study.participants is not None and is_whole and wanted != study.participants:
            yield Remark(
                ("segments", index),
                f"The quotas add up to {wanted}, but {study.participants} participants are wanted.",
            )
