"""Words of the analysis, its views and the replay have colours that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from analysis.planted import Bump, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui.inks import strange_inks

from journeylab.app.replaying import ReplayWiring
from journeylab.clock import VirtualClock
from journeylab.report.scene import MomentTarget
from journeylab.study.folder import StudyFolder, save_study
from journeylab.theme import LIGHT
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.widgets.background import Background

VISITS = (("ad", 3.0), ("compare", 4.0), ("checkout", 3.0))
SAD = (Bump("compare", 0.5, 0.6, -60, {"AU04": 0.8}, {"confusion": 0.9}),)
HAPPY = (Bump("ad", 0.5, 0.5, 60, {"AU12": 0.8}, {"joy": 0.9}),)
_LONG_MS = 30_000


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = save_study(tmp_path / "study", study_of())
    made.prepare_for_writing()
    write_bundle(made, Recipe("P01", visits=VISITS, story=SAD, frames=True))
    write_bundle(made, Recipe("P02", visits=VISITS, story=HAPPY, device="mobile", seed=2))
    (made.sessions_path / "P09.h5").write_bytes(b"no bundle")
    return made


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[SimpleNamespace]:
    parent = QWidget()
    background = Background(parent)
    analysis = AnalysisPage()
    wiring = ReplayWiring(analysis, clock=VirtualClock(), background=background, parent=parent)
    qtbot.addWidget(parent)
    qtbot.addWidget(wiring.rooms)
    wiring.rooms.resize(1366, 720)
    wiring.rooms.show()
    yield SimpleNamespace(wiring=wiring, analysis=analysis, rooms=wiring.rooms)
    wiring.shut_down()
    analysis.shut_down()
    background.close().result(10)


def test_no_word_is_fainter_than_an_ink(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    analysis = desk.analysis
    assert strange_inks(desk.rooms, LIGHT) == []
    analysis.set_study(folder)
    qtbot.waitUntil(
        lambda: analysis.journey is not None and analysis.map.is_drawn, timeout=_LONG_MS
    )
    assert strange_inks(desk.rooms, LIGHT) == [], "map"
    analysis.bar.say("Written to exports/", tone="joy")
    for valence in (60.0, -60.0):
        analysis.open_moment(MomentTarget(4.0, valence, ()))
        qtbot.wait(300)
        assert strange_inks(desk.rooms, LIGHT) == [], "moments"
    analysis.views.open_heatmaps("compare")
    qtbot.waitUntil(lambda: analysis.views.heatmaps.heat is not None, timeout=_LONG_MS)
    assert strange_inks(desk.rooms, LIGHT) == [], "heatmaps"
    analysis.views.open_ways()
    assert strange_inks(desk.rooms, LIGHT) == [], "ways"
    desk.wiring.open(ReplayTarget(folder.bundles()[0]))
    side = desk.wiring.page.side
    qtbot.waitUntil(lambda: bool(side.events.rows), timeout=_LONG_MS)
    assert strange_inks(desk.rooms, LIGHT) == [], "replay"
