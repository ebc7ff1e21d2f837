"""The map command's work: files, or a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis.planted import PLAN, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.app.map import run_map
from journeylab.errors import AnalysisError, StudyError
from journeylab.opencv import cv2
from journeylab.report.export import FORMATS
from journeylab.study.folder import StudyFolder, save_study

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


def test_a_damaged_bundle_is_left_out_in_words(folder: StudyFolder, tmp_path: Path) -> None:
    write_bundle(folder, Recipe("P01", visits=SHORT))
    (folder.sessions_path / "P09.h5").write_bytes(b"no bundle")
    said: list[str] = []
    run_map(folder.path, out=tmp_path, formats=("html", "svg", "csv"), warn=said.append)
    assert len(said) == 1 and "P09.h5 is left out of the map" in said[0]
    for name in ("map.html", "map.svg", "map-notes.csv"):
        assert "1 session is excluded: P09" in (tmp_path / f"first-purchase-{name}").read_text()
    assert "P09.h5" in (tmp_path / "first-purchase-map-sessions.csv").read_text()


def test_an_unknown_format_names_itself(folder: StudyFolder) -> None:
    with pytest.raises(AnalysisError, match='no format "docx"'):
        run_map(folder.path, formats=("docx",))
    with pytest.raises(AnalysisError, match="No format was given"):
        run_map(folder.path, formats=())


def test_an_empty_study_names_its_folder_and_the_remedy(folder: StudyFolder) -> None:
    with pytest.raises(AnalysisError) as caught:
        run_map(folder.path)
    assert str(folder.sessions_path) in str(caught.value)
    assert f"journeylab record {folder.path} --participant P01" in str(caught.value)


def test_a_study_of_unusable_sessions_says_why(folder: StudyFolder) -> None:
    (folder.sessions_path / "P01.h5").write_bytes(b"no bundle")
    with pytest.raises(AnalysisError, match=r"only session .* is not usable \(P01.h5"):
        run_map(folder.path)


def test_a_segment_without_sessions_or_unknown_is_said(folder: StudyFolder) -> None:
    write_bundle(folder, Recipe(device="mobile", visits=SHORT))
    with pytest.raises(AnalysisError, match="has device=desktop"):
        run_map(folder.path, segment={"device": "desktop"})
    with pytest.raises(StudyError, match="device"):
        run_map(folder.path, segment={"device": "watch"})


def test_a_folder_without_a_study_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"study\.toml"):
        run_map(tmp_path)
