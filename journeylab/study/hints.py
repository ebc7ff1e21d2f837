"""What a careful colleague would say about a study that can be run as it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from journeylab.study.model import Step, Study
from journeylab.vocabulary import StimulusKind

FEWEST_STAGES: Final = 5
MOST_STAGES: Final = 10
LINES_OF_TEXT, LETTERS_A_LINE = 22, 66
"""What of an instruction fits a laptop's screen at the least size that is easy to read."""
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
    yield from _stages(study)
    yield from _twice(study)
    yield from _markers(study)
    yield from _quotas(study)
    yield from _long_texts(study)
    if study.goal.strip() and not study.hypothesis.strip():
        yield Remark(("hypothesis",), "Without a hypothesis the map has no question to answer.")


def stages_of(study: Study) -> tuple[str, ...]:
    """The stages of the journey in the order in which they are first reached."""
    first: dict[str, str] = {}
    for step in study.steps:
        if stage := step.stage.strip():
            first.setdefault(stage.casefold(), stage)
    return tuple(first.values())


def _stages(study: Study) -> Iterator[Remark]:
    for index, step in enumerate(study.steps):
        if not step.stage.strip():
            yield Remark(
                ("steps", index, "stage"),
                "Name the stage of the journey this step belongs to.",
            )
    n_stages = len(stages_of(study))
    if 0 < n_stages < FEWEST_STAGES:
        yield Remark(
            ("steps",),
            f"{n_stages} {'stage makes' if n_stages == 1 else 'stages make'} a short journey. "
            f"{FEWEST_STAGES} to {MOST_STAGES} read best on the map.",
        )
    if n_stages > MOST_STAGES:
        yield Remark(
            ("steps",),
            f"{n_stages} stages make a long journey. {FEWEST_STAGES} to {MOST_STAGES} read best "
            "on the map, and people tire.",
        )


def _markers(study: Study) -> Iterator[Remark]:
    """Keys that mean something else while a step runs."""
    for index, step in enumerate(study.steps):
        for number, marker in enumerate(step.markers):
            hidden = [m.label for m in study.markers if m.pressed == marker.pressed]
            if hidden and hidden[0] != marker.label:
                yield Remark(
                    ("steps", index, "markers", number, "key"),
                    f"While this step runs, {marker.key} sets this and not “{hidden[0]}”.",
                )


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


def _long_texts(study: Study) -> Iterator[Remark]:
    for index, step in enumerate(study.steps):
        places: list[tuple[tuple[str | int, ...], str | None]] = [((), step.stimulus.text)]
        places += [(("variants", n), one.stimulus.text) for n, one in enumerate(step.variants)]
        for place, text in places:
            paragraphs = (text or "").strip().split("\n")
            n_lines = sum(max(1, math.ceil(len(one) / LETTERS_A_LINE)) for one in paragraphs)
            if n_lines > LINES_OF_TEXT:
                yield Remark(
                    ("steps", index, *place, "stimulus", "text"),
                    "This text is too long for a laptop's screen: the participant has to scroll "
                    f"in it. About {LINES_OF_TEXT * LETTERS_A_LINE // 100 * 100} letters fit.",
                )
