"""The ad: every painted frame is stamped, whatever the machine lacks."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QUrl
from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink
from pytestqt.qtbot import QtBot

from journeylab.ui.participant.video_frames import image_of
from participant.conftest import Open, Participant, Write

VIDEO = """
[[steps]]
id = "ad"
title = "Ad"
[steps.stimulus]
kind = "video"
path = "stimuli/ad.mp4"
"""


def encode(
    path: Path,
    *,
    colour: tuple[int, int, int] = (0, 0, 0),
    n_frames: int,
    bt709: bool = False,
    picture: NDArray[np.uint8] | None = None,
) -> None:
    """A video of 64x48 at 25 fps that stands still: one colour, or a picture (48, 64, 3)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        context = stream.codec_context
        if bt709:
            context.colorspace = context.color_primaries = context.color_trc = 1
        for index in range(n_frames):
            rgb = np.full((48, 64, 3), colour, np.uint8) if picture is None else picture
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709" if bt709 else "ITU601"
            )
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def play_to_its_end(shop: Participant) -> None:
    shop.show("ad")
    shop.wait_for("stimulus", what="end")


def test_frames_are_stamped_when_painted_from_the_first(open_window: Open) -> None:
    shop = open_window(size=(640, 360))
    shop.show("ad")
    shop.wait(lambda: len(shop.told("stimulus", what="frame")) > 30)
    shop.window.show_waiting()
    onset = shop.told("stimulus", what="onset")[0]
    frames = shop.told("stimulus", what="frame")
    media_s = [float(str(row["media_s"])) for row in frames]
    times_s = [int(str(row["t_ns"])) / 1e9 for row in frames]
    assert (onset["media_s"], onset["t_ns"]) == (0.0, frames[0]["t_ns"])
    assert onset["detail"] == "stimuli/ad.mp4"
    assert all(later > sooner for sooner, later in itertools.pairwise(media_s))
    assert all(later > sooner for sooner, later in itertools.pairwise(times_s))
    # Painted when due, give or take a frame on a busy machine.
    lag_s = np.array(times_s) - np.array(media_s)
    assert np.median(np.abs(lag_s - np.median(lag_s))) < 0.034
    end = shop.told("stimulus", what="end")[0]
    assert end["media_s"] == media_s[-1]


def test_a_video_ends_once_and_holds_its_last_frame(open_window: Open, write_study: Write) -> None:
    folder = write_study(VIDEO, {})
    encode(folder.path / "stimuli/ad.mp4", colour=(30, 90, 200), n_frames=10)
    shop = open_window(folder, size=(640, 480))
    play_to_its_end(shop)
    held = shop.window.grab().toImage().pixelColor(320, 240)
    assert (held.red(), held.green(), held.blue()) == pytest.approx((30, 90, 200), abs=6)
    shop.window.show_waiting()
    assert len(shop.told("stimulus", what="end")) == 1
    assert len(shop.told("stimulus", what="frame")) >= 8
    assert float(str(shop.told("stimulus", what="end")[0]["media_s"])) == pytest.approx(0.36)


WITH_AREAS = VIDEO.replace(
    "[steps.stimulus]",
    """
[[steps.aois]]
name = "Patch"
box = [16, 24, 20, 12]
[[steps.aois]]
name = "Late"
box = [0, 0, 8, 8]
from_s = 0.4
to_s = 0.8
[steps.stimulus]""",
)


def test_an_area_of_a_video_lies_on_the_screen_where_its_pixels_do(
    open_window: Open, write_study: Write
) -> None:
    folder = write_study(WITH_AREAS, {})
    patch = np.zeros((48, 64, 3), np.uint8)
    patch[24:36, 16:36] = 255
    encode(folder.path / "stimuli/ad.mp4", picture=patch, n_frames=30)
    shop = open_window(folder, size=(800, 480))  # wider than the video: it stands in the middle
    play_to_its_end(shop)
    row = shop.told("aois", name="Patch")[0]
    image = shop.window.grab().toImage()
    scale = shop.window.devicePixelRatioF()
    lit = np.array([[image.pixelColor(x, y).red() > 128 for x in range(800)] for y in range(480)])
    ys, xs = np.nonzero(lit)
    box = [float(str(row[key])) / scale for key in ("x_px", "y_px", "width_px", "height_px")]
    seen = [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
    corner = shop.window.mapToGlobal(shop.window.rect().topLeft())
    screen = shop.window.screen().geometry().topLeft()
    box[0] -= corner.x() - screen.x()
    box[1] -= corner.y() - screen.y()
    assert box == pytest.approx(seen, abs=6)  # the edge of a patch scaled tenfold is soft
    shop.window.show_waiting()
    assert math.isnan(float(str(shop.told("aois", name="Patch")[-1]["x_px"])))


def test_an_area_of_a_video_comes_and_goes_with_its_seconds(
    open_window: Open, write_study: Write
) -> None:
    folder = write_study(WITH_AREAS, {})
    encode(folder.path / "stimuli/ad.mp4", colour=(30, 90, 200), n_frames=30)
    shop = open_window(folder, size=(640, 480))
    play_to_its_end(shop)
    came, went = shop.told("aois", name="Late")
    assert math.isfinite(float(str(came["x_px"]))) and math.isnan(float(str(went["x_px"])))
    frames = shop.told("stimulus", what="frame")
    at_s = {int(str(row["t_ns"])): float(str(row["media_s"])) for row in frames}
    assert at_s[int(str(came["t_ns"]))] == pytest.approx(0.4, abs=0.09)
    assert at_s[int(str(went["t_ns"]))] == pytest.approx(0.8, abs=0.09)


def test_a_video_can_be_shown_again(open_window: Open, write_study: Write) -> None:
    folder = write_study(VIDEO, {})
    encode(folder.path / "stimuli/ad.mp4", colour=(200, 90, 30), n_frames=5)
    shop = open_window(folder)
    for n_times in (1, 2):
        shop.show("ad")
        shop.wait(lambda n=n_times: len(shop.told("stimulus", what="end")) == n)
    assert shop.sentences == []


def test_a_file_that_is_no_video_fails_once_with_a_sentence(
    open_window: Open, write_study: Write, qtbot: QtBot
) -> None:
    shop = open_window(write_study(VIDEO, {"stimuli/ad.mp4": "this is no video" * 100}))
    shop.window.show_step(shop.step("ad"))
    shop.wait(lambda: bool(shop.sentences))
    qtbot.wait(100)
    assert len(shop.sentences) == 1
    assert "stimuli/ad.mp4 cannot be played" in shop.sentences[0]
    assert "MP4 with H.264" in shop.sentences[0]
    failure = shop.told("stimulus", what="failure")
    assert len(failure) == 1
    assert math.isnan(float(str(failure[0]["media_s"])))
    assert not shop.told("stimulus", what="onset")


def test_a_file_with_sound_only_fails_with_a_sentence(
    open_window: Open, write_study: Write
) -> None:
    folder = write_study(VIDEO, {})
    (folder.path / "stimuli").mkdir()
    with av.open(str(folder.path / "stimuli/ad.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), "s16", "mono")
        block.sample_rate, block.pts = 48_000, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode())
    shop = open_window(folder)
    shop.window.show_step(shop.step("ad"))
    shop.wait(lambda: bool(shop.sentences))
    assert "holds no picture" in shop.sentences[0]


def test_a_covered_window_does_not_hold_the_video_up(open_window: Open, write_study: Write) -> None:
    folder = write_study(VIDEO, {})
    encode(folder.path / "stimuli/ad.mp4", colour=(30, 90, 200), n_frames=5)
    shop = open_window(folder)
    shop.window.hide()
    shop.window.show_step(shop.step("ad"))
    player = shop.window.findChild(QMediaPlayer)
    assert player is not None
    shop.wait(lambda: player.mediaStatus() is QMediaPlayer.MediaStatus.EndOfMedia)
    assert not shop.told("stimulus", what="onset")  # nobody saw it
    assert shop.sentences == []


@pytest.mark.parametrize("bt709", [False, True])
@pytest.mark.parametrize("colour", [(200, 40, 60), (20, 160, 90), (128, 128, 128)])
def test_colours_come_through(
    qtbot: QtBot, tmp_path: Path, colour: tuple[int, int, int], bt709: bool
) -> None:
    path = tmp_path / "video.mp4"
    encode(path, colour=colour, n_frames=3, bt709=bt709)
    frames: list[QVideoFrame] = []
    sink, player = QVideoSink(), QMediaPlayer()
    player.setVideoSink(sink)
    sink.videoFrameChanged.connect(lambda frame: frames.append(QVideoFrame(frame)))
    player.setSource(QUrl.fromLocalFile(str(path)))
    player.pause()
    qtbot.waitUntil(lambda: bool(frames) and frames[0].isValid())
    seen = image_of(frames[0]).pixelColor(32, 24)
    player.stop()
    assert (seen.red(), seen.green(), seen.blue()) == pytest.approx(colour, abs=5)
