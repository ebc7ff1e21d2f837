"""The analysis tab: its states, its map, and the second behind a click."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from analysis.planted import Bump, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.heatmaps import HeatKind
from journeylab.analysis.insight_edits import edits_path, read_edits
from journeylab.analysis.moments import Moment, MomentChoice
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.report.export import FORMATS
from journeylab.report.map_insights import insight_target
from journeylab.report.map_layout import lay_out_map
from journeylab.report.map_lines import TraceLine
from journeylab.report.scene import MomentTarget, StepTarget, Text
from journeylab.study.folder import StudyFolder, save_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.session_list import SUMMARY_ROLE, SessionModel
from journeylab.ui.analysis.trace_reading import reading_words

VISITS = (("ad", 3.0), ("landing", 2.0), ("product", 3.0))
HAPPY = (Bump("ad", 0.5, 0.5, 60, {"AU12": 0.8}, {"joy": 0.9}),)
SAD = (Bump("ad", 0.5, 0.5, -60, {"AU04": 0.8}, {"confusion": 0.9}),)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Two happy participants and an unhappy one, and a file that is no bundle."""
    folder = save_study(tmp_path_factory.mktemp("study"), study_of())
    folder.prepare_for_writing()
    write_bundle(folder, Recipe("P01", visits=VISITS, story=HAPPY, frames=True))
    write_bundle(folder, Recipe("P02", visits=VISITS, story=SAD, device="mobile", seed=2))
    write_bundle(folder, Recipe("P03", visits=VISITS[:1], story=HAPPY, seed=3))
    (folder.sessions_path / "P09.h5").write_bytes(b"no bundle")
    return folder


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[AnalysisPage]:
    made = AnalysisPage()
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    yield made
    made.shut_down()


def _load(qtbot: QtBot, page: AnalysisPage, folder: StudyFolder) -> None:
    page.set_study(folder)
    qtbot.waitUntil(lambda: page.journey is not None and not page.is_loading, timeout=30_000)
    if page.journey is not None and page.journey.n_all:
        qtbot.waitUntil(lambda: page.map.is_drawn, timeout=30_000)


def _words(page: AnalysisPage) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_without_a_study_the_page_says_so(page: AnalysisPage) -> None:
    assert "No study is open" in _words(page)
    assert not page.bar.export.isEnabled()


def test_an_empty_study_offers_the_one_thing_to_do(
    qtbot: QtBot, page: AnalysisPage, tmp_path: Path
) -> None:
    _load(qtbot, page, save_study(tmp_path, study_of()))
    assert "No session has been recorded yet" in _words(page)
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Record a session")
    with qtbot.waitSignal(page.record_asked):
        button.click()


def test_while_loading_the_window_lives_and_says_what_it_does(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    page.set_study(folder)
    assert "Reading the sessions" in _words(page)
    qtbot.waitUntil(lambda: page.journey is not None, timeout=30_000)
    assert "Reading the sessions" not in _words(page)


def test_a_failure_is_said_and_can_be_tried_again(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journeylab.errors import AnalysisError
    from journeylab.ui.analysis import page as module

    def fail(*_: object) -> object:
        def work(_progress: object) -> object:
            raise AnalysisError("The disk went away.", remedy="Plug it in.")

        return work

    with monkeypatch.context() as patched:
        patched.setattr(module, "journey_work", fail)
        page.set_study(folder)
        qtbot.waitUntil(lambda: "The disk went away. Plug it in." in _words(page))
    again = [b for b in page.findChildren(QPushButton) if b.text() == "Read again"]
    next(b for b in again if b is not page.bar.refresh).click()
    qtbot.waitUntil(lambda: page.journey is not None, timeout=30_000)


def test_one_session_has_a_map_too(qtbot: QtBot, page: AnalysisPage, tmp_path: Path) -> None:
    folder = save_study(tmp_path, study_of())
    folder.prepare_for_writing()
    write_bundle(folder, Recipe("P01", visits=VISITS, story=HAPPY))
    _load(qtbot, page, folder)
    assert page.map.isVisible()
    assert page.bar.export.isEnabled()
    assert any("One participant only" in note for note in page.journey.notes)


def test_the_list_shows_grades_and_reasons(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    model = page.sessions.model()
    rows = [model.index(n, 0).data(SUMMARY_ROLE) for n in range(model.rowCount())]
    assert [(r.participant_id, r.grade) for r in rows] == [
        ("P01", "A"),
        ("P02", "A"),
        ("P03", "A"),
        ("P09", "excluded"),
    ]
    assert "3 of 4 usable" in _words(page)
    assert rows[0].simulated


def test_the_screen_shows_the_scene_the_exports_draw(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    scene = page.map.view.scene
    assert scene is not None
    laid = [
        lay_out_map(page.journey, width_px=width, height_px=page.map.height())
        for width in (
            page.map.width(),
            page.map.width() - page.map.verticalScrollBar().sizeHint().width(),
        )
    ]
    assert scene in laid
    image = page.map.view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 900, 3) for y in range(0, 500, 3)}
    assert len(colours) > 50


def _list_read(page: AnalysisPage) -> bool:
    """Whether what was seen in the moments has come."""
    moments = page.side.list.moments
    return bool(moments) and all(one.words for one in moments)


def test_a_click_on_the_trace_lists_the_moments_there_the_furthest_from_neutral_first(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    axes = page.map.view.scene.axes
    step = page.journey.steps[0]
    middle_s = (step.start_s + step.end_s) / 2
    place = QPoint(round(axes.x_at(middle_s)), round(axes.y_at(15)))
    qtbot.mouseClick(page.map.view, Qt.MouseButton.LeftButton, pos=place)
    assert page.side.list.isVisible()
    qtbot.waitUntil(lambda: _list_read(page), timeout=30_000)
    moments = page.side.list.moments
    severities = [one.severity for one in moments]
    assert severities == sorted(severities, reverse=True) and severities[-1] > 0.4
    words = {one.choice.summary.participant_id: one.words for one in moments}
    assert sorted(words) == ["P01", "P02", "P03"]
    assert words["P02"].startswith("frown (AU4)")
    assert all("smile (AU12)" in words[name] for name in ("P01", "P03"))
    assert moments[0].into_step_s == pytest.approx(1.5, abs=0.15)
    # What was clicked at is selected, wherever it stands.
    selected = page.side.list.list.selected()
    assert selected is not None and not selected.title.startswith("P02")


def _moment_of(page: AnalysisPage, participant: str) -> MomentChoice:
    choices = [one.choice for one in page.side.list.moments]
    return next(one for one in choices if one.summary.participant_id == participant)


def test_a_moment_of_the_list_shows_face_and_values_and_leads_to_its_replay(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.open_moment(MomentTarget(1.5, -58.0))
    qtbot.waitUntil(lambda: _list_read(page), timeout=30_000)
    with qtbot.waitSignal(page.moment_shown, timeout=30_000) as caught:
        page.side.look_at(_moment_of(page, "P02"))
    moment: Moment = caught.args[0]
    assert moment.choice.summary.participant_id == "P02"
    assert moment.session_s == pytest.approx(1.5, abs=0.15)
    assert moment.valence == pytest.approx(-60, abs=8)
    assert moment.units[0][0] == "AU04"
    assert page.panel.isVisible()
    words = _words(page)
    assert "P02 · mobile · simulated" in words
    assert " of 3" in words
    assert not page.panel.face_picture.has_picture
    with qtbot.waitSignal(page.replay_asked) as asked:
        page.panel.replay.click()
    assert asked.args[0].path == moment.choice.summary.path
    assert asked.args[0].t_ns == moment.choice.t_ns


def test_the_moments_beside_it_come_by_button(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.open_moment(MomentTarget(1.5, -58.0))
    qtbot.waitUntil(lambda: _list_read(page), timeout=30_000)
    with qtbot.waitSignal(page.moment_shown, timeout=30_000):
        page.side.look_at(page.side.list.moments[0].choice)
    assert not page.panel.previous_session.isEnabled()
    seen = []
    for _ in range(2):
        with qtbot.waitSignal(page.moment_shown, timeout=30_000) as caught:
            page.panel.next_session.click()
        seen.append(caught.args[0].choice.summary.participant_id)
    first = page.side.list.moments[0].choice.summary.participant_id
    assert sorted([first, *seen]) == ["P01", "P02", "P03"]
    assert not page.panel.next_session.isEnabled()
    page.panel.back.click()
    assert page.side.list.isVisible()
    page.side.list.back.click()
    assert page.sessions.isVisible()


def test_the_list_itself_leads_to_the_replay(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.open_moment(MomentTarget(1.5, -58.0))
    with qtbot.waitSignal(page.replay_asked) as asked:
        page.side.list.replay.click()
    assert asked.args[0].path.name.startswith("P02")


def test_a_session_with_video_shows_face_screen_and_gaze(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.open_moment(MomentTarget(1.5, None, ("P01",)))
    with qtbot.waitSignal(page.moment_shown, timeout=30_000) as caught:
        page.side.look_at(page.side.list.moments[0].choice)
    assert page.panel.face_picture.has_picture
    assert page.panel.screen_picture.has_picture
    assert caught.args[0].gaze is not None
    assert "Ad · 0:01.5 of the session" in _words(page)
    assert "EYES ON THIS STEP" in _words(page)
    assert "% on the screen" in _words(page)


def test_a_moment_of_a_vanished_bundle_is_said(
    qtbot: QtBot, page: AnalysisPage, tmp_path: Path
) -> None:
    folder = save_study(tmp_path, study_of())
    folder.prepare_for_writing()
    path = write_bundle(folder, Recipe("P01", visits=VISITS))
    _load(qtbot, page, folder)
    path.unlink()
    page.open_moment(MomentTarget(1.0, 0.0))
    page.side.look_at(page.side.list.moments[0].choice)
    qtbot.waitUntil(lambda: "There is no bundle" in _words(page))


def _click_insight(qtbot: QtBot, page: AnalysisPage) -> None:
    target = insight_target(page.journey.steps[0].insight)
    assert target is not None
    hit = next(hit for hit in page.map.view.scene.hits if hit.target == target)
    place = QPoint(round(hit.x + 8), round(hit.y + 8))
    qtbot.mouseClick(page.map.view, Qt.MouseButton.LeftButton, pos=place)
    assert page.side.list.insight.isVisible()


def test_an_insight_is_reworded_hidden_and_undone_beside_the_study(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    measured = page.journey.steps[0].insight.text
    _click_insight(qtbot, page)
    box = page.side.list.insight
    box.edit.click()
    box.editor.setPlainText("  They <b>disagree</b> about the ad. ")
    with qtbot.waitSignal(page.side.journey_edited, timeout=30_000):
        box.save.click()
    insight = page.journey.steps[0].insight
    assert insight.text == "They <b>disagree</b> about the ad."
    assert f"Measured: “{measured}”" in _words(page)
    assert read_edits(folder).edit[-1].text == insight.text
    qtbot.waitUntil(lambda: page.map.is_drawn, timeout=30_000)
    texts = [item.text for item in page.map.view.scene.items if isinstance(item, Text)]
    assert any("edited" in text for text in texts)
    with qtbot.waitSignal(page.side.journey_edited, timeout=30_000):
        box.hide_it.click()
    assert page.journey.steps[0].insight.text == "Hidden by the researcher."
    for expected in ("They <b>disagree</b> about the ad.", measured):
        with qtbot.waitSignal(page.side.journey_edited, timeout=30_000):
            box.undo.click()
        assert page.journey.steps[0].insight.text == expected
    assert not box.undo.isVisible()
    assert read_edits(folder).edit == ()


def test_an_edit_that_cannot_be_kept_is_said(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    _click_insight(qtbot, page)
    path = edits_path(folder)
    path.write_text("not = [toml", encoding="utf-8")
    try:
        page.side.list.insight.hide_it.click()
        qtbot.waitUntil(lambda: "is not valid TOML" in _words(page), timeout=30_000)
        assert page.journey.steps[0].insight.mark is None
        assert path.read_text(encoding="utf-8") == "not = [toml"
    finally:
        path.unlink()


def test_a_steps_picture_leads_to_its_heatmaps_and_back(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    target = StepTarget("ad")
    hit = next(hit for hit in page.map.view.scene.hits if hit.target == target)
    place = QPoint(round(hit.x + 10), round(hit.y + 10))
    view = page.views.heatmaps
    with qtbot.waitSignal(view.drawn, timeout=60_000):
        qtbot.mouseClick(page.map.view, Qt.MouseButton.LeftButton, pos=place)
    assert view.isVisible() and not page.side.isVisible()
    assert not page.bar.export.isEnabled()
    with qtbot.waitSignal(view.drawn, timeout=60_000):
        view.kinds.press(HeatKind.FROWN)
    surface = next(i for i in range(view.surfaces.count()) if "mobile" in view.surfaces.itemText(i))
    view.surfaces.setCurrentIndex(surface)
    with qtbot.waitSignal(view.drawn, timeout=60_000):
        view.surfaces.activated.emit(surface)
    with qtbot.waitSignal(view.written, timeout=60_000) as caught:
        view.export.click()
    assert caught.args[0].parent == folder.exports_path
    assert caught.args[0].name == "first-purchase-ad-frown-mobile.png"
    assert cv2.imread(str(caught.args[0])).shape[1] == 2560
    view.back.click()
    assert page.map.isVisible()


def test_lines_and_ways_are_shown_from_the_bar(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    menu = page.bar.show_menu
    menu.lines[TraceLine.PARTICIPANTS].trigger()
    menu.lines[TraceLine.MEAN].trigger()
    menu.gaze_error.trigger()
    qtbot.waitUntil(lambda: page.map.is_drawn, timeout=30_000)
    names = {layer.name for layer in page.map.view.scene.layers}
    assert {"participants", "gaze error"} <= names and "mean" not in names
    menu.lines[TraceLine.PARTICIPANTS].trigger()
    menu.lines[TraceLine.MEAN].trigger()
    menu.gaze_error.trigger()
    menu.ways.trigger()
    assert page.views.ways.isVisible() and not page.side.isVisible()
    assert not page.bar.export.isEnabled()
    qtbot.keyClick(page.views.ways, Qt.Key.Key_Escape)
    assert page.map.isVisible() and page.side.isVisible()


def test_time_within_steps_is_counted_in_seconds_on_demand(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    assert page.journey.basis is TimeBasis.SHARE
    page.bar.show_menu.seconds.trigger()
    qtbot.waitUntil(lambda: page.journey.basis is TimeBasis.SECONDS, timeout=30_000)


def test_two_devices_stand_side_by_side_and_small_groups_are_marked(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    view = page.views.segments
    with qtbot.waitSignal(view.shown, timeout=60_000) as caught:
        page.bar.choose_side_by_side()
    comparison = caught.args[0]
    assert (comparison.first.name, comparison.second.name) == ("desktop", "mobile")
    assert (comparison.first.n_people, comparison.second.n_people) == (2, 1)
    assert "desktop has 2, mobile has 1" in view.status.text()
    with qtbot.waitSignal(view.shown, timeout=60_000) as caught:
        view.first.setCurrentIndex(1)
        view.first.activated.emit(1)
    assert (caught.args[0].first.name, caught.args[0].second.name) == ("mobile", "desktop")
    view.back.click()
    assert page.map.isVisible()
    assert page.bar.choices.value == {}


def test_the_zoom_is_shown_and_set_in_the_bar(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.bar.zoom.larger.click()
    assert page.map.zoom == pytest.approx(1.25)
    assert page.bar.zoom.whole.text() == "125 %"
    page.bar.zoom.whole.click()
    assert page.map.zoom == 1.0
    assert not page.bar.zoom.smaller.isEnabled()


def test_a_device_is_chosen_by_button(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    page.bar.choose({"device": "mobile"})
    qtbot.waitUntil(
        lambda: page.journey is not None and page.journey.segment == {"device": "mobile"},
        timeout=30_000,
    )
    assert [s.summary.participant_id for s in page.journey.sessions] == ["P02"]


def test_export_writes_the_chosen_format_and_says_where(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    with qtbot.waitSignal(page.exported, timeout=60_000) as caught:
        page.bar.export.choose("Picture (PNG)")
    (picture,) = caught.args[0]
    assert picture.parent == folder.exports_path
    assert cv2.imread(str(picture)).shape[1] >= 3840
    assert str(picture) in page.bar.status
    assert page.bar.export.button.isEnabled()
    with qtbot.waitSignal(page.exported, timeout=60_000) as caught:
        page.bar.export.choose("All formats, without faces")
    written = caught.args[0]
    assert {path.suffix for path in written} == {f".{name}" for name in FORMATS}
    assert f"{len(written)} files" in page.bar.status


def test_a_page_with_faces_is_a_choice_of_its_own(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    faces = {}
    for words in ("Web page (HTML)", "Web page with faces (HTML)"):
        with qtbot.waitSignal(page.exported, timeout=60_000) as caught:
            page.bar.export.choose(words)
        faces[words] = caught.args[0][0].read_bytes().count(b"data:image/jpeg")
    assert faces["Web page (HTML)"] == 0 < faces["Web page with faces (HTML)"]


def test_a_long_export_shows_its_progress_and_can_be_stopped(
    qtbot: QtBot,
    page: AnalysisPage,
    folder: StudyFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from journeylab.ui.analysis import page as module

    may_go_on = threading.Event()

    def slow(*_: object, **_options: object) -> object:
        def work(progress: Callable[[float], None]) -> object:
            progress(0.5)
            assert may_go_on.wait(20)
            progress(0.9)
            return [Path("never told")]

        return work

    _load(qtbot, page, folder)
    monkeypatch.setattr(module, "export_work", slow)
    told: list[object] = []
    page.exported.connect(told.append)
    page.bar.export.choose("Slides (PowerPoint)")
    assert not page.bar.export.shows_progress
    assert not page.bar.export.button.isEnabled()
    qtbot.waitUntil(lambda: page.bar.export.shows_progress, timeout=3000)
    next(b for b in page.bar.findChildren(QPushButton) if b.text() == "Stop").click()
    may_go_on.set()
    assert not page.bar.export.shows_progress
    assert page.bar.export.button.isEnabled()
    assert page.bar.status == "Export stopped"
    qtbot.wait(200)
    assert not told


def test_a_failed_export_is_said_and_leaves_no_half_file(
    qtbot: QtBot, page: AnalysisPage, tmp_path: Path
) -> None:
    folder = save_study(tmp_path, study_of())
    folder.prepare_for_writing()
    write_bundle(folder, Recipe("P01", visits=VISITS, story=HAPPY))
    _load(qtbot, page, folder)
    for path in sorted(folder.exports_path.rglob("*"), reverse=True):
        path.unlink()
    folder.exports_path.rmdir()
    folder.exports_path.write_text("in the way")
    page.bar.export.choose("Document (PDF)")
    qtbot.waitUntil(lambda: "cannot be written" in page.bar.status, timeout=60_000)
    assert page.bar.export.button.isEnabled()
    assert not list(tmp_path.rglob("*.partial"))


def test_arrow_keys_walk_along_the_trace(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    chosen: list[MomentTarget] = []
    page.map.view.chosen.connect(chosen.append)
    for _ in range(2):
        qtbot.keyClick(page.map.view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: len(chosen) == 2)
    assert chosen[1].position_s == pytest.approx(1.0, abs=0.3)


def test_the_pointers_reading_says_its_base(
    qtbot: QtBot, page: AnalysisPage, folder: StudyFolder
) -> None:
    _load(qtbot, page, folder)
    landing = page.journey.steps[1]
    words = reading_words(page.journey, landing.start_s + 1.2)
    assert words.startswith("Landing · 0:04 · valence ")
    assert words.endswith("N = 2")
    assert "not measured" in reading_words(page.journey, page.journey.steps[-1].start_s + 1)


def test_markup_in_names_is_shown_not_obeyed(page: AnalysisPage, folder: StudyFolder) -> None:
    model = SessionModel()
    from journeylab.analysis.sessions import unreadable

    summary = replace(
        unreadable(folder.sessions_path / "x.h5", "<b>bad</b>"), participant_id="<i>P</i>"
    )
    model.show_sessions([summary])
    tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;bad&lt;/b&gt;" in tip
    assert page.panel.moment is None


def test_a_second_is_a_second_in_every_session(folder: StudyFolder) -> None:
    from journeylab.analysis.journey_builder import build_journey_map

    journey = build_journey_map(folder)
    for session in journey.sessions:
        reached = session.t_ns[session.t_ns >= 0]
        assert (reached[1:] > reached[:-1]).all()
        assert reached[-1] - reached[0] > NS_PER_S
