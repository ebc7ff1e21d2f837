"""Zooming and panning the map, and the lines it shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.map_lines import TraceLine
from journeylab.report.scene import MomentTarget
from journeylab.study.folder import save_study
from journeylab.ui.analysis.map_area import MapArea
from journeylab.ui.analysis.zoom import LARGEST, Zoom, kept_under


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> JourneyMap:
    folder = save_study(tmp_path_factory.mktemp("zoom"), study_of())
    folder.prepare_for_writing()
    for n in range(2):
        write_bundle(folder, Recipe(f"P0{n}", seed=n, visits=(("ad", 3.0), ("landing", 3.0))))
    return build_journey_map(folder)


@pytest.fixture
def area(qtbot: QtBot, journey: JourneyMap) -> Iterator[MapArea]:
    made = MapArea()
    qtbot.addWidget(made)
    made.resize(1054, 640)
    made.show()
    with qtbot.waitSignal(made.drawn, timeout=30_000):
        made.show_map(journey)
    yield made
    made.shut_down()


def _wheel(area: MapArea, place: QPoint, turns: float) -> None:
    view = area.view
    at = QPointF(view.mapFrom(area.viewport(), place))
    event = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, round(120 * turns)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def _valence_under(area: MapArea, place: QPoint) -> tuple[float, float]:
    at = area.view.mapFrom(area.viewport(), place)
    axes = area.view.scene.axes
    return axes.position_at(at.x() / area.zoom), axes.valence_at(at.y() / area.zoom)


def test_the_wheel_with_ctrl_zooms_about_the_pointer(area: MapArea) -> None:
    axes = area.view.scene.axes
    place = QPoint(round(axes.x_at(4.0)), round(axes.y_at(-30)))
    before = _valence_under(area, place)
    for _ in range(4):
        _wheel(area, place, 1)
    assert area.zoom == pytest.approx(1.25**4)
    after = _valence_under(area, place)
    assert after == pytest.approx(before, abs=1.0)


def test_without_ctrl_the_wheel_does_not_zoom(area: MapArea) -> None:
    view = area.view
    event = QWheelEvent(
        QPointF(100, 100),
        QPointF(100, 100),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    assert area.zoom == 1.0


def test_keys_zoom_and_0_shows_the_whole_again(qtbot: QtBot, area: MapArea) -> None:
    size = area.view.size()
    told: list[float] = []
    area.zoomed.connect(told.append)
    qtbot.keyClick(area.view, Qt.Key.Key_Plus)
    qtbot.keyClick(area.view, Qt.Key.Key_Plus)
    assert area.view.width() > size.width()
    qtbot.keyClick(area.view, Qt.Key.Key_Minus)
    assert area.zoom == pytest.approx(1.25)
    qtbot.keyClick(area.view, Qt.Key.Key_0)
    assert area.zoom == 1.0 and area.view.size() == size
    assert told[-1] == 1.0


def test_a_pinch_on_the_touch_pad_zooms(area: MapArea) -> None:
    view = area.view
    pad = QPointingDevice.primaryPointingDevice()
    at = QPointF(300, 200)
    over = QPointF(view.mapToGlobal(at.toPoint()))
    kind = Qt.NativeGestureType.ZoomNativeGesture
    QApplication.sendEvent(view, QNativeGestureEvent(kind, pad, 2, at, at, over, 0.5, QPointF()))
    assert area.zoom == pytest.approx(1.5)


def test_dragging_pans_and_is_no_click(qtbot: QtBot, area: MapArea) -> None:
    area.zoom_by(3.0)
    chosen: list[object] = []
    area.view.chosen.connect(chosen.append)
    area.view.step_chosen.connect(chosen.append)
    start = area.horizontalScrollBar().value()
    at = area.view.mapFrom(area.viewport(), QPoint(500, 300))
    qtbot.mousePress(area.view, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(area.view, at - QPoint(60, 0))
    qtbot.mouseMove(area.view, area.view.mapFrom(area.viewport(), QPoint(400, 300)))
    back = area.view.mapFrom(area.viewport(), QPoint(400, 300))
    qtbot.mouseRelease(area.view, Qt.MouseButton.LeftButton, pos=back)
    assert area.horizontalScrollBar().value() > start
    assert not chosen


def test_a_click_zoomed_in_means_the_place_under_it(qtbot: QtBot, area: MapArea) -> None:
    area.zoom_by(2.0)
    axes = area.view.scene.axes
    at = QPoint(round(axes.x_at(4.5) * 2), round(axes.y_at(90) * 2))
    with qtbot.waitSignal(area.view.chosen) as caught:
        qtbot.mouseClick(area.view, Qt.MouseButton.LeftButton, pos=at)
    target = caught.args[0]
    assert isinstance(target, MomentTarget)
    assert target.position_s == pytest.approx(4.5, abs=0.05)


def test_zoomed_in_the_map_is_painted_sharply_once_at_rest(qtbot: QtBot, area: MapArea) -> None:
    area.zoom_by(4.0)
    stretched = area.viewport().grab().toImage()
    qtbot.waitUntil(lambda: area.viewport().grab().toImage() != stretched, timeout=30_000)
    sharp = _edges(area.viewport().grab().toImage())
    assert sharp > 1.2 * _edges(stretched)


def _edges(image: QImage) -> float:
    """How steep its steps from pixel to pixel are, where there are any."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(grey.constBits(), np.uint8)
    rows = pixels.reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()]
    steps = np.abs(np.diff(rows.astype(np.int16), axis=1))
    return float(np.sort(steps.ravel())[-2000:].mean())


def test_an_act_of_zooming_does_not_wait_for_the_painting(area: MapArea) -> None:
    area.viewport().grab()
    slowest_s = 0.0
    for factor in (1.25, 1.25, 1.25, 0.8, 1.25):
        begin = time.thread_time()
        area.zoom_by(factor)
        area.viewport().grab()
        slowest_s = max(slowest_s, time.thread_time() - begin)
    assert slowest_s < 0.1


def test_an_act_of_showing_lines_does_not_wait_either(qtbot: QtBot, area: MapArea) -> None:
    begin = time.thread_time()
    area.show_lines(frozenset(TraceLine), True)
    area.resize(900, 600)
    assert time.thread_time() - begin < 0.1
    qtbot.waitUntil(lambda: area.is_drawn, timeout=30_000)


def test_the_lines_that_are_wanted_are_shown(qtbot: QtBot, area: MapArea) -> None:
    with qtbot.waitSignal(area.drawn, timeout=30_000):
        area.show_lines(frozenset({TraceLine.MEDIAN}), False)
    names = [layer.name for layer in area.view.scene.layers]
    assert "median" in names and "mean" not in names and "participants" not in names


def test_zoom_stays_within_bounds_and_snaps_to_the_whole() -> None:
    assert Zoom().by(0.5) == Zoom(1.0)
    assert Zoom(1.26).by(0.8) == Zoom(1.0)
    assert Zoom(7.0).by(3.0) == Zoom(LARGEST)


def test_what_lies_under_a_place_stays_under_it() -> None:
    scrolled = kept_under(300.0, 100.0, 1.0, 2.0)
    assert (scrolled + 300.0) / 2.0 == 400.0


def test_nothing_to_show_is_nothing(area: MapArea, tmp_path: Path) -> None:
    area.show_map(None)
    assert area.view.scene is None
    area.zoom_by(2.0)
    area.grab()
