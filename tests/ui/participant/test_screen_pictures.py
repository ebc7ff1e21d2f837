"""Pictures of a screen: the last of them shows what came to stay."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from journeylab.clock import SessionClock
from journeylab.streams import Picture
from journeylab.ui.participant.screen_pictures import ScreenPictures


def _shown(picture: Picture) -> str:
    return QColor(QImage.fromData(picture.data).pixel(50, 50)).name()[1:3]


def test_what_is_drawn_later_than_told_is_pictured_too_and_what_stays_is_not_again(
    qtbot: QtBot,
) -> None:
    widget = QLabel()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.setStyleSheet("background: #ff0000")
    widget.show()
    pictures = ScreenPictures(widget, clock=SessionClock())
    taken: list[Picture] = []
    pictures.taken.connect(taken.append)
    pictures.begin_step("compare")
    pictures.ask()
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=3000)
    widget.setStyleSheet("background: #00ff00")  # and nobody tells
    qtbot.waitUntil(lambda: len(taken) == 2, timeout=5000)
    qtbot.wait(2500)
    assert len(taken) == 2
    assert [_shown(picture) for picture in taken] == ["fe", "00"]
    assert taken[1].t_ns - taken[0].t_ns >= 990_000_000
    pictures.close()


def test_what_never_rests_is_pictured_three_times_at_most(qtbot: QtBot) -> None:
    widget = QLabel()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show()
    pictures = ScreenPictures(widget, clock=SessionClock())
    taken: list[Picture] = []
    pictures.taken.connect(taken.append)
    pictures.taken.connect(lambda _: widget.setStyleSheet(f"background: #{len(taken)}00000"))
    pictures.begin_step("ad")
    pictures.ask()
    qtbot.waitUntil(lambda: len(taken) == 3, timeout=8000)
    qtbot.wait(1500)
    assert len(taken) == 3
    pictures.close()
