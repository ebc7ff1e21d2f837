"""The study's health, a comparison and the expected map, through the pages a person uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from analysis.planted import PLAN, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from journeylab.analysis.exclusions import EXCLUSIONS_FILE, read_decisions
from journeylab.analysis.expected import EXPECTED_FILE, read_expected
from journeylab.app.replaying import ReplayWiring
from journeylab.app.studying import StudyWiring
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.study_key import KEYRING, encrypt_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.study_views import StudyView
from journeylab.ui.moderator.unlock import UnlockDialog
from journeylab.ui.widgets.background import Background

SHORT = tuple((plan[0], 1.0) for plan in PLAN)
_LONG_MS = 180_000


def _study(path: Path, n: int = 3, **changes: object) -> StudyFolder:
    folder = save_study(path, study_of().model_copy(update=changes))
    folder.prepare_for_writing()
    for number in range(1, n + 1):
        write_bundle(folder, Recipe(f"P0{number}", visits=SHORT, seed=number))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return _study(tmp_path / "study")


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[SimpleNamespace]:
    clock = VirtualClock(start_ns=NS_PER_S, wall_start_ns=1_795_340_000 * NS_PER_S)
    parent = QWidget()
    background = Background(parent)
    analysis = AnalysisPage()
    replay = ReplayWiring(analysis, clock=clock, background=background, parent=parent)
    wiring = StudyWiring(replay, clock=clock, parent=parent)
    qtbot.addWidget(parent)
    qtbot.addWidget(wiring.views)
    wiring.views.resize(1366, 722)
    wiring.views.show()
    yield SimpleNamespace(
        wiring=wiring, views=wiring.views, analysis=analysis, health=wiring.views.health,
        compare=wiring.views.compare, expected=wiring.views.expected, replay=replay,
    )  # fmt: skip
    wiring.shut_down()
    background.close().result(10)


def _health(qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder) -> None:
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.HEALTH)
    qtbot.waitUntil(lambda: desk.health.sessions.model().rowCount() > 0, timeout=_LONG_MS)


def _choose(desk: SimpleNamespace, row: int) -> None:
    desk.health.sessions.setCurrentIndex(desk.health.sessions.model().index(row))


def test_a_session_is_excluded_with_a_reason_and_comes_back(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    _health(qtbot, desk, folder)
    _choose(desk, 1)
    assert desk.health.chosen.participant_id == "P02"
    assert not desk.health.decide.isEnabled()  # not without a reason
    QTest.keyClicks(desk.health.reason, "Talked on the phone")
    QTest.keyClick(desk.health.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: desk.analysis.journey is not None and desk.analysis.journey.n_usable == 2,
        timeout=_LONG_MS,
    )
    qtbot.waitUntil(lambda: desk.health.decide.text() == "Include", timeout=_LONG_MS)
    assert any("left out" in note for note in desk.analysis.journey.notes)
    # Why is for the team: notes go with the map to others.
    assert not any("Talked on the phone" in note for note in desk.analysis.journey.notes)
    assert desk.health.chosen.participant_id == "P02"
    QTest.keyClicks(desk.health.reason, "It was P03 who did")
    desk.health.decide.click()
    qtbot.waitUntil(lambda: desk.health.decide.text() == "Exclude", timeout=_LONG_MS)
    assert [one.is_excluded for one in read_decisions(folder).decision] == [True, False]
    assert read_decisions(folder).decision[0].decided_utc.startswith("2026-11-")


def test_decisions_about_sessions_that_are_gone_are_told_and_can_be_forgotten(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    (folder.path / EXCLUSIONS_FILE).write_text(
        '[[decision]]\nsession_id = "P77-1"\nparticipant_id = "P77"\nfile = "P77-1.h5"\n'
        'is_excluded = true\nreason = "Ill"\nauthor = "anna"\ndecided_utc = ""\n'
    )
    _health(qtbot, desk, folder)
    assert desk.health.forget.isVisible()
    desk.health.forget.click()
    qtbot.waitUntil(lambda: not desk.health.forget.isVisible(), timeout=_LONG_MS)
    assert read_decisions(folder).decision == ()


def test_a_damaged_file_of_exclusions_is_told_where_it_matters(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    (folder.path / EXCLUSIONS_FILE).write_text("[[decision]\n")
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.HEALTH)
    qtbot.waitUntil(lambda: "not valid TOML" in desk.health.message, timeout=_LONG_MS)
    assert desk.health.retry.isVisible()
    (folder.path / EXCLUSIONS_FILE).unlink()
    desk.health.retry.click()
    qtbot.waitUntil(lambda: desk.health.message == "", timeout=_LONG_MS)
    assert desk.health.sessions.model().rowCount() == 3


def test_the_detectors_are_tried_on_fewer_once_the_health_is_shown(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    _health(qtbot, desk, folder)
    qtbot.waitUntil(
        lambda: (shown := desk.health.plot.saturation) is not None and shown.found is not None,
        timeout=_LONG_MS,
    )
    assert desk.health.plot.saturation.found.sizes.tolist() == [3]


def test_two_studies_are_compared_turned_around_and_written(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, tmp_path: Path
) -> None:
    other = _study(tmp_path / "earlier", title="Earlier")
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.COMPARE)
    assert not desk.compare.turn.isVisible()
    desk.wiring.compared.compare_with(other.path)
    qtbot.waitUntil(lambda: desk.compare.comparison is not None, timeout=_LONG_MS)
    first = desk.compare.comparison.first.name
    desk.compare.turn.click()
    qtbot.waitUntil(
        lambda: desk.compare.comparison is not None and desk.compare.comparison.first.name != first,
        timeout=_LONG_MS,
    )
    desk.compare.export.asked.emit(ExportChoice(("svg",)))
    qtbot.waitUntil(lambda: any(folder.exports_path.glob("*compared*.svg")), timeout=_LONG_MS)


def test_a_locked_study_is_unlocked_before_it_is_compared_with(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, tmp_path: Path
) -> None:
    words = "four quite unrelated words"
    other = encrypt_study(_study(tmp_path / "earlier", title="Earlier"), words)
    for bundle in other.bundles():
        encrypt_bundle(bundle, other.study.privacy.encrypt_to or "")
    KEYRING.drop(other.path)
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.COMPARE)
    desk.wiring.compared.compare_with(other.path)
    assert "is encrypted: unlock it" in desk.compare.failure
    (dialog,) = desk.compare.findChildren(UnlockDialog)
    dialog.passphrase.setText(words)
    dialog.unlock_button.click()
    qtbot.waitUntil(lambda: desk.compare.comparison is not None, timeout=_LONG_MS)


def test_a_study_without_shared_steps_is_told_and_another_can_be_chosen(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, tmp_path: Path
) -> None:
    steps = study_of((("elsewhere", "Elsewhere", "Decision", 5.0),)).steps
    other = _study(tmp_path / "apart", 0, steps=steps, title="Apart")
    write_bundle(other, Recipe("P01", visits=(("elsewhere", 4.0),), story=()))
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.COMPARE)
    desk.wiring.compared.compare_with(other.path)
    qtbot.waitUntil(lambda: bool(desk.compare.failure), timeout=_LONG_MS)
    assert "have no step in common" in desk.compare.failure
    desk.wiring.compared.compare_with(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: "There is no study.toml" in desk.compare.failure, timeout=_LONG_MS)


def test_what_is_expected_is_drawn_by_mouse_and_keys_and_locked(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.EXPECTED)
    canvas = desk.expected.canvas
    qtbot.waitExposed(desk.views)

    def at(index: int, value: float) -> QPoint:
        return canvas.place_of(index, value).toPoint()

    button = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas, button, pos=at(0, 40))
    QTest.mouseMove(canvas, at(1, -20))
    QTest.mouseRelease(canvas, button, pos=at(1, -20))
    assert [(one.step_id, one.valence) for one in desk.expected.draft] == [
        ("ad", 40.0),
        ("landing", -20.0),
    ]
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(desk.expected.words, "They love it")
    assert desk.expected.draft[-1].valence == 6.0
    assert not desk.expected.lock.isEnabled()  # nobody said who expects it
    QTest.keyClicks(desk.expected.authors, "Anna, Ben")
    desk.expected.lock.click()
    qtbot.waitUntil(lambda: desk.expected.versions.count() == 2, timeout=_LONG_MS)
    qtbot.waitUntil(lambda: desk.expected.status.startswith("Locked."), timeout=_LONG_MS)
    (version,) = read_expected(folder).version
    assert version.authors == "Anna, Ben"
    assert version.point[-1].words == "They love it"
    qtbot.waitUntil(
        lambda: desk.analysis.journey is not None and desk.analysis.journey.expected is not None,
        timeout=_LONG_MS,
    )
    QTest.mouseClick(canvas, button, pos=at(0, -80))  # locked: nothing is drawn any more
    assert read_expected(folder).version == (version,)
    assert canvas.values["ad"] == 40.0


def test_a_damaged_expected_file_is_told_and_kept(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    (folder.path / EXPECTED_FILE).write_text("[[version]\n")
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.EXPECTED)
    qtbot.waitUntil(lambda: "not valid TOML" in desk.expected.status, timeout=_LONG_MS)
    assert (folder.path / EXPECTED_FILE).read_text() == "[[version]\n"


def test_a_replay_from_the_health_page_hides_the_strip_and_leads_back_to_the_map(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    _health(qtbot, desk, folder)
    _choose(desk, 0)
    desk.health.sessions.open_selected()
    assert desk.replay.rooms.is_replaying
    assert desk.views.view is StudyView.MAP
    desk.replay.leave()
    assert not desk.replay.rooms.is_replaying


@pytest.mark.parametrize("size", [(1366, 722), (1920, 1034)])
def test_no_page_needs_more_room_than_there_is(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, size: tuple[int, int]
) -> None:
    _health(qtbot, desk, folder)
    desk.views.resize(*size)
    for page in (desk.health, desk.compare, desk.expected):
        least = page.minimumSizeHint()
        assert least.width() <= size[0]
        assert least.height() <= size[1] - 40


def test_reading_two_studies_can_be_stopped(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, tmp_path: Path
) -> None:
    other = _study(tmp_path / "earlier", title="Earlier")
    desk.wiring.open_study(folder)
    desk.views.show_view(StudyView.COMPARE)
    desk.wiring.compared.compare_with(other.path)
    assert desk.compare.waiting.stop.isVisible()
    desk.compare.waiting.stop.click()
    assert not desk.compare.waiting.stop.isVisible()
    qtbot.wait(1500)
    assert desk.compare.comparison is None
    assert desk.compare.failure == ""
