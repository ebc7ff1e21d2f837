"""A video file as a camera: its times, its end, its rounds, and files that cannot be one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from capture_bench import Collector, MakeClip, brightness, wait_until

from journeylab.capture.camera.source import VideoFileCamera, read_frames
from journeylab.capture.camera.video import VideoReader
from journeylab.clock import NS_PER_MS, NS_PER_S, SessionClock, VirtualClock
from journeylab.errors import VideoError
from journeylab.streams import Frame, Sample


def _play(
    path: Path, *, seconds: float = 10, **options: bool
) -> tuple[list[Frame], VideoFileCamera]:
    """The frames of a whole file, on a clock that waits for nobody."""
    collector = Collector()
    camera = VideoFileCamera(path, clock=VirtualClock(start_ns=NS_PER_S), **options)
    camera.start(collector)
    assert wait_until(lambda: camera.status().ended, timeout_s=seconds)
    camera.stop()
    return [sample for sample in collector.samples if isinstance(sample, Frame)], camera


def _grey(frame: Frame) -> float:
    return float(np.median(frame.image))


def test_frames_carry_their_times_in_the_file(make_clip: MakeClip) -> None:
    frames, camera = _play(make_clip(frames=12, rate_hz=25))
    assert [frame.t_ns - NS_PER_S for frame in frames] == [k * 40 * NS_PER_MS for k in range(12)]
    assert [frame.index for frame in frames] == list(range(12))
    assert camera.rate_hz == 25
    assert camera.status().lost == 0


def test_frames_are_handed_out_at_their_times_not_before(make_clip: MakeClip) -> None:
    frames, _ = _play(make_clip(frames=12))
    assert [frame.arrived_ns for frame in frames] == [frame.t_ns for frame in frames]


def test_images_come_in_order_and_whole(make_clip: MakeClip) -> None:
    frames, _ = _play(make_clip(frames=20))
    assert [_grey(frame) for frame in frames] == pytest.approx(
        [brightness(k) for k in range(20)], abs=4
    )


def test_uneven_times_of_a_file_are_kept(make_clip: MakeClip) -> None:
    times = [0, 1, 2, 6, 7, 12, 13, 20]
    frames, _ = _play(make_clip(frames=8, rate_hz=30, times=times))
    seconds = [(frame.t_ns - NS_PER_S) / NS_PER_S for frame in frames]
    assert seconds == pytest.approx([time / 30 for time in times], abs=1e-3)


def test_a_loop_goes_on_in_time_one_frame_after_the_last(make_clip: MakeClip) -> None:
    collector = Collector()
    camera = VideoFileCamera(make_clip(frames=10), clock=VirtualClock(), loop=True)
    camera.start(collector)
    assert collector.wait_for(35)
    camera.stop()
    assert not camera.status().ended
    frames = [sample for sample in collector.samples[:35] if isinstance(sample, Frame)]
    steps_ms = np.diff([frame.t_ns for frame in frames]) / NS_PER_MS
    assert steps_ms == pytest.approx(np.full(34, 1000 / 30), abs=0.01)
    greys = [_grey(frame) for frame in frames]
    assert greys == pytest.approx([brightness(k % 10) for k in range(35)], abs=4)


def test_a_frame_far_too_late_is_left_out_and_counted(make_clip: MakeClip) -> None:
    clock = VirtualClock()
    taken: list[Sample] = []

    def emit(sample: Sample) -> None:
        taken.append(sample)
        if len(taken) == 5:
            clock.advance_ns(1000 * NS_PER_MS)  # whoever takes it was busy for a second

    camera = VideoFileCamera(make_clip(frames=60), clock=clock)
    camera.start(emit)
    assert wait_until(lambda: camera.status().ended)
    camera.stop()
    lost = camera.status().lost
    # One second behind, of which half is made up for by leaving frames out.
    assert 14 <= lost <= 16
    assert len(taken) == 60 - lost
    assert camera.late > 10
    gap_ns = taken[5].t_ns - taken[4].t_ns
    assert gap_ns == pytest.approx((lost + 1) * NS_PER_S / 30, abs=NS_PER_MS)


def test_as_fast_as_possible_keeps_the_files_times(make_clip: MakeClip) -> None:
    frames, _ = _play(make_clip(frames=30), real_time=False)
    assert len(frames) == 30
    assert frames[-1].t_ns - frames[0].t_ns == pytest.approx(29 * NS_PER_S / 30, abs=NS_PER_MS)


def test_hd_video_plays_without_a_frame_lost(make_clip: MakeClip) -> None:
    path = make_clip(frames=36, width_px=1280, height_px=720)
    collector = Collector()
    camera = VideoFileCamera(path, clock=SessionClock())
    camera.start(collector)
    assert wait_until(lambda: camera.status().ended)
    camera.stop()
    behind_ms = [
        (sample.arrived_ns - sample.t_ns) / NS_PER_MS
        for sample in collector.samples
        if isinstance(sample, Frame) and sample.arrived_ns is not None
    ]
    assert len(behind_ms) == 36
    assert camera.status().lost == 0
    assert np.median(behind_ms) < 5
    assert min(behind_ms[-12:]) < 5, "it drifts"


def test_read_frames_counts_time_from_zero(make_clip: MakeClip) -> None:
    frames = list(read_frames(make_clip(frames=9, rate_hz=10)))
    assert [frame.t_ns for frame in frames] == [k * 100 * NS_PER_MS for k in range(9)]


def test_a_phones_upright_video_is_shown_upright(make_clip: MakeClip, tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing: run make test, which installs it")
    turned = tmp_path / "turned.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(make_clip(frames=3)), "-c", "copy"),
            *("-metadata:s:v", "rotate=90", str(turned)),
        ],
        check=True,
    )
    reader = VideoReader(turned)
    reader.close()
    assert (reader.facts.width_px, reader.facts.height_px) == (96, 160)
    assert next(read_frames(turned)).image.shape == (160, 96, 3)


def test_a_damaged_middle_is_bridged(make_clip: MakeClip, tmp_path: Path) -> None:
    whole = make_clip(frames=90, container="ts").read_bytes()
    hurt = tmp_path / "hurt.ts"
    third = len(whole) // 3
    hurt.write_bytes(whole[:third] + bytes(188 * 10) + whole[third + 188 * 10 :])
    frames = list(read_frames(hurt))
    assert 30 < len(frames) <= 90
    times = [frame.t_ns for frame in frames]
    assert times == sorted(set(times))


def _sound_only(folder: Path) -> Path:
    path = folder / "sound.wav"
    header = b"RIFF$\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80>\x00\x00\x00}\x00\x00"
    path.write_bytes(header + b"\x02\x00\x10\x00data\x00\x08\x00\x00" + bytes(2048))
    return path


def _cut_off(folder: Path, make_clip: MakeClip) -> Path:
    path = folder / "cut.mp4"
    path.write_bytes(make_clip(frames=30).read_bytes()[:900])
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "no video file"),
        ("folder", "is a folder"),
        ("empty", "is empty"),
        ("text", "not a readable video"),
        ("cut", "not a readable video"),
        ("sound", "no video in it"),
    ],
)
def test_a_file_that_cannot_be_a_camera_is_refused_by_name(
    kind: str, said: str, tmp_path: Path, make_clip: MakeClip
) -> None:
    path = tmp_path / "clip.mp4"
    match kind:
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
        case "text":
            path.write_text("this is not a video\n" * 100)
        case "cut":
            path = _cut_off(tmp_path, make_clip)
        case "sound":
            path = _sound_only(tmp_path)
    with pytest.raises(VideoError, match=said) as caught:
        VideoFileCamera(path, clock=VirtualClock())
    assert str(path) in caught.value.what
    assert caught.value.remedy


def test_the_real_clip_is_read_whole(faces: Path) -> None:
    clip = faces / "real" / "WolfgangLanger_Pexels.mp4"
    frames = sum(1 for _ in read_frames(clip))
    assert frames == 472
