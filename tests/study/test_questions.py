"""Standard questions in their own words, and their scores as their authors reckon them."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from journeylab.study.questions import Question, items_of, nps, sus_of, sus_score
from journeylab.vocabulary import QuestionKind


def test_the_sus_has_ten_items_of_five_points_each_with_an_id_of_its_own() -> None:
    items = items_of(Question(id="sus", kind=QuestionKind.SUS))
    assert [item.id for item in items] == [f"sus.{n}" for n in range(1, 11)]
    assert {(item.first, item.last) for item in items} == {(1, 5)}


def test_the_manikin_asks_for_valence_and_arousal_on_nine_points() -> None:
    items = items_of(Question(id="after", kind=QuestionKind.MANIKIN))
    assert [(i.id, i.manikin, i.last) for i in items] == [
        ("after.valence", "valence", 9),
        ("after.arousal", "arousal", 9),
    ]


def test_ease_and_nps_have_their_own_words_and_may_be_given_others() -> None:
    (ease,) = items_of(Question(id="seq", kind=QuestionKind.EASE))
    assert (ease.first, ease.last, ease.low, ease.high) == (1, 7, "very difficult", "very easy")
    (own,) = items_of(Question(id="nps", kind=QuestionKind.NPS, text="And the shop?"))
    assert (own.text, own.first, own.last) == ("And the shop?", 0, 10)


@pytest.mark.parametrize(
    ("answers", "score"),
    [([3] * 10, 50.0), ([5, 1] * 5, 100.0), ([1, 5] * 5, 0.0), ([4, 2] * 5, 75.0)],
)
def test_the_sus_is_scored_as_published(answers: list[int], score: float) -> None:
    assert sus_score(answers) == score


def test_a_sus_with_a_missing_answer_has_no_score() -> None:
    answers = {f"sus.{n}": "4" for n in range(1, 11)}
    assert sus_of(answers, "sus") == 50.0
    assert sus_of(answers | {"sus.3": ""}, "sus") is None
    with pytest.raises(ValueError, match="ten answers"):
        sus_score([3] * 9)


def test_the_nps_is_promoters_less_detractors() -> None:
    assert nps([10, 9, 8, 7, 6, 0]) == pytest.approx(0.0)
    assert nps([9, 9, 9, 0]) == pytest.approx(50.0)
    assert math.isnan(nps([]))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "text"}, "needs a text"),
        ({"kind": "choice", "text": "Which?", "choices": ("one",)}, "at least two choices"),
        ({"kind": "scale", "text": "How?", "points": 12}, "less than or equal to 11"),
        ({"kind": "guess", "text": "?"}, "Input should be"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Question.model_validate({"id": "q", **values})
