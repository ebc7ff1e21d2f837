"""From the map to the replay and back: seeking, keys, annotations, clips, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from analysis.planted import START_NS, Bump, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from ui.clipping import clipped

from journeylab.app.annotation_file import AnnotationFile, encrypt_annotations
from journeylab.app.clip import RATE_HZ, clip_path, write_clip
from journeylab.app.erase import erase, plan_erasure
from journeylab.app.replaying import ReplayWiring
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.study_key import KEYRING, encrypt_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.clip_dialog import ClipChoice
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.analysis.session_list import SUMMARY_ROLE
from journeylab.ui.widgets.background import Background

VISITS = (("ad", 3.0), ("compare", 4.0), ("checkout", 3.0))
STORY = (Bump("compare", 0.5, 0.6, -60, {"AU04": 0.8}, {"confusion": 0.9}),)
_LONG_MS = 20_000


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = save_study(tmp_path / "study", study_of())
    made.prepare_for_writing()
    return made


@pytest.fixture
def bundle(folder: StudyFolder) -> Path:
    return write_bundle(folder, Recipe("P01", visits=VISITS, story=STORY, frames=True))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[SimpleNamespace]:
    """Both pages as the window joins them, on a clock the test turns."""
    clock = VirtualClock(start_ns=NS_PER_S, wall_start_ns=1_795_340_000 * NS_PER_S)
    parent = QWidget()
    background = Background(parent)
    analysis = AnalysisPage()
    wiring = ReplayWiring(analysis, clock=clock, background=background, parent=parent)
    qtbot.addWidget(parent)
    qtbot.addWidget(wiring.rooms)
    wiring.rooms.resize(1366, 720)
    wiring.rooms.show()
    yield SimpleNamespace(clock=clock, wiring=wiring, analysis=analysis, page=wiring.page)
    wiring.shut_down()
    analysis.shut_down()
    background.close().result(10)


def _load(qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder) -> None:
    desk.analysis.set_study(folder)
    qtbot.waitUntil(lambda: desk.analysis.journey is not None, timeout=_LONG_MS)


def _open(qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, path: Path) -> ReplayPage:
    desk.analysis.set_study(folder)
    page: ReplayPage = desk.page
    with qtbot.waitSignals([page.shown, page.worker.indexed], timeout=_LONG_MS):
        desk.wiring.open(ReplayTarget(path))
    return page


def _seconds(page: ReplayPage) -> float:
    return (page.player.position_ns - START_NS) / NS_PER_S


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_a_moment_of_the_map_opens_the_replay_there_and_esc_goes_back(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    _load(qtbot, desk, folder)
    from journeylab.report.scene import MomentTarget

    with qtbot.waitSignal(desk.analysis.moment_shown, timeout=_LONG_MS) as caught:
        desk.analysis.open_moment(MomentTarget(1.5, None))
        desk.analysis.side.look_at(desk.analysis.side.list.moments[0].choice)
    with qtbot.waitSignal(desk.page.shown, timeout=_LONG_MS) as shown:
        desk.analysis.panel.replay.click()
    assert desk.wiring.rooms.is_replaying
    assert shown.args[0].view.t_ns == caught.args[0].choice.t_ns
    qtbot.keyClick(desk.page, Qt.Key.Key_Escape)
    assert not desk.wiring.rooms.is_replaying
    bundle.unlink()  # nothing holds it any more


def test_a_session_of_the_list_opens_from_its_first_step(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    _load(qtbot, desk, folder)
    sessions = desk.analysis.sessions
    index = sessions.model().index(0, 0)
    assert index.data(SUMMARY_ROLE).path == bundle
    sessions.setCurrentIndex(index)
    with qtbot.waitSignal(desk.page.shown, timeout=_LONG_MS):
        qtbot.keyClick(sessions, Qt.Key.Key_Return)
    assert _seconds(desk.page) == 0
    assert "P01 · desktop · simulated Ad" in desk.page.head.words


def test_keys_play_and_seek_and_step(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    for key, seconds in (
        (Qt.Key.Key_Right, 5.0),
        (Qt.Key.Key_Left, 0.0),
        (Qt.Key.Key_Period, 0.1),
        (Qt.Key.Key_Period, 0.2),
        (Qt.Key.Key_Comma, 0.1),
        (Qt.Key.Key_Home, 0.0),
    ):
        qtbot.keyClick(page, key)
        assert _seconds(page) == pytest.approx(seconds, abs=1e-3), key
    qtbot.keyClick(page, Qt.Key.Key_Plus)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.player.is_playing and page.player.speed == 2.0
    with qtbot.waitSignal(page.shown, timeout=_LONG_MS):
        desk.clock.advance_ns(NS_PER_S)
    assert _seconds(page) == pytest.approx(2.0)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    desk.clock.advance_ns(NS_PER_S)
    assert _seconds(page) == pytest.approx(2.0)
    qtbot.keyClick(page, Qt.Key.Key_B)
    qtbot.waitUntil(page.transport.blur.isChecked)


def test_all_that_is_shown_is_of_one_time(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    t_ns = START_NS + 5 * NS_PER_S
    with qtbot.waitSignal(page.shown, timeout=_LONG_MS) as caught:
        page.player.seek(t_ns)
    view = caught.args[0].view
    assert view.t_ns == t_ns
    assert abs(view.frame_ns - t_ns) <= NS_PER_S // 10
    assert "Compare" in page.head.words
    assert page.transport.time.text() == "0:05.0 / 0:10"
    assert page.measures.words.startswith("−")
    box, place = page.screen_picture.box(), page.screen_picture.gaze_place()
    assert place is not None and box.contains(place)
    assert (place.x() - box.left()) / box.width() == pytest.approx(view.instant.gaze_px[0] / 1280)


def test_of_many_seeks_the_last_is_shown(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    shown: list[int] = []
    page.shown.connect(lambda painted: shown.append(painted.view.t_ns))
    times = [START_NS + k * NS_PER_S // 20 for k in range(180)]
    for t_ns in times:
        page.player.seek(t_ns)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1] == times[-1], timeout=_LONG_MS)
    assert len(shown) < len(times) / 2


def test_the_severest_moment_is_listed_first_and_a_click_seeks_there(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    moments = page.side.moments
    assert moments.rows[0].title == "Compare"
    assert [row.strength for row in moments.rows] == sorted(
        (row.strength for row in moments.rows), reverse=True
    )
    place = moments.visualRect(moments.model().index(0, 0)).center()
    qtbot.mouseClick(moments.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.player.position_ns == moments.rows[0].t_ns
    assert 3.0 <= _seconds(page) < 5.0


def test_the_timeline_seeks_where_it_is_pressed(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    axis = page.timeline.axis
    t_ns = START_NS + 6 * NS_PER_S
    place = QPoint(round(44 + axis.x_of(t_ns)), 60)
    qtbot.mouseClick(page.timeline, Qt.MouseButton.LeftButton, pos=place)
    assert _seconds(page) == pytest.approx(6.0, abs=0.02)


def test_annotations_are_kept_beside_the_study_and_undone(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    before = bundle.read_bytes()
    page = _open(qtbot, desk, folder, bundle)
    panel = page.side.annotations
    page.player.seek(START_NS + 4 * NS_PER_S)
    qtbot.keyClick(page, Qt.Key.Key_A)
    for letter in "a b.c":  # keys of the replay are letters while text is typed
        qtbot.keyClick(panel.line, letter)
    qtbot.keyClick(panel.line, Qt.Key.Key_Return)
    kept = AnnotationFile(folder, bundle, "P01-1")
    qtbot.waitUntil(lambda: len(kept.read().annotations) == 1)
    (one,) = kept.read().annotations
    assert (one.text, one.t_ns) == ("a b.c", START_NS + 4 * NS_PER_S)
    assert one.author and one.created_utc.startswith("2026-11-22T")
    assert kept.path == folder.path / "annotations" / f"{bundle.stem}.json"
    timeline, axis = page.timeline, page.timeline.axis
    flag = QPoint(round(44 + axis.x_of(one.t_ns)) + 2, timeline.height() - 29)
    there = QPoint(round(44 + axis.x_of(START_NS + 7 * NS_PER_S)), flag.y())
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=flag)
    qtbot.mouseMove(timeline, there)
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=there)
    qtbot.waitUntil(lambda: kept.read().annotations[0].t_ns > START_NS + 6.9 * NS_PER_S)
    qtbot.keyClick(page, Qt.Key.Key_Delete)  # it is the one that was dragged
    qtbot.waitUntil(lambda: kept.read().annotations == ())
    for n_left in (1, 1, 0):
        qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda n=n_left: len(kept.read().annotations) == n)  # type: ignore[misc]
    assert not panel.undo.isEnabled()
    assert bundle.read_bytes() == before


def test_annotations_come_back_and_a_file_that_is_none_is_not_written_over(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    page.annotation_written.emit(START_NS + NS_PER_S, "<b>first</b>")
    kept = AnnotationFile(folder, bundle, "P01-1")
    qtbot.waitUntil(lambda: len(kept.read().annotations) == 1)
    _open(qtbot, desk, folder, bundle)
    qtbot.waitUntil(
        lambda: [row.detail for row in page.side.annotations.list.rows] == ["<b>first</b>"]
    )
    kept.path.write_text("not a document", encoding="utf-8")
    _open(qtbot, desk, folder, bundle)
    page.side.show_list(2)
    qtbot.waitUntil(lambda: "cannot be read" in _words(page.side))
    page.annotation_written.emit(START_NS, "second")
    assert kept.path.read_text(encoding="utf-8") == "not a document"


def test_annotations_of_an_encrypted_study_are_encrypted(folder: StudyFolder, bundle: Path) -> None:
    from journeylab.analysis.replay_annotations import added

    before = AnnotationFile(folder, bundle, "P01-1")
    before.change(added(0, "she came late", author="kim", now_utc="x", new_id="0"))
    encrypted = encrypt_study(folder, "four quite unrelated words")
    try:
        kept = AnnotationFile(encrypted, bundle, "P01-1")
        assert kept.read().annotations[0].text == "she came late"
        encrypt_annotations(encrypted)
        assert not before.path.exists()
        kept.change(added(1, "she said so", author="kim", now_utc="x", new_id="1"))
        assert b"she said so" not in kept.path.read_bytes()
        assert [one.text for one in kept.read().annotations] == ["she came late", "she said so"]
        KEYRING.drop(folder.path)
        with pytest.raises(AnalysisError, match="passphrase"):
            kept.read()
    finally:
        KEYRING.drop(folder.path)


def test_annotations_are_erased_with_the_participant(folder: StudyFolder, bundle: Path) -> None:
    from journeylab.analysis.replay_annotations import added

    other = write_bundle(folder, Recipe("P01-b", visits=VISITS[:1], seed=2))
    files = [AnnotationFile(folder, path, "x") for path in (bundle, other)]
    for one in files:
        one.change(added(1, "a word", author="kim", now_utc="x", new_id="1"))
    erase(*plan_erasure(folder.path, "P01"))
    assert not files[0].path.exists()
    assert files[1].path.exists()


@pytest.mark.parametrize("harm", ["no bundle", "cut short", "gone"])
def test_a_damaged_session_is_said_in_a_sentence(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path, harm: str
) -> None:
    data = bundle.read_bytes()
    if harm == "gone":
        bundle.unlink()
    else:
        bundle.write_bytes(b"no bundle" if harm == "no bundle" else data[: len(data) // 2])
    desk.analysis.set_study(folder)
    with qtbot.waitSignal(desk.page.worker.failed, timeout=_LONG_MS) as caught:
        desk.wiring.open(ReplayTarget(bundle))
    assert bundle.name in caught.args[0]
    assert caught.args[0] in _words(desk.page)
    qtbot.keyClick(desk.page, Qt.Key.Key_Escape)
    assert not desk.wiring.rooms.is_replaying


def test_a_locked_session_says_what_to_do(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    locked = encrypt_study(folder, "four quite unrelated words")
    path = encrypt_bundle(bundle, locked.study.privacy.encrypt_to or "")
    KEYRING.drop(folder.path)
    desk.analysis.set_study(load_study(folder.path))
    with qtbot.waitSignal(desk.page.worker.failed, timeout=_LONG_MS):
        desk.wiring.open(ReplayTarget(path))
    assert "passphrase" in _words(desk.page)


def test_a_study_may_want_faces_blurred_from_the_start(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    assert not page.transport.blur.isChecked()
    privacy = folder.study.privacy.model_copy(update={"blur_faces": True})
    wants = save_study(folder.path, folder.study.model_copy(update={"privacy": privacy}))
    assert load_study(folder.path).study.privacy.blur_faces
    shown: list[bool] = []
    page.shown.connect(lambda painted: shown.append(painted.view.is_blurred))
    _open(qtbot, desk, wants, bundle)
    assert shown and all(shown)


@pytest.mark.parametrize("size", [(1180, 652), (1366, 720), (1920, 1032)])
def test_no_word_is_cut_off_at_any_size(
    qtbot: QtBot,
    desk: SimpleNamespace,
    folder: StudyFolder,
    bundle: Path,
    size: tuple[int, int],
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    desk.wiring.rooms.resize(*size)
    page.head.whole_page.show()
    page.head.say("No face video was recorded. No point of gaze: gaze was not calibrated.")
    page.annotation_written.emit(START_NS + NS_PER_S, "Wants to see the costs of the delivery")
    for shown in range(3):
        page.side.show_list(shown)
        qtbot.wait(50)
        assert desk.wiring.rooms.width() == size[0]
        assert clipped(page) == []
    page.begin_annotation()
    assert clipped(page) == []
    page.ask_for_clip()
    assert clipped(desk.wiring.dialog) == []
    desk.wiring.dialog.sound.setChecked(True)
    assert clipped(desk.wiring.dialog) == []


def _pictures_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]


def test_a_clip_holds_its_span_with_the_face_blurred(folder: StudyFolder, bundle: Path) -> None:
    pictures = {}
    for blurs in (True, False):
        choice = ClipChoice(START_NS + NS_PER_S, START_NS + 3 * NS_PER_S, blurs)
        path = clip_path(folder.exports_path, bundle, choice, start_ns=START_NS)
        shares: list[float] = []
        assert write_clip(bundle, path, choice, progress=shares.append) == path
        assert path.name.startswith(bundle.stem) and shares == sorted(shares)
        pictures[blurs] = _pictures_of(path)
        assert len(pictures[blurs]) == 2 * RATE_HZ
    assert list(folder.exports_path.glob("*.partial")) == []
    side = (slice(12, 348), slice(948, 1268))  # where the face stands
    plain, blurred = (pictures[blurs][30][side].astype(int) for blurs in (False, True))
    edges = [np.abs(np.diff(one[:, :, 1], axis=1)).max() for one in (plain, blurred)]
    assert edges[0] > 60
    assert edges[1] < 30  # no mesh was planted: the whole picture is blurred
    screen = (slice(0, 660), slice(0, 930))
    difference = pictures[True][30][screen].astype(int) - pictures[False][30][screen]
    assert np.abs(difference).mean() < 2


def test_a_clip_that_cannot_be_made_is_said_and_leaves_nothing(
    folder: StudyFolder, bundle: Path
) -> None:
    target = folder.exports_path / "clip.mp4"
    for choice in (ClipChoice(5, 5), ClipChoice(0, 3600 * NS_PER_S)):
        with pytest.raises(AnalysisError, match="cannot be made"):
            write_clip(bundle, target, choice, progress=lambda _: None)

    class StoppedError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise StoppedError

    choice = ClipChoice(START_NS, START_NS + 2 * NS_PER_S)
    with pytest.raises(StoppedError):
        write_clip(bundle, target, choice, progress=stop)
    assert list(folder.exports_path.glob("clip*")) == []


def test_the_clips_dialog_writes_what_was_chosen(
    qtbot: QtBot, desk: SimpleNamespace, folder: StudyFolder, bundle: Path
) -> None:
    page = _open(qtbot, desk, folder, bundle)
    page.player.seek(START_NS + NS_PER_S)
    qtbot.keyClick(page, Qt.Key.Key_BracketLeft)
    page.player.seek(START_NS + 2 * NS_PER_S)
    qtbot.keyClick(page, Qt.Key.Key_BracketRight)
    qtbot.keyClick(page, Qt.Key.Key_C)
    dialog = desk.wiring.dialog
    assert dialog is not None and dialog.blur.isChecked() and not dialog.sound.isEnabled()
    dialog.save.click()
    qtbot.waitUntil(lambda: "Written to" in _words(dialog), timeout=_LONG_MS)
    (path,) = folder.exports_path.glob("*.mp4")
    assert len(_pictures_of(path)) == RATE_HZ
    with Bundle.open(bundle) as still_there:
        assert "camera" in still_there.streams
