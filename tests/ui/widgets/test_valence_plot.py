"""The live plot: its picture, and a cost that does not grow with the session."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from journeylab.theme import DARK, LIGHT, Palette
from journeylab.ui.widgets.valence_plot import ValencePlot


@pytest.fixture
def plot(qtbot: QtBot) -> ValencePlot:
    plot = ValencePlot()
    qtbot.addWidget(plot)
    plot.resize(1000, 240)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def _count(image: QImage, token: str, *, within: int = 40) -> int:
    pixels = np.frombuffer(
        image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8
    ).reshape(image.height(), -1, 4)[..., :3]
    colour = QColor(token)
    wanted = np.array([colour.blue(), colour.green(), colour.red()])
    return int((np.abs(pixels.astype(int) - wanted).max(axis=2) < within).sum())


def _tick_s(plot: ValencePlot, n: int) -> float:
    """CPU seconds of one redraw, painting included: the best of many."""
    t_s = np.arange(n + 60) / 30.0
    valence = 50 * np.sin(t_s / 7)
    plot.set_trace(t_s[:n], valence[:n])
    QApplication.processEvents()
    costs = []
    for more in range(1, 40):
        began = time.thread_time()
        plot.set_trace(t_s[: n + more], valence[: n + more])
        QApplication.processEvents()
        costs.append(time.thread_time() - began)
    return float(np.median(costs))


def test_ten_minutes_cost_little_more_than_ten_seconds(plot: ValencePlot) -> None:
    short_s = _tick_s(plot, 300)
    plot.clear_trace()
    long_s = _tick_s(plot, 16_800)
    assert long_s < 3 * short_s
    assert long_s < 0.012, "a tick has 25 ms for everything"


@pytest.mark.parametrize(
    ("valence", "token"), [(60.0, DARK.joy), (-60.0, DARK.negative), (0.0, DARK.neutral)]
)
def test_tone_is_drawn_in_its_colour(plot: ValencePlot, valence: float, token: str) -> None:
    t_s = np.arange(1500) / 30.0
    plot.set_trace(t_s, np.full(1500, valence))
    assert _count(plot.grab().toImage(), token) > 500


def test_a_lost_stretch_is_left_open(plot: ValencePlot) -> None:
    t_s = np.arange(1500) / 30.0
    valence = np.full(1500, 60.0)
    plot.set_trace(t_s, valence)
    whole = _count(plot.grab().toImage(), DARK.joy)
    valence[500:1000] = np.nan
    plot.clear_trace()
    plot.set_trace(t_s, valence)
    assert _count(plot.grab().toImage(), DARK.joy) == pytest.approx(whole * 2 / 3, rel=0.1)


def test_what_was_drawn_stays_drawn_while_the_trace_moves_on(plot: ValencePlot) -> None:
    t_s = np.arange(1600) / 30.0
    valence = 60 * np.sin(t_s / 4)
    for n in range(1, 1600, 25):
        plot.set_trace(t_s[:n], valence[:n])
        QApplication.processEvents()
    plot.set_trace(t_s, valence)
    grown = plot.grab().toImage()
    plot.clear_trace()
    plot.set_trace(t_s, valence)
    at_once = plot.grab().toImage()
    for token in (DARK.joy, DARK.negative):
        assert _count(grown, token) == pytest.approx(_count(at_once, token), rel=0.03)


def test_steps_and_markers_are_drawn_and_forgotten(plot: ValencePlot) -> None:
    before = _count(plot.grab().toImage(), DARK.warning)
    plot.set_markers([(20.0, "1 confusion")])
    plot.set_steps([(0.0, "Ad"), (15.0, "Landing")])
    assert _count(plot.grab().toImage(), DARK.warning) > before + 40
    plot.clear_trace()
    assert _count(plot.grab().toImage(), DARK.warning) == before


def test_thirty_steps_in_a_minute_do_not_break_the_plot(plot: ValencePlot) -> None:
    plot.set_steps([(2.0 * n, f"A step with a long name {n}") for n in range(30)])
    plot.resize(400, 160)
    assert not plot.grab().isNull()


@pytest.mark.parametrize("size", [(640, 140), (700, 190), (1200, 330)])
@pytest.mark.parametrize("span_s", [55.0, 280.0, 560.0, 3000.0])
def test_thirty_names_stand_clear_of_each_other_and_of_the_trace(
    qtbot: QtBot, size: tuple[int, int], span_s: float
) -> None:
    plot = ValencePlot()
    qtbot.addWidget(plot)
    plot.resize(*size)
    plot.show()
    qtbot.waitExposed(plot)
    t_s = np.linspace(0, span_s, 5000)
    plot.set_trace(t_s, 100 * np.sin(t_s))
    rng = np.random.default_rng(3)
    names = ("1 confusion", "2 frustration", "3 delight", "4 quote")
    times = np.sort(rng.uniform(0, span_s, 24))
    plot.set_markers([(float(t), names[n % 4]) for n, t in enumerate(times)])
    steps = np.linspace(0, span_s * 0.9, 6)
    plot.set_steps([(float(t), f"Step {n}: compare") for n, t in enumerate(steps)])
    plot.grab()
    boxes, trace = plot.label_boxes(), plot.trace_box()
    assert len(boxes) >= 4
    for n, box in enumerate(boxes):
        assert not box.intersects(trace), (box, trace)
        assert box.right() <= plot.width()
        assert not any(box.intersects(other) for other in boxes[n + 1 :])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_both_grounds_draw_the_trace(qtbot: QtBot, palette: Palette) -> None:
    plot = ValencePlot(palette=palette)
    qtbot.addWidget(plot)
    plot.resize(600, 200)
    t_s = np.arange(1500) / 30.0
    plot.set_trace(t_s, np.full(1500, 50.0))
    assert _count(plot.grab().toImage(), palette.joy) > 300


def test_a_marker_more_costs_next_to_nothing(plot: ValencePlot) -> None:
    t_s = np.arange(5000) / 30.0
    plot.set_trace(t_s, 50 * np.sin(t_s))
    names = ("1 confusion", "2 frustration", "3 delight", "4 quote")
    marks = [(4.0 * n, names[n % 4]) for n in range(40)]
    costs = []
    for n in range(20, 40):
        began = time.thread_time()
        plot.set_markers(marks[:n])
        QApplication.processEvents()
        costs.append(time.thread_time() - began)
    assert float(np.median(costs)) < 0.012, "the key that set it must not be felt"
