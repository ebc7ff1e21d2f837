"""Each mistake is a plain sentence at its place; a sound study has none. Hints stop nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from journeylab.assets import asset
from journeylab.study.device_frame import DeviceFrame, FrameKind
from journeylab.study.editing import (
    Place,
    blank_study,
    empty_stimulus,
    inserted,
    new_question,
    new_segment,
    new_step,
    with_value,
)
from journeylab.study.folder import StudyFolder, load_study
from journeylab.study.hints import hints, stages_of
from journeylab.study.model import Aoi, Expression, MarkerKey, Segment, Study, Variant
from journeylab.study.pictures import video_duration_s
from journeylab.study.problems import bad_address, bad_host, problems
from journeylab.study.stimulus import Hotspot, Screen, Stimulus
from journeylab.vocabulary import QuestionKind, StimulusKind

STEP = ("steps", 1)
STIMULUS = (*STEP, "stimulus")


@pytest.fixture
def demo() -> StudyFolder:
    return load_study(asset("demo-study"))


def _screens(*screens: Screen) -> Stimulus:
    return empty_stimulus(StimulusKind.SCREENS).model_copy(update={"screens": screens})


def test_the_demo_has_neither_problems_nor_hints(demo: StudyFolder) -> None:
    assert problems(demo.study, demo.stimulus_path) == ()
    assert hints(demo.study) == ()


URL = empty_stimulus(StimulusKind.PAGE).model_copy(update={"url": "shop.example"})
HOSTS = URL.model_copy(update={"url": "https://a.example", "allow": ("b.example", "http://c")})
LOST = Hotspot.model_construct(box=(0, 0, 9, 9), leads_to="nowhere")
LEADING = _screens(Screen.model_construct(id="one", path="x.png", hotspots=(LOST,)))
TWINS = (MarkerKey(key="1", label="joy"), MarkerKey(key="1", label="doubt"))
SIBLINGS = (MarkerKey(key="a", label="joy"), MarkerKey(key="A", label="doubt"))
CHOICE = new_question(QuestionKind.CHOICE, ()).model_copy(update={"text": "?", "choices": ("a",)})
DEVICE = Segment(name="device", values=("desktop",))
TV = DEVICE.model_copy(update={"quotas": {"tv": 3}})
DOUBLE = DEVICE.model_copy(update={"values": ("a", "a")})
QUESTIONS = empty_stimulus(StimulusKind.QUESTIONS)


@pytest.mark.parametrize(
    ("place", "value", "at", "sentence"),
    [
        (("title",), " ", ("title",), "Give the study a title."),
        (("participants",), 0, ("participants",), "A number from 1 to 10000 is expected."),
        (("steps",), (), ("steps",), "The study has no step. Add the first one."),
        ((*STEP, "title"), "", (*STEP, "title"), "Give the step a title."),
        ((*STEP, "planned_s"), 0.0, (*STEP, "planned_s"), "Plan its seconds"),
        ((*STIMULUS, "path"), "", (*STIMULUS, "path"), "Choose an HTML file"),
        ((*STIMULUS, "path"), "no.html", (*STIMULUS, "path"), "no.html is not there."),
        ((*STIMULUS, "path"), "../x", (*STIMULUS, "path"), "Copy it into stimuli/"),
        (STIMULUS, empty_stimulus(StimulusKind.VIDEO), (*STIMULUS, "path"), "Choose a video"),
        (STIMULUS, empty_stimulus(StimulusKind.INSTRUCTION), (*STIMULUS, "text"), "Write what"),
        (STIMULUS, URL, (*STIMULUS, "url"), '"shop.example" is no address.'),
        (STIMULUS, HOSTS, (*STIMULUS, "allow"), '"http://c" is no host.'),
        (STIMULUS, _screens(), (*STIMULUS, "screens"), "Add the first screenshot."),
        (STIMULUS, LEADING, (*STIMULUS, "screens", 0, "path"), "x.png is not there."),
        (STIMULUS, LEADING, (*STIMULUS, "screens", 0, "hotspots", 0), "Say which screen"),
        (STIMULUS, QUESTIONS, (*STEP, "questions"), "asks questions and has none"),
        ((*STEP, "questions"), (CHOICE,), (*STEP, "questions", 0, "choices"), "at least two"),
        (
            ("questions",),
            (new_question(QuestionKind.SCALE, ()),),
            ("questions", 0, "text"),
            "Write the question.",
        ),
        (("markers",), TWINS, ("markers", 1, "key"), '"joy" has the key 1 already.'),
        (("markers",), SIBLINGS, ("markers", 1, "key"), "the key a, which is the same key as A."),
        (("segments",), (TV,), ("segments", 0, "quotas"), 'a quota for "tv"'),
        (("segments",), (DOUBLE,), ("segments", 0, "values", 1), '"a" stands here twice.'),
        (("segments",), (DEVICE, DEVICE), ("segments", 1, "name"), "another segment of this"),
        (("segments", 0, "name"), "Age Band", ("segments", 0, "name"), "String should match"),
        (("id",), "No Id", ("id",), "String should match"),
    ],
)
def test_a_mistake_is_told_at_its_place(
    demo: StudyFolder, place: Place, value: Any, at: Place, sentence: str
) -> None:
    study = with_value(demo.study, place, value)
    found = [one for one in problems(study, demo.stimulus_path) if one.place == at]
    assert any(sentence in one.sentence for one in found), problems(study, demo.stimulus_path)


def test_a_blank_study_says_all_that_is_to_be_done() -> None:
    places = [one.place for one in problems(blank_study())]
    assert places == [
        ("title",), ("steps", 0, "stimulus", "path"), ("steps", 1, "stimulus", "path"),
    ]  # fmt: skip
    study = with_value(blank_study(), ("segments",), (new_segment(blank_study()),))
    assert ("segments", 0, "values", 0) in [one.place for one in problems(study)]


def test_an_area_off_its_picture_is_told_at_the_area(demo: StudyFolder, tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "a.png")
    image = Stimulus(kind=StimulusKind.IMAGE, path=str(tmp_path / "a.png"))
    aois = (Aoi(name="in", box=(0, 0, 9, 9)), Aoi(name="out", box=(95, 0, 9, 9)))
    step = demo.study.steps[1].model_copy(update={"stimulus": image, "aois": aois})
    (found,) = problems(with_value(demo.study, STEP, step), Path)
    assert found.place == (*STEP, "aois", 1)
    assert "lies off the picture" in found.sentence


@pytest.mark.parametrize("host", ["shop.example", "*.shop.example", "127.0.0.1", "müller.example"])
def test_a_host_is_a_host(host: str) -> None:
    assert bad_host(host) == ""


@pytest.mark.parametrize("host", ["", "*.", "a b", "http://x", "x/y", "*", "a.*.b", ".x"])
def test_what_is_no_host_is_told(host: str) -> None:
    assert "is no host" in bad_host(host)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "https://shop.example/a?b#c"])
def test_an_address_is_an_address(url: str) -> None:
    assert bad_address(url) == ""


@pytest.mark.parametrize(
    "url", ["", "shop.example", "ftp://x", "http://", "http://a b/", "http://x:99999/", "http://["]
)
def test_what_is_no_address_is_told(url: str) -> None:
    assert "is no address" in bad_address(url)


def test_a_journey_without_an_ad_gets_a_hint(demo: StudyFolder) -> None:
    study = demo.study.model_copy(update={"steps": demo.study.steps[1:]})
    assert [hint.place for hint in hints(study)] == [("steps", 0)]
    assert "No ad" in hints(study)[0].sentence
    called_so = with_value(study, ("steps", 0, "touchpoint"), "Ad")
    assert hints(called_so) == ()


@pytest.mark.parametrize(
    ("n_stages", "words"),
    [(1, "1 stage makes"), (4, "4 stages make"), (5, ""), (10, ""), (11, "11 stages make")],
)
def test_five_to_ten_stages_read_best(demo: StudyFolder, n_stages: int, words: str) -> None:
    study: Study = demo.study
    while len(study.steps) < 11:
        step = new_step(study)
        step = step.model_copy(update={"title": step.id})
        study = inserted(study, ("steps", len(study.steps)), step)
    steps = [
        step.model_copy(update={"stage": f"stage {min(n, n_stages - 1)}"})
        for n, step in enumerate(study.steps)
    ]
    study = study.model_copy(update={"steps": tuple(steps)})
    said = [hint.sentence for hint in hints(study)]
    assert len(said) == bool(words)
    assert all(words in sentence for sentence in said)


def test_many_steps_of_one_stage_are_one_stage_and_a_step_without_one_is_told(
    demo: StudyFolder,
) -> None:
    steps = [step.model_copy(update={"stage": "Awareness "}) for step in demo.study.steps]
    steps[1] = steps[1].model_copy(update={"stage": "awareness"})
    steps[3] = steps[3].model_copy(update={"stage": " "})
    study = demo.study.model_copy(update={"steps": tuple(steps)})
    assert stages_of(study) == ("Awareness",)
    assert [(hint.place, hint.sentence.split(".")[0]) for hint in hints(study)] == [
        (("steps", 3, "stage"), "Name the stage of the journey this step belongs to"),
        (("steps",), "1 stage makes a short journey"),
    ]


def test_a_step_s_markers_are_held_to_their_rules_and_what_they_hide_is_told(
    demo: StudyFolder,
) -> None:
    own = (MarkerKey(key="1", label="box open"), MarkerKey(key="x", label="on"))
    study = with_value(demo.study, (*STEP, "markers"), own)
    assert problems(study) == ()
    hidden = next(one.label for one in study.markers if one.key == "1")
    assert [(hint.place, hint.sentence) for hint in hints(study)] == [
        (
            (*STEP, "markers", 0, "key"),
            f"While this step runs, 1 sets this and not “{hidden}”.",
        )
    ]
    twins = with_value(study, (*STEP, "markers"), SIBLINGS)
    assert [one.place for one in problems(twins)] == [(*STEP, "markers", 1, "key")]


def test_a_frame_of_an_own_size_needs_one(demo: StudyFolder) -> None:
    own = DeviceFrame.model_construct(kind=FrameKind.OWN, width_px=None, height_px=9, touch=None)
    study = with_value(demo.study, (*STIMULUS, "frame"), own)
    assert [one.place for one in problems(study)] == [
        (*STIMULUS, "frame", "width_px"),
        (*STIMULUS, "frame", "height_px"),
    ]
    spoken = DeviceFrame.model_construct(user_agent="a\nb")
    (found,) = problems(with_value(demo.study, (*STIMULUS, "frame"), spoken))
    assert found.place == (*STIMULUS, "frame", "user_agent")


def test_an_area_past_the_end_of_its_video_is_told(demo: StudyFolder) -> None:
    ad = demo.study.steps[0]
    assert ad.stimulus.kind is StimulusKind.VIDEO
    duration_s = video_duration_s(demo.stimulus_path(ad.stimulus.path or ""))
    assert duration_s is not None and 5 < duration_s < 60
    box = (0, 0, 9, 9)
    aois = (
        Aoi(name="fine", box=box, from_s=1.0, to_s=duration_s),
        Aoi(name="late", box=box, from_s=duration_s + 1),
        Aoi(name="long", box=box, to_s=duration_s + 3),
    )
    study = with_value(demo.study, ("steps", 0, "aois"), aois)
    told = {one.place: one.sentence for one in problems(study, demo.stimulus_path)}
    assert set(told) == {("steps", 0, "aois", 1), ("steps", 0, "aois", 2)}
    assert f"is over after {duration_s:.1f} s" in told["steps", 0, "aois", 1]
    assert "empty for the end" in told["steps", 0, "aois", 2]


def test_a_version_without_areas_has_none_and_one_that_inherits_them_must_fit(
    demo: StudyFolder, tmp_path: Path
) -> None:
    Image.new("RGB", (400, 300)).save(tmp_path / "a.png")
    Image.new("RGB", (800, 600)).save(tmp_path / "b.png")
    a, b = (Stimulus(kind=StimulusKind.IMAGE, path=str(tmp_path / f"{x}.png")) for x in "ab")
    price = Aoi(name="price", box=(10, 10, 50, 20))
    variant = Variant(id="b", stimulus=b)
    step = demo.study.steps[1].model_copy(
        update={"stimulus": a, "aois": (price,), "variants": (variant,)}
    )
    (found,) = problems(with_value(demo.study, STEP, step), Path)
    assert found.place == (*STEP, "variants", 0, "aois", 0)
    assert 'the AOI "price" was drawn on 400 × 300 px' in found.sentence
    assert "800 × 600 px. Draw its own areas" in found.sentence
    for aois in ((), (price,)):
        own = step.model_copy(update={"variants": (variant.model_copy(update={"aois": aois}),)})
        assert problems(with_value(demo.study, STEP, own), Path) == ()
        assert own.as_variant("b").aois == aois
    assert step.as_variant("b").aois == (price,)


def test_a_version_that_lacks_the_screen_of_an_inherited_area_is_told(demo: StudyFolder) -> None:
    own = _screens(Screen(id="one", path="a.png"), Screen(id="two", path="b.png"))
    other = _screens(Screen(id="one", path="a.png"))
    step = demo.study.steps[1].model_copy(
        update={
            "stimulus": own,
            "aois": (Aoi(name="x", box=(0, 0, 9, 9), screen="two"),),
            "variants": (Variant(id="b", stimulus=other),),
        }
    )
    (found,) = problems(with_value(demo.study, STEP, step))
    assert found.place == (*STEP, "variants", 0, "aois", 0)
    assert 'has no screen "two" for "x"' in found.sentence


def test_alike_titles_and_quotas_that_do_not_add_up_are_hints(demo: StudyFolder) -> None:
    study = with_value(demo.study, ("steps", 3, "title"), "landing ")
    device = Segment(name="d", values=("a", "b"), quotas={"a": 5, "b": 6})
    study = study.model_copy(update={"segments": (device,), "participants": 12, "hypothesis": ""})
    assert [hint.place for hint in hints(study)] == [
        ("steps", 3, "title"), ("segments", 0), ("hypothesis",),
    ]  # fmt: skip
    assert "add up to 11, but 12" in hints(study)[1].sentence


def test_expressions_are_held_to_their_rules_one_field_at_a_time(demo: StudyFolder) -> None:
    fine = Expression(name="smile", formula="AU12")
    wrong = (
        fine,
        Expression.model_construct(name="Smile", formula="AU06", threshold=0.4),
        Expression.model_construct(name="", formula=" ", threshold=0.4),
        Expression.model_construct(name="frown ", formula="AU99", threshold=1.5),
    )
    study = demo.study.model_copy(update={"expressions": wrong})
    told = {one.place: one.sentence for one in problems(study)}
    assert told.pop(("expressions", 1, "name")) == 'There is another expression called "Smile".'
    assert told.pop(("expressions", 2, "name")) == "Give the expression a name."
    assert told.pop(("expressions", 2, "formula")).startswith("Write a formula")
    assert told.pop(("expressions", 3, "name")).startswith("Take the space")
    assert told.pop(("expressions", 3, "formula")).startswith('"AU99" is no action unit')
    assert told.pop(("expressions", 3, "threshold")) == "Above 0, 1 at most."
    assert told == {}
