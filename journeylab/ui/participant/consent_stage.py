"""The consent page on the participant's screen: each recording for itself, then to take part."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from journeylab.clock import Clock
from journeylab.session.consent import (
    EMOTION_KEY,
    GAZE_KEY,
    PAGE_KEY,
    POINTER_KEY,
    SHARING_KEY,
    asked_of,
    consent_text,
)
from journeylab.study.privacy import Privacy
from journeylab.theme import LIGHT
from journeylab.ui.participant.answer_button import AnswerButton
from journeylab.ui.participant.answer_field import large_label
from journeylab.ui.participant.stage import Stage
from journeylab.ui.widgets.style import colour

WORDS: Final = {
    EMOTION_KEY: "Emotions may be estimated from the movements of my face",
    "face_video": "The video of my face may be kept",
    GAZE_KEY: "Where I look may be measured, by my eyes and head",
    POINTER_KEY: "How I move the mouse, press and scroll may be recorded",
    PAGE_KEY: "Pages I visit and what I click there may be recorded",
    "audio": "My voice may be recorded",
    "screen": "Pictures of this screen may be kept",
    SHARING_KEY: "Short clips may be shown to others than the researchers",
}
_TITLE_PX, _TEXT_PX, _HINT_PX = 32, 20, 20
_ANSWER_WIDTH_PX, _ANSWER_HEIGHT_PX = 118, 44
_WIDEST_PX: Final = 1080
_KEYS_HINT: Final = "With the keyboard: ↑ and ↓ to move, Y or N to answer, Enter to choose."
_MISSING_HINT: Final = "Please answer each line first, with yes or no."
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_MOVES: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Backtab: -1}
_ANSWERS: Final = {
    Qt.Key.Key_Y: "yes",
    Qt.Key.Key_Left: "yes",
    Qt.Key.Key_N: "no",
    Qt.Key.Key_Right: "no",
}


class _Line(QWidget):
    """One recording: its words, and a yes and a no of equal weight."""

    answered = Signal()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.yes = AnswerButton("Yes")
        self.no = AnswerButton("No")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 1)
        layout.setSpacing(12)
        layout.addWidget(large_label(words, _TEXT_PX), 1)
        for button in (self.yes, self.no):
            button.setFixedSize(_ANSWER_WIDTH_PX, _ANSWER_HEIGHT_PX)
            button.setAccessibleName(f"{words}: {button.text()}")
            layout.addWidget(button)
        self.yes.clicked.connect(lambda: self.give("yes"))
        self.no.clicked.connect(lambda: self.give("no"))

    @property
    def answer(self) -> str:
        """Yes, no, or empty while it is not answered."""
        return "yes" if self.yes.isChecked() else "no" if self.no.isChecked() else ""

    def give(self, answer: str) -> None:
        self.yes.setChecked(answer == "yes")
        self.no.setChecked(answer == "no")
        self.answered.emit()


class ConsentStage(Stage):
    """Tells what is recorded and asks for each of it; nothing is ticked beforehand.

    ``answered`` goes out once: with the answers, yes or no by key, when she takes part, or with
    None when she does not. By mouse or keys, which act while this window has the keyboard.
    """

    answered = Signal(object)

    def __init__(self, *, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(clock=clock, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lines: dict[str, _Line] = {}
        self.agree = AnswerButton("I agree to take part", is_checkable=False)
        self.decline = AnswerButton("I do not want to take part", is_checkable=False)
        self._place = 0
        self._has_keys = False
        self._is_open = False
        self._statement = large_label("", _TEXT_PX, is_quiet=True)
        self._hint = large_label(_KEYS_HINT, _HINT_PX, is_quiet=True)
        self._column = QWidget(self)
        self._rows = QVBoxLayout(self._column)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(3)
        self._rows.addWidget(large_label("Before we begin", _TITLE_PX))
        self._rows.addSpacing(8)
        self._rows.addWidget(self._statement)
        self._rows.addSpacing(12)
        self._first_line = self._rows.count()
        self._rows.addStretch(1)
        self._rows.addWidget(self._hint)
        self._rows.addSpacing(8)
        ways = QHBoxLayout()
        ways.setSpacing(16)
        for button in (self.agree, self.decline):
            ways.addWidget(button, 1)
        self._rows.addLayout(ways)
        self.agree.clicked.connect(self._agree)
        self.decline.clicked.connect(lambda: self._finish(None))

    @property
    def hint(self) -> str:
        """The line above the two ways on."""
        return self._hint.text()

    def ask(self, privacy: Privacy) -> None:
        """Show the page of a study, with nothing answered."""
        for line in self.lines.values():
            self._rows.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._statement.setText(consent_text(privacy))
        self.lines = {key: _Line(WORDS[key]) for key in asked_of(privacy)}
        for place, line in enumerate(self.lines.values()):
            self._rows.insertWidget(self._first_line + place, line)
            line.answered.connect(self._judge)
        self._place, self._has_keys, self._is_open = 0, False, True
        self._hint.setText(_KEYS_HINT)
        self._judge()
        self._fit()

    def leave(self) -> None:
        """Ask no more; what was chosen is forgotten."""
        super().leave()
        self._is_open = False

    def _answers(self) -> dict[str, str]:
        return {key: line.answer for key, line in self.lines.items()}

    def _judge(self) -> None:
        self.agree.setEnabled(all(self._answers().values()))
        if self.agree.isEnabled():
            self._hint.setText(_KEYS_HINT)
        self.update()

    def _agree(self) -> None:
        if self.agree.isEnabled():
            self._finish(self._answers())
        else:
            self._hint.setText(_MISSING_HINT)

    def _finish(self, answers: dict[str, str] | None) -> None:
        if self._is_open:
            self._is_open = False
            self.answered.emit(answers)

    # -- keys --------------------------------------------------------------------------------

    def _targets(self) -> list[QWidget]:
        return [*self.lines.values(), self.agree, self.decline]

    def event(self, event: QEvent) -> bool:
        # Tab would else lead to nothing: no part of the page takes the keyboard for itself.
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        event.accept()
        if event.isAutoRepeat():
            return
        target = self._targets()[self._place]
        if key in _MOVES:
            self._move(_MOVES[key])
        elif key in _ANSWERS and isinstance(target, _Line):
            target.give(_ANSWERS[key])
            self._move(1)
        elif key in _ENTER and target is self.agree:
            self._agree()
        elif key in _ENTER and target is self.decline:
            self._finish(None)
        self._has_keys = True
        self.update()

    def _move(self, by: int) -> None:
        self._place = min(max(self._place + by, 0), len(self._targets()) - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._has_keys = False
        self.update()
        super().mousePressEvent(event)

    # -- painting ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = min(_WIDEST_PX, round(0.86 * self.width()))
        height = min(round(0.96 * self.height()), 760)
        self._column.setGeometry(
            (self.width() - width) // 2, (self.height() - height) // 2, width, height
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        if self._has_keys and self.lines:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour(LIGHT.text), 2.0))
            target = self._targets()[self._place]
            corner = target.mapTo(self, target.rect().topLeft())
            around = target.rect().translated(corner).adjusted(-12, -3, 8, 3)
            painter.drawRoundedRect(around, 12, 12)
        painter.end()
        self._stamp_onset(self._clock.now_ns())
