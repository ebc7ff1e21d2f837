"""The participant's window: the stimulus edge to edge, and nothing else, ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QScreen
from PySide6.QtWidgets import QStackedLayout, QWidget

from journeylab.clock import Clock
from journeylab.errors import StudyError
from journeylab.logs import logger
from journeylab.session.rows import health_row
from journeylab.streams import Picture
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.questions import Item
from journeylab.ui.participant.calibration_stage import CalibrationStage
from journeylab.ui.participant.display import DisplayKeeper
from journeylab.ui.participant.graphics import spare_the_processor
from journeylab.ui.participant.image_stage import ImageStage
from journeylab.ui.participant.question_stage import QuestionStage
from journeylab.ui.participant.rows import stimulus_row
from journeylab.ui.participant.screen_pictures import ScreenPictures, encode_picture
from journeylab.ui.participant.screens_stage import ScreensStage
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.text_stage import TextStage
from journeylab.ui.participant.video_stage import VideoStage
from journeylab.vocabulary import StimulusKind

if TYPE_CHECKING:
    from journeylab.ui.participant.page_stage import PageStage

WAITING_TEXT: Final = "Please wait a moment."
THANKS_TEXT: Final = "Thank you. That was everything we wanted to see."
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
    with the mouse: the keyboard is not needed here.

    Parameters
    ----------
    device
        Value of the study's segment ``device``; ``mobile`` puts pages into a phone's frame.
    """

    sample = Signal(object)
    failed = Signal(str)
    answered = Signal()
    item_shown = Signal(int)
    mouse_used = Signal()

    def __init__(self, folder: StudyFolder, *, clock: Clock, device: str | None = None) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(folder.study.title)
        # The keyboard stays with the moderator until the participant clicks here.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._folder = folder
        self._clock = clock
        self._is_mobile = device == "mobile"
        self._may_close = False
        self._step: Step | None = None
        self._text = TextStage(clock=clock, parent=self)
        self._image = ImageStage(clock=clock, parent=self)
        self._screens = ScreensStage(folder, clock=clock, parent=self)
        self._video = VideoStage(clock=clock, parent=self)
        self._questions = QuestionStage(clock=clock, parent=self)
        self._calibration = CalibrationStage(clock=clock, parent=self)
        # Over the stages, not one of them: what is shown goes on beneath it.
        self._dot = CalibrationStage(clock=clock, parent=self)
        self._dot.hide()
        self._page: PageStage | None = None
        self._pictures = ScreenPictures(self, clock=clock)
        self.display = DisplayKeeper(self, clock=clock)
        self.display.told.connect(self.sample)
        self._current: Stage = self._text
        self._stages = QStackedLayout(self)
        self._stages.setContentsMargins(0, 0, 0, 0)
        self._show: dict[StimulusKind, Callable[[Step], None]] = {
            StimulusKind.VIDEO: self._show_video,
            StimulusKind.IMAGE: self._show_image,
            StimulusKind.SCREENS: self._show_screens,
            StimulusKind.PAGE: self._show_page,
            StimulusKind.INSTRUCTION: self._show_text,
            StimulusKind.CAMERA_ONLY: self._show_text,
            StimulusKind.QUESTIONS: self._show_questions,
        }
        for stage in (self._text, self._image, self._screens, self._video, self._calibration):
            self._add(stage)
        self._add_questions(self._questions)
        self._pictures.taken.connect(self.sample)
        self._screens.screen_came.connect(self._pictures.ask_at_once)
        if any(StimulusKind.PAGE in _kinds(step) for step in folder.study.steps):
            self._page = self._open_page_stage()
        self._bring_up(self._text)
        self._text.show_text(WAITING_TEXT)

    def _add(self, stage: Stage) -> None:
        self._stages.addWidget(stage)
        stage.sample.connect(self.sample)
        stage.failed.connect(self._stage_failed)
        stage.view_changed.connect(self._pictures.ask)

    def _add_questions(self, stage: QuestionStage) -> None:
        self._stages.addWidget(stage)
        # No picture of each page: what is answered is nobody's to see.
        stage.sample.connect(self.sample)
        stage.finished.connect(self._questions_through)
        stage.item_shown.connect(self.item_shown)
        stage.mouse_used.connect(self.mouse_used)

    def _open_page_stage(self) -> PageStage | None:
        """Chromium is only needed, and only loaded, where a study has pages."""
        try:
            from journeylab.ui.participant.page_stage import PageStage
        except ImportError:
            return None  # said when a page is due: the rest of the study still runs
        spare_the_processor()
        stage = PageStage(self._folder, clock=self._clock, is_mobile=self._is_mobile, parent=self)
        self._add(stage)
        return stage

    @property
    def step(self) -> Step | None:
        """The step on the screen, None between steps."""
        return self._step

    @property
    def stage(self) -> Stage:
        """What is on top."""
        return self._current

    def show_on(self, screen: QScreen) -> None:
        """Fill a display."""
        self.display.show_on(screen)

    def show_waiting(self, text: str = WAITING_TEXT) -> None:
        """Show a few quiet words between steps."""
        self._leave_step()
        self._text.show_text(text)
        self._bring_up(self._text)

    def show_thanks(self) -> None:
        """Show that it is over."""
        self.show_waiting(THANKS_TEXT)

    def show_questions(self, step_id: str, items: Sequence[Item]) -> None:
        """Ask between steps, about a step or (empty id) the session; ``answered`` follows."""
        self._leave_step()
        self._bring_up(self._questions)
        self._questions.ask(step_id, items)

    def show_calibration_point(self, x_px: float, y_px: float) -> None:
        """Show the dot to look at, in device pixels from the screen's top left."""
        self._leave_step()
        self._bring_up(self._calibration)
        self._calibration.show_point(x_px, y_px)

    def show_dot(self, x_px: float, y_px: float) -> None:
        """Lay a dot to look at over the step, in device pixels from the screen's top left."""
        self._dot.setGeometry(self.rect())
        self._dot.raise_()
        self._dot.show()
        self._dot.show_point(x_px, y_px)

    def hide_dot(self) -> None:
        """Take the dot away; the step was never left."""
        self._dot.leave()
        self._dot.hide()
        self._current.setFocus()

    def show_step(self, step: Step) -> None:
        """Show a step's stimulus; what cannot be shown is told through ``failed``."""
        self._leave_step()
        self._step = step
        self._pictures.begin_step(step.id)
        try:
            self._show[step.stimulus.kind](step)
        except StudyError as error:
            self.sample.emit(
                stimulus_row(self._clock.now_ns(), "failure", step_id=step.id, detail=error.what)
            )
            self._say_one_moment()
            self.failed.emit(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a stage does, the session goes on
            self._note_exception(step, error)

    def snapshot(self) -> Picture:
        """A picture of the screen as it is, at once."""
        t_ns = self._clock.now_ns()
        step_id = self._step.id if self._step is not None else ""
        return encode_picture(self.grab().toImage(), t_ns, step_id=step_id)

    def close_for_good(self) -> None:
        """End whatever is shown, take the browser down and close. May be called twice."""
        if self._may_close:
            return
        self._leave_step()
        self._may_close = True
        self._pictures.close()
        if self._page is not None:
            self._page.close_browser()
        self.close()
        self.deleteLater()

    def _leave_step(self) -> None:
        self._pictures.end_step()
        self._step = None
        self._current.leave()

    def _bring_up(self, stage: Stage) -> None:
        self._current = stage
        self._stages.setCurrentWidget(stage)
        stage.setFocus()

    def _show_video(self, step: Step) -> None:
        path = self._folder.stimulus_path(step.stimulus.path or "")
        self._bring_up(self._video)
        self._video.show_step(step, path)

    def _show_image(self, step: Step) -> None:
        path = self._folder.stimulus_path(step.stimulus.path or "")
        self._bring_up(self._image)
        self._image.show_step(step, path)

    def _show_screens(self, step: Step) -> None:
        self._bring_up(self._screens)
        self._screens.show_step(step)

    def _show_text(self, step: Step) -> None:
        self._bring_up(self._text)
        self._text.show_step(step)

    def _show_questions(self, step: Step) -> None:
        self._bring_up(self._questions)
        self._questions.show_step(step)
        self._pictures.ask()  # one, for the map, of the first page before it is answered

    def _questions_through(self) -> None:
        self._text.show_text(WAITING_TEXT)
        self._bring_up(self._text)
        if self._step is None:  # a step that is made of questions goes on until she does
            self.answered.emit()

    def _show_page(self, step: Step) -> None:
        if self._page is None:
            raise StudyError(
                f"The step “{step.title}” shows a page, and the browser view cannot start here.",
                remedy="Run journeylab doctor: it names the missing system library.",
            )
        self._bring_up(self._page)
        self._page.show_step(step)

    def _note_exception(self, step: Step, error: Exception) -> None:
        """A mistake of ours: the participant sees a pause, the bundle and the moderator a fault."""
        _log.error("the step %s could not be shown", step.id, exc_info=error)
        now_ns = self._clock.now_ns()
        self.sample.emit(stimulus_row(now_ns, "failure", step_id=step.id, detail=repr(error)))
        self._text.show_text(_FAILED_TEXT)
        self._bring_up(self._text)
        sentence = f"The step “{step.title}” could not be shown ({error!r}). Go on to the next one."
        self.sample.emit(health_row(now_ns, "stimulus", kind="warning", count=0, detail=sentence))

    def _stage_failed(self, sentence: str) -> None:
        if self._current.has_failed:
            self._say_one_moment()
        self.failed.emit(sentence)

    def _say_one_moment(self) -> None:
        # The participant is not shown what went wrong, only that somebody takes care of it.
        self._current.leave()
        self._text.show_text(_FAILED_TEXT)
        self._bring_up(self._text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # no key leads out of the session

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()


def _kinds(step: Step) -> set[StimulusKind]:
    """The kinds of stimulus a participant may meet on a step, in any of its variants."""
    return {step.stimulus.kind, *(variant.stimulus.kind for variant in step.variants)}
