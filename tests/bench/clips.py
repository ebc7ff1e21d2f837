"""Camera clips for the benches: a given video, or the simulated participant, at 1280x720."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from journeylab.assets import asset
from journeylab.bundle.header import ScreenGeometry
from journeylab.simulation.participant import SimulatedParticipant
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.folder import load_study

RATE_HZ = 30
_AVATAR_S = 20


def hd_clip(out: Path, *, video: Path | None, seconds: float) -> Path:
    """A clip of 1280x720 at 30 frames/s that lasts ``seconds``, made of ``video`` or an avatar."""
    source = video or avatar_clip(out.with_name("avatar.mp4"))
    once = out.with_name("once.mp4")
    scale = "scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720"
    _ffmpeg("-i", source, "-vf", scale, "-r", RATE_HZ, "-an", "-preset", "veryfast", once)
    _ffmpeg("-stream_loop", -1, "-i", once, "-t", seconds, "-c", "copy", out)
    return out


def avatar_clip(out: Path, *, width_px: int = 640, height_px: int = 480) -> Path:
    """A clip of the simulated participant going through the demo study."""
    import av

    participant = SimulatedParticipant(
        load_study(asset("demo-study")).study,
        temper=next(iter(TEMPERS.values())),
        device="desktop",
        seed=1,
        screen=ScreenGeometry(1920, 1080),
    )
    with av.open(str(out), "w") as container:
        stream: Any = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        for index in range(_AVATAR_S * RATE_HZ):
            image = participant.frame_at(index / RATE_HZ)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    return out


def _ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
