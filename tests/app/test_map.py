"""The map command's work: files, or a sentence that says what to do."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from analysis.planted import PLAN, START_NS, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis.alignment import TimeBasis
from journeylab.app.map import run_map
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.errors import AnalysisError, StudyError
from journeylab.opencv import cv2
from journeylab.report.export import FORMATS
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.study_key import KEYRING, encrypt_study

SHORT = tuple((plan[0], 1.0) for plan in PLAN)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    folder = save_study(tmp_path / "study", study_of())
    folder.prepare_for_writing()
    return folder


def test_the_map_of_real_bundles_is_written(folder: StudyFolder, tmp_path: Path) -> None:
    for n in range(2):
        write_bundle(folder, Recipe(f"P0{n}", visits=SHORT, seed=n))
    shares: list[float] = []
    paths = run_map(folder.path, out=tmp_path / "out", formats=("PNG",), progress=shares.append)
    assert paths == [tmp_path / "out" / "first-purchase-map.png"]
    assert cv2.imread(str(paths[0])).shape[:2] == (2160, 3840)
    assert shares[-1] == 1.0


def test_all_formats_are_written_at_once(folder: StudyFolder, tmp_path: Path) -> None:
    for n in range(2):
        write_bundle(folder, Recipe(f"P0{n}", visits=SHORT, seed=n))
    shares: list[float] = []
    paths = run_map(folder.path, out=tmp_path / "out", formats=FORMATS, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert sorted(paths) == sorted((tmp_path / "out").iterdir())
    assert {path.suffix for path in paths} == {f".{name}" for name in FORMATS}
    assert all(path.stat().st_size > 0 for path in paths)


def test_faces_are_shown_only_when_asked_for_and_only_on_the_page(
    folder: StudyFolder, tmp_path: Path
) -> None:
    write_bundle(folder, Recipe("P01", visits=SHORT, frames=True))
    said: list[str] = []

    def written(*formats: str, with_faces: bool) -> bytes:
        (path,) = run_map(
            folder.path, out=tmp_path, formats=formats, with_faces=with_faces, warn=said.append
        )
        return path.read_bytes()

    assert b"data:image/jpeg" not in written("html", with_faces=False)
    assert b"data:image/jpeg" in written("html", with_faces=True)
    assert not said
    assert b"data:image/jpeg" not in written("svg", with_faces=True)
    assert said == ["No faces are shown: only html can show them."]


def _page_data(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text.split('id="data">', 1)[1].split("</script>", 1)[0])
    return data


def test_a_face_is_shown_only_of_who_agreed_and_of_six_at_most(
    folder: StudyFolder, tmp_path: Path
) -> None:
    consent = {"face_video": "yes", "screen": "yes", "sharing": "no"}
    shy = Recipe("P01", visits=SHORT, frames=True, simulated=False, consent=consent)
    write_bundle(folder, shy)
    for n in range(2, 10):
        write_bundle(folder, Recipe(f"P0{n}", visits=SHORT, frames=n != 3, seed=n))
    (path,) = run_map(folder.path, out=tmp_path, formats=("html",), with_faces=True)
    assert path.name == "first-purchase-map-faces.html"
    found = _page_data(path)["findings"]
    told: dict[str, set[str]] = {}
    for one in found:
        faces = [witness for witness in one["witnesses"] if witness["face"]]
        assert len(faces) <= 6
        for witness in one["witnesses"]:
            words = "a face" if witness["face"] else witness["no_face"]
            told.setdefault(witness["id"], set()).add(words)
            assert witness["session"].startswith(witness["id"])
            assert witness["at"] >= 0
    assert told["P01"] <= {"not agreed to be shown", "shown for 6 only"}
    assert "not agreed to be shown" in told["P01"]
    assert told["P03"] <= {"none kept", "shown for 6 only"}
    assert any("shown for 6 only" in words for words in told.values())


def test_a_damaged_bundle_is_left_out_in_words(folder: StudyFolder, tmp_path: Path) -> None:
    write_bundle(folder, Recipe("P01", visits=SHORT))
    (folder.sessions_path / "P09.h5").write_bytes(b"no bundle")
    said: list[str] = []
    run_map(folder.path, out=tmp_path, formats=("html", "svg", "csv"), warn=said.append)
    assert len(said) == 1 and "P09.h5 is left out of the map" in said[0]
    for name in ("map.html", "map.svg", "map-notes.csv"):
        assert (
            "1 session is left out (1: the file cannot"
            in (tmp_path / f"first-purchase-{name}").read_text()
        )
    assert "P09.h5" in (tmp_path / "first-purchase-map-sessions.csv").read_text()


def test_an_unknown_format_names_itself(folder: StudyFolder) -> None:
    with pytest.raises(AnalysisError, match='no format "docx"'):
        run_map(folder.path, formats=("docx",))
    with pytest.raises(AnalysisError, match="No format was given"):
        run_map(folder.path, formats=())


def _refused(folder: StudyFolder, out: Path, **options: Any) -> tuple[str, str]:
    """The map that is written all the same, and what is said of it."""
    with pytest.raises(AnalysisError) as caught:
        run_map(folder.path, out=out, formats=("svg",), **options)
    (path,) = out.glob("*.svg")
    return path.read_text(encoding="utf-8"), str(caught.value)


def test_an_empty_study_has_a_map_that_says_so(folder: StudyFolder, tmp_path: Path) -> None:
    svg, said = _refused(folder, tmp_path / "out")
    assert "No session has been recorded yet." in svg
    assert str(folder.sessions_path) in said
    assert f"journeylab record {folder.path} --participant P01" in said


def test_a_study_of_unusable_sessions_has_a_map_that_says_why(
    folder: StudyFolder, tmp_path: Path
) -> None:
    (folder.sessions_path / "P01.h5").write_bytes(b"no bundle")
    svg, said = _refused(folder, tmp_path / "out")
    assert "1 session is left out" in svg
    assert said.startswith("The only session in") and "is not usable (P01.h5" in said


def test_a_segment_without_sessions_or_unknown_is_said(folder: StudyFolder, tmp_path: Path) -> None:
    write_bundle(folder, Recipe(device="mobile", visits=SHORT))
    _, said = _refused(folder, tmp_path / "out", segment={"device": "desktop"})
    assert "has device=desktop" in said
    with pytest.raises(StudyError, match="device"):
        run_map(folder.path, segment={"device": "watch"})


def test_time_within_steps_is_counted_in_seconds_on_demand(
    folder: StudyFolder, tmp_path: Path
) -> None:
    write_bundle(folder, Recipe(visits=SHORT))
    shares, seconds = (
        run_map(folder.path, out=tmp_path, formats=("svg",), basis=basis)[0].read_text("utf-8")
        for basis in (TimeBasis.SHARE, TimeBasis.SECONDS)
    )
    assert "real seconds" in seconds and "real seconds" not in shares


def test_a_folder_without_a_study_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"study\.toml"):
        run_map(tmp_path)


def test_what_is_written_of_an_encrypted_study_is_said_and_for_its_owner_alone(
    folder: StudyFolder, tmp_path: Path
) -> None:
    bundle = write_bundle(folder, Recipe("P01", visits=SHORT))
    locked = encrypt_study(folder, "four quite unrelated words")
    said: list[str] = []
    try:
        encrypt_bundle(bundle, locked.study.privacy.encrypt_to or "")
        paths = run_map(folder.path, out=tmp_path, formats=("svg", "csv"), warn=said.append)
    finally:
        KEYRING.drop(folder.path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert any("Written unencrypted" in sentence for sentence in said)


def test_a_table_leads_to_the_seconds_behind_each_finding(
    folder: StudyFolder, tmp_path: Path
) -> None:
    for n in range(1, 4):
        write_bundle(folder, Recipe(f"P0{n}", visits=SHORT, seed=n))
    run_map(folder.path, out=tmp_path, formats=("csv",))
    moments = pd.read_csv(tmp_path / "first-purchase-map-moments.csv")
    assert len(moments) > 0 and set(moments["session_id"]) <= {"P01-1", "P02-2", "P03-3"}
    assert (moments["t_s"] * 1e9).round(-6).tolist() == pytest.approx(
        (moments["t_ns"] - START_NS).tolist(), abs=2e6
    )
    assert set(moments["file"]) <= {"P01-1", "P02-2", "P03-3"}
