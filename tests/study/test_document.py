"""study.toml keeps what a person wrote in it, and always says what the study is."""

from __future__ import annotations

import random

import pytest
import tomlkit

from journeylab.assets import asset
from journeylab.study.document import changed_text, new_text
from journeylab.study.editing import inserted, moved, removed, with_value
from journeylab.study.folder import load_study
from journeylab.study.model import Study
from study.rich_studies import rich_step, rich_study

TEXT = '''# Our study, kept by hand.
id = "shop"   # never change
title = 'Shop'
participants = 30 # agreed with Ana

# The ad is the short cut.
[[steps]]
id = "ad" # first
title = "Ad"
planned_s = 30.0  # as usual, but said
stimulus = { kind = "instruction", text = "Look" } # inline

# The landing page comes next.
# It is the old one.
[[steps]]
id = "landing"
title = "Landing"
guide = """
[[steps]]
# no header, but a guide"""

[steps.stimulus]
# said aloud
kind = "instruction" # a kind
text = "Read"

[[steps.questions]]
id = "ease" # single ease
kind = "ease"

# Two devices.
[[segments]]
name = "device"
values = ["desktop", "mobile"] # no tablets

# What we promise
[privacy]
purpose = "research"
'''
COMMENTS = [line[line.index("#") :] for line in TEXT.splitlines() if "#" in line]


def parsed(text: str) -> Study:
    return Study.model_validate(tomlkit.parse(text).unwrap())


@pytest.fixture
def study() -> Study:
    return parsed(TEXT)


@pytest.mark.parametrize("seed", range(40))
def test_every_study_reads_back_as_it_was_written(seed: int) -> None:
    study = rich_study(seed)
    assert parsed(new_text(study)) == study


@pytest.mark.parametrize("seed", range(12))
def test_any_study_may_be_written_over_any_other(seed: int) -> None:
    rng = random.Random(seed)
    study = rich_study(seed)
    text = "# kept\n" + new_text(study)
    for number in range(8):
        index = rng.randrange(len(study.steps))
        act = rng.choice(("insert", "move", "remove", "replace", "other"))
        if act == "insert":
            step = rich_step(rng, f"new-{number}")
            study = inserted(study, ("steps", index), step)
        elif act == "move":
            study = moved(study, ("steps", index), rng.randrange(len(study.steps)))
        elif act == "remove" and len(study.steps) > 1:
            study = removed(study, ("steps", index))
        elif act == "replace":
            study = with_value(study, ("steps", index), rich_step(rng, study.steps[index].id))
        else:
            study = rich_study(rng.randrange(1000)).model_copy(update={"steps": study.steps})
        text = changed_text(text, study)
        assert parsed(text) == study
        assert text.startswith("# kept\n")


def test_nothing_changed_is_nothing_changed(study: Study) -> None:
    assert changed_text(TEXT, study) == TEXT
    demo = asset("demo-study")
    text = (demo / "study.toml").read_text(encoding="utf-8")
    assert changed_text(text, load_study(demo).study) == text


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        (("title",), 'Shop "2"', "title = "),
        (("participants",), 40, "participants = 40 # agreed with Ana"),
        (("goal",), "More orders", 'goal = "More orders"'),
        (("steps", 0, "planned_s"), 15.0, "planned_s = 15.0  # as usual, but said"),
        (("steps", 0, "stimulus", "text"), "See", 'text = "See" } # inline'),
        (("steps", 1, "stimulus", "text"), "See", 'text = "See"'),
        (("steps", 1, "questions", 0, "optional"), True, "optional = true"),
        (("segments", 0, "values"), ("a", "b"), '["a", "b"] # no tablets'),
        (("privacy", "features_only"), True, "features_only = true"),
    ],
)
def test_a_change_touches_its_own_line_alone(
    study: Study, place: tuple[str | int, ...], value: object, line: str
) -> None:
    changed = with_value(study, place, value)
    text = changed_text(TEXT, changed)
    assert parsed(text) == changed
    assert line in text
    for comment in COMMENTS:
        assert comment in text
    old, new = TEXT.splitlines(), text.splitlines()
    assert len([one for one in old if one not in new]) <= 1
    assert len([one for one in new if one not in old]) <= 2


def test_a_value_that_is_as_usual_again_stays_written_out(study: Study) -> None:
    changed = with_value(study, ("steps", 0, "planned_s"), 15.0)
    again = changed_text(changed_text(TEXT, changed), study)
    assert "planned_s = 30.0  # as usual, but said" in again


def test_a_value_that_was_taken_away_goes(study: Study) -> None:
    text = changed_text(TEXT, with_value(study, ("participants",), None))
    assert "participants" not in text
    text = changed_text(TEXT, with_value(study, ("steps", 1, "questions"), ()))
    assert "questions" not in text
    assert "# What we promise" in text


def test_a_step_takes_the_comment_above_it_along(study: Study) -> None:
    text = changed_text(TEXT, moved(study, ("steps", 1), 0))
    assert text.index("# It is the old one.") < text.index('id = "landing"')
    assert text.index('title = "Landing"') < text.index("# The ad is the short cut.")
    assert text.index("# The ad is the short cut.") < text.index('id = "ad" # first')
    assert text.index('id = "ad"') < text.index("# Two devices.")
    for comment in COMMENTS:
        assert comment in text
    assert changed_text(text, study) == TEXT, "moved back, it is the same text"


def test_a_step_that_is_removed_takes_its_comment_alone(study: Study) -> None:
    text = changed_text(TEXT, removed(study, ("steps", 1)))
    assert "It is the old one" not in text
    assert "# The ad is the short cut." in text
    assert "# Two devices." in text


def test_a_step_with_another_id_keeps_its_comments(study: Study) -> None:
    changed = with_value(study, ("steps", 0, "id"), "opening")
    text = changed_text(TEXT, changed)
    assert 'id = "opening" # first' in text
    assert "# inline" in text


def test_a_text_in_a_way_of_its_own_is_written_anew_below_its_first_comments() -> None:
    odd = (
        '# top\nid = "s"\ntitle = "S"\n'
        '[[steps]]\nid = "a"\ntitle = "A"\nstimulus = {kind = "camera_only"}\n'
        '[privacy]\npurpose = "research"\n'
        '[[steps]]\nid = "b"\ntitle = "B"\nstimulus = {kind = "camera_only"}\n'
    )
    study = rich_study(3)
    text = changed_text(odd, study)
    assert text.startswith("# top\n")
    assert parsed(text) == study


def test_what_is_no_toml_is_replaced() -> None:
    study = rich_study(5)
    assert parsed(changed_text("# a\n[[[", study)) == study


def test_an_unfit_study_is_never_written() -> None:
    with pytest.raises(ValueError, match="title"):
        changed_text(TEXT, parsed(TEXT).model_copy(update={"title": ""}))


def test_long_texts_stand_over_several_lines() -> None:
    study = with_value(parsed(TEXT), ("steps", 0, "guide"), "One.\nTwo: “three”.")
    assert 'guide = """\nOne.\nTwo: “three”."""' in changed_text(TEXT, study)
