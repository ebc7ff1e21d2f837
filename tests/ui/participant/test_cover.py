"""A pause covers the participant's screen and holds what plays, without leaving the step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.ui.participant.cover import PAUSE_TEXT, PauseCover
from participant.conftest import Open


def test_a_pause_covers_the_step_and_holds_its_video(open_window: Open, qtbot: QtBot) -> None:
    shop = open_window(size=(640, 360))
    shop.show("ad")
    shop.wait(lambda: len(shop.told("stimulus", what="frame")) > 10)
    cover = PauseCover(shop.window)
    cover.lay()
    assert cover.isVisible()
    assert cover.geometry() == shop.window.rect()
    assert PAUSE_TEXT in cover.accessibleName()
    qtbot.wait(300)  # frames that were on their way
    held = len(shop.told("stimulus", what="frame"))
    qtbot.wait(700)
    assert len(shop.told("stimulus", what="frame")) == held
    assert shop.window.step is not None
    assert not shop.told("stimulus", what="end")
    cover.lift()
    assert not cover.isVisible()
    shop.wait(lambda: len(shop.told("stimulus", what="frame")) > held + 5)
    positions = [float(str(row["media_s"])) for row in shop.told("stimulus", what="frame")]
    assert positions[held] - positions[held - 1] < 0.3, "the video went on where it stood"


def test_nothing_beneath_a_pause_is_clicked(open_window: Open, qtbot: QtBot) -> None:
    shop = open_window(size=(900, 600))
    shop.show("ad")
    cover = PauseCover(shop.window)
    cover.lay()
    shop.window.resize(1000, 700)
    assert cover.geometry() == shop.window.rect()
    qtbot.mouseClick(cover, Qt.MouseButton.LeftButton)
    qtbot.keyClick(cover, Qt.Key.Key_Escape)
    assert cover.isVisible()
    assert shop.window.childAt(300, 300) is cover


def test_the_screen_is_pictured_when_the_cover_is_lifted(open_window: Open) -> None:
    shop = open_window(size=(640, 360))
    shop.show("ad")
    cover = PauseCover(shop.window)
    cover.lay()
    asked: list[bool] = []
    shop.window.stage.view_changed.connect(lambda: asked.append(cover.isVisible()))
    cover.lift()
    assert asked == [False]


def test_a_cover_that_was_never_laid_lifts_nothing(open_window: Open) -> None:
    shop = open_window(size=(640, 360))
    shop.show("ad")
    PauseCover(shop.window).lift()
    assert shop.window.step is not None
