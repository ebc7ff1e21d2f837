"""What a researcher writes is written where it belongs, and never lost without a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from analysis.planted import START_NS, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from journeylab.app.annotation_file import AnnotationFile
from journeylab.app.replaying import ReplayWiring
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.study.folder import StudyFolder, save_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.widgets.background import Background

VISITS = (("ad", 3.0),)
_LONG_MS = 20_000


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = save_study(tmp_path / "study", study_of())
    made.prepare_for_writing()
    return made


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[SimpleNamespace]:
    parent = QWidget()
    background = Background(parent)
    analysis = AnalysisPage()
    clock = VirtualClock(start_ns=NS_PER_S, wall_start_ns=1_795_340_000 * NS_PER_S)
    wiring = ReplayWiring(analysis, clock=clock, background=background, parent=parent)
    qtbot.addWidget(parent)
    qtbot.addWidget(wiring.rooms)
    wiring.rooms.resize(1366, 720)
    wiring.rooms.show()
    yield SimpleNamespace(wiring=wiring, analysis=analysis, page=wiring.page)
    wiring.shut_down()
    analysis.shut_down()
    background.close().result(10)


def _open(qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, path: Path) -> ReplayPage:
    desk.analysis.set_study(folder)
    page: ReplayPage = desk.page
    with qtbot.waitSignals([page.shown, page.worker.indexed], timeout=_LONG_MS):
        desk.wiring.open(ReplayTarget(path))
    return page


def _two(folder: StudyFolder) -> tuple[Path, Path]:
    first, second = (
        write_bundle(folder, Recipe(f"P0{n}", visits=VISITS, seed=n, pictures=False))
        for n in (1, 2)
    )
    return first, second


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_what_was_begun_in_one_session_is_not_written_into_the_next(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    first, second = _two(folder)
    page = _open(qtbot, desk, folder, first)
    qtbot.keyClick(page, Qt.Key.Key_A)
    qtbot.keyClicks(page.side.annotations.line, "of the first")
    desk.wiring.leave()
    _open(qtbot, desk, folder, second)
    page.side.show_list(2)
    line = page.side.annotations.line
    assert line.isHidden() and line.text() == ""
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.wait(50)
    assert AnnotationFile(folder, second, "P02-2").read().annotations == ()


def test_what_could_not_be_written_is_kept_and_written_with_the_next(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    bundle, _ = _two(folder)
    page = _open(qtbot, desk, folder, bundle)
    in_the_way = folder.annotations_path
    in_the_way.write_text("a file where the folder should be")
    page.annotation_written.emit(START_NS, "first")
    qtbot.waitUntil(lambda: "tried again with the next change" in _words(page.side))
    page.annotation_written.emit(START_NS + 1, "second")
    rows = page.side.annotations.list.rows
    assert [row.detail for row in rows] == ["first", "second"]
    assert page.side.annotations.add.isEnabled()
    qtbot.wait(100)
    in_the_way.unlink()
    page.annotation_written.emit(START_NS + 2, "third")
    kept = AnnotationFile(folder, bundle, "P01-1")
    qtbot.waitUntil(
        lambda: [one.text for one in kept.read().annotations] == ["first", "second", "third"]
    )
    qtbot.waitUntil(lambda: "tried again" not in _words(page.side))


def test_delete_takes_no_annotation_that_is_not_seen(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    bundle, _ = _two(folder)
    page = _open(qtbot, desk, folder, bundle)
    page.annotation_written.emit(START_NS, "stays")
    kept = AnnotationFile(folder, bundle, "P01-1")
    qtbot.waitUntil(lambda: len(kept.read().annotations) == 1)
    page.side.select_annotation(kept.read().annotations[0].id)
    page.side.show_list(0)
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    qtbot.wait(100)
    assert len(kept.read().annotations) == 1
    page.side.show_list(2)
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: kept.read().annotations == ())


def test_a_span_of_one_end_is_a_clip_long_and_can_be_cleared(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder
) -> None:
    bundle = write_bundle(folder, Recipe("P03", visits=(("ad", 30.0),), pictures=False))
    page = _open(qtbot, desk, folder, bundle)
    page.player.seek(START_NS + 20 * NS_PER_S)
    qtbot.keyClick(page, Qt.Key.Key_BracketRight)
    assert page.span_ns() == (START_NS + 10 * NS_PER_S, START_NS + 20 * NS_PER_S)
    assert page.transport.clear_span.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_X)
    assert page.span_ns() is None and not page.transport.clear_span.isEnabled()
