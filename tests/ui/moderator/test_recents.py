"""The list of recent studies survives what happens to folders and files."""

from __future__ import annotations

from pathlib import Path

from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.recents import RecentStudies


def test_newest_first_and_each_once(tmp_path: Path) -> None:
    recents = RecentStudies(tmp_path / "config" / "recents.json")
    for name in ("a", "b", "a"):
        (tmp_path / name).mkdir(exist_ok=True)
        recents.remember(tmp_path / name)
    assert [path.name for path in recents.paths()] == ["a", "b"]


def test_a_folder_that_is_gone_is_not_listed(tmp_path: Path) -> None:
    recents = RecentStudies(tmp_path / "recents.json")
    (tmp_path / "a").mkdir()
    recents.remember(tmp_path / "a")
    (tmp_path / "a").rmdir()
    assert recents.paths() == ()


def test_a_damaged_list_is_an_empty_list(tmp_path: Path) -> None:
    for text in ("{", '{"a": 1}', "[3]", ""):
        (tmp_path / "recents.json").write_text(text)
        assert RecentStudies(tmp_path / "recents.json").paths() == ()


def test_a_broken_study_is_listed_with_its_problem(tmp_path: Path, folder: StudyFolder) -> None:
    recents = RecentStudies(tmp_path / "recents.json")
    recents.remember(folder.path)
    (folder.path / "study.toml").write_text("format =")
    (listing,) = recents.listings()
    assert "not valid TOML" in listing.problem
