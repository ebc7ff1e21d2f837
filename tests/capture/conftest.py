"""Fixtures of the capture tests: sound, clips, a collector, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from capture_bench import Collector, MakeClip, brightness
from sound_server import SoundServer


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]
    for thread in left:
        thread.join(2)  # a feeder of the sound server may be writing its last bytes
    assert not [thread.name for thread in left if thread.is_alive()]


@pytest.fixture
def pulse(sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """The sound server, and this process set to use it."""
    monkeypatch.setenv("PULSE_SERVER", sound_server.address)
    yield sound_server
    sound_server.hush()


@pytest.fixture(scope="session")
def make_clip(tmp_path_factory: pytest.TempPathFactory) -> MakeClip:
    """Makes a clip whose n-th image has the brightness of its number."""

    def make(
        *,
        frames: int = 30,
        rate_hz: int = 30,
        width_px: int = 160,
        height_px: int = 96,
        container: str = "mp4",
        times: list[int] | None = None,
    ) -> Path:
        path = tmp_path_factory.mktemp("clip") / f"clip.{container}"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("libx264", rate=rate_hz)
            stream.width, stream.height = width_px, height_px
            stream.pix_fmt = "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "18"}
            for index in range(frames):
                image = np.full((height_px, width_px, 3), brightness(index), np.uint8)
                frame = av.VideoFrame.from_ndarray(image, format="bgr24")
                frame.pts = index if times is None else times[index]
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path

    return make


@pytest.fixture
def collector() -> Collector:
    return Collector()
