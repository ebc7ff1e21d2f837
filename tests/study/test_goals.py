"""A goal has a kind in front of its words, as a person would write it."""

from __future__ import annotations

import pytest

from journeylab.assets import asset
from journeylab.study.folder import load_study
from journeylab.study.goals import GoalKind, as_goal, goal_kind, goal_words


@pytest.mark.parametrize(
    ("goal", "kind", "words"),
    [
        ("Conversion: more orders", GoalKind.CONVERSION, "more orders"),
        ("churn:  fewer leave", GoalKind.CHURN, " fewer leave"),
        ("CHURN:", GoalKind.CHURN, ""),
        ("", GoalKind.OWN, ""),
        ("Delight: all of them", GoalKind.OWN, "Delight: all of them"),
        (": odd", GoalKind.OWN, ": odd"),
        ("conversion of many", GoalKind.OWN, "conversion of many"),
    ],
)
def test_the_kind_is_read_from_the_words(goal: str, kind: GoalKind, words: str) -> None:
    assert (goal_kind(goal), goal_words(goal)) == (kind, words)


@pytest.mark.parametrize("kind", list(GoalKind))
@pytest.mark.parametrize("words", ["", "more orders", " a: b "])
def test_a_goal_is_read_as_it_was_written(kind: GoalKind, words: str) -> None:
    goal = as_goal(kind, words)
    assert (goal_kind(goal), goal_words(goal)) == (kind, words)


def test_the_demo_is_about_conversion() -> None:
    assert goal_kind(load_study(asset("demo-study")).study.goal) is GoalKind.CONVERSION
