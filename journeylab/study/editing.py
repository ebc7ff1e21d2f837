"""A study while it is edited: changes as new frozen values, and a stack of them to undo.

A study in the making may lack what a finished one needs (a title, a file). It is a
:class:`~journeylab.study.model.Study` all the same, made by copying without checks; what it lacks
is told by :mod:`journeylab.study.problems`, and only a study without problems is written.

A *place* says where in a study something stands: ``("steps", 2, "stimulus", "path")``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from journeylab.study.device_frame import FRAMED
from journeylab.study.model import CONTROL, DEFAULT_MARKERS, Segment, Step, Study, Variant
from journeylab.study.questions import Question
from journeylab.study.stimulus import Stimulus
from journeylab.vocabulary import QuestionKind, StimulusKind

Place = tuple[str | int, ...]

LONGEST_HISTORY: Final = 500
_LONGEST_ID: Final = 48


def value_at(part: Any, place: Place) -> Any:
    """What stands at a place.

    Raises
    ------
    LookupError
        When there is no such place.
    """
    for key in place:
        if isinstance(key, int) or isinstance(part, Mapping):
            part = part[key]
        elif hasattr(part, key):
            part = getattr(part, key)
        else:
            raise KeyError(key)
    return part


def with_value(part: Any, place: Place, value: Any) -> Any:
    """A copy in which ``value`` stands at a place; nothing is checked.

    Raises
    ------
    LookupError
        When there is no such place.
    """
    if not place:
        return value
    key, rest = place[0], place[1:]
    if isinstance(key, int):
        items = list(part)
        items[key] = with_value(items[key], rest, value)
        return tuple(items)
    if isinstance(part, BaseModel):
        return part.model_copy(update={key: with_value(getattr(part, key), rest, value)})
    return {**part, key: with_value(part.get(key), rest, value)}


def with_entry(entries: Mapping[str, str], name: str, value: str | None) -> dict[str, str]:
    """The entries with one changed or added; None takes it away. The others keep their order."""
    if value is None:
        return {key: kept for key, kept in entries.items() if key != name}
    return {**entries, name: value}


def inserted(part: Any, place: Place, value: Any) -> Any:
    """A copy with ``value`` put before the item at ``place``, whose last key is an index."""
    above, index = _split(place)
    items = value_at(part, above)
    return with_value(part, above, (*items[:index], value, *items[index:]))


def removed(part: Any, place: Place) -> Any:
    """A copy without the item at ``place``, whose last key is an index."""
    above, index = _split(place)
    items = list(value_at(part, above))
    del items[index]
    return with_value(part, above, tuple(items))


def moved(part: Any, place: Place, to: int) -> Any:
    """A copy in which the item at ``place`` stands at ``to`` among its fellows instead."""
    above, index = _split(place)
    items = list(value_at(part, above))
    items.insert(to, items.pop(index))
    return with_value(part, above, tuple(items))


def _split(place: Place) -> tuple[Place, int]:
    index = place[-1]
    if not isinstance(index, int):
        raise TypeError(f"an index is wanted at the end of {place}")
    return place[:-1], index


# -- the parts a person adds --------------------------------------------------------------------


def slug(title: str) -> str:
    """An id made of a title: small letters, digits and hyphens; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-")


def as_identifier(text: str) -> str:
    """A name that is being typed, in the letters an id may have; its end is left open."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_-]", "-", plain).lstrip("-_")[:_LONGEST_ID]


def fresh_id(wanted: str, taken: Iterable[str]) -> str:
    """``wanted``, or with the first number that makes it differ from all that are taken."""
    others = set(taken)
    candidate, number = wanted, 2
    while candidate in others:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def empty_stimulus(kind: StimulusKind) -> Stimulus:
    """A stimulus of a kind, with nothing chosen yet."""
    return Stimulus.model_construct(kind=kind)


def as_kind(stimulus: Stimulus, kind: StimulusKind) -> Stimulus:
    """The stimulus turned into another kind, with what that kind can still use."""
    keeps_file = {StimulusKind.VIDEO, StimulusKind.IMAGE, StimulusKind.PAGE}
    words = {StimulusKind.INSTRUCTION, StimulusKind.CAMERA_ONLY}
    fresh = empty_stimulus(kind).model_copy(update={"pictures": stimulus.pictures})
    changes: dict[str, Any] = {}
    if kind in words and stimulus.kind in words:
        changes["text"] = stimulus.text
    if kind in keeps_file and stimulus.kind in keeps_file:
        changes["path"] = stimulus.path
    if kind in FRAMED and stimulus.kind in FRAMED:
        changes["frame"] = stimulus.frame
    return fresh.model_copy(update=changes)


def new_step(study: Study) -> Step:
    """A step to be filled in."""
    step_id = fresh_id("step", (step.id for step in study.steps))
    stage = study.steps[-1].stage if study.steps else "awareness"
    stimulus = empty_stimulus(StimulusKind.INSTRUCTION)
    return Step.model_construct(id=step_id, title="", stage=stage, stimulus=stimulus)


def copy_of(step: Step, study: Study) -> Step:
    """The same step once more, with an id of its own."""
    ids = [other.id for other in study.steps]
    title = fresh_title(step.title, (other.title for other in study.steps))
    return step.model_copy(update={"id": fresh_id(step.id, ids), "title": title})


def fresh_title(title: str, taken: Iterable[str]) -> str:
    """``Ad``, ``Ad 2``, ``Ad 3``: the first that no other has."""
    others = set(taken)
    candidate, number = title, 2
    while candidate in others and title:
        candidate, number = f"{title} {number}", number + 1
    return candidate


def retitled(study: Study, index: int, title: str, *, keeps_id: bool) -> Study:
    """A step with another title. Its id follows, unless sessions know it by its id already."""
    step = study.steps[index]
    others = [other.id for other in study.steps if other is not step]
    changes: dict[str, Any] = {"title": title}
    if not keeps_id and (re.fullmatch(r"step(-\d+)?", step.id) or _follows(step)):
        changes["id"] = fresh_id(slug(title) or "step", others)
    changed: Study = with_value(study, ("steps", index), step.model_copy(update=changes))
    return changed


def _follows(step: Step) -> bool:
    base = slug(step.title) or "step"
    return re.fullmatch(rf"{re.escape(base)}(-\d+)?", step.id) is not None


def new_question(kind: QuestionKind, taken: Iterable[str]) -> Question:
    """A question of a kind; the standard ones have their words already."""
    return Question.model_construct(id=fresh_id(kind.value, taken), kind=kind)


def new_variant(step: Step) -> Variant:
    """The next version of a step, beginning as its own stimulus."""
    taken = {CONTROL, *(variant.id for variant in step.variants)}
    letters = (letter for letter in "bcdefghijklm" if letter not in taken)
    return Variant.model_construct(id=next(letters), title="", stimulus=step.stimulus)


def new_segment(study: Study) -> Segment:
    """A segment to be filled in."""
    name = fresh_id("segment", (segment.name for segment in study.segments))
    return Segment.model_construct(name=name, values=("",), quotas={})


def with_segment_value(segment: Segment, index: int, value: str) -> Segment:
    """A segment one of whose values is called otherwise; its quota goes with it."""
    old = segment.values[index]
    values = tuple(value if n == index else other for n, other in enumerate(segment.values))
    quotas = {value if name == old else name: wanted for name, wanted in segment.quotas.items()}
    if old in values:  # it stood twice: the other one keeps the quota
        quotas = dict(segment.quotas)
    return segment.model_copy(update={"values": values, "quotas": quotas})


def with_quota(segment: Segment, value: str, wanted: int | None) -> Segment:
    """A segment with another number of participants wanted of a value; None for no quota."""
    quotas = {name: n for name, n in segment.quotas.items() if name != value}
    if wanted is not None:
        quotas[value] = wanted
    ordered = {name: quotas[name] for name in segment.values if name in quotas}
    return segment.model_copy(update={"quotas": ordered})


def blank_study() -> Study:
    """A study to begin with: an ad and a first page, devices, the usual markers."""
    return Study.model_construct(
        id="study",
        title="",
        steps=(
            Step.model_construct(
                id="ad",
                title="Ad",
                stage="awareness",
                planned_s=15.0,
                stimulus=empty_stimulus(StimulusKind.VIDEO),
            ),
            Step.model_construct(
                id="landing-page",
                title="Landing page",
                stage="awareness",
                stimulus=empty_stimulus(StimulusKind.PAGE),
            ),
        ),
        segments=(Segment(name="device", values=("desktop", "mobile")),),
        markers=DEFAULT_MARKERS,
    )


# -- undo -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """A state of the study, and the act that led to it, in words."""

    study: Study
    act: str = ""
    run: str = ""


class History:
    """The states of a study in editing; what follows on a change after an undo is dropped.

    Changes of one ``run``, such as the letters typed into one field, are undone as one.
    """

    def __init__(self, study: Study) -> None:
        self._past: list[Edit] = [Edit(study)]
        self._future: list[Edit] = []
        self._saved = study

    @property
    def now(self) -> Study:
        """The study as it stands."""
        return self._past[-1].study

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what was saved."""
        return self.now != self._saved

    @property
    def undoes(self) -> str:
        """What :meth:`undo` takes back, in words; empty when there is nothing."""
        return self._past[-1].act if len(self._past) > 1 else ""

    @property
    def redoes(self) -> str:
        """What :meth:`redo` does again, in words; empty when there is nothing."""
        return self._future[-1].act if self._future else ""

    def do(self, study: Study, act: str, *, run: str = "") -> bool:
        """Take a new state; False when it is no change."""
        if study == self.now:
            return False
        edit = Edit(study, act, run)
        if run and run == self._past[-1].run and not self._future:
            self._past[-1] = edit
        else:
            self._past.append(edit)
        self._future.clear()
        if len(self._past) > LONGEST_HISTORY:
            del self._past[1]
        return True

    def break_run(self) -> None:
        """The next change is undone by itself, whatever its run."""
        last = self._past[-1]
        self._past[-1] = Edit(last.study, last.act)

    def undo(self) -> bool:
        """Go back one change; False when there is none."""
        if len(self._past) == 1:
            return False
        self._future.append(self._past.pop())
        self.break_run()
        return True

    def redo(self) -> bool:
        """Take back the last undo; False when there is none."""
        if not self._future:
            return False
        self._past.append(self._future.pop())
        self.break_run()
        return True

    def note_saved(self, study: Study) -> None:
        """What stands on the disk now; where it differs from the present, that is a change."""
        self._saved = study
        self.do(study, "save")
