"""The moderator's console: one trace has the eye, everything else is quiet."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from journeylab.clock import NS_PER_MS, Clock
from journeylab.session.consent import allows_emotion
from journeylab.streams import Row
from journeylab.study.folder import StudyFolder
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console_acts import ConsoleActs
from journeylab.ui.moderator.console_keys import STEPS, VIEW, ConsoleKeys, KeyAct
from journeylab.ui.moderator.console_parts import ConsoleParts
from journeylab.ui.moderator.console_readout import Brief, ConsoleReadout
from journeylab.ui.moderator.console_remarks import ConsoleRemarks
from journeylab.ui.moderator.console_sight import ConsoleSight
from journeylab.ui.moderator.gaze_sheet import CALIBRATE_KEY, NEUTRAL_KEY, GazeSheet
from journeylab.ui.moderator.observer_panel import ObserverPanel
from journeylab.ui.moderator.ports import SessionPort, SetupChoice
from journeylab.ui.moderator.step_markers import StepMarkers
from journeylab.ui.widgets.health import Level

_ENTER: Final = ("Return", "Enter", "Alt+Return", "Alt+Enter")
_STOP: Final = ("Esc", "Alt+X", "Alt+Shift+X")


class ConsolePage(QWidget):
    """Shows a running session and emits what the moderator asks for.

    It polls the session it was given: :meth:`refresh_curves` thirty times a second,
    :meth:`refresh_text` twice. Every act has a key, shown beside it; F12 lists all. Stopping is
    asked again, and nothing waits for the answer. The keys work wherever in the application the
    keyboard is; where the participant has it, function keys and those with Alt. What leads the
    session on beside next, back and stop is in :attr:`acts`. A marker is asked for with its label
    and the time at which its key went down, a note with its text and the time of its first key,
    ns; both are confirmed through :attr:`remarks`.

    ``said`` goes out with what a strip may say on the participant's display, and its level;
    ``line_needed`` where a line is to be typed while the page cannot be seen.

    ``screen_latencies_ms`` holds, for each tick that was painted, the age of the newest measures
    on the screen.
    """

    next_requested = Signal()
    previous_requested = Signal()
    marker_requested = Signal(str, object)
    note_requested = Signal(str, object)
    stop_requested = Signal()
    gaze_check_requested = Signal()
    recentre_requested = Signal()
    strip_toggled = Signal()
    hide_toggled = Signal()
    line_needed = Signal(object)
    said = Signal(str, object)
    text_refreshed = Signal()

    def __init__(self, *, clock: Clock, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.clock = clock
        self._session: SessionPort | None = None
        self._readout: ConsoleReadout | None = None
        self._drawn_t_ns: int | None = None
        self.screen_latencies_ms: deque[float] = deque(maxlen=20_000)
        self.parts = ConsoleParts(self, clock=clock, palette=palette)
        header, markers = self.parts.header, self.parts.markers
        self.sight = ConsoleSight(self)
        self.key_sheet = self.sight.key_sheet
        self.acts = ConsoleActs(self.parts.course, header, self, sight=self.sight)
        self.remarks = ConsoleRemarks(self.parts, self.acts, self, sight=self.sight)
        for speaker in (self.acts, self.remarks):
            speaker.said.connect(self.said)
            speaker.line_needed.connect(self.line_needed)
        header.strip.clicked.connect(self.strip_toggled)
        self.observers = ObserverPanel(self, bar=self.parts.health, palette=palette)
        self.gaze_sheet = GazeSheet(self, palette=palette)
        self.keys = ConsoleKeys(self, self._key_acts(), clock=clock)
        self.keys.changed.connect(self._show_keys)
        self._step_markers = StepMarkers(markers, self.keys)
        self.parts.check_gaze.clicked.connect(self.gaze_check_requested)
        self.parts.recentre.clicked.connect(self.recentre_requested)
        self.parts.calibrate.clicked.connect(self.gaze_sheet.toggle)
        markers.undo.clicked.connect(self.acts.undo_requested)
        header.keys.clicked.connect(self.sight.toggle_sheet)
        header.next_clicked.connect(self._next)
        header.previous_clicked.connect(self._previous)
        header.stop_clicked.connect(self.ask_to_stop)
        header.stop_confirmed.connect(self._stop)
        markers.marker_requested.connect(self._marker)
        markers.note_requested.connect(self.note_requested)
        for part in (markers, self.parts.course):
            part.typing_changed.connect(self.keys.set_typing)
        self._show_keys()

    def _key_acts(self) -> tuple[KeyAct, ...]:
        return (
            KeyAct("next", "Next step", ("Right", "Ctrl+Right", "Alt+Right"), self._next, STEPS),
            KeyAct("yes", "Next step, or yes", _ENTER, self._enter, STEPS),
            KeyAct("back", "Back", ("Left", "Ctrl+Left", "Alt+Left"), self._previous, STEPS),
            *self.acts.keys(),
            KeyAct("stop", "Stop, or close this", _STOP, self._escape, STEPS),
            *self.remarks.keys(),
            KeyAct("keyboard", "Take the keyboard back", ("F5",), self.sight.take_keyboard, VIEW),
            KeyAct("check", "Check gaze", ("F8",), self.gaze_check_requested.emit, VIEW),
            KeyAct("recentre", "Re-centre gaze", ("F9",), self.recentre_requested.emit, VIEW),
            *self._sheet_keys(),
            KeyAct("strip", "Shrink to a strip, or back", ("F10",), self.strip_toggled.emit, VIEW),
            KeyAct("hide", "Hide, or show", ("F11",), self.hide_toggled.emit, VIEW),
            KeyAct("keys", "All keys", ("F12", "?"), self.sight.toggle_sheet, VIEW),
        )

    def _sheet_keys(self) -> tuple[KeyAct, ...]:
        sheet, observing = self.gaze_sheet, self.observers.keys()
        return (
            KeyAct("neutral", "Neutral face", (NEUTRAL_KEY,), sheet.ask_for_neutral, VIEW),
            KeyAct("calibrate", "Calibrate gaze", (CALIBRATE_KEY,), sheet.ask_to_calibrate, VIEW),
            *(replace(act, do=partial(self._observe, act)) for act in observing),
        )

    def _observe(self, act: KeyAct) -> None:
        """Who watches is shown in the console alone: elsewhere she may only end it."""
        if self.sight.is_clear:
            act.do()
        elif act.name == "observing" and self.observers.is_on:
            act.do()
            self.said.emit("Nobody watches any more", Level.GOOD)
        else:
            self.said.emit("Observers are let in at the console: F10", Level.WARNING)

    def _show_keys(self) -> None:
        self.acts.show_keys(self.keys)
        self.remarks.show_keys(self.keys)
        self.key_sheet.show_keys(self.keys)

    def show_session(self, folder: StudyFolder, choice: SetupChoice, session: SessionPort) -> None:
        """Show another session, from its beginning."""
        study = folder.study
        self._session = session
        self._readout = ConsoleReadout(self.parts, study)
        self._drawn_t_ns = None
        self.screen_latencies_ms.clear()
        segments = [*choice.segments.values(), *(["simulated"] if choice.is_simulated else [])]
        title = f"{study.title} · {choice.participant_id}"
        if choice.is_practice:
            title = f"PRACTICE, not kept · {study.title}"
        self.parts.header.show_session(title, segments=" · ".join(segments))
        for field in (self.parts.markers.field, self.parts.course.title_field):
            field.reset()
        unless = study.privacy.emotion_notice
        if not unless and not allows_emotion(choice.consent):
            unless = "The participant did not agree to emotion recognition: none is inferred."
        self.parts.show_emotion(unless=unless)
        self._step_markers.begin(study)
        self.refresh_text()

    def leave_session(self) -> None:
        """Read the session no more: it is being closed."""
        self._session = None

    def show_screen(self, image: QImage, *, screen_px: tuple[int, int] | None = None) -> None:
        """Show the latest picture of the participant's screen."""
        self.parts.screen_copy.show_picture(image, screen_px=screen_px)

    def take_page_event(self, event: Row) -> None:
        """Count one row of stream "page"."""
        if self._readout is not None:
            self._readout.take_page_event(event)

    def show_notice(self, sentence: str, *, level: Level) -> None:
        """Say something that the session's health does not tell, until the step changes."""
        if self._readout is not None:
            self._readout.show_notice(sentence, level=level)
            self.said.emit(sentence, level)

    def refresh_curves(self) -> None:
        """What moves. On the GUI thread, thirty times a second."""
        if self._session is not None and self._readout is not None:
            self._drawn_t_ns = self._readout.draw(self._session.live, now_ns=self.clock.now_ns())

    def refresh_text(self) -> None:
        """What is read. On the GUI thread, twice a second and after each act."""
        if self._session is not None and self._readout is not None:
            view = self._session.view()
            self.acts.show_paused(view.is_paused)
            self.parts.header.show_keyboard(is_participants=self.keys.are_participants)
            self._step_markers.follow(view)
            self._readout.write(view, self._session.live, now_ns=self.clock.now_ns())
            self.text_refreshed.emit()

    def brief(self) -> Brief:
        """What a strip has room for."""
        if self._session is None or self._readout is None:
            return Brief()
        return self._readout.brief(self._session.view())

    def note_painted(self) -> None:
        """The last refresh is on the screen: note how old the newest measures are."""
        if self._drawn_t_ns is not None:
            age_ms = (self.clock.now_ns() - self._drawn_t_ns) / NS_PER_MS
            self.screen_latencies_ms.append(age_ms)
            self._drawn_t_ns = None

    def ask_to_stop(self) -> None:
        """Ask whether to stop; recording goes on meanwhile."""
        self.parts.header.ask(can_debrief=self._ends_here)

    @property
    def is_asking_to_stop(self) -> bool:
        return self.parts.header.is_asking

    def _next(self) -> None:
        # Asked, the same key leads to the debrief instead; where questions are due, to those.
        if self._ends_here and not self.is_asking_to_stop:
            self.ask_to_stop()
            return
        self.parts.header.withdraw_question()
        self.next_requested.emit()  # the session tells when it is there; till then nothing is new

    def _enter(self) -> None:
        if self.is_asking_to_stop:
            self._stop()
        else:
            self._next()

    @property
    def _ends_here(self) -> bool:
        """Whether nothing but the end comes next."""
        if self._session is None or self._readout is None:
            return False
        view = self._session.view()
        return self._readout.is_on_last_step(view) and not (view.asking or view.asks_next)

    def _previous(self) -> None:
        if self._session is None:
            return
        view = self._session.view()
        if view.place or view.asking:
            self.previous_requested.emit()

    def _escape(self) -> None:
        if self.key_sheet.isVisible():
            self.key_sheet.hide()
        elif self.gaze_sheet.escape():
            return
        elif self.observers.isVisible():
            self.observers.hide()
        elif self.is_asking_to_stop:
            self.parts.header.withdraw_question()
        else:
            self.ask_to_stop()

    def _stop(self) -> None:
        self.parts.header.withdraw_question()
        self.stop_requested.emit()

    def _marker(self, label: str) -> None:
        self.marker_requested.emit(label, self.keys.take_pressed_ns())
