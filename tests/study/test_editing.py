"""Edits make new frozen values; undo and redo walk over all of them."""

from __future__ import annotations

import random

import pytest

from journeylab.assets import asset
from journeylab.study.editing import (
    LONGEST_HISTORY,
    History,
    as_kind,
    blank_study,
    copy_of,
    empty_stimulus,
    inserted,
    moved,
    new_question,
    new_segment,
    new_step,
    new_variant,
    removed,
    retitled,
    slug,
    value_at,
    with_quota,
    with_segment_value,
    with_value,
)
from journeylab.study.folder import load_study
from journeylab.study.model import Segment, Study
from journeylab.vocabulary import QuestionKind, StimulusKind


@pytest.fixture
def demo() -> Study:
    return load_study(asset("demo-study")).study


def test_a_change_leaves_the_old_value_as_it_was(demo: Study) -> None:
    before = demo.model_dump()
    changed = with_value(demo, ("steps", 2, "stimulus", "pictures", "tablet"), "x.png")
    assert changed.steps[2].stimulus.pictures["tablet"] == "x.png"
    assert value_at(changed, ("steps", 2, "stimulus", "pictures", "tablet")) == "x.png"
    assert demo.model_dump() == before
    assert changed.steps[1] is demo.steps[1], "what did not change is not copied"


def test_steps_are_put_in_taken_out_and_moved(demo: Study) -> None:
    ids = [step.id for step in demo.steps]
    longer = inserted(demo, ("steps", 1), copy_of(demo.steps[0], demo))
    assert [step.id for step in longer.steps] == ["ad", "ad-2", *ids[1:]]
    assert longer.steps[1].title == "Ad 2"
    assert removed(longer, ("steps", 1)) == demo
    assert [s.id for s in moved(demo, ("steps", 0), 7).steps] == [*ids[1:], "ad"]
    with pytest.raises(LookupError):
        removed(demo, ("steps", 99))
    with pytest.raises(LookupError):
        value_at(demo, ("nothing",))


def test_every_edit_is_undone_and_done_again_in_turn(demo: Study) -> None:
    rng = random.Random(7)
    history, states = History(demo), [demo]
    for number in range(60):
        now, index = history.now, rng.randrange(len(history.now.steps))
        act = rng.choice(("title", "move", "copy", "remove"))
        if act == "title":
            now = with_value(now, ("steps", index, "title"), f"T{number}")
        elif act == "move":
            now = moved(now, ("steps", index), rng.randrange(len(now.steps)))
        elif act == "copy" or len(now.steps) < 3:
            now = inserted(now, ("steps", index), copy_of(now.steps[index], now))
        else:
            now = removed(now, ("steps", index))
        if history.do(now, act):
            states.append(now)
    for state in reversed(states[:-1]):
        assert history.undo()
        assert history.now == state
    assert not history.undo()
    assert not history.is_changed
    for state in states[1:]:
        assert history.redo()
        assert history.now == state
    assert not history.redo()


def test_letters_typed_into_one_field_are_one_change(demo: Study) -> None:
    history = History(demo)
    for text in ("F", "Fi", "Fir"):
        history.do(with_value(history.now, ("goal",), text), "goal", run="goal")
    history.do(with_value(history.now, ("title",), "x"), "title", run="title")
    history.undo()
    assert (history.now.goal, history.redoes, history.undoes) == ("Fir", "title", "goal")
    history.undo()
    assert history.now == demo


def test_what_is_done_after_an_undo_replaces_what_was_undone(demo: Study) -> None:
    history = History(demo)
    history.do(with_value(demo, ("goal",), "a"), "a")
    history.undo()
    history.do(with_value(demo, ("goal",), "b"), "b")
    assert not history.redo()
    assert not history.do(history.now, "nothing")
    assert history.now.goal == "b"


def test_saving_is_no_change_and_undoing_past_it_is(demo: Study) -> None:
    history = History(demo)
    history.do(with_value(demo, ("goal",), "a"), "a")
    history.note_saved(history.now)
    assert not history.is_changed
    history.undo()
    assert history.is_changed


def test_a_long_history_keeps_its_end(demo: Study) -> None:
    history = History(demo)
    for number in range(LONGEST_HISTORY + 50):
        history.do(with_value(demo, ("goal",), f"{number}"), "goal")
    undone = 0
    while history.undo():
        undone += 1
    assert undone == LONGEST_HISTORY - 1


def test_an_id_follows_the_title_until_sessions_know_the_step_by_it(demo: Study) -> None:
    assert retitled(demo, 1, "Écran d'accueil", keeps_id=False).steps[1].id == "ecran-d-accueil"
    assert retitled(demo, 1, "Ad", keeps_id=False).steps[1].id == "ad-2"
    assert retitled(demo, 1, "Start", keeps_id=True).steps[1].id == "landing"
    assert retitled(demo, 1, "日本", keeps_id=False).steps[1].id == "step"
    own = with_value(demo, ("steps", 1, "id"), "own-id")
    assert retitled(own, 1, "Start", keeps_id=False).steps[1].id == "own-id"


def test_a_slug_is_an_id() -> None:
    assert slug("First purchase · mobile") == "first-purchase-mobile"
    assert slug("x" * 80) == "x" * 48
    assert slug("???") == ""


def test_another_kind_keeps_what_it_can_use(demo: Study) -> None:
    page = demo.step("landing").stimulus
    image = as_kind(page, StimulusKind.IMAGE)
    assert (image.path, image.pictures) == (page.path, page.pictures)
    assert as_kind(page, StimulusKind.INSTRUCTION).path is None
    words = demo.step("unboxing").stimulus
    assert as_kind(words, StimulusKind.INSTRUCTION).text == words.text
    assert empty_stimulus(StimulusKind.SCREENS).screens == ()


def test_new_parts_differ_from_those_that_are_there(demo: Study) -> None:
    study = inserted(demo, ("steps", 8), new_step(demo))
    assert study.steps[8].id == "step"
    assert new_step(study).id == "step-2"
    assert new_question(QuestionKind.EASE, ["ease"]).id == "ease-2"
    step = demo.steps[1].model_copy(update={"variants": (new_variant(demo.steps[1]),)})
    assert (step.variants[0].id, new_variant(step).id) == ("b", "c")
    assert new_segment(demo).name == "segment"
    assert blank_study().steps[0].stimulus.kind is StimulusKind.VIDEO


def test_a_quota_goes_with_its_value() -> None:
    segment = Segment(name="device", values=("desktop", "mobile"), quotas={"mobile": 12})
    renamed = with_segment_value(segment, 1, "phone")
    assert (renamed.values, renamed.quotas) == (("desktop", "phone"), {"phone": 12})
    assert with_quota(renamed, "desktop", 3).quotas == {"desktop": 3, "phone": 12}
    assert with_quota(renamed, "phone", None).quotas == {}
