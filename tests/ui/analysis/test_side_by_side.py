"""Two values of a segment side by side: both maps, the difference, and what each place leads to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from analysis.planted import PLAN, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from journeylab.report.scene import MomentTarget
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder, save_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.segments_view import Arrangement, SegmentsView

_LONG_MS = 60_000
VISITS = tuple((plan[0], 1.0) for plan in PLAN)
DEVICES = ("desktop", "mobile", "desktop", "mobile")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = save_study(tmp_path_factory.mktemp("studies") / "study", study_of())
    folder.prepare_for_writing()
    for n, device in enumerate(DEVICES):
        write_bundle(folder, Recipe(f"P{n + 1:02d}", device=device, visits=VISITS, seed=n))
    return folder


@pytest.fixture
def page(qtbot: QtBot, folder: StudyFolder) -> Iterator[AnalysisPage]:
    page = AnalysisPage()
    qtbot.addWidget(page)
    page.resize(1366, 700)
    page.show()
    page.set_study(folder)
    qtbot.waitUntil(lambda: page.journey is not None and not page.is_loading, timeout=_LONG_MS)
    yield page
    page.shut_down()


def _open(qtbot: QtBot, page: AnalysisPage) -> SegmentsView:
    view = page.views.segments
    with qtbot.waitSignal(view.shown, timeout=_LONG_MS):
        page.bar.choose_side_by_side()
    qtbot.waitUntil(lambda: all(area.is_drawn for area in view.maps), timeout=_LONG_MS)
    return view


def test_both_maps_stand_side_by_side_over_the_difference(qtbot: QtBot, page: AnalysisPage) -> None:
    view = _open(qtbot, page)
    left, right = view.maps
    assert left.isVisible() and right.isVisible() and view.area.isVisible()
    assert left.mapTo(view, QPoint()).x() + left.width() <= right.mapTo(view, QPoint()).x()
    assert [title.text() for title in view.titles] == [
        "desktop: 2 participants, a small group",
        "mobile: 2 participants, a small group",
    ]
    assert view.area.view.scene is not None and view.area.view.scene.axes is None
    view.arrange(Arrangement.DIFFERENCE)
    assert not left.isVisible()
    assert view.area.view.scene.axes is not None  # the traces came back


def test_a_place_of_either_map_leads_to_its_own_moments(qtbot: QtBot, page: AnalysisPage) -> None:
    view = _open(qtbot, page)
    assert not page.side.isVisible()
    for place, people in enumerate(({"P01", "P03"}, {"P02", "P04"})):
        view.maps[place].view.chosen.emit(MomentTarget(1.0))
        assert page.side.isVisible()
        listed = {one.choice.summary.participant_id for one in page.side.list.moments}
        assert listed == people
    view.back.click()
    assert page.map.isVisible()
    assert page.side.journey is page.journey


def test_a_step_of_the_difference_offers_the_moments_of_both_sides(
    qtbot: QtBot, page: AnalysisPage
) -> None:
    view = _open(qtbot, page)
    scene = view.area.view.scene
    hit = scene.hits[1]
    place = QPoint(round(hit.x + 10), round(hit.y + 10))
    asked: list[object] = []
    view.area.view.chosen.connect(lambda target, _at: asked.append(target))
    qtbot.mouseClick(view.area.view, Qt.MouseButton.LeftButton, pos=place)
    (target,) = asked
    sides = view.area.sides_at(target)
    assert [name for name, _ in sides] == ["desktop", "mobile"]
    view.area.moments_asked.emit(sides[1][1])
    step = view.pair.comparison.steps[1]
    assert {one.choice.summary.participant_id for one in page.side.list.moments} == {"P02", "P04"}
    assert page.side.list.title.text() == step.title
    view.area.view.setFocus()
    qtbot.keyClick(view.area.view, Qt.Key.Key_Right)
    qtbot.keyClick(view.area.view, Qt.Key.Key_Return)
    assert asked[-1] == scene.hits[0].target


def test_the_two_are_written_with_both_names(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    view = _open(qtbot, page)
    view.export.asked.emit(ExportChoice(("svg",)))
    qtbot.waitUntil(
        lambda: any(folder.exports_path.glob("*compared-desktop-mobile-by-device.svg")),
        timeout=_LONG_MS,
    )


def test_reading_can_be_stopped_and_taken_up_again(qtbot: QtBot, folder: StudyFolder) -> None:
    page = AnalysisPage()
    qtbot.addWidget(page)
    page.show()
    page.set_study(folder)
    assert page.states.waiting.stop.isVisible()
    page.states.waiting.stop.click()
    assert not page.states.waiting.isVisible()
    qtbot.waitUntil(lambda: not page.is_loading, timeout=_LONG_MS)
    assert page.journey is None
    page.states.retry_asked.emit()
    qtbot.waitUntil(lambda: page.journey is not None, timeout=_LONG_MS)
    page.shut_down()
