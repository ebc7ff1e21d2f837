"""Sessions that do not run as planned: whatever happens, what was recorded is there afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import CommandLine, Ended, contents, finish, make_study, wait_for_recording

from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2

_CLIP = asset("demo-study") / "stimuli/ad.mp4"
_SHORT_S = 0.8
_WAYLAND = {"WAYLAND_DISPLAY": "wayland-7", "XDG_SESSION_TYPE": "wayland"}


def _record(study: Path, *, camera: Path = _CLIP) -> tuple[object, ...]:
    arguments = ("--participant", "P01", "--camera", camera, "--mic", "none", "--auto")
    return ("record", study, *arguments)


def _length_s(bundle: Bundle) -> float:
    return (bundle.end_ns - bundle.start_ns) / NS_PER_S


def _assert_whole(bundle: Bundle, *, recovered: bool = False) -> None:
    assert bundle.attributes["complete"] == 1
    assert bundle.attributes["recovered"] == int(recovered)
    assert bundle.attributes["records_lost"] == 0
    frames = bundle.frame_times_ns()
    assert len(frames) > 10
    assert sum(1 for _ in bundle.frames()) == len(frames), "not every frame can be decoded"
    assert "start" in bundle.table("steps")["phase"]
    path = bundle.path
    assert [one.name for one in path.parent.iterdir() if one.stem == path.stem] == [path.name]


@dataclass(frozen=True)
class Twice:
    """Two sessions of one participant: a camera that ends early, then a Wayland desktop."""

    study: Path
    first: Ended
    second: Ended
    after_first: dict[str, str]
    bundles: tuple[Path, ...]


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first images of the clip, for a camera that ends before the session does."""
    path = tmp_path_factory.mktemp("clip") / "short.mp4"
    clip = cv2.VideoCapture(str(_CLIP))
    rate_hz = clip.get(cv2.CAP_PROP_FPS)
    size = int(clip.get(cv2.CAP_PROP_FRAME_WIDTH)), int(clip.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate_hz, size)
    for _ in range(round(_SHORT_S * rate_hz)):
        writer.write(clip.read()[1])
    writer.release()
    clip.release()
    return path


@pytest.fixture(scope="module")
def twice(
    command: CommandLine, short_clip: Path, xvfb: str, tmp_path_factory: pytest.TempPathFactory
) -> Twice:
    study = make_study(tmp_path_factory.mktemp("twice") / "study")
    first = command.run(*_record(study, camera=short_clip))
    after_first = contents(study)
    process = command.start(*_record(study), **_WAYLAND)
    wait_for_recording(process, study, kilobytes=5)
    moves = [
        part for x in range(100, 900, 80) for part in ("mousemove", str(x), "420", "sleep", "0.03")
    ]
    subprocess.run(["xdotool", *moves], env={**os.environ, "DISPLAY": xvfb}, check=True)
    second = finish(process)
    bundles = sorted(study.glob("sessions/*.h5"), key=lambda path: path.stat().st_mtime_ns)
    return Twice(study, first, second, after_first, tuple(bundles))


def test_a_second_session_of_a_participant_leaves_the_first_alone(twice: Twice) -> None:
    assert (twice.first.code, twice.second.code) == (0, 0), twice
    assert len(twice.bundles) == 2
    after = contents(twice.study)
    assert {name: after.get(name) for name in twice.after_first} == twice.after_first


def test_the_session_goes_on_when_the_camera_has_ended(twice: Twice) -> None:
    assert "short.mp4 has come to its end" in twice.first.out
    with Bundle.open(twice.bundles[0]) as bundle:
        _assert_whole(bundle)
        assert _length_s(bundle) >= 2.0
        times_ns = bundle.frame_times_ns()
        assert (times_ns[-1] - times_ns[0]) / NS_PER_S < _SHORT_S
        health = bundle.table("health")
        noted = dict(zip(health["of_stream"], health["detail"], strict=True))
        assert "has come to its end" in noted["camera"]
        steps = bundle.table("steps")
        phases = list(zip(steps["step_id"], steps["phase"], strict=True))
        assert phases == [("look", "start"), ("look", "end"), ("read", "start"), ("read", "end")]


def test_on_wayland_the_mouse_is_followed_over_the_window_and_that_is_said(twice: Twice) -> None:
    assert "The mouse is followed over the participant's window only." in twice.second.out
    with Bundle.open(twice.bundles[1]) as bundle:
        _assert_whole(bundle)
        assert bundle.header.devices["pointer"] == "mouse over the participant's window"
        x_px = bundle.table("pointer")["x_px"]
        assert len(x_px) >= 3
        assert x_px.max() - x_px.min() > 300


@pytest.fixture
def recording(command: CommandLine, tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A session of a minute, a second of which is on the disk."""
    study = make_study(tmp_path / "study", planned_s=30.0)
    process = command.start(*_record(study))
    try:
        wait_for_recording(process, study, kilobytes=60)
        yield study, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            finish(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_session_told_to_end_ends_well(
    recording: tuple[Path, subprocess.Popen[str]], number: signal.Signals
) -> None:
    study, process = recording
    if number is signal.SIGINT:
        # As a terminal does, to the whole group, by somebody who presses again and again.
        while not list(study.glob("sessions/*.h5")) and process.poll() is None:
            os.killpg(process.pid, number)
            time.sleep(0.1)
    else:
        process.send_signal(number)
    ended = finish(process)
    assert ended.code == 0, ended.err
    assert "Stopping; everything recorded so far is kept." in ended.out
    assert "Traceback" not in ended.err
    (path,) = study.glob("sessions/*.h5")
    assert f"The session is in {path}" in ended.out
    with Bundle.open(path) as bundle:
        _assert_whole(bundle)
        assert _length_s(bundle) < 20
        assert list(bundle.table("steps")["phase"]) == ["start", "end"]


def test_a_session_killed_is_completed_by_recover(
    recording: tuple[Path, subprocess.Popen[str]], command: CommandLine
) -> None:
    study, process = recording
    os.killpg(process.pid, signal.SIGKILL)
    assert finish(process).code == -signal.SIGKILL
    assert len(list(study.glob("sessions/*.journal"))) == 1
    ended = command.run("recover", study)
    assert ended.code == 0, ended.err
    (path,) = study.glob("sessions/*.h5")
    assert f"Completed {path}" in ended.out
    with Bundle.open(path) as bundle:
        _assert_whole(bundle, recovered=True)
    again = command.run("recover", study)
    assert (again.code, again.err) == (0, "")
    assert "nothing to complete" in again.out
