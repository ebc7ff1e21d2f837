"""Screenshots that lead on by their hotspots: what is shown, and what every click leaves."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from journeylab.streams import Picture
from journeylab.study.folder import StudyFolder
from journeylab.ui.participant.screens_stage import ScreensStage
from journeylab.ui.participant.text_stage import TextStage
from participant.conftest import Open, Participant, Write

STEPS = """
[[steps]]
id = "buy"
title = "Buy"
[steps.stimulus]
kind = "screens"
[[steps.stimulus.screens]]
id = "home"
path = "stimuli/home.png"
[[steps.stimulus.screens.hotspots]]
box = [40, 60, 100, 50]
leads_to = "cart"
[[steps.stimulus.screens]]
id = "cart"
path = "stimuli/cart.png"
[[steps.stimulus.screens.hotspots]]
box = [10, 10, 80, 40]
leads_to = "home"
[[steps.aois]]
name = "Offer"
screen = "home"
box = [40, 60, 100, 50]
[[steps.aois]]
name = "Total"
screen = "cart"
box = [150, 350, 100, 100]
[[steps]]
id = "poster"
title = "Poster"
[steps.stimulus]
kind = "image"
path = "stimuli/home.png"
[[steps.aois]]
name = "Logo"
box = [0, 0, 100, 50]
"""
SIZE = (200, 400)  # of the screenshots, px


@pytest.fixture
def study(write_study: Write) -> StudyFolder:
    folder = write_study(STEPS, {"stimuli/note.txt": ""})
    for name, colour in (("home", "green"), ("cart", "blue")):
        image = QImage(*SIZE, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        assert image.save(str(folder.path / f"stimuli/{name}.png"))
    return folder


def _stage(person: Participant) -> ScreensStage:
    stage = person.window.stage
    assert isinstance(stage, ScreensStage)
    return stage


def _widget_point(person: Participant, x: float, y: float) -> QPoint:
    """Where a pixel of the screenshot lies on the window: whole, centred."""
    stage = _stage(person)
    zoom = min(stage.width() / SIZE[0], stage.height() / SIZE[1])
    left, top = (stage.width() - SIZE[0] * zoom) / 2, (stage.height() - SIZE[1] * zoom) / 2
    return QPointF(left + x * zoom, top + y * zoom).toPoint()


def _click(person: Participant, x: float, y: float) -> None:
    at = _widget_point(person, x, y)
    QTest.mouseClick(_stage(person), Qt.MouseButton.LeftButton, pos=at)


def _colour(person: Participant) -> str:
    image = person.window.grab().toImage()
    return QColor(image.pixel(image.width() // 2, image.height() // 2)).name()


def test_a_hotspot_leads_on_and_back_and_each_screen_has_its_onset(
    open_window: Open, study: StudyFolder
) -> None:
    person = open_window(study)
    person.show("buy")
    assert _colour(person) == QColor("green").name()
    _click(person, 90, 85)
    person.wait_for("stimulus", what="onset", detail="screens:buy/cart")
    assert _colour(person) == QColor("blue").name()
    _click(person, 50, 30)
    person.wait(lambda: len(person.told("stimulus", what="onset")) == 3)
    person.window.show_waiting()
    assert [(row["what"], row["detail"]) for row in person.told("stimulus")] == [
        ("onset", "screens:buy/home"),
        ("end", "screens:buy/home"),
        ("onset", "screens:buy/cart"),
        ("end", "screens:buy/cart"),
        ("onset", "screens:buy/home"),
        ("end", "screens:buy/home"),
    ]
    kinds = [(row["kind"], str(row["url"]).rsplit("/", 1)[1]) for row in person.told("page")]
    assert kinds == [
        ("url", "home"),
        ("load", "home"),
        ("click", "home"),
        ("url", "cart"),
        ("load", "cart"),
        ("click", "cart"),
        ("url", "home"),
        ("load", "home"),
    ]


@pytest.mark.parametrize("size", [(1280, 720), (500, 900)])
def test_a_click_is_kept_in_pixels_of_the_screenshot_whatever_its_size_on_the_screen(
    open_window: Open, study: StudyFolder, size: tuple[int, int]
) -> None:
    person = open_window(study, size=size)
    person.show("buy")
    _click(person, 130, 105)
    click = person.wait_for("page", kind="click")
    assert (click["selector"], click["detail"]) == ("hotspot:cart", "")
    assert click["url"] == "screens:buy/home"
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx((130, 105), abs=0.6)


def test_a_missed_click_is_kept_and_leads_nowhere(open_window: Open, study: StudyFolder) -> None:
    person = open_window(study)
    person.show("buy")
    _click(person, 150, 300)
    _click(person, -100, 10)  # beside the screenshot
    inside, beside = person.told("page", kind="click")
    assert (inside["selector"], inside["detail"]) == ("", "missed")
    assert (inside["page_x_px"], inside["page_y_px"]) == pytest.approx((150, 300), abs=0.6)
    assert float(str(beside["page_x_px"])) == pytest.approx(-100, abs=0.6)
    assert _stage(person).screen_id == "home"


def test_a_press_let_go_elsewhere_takes_the_click_back(
    open_window: Open, study: StudyFolder
) -> None:
    person = open_window(study)
    person.show("buy")
    stage = _stage(person)
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=_widget_point(person, 90, 85))
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=_widget_point(person, 90, 300))
    assert person.wait_for("page", kind="click")["detail"] == "missed"
    assert stage.screen_id == "home"


def test_no_key_and_no_other_button_leads_back(open_window: Open, study: StudyFolder) -> None:
    person = open_window(study)
    person.show("buy")
    _click(person, 90, 85)
    person.wait_for("stimulus", what="onset", detail="screens:buy/cart")
    stage = _stage(person)
    QTest.keyClick(stage, Qt.Key.Key_Backspace)
    QTest.keyClick(stage, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    for button in (Qt.MouseButton.BackButton, Qt.MouseButton.RightButton):
        QTest.mouseClick(stage, button, pos=_widget_point(person, 50, 30))
    assert stage.screen_id == "cart"
    assert len(person.told("page", kind="click")) == 1


def test_every_screen_is_pictured_however_fast_it_is_left(
    open_window: Open, study: StudyFolder
) -> None:
    person = open_window(study)
    person.show("buy")
    person.wait(lambda: len(person.pictures) == 1)
    _click(person, 90, 85)
    person.wait(lambda: len(person.pictures) == 2)
    middles = [_middle_of(picture) for picture in person.pictures]
    assert middles[0].green() > 100 > middles[0].blue()
    assert middles[1].blue() > 200 > middles[1].green()
    assert person.pictures[1].t_ns - person.pictures[0].t_ns < 900_000_000


def _middle_of(picture: Picture) -> QColor:
    image = QImage.fromData(picture.data)
    return QColor(image.pixel(image.width() // 2, image.height() // 2))


def test_areas_are_written_on_the_screen_they_lie_on(open_window: Open, study: StudyFolder) -> None:
    person = open_window(study, size=(800, 800))  # zoom 2, the screenshot begins at x = 200
    person.show("buy")
    offer = person.wait_for("aois", name="Offer")
    corner = person.window.mapToGlobal(QPoint(0, 0)) - person.window.screen().geometry().topLeft()
    box = [offer[key] for key in ("x_px", "y_px", "width_px", "height_px")]
    assert box == pytest.approx([corner.x() + 280, corner.y() + 120, 200, 100])
    _click(person, 90, 85)
    total = person.wait_for("aois", name="Total")
    assert (total["width_px"], total["height_px"]) == pytest.approx((100, 100))  # the rest juts out
    assert math.isnan(float(str(person.told("aois", name="Offer")[-1]["x_px"])))
    person.window.show_waiting()
    assert math.isnan(float(str(person.told("aois", name="Total")[-1]["x_px"])))
    assert {row["step_id"] for row in person.told("aois")} == {"buy"}


def test_an_area_of_a_picture_moves_with_the_size_of_the_screen(
    open_window: Open, study: StudyFolder
) -> None:
    person = open_window(study, size=(800, 800))
    person.show("poster")
    assert person.wait_for("aois", name="Logo")["width_px"] == pytest.approx(200)
    person.window.resize(800, 400)
    person.wait(lambda: len(person.told("aois", name="Logo")) >= 2)
    assert person.told("aois", name="Logo")[-1]["width_px"] == pytest.approx(100)
    n_rows = len(person.told("aois"))
    person.window.stage.repaint()
    assert len(person.told("aois")) == n_rows  # nothing moved


def test_a_damaged_screenshot_closes_its_way_and_the_rest_goes_on(
    open_window: Open, study: StudyFolder
) -> None:
    (study.path / "stimuli/cart.png").write_text("no picture")
    person = open_window(study)
    person.show("buy")
    person.wait(lambda: bool(person.sentences))
    assert "cart.png" in person.sentences[0]
    _click(person, 90, 85)
    assert person.wait_for("page", kind="click")["selector"] == "hotspot:cart"
    assert _stage(person).screen_id == "home"
    assert _colour(person) == QColor("green").name()


def test_a_missing_screenshot_is_told_before_anything_is_shown(
    open_window: Open, study: StudyFolder
) -> None:
    (study.path / "stimuli/cart.png").unlink()
    person = open_window(study)
    person.window.show_step(person.step("buy"))
    assert "cart.png is missing" in person.sentences[0]
    assert isinstance(person.window.stage, TextStage)
    assert person.told("stimulus", what="failure", step_id="buy")
