"""Which step is the ad, which unboxing, and which set-up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from analysis.detectors.synthetic import Effect, synthetic_study

from journeylab.analysis.detectors.after_purchase import set_up_of, unboxing_of
from journeylab.analysis.detectors.aligned_study import StepSpan
from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.entry import ad_of
from journeylab.analysis.detectors.finding import FindingKind
from journeylab.analysis.signs import SignKind
from journeylab.vocabulary import StimulusKind


def _steps(*steps: tuple[str, StimulusKind, str]) -> tuple[StepSpan, ...]:
    return tuple(
        StepSpan(step_id, step_id.capitalize(), kind, 10.0 * n, 10.0 * n + 10.0, touchpoint)
        for n, (step_id, kind, touchpoint) in enumerate(steps)
    )


def test_an_ad_after_a_welcome_sets_the_mood() -> None:
    study = synthetic_study(12, [Effect(SignKind.SMILE, "landing", 0.9, lasts=0.6)])
    kinds = {
        "ad": StimulusKind.INSTRUCTION,
        "landing": StimulusKind.VIDEO,
    }
    steps = tuple(replace(one, kind=kinds.get(one.step_id, one.kind)) for one in study.steps)
    moods = {one.kind: one for one in find_findings(replace(study, steps=steps)) if one.is_alarm}
    assert moods[FindingKind.ENTRY_MOOD].step_id == "landing"
    assert moods[FindingKind.DISCONNECT].step_id == "product"


def test_a_video_after_the_first_page_is_no_entry() -> None:
    study = synthetic_study(4)
    steps = tuple(
        replace(one, kind=StimulusKind.PAGE if one.step_id == "ad" else one.kind)
        for one in study.steps
    )
    later = tuple(
        replace(one, kind=StimulusKind.VIDEO) if one.step_id == "product" else one for one in steps
    )
    assert ad_of(replace(study, steps=steps)) is None
    assert ad_of(replace(study, steps=later)) is None


CAMERA = StimulusKind.CAMERA_ONLY


@pytest.mark.parametrize(
    ("steps", "unboxing", "set_up"),
    [
        ((("unboxing", CAMERA, ""),), "unboxing", "unboxing"),
        ((("first", CAMERA, ""), ("last", CAMERA, "")), "first", "last"),
        (
            (
                ("arrival", CAMERA, "package"),
                ("set-up", CAMERA, "product"),
                ("first-use", CAMERA, "product"),
            ),
            "arrival",
            "set-up",
        ),
        ((("thing", CAMERA, "product"), ("call", CAMERA, "phone")), None, "thing"),
    ],
)
def test_steps_are_told_by_what_they_are_called(
    steps: tuple[tuple[str, StimulusKind, str], ...], unboxing: str | None, set_up: str | None
) -> None:
    spans = _steps(*steps)
    found = unboxing_of(spans), set_up_of(spans)
    assert [None if one is None else one.step_id for one in found] == [unboxing, set_up]


def test_an_interview_at_the_end_is_neither() -> None:
    study = synthetic_study(12, [Effect(SignKind.CONTEMPT, "unboxing", 0.6)], seed=3)
    kinds = [one.kind for one in find_findings(study) if one.step_id == "unboxing"]
    assert FindingKind.DISAPPOINTMENT in kinds
    asked = tuple(
        replace(one, title="Interview") if one.step_id == "unboxing" else one for one in study.steps
    )
    asked = tuple(
        replace(one, touchpoint="interview") if one.step_id == "unboxing" else one for one in asked
    )
    kinds = [
        one.kind for one in find_findings(replace(study, steps=asked)) if one.step_id == "unboxing"
    ]
    assert not {FindingKind.DISAPPOINTMENT, FindingKind.STRUGGLE, FindingKind.FLOW} & set(kinds)
