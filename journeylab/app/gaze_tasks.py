"""What is done about gaze in one session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from journeylab.app.calibrating import Calibration, DriftCheck, points_due
from journeylab.app.interlude import Interlude
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.errors import JourneyLabError
from journeylab.session.calibration import CalibrationResult
from journeylab.session.consent import allows_gaze
from journeylab.session.controller import SessionController
from journeylab.session.gaze_desk import GazeCheck
from journeylab.ui.moderator.ports import GazeChoice, GazePoint
from journeylab.ui.widgets.background import Background

_REASON: Final = "gaze calibration"
_CHECK: Final = "gaze check"
_DECLINED: Final = "Gaze was declined: there is nothing to calibrate."


class GazeTasks(QObject):
    """Calibrates, checks and shifts gaze of one session. GUI thread only.

    ``progressed`` with a :class:`GazeProgress` for each dot; ``calibrated`` with the
    :class:`CalibrationResult` that is in force now; ``failed`` with a sentence when there is none;
    ``checked`` with a :class:`GazeCheck`; ``said`` with a sentence and whether all is well;
    ``moved`` when the participant's screen became another, with the :class:`CalibrationResult`
    that is in force on it, or None.
    """

    progressed = Signal(object)
    calibrated = Signal(object)
    failed = Signal(str)
    checked = Signal(object)
    said = Signal(str, bool)
    moved = Signal(object)

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        size_px: tuple[int, int],
        interlude: Interlude,
        background: Background,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._size_px = size_px
        self._interlude = interlude
        self._background = background
        self._choice = GazeChoice()
        self._running: Calibration | None = None
        self._check = DriftCheck(controller, screen=screen, size_px=size_px, parent=self)
        self._check.done.connect(self._finish_check)
        self._check.failed.connect(self._fail_check)

    def set_size_px(self, size_px: tuple[int, int]) -> None:
        """The participant's screen is another, or another size: points go elsewhere, a running
        calibration is worth nothing."""
        self._size_px = size_px
        self._check.set_size_px(size_px)
        self.break_off()
        self.moved.emit(self._controller.gaze.result)

    @property
    def has_previous(self) -> bool:
        """Whether a calibration before the present one could be kept."""
        return self._controller.gaze.has_previous

    def calibrate(self, choice: GazeChoice, *, device: str | None = None) -> None:
        """Show all points: before a session, or in it, which is held meanwhile."""
        self._begin(points_due(choice.n_points, self._size_px), choice, device=device)

    def redo(self, point: GazePoint, *, device: str | None = None) -> None:
        """Show one point again and fit anew."""
        self._begin([point], self._choice, device=device, is_redo=True)

    @Slot()
    def advance(self) -> None:
        """Show the next dot now."""
        if self._running is not None:
            self._running.advance()

    @Slot()
    def break_off(self) -> None:
        """End the calibration that runs."""
        if self._running is not None:
            self._running.break_off()

    @Slot()
    def accept(self) -> None:
        """Take the calibration as it is."""
        self._attempt(self._controller.gaze.accept)

    @Slot()
    def keep_previous(self) -> None:
        """Go back to the calibration before."""
        try:
            self.calibrated.emit(self._controller.gaze.keep_previous())
        except JourneyLabError as error:
            self.said.emit(str(error), False)

    @Slot()
    def check(self) -> None:
        """Show one dot and see how far gaze is off."""
        if self._interlude.is_running:
            return
        if self._attempt(partial(self._interlude.begin, _CHECK, holds=False)):
            self._check.begin()

    @Slot()
    def recentre(self) -> None:
        """Shift gaze by what the check found."""
        if self._attempt(self._controller.gaze.recentre):
            self.said.emit("Gaze is re-centred.", True)

    def _begin(
        self,
        points: Sequence[GazePoint],
        choice: GazeChoice,
        *,
        device: str | None,
        is_redo: bool = False,
    ) -> None:
        header = self._controller.header
        if header is not None and not allows_gaze(header.consent):
            self.said.emit(_DECLINED, False)
            return
        if not self._attempt(partial(self._interlude.begin, _REASON)):
            return
        self._choice = choice
        is_over = self._interlude.is_in_session
        if not is_over:
            self._screen.open(device)
        if self._running is not None:
            self._running.deleteLater()
        running = self._running = Calibration(
            self._controller,
            screen=self._screen,
            points=points,
            choice=choice,
            background=self._background,
            is_redo=is_redo,
            is_over=is_over,
            parent=self,
        )
        running.progressed.connect(self.progressed)
        running.done.connect(self._finish)
        running.failed.connect(self._fail)
        running.begin()

    @Slot(object)
    def _finish(self, result: CalibrationResult) -> None:
        self._interlude.end()
        self.calibrated.emit(result)

    @Slot(str)
    def _fail(self, sentence: str) -> None:
        self._interlude.end()
        self.failed.emit(sentence)

    def _attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except JourneyLabError as error:
            self.said.emit(str(error), False)
            return False
        return True

    @Slot(object)
    def _finish_check(self, check: GazeCheck) -> None:
        self._interlude.end()
        self.checked.emit(check)

    @Slot(str)
    def _fail_check(self, sentence: str) -> None:
        self._interlude.end()
        self.said.emit(sentence, False)
