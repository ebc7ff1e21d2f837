"""Pictures are read beside the window, and a window that is gone is told nothing."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QCoreApplication, QSize, QThreadPool
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from journeylab.ui.participant.picture_loading import PictureLoader, ShownPicture


def _picture(path: Path) -> Path:
    image = QImage(1600, 1200, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    image.save(str(path))
    return path


def test_a_picture_is_read_and_made_as_large_as_there_is_room(qtbot: QtBot, tmp_path: Path) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    loader = PictureLoader(widget)
    read: list[ShownPicture] = []
    loader.read.connect(read.append)
    loader.ask(_picture(tmp_path / "a.png"), room=QSize(400, 400))
    qtbot.waitUntil(lambda: bool(read))
    assert (read[0].size_px, read[0].image.size()) == ((1600, 1200), QSize(400, 300))


def test_a_window_that_closes_while_its_pictures_are_read_takes_nothing_down(
    tmp_path: Path,
) -> None:
    path = _picture(tmp_path / "a.png")
    for _ in range(20):
        widget = QWidget()
        loader = PictureLoader(widget)
        loader.ask(path, path, path, room=QSize(1280, 720))
        shiboken6.delete(widget)
        assert not shiboken6.isValid(loader)
        QThreadPool.globalInstance().waitForDone()
        QCoreApplication.processEvents()
