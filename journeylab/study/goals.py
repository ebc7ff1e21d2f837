"""What a study is for: a goal of a usual kind, or in one's own words.

The kind stands before the words, as a person would write it: ``Conversion: more first orders``.
"""

from __future__ import annotations

from enum import StrEnum


class GoalKind(StrEnum):
    """The usual goals of a journey study."""

    CONVERSION = "Conversion"
    CHURN = "Churn"
    OWN = ""


def goal_kind(goal: str) -> GoalKind:
    """The kind a goal begins with; OWN when it begins with none."""
    before, colon, _ = goal.partition(":")
    word = before.strip().capitalize()
    return GoalKind(word) if colon and word in set(GoalKind) else GoalKind.OWN


def goal_words(goal: str) -> str:
    """A goal without its kind."""
    if goal_kind(goal) is GoalKind.OWN:
        return goal
    return goal.partition(":")[2].removeprefix(" ")


def as_goal(kind: GoalKind, words: str) -> str:
    """A goal as the study file holds it."""
    return words if kind is GoalKind.OWN else f"{kind}: {words}"
