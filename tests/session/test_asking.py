"""Questions between the steps and at the end: when they are asked, and what time they take."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from session_bench import Bench
from session_fakes import MemoryWriter, wait_until

from journeylab.analysis.alignment import visits_of
from journeylab.bundle.reader import Bundle
from journeylab.bundle.validate import validate
from journeylab.errors import SessionError
from journeylab.session.asking import QuestionRound
from journeylab.session.auto_advance import AutoAdvance
from journeylab.session.debrief import begin_debrief, leave_debrief
from journeylab.session.events import EventKind
from journeylab.session.rows import answer_row
from journeylab.streams import Row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Stimulus
from journeylab.study.questions import Question
from journeylab.vocabulary import QuestionKind, StimulusKind

EASE = Question(id="ease", kind=QuestionKind.EASE)
MOOD = Question(id="mood", kind=QuestionKind.MANIKIN)
NPS = Question(id="nps", kind=QuestionKind.NPS)


@pytest.fixture
def asking_folder(folder: StudyFolder) -> StudyFolder:
    """Questions after the first step and the last, and two about the whole session."""
    first, second, last = folder.study.steps
    steps = (
        first.model_copy(update={"questions": (EASE,)}),
        second,
        last.model_copy(update={"questions": (MOOD,)}),
    )
    study = folder.study.model_copy(update={"steps": steps, "questions": (EASE, NPS)})
    return save_study(folder.path, study)


@pytest.fixture
def bench(asking_folder: StudyFolder) -> Iterator[Bench]:
    made = Bench(asking_folder)
    yield made
    made.controller.close()


def _steps(writer: MemoryWriter) -> list[tuple[object, ...]]:
    return [row.values for row in writer.of("steps") if isinstance(row, Row)]


def _current(bench: Bench) -> QuestionRound:
    current = bench.controller.asking.current
    assert current is not None
    return current


def _ids(asked: QuestionRound) -> list[str]:
    return [item.id for item in asked.items]


def test_the_step_ends_when_its_questions_begin_and_the_next_begins_when_they_end(
    bench: Bench,
) -> None:
    writer = bench.record()
    asking = bench.controller.asking
    assert asking.go_on()
    asked = _current(bench)
    assert (asked.step_id, asked.title, _ids(asked)) == ("ad", "Ad", ["ease"])
    assert bench.controller.current_step is None
    asked_ns = bench.clock.now_ns()
    wait_until(lambda: bench.clock.now_ns() > asked_ns + 100_000_000)
    assert asking.finish(asked)
    assert bench.controller.step_index == 1 and asking.current is None
    bench.stop()
    rows = [row for row in writer.of("steps") if isinstance(row, Row)]
    assert [row.values for row in rows[:3]] == [
        ("ad", "start", 1),
        ("ad", "end", 1),
        ("shop", "start", 1),
    ]
    assert rows[1].t_ns <= asked_ns and rows[2].t_ns - rows[1].t_ns >= 100_000_000


def test_those_who_listen_hear_that_it_is_asked_and_the_console_how_far_she_is(
    bench: Bench,
) -> None:
    bench.record()
    controller = bench.controller
    assert controller.view().asks_next and controller.view().asking == ""
    controller.asking.go_on()
    assert bench.events[-1].kind is EventKind.ASKING and bench.events[-1].step is None
    assert controller.view().asking == "Questions, 1 of 1"
    controller.asking.finish(_current(bench))
    assert not controller.view().asks_next and controller.view().asking == ""
    controller.asking.go_on()
    controller.asking.go_on()
    controller.asking.show(1)
    assert controller.view().asking == "Questions, 2 of 2"
    bench.stop()
    assert controller.view().asking == ""


def test_a_step_without_questions_is_followed_at_once(bench: Bench) -> None:
    bench.record()
    bench.controller.next_step()
    assert bench.controller.asking.go_on()
    assert bench.controller.asking.current is None
    assert bench.controller.step_index == 2


def test_going_on_again_leaves_the_rest_unanswered(bench: Bench) -> None:
    bench.record()
    bench.controller.asking.go_on()
    assert bench.controller.asking.go_on()
    assert bench.controller.step_index == 1


def test_after_the_last_step_come_its_questions_then_the_sessions_then_nothing(
    bench: Bench,
) -> None:
    bench.record()
    asking = bench.controller.asking
    bench.controller.next_step()
    bench.controller.next_step()
    assert asking.go_on()
    assert _ids(_current(bench)) == ["mood.valence", "mood.arousal"]
    assert asking.finish(_current(bench))
    assert (_current(bench).step_id, _ids(_current(bench))) == ("", ["ease", "nps"])
    assert not asking.finish(_current(bench)), "nothing is left to go on to"
    assert not asking.go_on()


def test_one_who_is_through_too_late_does_not_pass_over_a_step(bench: Bench) -> None:
    bench.record()
    bench.controller.asking.go_on()
    asked = _current(bench)
    bench.controller.asking.go_on()
    assert bench.controller.asking.finish(asked)
    assert bench.controller.step_index == 1


def test_back_and_redo_lead_to_the_step_that_was_asked_about(bench: Bench) -> None:
    writer = bench.record()
    controller = bench.controller
    controller.asking.go_on()
    assert controller.course.go(-1).id == "ad"
    assert controller.asking.current is None
    assert controller.asking.go_on(), "another visit is asked about anew"
    assert _current(bench).step_id == "ad"
    assert controller.course.redo().id == "ad"
    bench.stop()
    assert [visit for step, phase, visit in _steps(writer) if phase == "start"] == [1, 2, 3]


def test_skipping_a_step_skips_its_questions_and_skipping_questions_skips_no_step(
    bench: Bench,
) -> None:
    writer = bench.record()
    bench.controller.asking.go_on()
    assert bench.controller.course.skip().id == "shop"
    bench.controller.course.go(-1)
    assert bench.controller.course.skip().id == "shop"
    assert bench.controller.asking.current is None
    bench.stop()
    acts = [row.values for row in writer.of("acts") if isinstance(row, Row)]
    assert acts == [("skip", "ad", 2, "", "moderator")]


def test_skipping_the_last_step_skips_its_questions_but_not_those_about_the_session(
    bench: Bench,
) -> None:
    bench.record()
    controller = bench.controller
    controller.next_step()
    controller.next_step()
    assert controller.course.skip() is None
    assert controller.view().asks_next
    assert controller.asking.go_on()
    assert _current(bench).step_id == ""
    assert not controller.asking.finish(_current(bench))
    assert controller.course.go(-1).id == "unboxing"
    assert controller.asking.go_on(), "another visit is asked about"
    assert _current(bench).step_id == "unboxing"


def test_a_step_that_was_interrupted_is_asked_about_afterwards(bench: Bench) -> None:
    bench.record()
    bench.controller.course.enter_unplanned("The phone rings")
    assert bench.controller.asking.go_on()
    assert _current(bench).step_id == "ad"
    bench.controller.asking.finish(_current(bench))
    assert bench.controller.step_index == 1


def test_an_unplanned_step_ends_the_asking(bench: Bench) -> None:
    bench.record()
    bench.controller.asking.go_on()
    bench.controller.course.enter_unplanned("She asks something")
    assert bench.controller.asking.current is None
    bench.controller.asking.go_on()
    assert bench.controller.step_index == 1, "asked once"


def test_a_pause_while_asking_keeps_the_questions(bench: Bench) -> None:
    bench.record()
    controller = bench.controller
    controller.asking.go_on()
    asked = _current(bench)
    controller.course.pause()
    assert controller.view().is_paused
    with pytest.raises(SessionError, match="Resume it first"):
        controller.asking.finish(asked)
    controller.course.resume()
    assert not controller.view().is_paused
    assert controller.asking.current is asked
    assert controller.asking.finish(asked)


def test_a_step_of_questions_is_not_asked_about_again(folder: StudyFolder) -> None:
    stimulus = Stimulus(kind=StimulusKind.QUESTIONS)
    first = folder.study.steps[0].model_copy(update={"questions": (EASE,), "stimulus": stimulus})
    study = folder.study.model_copy(update={"steps": (first, *folder.study.steps[1:])})
    bench = Bench(save_study(folder.path, study))
    try:
        bench.record()
        assert not bench.controller.view().asks_next
        bench.controller.asking.go_on()
        assert bench.controller.step_index == 1
    finally:
        bench.controller.close()


def test_a_session_on_rails_asks_nothing(bench: Bench) -> None:
    bench.record()
    auto = AutoAdvance(bench.controller, clock=bench.clock)
    wait_until(lambda: not auto.poll())
    assert bench.controller.step_index == 2
    assert EventKind.ASKING not in [event.kind for event in bench.events]


def test_answers_lie_in_the_bundle_and_the_debrief_holds_notes_only(
    asking_folder: StudyFolder,
) -> None:
    bench = Bench(asking_folder, is_on_disk=True)
    controller = bench.controller
    try:
        bench.start()
        wait_until(lambda: bench.camera.given > 60)
        controller.asking.go_on()
        controller.publish(answer_row(bench.clock.now_ns(), "ad", question_id="ease", value="6"))
        controller.asking.finish(_current(bench))
        n_taken = bench.camera.given
        wait_until(lambda: bench.camera.given > n_taken + 60)
        begin_debrief(controller.course)
        assert bench.events[-1].kind is EventKind.DEBRIEF
        n_taken = bench.camera.given
        wait_until(lambda: bench.camera.given > n_taken + 30)
        controller.remarks.add_note("Wants a price first.")
        path = bench.stop()
    finally:
        controller.close()
    assert validate(path).problems == ()
    with Bundle.open(path) as bundle:
        answers, notes, acts = (bundle.table(one) for one in ("answers", "notes", "acts"))
        visits = visits_of(bundle.table("steps"), end_ns=bundle.end_ns)
        assert list(answers["step_id"]) == ["ad"] and list(answers["value"]) == ["6"]
        assert visits[0].end_ns < answers.t_ns[0] < visits[1].start_ns
        assert list(notes["text"]) == ["Wants a price first."]
        assert (list(acts["act"]), list(acts["value"])) == (["pause"], ["debrief"])
        assert visits[-1].end_ns <= acts.t_ns[0]
        assert list(bundle.frame_times_ns())[-1] < acts.t_ns[0]


def test_from_the_debrief_the_way_back_leads_to_the_last_step(bench: Bench) -> None:
    bench.record()
    controller = bench.controller
    controller.next_step()
    begin_debrief(controller.course)
    assert controller.view().is_paused
    assert leave_debrief(controller.course).id == "shop"
    assert not controller.view().is_paused and controller.current_step is not None
