"""A study: goal, steps, stimuli, segments, markers, expressions, as written in study.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from journeylab.study.formula import Formula, parse_formula
from journeylab.study.privacy import Privacy
from journeylab.vocabulary import StimulusKind

_ID = r"^[a-z0-9][a-z0-9_-]*$"
Identifier = Annotated[str, Field(pattern=_ID, max_length=64)]


class _Part(BaseModel):
    """Frozen, and unknown keys are mistakes: a typing error must not pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stimulus(_Part):
    """What a step shows.

    ``path`` is relative to the study folder: the video, the image, or the first page of a step
    of kind page (``url`` instead, for a page served on this machine). ``text`` is the body of an
    instruction. ``pictures`` maps a value of the segment ``device`` (or ``any``) to a picture
    shown on the map when the session holds none of its own.
    """

    kind: StimulusKind
    path: str | None = None
    url: str | None = None
    text: str | None = None
    pictures: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Stimulus:
        if self.kind in (StimulusKind.VIDEO, StimulusKind.IMAGE) and not self.path:
            raise ValueError(f'a stimulus of kind "{self.kind}" needs a path')
        if self.kind is StimulusKind.PAGE and bool(self.path) == bool(self.url):
            raise ValueError('a stimulus of kind "page" needs either a path or a url')
        if self.kind is StimulusKind.INSTRUCTION and not self.text:
            raise ValueError('a stimulus of kind "instruction" needs a text')
        return self


class Step(_Part):
    """One step of the journey, as the participant meets it."""

    id: Identifier
    title: str = Field(min_length=1, max_length=80)
    stage: str = Field(default="", max_length=40)
    task: str = ""
    guide: str = ""
    planned_s: float = Field(default=30.0, gt=0, le=24 * 3600)
    stimulus: Stimulus


class Segment(_Part):
    """A field of the participant form, such as device, with the values it may take."""

    name: Identifier
    values: tuple[str, ...] = Field(min_length=1)


class MarkerKey(_Part):
    """One marker of the study's own list and the key that sets it."""

    key: str = Field(min_length=1, max_length=1)
    label: str = Field(min_length=1, max_length=40)


class Expression(_Part):
    """An expression of the study's own: a name, and a formula over action units.

    The formula gives 0..1 for each frame; from ``threshold`` on the expression counts as shown.
    """

    name: str = Field(min_length=1, max_length=24, pattern=r"^\S(.*\S)?$")
    formula: str
    threshold: float = Field(default=0.4, gt=0, le=1)

    @field_validator("formula")
    @classmethod
    def _can_be_understood(cls, text: str) -> str:
        parse_formula(text)
        return text

    @property
    def intensity(self) -> Formula:
        """The formula, ready to be evaluated."""
        return parse_formula(self.formula)


DEFAULT_MARKERS = (
    MarkerKey(key="1", label="confusion"),
    MarkerKey(key="2", label="frustration"),
    MarkerKey(key="3", label="delight"),
    MarkerKey(key="4", label="quote"),
)


class Study(_Part):
    """A study file. ``format`` is the version of its layout."""

    format: Literal["1"] = "1"
    id: Identifier
    title: str = Field(min_length=1, max_length=120)
    goal: str = ""
    hypothesis: str = ""
    steps: tuple[Step, ...] = Field(min_length=1)
    segments: tuple[Segment, ...] = ()
    markers: tuple[MarkerKey, ...] = DEFAULT_MARKERS
    expressions: tuple[Expression, ...] = Field(default=(), max_length=12)
    privacy: Privacy = Privacy()

    @field_validator("steps")
    @classmethod
    def _step_ids_differ(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        seen: set[str] = set()
        for step in steps:
            if step.id in seen:
                raise ValueError(f'two steps have the id "{step.id}"; give each its own')
            seen.add(step.id)
        return steps

    @field_validator("markers")
    @classmethod
    def _marker_keys_differ(cls, markers: tuple[MarkerKey, ...]) -> tuple[MarkerKey, ...]:
        keys = [marker.key for marker in markers]
        if len(set(keys)) != len(keys):
            raise ValueError("two markers have the same key; give each its own")
        return markers

    @field_validator("expressions")
    @classmethod
    def _expression_names_differ(
        cls, expressions: tuple[Expression, ...]
    ) -> tuple[Expression, ...]:
        names = [expression.name.casefold() for expression in expressions]
        if len(set(names)) != len(names):
            raise ValueError("two expressions have the same name; give each its own")
        return expressions

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError when there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    @property
    def planned_s(self) -> float:
        """Planned duration of the whole journey, s."""
        return sum(step.planned_s for step in self.steps)
