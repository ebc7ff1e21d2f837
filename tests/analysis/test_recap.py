"""The recap of a session: outcomes, answers, and what to do otherwise next time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from analysis.planted import PLAN, START_NS, PlantedSession, Recipe, header_of, samples_of, study_of

from journeylab.analysis.recap import AnswerLine, Recap, recap_of
from journeylab.clock import NS_PER_S
from journeylab.session.rows import (
    act_row,
    answer_row,
    calibration_row,
    marker_row,
    note_row,
    withdrawal_row,
)
from journeylab.streams import STREAMS, Row, Sample, row
from journeylab.study.questions import Question
from journeylab.study.stimulus import Stimulus
from journeylab.vocabulary import CourseAct, QuestionKind, StimulusKind

SHORT = tuple((plan[0], 2.0) for plan in PLAN)
FIRST, SECOND, THIRD = (plan[0] for plan in PLAN[:3])
ASKED = {
    FIRST: (Question(id="ease", kind=QuestionKind.EASE),),
    SECOND: (Question(id="mood", kind=QuestionKind.MANIKIN),),
}
AT_THE_END = (
    Question(id="sus", kind=QuestionKind.SUS),
    Question(id="nps", kind=QuestionKind.NPS),
    Question(id="why", kind=QuestionKind.TEXT, text="Why?"),
)


def _recap(
    *extra: Row,
    recipe: Recipe | None = None,
    has_sound: bool = True,
    changes: Sequence[Callable[[Sample], Sample]] = (),
    keeps: Callable[[Sample], bool] = lambda _: True,
) -> Recap:
    study = study_of()
    picture = Stimulus(kind=StimulusKind.IMAGE, path="stimuli/a.png")
    steps = tuple(
        step.model_copy(update={"questions": ASKED.get(step.id, ()), "stimulus": picture})
        for step in study.steps
    )
    study = study.model_copy(update={"steps": steps, "questions": AT_THE_END})
    recipe = recipe or Recipe(visits=SHORT)
    planted = _at_thirty_hz(samples_of(recipe))
    for change in changes:
        planted = [change(sample) for sample in planted]
    # Steps are written by the moderator's hand, whatever the camera does.
    planted = [one for one in planted if keeps(one) or getattr(one, "stream", "") == "steps"]
    samples = sorted([*planted, *extra], key=lambda sample: sample.t_ns)
    session = PlantedSession(Path("sessions/P01.h5"), header_of(recipe, study), samples)
    return recap_of(session, study, has_sound=has_sound)


def _at_thirty_hz(samples: Sequence[Sample]) -> list[Sample]:
    """Planted faces come ten times a second: each is followed by two like it."""
    between = [
        replace(one, t_ns=one.t_ns + n * NS_PER_S // 30)
        for one in samples
        if isinstance(one, Row) and one.stream == "face"
        for n in (1, 2)
    ]
    return [*samples, *between]


def _t_ns(s: float) -> int:
    return START_NS + round(s * NS_PER_S)


def _answer(s: float, step_id: str, question_id: str, value: str) -> Row:
    return answer_row(_t_ns(s), step_id, question_id=question_id, value=value)


def _act(s: float, act: CourseAct, step_id: str, value: str = "") -> Row:
    return act_row(_t_ns(s), act, step_id=step_id, visit=1, value=value, author="moderator")


def test_the_last_answer_counts_and_one_taken_back_is_none() -> None:
    recap = _recap(
        _answer(2.0, FIRST, "ease", "3"),
        _answer(2.1, FIRST, "ease", "6"),
        _answer(4.0, SECOND, "mood.valence", "8"),
        _answer(4.1, SECOND, "mood.arousal", "5"),
        _answer(4.2, SECOND, "mood.arousal", ""),
    )
    assert recap.steps[0].answers == (AnswerLine("Ease", "6 of 7"),)
    assert [line.answer for line in recap.steps[1].answers] == ["8 of 9", "not answered"]
    assert recap.steps[2].answers == ()


def test_the_same_question_id_in_step_and_session_are_two_questions() -> None:
    recap = _recap(_answer(2.0, FIRST, "ease", "3"), _answer(15.0, "", "nps", "9"))
    assert recap.steps[0].answers[0].answer == "3 of 7"
    assert [line.answer for line in recap.answers] == [
        "0 of 10 answered",
        "9 of 10",
        "not answered",
    ]


def test_ten_answers_make_a_usability_score_and_words_stay_words() -> None:
    given = [_answer(15 + n / 100, "", f"sus.{n}", "5" if n % 2 else "2") for n in range(1, 11)]
    recap = _recap(*given, _answer(15.5, "", "why", "Too dear.\nAnd slow."))
    assert recap.answers[0] == AnswerLine("Usability (SUS)", "87.5 of 100")
    assert recap.answers[2] == AnswerLine("Why?", "Too dear.\nAnd slow.", is_text=True)


def test_the_outcome_said_last_holds_unless_it_was_taken_back() -> None:
    recap = _recap(
        _act(1.0, CourseAct.OUTCOME, FIRST, "failed"),
        _act(1.5, CourseAct.OUTCOME, FIRST, "success"),
        withdrawal_row(_t_ns(1.6), "acts", of_t_ns=_t_ns(1.5), author="moderator"),
        _act(2.5, CourseAct.OUTCOME, SECOND, "partial"),
        _act(2.6, CourseAct.OUTCOME, SECOND, "success"),
        _act(4.1, CourseAct.SKIP, THIRD),
    )
    assert [step.outcome for step in recap.steps[:3]] == ["failed", "success", ""]
    assert [step.is_skipped for step in recap.steps[:4]] == [False, False, True, False]
    assert recap.steps[0].spent_s == pytest.approx(2.0, abs=0.01)


def test_a_step_that_was_not_reached_has_no_answers_missing() -> None:
    recap = _recap(recipe=Recipe(visits=SHORT[1:]))
    assert recap.steps[0].spent_s == 0.0 and recap.steps[0].answers == ()


def test_a_marker_that_was_taken_back_is_not_counted() -> None:
    recap = _recap(
        marker_row(_t_ns(1), "confusion", author="moderator"),
        marker_row(_t_ns(2), "confusion", author="moderator"),
        withdrawal_row(_t_ns(3), "markers", of_t_ns=_t_ns(2), author="moderator"),
        note_row(_t_ns(4), "A note", author="moderator"),
    )
    assert (recap.n_markers, recap.n_notes) == (1, 1)


def _calibrated() -> tuple[Row, Row]:
    return (
        calibration_row(_t_ns(0.1), "gaze", version="1", data="{}"),
        calibration_row(_t_ns(0.2), "neutral", version="1", data="{}"),
    )


def test_a_session_with_everything_leaves_nothing_to_redo() -> None:
    assert _recap(*_calibrated()).to_redo == ()


@pytest.mark.parametrize(
    ("extra", "recipe", "has_sound", "words"),
    [
        ((), Recipe(visits=SHORT), True, "Gaze was not calibrated"),
        ((), Recipe(visits=SHORT), True, "No neutral face"),
        (
            (calibration_row(_t_ns(9), "gaze_withdrawn", version="1", data="{}"),),
            Recipe(visits=SHORT),
            True,
            "Gaze was lost",
        ),
        ((), Recipe(visits=SHORT, consent={"audio": "yes"}), False, "No sound was recorded"),
        ((), Recipe(visits=SHORT, face_share=0.7), True, "No face in 2"),
    ],
)
def test_what_was_missing_is_to_be_done_next_time(
    extra: tuple[Row, ...], recipe: Recipe, has_sound: bool, words: str
) -> None:
    told = _recap(*extra, recipe=recipe, has_sound=has_sound).to_redo
    assert any(words in sentence for sentence in told), told


def _stimulus(s: float, what: str, step_id: str, detail: str = "") -> Row:
    return row(
        "stimulus", _t_ns(s), step_id=step_id, what=what, detail=detail, media_s=float("nan")
    )


def _lost(stream: str, begin_s: float, end_s: float) -> Callable[[Sample], Sample]:
    """What no face, or no gaze, makes of the samples between two times of the session."""

    def change(sample: Sample) -> Sample:
        is_here = _t_ns(begin_s) <= sample.t_ns < _t_ns(end_s)
        if not (is_here and isinstance(sample, Row) and sample.stream == stream):
            return sample
        if stream == "gaze":
            return row("gaze", sample.t_ns, x_px=float("nan"), y_px=0.0, uncertainty_px=0.0)
        names = [column.name for column in STREAMS["face"].columns]
        return row(
            "face", sample.t_ns, **{**dict(zip(names, sample.values, strict=True)), "face": 0}
        )

    return change


SOME_LONGER = ((FIRST, 6.0), (SECOND, 10.0), (THIRD, 6.0), *((plan[0], 2.0) for plan in PLAN[3:]))
TITLES = {plan[0]: plan[1] for plan in PLAN}


@pytest.mark.parametrize(
    ("changes", "extra", "said"),
    [
        (
            (_lost("face", 7.0, 11.0),),
            (),
            ("No face for 40 % of “Landing”: see that the camera has the face in its picture "
             "before this step, and run it again.",),
        ),
        (
            (_lost("face", 7.0, 11.0), _lost("face", 16.0, 22.0)),
            (),
            ("No face for 40 % of “Landing” and 100 % of “Product”: see that",),
        ),
        (
            (_lost("gaze", 16.5, 22.0),),
            (),
            ("Gaze was lost for 92 % of “Product”: check it with F8 before this step",),
        ),
        (
            (),
            (_stimulus(6.2, "failure", SECOND, "https://a.example/: host not found"),),
            ("“Landing” could not be shown (https://a.example/: host not found): choose its file",),
        ),
        (
            (),
            (_stimulus(6.2, "failure", SECOND), _stimulus(8.0, "onset", SECOND)),
            (),  # begun again, and there it was
        ),
        (
            (),
            (_act(22.5, CourseAct.SKIP, PLAN[3][0]),),
            (f"Skipped: “{PLAN[3][1]}” after 2 s. The map lacks this participant there",),
        ),
        (
            (_lost("face", 6.0, 16.0),),
            (_stimulus(6.2, "failure", SECOND), _act(15.5, CourseAct.SKIP, SECOND)),
            ("“Landing” could not be shown: choose its file or address again",),  # the cause
        ),
    ],
)  # fmt: skip
def test_the_steps_that_went_wrong_are_named_with_what_to_do(
    changes: tuple[Callable[[Sample], Sample], ...], extra: tuple[Row, ...], said: tuple[str, ...]
) -> None:
    recipe = Recipe(visits=SOME_LONGER)
    told = _recap(*_calibrated(), *extra, recipe=recipe, changes=changes).to_redo
    of_steps = [one for one in told if "“" in one]
    assert len(of_steps) == len(said), told
    assert all(one.startswith(words) for one, words in zip(of_steps, said, strict=True)), told


def test_a_camera_that_was_away_and_steps_that_were_not_reached_are_named() -> None:
    gone = lambda one: one.t_ns < _t_ns(7.0) or one.t_ns >= _t_ns(12.0)  # noqa: E731
    recipe = Recipe(visits=SOME_LONGER[:-2])
    told = _recap(*_calibrated(), recipe=recipe, keeps=gone).to_redo
    assert any(one.startswith("The camera gave nothing for 5 s of “Landing”: see") for one in told)
    last = [TITLES[step_id] for step_id, _ in SOME_LONGER[-2:]]
    assert any(one.startswith(f"“{last[0]}” and “{last[1]}” were not reached") for one in told)


def test_gaze_that_was_never_calibrated_is_not_missed_step_by_step() -> None:
    blind = _lost("gaze", 0.0, 99.0)
    told = _recap(recipe=Recipe(visits=SOME_LONGER), changes=(blind,)).to_redo
    assert not any("Gaze was lost" in one for one in told)


def test_sound_that_was_declined_is_not_missed() -> None:
    recipe = Recipe(visits=SHORT, consent={"audio": "no"})
    assert _recap(*_calibrated(), recipe=recipe, has_sound=False).to_redo == ()


def test_a_slow_camera_is_named_with_its_rate() -> None:
    recipe = Recipe(visits=SHORT)
    study = study_of()
    session = PlantedSession(Path("sessions/P01.h5"), header_of(recipe, study), samples_of(recipe))
    told = recap_of(session, study, has_sound=True).to_redo
    assert any("Only 10 pictures of the face a second" in sentence for sentence in told), told


def test_where_emotions_were_declined_no_neutral_face_is_missed() -> None:
    recipe = Recipe(visits=SHORT, consent={"emotion_recognition": "no"})
    told = _recap(_calibrated()[0], recipe=recipe).to_redo
    assert not any("neutral" in sentence for sentence in told), told
