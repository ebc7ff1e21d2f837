"""The search for clipped words finds them, and leaves alone what fits."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from ui.clipping import clipped


def _shown(qtbot: QtBot, *parts: QWidget) -> QWidget:
    window = QWidget()
    for part in parts:
        part.setParent(window)
    window.resize(300, 200)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def test_words_wider_than_their_widget_are_found(qtbot: QtBot) -> None:
    label, button, field = QLabel("A sentence that is long"), QPushButton("Calibrate"), QLineEdit()
    field.setPlaceholderText("What the participant reads")
    label.setGeometry(0, 0, 40, 20)
    button.setGeometry(0, 40, 30, 30)
    field.setGeometry(0, 80, 60, 30)
    assert len(clipped(_shown(qtbot, label, button, field))) == 3


def test_lines_lower_than_they_need_are_found(qtbot: QtBot) -> None:
    label = QLabel("A sentence that is long enough for three lines at least of this width")
    label.setWordWrap(True)
    label.setGeometry(0, 0, 120, 20)
    (found,) = clipped(_shown(qtbot, label))
    assert "20 px high, needs" in found


def test_what_sticks_out_is_found_and_what_scrolls_is_not(qtbot: QtBot) -> None:
    out, scroll = QPushButton("Out"), QScrollArea()
    out.setGeometry(250, 10, 80, 30)
    scroll.setGeometry(0, 60, 100, 60)
    tall = QLabel("tall")
    tall.setFixedHeight(400)
    scroll.setWidget(tall)
    (found,) = clipped(_shown(qtbot, out, scroll))
    assert "outside" in found


def test_a_layout_with_room_is_left_alone(qtbot: QtBot) -> None:
    window = QWidget()
    layout = QVBoxLayout(window)
    for part in (QLabel("Fits"), QPushButton("Fits"), QLineEdit()):
        layout.addWidget(part)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    assert clipped(window) == []
