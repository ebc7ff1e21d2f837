"""The participant's window: it stays, it shows what it was told, and pictures it."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QThreadPool
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.theme import LIGHT
from journeylab.ui.participant.calibration_stage import CalibrationStage
from journeylab.ui.participant.text_stage import TextStage
from participant.conftest import Open, Write

STEPS = """
[[steps]]
id = "hello"
title = "Hello"
[steps.stimulus]
kind = "instruction"
text = "Please imagine you need a kettle."
[[steps]]
id = "gone"
title = "Gone"
[steps.stimulus]
kind = "video"
path = "stimuli/gone.mp4"
[[steps]]
id = "picture"
title = "Picture"
[steps.stimulus]
kind = "image"
path = "stimuli/picture.png"
[[steps]]
id = "broken"
title = "Broken"
[steps.stimulus]
kind = "image"
path = "stimuli/broken.png"
"""


def test_it_stays_until_it_is_closed_for_good(open_window: Open, write_study: Write) -> None:
    shop = open_window(write_study(STEPS, {}))
    QTest.keyClick(shop.window, Qt.Key.Key_Escape)
    QTest.keyClick(shop.window, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    assert not shop.window.close()
    assert shop.window.isVisible()
    shop.window.close_for_good()
    assert not shop.window.isVisible()


def test_it_fills_the_display_it_is_given_and_leaves_the_cursor_alone(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(write_study(STEPS, {}))
    screen = QGuiApplication.primaryScreen()
    shop.window.show_on(screen)
    shop.wait(lambda: shop.window.size() == screen.size())
    assert shop.window.isFullScreen()
    assert shop.window.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert shop.window.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_an_instruction_is_stamped_when_painted_and_ends_when_left(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(write_study(STEPS, {}))
    shop.show("hello")
    stage = shop.window.stage
    assert isinstance(stage, TextStage)
    assert stage.text == "Please imagine you need a kettle."
    shop.window.show_waiting()
    assert [row["what"] for row in shop.told("stimulus")] == ["onset", "end"]
    assert shop.window.step is None


def test_waiting_and_thanks_belong_to_no_step(open_window: Open, write_study: Write) -> None:
    shop = open_window(write_study(STEPS, {}))
    shop.window.show_thanks()
    stage = shop.window.stage
    assert isinstance(stage, TextStage)
    shop.wait(lambda: "Thank you" in stage.text)
    assert shop.rows == []


def test_words_are_large_dark_and_inside_the_screen(open_window: Open, write_study: Write) -> None:
    shop = open_window(write_study(STEPS, {}), size=(1366, 768))
    shop.show("hello")
    image = shop.window.grab().toImage()
    dark = [
        (x, y)
        for x in range(image.width())
        for y in range(0, image.height())
        if QColor(image.pixel(x, y)).lightness() < 90
    ]
    assert dark
    left, right = min(x for x, _ in dark), max(x for x, _ in dark)
    assert left > 0.1 * image.width()
    assert right < 0.9 * image.width()
    assert max(y for _, y in dark) - min(y for _, y in dark) >= 14  # capitals of 20 px type and up


def test_a_missing_file_is_told_and_the_participant_sees_only_a_quiet_word(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(write_study(STEPS, {}))
    shop.window.show_step(shop.step("gone"))
    assert "gone.mp4 is missing" in shop.sentences[0]
    assert shop.told("stimulus", step_id="gone", what="failure")
    stage = shop.window.stage
    assert isinstance(stage, TextStage)
    assert "gone" not in stage.text
    shop.show("hello")


def test_after_a_missing_file_the_step_before_is_not_left_standing(
    open_window: Open, write_study: Write
) -> None:
    page = """[[steps]]
id = "page"
title = "Page"
[steps.stimulus]
kind = "page"
path = "stimuli/page.html"
"""
    shop = open_window(write_study(page + STEPS, {"stimuli/page.html": "<p>page</p>"}))
    shop.show("page")
    shop.window.show_step(shop.step("gone"))
    assert isinstance(shop.window.stage, TextStage)
    assert [row["what"] for row in shop.told("stimulus", step_id="page")] == ["onset", "end"]


def test_a_picture_is_shown_whole_and_stamped(open_window: Open, write_study: Write) -> None:
    folder = write_study(STEPS, {"stimuli/broken.png": "no picture"})
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.accent))
    image.save(str(folder.path / "stimuli" / "picture.png"))
    shop = open_window(folder, size=(800, 600))
    shop.show("picture")
    shown = shop.window.grab().toImage()
    assert QColor(shown.pixel(400, 300)) == QColor(LIGHT.accent)
    assert QColor(shown.pixel(2, 300)) == QColor(LIGHT.accent)  # edge to edge
    assert QColor(shown.pixel(400, 190)) == QColor(LIGHT.surface)
    shop.window.show_step(shop.step("broken"))
    shop.wait(lambda: bool(shop.sentences))
    assert "broken.png cannot be shown" in shop.sentences[0]
    assert shop.told("stimulus", step_id="broken", what="failure")


def test_a_picture_read_ahead_is_painted_at_once_and_again_when_the_display_changes(
    open_window: Open, write_study: Write
) -> None:
    folder = write_study(STEPS, {"stimuli/broken.png": "no picture"})
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.accent))
    image.save(str(folder.path / "stimuli" / "picture.png"))
    shop = open_window(folder, size=(800, 600))
    assert QTest.qWaitForWindowExposed(shop.window)
    shop.window.prepare_step(shop.step("gone"))  # its file is missing: told when it is due
    shop.window.prepare_step(shop.step("picture"))
    QThreadPool.globalInstance().waitForDone()
    QCoreApplication.sendPostedEvents()
    assert not shop.rows and not shop.sentences
    shop.window.show_step(shop.step("picture"))
    shop.window.stage.repaint()
    assert shop.told("stimulus", step_id="picture", what="onset")
    shop.window.resize(1000, 600)
    shop.wait(lambda: shop.window.grab().toImage().pixelColor(500, 180) == QColor(LIGHT.accent))
    assert len(shop.told("stimulus", step_id="picture")) == 1


def test_the_calibration_dot_is_where_it_was_asked_for(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(write_study(STEPS, {}))
    shop.window.show_calibration_point(300, 200)
    stage = shop.window.stage
    assert isinstance(stage, CalibrationStage)
    ratio = stage.devicePixelRatioF()
    assert stage.point == QPointF(300 / ratio, 200 / ratio)
    image = stage.grab().toImage()
    assert QColor(image.pixel(304, 200)) == QColor(LIGHT.text)
    assert QColor(image.pixel(700, 500)) == QColor(LIGHT.surface)
    assert shop.rows == []


def test_a_dot_lies_over_the_step_which_goes_on_beneath(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(write_study(STEPS, {}))
    shop.window.show_step(shop.step("hello"))
    shop.window.grab()
    onsets = len(shop.rows)
    shop.window.show_dot(300, 200)
    shown = shop.window.grab().toImage()
    assert QColor(shown.pixel(304, 200)) == QColor(LIGHT.text)
    assert QColor(shown.pixel(2, 2)) == QColor(LIGHT.surface)
    shop.window.hide_dot()
    assert shop.window.step is not None and isinstance(shop.window.stage, TextStage)
    assert QColor(shop.window.grab().toImage().pixel(304, 200)) != QColor(LIGHT.text)
    assert len(shop.rows) == onsets, "nothing of the step was left or begun"


def test_each_step_is_pictured_at_its_onset_small_and_as_seen(open_window: Open) -> None:
    shop = open_window(size=(1600, 900))
    for step_id in ("landing", "checkout"):
        shop.show(step_id)
        shop.wait(lambda wanted=step_id: any(p.step_id == wanted for p in shop.pictures))
    first, last = shop.pictures[0], shop.pictures[-1]
    assert first.step_id == "landing"
    assert (last.width_px, last.height_px, last.media_type) == (960, 540, "image/jpeg")
    onset = shop.told("stimulus", step_id="checkout", what="onset")[0]
    assert 0 <= last.t_ns - int(str(onset["t_ns"])) < 2_000_000_000
    pixels = Image.open(io.BytesIO(last.data)).convert("RGB")
    assert pixels.size == (960, 540)
    red, green, blue = pixels.getpixel((480, 6))  # type: ignore[misc]
    assert green > red  # the shop's dark green bar on top
    assert green > blue


def test_pictures_keep_to_one_a_second(open_window: Open, qtbot: QtBot) -> None:
    shop = open_window()
    shop.show("compare")
    for offset in range(0, 500, 25):
        shop.run(f"scrollTo(0, {offset}) || 1")
        qtbot.wait(60)
    # Pictures of whole pages have a pace of their own.
    shop.wait(lambda: sum(picture.stream == "screen" for picture in shop.pictures) >= 2)
    times = [picture.t_ns for picture in shop.pictures if picture.stream == "screen"]
    assert len(times) >= 2
    assert all(later - sooner >= 990_000_000 for sooner, later in itertools.pairwise(times))
    assert shop.told("page", kind="scroll")


def test_the_browser_goes_down_in_order(open_window: Open, qtlog: Any) -> None:
    for _ in range(2):
        shop = open_window()
        shop.show("landing")
        shop.window.close_for_good()
        shop.window.close_for_good()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not [record for record in qtlog.records if "profile" in record.message.lower()]


def test_no_menu_opens_on_the_participants_screen(open_window: Open) -> None:
    shop = open_window()
    shop.show("landing")
    target = shop.page.view.focusProxy()
    assert target is not None
    QTest.mouseClick(target, Qt.MouseButton.RightButton, pos=QPoint(200, 300))
    QTest.qWait(200)
    assert QApplication.activePopupWidget() is None
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [shop.window]


@pytest.mark.parametrize("device", ["desktop", "mobile", None])
def test_every_step_of_the_demo_comes_on(open_window: Open, device: str | None) -> None:
    shop = open_window(device=device)
    for step in shop.folder.study.steps:
        shop.show(step.id)
    assert shop.sentences == []
    onsets = [row["step_id"] for row in shop.told("stimulus", what="onset")]
    assert onsets == [step.id for step in shop.folder.study.steps]
