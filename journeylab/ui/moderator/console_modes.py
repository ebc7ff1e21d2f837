"""Whether the console is a whole window, a strip, or hidden; it remembers."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from journeylab.logs import logger
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_strip import ConsoleStrip
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.health import Level

_log = logger(__name__)


class ConsoleMode(StrEnum):
    """How much of the console is seen."""

    WINDOW = "window"
    STRIP = "strip"
    HIDDEN = "hidden"


class ConsoleModes(QObject):
    """Shows the window, the strip or neither, and keeps the keys where they are heard.

    On the only display a session begins as the last one there was left; ``memory`` is the file
    that knows. A lost file means a whole window.
    """

    def __init__(
        self, window: QWidget, console: ConsolePage, *, memory: Path, palette: Palette = DARK
    ) -> None:
        super().__init__(window)
        self._window = window
        self._console = console
        self._memory = memory
        self._place: QPoint | None = None
        self.mode = ConsoleMode.WINDOW
        self.strip = ConsoleStrip(palette=palette)
        strip, header = self.strip, console.parts.header
        console.strip_toggled.connect(self.toggle_strip)
        console.hide_toggled.connect(self.toggle_hidden)
        console.window_needed.connect(self.show_window)
        console.text_refreshed.connect(self.refresh)
        header.question_changed.connect(self._show_question)
        strip.next_clicked.connect(header.next.click)
        strip.pause_clicked.connect(console.acts.toggle_pause)
        strip.stop_clicked.connect(self._stop)
        strip.keep_going_clicked.connect(header.withdraw_question)
        strip.console_clicked.connect(self.show_window)
        strip.moved.connect(self._remember_place)
        self._remembered = self._read()
        window.destroyed.connect(strip.deleteLater)  # a window of its own, but not for longer

    def begin_session(self) -> None:
        """A session begins: where there is one display, as the last one was left."""
        self.strip.show_markers(self._console.keys.markers)
        if len(QGuiApplication.screens()) == 1 and self._remembered is ConsoleMode.STRIP:
            self._show(ConsoleMode.STRIP)

    def end_session(self) -> None:
        """The session is over: the window is needed again; what was chosen stays remembered."""
        if self.mode is not ConsoleMode.WINDOW:
            remembered = self._remembered
            self._show(ConsoleMode.WINDOW)
            self._remembered = remembered
        self.strip.hide()

    def follow_page(self) -> None:
        """Another page than the console may be shown: it is shown in a window."""
        pages = self._console.parentWidget()
        if isinstance(pages, QStackedWidget) and pages.currentWidget() is not self._console:
            self.end_session()

    def toggle_strip(self) -> None:
        """From the window to the strip, from anything else to the window."""
        is_window = self.mode is ConsoleMode.WINDOW
        self._choose(ConsoleMode.STRIP if is_window else ConsoleMode.WINDOW)

    def toggle_hidden(self) -> None:
        """Hide everything, or show the window again."""
        is_hidden = self.mode is ConsoleMode.HIDDEN
        self._choose(ConsoleMode.WINDOW if is_hidden else ConsoleMode.HIDDEN)

    def show_window(self) -> None:
        """Show the whole console."""
        if self.mode is not ConsoleMode.WINDOW:
            self._choose(ConsoleMode.WINDOW)

    def refresh(self) -> None:
        """Write the strip anew; twice a second and after each act."""
        if self.mode is ConsoleMode.WINDOW:
            return
        brief = self._console.brief()
        planned = "" if brief.planned_s is None else f" of {minutes(brief.planned_s)}"
        is_over = brief.planned_s is not None and brief.spent_s > brief.planned_s
        time = "paused" if brief.is_paused else f"{minutes(brief.spent_s)}{planned}"
        tone = "warning" if brief.is_paused or is_over else ""
        self.strip.show_step(brief.title, time=time, tone=tone)
        self.strip.show_light(Level.WARNING if brief.has_alert else Level.RECORDING)
        self._show_question()
        if self.mode is ConsoleMode.STRIP:
            self.strip.stay_on_top()

    def _show_question(self) -> None:
        is_asking = self._console.is_asking_to_stop
        if self.mode is ConsoleMode.HIDDEN and is_asking:
            self._show(ConsoleMode.STRIP)  # a question must be seen
        brief = self._console.brief()
        self.strip.show_state(is_paused=brief.is_paused, is_last=brief.is_last, is_asking=is_asking)

    def _stop(self) -> None:
        header = self._console.parts.header
        (header.confirm if header.is_asking else header.stop).click()

    def _choose(self, mode: ConsoleMode) -> None:
        self._show(mode)
        self._remembered = mode
        self._write()

    def _show(self, mode: ConsoleMode) -> None:
        self.mode = mode
        if mode is ConsoleMode.WINDOW:
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
