"""What the moderator does to the course of a session, by key and by button."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from journeylab.ui.moderator.console_course import CourseColumn
from journeylab.ui.moderator.console_header import ConsoleHeader
from journeylab.ui.moderator.console_keys import (
    REMARKS,
    STEPS,
    TASK,
    ConsoleKeys,
    KeyAct,
    letter_keys,
)
from journeylab.ui.moderator.console_sight import ConsoleSight
from journeylab.ui.moderator.line_field import Line
from journeylab.ui.widgets.health import Level
from journeylab.vocabulary import TaskOutcome

OUTCOME_KEYS: Final = {
    TaskOutcome.SUCCESS: "F1",
    TaskOutcome.PARTIAL: "F2",
    TaskOutcome.FAILED: "F3",
    TaskOutcome.ABANDONED: "F4",
}
_SAID_MS: Final = 6000


class ConsoleActs(QObject):
    """Skip, redo, an unplanned step, pause, the task's outcome, and taking the last back.

    It asks; whoever runs the session does it and answers with :meth:`say`, a visible line. What is
    said goes out as ``said`` too, in words that the participant may read: on one display she does.
    ``line_needed`` goes out where a line is to be typed and the console is not in sight.
    """

    skip_requested = Signal()
    redo_requested = Signal()
    unplanned_requested = Signal(str)
    pause_requested = Signal()
    resume_requested = Signal()
    outcome_requested = Signal(object)
    undo_requested = Signal()
    said = Signal(str, object)
    line_needed = Signal(object)

    def __init__(
        self,
        column: CourseColumn,
        header: ConsoleHeader,
        parent: QObject,
        *,
        sight: ConsoleSight,
    ) -> None:
        super().__init__(parent)
        self._sight = sight
        self._column = column
        self._header = header
        self._is_paused = False
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_SAID_MS)
        self._quiet.timeout.connect(partial(column.said.show_text, ""))
        column.skip.clicked.connect(self.skip_requested)
        column.redo.clicked.connect(self.redo_requested)
        column.unplanned.clicked.connect(self.begin_unplanned)
        column.title_field.submitted.connect(self.unplanned_requested)
        column.outcome_chosen.connect(self.outcome_requested)
        header.pause.clicked.connect(self.toggle_pause)

    def keys(self) -> tuple[KeyAct, ...]:
        """The keys of these acts."""
        outcomes = [
            KeyAct(
                str(one),
                str(one).capitalize(),
                (key,),
                partial(self.outcome_requested.emit, one),
                TASK,
            )
            for one, key in OUTCOME_KEYS.items()
        ]
        undo = self.undo_requested.emit
        return (
            KeyAct("skip", "Skip the step", letter_keys("S"), self.skip_requested.emit, STEPS),
            KeyAct("redo", "Begin it again", letter_keys("R"), self.redo_requested.emit, STEPS),
            KeyAct("unplanned", "Unplanned step", letter_keys("U"), self.begin_unplanned, STEPS),
            KeyAct("pause", "Pause, go on", letter_keys("P"), self.toggle_pause, STEPS),
            *outcomes,
            KeyAct("undo", "Take the last back", letter_keys("Z")[1:], undo, REMARKS),
        )

    def show_keys(self, keys: ConsoleKeys) -> None:
        """Write each act's key beside it."""
        column = self._column
        for name, button in (
            ("skip", column.skip),
            ("redo", column.redo),
            ("unplanned", column.unplanned),
            ("pause", self._header.pause),
        ):
            button.show_key(keys.shown_key(name))

    def show_paused(self, is_paused: bool) -> None:
        """The session is paused, or goes on."""
        self._is_paused = is_paused
        self._header.show_paused(is_paused)
        for button in (self._column.skip, self._column.redo, self._column.unplanned):
            button.setEnabled(not is_paused)

    def say(self, sentence: str, *, level: Level = Level.GOOD, aside: str = "") -> None:
        """Say what was done, or why it was not, for some seconds; ``aside`` are the words for where
        the participant reads them too."""
        self._column.show_said(sentence, level=level)
        self._quiet.start()
        self.said.emit(aside or sentence, level)

    def begin_unplanned(self) -> None:
        """Ask for the title of an unplanned step."""
        if self._is_paused:
            self.say("The session is paused: go on first.", level=Level.WARNING)
        elif self._sight.is_clear:
            self._column.begin_title()
        else:
            self.line_needed.emit(Line.TITLE)

    def toggle_pause(self) -> None:
        """Pause, or go on."""
        (self.resume_requested if self._is_paused else self.pause_requested).emit()
