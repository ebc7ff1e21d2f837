"""Whatever is wrong with the input, the command says which thing and what to do, and harms none.

Each test runs the real command line. A busy camera needs one: see capture/test_camera_device.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from analysis.planted import Recipe, study_of
from analysis.planted_bundles import write_bundle
from command_line import CommandLine, contents, make_study
from sound_server import SoundServer

from journeylab.assets import asset
from journeylab.study.folder import StudyFolder, load_study, save_study

_CLIP = asset("demo-study") / "stimuli/ad.mp4"
_WITH_CLIP = ("--camera", _CLIP, "--mic", "none", "--auto")
_P01 = ("--participant", "P01")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study with two good sessions."""
    folder = save_study(tmp_path_factory.mktemp("planted") / "study", study_of())
    folder.prepare_for_writing()
    for seed in (1, 2):
        write_bundle(folder, Recipe(participant_id=f"P0{seed}", seed=seed, pictures=False))
    return folder


def _mount(stack: ExitStack, folder: Path, *, megabytes: int) -> Path:
    """A small disk of its own."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root, where mounting is allowed, can make a small or read-only disk")
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    with ExitStack() as stack:
        yield _mount(stack, tmp_path / "small", megabytes=2)


class Lockable:
    """A folder to fill, and then to make read-only; root is stopped by its disk alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lock(self) -> None:
        if os.geteuid() == 0:
            subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)
        else:
            self._allow(0o555)

    def unlock(self) -> None:
        if os.geteuid() != 0:
            self._allow(0o755)

    def _allow(self, mode: int) -> None:
        for folder in (*(one for one in self.path.glob("*") if one.is_dir()), self.path):
            folder.chmod(mode)


@pytest.fixture
def lockable(tmp_path: Path) -> Iterator[Lockable]:
    """A folder that can be made read-only, and cannot any more after the test."""
    with ExitStack() as stack:
        folder = tmp_path / "locked"
        if os.geteuid() == 0:
            _mount(stack, folder, megabytes=2)
        else:
            folder.mkdir()
        lockable = Lockable(folder)
        stack.callback(lockable.unlock)
        yield lockable


# -- devices and displays ------------------------------------------------------------------------


def test_no_camera(command: CommandLine, study: Path) -> None:
    before = contents(study)
    ended = command.run("record", study, *_P01, "--camera", "97", "--mic", "none", "--auto")
    assert "no camera 97 (/dev/video97)" in ended.complaint
    assert "Plug it in" in ended.complaint
    assert contents(study) == before


def test_no_camera_of_that_name(command: CommandLine, study: Path) -> None:
    ended = command.run("record", study, *_P01, "--camera", "BRIO 9", "--mic", "none", "--auto")
    assert 'no camera called "BRIO 9"' in ended.complaint
    assert "Check the name" in ended.complaint
    assert list(study.glob("sessions/*")) == []


def test_no_microphone(command: CommandLine, study: Path) -> None:
    if Path("/dev/snd").exists():
        pytest.skip("this machine has a sound card")
    arguments = ("--camera", _CLIP, "--auto")
    ended = command.run("record", study, *_P01, *arguments, PULSE_SERVER="unix:/nonexistent")
    assert "no microphone" in ended.complaint
    assert "--mic none" in ended.complaint
    assert list(study.glob("sessions/*")) == []


def test_no_microphone_of_that_name(
    command: CommandLine, study: Path, sound_server: SoundServer
) -> None:
    arguments = ("--camera", _CLIP, "--mic", "Yeti", "--auto")
    ended = command.run("record", study, *_P01, *arguments, PULSE_SERVER=sound_server.address)
    assert "no microphone called 'Yeti'" in ended.complaint
    assert "There are:" in ended.complaint
    assert "mic" in ended.complaint
    assert list(study.glob("sessions/*")) == []


_WAYLAND_GONE = {"WAYLAND_DISPLAY": "wayland-7", "XDG_SESSION_TYPE": "wayland"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DISPLAY": None}, "There is no display."),
        ({"DISPLAY": ":987"}, '":987" does not answer'),
        ({"DISPLAY": None, **_WAYLAND_GONE}, '"wayland-7" does not answer'),
    ],
    ids=["none", "dead server", "dead compositor"],
)
def test_no_display(
    command: CommandLine,
    study: Path,
    environment: dict[str, str | None],
    named: str,
) -> None:
    arguments = ("record", study, *_P01, *_WITH_CLIP)
    complaint = command.run(*arguments, QT_QPA_PLATFORM=None, **environment).complaint
    assert named in complaint
    assert "from a desktop, or under Xvfb" in complaint
    assert list(study.glob("sessions/*")) == []


def test_no_display_for_the_app(command: CommandLine) -> None:
    complaint = command.run(DISPLAY=":987", QT_QPA_PLATFORM=None).complaint
    assert '":987" does not answer' in complaint
    assert "from a desktop, or under Xvfb" in complaint


def test_the_doctor_tells_that_without_a_display_nothing_is_recorded(command: CommandLine) -> None:
    ended = command.run("doctor", DISPLAY=None, QT_QPA_PLATFORM=None)
    assert ended.code == 1
    told = " ".join(ended.out.split())
    assert "No session can be recorded yet: see Display" in told
    assert "Run JourneyLab from a desktop session, or under Xvfb." in told


# -- the study and the participant ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('title = "Kettle"\n', "", ("title: is missing",)),
        ("planned_s = 1.0", 'planned_s = "long"', ("steps.1.planned_s: a number is expected",)),
        ('kind = "camera_only"', 'kind = "film"', ("steps.1.stimulus.kind", "'camera_only'")),
        ('id = "kettle"', "id = Kettle", ("not valid TOML", "line 3", "quotes")),
        ('id = "kettle"', 'id = "kettle"\nowner = "me"', ("owner: there is no such key",)),
        ('values = ["desktop", "mobile"]', 'values = "desktop"', ("a list is expected",)),
    ],
)
def test_malformed_study(
    command: CommandLine, study: Path, good: str, bad: str, said: tuple[str, ...]
) -> None:
    file = study / "study.toml"
    text = file.read_text()
    assert good in text
    file.write_text(text.replace(good, bad, 1))
    before = contents(study)
    complaint = command.run("map", study, "--out", study / "out").complaint
    assert str(file) in complaint
    for words in said:
        assert words in complaint
    assert contents(study) == before


def test_no_study(command: CommandLine, tmp_path: Path) -> None:
    ended = command.run("record", tmp_path, *_P01, *_WITH_CLIP)
    assert f"There is no study.toml in {tmp_path}." in ended.complaint
    assert list(tmp_path.iterdir()) == []


def test_missing_stimulus_file(command: CommandLine, study: Path) -> None:
    file = study / "study.toml"
    text = file.read_text().replace('kind = "camera_only"', 'kind = "video", path = "ad.mp4"')
    file.write_text(text)
    complaint = command.run("record", study, *_P01, *_WITH_CLIP).complaint
    assert f"{study / 'ad.mp4'} is missing" in complaint
    assert "Put it there" in complaint
    assert not (study / "sessions").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--segment", "colour=red"), ('no segment "colour"', "It has: device")),
        (("--segment", "device=tv"), ('cannot be "tv"', "desktop, mobile")),
        (("--segment", "device"), ('--segment "device" cannot be read', "device=mobile")),
        (("--participant", "Anna Berg"), ('"Anna Berg" cannot be', "such as P01")),
    ],
)
def test_unfit_answers_about_the_participant(
    command: CommandLine, study: Path, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    before = contents(study)
    complaint = command.run("record", study, *_P01, *_WITH_CLIP, *arguments).complaint
    for words in said:
        assert words in complaint
    assert contents(study) == before


# -- disks and folders ---------------------------------------------------------------------------


def test_full_disk_at_the_start(command: CommandLine, small_disk: Path) -> None:
    study = make_study(small_disk / "study")
    before = contents(study)
    complaint = command.run("record", study, *_P01, *_WITH_CLIP).complaint
    assert f"The disk of {study} has 0.0 GB free" in complaint
    assert "Free some space" in complaint
    assert contents(study) == before


def test_study_folder_not_writable(command: CommandLine, lockable: Lockable) -> None:
    study = make_study(lockable.path / "study")
    before = contents(study)
    lockable.lock()
    complaint = command.run("record", study, *_P01, *_WITH_CLIP).complaint
    assert f"The folder {study / 'sessions'} cannot be written to" in complaint
    assert "Allow writing there" in complaint
    assert contents(study) == before


def test_output_not_writable(
    command: CommandLine, lockable: Lockable, planted: StudyFolder
) -> None:
    lockable.lock()
    out = lockable.path
    infer = command.run("infer", _CLIP, "--out", out / "face.csv").complaint
    assert f"{out / 'face.csv'} cannot be written" in infer
    assert "another folder" in infer
    map_ = command.run("map", planted.path, "--out", out / "maps").complaint
    assert f"{out / 'maps'}" in map_
    assert "Choose a folder you may write to" in map_
    assert list(out.iterdir()) == []


def test_demo_into_a_folder_with_something_else_in_it(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    before = contents(tmp_path)
    complaint = command.run("demo", "--out", tmp_path, "--no-window").complaint
    assert str(tmp_path) in complaint
    assert "--out" in complaint
    assert contents(tmp_path) == before


# -- videos and tables ---------------------------------------------------------------------------


def test_unreadable_video(command: CommandLine, study: Path, tmp_path: Path) -> None:
    video = tmp_path / "holiday.mp4"
    video.write_bytes(b"not a film at all\n" * 500)
    out = tmp_path / "face.csv"
    for ended in (
        command.run("record", study, *_P01, "--camera", video, "--mic", "none", "--auto"),
        command.run("infer", video, "--out", out),
    ):
        assert f"{video} is not a readable video" in ended.complaint
        assert "Convert it" in ended.complaint
    assert list(study.glob("sessions/*")) == []
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--neutral", "5:1", ("5:1 is not a stretch of time", "--neutral 0:5")),
        ("--neutral", "soon", ('"soon" cannot be read', "0:3")),
        ("--gaze-targets", "bad.csv", ("bad.csv, line 2: x_px is 'left'", "A number is")),
        ("--gaze-targets", "absent.csv", ("absent.csv (No such file", "t_start_s,t_end_s")),
        ("--out", "no/where.csv", ("There is no folder", "no", "Create it")),
        ("--out", ".", ("is a folder", "Name a file in it")),
        ("--out", "bad.csv/face.csv", ("bad.csv is a file, not a folder", "--out")),
    ],
)
def test_unfit_words_to_infer(
    command: CommandLine, tmp_path: Path, option: str, value: str, said: tuple[str, ...]
) -> None:
    (tmp_path / "bad.csv").write_text("t_start_s,t_end_s,x_px,y_px\n0,1,left,300\n")
    (tmp_path / "face.csv").write_text("of an earlier run")
    before = contents(tmp_path)
    given = value if option == "--neutral" else tmp_path / value
    arguments = ("--out", tmp_path / "face.csv", option, given)
    complaint = command.run("infer", _CLIP, *arguments).complaint
    for words in said:
        assert words in complaint
    assert contents(tmp_path) == before


def test_infer_never_writes_over_its_video(command: CommandLine, tmp_path: Path) -> None:
    video = tmp_path / "face.mp4"
    video.write_bytes(_CLIP.read_bytes())
    before = contents(tmp_path)
    complaint = command.run("infer", video, "--out", video).complaint
    assert f"{video} is what is read" in complaint
    assert contents(tmp_path) == before


# -- maps and leftovers --------------------------------------------------------------------------


def test_map_of_an_empty_study(command: CommandLine, study: Path, tmp_path: Path) -> None:
    complaint = command.run("map", study, "--out", tmp_path / "maps").complaint
    assert f"There is no session in {study / 'sessions'}" in complaint
    assert f"journeylab record {study}" in complaint
    assert list((tmp_path / "maps").glob("*.png"))  # a map that says so


def test_a_damaged_bundle_is_named_and_the_map_is_made_of_the_others(
    command: CommandLine, planted: StudyFolder, tmp_path: Path
) -> None:
    good = planted.bundles()[0]
    damaged = good.with_name("P09-damaged.h5")
    damaged.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    before = contents(planted.path)
    try:
        ended = command.run("map", planted.path, "--out", tmp_path)
        assert contents(planted.path) == before
    finally:
        damaged.unlink()
    assert ended.code == 0, ended.err
    said = [line for line in ended.err.splitlines() if line.startswith("journeylab: ")]
    assert len(said) == 1
    assert f"{damaged} is left out of the map" in said[0]
    assert list(tmp_path.glob("*.png"))


def test_sessions_of_another_study_are_on_no_map(
    command: CommandLine, planted: StudyFolder, tmp_path: Path
) -> None:
    other = save_study(
        tmp_path / "other", load_study(planted.path).study.model_copy(update={"id": "tea"})
    )
    other.prepare_for_writing()
    for bundle in planted.bundles():
        (other.sessions_path / bundle.name).write_bytes(bundle.read_bytes())
    before = contents(other.path)
    complaint = command.run("map", other.path, "--out", tmp_path / "maps").complaint
    assert f"None of the 2 sessions in {other.sessions_path} is usable" in complaint
    assert 'recorded in the study "first-purchase"' in complaint
    assert "Move it" in complaint
    assert contents(other.path) == before
    assert list((tmp_path / "maps").glob("*.png"))


def test_recover_names_what_is_no_journal(command: CommandLine, study: Path) -> None:
    complaint = command.run("recover", study / "study.toml").complaint
    assert f"{study / 'study.toml'} is not the journal" in complaint
    assert ".journal" in complaint
    nothing = command.run("recover", study)
    assert nothing.code == 0
    assert "nothing to complete" in nothing.out
