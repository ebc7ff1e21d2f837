"""Points on the participant's screen, one after the other: calibration, head movement, validation;
and the one dot that checks gaze between steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from journeylab.app.participant_screen import ParticipantScreen
from journeylab.errors import JourneyLabError
from journeylab.inference.gaze_record import PointKind
from journeylab.session.controller import SessionController
from journeylab.ui.moderator.ports import GazeChoice, GazePoint, GazeProgress
from journeylab.ui.widgets.background import Background

# How often it is asked whether a point is done: a frame's time.
_ASK_MS = 33
_EDGES: Final = (0.1, 0.5, 0.9)
_GRID: Final = tuple((x, y) for y in _EDGES for x in _EDGES)
POINTS_AT: Final = {
    5: ((0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.1, 0.9), (0.9, 0.9)),
    9: _GRID,
    13: (*_GRID, (0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)),
}
"""Where the calibration's points are, as shares of the screen, by their number."""
MOVEMENT_AT: Final = (0.5, 0.4)
VALIDATION_AT: Final = ((0.26, 0.38), (0.74, 0.24), (0.5, 0.62), (0.24, 0.78), (0.78, 0.74))
CHECK_AT: Final = (0.5, 0.5)


def points_due(n_points: int, size_px: tuple[int, int]) -> list[GazePoint]:
    """All points of a calibration in their order, px: calibration, head movement, validation."""
    planned = (
        *((PointKind.CALIBRATION, at) for at in POINTS_AT[n_points]),
        (PointKind.MOVEMENT, MOVEMENT_AT),
        *((PointKind.VALIDATION, at) for at in VALIDATION_AT),
    )
    width_px, height_px = size_px
    return [GazePoint(kind, x * width_px, y * height_px) for kind, (x, y) in planned]


class Calibration(QObject):
    """Shows the points and has gaze fitted to them. GUI thread only.

    A point goes when its samples agree, or, at the moderator's pace, when :meth:`advance` is
    called. ``progressed`` goes out with a :class:`GazeProgress` for each point; ``done`` with the
    :class:`CalibrationResult`; or ``failed`` with a sentence. With ``is_over`` the points lie over
    what the participant sees, which is not left.
    """

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        points: Sequence[GazePoint],
        choice: GazeChoice,
        background: Background,
        is_redo: bool = False,
        is_over: bool = False,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._is_over = is_over
        self._background = background
        self._choice = choice
        self._is_redo = is_redo
        self._points = tuple(points)
        self._n_shown = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.timeout.connect(self._go_on_when_done)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def begin(self) -> None:
        """Show the first point; the others follow."""
        if self._is_redo:
            try:
                self._controller.gaze.resume_points()
            except JourneyLabError as error:
                self.failed.emit(str(error))
                return
        self._timer.start()
        self.advance()

    def advance(self) -> None:
        """Show the next point, whatever became of this one; after the last one, fit."""
        if not self._timer.isActive():
            return
        self._controller.gaze.end_point()
        if self._n_shown == len(self._points):
            self._finish()
            return
        due = self._points[self._n_shown]
        self._n_shown += 1
        show = self._screen.show_dot if self._is_over else self._screen.show_point
        show(due.x_px, due.y_px)
        try:
            self._controller.begin_calibration_point(due.x_px, due.y_px, kind=due.kind)
        except JourneyLabError as error:
            self._stop()
            self.failed.emit(str(error))
            return
        place, of = (
            sum(point.kind is due.kind for point in points)
            for points in (self._points[: self._n_shown], self._points)
        )
        self.progressed.emit(GazeProgress(due.kind, place, of, is_paced=self._choice.is_paced))

    def break_off(self) -> None:
        """End it without a fit; an earlier calibration is out of force until it is chosen."""
        if self._timer.isActive():
            self._stop()
            self._controller.abandon_calibration()
            self.failed.emit("The calibration was broken off. Gaze is not calibrated.")

    def _go_on_when_done(self) -> None:
        if not self._screen.is_open:
            self._timer.stop()  # the session is being closed
            return
        reading = self._controller.gaze.reading()
        if reading is not None and reading.is_done and not self._choice.is_paced:
            self.advance()

    def _finish(self) -> None:
        self._stop()
        self._background.run(
            self._controller.finish_calibration, done=self.done.emit, failed=self.failed.emit
        )

    def _stop(self) -> None:
        self._timer.stop()
        if self._is_over:
            self._screen.hide_dot()
        else:
            self._screen.hide()


class DriftCheck(QObject):
    """Shows one dot over whatever the participant sees, and says how far gaze is off.

    ``done`` goes out with a :class:`GazeCheck`, or ``failed`` with a sentence. GUI thread only.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        size_px: tuple[int, int],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._at_px = (0.0, 0.0)
        self.set_size_px(size_px)
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.timeout.connect(self._look)

    def set_size_px(self, size_px: tuple[int, int]) -> None:
        """The size of the participant's screen: where the dot goes from now on."""
        self._at_px = (CHECK_AT[0] * size_px[0], CHECK_AT[1] * size_px[1])

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def begin(self) -> None:
        """Show the dot; it goes by itself when the eyes rested on it, or after three seconds."""
        if self._timer.isActive():
            return
        try:
            self._controller.gaze.begin_check(*self._at_px)
        except JourneyLabError as error:
            self.failed.emit(str(error))
            return
        self._screen.show_dot(*self._at_px)
        self._timer.start()

    def _look(self) -> None:
        if not self._screen.is_open:
            self._timer.stop()
            return
        reading = self._controller.gaze.reading()
        if reading is not None and not reading.is_done:
            return
        self._timer.stop()
        self._screen.hide_dot()
        try:
            found = self._controller.gaze.finish_check()
        except JourneyLabError as error:
            self.failed.emit(str(error))
            return
        self.done.emit(found)
