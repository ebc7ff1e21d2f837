"""What is wrong with a bundle is told in words; what is only worth knowing is a remark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from bundle.sent import START_NS, a_header, image_of
from journeylab.bundle.finalise import finalise
from journeylab.bundle.schema import FORMAT_VERSION
from journeylab.bundle.seal import append_seal, chunk_ranges
from journeylab.bundle.validate import validate
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.streams import AudioBlock, Frame, Sample, row

RATE_HZ = 8000


def session(path: Path, *, seconds: int = 3, silent_from: int = 99) -> Path:
    """A sound bundle of a few seconds; the camera stops at ``silent_from`` for the last second."""
    clock = VirtualClock(start_ns=START_NS)
    writer = BundleWriter(path, a_header(), clock=clock)
    for k in range(seconds * 10):
        t_ns = START_NS + k * NS_PER_S // 10
        count = RATE_HZ // 10
        samples: list[Sample] = [
            AudioBlock(t_ns, k * count, np.full(count, k, np.int16), RATE_HZ),
            row("affect", t_ns, **_affect(valence=k)),
            row("notes", t_ns, text=f"note {k}", author="moderator"),
        ]
        if k < silent_from or k == seconds * 10 - 1:
            samples.append(Frame(t_ns, k, image_of(k)))
        writer.write(samples)
        clock.advance_ns(NS_PER_S // 10)
    writer.close()
    return finalise(writer.journal_path)


def _affect(*, valence: float) -> dict[str, float]:
    states = ("joy", "surprise", "confusion", "frustration", "sadness", "contempt", "fear")
    values = dict.fromkeys((*states, "disgust", "anger", "boredom"), 0.1)
    return values | {"valence": valence, "arousal": 10.0, "confidence": 0.9}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return session(tmp_path_factory.mktemp("made") / "P01.h5").read_bytes()


@pytest.fixture
def sound(made: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "P01.h5"
    path.write_bytes(made)
    return path


def changed(path: Path, change: Callable[[h5py.File], None]) -> Path:
    with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
        change(file)
    append_seal(path, checked_elsewhere=None)
    return path


def set_entry(name: str, position: int, value: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file[name][position] = value

    return change


def test_nothing_is_wrong_with_a_sound_bundle(sound: Path) -> None:
    shares: list[float] = []
    report = validate(sound, progress=shares.append)
    assert report.is_sound and report.remarks == ()
    assert (report.version, report.n_streams) == (FORMAT_VERSION, 5)
    assert report.duration_s == pytest.approx(3.0, abs=0.2)
    assert shares == sorted(shares) and shares[-1] == 1.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_entry("affect/valence", 4, 7.5), "affect/valence is not what its checksum says"),
        (set_entry("notes/text", 4, "forged"), "notes/text is not what its checksum says"),
        (set_entry("affect/joy", 4, 1.5), "affect/joy: 1 of 30 values lie outside 0 to 1"),
        (set_entry("affect/t_ns", 9, 1), "affect: time goes back 1 times, first at entry 9"),
        (set_entry("affect/t_ns", 29, 10**15), "affect: samples lie outside the session"),
        (set_entry("microphone/t_ns", 20, START_NS), "blocks are not where the rate says"),
        (set_entry("microphone/count", 3, 1), "microphone: the index does not fit the 24000"),
        (set_entry("camera/size", 3, 1), "camera: the index does not fit"),
        (set_entry("camera/key", 0, 0), "camera: the video does not begin with a keyframe"),
        (
            set_entry("camera/crc", 12, 1),
            "camera: 18 of 30 frames cannot be decoded, first frame 12",
        ),
        (lambda f: f["gaze/x_px"].attrs.__setitem__("unit", "mm"), 'unit "mm", not "px"'),
        (lambda f: f["gaze/x_px"].attrs.__delitem__("crc32"), "gaze/x_px has no checksum"),
        (lambda f: f.attrs.modify("complete", 0), "it was never read back"),
        (lambda f: f.attrs.modify("end_ns", 0), "the session ends before it starts"),
        (
            lambda f: f.attrs.__setitem__("participant_id", "P99"),
            "participant_id is not what the header says",
        ),
        (lambda f: f.attrs.__setitem__("header", "{}"), "the header cannot be understood"),
        (lambda f: f.__delitem__("gaze"), "gaze is missing"),
    ],
)
def test_what_is_wrong_is_told(
    sound: Path, change: Callable[[h5py.File], None], words: str
) -> None:
    report = validate(changed(sound, change))
    assert not report.is_sound
    assert any(words in problem for problem in report.problems), report.problems


def test_a_damaged_chunk_is_named_and_the_rest_still_read(sound: Path) -> None:
    with h5py.File(sound) as file:
        places: list[int] = []
        file["affect/arousal"].id.chunk_iter(lambda chunk: places.append(chunk.byte_offset))
    data = bytearray(sound.read_bytes())
    data[places[0] + 3] ^= 1
    sound.write_bytes(data)
    assert any(begin <= places[0] < end for begin, end in chunk_ranges(sound).tolist())
    (problem,) = validate(sound).problems
    assert problem == "affect/arousal is damaged from entry 0 on (its checksum is wrong)"


def test_a_file_cut_short_is_told(sound: Path) -> None:
    sound.write_bytes(sound.read_bytes()[:-100])
    (problem,) = validate(sound).problems
    assert "is no whole bundle" in problem
    (missing,) = validate(sound.with_name("none.h5")).problems
    assert "There is no bundle" in missing


def test_a_gap_nothing_tells_of_is_a_remark(tmp_path: Path) -> None:
    report = validate(session(tmp_path / "P01.h5", silent_from=10))
    assert report.is_sound
    assert report.remarks == ("camera: nothing for 2.0 s from 0:00.9 on, and nothing tells why",)


def test_a_session_cut_off_is_sound_and_says_so(tmp_path: Path) -> None:
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=VirtualClock())
    writer.write([row("notes", 5, text="last words", author="a")])
    writer._journal.close()  # as when the process is killed
    report = validate(finalise(writer.journal_path, recovered=True))
    assert report.is_sound
    assert "did not end in order" in report.remarks[0]
