"""A watched video's frames by position, in any order; what cannot be decoded gives none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from analysis.planted import study_of

from journeylab.study.folder import StudyFolder, save_study
from journeylab.ui.analysis.replay.stimulus_video import StimulusVideos

RATE_HZ = 25
N_FRAMES = 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study with a video whose every frame has a brightness of its own."""
    made = save_study(tmp_path_factory.mktemp("study"), study_of())
    (made.path / "stimuli").mkdir()
    with av.open(str(made.path / "stimuli" / "ad.mp4"), "w") as output:
        stream: Any = output.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.options = {"crf": "4", "g": "40", "bf": "2"}
        for number in range(N_FRAMES):
            image = np.full((64, 96, 3), 20 + number, dtype=np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode(None))
    (made.path / "stimuli" / "broken.mp4").write_bytes(b"no video at all" * 100)
    return made


def _numbers(folder: StudyFolder) -> np.ndarray:
    """How bright each frame is, from the first to the last."""
    with av.open(str(folder.path / "stimuli" / "ad.mp4")) as file:
        frames = [frame.to_ndarray(format="bgr24").mean() for frame in file.decode(video=0)]
    assert len(frames) == N_FRAMES
    return np.array(frames)


def _brightness(image: np.ndarray | None) -> float:
    assert image is not None
    return float(image.mean())


def test_the_frame_of_a_position_is_the_one_that_was_on(folder: StudyFolder) -> None:
    videos, known = StimulusVideos(folder), _numbers(folder)
    rng = np.random.default_rng(2)
    onwards = np.arange(0, N_FRAMES / RATE_HZ, 0.033)
    anywhere = rng.uniform(0, N_FRAMES / RATE_HZ, 40)
    for media_s in (*onwards.tolist(), *anywhere.tolist(), 0.0, 60.0):
        wanted = min(int(media_s * RATE_HZ + 0.03), N_FRAMES - 1)
        found = _brightness(videos.frame_at("stimuli/ad.mp4", media_s))
        assert int(np.argmin(np.abs(known - found))) == pytest.approx(wanted, abs=1), media_s
        assert found == pytest.approx(known[wanted], abs=0.4), media_s
    videos.close()
    videos.close()


@pytest.mark.parametrize(
    "file", ["stimuli/gone.mp4", "stimuli/broken.mp4", "../outside.mp4", "", "study.toml"]
)
def test_what_is_no_video_of_the_study_gives_no_frame(folder: StudyFolder, file: str) -> None:
    Path(folder.path.parent / "outside.mp4").write_bytes(
        (folder.path / "stimuli" / "ad.mp4").read_bytes()
    )
    videos = StimulusVideos(folder)
    assert videos.frame_at(file, 1.0) is None
    assert videos.frame_at(file, 2.0) is None
    found = _brightness(videos.frame_at("stimuli/ad.mp4", 1.0))
    assert found == pytest.approx(_numbers(folder)[25], abs=0.4)
    videos.close()
