"""A whole session from the command line with real input: a real face, a real pointer, real sound.

The camera is a video file, the pointer is X's own, moved by xdotool, the microphone a PulseAudio
source into which espeak-ng speaks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sound_server import SoundServer

from journeylab.assets import asset
from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder, load_study, save_study

_PLANNED_S = {"ad": 6.0, "landing": 4.0, "product": 4.0, "checkout": 4.0, "unboxing": 3.0}


@pytest.fixture(scope="module")
def short_study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Five steps of the demo study, as long as the clip."""
    folder = tmp_path_factory.mktemp("real") / "study"
    shutil.copytree(asset("demo-study"), folder)
    study = load_study(folder).study
    steps = tuple(
        step.model_copy(update={"planned_s": _PLANNED_S[step.id]})
        for step in study.steps
        if step.id in _PLANNED_S
    )
    return save_study(folder, study.model_copy(update={"steps": steps}))


@pytest.fixture(scope="module")
def bundle(
    short_study: StudyFolder,
    faces: Path,
    xvfb: str,
    sound_server: SoundServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bundle]:
    """The bundle of one recorded session, with the pointer moving and a voice speaking."""
    log = tmp_path_factory.mktemp("log") / "record.txt"
    environment = {
        **os.environ,
        "DISPLAY": xvfb,
        "PULSE_SERVER": sound_server.address,
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    environment.pop("WAYLAND_DISPLAY", None)
    command = [sys.executable, "-m", "journeylab", "record", str(short_study.path)]
    command += ["--participant", "P01", "--camera", str(faces / "real/WolfgangLanger_Pexels.mp4")]
    command += ["--auto", "--mic", "default", "--segment", "device=desktop"]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        deadline = time.monotonic() + 120
        x_px = 300
        while process.poll() is None and time.monotonic() < deadline:
            x_px = 300 + (x_px + 37) % 900
            subprocess.run(
                ["xdotool", "mousemove", str(x_px), "420", "click", "1"],
                env=environment,
                check=False,
                timeout=10,
            )
            speech = ["espeak-ng", "--stdout", "one two three four"]
            player = ["paplay", f"--server={sound_server.address}"]
            voice = subprocess.run(speech, capture_output=True, check=True, timeout=20)
            subprocess.run(player, input=voice.stdout, check=False, timeout=20)
        if process.poll() is None:
            process.terminate()
            process.wait(20)
    assert process.returncode == 0, log.read_text()
    paths = short_study.bundles()
    assert len(paths) == 1, log.read_text()
    with Bundle.open(paths[0]) as opened:
        yield opened


def _valence(bundle: Bundle, start_s: float, end_s: float) -> float:
    first_ns = int(bundle.frame_times_ns()[0])
    table = bundle.table(
        "affect",
        columns=["valence"],
        start_ns=first_ns + int(start_s * 1e9),
        end_ns=first_ns + int(end_s * 1e9),
    )
    return float(np.nanmean(table["valence"]))


def test_face_is_found_in_nearly_every_frame(bundle: Bundle) -> None:
    face = bundle.table("face", columns=["face"])["face"]
    assert len(face) > 400
    assert np.mean(face) >= 0.99


def test_crying_reads_lower_than_laughing(bundle: Bundle) -> None:
    crying, laughing = _valence(bundle, 0, 6), _valence(bundle, 12, 18)
    assert laughing - crying > 20
    assert crying < 0 < laughing


def test_real_pointer_is_in_the_bundle(bundle: Bundle) -> None:
    pointer = bundle.table("pointer")
    assert np.sum(pointer["action"] == 1) >= 5
    assert np.nanmax(pointer["x_px"]) - np.nanmin(pointer["x_px"]) > 300


def test_real_voice_is_in_the_bundle(bundle: Bundle) -> None:
    sound = bundle.audio()
    assert sound is not None
    assert len(sound.pcm) / sound.rate_hz > 10
    assert np.abs(sound.pcm.astype(float)).max() > 1000


def test_every_step_was_shown_and_painted(bundle: Bundle) -> None:
    steps = bundle.table("steps")
    started = [i for i, p in zip(steps["step_id"], steps["phase"], strict=True) if p == "start"]
    assert started == list(_PLANNED_S)
    stimulus = bundle.table("stimulus")
    painted = {
        step_id
        for step_id, what in zip(stimulus["step_id"], stimulus["what"], strict=True)
        if what == "onset"
    }
    assert painted == set(_PLANNED_S)
    starts = np.sort(steps.t_ns[steps["phase"] == "start"])
    planned = np.array(list(_PLANNED_S.values()))[:-1]
    assert np.abs(np.diff(starts) / 1e9 - planned).max() < 0.25


def test_no_frame_was_lost_on_the_way_to_disk(bundle: Bundle) -> None:
    health = bundle.table("health")
    lost = [
        (of, kind, int(count))
        for of, kind, count in zip(
            health["of_stream"], health["kind"], health["count"], strict=True
        )
        if kind == "drop" and of == "camera"
    ]
    assert not lost
