"""Clips show what the participant agreed to, tell what was chosen, and never each other's name."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from analysis.planted import START_NS, Bump, Recipe, study_of
from analysis.planted_bundles import write_bundle
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from journeylab.analysis.replay import ReplayTrack, read_track
from journeylab.analysis.replay_events import EventIndex, EventKind, ReplayEvent
from journeylab.analysis.replay_view import ReplayReader
from journeylab.app.clip import clip_path, write_clip
from journeylab.app.clip_picture import ClipPicture
from journeylab.app.export import run_export
from journeylab.app.redact import run_redact
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.study_key import KEYRING, encrypt_study
from journeylab.ui.analysis.replay.clip_dialog import ClipChoice, ClipDialog

VISITS = (("ad", 3.0), ("compare", 4.0))
STORY = (Bump("compare", 0.5, 0.6, -60, {"AU04": 0.8}, {"confusion": 0.9}),)
SECOND = ClipChoice(START_NS + NS_PER_S, START_NS + 2 * NS_PER_S)
TRACE = (slice(510, 660), slice(948, 1268))


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    made = save_study(tmp_path / "study", study_of())
    made.prepare_for_writing()
    return made


def _bundle(folder: StudyFolder, participant: str = "P01", **changes: object) -> Path:
    recipe = Recipe(participant, visits=VISITS, story=STORY, **changes)  # type: ignore[arg-type]
    return write_bundle(folder, recipe)


def _agreed(sharing: str) -> dict[str, object]:
    consent = {"face_video": "yes", "screen": "yes", "emotion_recognition": "yes"}
    return {"simulated": False, "consent": consent | ({"sharing": sharing} if sharing else {})}


def _pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]


def _words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


@pytest.mark.parametrize("sharing", ["no", ""])
def test_who_did_not_agree_to_be_shown_is_in_no_clip(folder: StudyFolder, sharing: str) -> None:
    bundle = _bundle(folder, frames=True, **_agreed(sharing))
    target = folder.exports_path / "clip.mp4"
    with pytest.raises(AnalysisError, match="did not agree that seconds of the session are shown"):
        write_clip(bundle, target, SECOND, folder=folder, progress=lambda _: None)
    assert not target.exists()


def test_who_agreed_is(folder: StudyFolder) -> None:
    bundle = _bundle(folder, frames=True, **_agreed("yes"))
    target = folder.exports_path / "clip.mp4"
    assert write_clip(bundle, target, SECOND, folder=folder, progress=lambda _: None) == target


def _track(bundle: Path) -> ReplayTrack:
    with Bundle.open(bundle) as session:
        return read_track(session)


def test_the_dialog_refuses_at_once_what_cannot_be_made(qtbot: QtBot, folder: StudyFolder) -> None:
    track = _track(_bundle(folder, frames=True))
    parent = QWidget()
    qtbot.addWidget(parent)
    hour_ns = 3600 * NS_PER_S
    for shown, span_ns, words in (
        (replace(track, may_be_shared=False), (0, NS_PER_S), "did not agree"),
        (track, (0, hour_ns), "at most 10 minutes, this one 60"),
    ):
        dialog = ClipDialog(parent, span_ns=span_ns, track=shown)
        assert not dialog.save.isEnabled() and words in _words(dialog)
    fitting = ClipDialog(parent, span_ns=(0, NS_PER_S), track=track)
    assert fitting.save.isEnabled() and not fitting.names.isChecked()


def test_the_trace_is_there_without_video_and_without_screen(folder: StudyFolder) -> None:
    for number, changes in enumerate(({"frames": True, "pictures": False}, {"frames": False})):
        bundle = _bundle(folder, f"P0{number}", seed=number + 1, **changes)
        target = folder.exports_path / f"{number}.mp4"
        span = ClipChoice(START_NS + 4 * NS_PER_S, START_NS + 5 * NS_PER_S)
        write_clip(bundle, target, span, progress=lambda _: None)
        trace = _pictures(target)[5][TRACE].astype(int)
        red = (trace[:, :, 2] - trace[:, :, 1] > 60).sum()
        assert red > 100, "the trace of a valley is drawn in its colour"


def test_a_caption_names_the_participant_only_when_asked_to(folder: StudyFolder) -> None:
    bundle = _bundle(folder)
    with Bundle.open(bundle) as session:
        track = read_track(session)
        view = ReplayReader(session, track).view(SECOND.start_ns, blurs=True)
    other = replace(track, title="Somebody else · mobile")

    def captions(choice: ClipChoice) -> list[np.ndarray]:
        return [ClipPicture(one, choice).of(view)[672:] for one in (track, other)]

    unnamed, named = captions(SECOND), captions(replace(SECOND, names_participant=True))
    np.testing.assert_array_equal(*unnamed)
    assert not np.array_equal(*named)


def test_what_happened_is_told_when_asked_for_and_while_it_lasts(folder: StudyFolder) -> None:
    bundle = _bundle(folder)
    t_ns = SECOND.start_ns
    event = ReplayEvent(t_ns, EventKind.NOTE, "Note", t_ns, t_ns, "She laughs")
    with Bundle.open(bundle) as session:
        track = read_track(session)
        reader = ReplayReader(session, track)
        now, later = (reader.view(t_ns + s * NS_PER_S, blurs=True) for s in (0, 4))
    told = replace(SECOND, tells_events=True)

    def beside(choice: ClipChoice, events: EventIndex, view: object) -> np.ndarray:
        return ClipPicture(track, choice, events).of(view)[:500, 948:1268]  # type: ignore[arg-type]

    some, none = EventIndex((event,)), EventIndex()
    np.testing.assert_array_equal(beside(SECOND, some, now), beside(SECOND, none, now))
    assert not np.array_equal(beside(told, some, now), beside(told, none, now))
    np.testing.assert_array_equal(beside(told, some, later), beside(told, none, later))


def test_clips_that_differ_have_names_that_differ(folder: StudyFolder) -> None:
    bundle = folder.sessions_path / "P01-20260101-100000.h5"
    choices = [
        SECOND,
        replace(SECOND, start_ns=SECOND.start_ns + NS_PER_S // 30),
        replace(SECOND, blurs=False),
        replace(SECOND, has_sound=True),
        replace(SECOND, tells_events=True),
        replace(SECOND, whole_page=True),
        replace(SECOND, names_participant=True),
    ]
    names = [clip_path(Path(), bundle, one, start_ns=START_NS).name for one in choices]
    assert len(set(names)) == len(names)
    assert names[0] == "P01-20260101-100000-clip-0m01s000-0m02s000.mp4"
    assert names[2].endswith("-face.mp4")


def test_what_leaves_an_encrypted_study_is_for_its_owner_alone(folder: StudyFolder) -> None:
    bundle = _bundle(folder, frames=True)
    encrypted = encrypt_study(folder, "four quite unrelated words")
    try:
        locked = encrypt_bundle(bundle, encrypted.study.privacy.encrypt_to or "")
        target = folder.exports_path / "clip.mp4"
        write_clip(locked, target, SECOND, folder=encrypted, progress=lambda _: None)
        said: list[str] = []
        tables = run_export(locked, to="csv", out=folder.exports_path, warn=said.append).paths
    finally:
        KEYRING.drop(folder.path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (target, *tables)} == {0o600}
    assert any(one.startswith("Written unencrypted") for one in said)


def test_the_dialog_of_an_encrypted_study_says_that_a_clip_is_not(
    qtbot: QtBot, folder: StudyFolder
) -> None:
    track = _track(_bundle(folder, frames=True))
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ClipDialog(parent, span_ns=(0, NS_PER_S), track=track, is_encrypted=True)
    assert "encrypted; the clip will not be" in _words(dialog)


def test_of_a_whole_page_what_was_not_in_view_is_darkened(folder: StudyFolder) -> None:
    bundle = _bundle(folder)
    with Bundle.open(bundle) as session:
        track = read_track(session)
        view = ReplayReader(session, track).view(SECOND.start_ns, blurs=True)
    width, height = view.screen_px
    page = replace(view, view_box=(0.0, 0.0, float(width), height / 2))
    plain, dimmed = (
        ClipPicture(track, SECOND).of(one)[:, :930].astype(int) for one in (view, page)
    )
    np.testing.assert_array_equal(plain[80:300], dimmed[80:300])
    assert dimmed[400:600].mean() < 0.6 * plain[400:600].mean()


@pytest.mark.parametrize(("sharing", "n_said"), [("no", 1), ("yes", 0)])
def test_what_leaves_as_a_whole_says_that_it_may_not_be_shown(
    folder: StudyFolder, tmp_path: Path, sharing: str, n_said: int
) -> None:
    bundle = _bundle(folder, frames=True, **_agreed(sharing))
    said: list[str] = []
    run_redact(bundle, out=tmp_path / "copy.h5", blur=False, warn=said.append)
    assert len(said) == n_said
    run_export(bundle, to="mp4", out=tmp_path / "out", warn=said.append)
    assert len(said) == 2 * n_said
    assert all("did not agree that others than the researchers see" in one for one in said)
    run_export(bundle, to="csv", out=tmp_path / "out", warn=lambda _sentence: None)


def test_after_a_failure_the_choices_are_free_again(qtbot: QtBot, folder: StudyFolder) -> None:
    track = _track(_bundle(folder, frames=True))
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ClipDialog(parent, span_ns=(0, NS_PER_S), track=track)
    dialog.save.click()
    assert not dialog.blur.isEnabled()
    dialog.show_failure("No space is left.")
    assert dialog.blur.isEnabled() and dialog.names.isEnabled()
    assert not dialog.sound.isEnabled()  # none was recorded
