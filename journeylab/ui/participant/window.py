"""The participant's window: the stimulus edge to edge, and nothing else, ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QScreen
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.errors import StudyError
from journeylab.logs import logger
from journeylab.session.rows import health_row
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.privacy import Privacy
from journeylab.study.questions import Item
from journeylab.ui.participant.display import DisplayKeeper
from journeylab.ui.participant.over import Over
from journeylab.ui.participant.rows import stimulus_row
from journeylab.ui.participant.screen_pictures import ScreenPictures
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.stage_set import StageSet
from journeylab.vocabulary import StimulusKind

WAITING_TEXT: Final = "Please wait a moment."
THANKS_TEXT: Final = "Thank you. That was everything we wanted to see."
_BLANK_MS: Final = 400
_FAILED_TEXT: Final = "One moment, please."

_log = logger(__name__)


class ParticipantWindow(QWidget):
    """Full-screen on the participant's display; nothing of inference is ever on it.

    It writes rows of the streams ``stimulus``, ``page`` and ``health`` and pictures of ``screen``
    through ``sample`` (connect it to the session's ``publish``, directly), and tells the moderator
    of a stimulus that cannot be shown through ``failed``. Neither Esc nor Alt+F4 closes it: only
    :meth:`close_for_good` does, which must be called before the application quits. All on the GUI
    thread.

    ``answered`` goes out when the questions asked between steps are through, ``item_shown`` with
    the number of the page that came on, from 0, and ``mouse_used`` when a question was answered
    with the mouse: the keyboard is not needed here. Before a session, ``consented`` goes out with
    the answers of the consent page, or None, and ``flashed`` with the times of the flashes.

    Parameters
    ----------
    device
        Value of the study's segment ``device``: what steps are shown on that leave it to it.
    """

    sample = Signal(object)
    failed = Signal(str)
    answered = Signal()
    item_shown = Signal(int)
    mouse_used = Signal()
    consented = Signal(object)
    flashed = Signal(object)

    def __init__(self, folder: StudyFolder, *, clock: Clock, device: str | None = None) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(folder.study.title)
        # The keyboard stays with the moderator until the participant clicks here.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._clock = clock
        self._may_close = False
        self._step: Step | None = None
        self._stages = StageSet(self, folder, clock=clock, device=device)
        # Over the stages, not one of them: what is shown goes on beneath it.
        self.over = Over(self, clock=clock)
        self._pictures = ScreenPictures(self, clock=clock)
        self.display = DisplayKeeper(self, clock=clock, is_needed=lambda: self.is_in_use)
        self.display.told.connect(self.sample)
        self._pictures.taken.connect(self.sample)
        self._connect()
        self.show_waiting()

    def _connect(self) -> None:
        stages = self._stages
        for stage in stages.stages:
            stage.sample.connect(self.sample)
            stage.failed.connect(self._stage_failed)
            if stage is not stages.questions:  # what is answered is nobody's to see
                stage.view_changed.connect(self._pictures.ask)
        stages.screens.screen_came.connect(self._pictures.ask_at_once)
        stages.questions.finished.connect(self._questions_through)
        stages.questions.item_shown.connect(self.item_shown)
        stages.questions.mouse_used.connect(self.mouse_used)
        stages.consent.answered.connect(self.consented)
        stages.flashes.finished.connect(self.flashed)

    @property
    def step(self) -> Step | None:
        """The step on the screen, None between steps."""
        return self._step

    @property
    def is_in_use(self) -> bool:
        """Whether the participant has something to do here: a step, or questions."""
        return self._step is not None or self._stages.top is self._stages.questions

    @property
    def stage(self) -> Stage:
        """What is on top."""
        return self._stages.top

    def show_on(self, screen: QScreen) -> None:
        """Fill a display."""
        self.display.show_on(screen)

    def show_waiting(self, text: str = WAITING_TEXT) -> None:
        """Show a few quiet words between steps."""
        self._leave_step()
        self._stages.text.show_text(text)
        self._stages.bring_up(self._stages.text)

    def show_thanks(self) -> None:
        """Show that it is over."""
        self.show_waiting(THANKS_TEXT)

    def show_questions(self, step_id: str, items: Sequence[Item]) -> None:
        """Ask between steps, about a step or (empty id) the session; ``answered`` follows."""
        self._leave_step()
        self._stages.bring_up(self._stages.questions)
        self._stages.questions.ask(step_id, items)

    def show_consent(self, privacy: Privacy) -> None:
        """Ask for consent, with the keyboard; ``consented`` follows."""
        self._leave_step()
        self._stages.consent.ask(privacy)
        self._stages.bring_up(self._stages.consent)
        self.activateWindow()

    def show_flashes(self, stays_s: Sequence[float]) -> None:
        """Turn white and black, each that long; ``flashed`` follows."""
        self._leave_step()
        self._stages.bring_up(self._stages.flashes)
        self._stages.flashes.begin(stays_s)

    def show_calibration_point(self, x_px: float, y_px: float) -> None:
        """Show the dot to look at, in device pixels from the screen's top left."""
        self._leave_step()
        self._stages.bring_up(self._stages.calibration)
        self._stages.calibration.show_point(x_px, y_px)

    def show_dot(self, x_px: float, y_px: float) -> None:
        """Lay a dot to look at over the step, in device pixels from the screen's top left."""
        self.over.show_dot(x_px, y_px)

    def hide_dot(self) -> None:
        """Take away what lies over the step, which was never left."""
        self.over.hide()
        self._stages.top.setFocus()

    def show_step(self, step: Step) -> None:
        """Show a step's stimulus; what cannot be shown is told through ``failed``."""
        self._leave_step()
        self._step = step
        self._pictures.begin_step(step.id)
        try:
            self._stages.begin(step)
            if step.stimulus.kind is StimulusKind.QUESTIONS:
                self._pictures.ask()  # one, for the map, of the first page before it is answered
        except StudyError as error:
            self.sample.emit(
                stimulus_row(self._clock.now_ns(), "failure", step_id=step.id, detail=error.what)
            )
            self._say_one_moment()
            self.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a stage does, the session goes on
            self._note_exception(step, error)

    def prepare_step(self, step: Step) -> None:
        """Read ahead what the step that comes next shows first."""
        self._stages.prepare(step)

    def close_for_good(self) -> None:
        """End whatever is shown, take the browser down and close. May be called twice."""
        if self._may_close:
            return
        self._leave_step()
        self._may_close = True
        self._pictures.close()
        if self._stages.page is not None:
            self._stages.page.close_browser()
        self.close()
        self.deleteLater()

    def _leave_step(self) -> None:
        self._pictures.end_step()
        self._step = None
        self._stages.top.leave()

    def _questions_through(self) -> None:
        if self._step is None:
            self.answered.emit()
        # Where the next step comes on at once, words between would only flash.
        QTimer.singleShot(_BLANK_MS, self, self._say_wait)

    def _say_wait(self) -> None:
        questions = self._stages.questions
        if self._stages.top is questions and questions.item is None:
            self._stages.text.show_text(WAITING_TEXT)
            self._stages.bring_up(self._stages.text)

    def _note_exception(self, step: Step, error: Exception) -> None:
        """A mistake of ours: the participant sees a pause, the bundle and the moderator a fault."""
        _log.error("the step %s could not be shown", step.id, exc_info=error)
        now_ns = self._clock.now_ns()
        self.sample.emit(stimulus_row(now_ns, "failure", step_id=step.id, detail=repr(error)))
        self._stages.text.show_text(_FAILED_TEXT)
        self._stages.bring_up(self._stages.text)
        sentence = f"The step “{step.title}” could not be shown ({error!r}). Go on to the next one."
        self.sample.emit(health_row(now_ns, "stimulus", kind="warning", count=0, detail=sentence))

    def _stage_failed(self, sentence: str) -> None:
        if self._stages.top.has_failed:
            self._say_one_moment()
        self.failed.emit(sentence)

    def _say_one_moment(self) -> None:
        # The participant is not shown what went wrong, only that somebody takes care of it.
        self._stages.top.leave()
        self._stages.text.show_text(_FAILED_TEXT)
        self._stages.bring_up(self._stages.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # no key leads out of the session

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
