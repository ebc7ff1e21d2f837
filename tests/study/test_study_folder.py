"""The study file: read, explained, written; and the folder it guards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journeylab.assets import asset
from journeylab.errors import StorageError, StudyError
from journeylab.study.folder import (
    check_participant_id,
    check_segments,
    free_disk_bytes,
    load_study,
    save_study,
)

STEP = """
[[steps]]
id = "ad"
title = "Ad"
stimulus = { kind = "video", path = "stimuli/ad.mp4" }
"""

EXPRESSION = """
[[expressions]]
name = "delight"
formula = "min(AU06, AU12) - 0.5 * AU04"
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def problem(folder: Path, text: str) -> str:
    with pytest.raises(StudyError) as caught:
        load_study(write(folder, text))
    assert str(folder / "study.toml") in str(caught.value)
    return str(caught.value)


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no study\.toml in"):
        load_study(tmp_path)


def test_a_study_is_read_from_its_folder_and_from_its_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP)
    assert load_study(folder).study == load_study(folder / "study.toml").study


def test_text_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in problem(tmp_path, 'id = "s"\ntitle = \n' + STEP)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(StudyError, match="cannot be read"):
        load_study(tmp_path)


@pytest.mark.parametrize(
    ("text", "key", "expectation"),
    [
        ('title = "S"\n' + STEP, "id", "must be given"),
        ('id = "s"\ntitle = "S"\n', "steps", "must be given"),
        ('id = "s"\ntitle = "S"\nsteps = []', "steps", "at least 1 item"),
        ('id = "A Shop"\ntitle = "S"\n' + STEP, "id", "small letters, digits"),
        ('id = "s"\ntitle = "S"\ntitel = "T"\n' + STEP, "titel", "check its spelling"),
        ('id = "s"\ntitle = "S"\nformat = "9"\n' + STEP, "format", "'1'"),
        ('id = "s"\ntitle = "S"\n' + STEP + STEP, "steps", 'two steps have the id "ad"'),
        ('id = "s"\ntitle = "S"\n' + STEP.replace("Ad", ""), "steps.1.title", "at least 1 char"),
        (
            'id = "s"\ntitle = "S"\n' + STEP + "planned_s = -3",
            "steps.1.planned_s",
            "greater than 0",
        ),
        ('id = "s"\ntitle = "S"\n' + STEP + 'planned_s = "long"', "steps.1.planned_s", "number"),
        (
            'id = "s"\ntitle = "S"\n' + STEP.replace(', path = "stimuli/ad.mp4"', ""),
            "steps.1.stimulus",
            'kind "video" needs a path',
        ),
        (
            'id = "s"\ntitle = "S"\n' + STEP.replace("video", "film"),
            "steps.1.stimulus.kind",
            "'video'",
        ),
        (
            'id = "s"\ntitle = "S"\n'
            + STEP.replace('video", path', 'page", url = "http://localhost", path'),
            "steps.1.stimulus",
            "either a path or a url",
        ),
        (
            'id = "s"\ntitle = "S"\nsegments = [{ name = "device", values = [] }]\n' + STEP,
            "segments.1.values",
            "at least 1 item",
        ),
        (
            'id = "s"\ntitle = "S"\nmarkers = [{ key = "1", label = "a" }, '
            '{ key = "1", label = "b" }]\n' + STEP,
            "markers",
            "two markers have the same key",
        ),
        (
            'id = "s"\ntitle = "S"\nmarkers = [{ key = "ä", label = "joy" }, '
            '{ key = "Ä", label = "doubt" }]\n' + STEP,
            "markers",
            'two markers have the same key, "joy" ä and "doubt" Ä',
        ),
        (
            'id = "s"\ntitle = "S"\nmarkers = [{ key = "F1", label = "a" }]\n' + STEP,
            "markers.1.key",
            "at most 1 character",
        ),
        (
            'id = "s"\ntitle = "S"\n' + STEP + EXPRESSION.replace("AU12", "AU31"),
            "expressions.1.formula",
            '"AU31" is no action unit that is measured; one of AU01, AU02',
        ),
        (
            'id = "s"\ntitle = "S"\n' + STEP + EXPRESSION.replace("min", "sqrt"),
            "expressions.1.formula",
            '"sqrt" is no function of a formula; min, max, mean, abs are expected',
        ),
        (
            'id = "s"\ntitle = "S"\n' + STEP + EXPRESSION + "threshold = 1.5",
            "expressions.1.threshold",
            "less than or equal to 1, not 1.5",
        ),
        (
            'id = "s"\ntitle = "S"\n' + STEP + EXPRESSION + EXPRESSION,
            "expressions",
            "two expressions have the same name",
        ),
    ],
)
def test_a_mistake_is_told_with_file_key_and_what_was_expected(
    tmp_path: Path, text: str, key: str, expectation: str
) -> None:
    said = problem(tmp_path, text)
    assert f"{key}: " in said
    assert expectation in said


def test_what_was_written_instead_is_quoted(tmp_path: Path) -> None:
    said = problem(tmp_path, 'id = "s"\ntitle = "S"\n' + STEP + "planned_s = -3")
    assert "not -3" in said


def test_a_study_survives_saving_and_loading(tmp_path: Path) -> None:
    demo = load_study(asset("demo-study")).study
    save_study(tmp_path / "copy", demo)
    again = load_study(tmp_path / "copy")
    assert again.study == demo
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["study.toml"]
    text = (tmp_path / "copy" / "study.toml").read_text(encoding="utf-8")
    assert "First purchase · Ottle kettles" in text  # readable, not escaped


def test_expressions_survive_saving_and_loading(tmp_path: Path) -> None:
    own = EXPRESSION + "threshold = 0.25\n" + EXPRESSION.replace("delight", "joy, by AU12")
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP + own))
    assert [one.threshold for one in folder.study.expressions] == [0.25, 0.4]
    again = save_study(tmp_path / "copy", folder.study)
    assert load_study(again.path).study == folder.study
    text = (again.path / "study.toml").read_text(encoding="utf-8")
    assert text.count("[[expressions]]") == 2
    assert text.count("threshold") == 1  # what is as usual is left out


def test_saving_where_one_may_not_says_so_and_keeps_the_old(tmp_path: Path) -> None:
    demo = load_study(asset("demo-study")).study
    (tmp_path / "file").write_text("kept")
    with pytest.raises(StorageError, match="cannot be written"):
        save_study(tmp_path / "file", demo)
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("path", ["../secret.png", "stimuli/../../secret.png", "/etc/hostname"])
def test_a_stimulus_outside_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.png").write_text("x")
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    with pytest.raises(StudyError, match="outside the study folder"):
        folder.stimulus_path(path)


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_text("x")
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    (tmp_path / "s" / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(StudyError, match="outside the study folder"):
        folder.stimulus_path("link.png")


def test_a_missing_stimulus_is_named(tmp_path: Path) -> None:
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    with pytest.raises(StudyError, match=r"stimuli/ad\.mp4 is missing"):
        folder.check_stimuli()


def test_a_missing_map_picture_is_named(tmp_path: Path) -> None:
    step = STEP.replace(" }", ', pictures = { any = "stimuli/none.png" } }')
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + step))
    (tmp_path / "s" / "stimuli").mkdir()
    (tmp_path / "s" / "stimuli" / "ad.mp4").write_text("x")
    with pytest.raises(StudyError, match=r"none\.png is missing"):
        folder.check_stimuli()


def test_the_folder_is_made_ready_for_sessions(tmp_path: Path) -> None:
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    folder.prepare_for_writing()
    assert folder.sessions_path.is_dir()
    assert folder.exports_path.is_dir()
    assert not list(folder.sessions_path.iterdir())
    assert folder.bundles() == ()


def test_too_full_a_disk_is_told_with_both_figures(tmp_path: Path) -> None:
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    with pytest.raises(StorageError, match=r"GB free, and a session needs"):
        folder.prepare_for_writing(free_bytes_needed=2 * free_disk_bytes(tmp_path))


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    folder.sessions_path.write_text("a file stands in the way")
    with pytest.raises(StorageError, match="cannot be written to"):
        folder.prepare_for_writing()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    folder = load_study(write(tmp_path / "s", 'id = "s"\ntitle = "S"\n' + STEP))
    folder.path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot be written to"):
            folder.prepare_for_writing()
    finally:
        folder.path.chmod(0o700)


@pytest.mark.parametrize("good", ["P01", "a", "P-1_b", "x" * 32])
def test_a_participant_id_is_short_and_plain(good: str) -> None:
    assert check_participant_id(good) == good


@pytest.mark.parametrize("bad", ["", "../P01", "Anna Müller", "-1", "x" * 33, "P01\n", "a/b"])
def test_a_name_or_a_path_is_no_participant_id(bad: str) -> None:
    with pytest.raises(StudyError, match="cannot be a participant id"):
        check_participant_id(bad)


def test_segments_are_those_of_the_study() -> None:
    demo = load_study(asset("demo-study")).study
    assert check_segments(demo, {"device": "mobile"}) == {"device": "mobile"}
    with pytest.raises(StudyError, match='no segment "age"'):
        check_segments(demo, {"age": "25"})
    with pytest.raises(StudyError, match="It may be: desktop, mobile"):
        check_segments(demo, {"device": "tablet"})
