"""Asking the participant between steps and at the end: which questions are due, and what follows.

A step's questions are asked when the moderator goes on from it: the step ends at that instant,
and the next one begins when the participant is through. After the last step the questions about
the whole session follow.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from journeylab.session.course import SessionCourse
from journeylab.session.events import Announcer, EventKind
from journeylab.study.model import Step
from journeylab.study.questions import Item, Question, items_of
from journeylab.vocabulary import StimulusKind

_SESSION: Final = ("", 0)


@dataclass(frozen=True, slots=True, eq=False)
class QuestionRound:
    """Questions that are asked in one go; ``step_id`` is empty for those about the session."""

    step_id: str
    title: str
    items: tuple[Item, ...]


class SessionAsking:
    """Leads from step to step with the questions between; ``course`` runs the steps.

    Every method from any thread. ``questions`` are those about the whole session.
    """

    def __init__(
        self,
        course: SessionCourse,
        *,
        questions: Sequence[Question],
        lock: threading.RLock,
        announcer: Announcer,
    ) -> None:
        self._course = course
        self._questions = tuple(questions)
        self._lock = lock
        self._announcer = announcer
        self._round: QuestionRound | None = None
        self._place = 0
        self._asked: set[tuple[str, int]] = set()

    @property
    def current(self) -> QuestionRound | None:
        """What is asked now; None while a step runs."""
        # A step that was entered by another way (back, skip, redo) ends the asking.
        return self._round if self._course.is_between else None

    @property
    def words(self) -> str:
        """``Questions, 2 of 5`` while the participant is asked, else empty."""
        current = self.current
        if current is None:
            return ""
        return f"Questions, {min(self._place + 1, len(current.items))} of {len(current.items)}"

    @property
    def asks_next(self) -> bool:
        """Whether going on from here leads to questions, and not to a step or the end."""
        return self._due() is not None  # without the lock: the console must not wait

    def show(self, place: int) -> None:
        """The participant sees the page of that number, from 0."""
        self._place = place

    def go_on(self) -> bool:
        """Go on: to questions where some are due, else to the next step.

        While something is asked, the rest of it stays unanswered. False when nothing is left to
        go on to; nothing was done then.

        Raises
        ------
        SessionError
            When the session is paused, or nothing is recorded.
        """
        with self._lock:
            due = self._due()
            if due is not None:
                self._course.end_step()
                self._begin(due)
        if due is not None:
            self._announcer.tell(EventKind.ASKING, due.title)
            return True
        if self._course.is_in_last_step:
            return False
        self._course.go(1)
        return True

    def finish(self, asked: QuestionRound) -> bool:
        """The participant is through with it: go on as :meth:`go_on` does.

        True, and nothing is done, when the moderator went on before she was through.
        """
        return self.current is not asked or self.go_on()

    def _begin(self, due: QuestionRound) -> None:
        self._round, self._place = due, 0
        self._asked.add(self._key(due.step_id))

    def _due(self) -> QuestionRound | None:
        step = self._course.last_step
        if step is None:
            return None
        is_asked = self._key(step.id) in self._asked or self._course.is_last_skipped
        if _has_own_round(step) and not is_asked:
            return QuestionRound(step.id, step.title, _items(step.questions))
        if self._course.is_in_last_step and self._questions and _SESSION not in self._asked:
            return QuestionRound("", "", _items(self._questions))
        return None

    def _key(self, step_id: str) -> tuple[str, int]:
        return (step_id, self._course.log.visit_of(step_id)) if step_id else _SESSION


def _has_own_round(step: Step) -> bool:
    # A step that is made of questions has asked them while it ran.
    return bool(step.questions) and step.stimulus.kind is not StimulusKind.QUESTIONS


def _items(questions: Sequence[Question]) -> tuple[Item, ...]:
    return tuple(item for question in questions for item in items_of(question))
