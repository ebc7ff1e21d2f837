"""The analysis tab's bar: segments of any field, device first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from analysis.planted import study_of
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from journeylab.study.model import Segment
from journeylab.ui.analysis.top_bar import TopBar


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[TopBar]:
    made = TopBar()
    qtbot.addWidget(made)
    made.resize(1366, 56)
    made.show()
    yield made


def _study(*segments: Segment) -> object:
    return study_of().model_copy(update={"segments": segments})


def test_device_comes_first_and_every_field_can_split_the_map(qtbot: QtBot, bar: TopBar) -> None:
    bar.show_study(
        _study(
            Segment(name="shops-online", values=("often", "rarely")),
            Segment(name="device", values=("desktop", "mobile")),
        )
    )
    assert bar.choices.words == ["All", "Desktop", "Mobile", "Side by side"]
    with qtbot.waitSignal(bar.segment_chosen) as caught:
        bar.choose({"shops-online": "rarely"})
    assert caught.args[0] == {"shops-online": "rarely"}
    assert bar.choices.words == ["All", "Often", "Rarely", "Side by side"]
    with qtbot.waitSignal(bar.compare_asked) as caught:
        bar.choose_side_by_side()
    assert caught.args[0] == "shops-online"


def test_a_field_with_one_value_has_nothing_side_by_side(bar: TopBar) -> None:
    bar.show_study(_study(Segment(name="device", values=("desktop",))))
    assert bar.choices.words == ["All", "Desktop"]


def test_a_study_without_segments_has_no_filter(bar: TopBar) -> None:
    bar.show_study(_study())
    assert bar.choices.words == []
    bar.show_study(None)
    assert bar.choices.words == []


def test_nothing_is_clipped_in_the_smallest_window(bar: TopBar) -> None:
    bar.show_study(_study(Segment(name="device", values=("desktop", "mobile"))))
    bar.say("Written to /a/very/long/path/that/has/no/room/in/the/bar/at/all/map.png")
    for button in bar.findChildren(QPushButton):
        if button.isVisible():
            assert button.width() >= button.minimumSizeHint().width()
            assert button.geometry().right() <= bar.width()
