"""What every stage of the participant's screen shares: onset, end and failure of a stimulus."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.theme import LIGHT
from journeylab.ui.participant.rows import stimulus_row
from journeylab.ui.widgets.key_owner import HoldsKeys


class Stage(QWidget):
    """A page of the participant's screen that shows one kind of stimulus.

    ``show_step`` makes it ready; the onset is stamped when the stimulus is first painted, never
    before. ``leave`` is called when something else takes its place. All on the GUI thread.
    """

    sample = Signal(object)  # a Row
    failed = Signal(str)  # a sentence for the moderator
    view_changed = Signal()  # the screen looks different now: worth a picture

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._step_id = ""
        self._detail = ""
        self._awaits_onset = False
        self._is_on = False
        self._has_failed = False
        self.keys: HoldsKeys | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def has_failed(self) -> bool:
        """True when the stimulus asked for last cannot be shown."""
        return self._has_failed

    @property
    def holds_keys(self) -> bool:
        """Whether plain keys are the participant's here, and no acts of the session."""
        return self.keys is not None and self.keys.holds_keys

    @property
    def is_typed_into(self) -> bool:
        """Whether the caret stands in a text of the participant's, or she chooses from a list."""
        return self.keys is not None and self.keys.is_typed_into

    def leave(self) -> None:
        """Stop whatever runs and write the stimulus's end, once."""
        self._awaits_onset = False
        self._end()

    def hold(self, is_held: bool) -> None:
        """The session is paused, or goes on: what plays by itself stands still meanwhile."""

    def _expect(self, step_id: str, detail: str) -> None:
        """A new stimulus is on its way; ``detail`` names its file or page."""
        self._end()
        self._step_id = step_id
        self._detail = detail
        self._awaits_onset = True
        self._has_failed = False

    def _stamp_onset(self, t_ns: int, *, media_s: float = math.nan) -> None:
        if not self._awaits_onset:
            return
        self._awaits_onset = False
        self._is_on = True
        self._write(t_ns, "onset", media_s=media_s)
        self.view_changed.emit()

    def _end(self, *, media_s: float = math.nan) -> None:
        if self._is_on:
            self._is_on = False
            self._write(self._clock.now_ns(), "end", media_s=media_s)

    def _fail(self, sentence: str, *, detail: str) -> None:
        self._awaits_onset = False
        self._is_on = False
        self._has_failed = True
        self.sample.emit(
            stimulus_row(self._clock.now_ns(), "failure", step_id=self._step_id, detail=detail)
        )
        self.failed.emit(sentence)

    def _write(self, t_ns: int, what: str, *, media_s: float = math.nan) -> None:
        self.sample.emit(
            stimulus_row(t_ns, what, step_id=self._step_id, detail=self._detail, media_s=media_s)
        )

    def _paint_ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(LIGHT.surface))
