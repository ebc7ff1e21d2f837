"""White and black in turn, each stamped when painted: what the screen's delay is measured with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from journeylab.clock import NS_PER_S, Clock
from journeylab.ui.participant.stage import Stage


class FlashStage(Stage):
    """Fills the screen with white, then black, and so on.

    ``finished`` goes out with the paint times: a list of instants, ns, and levels, 1 white and
    0 black. Leaving it early ends it without.
    """

    finished = Signal(object)

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self._stays_s: tuple[float, ...] = ()
        self._begun_ns = 0
        self._place = -1
        self._paints: list[tuple[int, float]] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._change)

    def begin(self, stays_s: Sequence[float]) -> None:
        """Show each colour that long, beginning with white; one more change follows."""
        self._stays_s = tuple(stays_s)
        self._paints = []
        self._place = -1
        self._begun_ns = self._clock.now_ns()
        self._change()

    def leave(self) -> None:
        """Flash no more."""
        super().leave()
        self._timer.stop()
        self._place = -1

    def _change(self) -> None:
        if self._place == len(self._stays_s):
            self._place = -1
            self.finished.emit(self._paints)
            return
        self._place += 1
        self.update()
        # Deadlines are absolute: a late paint must not put off all that follow.
        over_s = sum(self._stays_s[: self._place + 1])
        if self._place == len(self._stays_s):
            over_s += 0.6  # the camera still has to see the last change
        due_ns = self._begun_ns + round(over_s * NS_PER_S)
        self._timer.start(max(0, round((due_ns - self._clock.now_ns()) / 1e6)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        is_white = self._place >= 0 and self._place % 2 == 0
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white if is_white else Qt.GlobalColor.black)
        painter.end()
        level = float(is_white)
        if self._place >= 0 and (not self._paints or self._paints[-1][1] != level):
            self._paints.append((self._clock.now_ns(), level))
