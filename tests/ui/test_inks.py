"""The search for words in strange colours finds them, painted or on a label."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from ui.inks import strange_inks

from journeylab.theme import LIGHT
from journeylab.ui.widgets.style import apply_style, set_role


class _Painted(QWidget):
    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = QColor(colour)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._colour)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "words")
        painter.end()


def _found(qtbot: QtBot, widget: QWidget) -> list[str]:
    window = QWidget()
    apply_style(window, LIGHT)
    widget.setParent(window)
    widget.setGeometry(0, 0, 200, 60)
    window.resize(300, 200)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return strange_inks(window, LIGHT)


def test_words_painted_in_the_colour_of_a_line_are_found(qtbot: QtBot) -> None:
    (found,) = _found(qtbot, _Painted(LIGHT.warning))
    assert "'words' in #b26b00" in found


def test_see_through_words_are_found(qtbot: QtBot) -> None:
    faint = QColor(LIGHT.text)
    faint.setAlphaF(0.5)
    (found,) = _found(qtbot, _Painted(faint.name(QColor.NameFormat.HexArgb)))
    assert "see-through" in found


def test_words_painted_in_an_ink_are_left_alone(qtbot: QtBot) -> None:
    assert _found(qtbot, _Painted(LIGHT.ink("warning"))) == []


def test_a_label_in_a_strange_colour_is_found(qtbot: QtBot) -> None:
    label = QLabel("words")
    label.setStyleSheet(f"color: {LIGHT.joy};")
    (found,) = _found(qtbot, label)
    assert "'words' in #12976a" in found


def test_every_tone_of_a_label_is_an_ink(qtbot: QtBot, qapp: QApplication) -> None:
    for tone in ("joy", "negative", "neutral", "warning", ""):
        label = QLabel("words")
        set_role(label, tone=tone)
        assert _found(qtbot, label) == [], tone


def test_hints_in_empty_fields_are_inks_too(qtbot: QtBot) -> None:
    for field in (QLineEdit(), QPlainTextEdit()):
        field.setPlaceholderText("such as 30")
        assert _found(qtbot, field) == []
    faint = QLineEdit()
    faint.setPlaceholderText("such as 30")
    faint.setStyleSheet("placeholder-text-color: #C0C0C0;")
    (found,) = _found(qtbot, faint)
    assert "'such as 30' in #c0c0c0" in found
