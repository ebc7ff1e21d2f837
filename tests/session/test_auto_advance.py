"""Steps by their planned durations, on a clock that moves by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.session.auto_advance import AutoAdvance, left_out_words
from journeylab.session.controller import SessionController
from journeylab.session.states import SessionState
from journeylab.session.steps import StepLog
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step, Stimulus
from journeylab.study.questions import Question
from journeylab.vocabulary import QuestionKind, StimulusKind


class Played:
    """The part of a controller that the plan needs, without devices."""

    def __init__(self, folder: StudyFolder, clock: VirtualClock, *, n_steps: int) -> None:
        first = folder.study.steps[0]
        steps = [first.model_copy(update={"id": f"s{n}"}) for n in range(n_steps)]
        self.folder = SimpleNamespace(study=SimpleNamespace(steps=steps))
        self.state = SessionState.RECORDING
        self.started_ns: list[int] = []
        self._clock = clock
        self._log = StepLog([step.id for step in steps])
        self.course = SimpleNamespace(log=self._log)

    @property
    def step_index(self) -> int | None:
        return self._log.index

    @property
    def current_step(self) -> Step | None:
        return None if self._log.index is None else self.folder.study.steps[self._log.index]

    def next_step(self) -> Step:
        index = self._log.index
        self.started_ns.append(self._clock.now_ns())
        self._log.enter(0 if index is None else index + 1, t_ns=self._clock.now_ns())
        step = self.current_step
        assert step is not None
        return step


@pytest.fixture
def virtual() -> VirtualClock:
    return VirtualClock(start_ns=NS_PER_S)


def plan(played: Played, clock: VirtualClock) -> AutoAdvance:
    return AutoAdvance(cast(SessionController, played), clock=clock)


def test_a_driver_that_always_looks_late_does_not_delay_the_plan(
    folder: StudyFolder, virtual: VirtualClock
) -> None:
    played = Played(folder, virtual, n_steps=100)
    played.next_step()
    auto = plan(played, virtual)
    while auto.poll():
        virtual.advance_ns(33 * NS_PER_MS)  # planned are 200 ms
    late_ns = [t - NS_PER_S - n * 200 * NS_PER_MS for n, t in enumerate(played.started_ns)]
    assert len(late_ns) == 100
    assert all(0 <= late < 33 * NS_PER_MS for late in late_ns)
    assert virtual.now_ns() >= NS_PER_S + 100 * 200 * NS_PER_MS


def test_the_plan_goes_on_from_a_step_that_was_entered_by_hand(
    folder: StudyFolder, virtual: VirtualClock
) -> None:
    played = Played(folder, virtual, n_steps=5)
    played.next_step()
    auto = plan(played, virtual)
    assert auto.poll()
    virtual.advance_ns(50 * NS_PER_MS)
    played.next_step()
    assert auto.deadline_ns == virtual.now_ns() + 200 * NS_PER_MS


def test_nothing_advances_before_the_first_step(folder: StudyFolder, virtual: VirtualClock) -> None:
    played = Played(folder, virtual, n_steps=2)
    auto = plan(played, virtual)
    virtual.advance_ns(NS_PER_S)
    assert auto.poll()
    assert played.started_ns == []


@pytest.mark.parametrize("state", [SessionState.FAILED, SessionState.STOPPING])
def test_the_plan_ends_with_a_session_that_does_not_go_on(
    folder: StudyFolder, virtual: VirtualClock, state: SessionState
) -> None:
    played = Played(folder, virtual, n_steps=2)
    played.next_step()
    played.state = state
    assert not plan(played, virtual).poll()


def test_what_is_not_asked_on_rails_is_said(folder: StudyFolder) -> None:
    ease, nps = (
        Question(id="ease", kind=QuestionKind.EASE),
        Question(id="nps", kind=QuestionKind.NPS),
    )
    study = folder.study
    assert left_out_words(study) == ""
    steps = list(study.steps)
    steps[0] = steps[0].model_copy(update={"questions": (ease, nps)})
    asked = Stimulus(kind=StimulusKind.QUESTIONS)
    steps[1] = steps[1].model_copy(update={"questions": (ease,), "stimulus": asked})
    study = study.model_copy(update={"steps": tuple(steps), "questions": (nps,)})
    assert left_out_words(study) == (
        "Nobody is asked anything with --auto: of the study's questions 2 after steps and 1 at the "
        "end are left out."
    )
    one = study.model_copy(update={"steps": (steps[1],)})
    assert left_out_words(one).endswith("1 at the end is left out.")
