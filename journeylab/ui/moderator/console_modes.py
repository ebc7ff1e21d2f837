"""Whether the console is a whole window, a strip, or hidden; it remembers."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from journeylab.logs import logger
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_strip import ConsoleStrip
from journeylab.ui.moderator.line_field import Line
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.key_owner import stage_of

_log = logger(__name__)


class ConsoleMode(StrEnum):
    """How much of the console is seen."""

    WINDOW = "window"
    STRIP = "strip"
    HIDDEN = "hidden"


class ConsoleModes(QObject):
    """Shows the window, the strip or neither, and keeps the keys where they are heard.

    The participant looks at the only display there is, so nothing but the moderator's own word
    (F10, F11) brings the window up there: a line is typed in the strip, keys are listed on a sheet
    over it, and what was done is said in it. The same holds while the participant's window covers
    the console's. On the only display a session begins as the last one there was left; ``memory``
    is the file that knows. A lost file means a whole window.
    """

    def __init__(
        self, window: QWidget, console: ConsolePage, *, memory: Path, palette: Palette = DARK
    ) -> None:
        super().__init__(window)
        self._window = window
        self._console = console
        self._memory = memory
        self._place: QPoint | None = None
        self._before_hiding = ConsoleMode.WINDOW
        self._is_raised = True  # by the moderator, since the participant's window came
        self._is_up_to_ask = False
        self.mode = ConsoleMode.WINDOW
        self.strip = ConsoleStrip(clock=console.clock, palette=palette)
        self._remembered = self._read()
        self._connect()

    def _connect(self) -> None:
        console, strip, header = self._console, self.strip, self._console.parts.header
        console.strip_toggled.connect(self.toggle_strip)
        console.hide_toggled.connect(self.toggle_hidden)
        console.line_needed.connect(self._begin_line)
        console.sight.keyboard_wanted.connect(self.take_keyboard)
        console.said.connect(self._say)
        console.text_refreshed.connect(self.refresh)
        console.remarks.marked.connect(strip.markers.light_up)
        console.keys.changed.connect(self._show_markers)
        console.sight.be_beside(strip, is_covered=self._is_covered)
        header.question_changed.connect(self._show_question)
        strip.next_clicked.connect(header.next.click)
        strip.pause_clicked.connect(console.acts.toggle_pause)
        strip.stop_clicked.connect(self._stop)
        strip.keep_going_clicked.connect(header.withdraw_question)
        strip.console_clicked.connect(self.show_window)
        strip.moved.connect(self._remember_place)
        strip.line.typing_changed.connect(console.keys.set_typing)
        note, title = strip.line.fields[Line.NOTE], strip.line.fields[Line.TITLE]
        note.submitted.connect(console.note_requested)
        note.given_up.connect(console.remarks.tell_note_waits)
        title.submitted.connect(console.acts.unplanned_requested)
        title.given_up.connect(console.remarks.tell_title_waits)
        self._window.destroyed.connect(strip.deleteLater)  # a window of its own, but not for longer

    def begin_session(self) -> None:
        """A session begins: where there is one display, as the last one was left."""
        self._show_markers()
        for field in self.strip.line.fields.values():
            field.reset()
        self._is_raised = False
        if len(QGuiApplication.screens()) == 1 and self._remembered is not ConsoleMode.WINDOW:
            self._before_hiding = ConsoleMode.STRIP
            self._show(self._remembered)

    def _show_markers(self) -> None:
        self.strip.show_markers(self._console.keys.markers)

    def end_session(self) -> None:
        """The session is over: the window is needed again; what was chosen stays remembered."""
        if self.mode is not ConsoleMode.WINDOW:
            remembered = self._remembered
            self._show(ConsoleMode.WINDOW)
            self._remembered = remembered
        self._console.key_sheet.hide()
        self.strip.hide()

    def follow_page(self) -> None:
        """Another page than the console may be shown: it is shown in a window."""
        pages = self._console.parentWidget()
        if not isinstance(pages, QStackedWidget):
            return
        self._is_raised = False
        if pages.currentWidget() is not self._console:
            self.end_session()

    def toggle_strip(self) -> None:
        """From the window to the strip, from anything else to the window."""
        is_window = self.mode is ConsoleMode.WINDOW
        self._choose(ConsoleMode.STRIP if is_window else ConsoleMode.WINDOW)

    def toggle_hidden(self) -> None:
        """Hide everything, or show again what was hidden."""
        if self.mode is ConsoleMode.HIDDEN:
            self._choose(self._before_hiding)
        else:
            self._before_hiding = self.mode
            self._choose(ConsoleMode.HIDDEN)

    def show_window(self) -> None:
        """Show the whole console."""
        if self.mode is not ConsoleMode.WINDOW:
            self._choose(ConsoleMode.WINDOW)

    def take_keyboard(self) -> None:
        """Have the keyboard without bringing up the window, where that is out of sight."""
        is_covered = self._is_covered()
        if self.strip.line.is_typing or (self.mode is ConsoleMode.WINDOW and not is_covered):
            return
        if is_covered and not self._is_up_to_ask:
            self.strip.be_dot()
        self.strip.take_keyboard()

    def refresh(self) -> None:
        """Write the strip anew; twice a second and after each act."""
        if not self.strip.isVisible():
            return
        brief = self._console.brief()
        planned = "" if brief.planned_s is None else f" of {minutes(brief.planned_s)}"
        is_over = brief.planned_s is not None and brief.spent_s > brief.planned_s
        time = "paused" if brief.is_paused else f"{minutes(brief.spent_s)}{planned}"
        tone = "warning" if brief.is_paused or is_over else ""
        self.strip.show_step(brief.title, time=time, tone=tone)
        calm = Level.OFF if brief.is_paused else Level.RECORDING
        self.strip.show_light(Level.WARNING if brief.trouble else calm, sentence=brief.trouble)
        self.strip.show_keyboard(is_participants=self._console.keys.are_participants)
        self._show_question()
        if self.mode is ConsoleMode.STRIP:
            self.strip.stay_on_top()

    def _show_question(self) -> None:
        is_asking = self._console.is_asking_to_stop
        if is_asking and not self._is_up_to_ask and self._is_out_of_sight:
            self._is_up_to_ask = True
            self.strip.appear(self._place)  # a question must be seen
        elif not is_asking and self._is_up_to_ask:
            self._is_up_to_ask = False
            if self._is_out_of_sight:
                self.strip.vanish()
        brief = self._console.brief()
        self.strip.show_state(is_paused=brief.is_paused, is_last=brief.is_last, is_asking=is_asking)

    @property
    def _is_out_of_sight(self) -> bool:
        return self.mode is ConsoleMode.HIDDEN or self._is_covered()

    def _is_covered(self) -> bool:
        """The participant's window lies over the console's, as it does on the only display."""
        if self.mode is not ConsoleMode.WINDOW or self._is_raised:
            return False
        return any(
            stage_of(one) is not None and one.isVisible() and one.screen() is self._window.screen()
            for one in QApplication.topLevelWidgets()
        )

    def _begin_line(self, line: Line) -> None:
        if self._is_covered() and not self._is_up_to_ask:
            self.strip.be_dot()
        self.strip.begin_line(line)

    def _say(self, words: str, level: Level) -> None:
        if self._is_covered() and not self._is_up_to_ask:
            self.strip.be_dot()
        elif self.mode is ConsoleMode.WINDOW:
            return
        self.strip.say(words, level=level)

    def _stop(self) -> None:
        header = self._console.parts.header
        (header.confirm if header.is_asking else header.stop).click()

    def _choose(self, mode: ConsoleMode) -> None:
        self._show(mode)
        self._remembered = mode
        self._write()

    def _show(self, mode: ConsoleMode) -> None:
        self._hand_lines_over(to_window=mode is ConsoleMode.WINDOW)
        self.mode = mode
        self._is_up_to_ask = False
        self._console.key_sheet.hide()
        if mode is ConsoleMode.WINDOW:
            self._is_raised = True
            self._console.keys.listen_at(self._console)
            self.strip.hide()
            self._window.show()
            self._window.raise_()
            self._window.activateWindow()
            self._console.setFocus()
            return
        if mode is ConsoleMode.STRIP:
            self.strip.appear(self._place)
        else:
            self.strip.vanish()
        self._console.keys.listen_at(self.strip)
        self._window.hide()
        self.refresh()

    def _hand_lines_over(self, *, to_window: bool) -> None:
        """What was begun in one place is found in the other."""
        parts, aside = self._console.parts, self.strip.line.fields
        here = {Line.NOTE: parts.markers.field, Line.TITLE: parts.course.title_field}
        for line, field in here.items():
            (aside[line].hand_over(field) if to_window else field.hand_over(aside[line]))

    def _remember_place(self, place: QPoint) -> None:
        self._place = place
        self._write()

    def _read(self) -> ConsoleMode:
        try:
            known = json.loads(self._memory.read_text(encoding="utf-8"))
            place = known.get("place")
            self._place = None if place is None else QPoint(int(place[0]), int(place[1]))
            return ConsoleMode(known["mode"])
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return ConsoleMode.WINDOW

    def _write(self) -> None:
        place = None if self._place is None else [self._place.x(), self._place.y()]
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_text(
                json.dumps({"mode": str(self._remembered), "place": place}), encoding="utf-8"
            )
        except OSError as error:
            _log.warning("how the console is shown cannot be remembered: %s", error)
