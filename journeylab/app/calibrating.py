"""Nine points on the participant's screen, one after the other, and the verdict on them."""

from __future__ import annotations

from math import hypot

from PySide6.QtCore import QObject, QTimer, Signal

from journeylab.app.participant_screen import ParticipantScreen
from journeylab.errors import JourneyLabError
from journeylab.session.calibration import CalibrationResult
from journeylab.session.controller import SessionController
from journeylab.ui.widgets.background import Background

# A point is looked at this long: the eyes need 0.4 s to arrive, the rest is measured.
_POINT_MS = 1400
_POINTS_AT = (0.1, 0.5, 0.9)
# Beyond an eighth of the screen's diagonal, gaze no longer tells one part of a page from another.
_NEAR_SHARE = 0.125


class Calibration(QObject):
    """Shows the points and has gaze fitted to them. GUI thread only.

    ``shown`` goes out with the point shown, from 1, and how many there are; ``done`` with a
    sentence and whether gaze is to be trusted; or ``failed`` with a sentence.
    """

    shown = Signal(int, int)
    done = Signal(str, bool)
    failed = Signal(str)

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
        self._background = background
        width_px, height_px = size_px
        self._left = [(x * width_px, y * height_px) for y in _POINTS_AT for x in _POINTS_AT]
        self._n_points = len(self._left)

    def show_next(self) -> None:
        """Show the first point; the others follow by themselves."""
        if not self._screen.is_open:
            return  # the session is being closed
        self._controller.end_calibration_point()
        if not self._left:
            self._finish()
            return
        x_px, y_px = self._left.pop(0)
        self._screen.show_point(x_px, y_px)
        try:
            self._controller.begin_calibration_point(x_px, y_px)
        except JourneyLabError as error:
            self._screen.hide()
            self.failed.emit(str(error))
            return
        self.shown.emit(self._n_points - len(self._left), self._n_points)
        QTimer.singleShot(_POINT_MS, self, self.show_next)

    def _finish(self) -> None:
        self._screen.hide()
        self._background.run(
            self._controller.finish_calibration,
            done=lambda result: self.done.emit(*_verdict(result)),
            failed=self.failed.emit,
        )


def _verdict(result: CalibrationResult) -> tuple[str, bool]:
    """How far off gaze is, in words, and whether that will do."""
    width_px, height_px = result.calibration.screen_px
    angle = "" if result.error_deg is None else f" ({result.error_deg:.1f}°)"
    off = f"typically {result.error_px:.0f} px{angle} off"
    if result.error_px <= _NEAR_SHARE * hypot(width_px, height_px):
        return f"Gaze is calibrated, {off}.", True
    return f"Gaze is calibrated, but {off}: too far for a map. Calibrate once more.", False
