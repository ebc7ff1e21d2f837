"""A study: goal, steps, stimuli, segments, markers, expressions, as written in study.toml."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from journeylab.study.formula import Formula, parse_formula
from journeylab.study.parts import Identifier, Part, check_distinct
from journeylab.study.privacy import Privacy
from journeylab.study.questions import Question
from journeylab.study.stimulus import Aoi, Stimulus
from journeylab.vocabulary import StimulusKind

__all__ = ["Aoi", "Expression", "MarkerKey", "Question", "Segment", "Step", "Stimulus", "Study"]

CONTROL: Final = "a"
"""The variant of a step that its own stimulus is."""


class MarkerKey(Part):
    """One marker of a study's or a step's own list and the key that sets it."""

    key: str = Field(min_length=1, max_length=1)
    label: str = Field(min_length=1, max_length=40)

    @field_validator("key")
    @classmethod
    def _can_be_seen(cls, key: str) -> str:
        if key.isspace():
            raise ValueError("a marker's key is one letter, digit or sign")
        return key

    @property
    def pressed(self) -> str:
        """The key that goes down: ``a`` and ``A`` are the same one."""
        return self.key.casefold()


def _with_keys_of_their_own(markers: tuple[MarkerKey, ...]) -> tuple[MarkerKey, ...]:
    first: dict[str, MarkerKey] = {}
    for marker in markers:
        other = first.setdefault(marker.pressed, marker)
        if other is not marker:
            raise ValueError(
                f'two markers have the same key, "{other.label}" {other.key} and '
                f'"{marker.label}" {marker.key}; give each its own'
            )
    return markers


Markers = Annotated[tuple[MarkerKey, ...], AfterValidator(_with_keys_of_their_own)]


class Variant(Part):
    """Another version of a step, shown to a share of the participants in place of its own.

    It is measured by ``aois`` of its own; None for those of the step, and empty for none.
    """

    id: Identifier
    title: str = Field(default="", max_length=80)
    stimulus: Stimulus
    aois: tuple[Aoi, ...] | None = None


class Step(Part):
    """One step of the journey, as the participant meets it.

    ``task`` is what the participant is asked to do, ``success`` how the moderator tells that it
    was done, ``guide`` what she may ask and watch for. ``touchpoint`` is what is met (site, ad,
    package), ``channel`` where (web, store, mail), ``owner`` who answers for it. ``questions``
    are asked when the step ends. ``markers`` are set while this step runs, before the study's
    own. With ``variants`` the step's own stimulus is variant "a".
    """

    id: Identifier
    title: str = Field(min_length=1, max_length=80)
    stage: str = Field(default="", max_length=40)
    touchpoint: str = Field(default="", max_length=40)
    channel: str = Field(default="", max_length=40)
    owner: str = Field(default="", max_length=80)
    task: str = ""
    success: str = ""
    guide: str = ""
    planned_s: float = Field(default=30.0, gt=0, le=24 * 3600)
    stimulus: Stimulus
    aois: tuple[Aoi, ...] = ()
    variants: tuple[Variant, ...] = Field(default=(), max_length=7)
    questions: tuple[Question, ...] = ()
    markers: Markers = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Step:
        check_distinct([CONTROL, *(v.id for v in self.variants)], what="variants")
        check_distinct([q.id for q in self.questions], what="questions")
        for aois in (self.aois, *(v.aois or () for v in self.variants)):
            check_distinct([f"{aoi.screen}/{aoi.name}" for aoi in aois], what="AOIs")
        if self.stimulus.kind is StimulusKind.QUESTIONS and not self.questions:
            raise ValueError('a step of kind "questions" needs questions')
        return self

    @property
    def variant_ids(self) -> tuple[str, ...]:
        """The versions a participant may meet; empty when there is only one."""
        return (CONTROL, *(v.id for v in self.variants)) if self.variants else ()

    def as_variant(self, variant_id: str) -> Step:
        """The step as a participant of that variant meets it; itself for the control.

        Raises
        ------
        KeyError
            When it has no such variant.
        """
        if variant_id == CONTROL:
            return self
        for variant in self.variants:
            if variant.id == variant_id:
                aois = self.aois if variant.aois is None else variant.aois
                return self.model_copy(update={"stimulus": variant.stimulus, "aois": aois})
        raise KeyError(variant_id)


class Segment(Part):
    """A field of the participant form, such as device, with the values it may take.

    ``quotas`` says how many participants are wanted of a value.
    """

    name: Identifier
    values: tuple[str, ...] = Field(min_length=1)
    quotas: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _quotas_are_of_its_values(self) -> Segment:
        for value, wanted in self.quotas.items():
            if value not in self.values:
                raise ValueError(f'there is a quota for "{value}", which is none of its values')
            if wanted < 0:
                raise ValueError(f'the quota for "{value}" is below 0')
        return self


class Expression(Part):
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


class Study(Part):
    """A study file. ``format`` is the version of its layout.

    ``participants`` is how many usable sessions are wanted; ``questions`` are asked at the end.
    """

    format: Literal["1"] = "1"
    id: Identifier
    title: str = Field(min_length=1, max_length=120)
    goal: str = ""
    hypothesis: str = ""
    participants: int | None = Field(default=None, ge=1, le=10_000)
    steps: tuple[Step, ...] = Field(min_length=1)
    segments: tuple[Segment, ...] = ()
    markers: Markers = DEFAULT_MARKERS
    expressions: tuple[Expression, ...] = Field(default=(), max_length=12)
    questions: tuple[Question, ...] = ()
    privacy: Privacy = Privacy()

    @field_validator("steps")
    @classmethod
    def _step_ids_differ(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        check_distinct([step.id for step in steps], what="steps")
        return steps

    @field_validator("questions")
    @classmethod
    def _question_ids_differ(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        check_distinct([question.id for question in questions], what="questions")
        return questions

    @field_validator("segments")
    @classmethod
    def _segment_names_differ(cls, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        check_distinct([segment.name for segment in segments], what="segments")
        return segments

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

    def markers_during(self, step: Step | None) -> tuple[MarkerKey, ...]:
        """The markers that can be set while a step runs: its own first, then the study's.

        A marker of the study that has a key or a name of the step's own rests meanwhile.
        """
        own = () if step is None else step.markers
        keys, labels = {one.pressed for one in own}, {one.label for one in own}
        rest = (m for m in self.markers if m.pressed not in keys and m.label not in labels)
        return (*own, *rest)

    @property
    def planned_s(self) -> float:
        """Planned duration of the whole journey, s."""
        return sum(step.planned_s for step in self.steps)
