"""A finding without a label of its own is a click away from its neighbour's moments."""

from __future__ import annotations

from pathlib import Path

from analysis.planted import PlantedStudy, six_recipes
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.found_place import place_of
from journeylab.report.map_trace import callout_target
from journeylab.theme import LIGHT
from journeylab.ui.analysis.map_side import MapSide
from journeylab.ui.analysis.moments_panel import MomentsPanel
from journeylab.ui.widgets.style import apply_style


def test_a_click_on_what_is_also_here_lists_its_moments(qtbot: QtBot, tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, six_recipes())
    journey = build_journey_map(study.folder, open_bundle=study.open)
    label = next(one for one in journey.callouts if one.beside)
    side = MapSide(palette=LIGHT)
    qtbot.addWidget(side)
    apply_style(side, LIGHT)
    side.resize(side.width(), 760)
    side.show()
    side.show_journey(study.folder, journey)
    try:
        assert side.open(callout_target(label))
        (line,) = [one for one in _buttons(side.list) if label.beside[0].title in one.text()]
        assert line.isVisible()
        line.click()
        assert side.list.title.text() == label.beside[0].title
        moments = {one.choice.summary.participant_id for one in side.list.moments}
        assert moments == set(label.beside[0].participants)
        assert not [one for one in _buttons(side.list) if one.text().endswith("›")]
    finally:
        side.shut_down()


def test_a_place_without_neighbours_has_no_line(qtbot: QtBot, tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, six_recipes())
    journey = build_journey_map(study.folder, open_bundle=study.open)
    alone = next(one for one in journey.callouts if not one.beside)
    panel = MomentsPanel()
    qtbot.addWidget(panel)
    panel.show_place(place_of(journey, callout_target(alone)))
    assert panel.beside.count() == 0


def _buttons(panel: MomentsPanel) -> list[QPushButton]:
    lines = (panel.beside.itemAt(n).widget() for n in range(panel.beside.count()))
    return [one for one in lines if isinstance(one, QPushButton)]
