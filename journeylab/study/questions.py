"""Questions to the participant: single ease question, manikin, SUS, NPS, and a study's own.

Sources: Sauro & Dumas 2009 (single ease question), Bradley & Lang 1994 (self-assessment manikin),
Brooke 1996 (SUS), Reichheld 2003 (NPS).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import Field, model_validator

from journeylab.study.parts import Identifier, Part
from journeylab.vocabulary import QuestionKind

EASE_TEXT: Final = "Overall, how difficult or easy was this task?"
NPS_TEXT: Final = "How likely are you to recommend this to a friend or colleague?"
MANIKIN_TEXTS: Final = (
    ("valence", "How do you feel right now?", "unpleasant", "pleasant"),
    ("arousal", "How calm or excited are you right now?", "calm", "excited"),
)
SUS_ITEMS: Final = (
    "I think that I would like to use this system frequently.",
    "I found the system unnecessarily complex.",
    "I thought the system was easy to use.",
    "I think that I would need the support of a technical person to be able to use this system.",
    "I found the various functions in this system were well integrated.",
    "I thought there was too much inconsistency in this system.",
    "I would imagine that most people would learn to use this system very quickly.",
    "I found the system very cumbersome to use.",
    "I felt very confident using the system.",
    "I needed to learn a lot of things before I could get going with this system.",
)
_MOST_POINTS: Final = 11


class Question(Part):
    """One question; ``text``, ``low``, ``high`` may be left out where the kind has its own words.

    A scale goes from 1 to ``points``; its ends are named by ``low`` and ``high``. With
    ``optional`` the participant may go on without an answer.
    """

    id: Identifier
    kind: QuestionKind
    text: str = Field(default="", max_length=400)
    points: int = Field(default=7, ge=2, le=_MOST_POINTS)
    low: str = Field(default="", max_length=60)
    high: str = Field(default="", max_length=60)
    choices: tuple[str, ...] = ()
    optional: bool = False

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Question:
        own = (QuestionKind.SCALE, QuestionKind.CHOICE, QuestionKind.TEXT)
        if self.kind in own and not self.text.strip():
            raise ValueError(f'a question of kind "{self.kind}" needs a text')
        if self.kind is QuestionKind.CHOICE and len(self.choices) < 2:
            raise ValueError('a question of kind "choice" needs at least two choices')
        return self


@dataclass(frozen=True, slots=True)
class Item:
    """One page of a question: a scale from ``first`` to ``last`` with its ends in words, choices,
    or free text (neither). ``manikin`` is "valence" or "arousal" where figures are shown."""

    id: str
    text: str
    first: int | None = None
    last: int | None = None
    low: str = ""
    high: str = ""
    choices: tuple[str, ...] = ()
    manikin: str = ""
    optional: bool = False

    @property
    def is_scale(self) -> bool:
        return self.first is not None


def items_of(question: Question) -> tuple[Item, ...]:
    """The pages a question is asked on: one, two for the manikin, ten for the SUS.

    An item's id is the question's, with ``.valence``, ``.arousal`` or ``.1`` to ``.10`` behind it
    where there are several.
    """
    if question.kind is QuestionKind.SUS:
        return tuple(
            Item(
                f"{question.id}.{number}",
                text,
                1,
                5,
                "strongly disagree",
                "strongly agree",
                optional=question.optional,
            )
            for number, text in enumerate(SUS_ITEMS, start=1)
        )
    if question.kind is QuestionKind.MANIKIN:
        return tuple(
            Item(
                f"{question.id}.{part}",
                text,
                1,
                9,
                low,
                high,
                manikin=part,
                optional=question.optional,
            )
            for part, text, low, high in MANIKIN_TEXTS
        )
    return (_single(question),)


def _single(question: Question) -> Item:
    kind, text, optional = question.kind, question.text, question.optional
    if kind is QuestionKind.EASE:
        low, high = question.low or "very difficult", question.high or "very easy"
        return Item(question.id, text or EASE_TEXT, 1, 7, low, high, optional=optional)
    if kind is QuestionKind.NPS:
        low, high = question.low or "not at all likely", question.high or "extremely likely"
        return Item(question.id, text or NPS_TEXT, 0, 10, low, high, optional=optional)
    if kind is QuestionKind.SCALE:
        low, high = question.low, question.high
        return Item(question.id, text, 1, question.points, low, high, optional=optional)
    return Item(question.id, text, choices=question.choices, optional=optional)


def sus_score(answers: Sequence[int]) -> float:
    """System usability scale, 0..100, of its ten answers of 1 to 5 (Brooke 1996).

    Raises
    ------
    ValueError
        When there are not ten, or one is not of 1 to 5.
    """
    if len(answers) != len(SUS_ITEMS) or not all(1 <= answer <= 5 for answer in answers):
        raise ValueError("the SUS needs ten answers of 1 to 5")
    odd = sum(answer - 1 for answer in answers[::2])
    even = sum(5 - answer for answer in answers[1::2])
    return (odd + even) * 2.5


def nps(answers: Sequence[int]) -> float:
    """Net promoter score, -100..100: share of 9 and 10 less share of 0 to 6; NaN of nobody.

    Raises
    ------
    ValueError
        When an answer is not of 0 to 10.
    """
    if not all(0 <= answer <= 10 for answer in answers):
        raise ValueError("answers to the NPS are of 0 to 10")
    if not answers:
        return float("nan")
    promoters = sum(answer >= 9 for answer in answers)
    detractors = sum(answer <= 6 for answer in answers)
    return 100.0 * (promoters - detractors) / len(answers)


def sus_of(answers: Mapping[str, str], question_id: str) -> float | None:
    """The score of one participant from her answers by item id; None when one is missing."""
    values = [answers.get(f"{question_id}.{n}", "") for n in range(1, len(SUS_ITEMS) + 1)]
    if not all(value.isascii() and value.isdigit() for value in values):
        return None
    return sus_score([int(value) for value in values])
