"""A study goes into the editor and back: files come along, nothing is written over unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from journeylab.assets import asset
from journeylab.errors import StorageError, StudyChangedError, StudyError
from journeylab.study.editing import blank_study, empty_stimulus, with_value
from journeylab.study.folder import load_study
from journeylab.study.model import Aoi, Study
from journeylab.study.saving import Origin, open_for_editing, save_edited
from journeylab.study.stimulus import Screen, Stimulus
from journeylab.vocabulary import StimulusKind


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "Ad (1).png"
    path.parent.mkdir()
    Image.new("RGB", (400, 300)).save(path)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere" / "site"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text("<img src=photo.png>")
    (folder / "photo.png").write_bytes(b"png")
    return folder / "index.html"


def _study(picture: Path, site: Path) -> Study:
    study = with_value(blank_study(), ("title",), "First purchase, mobile")
    image = Stimulus(kind=StimulusKind.IMAGE, path=str(picture))
    study = with_value(study, ("steps", 0, "stimulus"), image)
    study = with_value(study, ("steps", 0, "aois"), (Aoi(name="price", box=(0, 0, 9, 9)),))
    return with_value(study, ("steps", 1, "stimulus", "path"), str(site))


def test_what_was_chosen_elsewhere_is_copied_in(tmp_path: Path, picture: Path, site: Path) -> None:
    folder, origin = save_edited(_study(picture, site), Origin(), tmp_path / "study")
    folder.check_stimuli()
    assert folder.study.id == "first-purchase-mobile"
    assert folder.study.steps[0].stimulus.path == "stimuli/ad/Ad (1).png"
    page = folder.stimulus_path(folder.study.steps[1].stimulus.path or "")
    assert page.with_name("photo.png").exists(), "a page comes with what it needs"
    assert origin.folder == folder.path
    again, _ = save_edited(folder.study, origin, folder.path)
    assert again.study == folder.study


def test_two_files_of_one_name_keep_apart(tmp_path: Path, picture: Path) -> None:
    other = tmp_path / "other" / picture.name
    other.parent.mkdir()
    Image.new("RGB", (10, 10)).save(other)
    screens = (Screen(id="a", path=str(picture)), Screen(id="b", path=str(other)))
    stimulus = empty_stimulus(StimulusKind.SCREENS).model_copy(update={"screens": screens})
    study = with_value(blank_study(), ("title",), "T")
    study = study.model_copy(
        update={"steps": (study.steps[0].model_copy(update={"stimulus": stimulus}),)}
    )
    folder, _ = save_edited(study, Origin(), tmp_path / "study")
    paths = [screen.path for screen in folder.study.steps[0].stimulus.screens]
    assert paths == ["stimuli/ad/Ad (1).png", "stimuli/ad/Ad (1)-2.png"]
    assert (folder.path / paths[1]).read_bytes() == other.read_bytes()


def test_comments_stay_and_the_file_is_private_if_it_was(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        '# ours\nid = "s"\ntitle = "S"\n[[steps]]\nid = "a"\ntitle = "A"\n'
        'stimulus = {kind = "camera_only"}\n'
    )
    file.chmod(0o600)
    study, origin = open_for_editing(tmp_path)
    save_edited(with_value(study, ("goal",), "g"), origin, tmp_path)
    assert file.read_text().startswith("# ours\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_line_ends_of_another_system_stay(tmp_path: Path) -> None:
    text = '# ours\r\nid = "s"\r\ntitle = "S"\r\n[[steps]]\r\nid = "a"\r\ntitle = "A"\r\n'
    text += 'guide = """\r\none\r\ntwo"""\r\nstimulus = {kind = "camera_only"}\r\n'
    (tmp_path / "study.toml").write_bytes(text.encode())
    study, origin = open_for_editing(tmp_path)
    save_edited(with_value(study, ("title",), "T"), origin, tmp_path)
    expected = text.replace('title = "S"', 'title = "T"').encode()
    assert (tmp_path / "study.toml").read_bytes() == expected


def test_a_file_changed_meanwhile_is_not_written_over_unseen(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    text = (
        'id = "s"\ntitle = "S"\n[[steps]]\nid = "a"\ntitle = "A"\n'
        'stimulus = {kind = "camera_only"}\n'
    )
    file.write_text(text)
    study, origin = open_for_editing(tmp_path)
    file.write_text("# from elsewhere\n" + text)
    mine = with_value(study, ("goal",), "mine")
    with pytest.raises(StudyChangedError, match="changed by someone else"):
        save_edited(mine, origin, tmp_path)
    assert file.read_text() == "# from elsewhere\n" + text
    folder, origin = save_edited(mine, origin, tmp_path, replaces_changes=True)
    assert folder.study.goal == "mine"
    assert file.read_text().startswith("# from elsewhere\n")
    save_edited(with_value(mine, ("goal",), "twice"), origin, tmp_path)


def test_a_file_deleted_meanwhile_comes_back_with_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        '# ours\nid = "s"\ntitle = "S"\n[[steps]]\nid = "a"\ntitle = "A" # first\n'
        'stimulus = {kind = "camera_only"}\n'
    )
    study, origin = open_for_editing(tmp_path)
    text = file.read_text()
    file.unlink()
    with pytest.raises(StudyChangedError):
        save_edited(study, origin, tmp_path)
    save_edited(study, origin, tmp_path, replaces_changes=True)
    assert file.read_text() == text


def test_a_study_with_a_problem_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="Give the study a title"):
        save_edited(blank_study(), Origin(), tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_another_study_is_not_written_over(tmp_path: Path, picture: Path, site: Path) -> None:
    save_edited(_study(picture, site), Origin(), tmp_path / "study")
    with pytest.raises(StudyError, match=r"a study in .* already"):
        save_edited(_study(picture, site), Origin(), tmp_path / "study")


def test_a_template_is_copied_and_stays_as_it_was(tmp_path: Path) -> None:
    demo = asset("demo-study")
    before = (demo / "study.toml").read_bytes()
    study, origin = open_for_editing(demo)
    folder, _ = save_edited(with_value(study, ("title",), "Ours"), origin, tmp_path / "ours")
    load_study(folder.path).check_stimuli()
    assert folder.study.id == "ours"
    assert (demo / "study.toml").read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_told(
    tmp_path: Path, picture: Path, site: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        save_edited(_study(picture, site), Origin(), tmp_path / "file" / "study")


def test_sessions_hold_the_ids(tmp_path: Path, picture: Path, site: Path) -> None:
    folder, origin = save_edited(_study(picture, site), Origin(), tmp_path / "study")
    assert not origin.has_sessions
    folder.prepare_for_writing()
    (folder.sessions_path / "P01.h5").write_bytes(b"")
    assert open_for_editing(folder.path)[1].has_sessions
