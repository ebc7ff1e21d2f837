"""Every frame of a video that is seen has the place in the video that its row says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from participant.conftest import Write

_BITS = 8
_VIDEO = """
[[steps]]
id = "ad"
title = "Ad"
[steps.stimulus]
kind = "video"
path = "stimuli/ad.mp4"
"""
_NTSC = Fraction(1001, 30000)


def _regular(
    n_frames: int, *, every_s: Fraction, first_s: Fraction = Fraction(0)
) -> list[Fraction]:
    return [first_s + index * every_s for index in range(n_frames)]


def _irregular() -> list[Fraction]:
    """As phones and screen recorders write it: now fast, now slow."""
    gaps = [Fraction(1, 30), Fraction(1, 10), Fraction(1, 15), Fraction(1, 5)] * 6
    times = [Fraction(0)]
    for gap in gaps:
        times.append(times[-1] + gap)
    return times


_VIDEOS = {
    "ten a second": (_regular(20, every_s=Fraction(1, 10)), 0),
    "29.97 with B-frames": (_regular(60, every_s=_NTSC), 3),
    "irregular": (_irregular(), 0),
}


def _count_aloud(path: Path, times_s: list[Fraction], *, b_frames: int) -> None:
    """A video whose frames show their own index, as blocks from the left, lowest bit first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"bf": str(b_frames)})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 30000)
        for index, t_s in enumerate(times_s):
            bits = [255 * (index >> bit & 1) for bit in range(_BITS)]
            row = np.repeat(np.array(bits, np.uint8), 320 // _BITS)
            rgb = np.broadcast_to(row[None, :, None], (180, 320, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame.pts, frame.time_base = round(t_s * 30000), Fraction(1, 30000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.mark.parametrize("video", _VIDEOS)
def test_what_is_seen_is_the_frame_that_the_row_names(
    write_study: Write, xvfb: str, video: str
) -> None:
    times_s, b_frames = _VIDEOS[video]
    folder = write_study(_VIDEO, {})
    _count_aloud(folder.path / "stimuli" / "ad.mp4", times_s, b_frames=b_frames)
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("video_trial.py")), str(folder.path)],
        env={**os.environ, "DISPLAY": xvfb, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    seen = [(one["count"], one["media_s"]) for one in told if "count" in one]
    assert len(seen) > len(times_s) / 3  # a busy machine leaves frames out
    for count, media_s in seen:
        assert count >= 0, f"no number was seen at {media_s} s"
        assert media_s == pytest.approx(float(times_s[count]), abs=0.001)
    rows = [one for one in told if "what" in one]
    assert [rows[0]["what"], rows[1]["what"], rows[-1]["what"]] == ["onset", "frame", "end"]
    assert (rows[0]["t_ns"], rows[0]["at_s"]) == (rows[1]["t_ns"], rows[1]["at_s"])
    frames = [one for one in rows if one["what"] == "frame"]
    assert frames[0]["at_s"] == 0.0
    assert frames[-1]["at_s"] == pytest.approx(float(times_s[-1]), abs=0.001)
    places = [one["at_s"] for one in frames]
    assert places == sorted(set(places))
    known = {round(float(one), 3) for one in times_s}
    assert {round(one, 3) for one in places} <= known
