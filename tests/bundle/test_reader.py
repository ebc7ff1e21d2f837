"""Reading a bundle: spans, frames by time, sound in its place."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from bundle.sent import (
    AUDIO_RATE_HZ,
    START_NS,
    TICK_NS,
    a_header,
    image_of,
    psnr_db,
    tick_of,
)
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.seal import append_seal
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import BundleError
from journeylab.streams import AudioBlock, Frame, Sample, row


@pytest.fixture
def bundle(finished: Path) -> Iterator[Bundle]:
    with Bundle.open(finished) as opened:
        yield opened


def of_samples(path: Path, samples: list[Sample]) -> Bundle:
    writer = BundleWriter(path, a_header(), clock=VirtualClock())
    for sample in samples:
        writer.write([sample])
    writer.close()
    return Bundle.open(finalise(writer.journal_path))


@contextmanager
def altered(path: Path) -> Iterator[h5py.File]:
    """The file, to be changed and then sealed again."""
    with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
        yield file
    append_seal(path)


def test_a_span_holds_its_start_and_not_its_end(bundle: Bundle) -> None:
    start_ns, end_ns = START_NS + 10 * TICK_NS, START_NS + 20 * TICK_NS
    table = bundle.table("affect", start_ns=start_ns, end_ns=end_ns)
    assert table.t_ns.tolist() == [START_NS + k * TICK_NS for k in range(10, 20)]
    whole = bundle.table("affect")
    np.testing.assert_array_equal(table["joy"], whole["joy"][10:20])
    assert len(bundle.table("affect", start_ns=end_ns, end_ns=start_ns)) == 0
    assert len(bundle.table("affect", start_ns=10**15)) == 0
    assert len(bundle.table("affect", end_ns=0)) == 0


def test_only_the_columns_asked_for_are_read(bundle: Bundle) -> None:
    assert list(bundle.table("pointer", columns=["x_px"]).columns) == ["x_px"]
    assert "arrived_ns" not in bundle.table("pointer").columns
    for wrong in (("pointer", ["z_px"]), ("nowhere", None)):
        with pytest.raises(KeyError):
            bundle.table(wrong[0], columns=wrong[1])


def test_the_index_of_video_and_pictures_can_be_read_as_a_table(bundle: Bundle) -> None:
    assert bundle.table("camera", columns=["frame"])["frame"].tolist() == list(range(100))
    assert bundle.table("screen")["step_id"][1] == "step-10"


def test_the_frame_at_a_time_is_the_last_one_before_it(bundle: Bundle) -> None:
    times = [(START_NS + k * TICK_NS + shift, k) for k in range(100) for shift in (0, TICK_NS - 1)]
    random.Random(3).shuffle(times)
    for t_ns, k in times:
        frame = bundle.frame_at(t_ns)
        assert frame is not None
        assert (frame.index, frame.t_ns) == (k, START_NS + k * TICK_NS)
        assert psnr_db(frame.image, image_of(k)) > 33


def test_frames_before_the_first_and_after_the_last(bundle: Bundle) -> None:
    first, last = bundle.frame_at(0), bundle.frame_at(10**15)
    assert first is not None and last is not None
    assert (first.index, last.index) == (0, 99)


def test_frames_of_a_span_begin_inside_a_group_of_pictures(bundle: Bundle) -> None:
    start_ns, end_ns = START_NS + 47 * TICK_NS - 5, START_NS + 63 * TICK_NS
    frames = list(bundle.frames(start_ns=start_ns, end_ns=end_ns))
    assert [frame.index for frame in frames] == list(range(47, 63))
    assert psnr_db(frames[0].image, image_of(47)) > 33
    assert list(bundle.frames(start_ns=end_ns, end_ns=start_ns)) == []


def test_a_frame_is_not_to_be_written_to(bundle: Bundle) -> None:
    frame = bundle.frame_at(START_NS)
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0] = 0


def test_an_iteration_is_not_disturbed_by_looking_elsewhere(bundle: Bundle) -> None:
    indices = []
    for frame in bundle.frames(end_ns=START_NS + 40 * TICK_NS):
        indices.append(frame.index)
        bundle.frame_at(START_NS + 90 * TICK_NS)
    assert indices == list(range(40))


def test_a_damaged_packet_costs_frames_up_to_the_next_key(copied: Path) -> None:
    with altered(copied) as file:
        file["camera/packets"][int(file["camera/offset"][40]) + 9] ^= 0xFF
    with Bundle.open(copied) as bundle:
        indices = [frame.index for frame in bundle.frames()]
        assert indices == [*range(40), *range(60, 100)]
        frame = bundle.frame_at(START_NS + 40 * TICK_NS)
        assert frame is not None and frame.index == 39


def test_without_its_keyframe_a_time_shows_the_frame_before(copied: Path) -> None:
    with altered(copied) as file:
        for key in (30, 60):
            file["camera/packets"][int(file["camera/offset"][key]) + 9] ^= 0xFF
    with Bundle.open(copied) as bundle:
        for k, expected in ((75, 29), (40, 29), (12, 12), (95, 95)):
            frame = bundle.frame_at(START_NS + k * TICK_NS)
            assert frame is not None and frame.index == expected


def test_a_packet_outside_the_video_is_refused(copied: Path) -> None:
    with altered(copied) as file:
        file["camera/size"][40] = 2**31
    with Bundle.open(copied) as bundle, pytest.raises(BundleError, match="outside the video"):
        list(bundle.frames())


def test_the_picture_at_a_time_is_the_last_one_before_it(bundle: Bundle) -> None:
    assert bundle.picture_at(START_NS - 1) is None
    for k in (0, 9, 10, 57, 99):
        picture = bundle.picture_at(START_NS + k * TICK_NS)
        assert picture is not None
        assert picture.step_id == f"step-{k // 10 * 10}"
        assert picture.data == next(s.data for s in tick_of(k // 10 * 10) if s.stream == "screen")
    assert len(bundle.pictures()) == 10


def test_a_damaged_picture_is_told(copied: Path) -> None:
    with altered(copied) as file:
        file["screen/data"][5] ^= 1
    with Bundle.open(copied) as bundle, pytest.raises(BundleError, match="step step-0 is damaged"):
        bundle.picture_at(START_NS)


def test_sound_of_a_span_is_cut_to_the_sample(bundle: Bundle) -> None:
    whole = bundle.audio()
    assert whole is not None
    assert (whole.t_ns, whole.first_sample, whole.rate_hz) == (START_NS, 0, AUDIO_RATE_HZ)
    np.testing.assert_array_equal(whole.pcm, np.arange(10_000).astype(np.int16))
    # Halfway through the block of tick 10, of 100 samples.
    start_ns = START_NS + 10 * TICK_NS + TICK_NS // 2
    part = bundle.audio(start_ns=start_ns, end_ns=start_ns + NS_PER_S)
    assert part is not None
    assert part.first_sample == part.pcm[0] == 1050
    assert abs(part.t_ns - start_ns) < NS_PER_S / AUDIO_RATE_HZ
    assert abs(part.pcm.size - AUDIO_RATE_HZ) <= 1
    assert bundle.audio(start_ns=10**15) is None


def test_lost_sound_leaves_silence_of_its_length(tmp_path: Path) -> None:
    ones = np.ones(100, np.int16)
    samples: list[Sample] = [
        AudioBlock(1_000_000_000, 0, ones, 1000),
        AudioBlock(1_100_000_000, 100, ones, 1000),
        AudioBlock(1_500_000_000, 500, ones, 1000),  # 300 samples lost
        AudioBlock(1_700_000_000, 0, ones, 1000),  # the device came back and counts anew
    ]
    with of_samples(tmp_path / "P01.h5", samples) as bundle:
        block = bundle.audio()
        assert block is not None
        assert block.pcm.size == 800
        assert np.flatnonzero(block.pcm == 0).tolist() == [*range(200, 500), *range(600, 700)]
        assert [b.first_sample for b in bundle.audio_blocks()] == [0, 100, 500, 0]


def test_a_camera_that_changed_its_size_comes_back_in_both(tmp_path: Path) -> None:
    samples: list[Sample] = [Frame(n, n, image_of(n)) for n in range(1, 5)]
    samples += [Frame(n, n, image_of(n, width_px=99, height_px=33)) for n in range(5, 9)]
    with of_samples(tmp_path / "P01.h5", samples) as bundle:
        for n in (2, 6, 3, 8):
            frame, sent = bundle.frame_at(n), samples[n - 1]
            assert frame is not None and isinstance(sent, Frame)
            assert psnr_db(frame.image, sent.image) > 32


def test_disorder_beyond_the_finalisers_window_is_mended_when_read(copied: Path) -> None:
    with altered(copied) as file:
        file["affect/t_ns"][:] = file["affect/t_ns"][:][::-1]
        joy = file["affect/joy"][:]
    with Bundle.open(copied) as bundle:
        table = bundle.table("affect", columns=["joy"], start_ns=START_NS + 90 * TICK_NS)
        assert table.t_ns.tolist() == [START_NS + k * TICK_NS for k in range(90, 100)]
        np.testing.assert_array_equal(table["joy"], joy[9::-1])


def test_a_sample_before_the_opening_widens_the_session(tmp_path: Path) -> None:
    samples: list[Sample] = [row("notes", -50, text="early", author="a")]
    with of_samples(tmp_path / "P01.h5", samples) as bundle:
        assert bundle.start_ns == -50


def test_an_hour_of_a_muted_microphone_is_read_and_not_taken_for_a_bomb(tmp_path: Path) -> None:
    minutes, rate_hz = 60, 48_000
    path = tmp_path / "P01.h5"
    writer = BundleWriter(path, a_header(), clock=VirtualClock())
    silence = np.zeros(60 * rate_hz, dtype=np.int16)
    for minute in range(minutes):
        block = AudioBlock(minute * 60 * NS_PER_S, minute * silence.size, silence, rate_hz)
        writer.write([block])
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        heard = bundle.audio(start_ns=3000 * NS_PER_S, end_ns=3001 * NS_PER_S)
        assert heard is not None
        assert heard.pcm.size == rate_hz
        assert sum(block.pcm.size for block in bundle.audio_blocks()) == minutes * silence.size


def test_only_the_streams_that_were_looked_over_can_be_read(finished: Path) -> None:
    with (
        Bundle.open(finished) as whole,
        Bundle.open(finished, streams={"affect": None, "notes": ("text",)}) as part,
    ):
        assert set(part.streams) == {"affect", "notes"}
        mine, all_of_it = part.table("affect"), whole.table("affect")
        np.testing.assert_array_equal(mine["joy"], all_of_it["joy"])
        assert list(part.table("notes", columns=("text",))["text"]) == list(
            whole.table("notes")["text"]
        )
        assert part.header == whole.header
        with pytest.raises(KeyError, match="without the stream gaze"):
            part.table("gaze")
