"""What is laid over the participant's screen for a moment; the step beneath is not left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.ui.participant.calibration_stage import CalibrationStage
from journeylab.ui.participant.neutral_stage import NeutralStage
from journeylab.ui.participant.stage import Stage


class Over(QObject):
    """A dot to look at, or the page for the neutral face, edge to edge. GUI thread only."""

    def __init__(self, window: QWidget, *, clock: Clock) -> None:
        super().__init__(window)
        self._window = window
        self._shown: Stage | None = None
        self.dot = CalibrationStage(clock=clock, parent=window)
        self.neutral = NeutralStage(clock=clock, parent=window)
        for stage in (self.dot, self.neutral):
            stage.hide()
        window.installEventFilter(self)

    @property
    def shown(self) -> Stage | None:
        """What lies over the screen now."""
        return self._shown

    def show_dot(self, x_px: float, y_px: float) -> None:
        """Lay the dot there, in device pixels from the screen's top left."""
        self._lay(self.dot)
        self.dot.show_point(x_px, y_px)

    def show_neutral(self, seconds: float) -> None:
        """Lay the page for the neutral face."""
        self._lay(self.neutral)
        self.neutral.begin(seconds)

    def stay_on_top(self) -> None:
        """Come before what was raised since."""
        if self._shown is not None:
            self._shown.raise_()

    def hide(self) -> None:
        """Take it away."""
        if self._shown is not None:
            self._shown.leave()
            self._shown.hide()
            self._shown = None

    def _lay(self, stage: Stage) -> None:
        if self._shown is not stage:
            self.hide()
        self._shown = stage
        stage.setGeometry(self._window.rect())
        stage.raise_()
        stage.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A window that has just been opened becomes as large as its display a little later.
        if event.type() is QEvent.Type.Resize and self._shown is not None:
            self._shown.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)
