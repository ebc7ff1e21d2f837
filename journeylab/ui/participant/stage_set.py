"""The stages of the participant's screen in one stack, and which of them a step is shown on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedLayout, QWidget

from journeylab.clock import Clock
from journeylab.errors import StudyError
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.ui.participant.calibration_stage import CalibrationStage
from journeylab.ui.participant.consent_stage import ConsentStage
from journeylab.ui.participant.flash_stage import FlashStage
from journeylab.ui.participant.graphics import spare_the_processor
from journeylab.ui.participant.image_stage import ImageStage
from journeylab.ui.participant.question_stage import QuestionStage
from journeylab.ui.participant.screens_stage import ScreensStage
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.text_stage import TextStage
from journeylab.ui.participant.video_stage import VideoStage
from journeylab.vocabulary import StimulusKind

if TYPE_CHECKING:
    from journeylab.ui.participant.page_stage import PageStage


class StageSet(QStackedLayout):
    """One stage for each kind of stimulus; ``top`` is the one that is shown. GUI thread only."""

    def __init__(
        self, window: QWidget, folder: StudyFolder, *, clock: Clock, device: str | None
    ) -> None:
        super().__init__(window)
        self.setContentsMargins(0, 0, 0, 0)
        self._folder = folder
        self.text = TextStage(clock=clock, parent=window)
        self.image = ImageStage(clock=clock, device=device, parent=window)
        self.screens = ScreensStage(folder, clock=clock, device=device, parent=window)
        self.video = VideoStage(clock=clock, parent=window)
        self.questions = QuestionStage(clock=clock, parent=window)
        self.calibration = CalibrationStage(clock=clock, parent=window)
        self.consent = ConsentStage(clock=clock, parent=window)
        self.flashes = FlashStage(clock=clock, parent=window)
        self.page: PageStage | None = None
        if any(StimulusKind.PAGE in _kinds(step) for step in folder.study.steps):
            self.page = _open_page_stage(folder, clock=clock, device=device, parent=window)
        stages = (self.text, self.image, self.screens, self.video, self.questions, self.calibration)
        self.stages: tuple[Stage, ...] = stages if self.page is None else (*stages, self.page)
        for stage in (*self.stages, self.consent, self.flashes):
            self.addWidget(stage)
        self._begin: dict[StimulusKind, Callable[[Step], None]] = {
            StimulusKind.VIDEO: self._begin_video,
            StimulusKind.IMAGE: self._begin_image,
            StimulusKind.SCREENS: self._begin_screens,
            StimulusKind.PAGE: self._begin_page,
            StimulusKind.INSTRUCTION: self._begin_text,
            StimulusKind.CAMERA_ONLY: self._begin_text,
            StimulusKind.QUESTIONS: self._begin_questions,
        }
        self.top: Stage = self.text

    def begin(self, step: Step) -> None:
        """Bring up a step's stage and make it ready.

        Raises
        ------
        StudyError
            When its file is missing, or a page cannot be shown on this machine.
        """
        self._begin[step.stimulus.kind](step)

    def prepare(self, step: Step) -> None:
        """Read ahead what a step shows first, so that it comes on without a wait."""
        kind, path = step.stimulus.kind, step.stimulus.path or ""
        with suppress(StudyError):  # told when the step is due
            if kind is StimulusKind.IMAGE:
                self.image.prepare(step, self._folder.stimulus_path(path))
            elif kind is StimulusKind.SCREENS:
                self.screens.prepare(step)
            elif kind is StimulusKind.VIDEO:
                self.video.prepare(self._folder.stimulus_path(path))
            elif kind is StimulusKind.PAGE and self.page is not None:
                # What she does on a page may decide what the next one shows, and they share a
                # view: nothing is read ahead while one is seen.
                self.page.prepare(step)

    def bring_up(self, stage: Stage) -> None:
        """Put a stage on top, with the keyboard's focus."""
        self.top = stage
        self.setCurrentWidget(stage)
        stage.setFocus()

    def _begin_video(self, step: Step) -> None:
        path = self._folder.stimulus_path(step.stimulus.path or "")
        self.bring_up(self.video)
        self.video.show_step(step, path)

    def _begin_image(self, step: Step) -> None:
        path = self._folder.stimulus_path(step.stimulus.path or "")
        self.bring_up(self.image)
        self.image.show_step(step, path)

    def _begin_screens(self, step: Step) -> None:
        self.bring_up(self.screens)
        self.screens.show_step(step)

    def _begin_text(self, step: Step) -> None:
        self.bring_up(self.text)
        self.text.show_step(step)

    def _begin_questions(self, step: Step) -> None:
        self.bring_up(self.questions)
        self.questions.show_step(step)

    def _begin_page(self, step: Step) -> None:
        if self.page is None:
            raise StudyError(
                f"The step “{step.title}” shows a page, and the browser view cannot start here.",
                remedy="Run journeylab doctor: it names the missing system library.",
            )
        self.bring_up(self.page)
        self.page.show_step(step)


def _open_page_stage(
    folder: StudyFolder, *, clock: Clock, device: str | None, parent: QWidget
) -> PageStage | None:
    """Chromium is only needed, and only loaded, where a study has pages."""
    try:
        from journeylab.ui.participant.page_stage import PageStage
    except ImportError:
        return None  # said when a page is due: the rest of the study still runs
    spare_the_processor()
    return PageStage(folder, clock=clock, device=device, parent=parent)


def _kinds(step: Step) -> set[StimulusKind]:
    """The kinds of a step's stimulus and of its variants'."""
    return {step.stimulus.kind, *(variant.stimulus.kind for variant in step.variants)}
