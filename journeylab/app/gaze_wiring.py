"""How the moderator's window asks for the neutral face and for all that has to do with gaze."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Slot

from journeylab.app.gaze_tasks import GazeTasks
from journeylab.app.interludes import Interludes
from journeylab.app.neutral_tasks import NeutralTasks
from journeylab.session.calibration import CalibrationResult
from journeylab.session.gaze_desk import GazeCheck
from journeylab.ui.moderator.gaze_card import GazeCard
from journeylab.ui.moderator.gaze_sheet import CALIBRATE_KEY
from journeylab.ui.moderator.ports import GazeChoice, GazePoint, GazeProgress, NeutralProgress
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.health import Level

_DRIFTED_DEG: Final = 2.0
_DRIFTED_PX: Final = 110.0
_LOST: Final = "Gaze was calibrated for another display. It can be calibrated for this one."
_BACK: Final = "Gaze was calibrated for this display. Keep that calibration, or make it anew."


class GazeWiring(QObject):
    """Connects the moderator's window to the tasks of whatever session is open.

    The card of the set-up page and that over the console show the same. GUI thread only.
    """

    def __init__(self, window: MainWindow, *, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._gaze: GazeTasks | None = None
        self._neutral: NeutralTasks | None = None
        self._before = window.setup.gaze
        self._sheet = window.console.gaze_sheet
        self._cards: tuple[GazeCard, ...] = (self._before, self._sheet.card)
        window.calibrate_requested.connect(self._calibrate_before)
        self._sheet.card.asked.connect(self._calibrate_in_session)
        for card in self._cards:
            card.neutral.asked.connect(self._take_neutral)
            card.redo_asked.connect(self._redo)
            card.advanced.connect(self._advance)
            card.broken_off.connect(self._break_off)
            card.accepted.connect(self._accept)
            card.keep_asked.connect(self._keep)
        window.console.gaze_check_requested.connect(self._check)
        window.console.recentre_requested.connect(self._recentre)

    def follow(self, interludes: Interludes | None) -> None:
        """Serve another session, or none."""
        gaze = None if interludes is None else interludes.gaze
        neutral = None if interludes is None else interludes.neutral
        self._gaze, self._neutral = gaze, neutral
        self._sheet.hide()
        self._sheet.card.show_none()
        folder = self._window.folder
        if folder is not None:
            self._sheet.card.neutral.set_needed(folder.study.privacy.infers_emotion)
        if gaze is not None:
            gaze.progressed.connect(self._show_progress)
            gaze.calibrated.connect(self._show_calibrated)
            gaze.failed.connect(self._show_failure)
            gaze.moved.connect(self._show_moved)
            gaze.checked.connect(self._show_check)
            gaze.said.connect(self._say)
        if neutral is not None:
            neutral.progressed.connect(self._show_neutral)
            neutral.taken.connect(self._show_taken)
            neutral.failed.connect(self._show_not_taken)
            neutral.refused.connect(self._refuse)

    @property
    def _device(self) -> str | None:
        return self._window.setup.choice().segments.get("device")

    @property
    def _has_previous(self) -> bool:
        return self._gaze is not None and self._gaze.has_previous

    # -- what is asked for -------------------------------------------------------------------

    @Slot()
    def _calibrate_before(self) -> None:
        if self._gaze is not None:
            self._gaze.calibrate(self._before.choice(), device=self._device)

    @Slot()
    def _calibrate_in_session(self) -> None:
        choice = self._sheet.card.choice()
        if not self._sheet.isVisible():  # nothing could be seen of a pace of one's own
            choice = GazeChoice(choice.n_points)
        if self._gaze is not None:
            self._gaze.calibrate(choice)

    @Slot()
    def _take_neutral(self) -> None:
        if self._neutral is not None:
            self._neutral.take(device=self._device)

    @Slot(object)
    def _redo(self, point: GazePoint) -> None:
        if self._gaze is not None:
            self._gaze.redo(point, device=self._device)

    @Slot()
    def _advance(self) -> None:
        if self._gaze is not None:
            self._gaze.advance()

    @Slot()
    def _break_off(self) -> None:
        if self._gaze is not None:
            self._gaze.break_off()
        if self._neutral is not None:
            self._neutral.break_off()

    @Slot()
    def _accept(self) -> None:
        if self._gaze is not None:
            self._gaze.accept()
        for card in self._cards:
            card.show_accepted()

    @Slot()
    def _keep(self) -> None:
        if self._gaze is not None:
            self._gaze.keep_previous()

    @Slot()
    def _check(self) -> None:
        if self._gaze is not None:
            self._gaze.check()

    @Slot()
    def _recentre(self) -> None:
        if self._gaze is not None:
            self._gaze.recentre()

    # -- what came of it ---------------------------------------------------------------------

    @Slot(object)
    def _show_progress(self, progress: GazeProgress) -> None:
        self._window.setup.show_calibration(progress)
        self._sheet.card.show_progress(progress)

    @Slot(object)
    def _show_calibrated(self, result: CalibrationResult) -> None:
        self._window.setup.show_calibrated(result, has_previous=self._has_previous)
        self._sheet.card.show_result(result, has_previous=self._has_previous)
        self._tell(self._sheet.card.verdict.text, level=self._sheet.card.verdict.level)

    @Slot(str)
    def _show_failure(self, sentence: str) -> None:
        self._window.setup.show_uncalibrated(sentence, has_previous=self._has_previous)
        self._sheet.card.show_failure(sentence, has_previous=self._has_previous)
        self._tell(sentence, level=Level.WARNING)

    @Slot(object)
    def _show_moved(self, result: CalibrationResult | None) -> None:
        """The participant sees another display, or another resolution."""
        if result is not None:
            for card in self._cards:
                card.show_result(result, has_previous=self._has_previous)
        elif self._has_previous or any(card.is_calibrated for card in self._cards):
            sentence = _BACK if self._has_previous else _LOST
            for card in self._cards:
                card.show_failure(sentence, has_previous=self._has_previous)
            self._tell(f"Gaze is lost. {CALIBRATE_KEY} calibrates it again", level=Level.WARNING)

    @Slot(object)
    def _show_neutral(self, progress: NeutralProgress) -> None:
        for card in self._cards:
            card.show_neutral(progress)

    @Slot(str)
    def _show_taken(self, sentence: str) -> None:
        for card in self._cards:
            card.show_neutral_taken(sentence)
        self._tell(sentence, level=Level.GOOD)

    @Slot(str)
    def _show_not_taken(self, sentence: str) -> None:
        for card in self._cards:
            card.show_neutral_failed(sentence)
        self._tell(sentence, level=Level.WARNING)

    @Slot(object)
    def _show_check(self, check: GazeCheck) -> None:
        error = check.error
        if error.error_deg is None:
            off, has_drifted = f"{error.error_px:.0f} px", error.error_px > _DRIFTED_PX
        else:
            off = f"{error.error_deg:.1f}° ({error.error_px:.0f} px)"
            has_drifted = error.error_deg > _DRIFTED_DEG
        self._window.console.show_notice(
            f"Gaze is off by {off} at the dot. F9 re-centres it.",
            level=Level.WARNING if has_drifted else Level.GOOD,
        )

    @Slot(str, bool)
    def _say(self, sentence: str, is_well: bool) -> None:
        self._window.say(sentence, level=Level.GOOD if is_well else Level.WARNING)
        if not is_well:
            self._tell(sentence, level=Level.WARNING)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._say(sentence, False)

    def _tell(self, sentence: str, *, level: Level) -> None:
        """In the session beside the steps, where what was done is told."""
        if self._window.page is self._window.console:
            self._window.console.acts.say(sentence, level=level)
