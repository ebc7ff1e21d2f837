"""What is done about gaze in one session, and how the moderator's window asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from journeylab.app.calibrating import Calibration, DriftCheck, points_due
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.errors import JourneyLabError
from journeylab.session.calibration import CalibrationResult
from journeylab.session.controller import SessionController
from journeylab.session.gaze_desk import GazeCheck
from journeylab.session.states import SessionState
from journeylab.ui.moderator.ports import GazeChoice, GazePoint
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.background import Background
from journeylab.ui.widgets.health import Level

_DRIFTED_DEG = 2.0
_DRIFTED_PX = 110.0


class GazeTasks(QObject):
    """Calibrates, checks and shifts gaze of one session. GUI thread only.

    ``progressed`` with a :class:`GazeProgress` for each dot; ``calibrated`` with the
    :class:`CalibrationResult` that is in force now; ``failed`` with a sentence when there is none;
    ``checked`` with a :class:`GazeCheck`; ``said`` with a sentence and whether all is well.
    """

    progressed = Signal(object)
    calibrated = Signal(object)
    failed = Signal(str)
    checked = Signal(object)
    said = Signal(str, bool)

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        size_px: tuple[int, int],
        background: Background,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._size_px = size_px
        self._background = background
        self._choice = GazeChoice()
        self._running: Calibration | None = None
        self._check = DriftCheck(controller, screen=screen, size_px=size_px, parent=self)
        self._check.done.connect(self.checked)
        self._check.failed.connect(self._say_trouble)

    def set_size_px(self, size_px: tuple[int, int]) -> None:
        """The participant's screen is another size: points go elsewhere, a running calibration
        is worth nothing."""
        self._size_px = size_px
        self._check.set_size_px(size_px)
        self.break_off()

    @property
    def has_previous(self) -> bool:
        """Whether a calibration before the present one could be kept."""
        return self._controller.gaze.has_previous

    def calibrate(self, choice: GazeChoice, *, device: str | None = None) -> None:
        """Show all points; only with the session in preview."""
        if self._controller.state is SessionState.PREVIEW:
            self._choice = choice
            self._screen.open(device)
            self._show(points_due(choice.n_points, self._size_px), is_redo=False)

    def redo(self, point: GazePoint, *, device: str | None = None) -> None:
        """Show one point again and fit anew."""
        if self._controller.state is SessionState.PREVIEW:
            self._screen.open(device)
            self._show([point], is_redo=True)

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
        if self._running is None or not self._running.is_running:
            self._check.begin()

    @Slot()
    def recentre(self) -> None:
        """Shift gaze by what the check found."""
        if self._attempt(self._controller.gaze.recentre):
            self.said.emit("Gaze is re-centred.", True)

    def _show(self, points: Sequence[GazePoint], *, is_redo: bool) -> None:
        if self._running is not None:
            self._running.deleteLater()
        running = self._running = Calibration(
            self._controller,
            screen=self._screen,
            points=points,
            choice=self._choice,
            background=self._background,
            is_redo=is_redo,
            parent=self,
        )
        running.progressed.connect(self.progressed)
        running.done.connect(self.calibrated)
        running.failed.connect(self.failed)
        running.begin()

    def _attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except JourneyLabError as error:
            self.said.emit(str(error), False)
            return False
        return True

    @Slot(str)
    def _say_trouble(self, sentence: str) -> None:
        self.said.emit(sentence, False)


class GazeWiring(QObject):
    """Connects the moderator's window to the gaze tasks of whatever session is open."""

    def __init__(self, window: MainWindow, *, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._tasks: GazeTasks | None = None
        card = window.setup.gaze
        window.calibrate_requested.connect(self._calibrate)
        card.redo_asked.connect(self._redo)
        card.advanced.connect(self._advance)
        card.broken_off.connect(self._break_off)
        card.accepted.connect(self._accept)
        card.keep_asked.connect(self._keep)
        window.console.gaze_check_requested.connect(self._check)
        window.console.recentre_requested.connect(self._recentre)

    def follow(self, tasks: GazeTasks | None) -> None:
        """Serve another session, or none."""
        self._tasks = tasks
        if tasks is not None:
            tasks.progressed.connect(self._window.setup.show_calibration)
            tasks.calibrated.connect(self._show_calibrated)
            tasks.failed.connect(self._show_failure)
            tasks.checked.connect(self._show_check)
            tasks.said.connect(self._say)

    @property
    def _device(self) -> str | None:
        return self._window.setup.choice().segments.get("device")

    @Slot()
    def _calibrate(self) -> None:
        if self._tasks is not None:
            self._tasks.calibrate(self._window.setup.gaze.choice(), device=self._device)

    @Slot(object)
    def _redo(self, point: GazePoint) -> None:
        if self._tasks is not None:
            self._tasks.redo(point, device=self._device)

    @Slot()
    def _advance(self) -> None:
        if self._tasks is not None:
            self._tasks.advance()

    @Slot()
    def _break_off(self) -> None:
        if self._tasks is not None:
            self._tasks.break_off()

    @Slot()
    def _accept(self) -> None:
        if self._tasks is not None:
            self._tasks.accept()

    @Slot()
    def _keep(self) -> None:
        if self._tasks is not None:
            self._tasks.keep_previous()

    @Slot()
    def _check(self) -> None:
        if self._tasks is not None:
            self._tasks.check()

    @Slot()
    def _recentre(self) -> None:
        if self._tasks is not None:
            self._tasks.recentre()

    @Slot(object)
    def _show_calibrated(self, result: CalibrationResult) -> None:
        self._window.setup.show_calibrated(result, has_previous=self._has_previous)

    @Slot(str)
    def _show_failure(self, sentence: str) -> None:
        self._window.setup.show_uncalibrated(sentence, has_previous=self._has_previous)

    @property
    def _has_previous(self) -> bool:
        return self._tasks is not None and self._tasks.has_previous

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
