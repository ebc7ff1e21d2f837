"""The one timer of the moderator's window: curves thirty times a second, text twice."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal

CURVES_MS = 33
TEXT_EVERY = 15

_AFTER_PAINT = QEvent.Type(QEvent.registerEventType())


class Heartbeat(QObject):
    """Emits ``curves`` on each tick, ``text`` on every fifteenth, ``painted`` when a tick is drawn.

    ``durations_s`` holds what the last ticks cost the GUI thread, painting included.
    """

    curves = Signal()
    text = Signal()
    painted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.durations_s: deque[float] = deque(maxlen=20_000)
        self._count = 0
        self._began_s: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(CURVES_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Begin to beat; the first beat refreshes the text too."""
        if not self._timer.isActive():
            self._count = 0
            self._timer.start()

    def stop(self) -> None:
        """Fall silent."""
        self._timer.stop()

    def tick(self) -> None:
        """One beat."""
        self._began_s = time.perf_counter()
        self.curves.emit()
        if self._count % TEXT_EVERY == 0:
            self.text.emit()
        self._count += 1
        # Qt paints by an event of low priority; one posted after it, at the same priority,
        # arrives when the painting of this tick is done.
        QCoreApplication.postEvent(
            self, QEvent(_AFTER_PAINT), Qt.EventPriority.LowEventPriority.value
        )

    def event(self, event: QEvent) -> bool:
        if event.type() == _AFTER_PAINT:
            if self._began_s is not None:
                self.durations_s.append(time.perf_counter() - self._began_s)
                self._began_s = None
            self.painted.emit()
            return True
        return super().event(event)
