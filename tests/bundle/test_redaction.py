"""A redacted copy keeps the measures and loses the person."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from bundle.sent import START_NS, a_header
from journeylab.bundle.blurring import FaceBoxes, blurred
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.redaction import redact
from journeylab.bundle.schema import LAYOUT
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.errors import BundleError
from journeylab.streams import STREAMS, Frame, Row, StreamKind

WIDTH_PX, HEIGHT_PX = 160, 120
FACE = (0.4, 0.4, 0.6, 0.6)  # left, top, right, bottom, as shares


def checkers() -> np.ndarray:
    """An image whose every part has detail that blurring destroys."""
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX]
    return np.repeat((((x // 4 + y // 4) % 2) * 200 + 20).astype(np.uint8)[..., None], 3, axis=2)


def detail(region: np.ndarray) -> float:
    """Mean step from pixel to pixel."""
    return float(np.abs(np.diff(region.astype(float), axis=1)).mean())


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames at 30 a second; no face was measured in the last eight."""
    clock = VirtualClock(start_ns=START_NS)
    path = tmp_path_factory.mktemp("filmed") / "P01.h5"
    writer = BundleWriter(path, a_header(), clock=clock)
    xyz = np.random.default_rng(1).uniform(FACE[0], FACE[2], (478, 3)).astype(np.float32)
    for k in range(20):
        t_ns = START_NS + k * 33_000_000
        clock.sleep_until_ns(t_ns)
        samples: list[object] = [Frame(t_ns, k, checkers())]
        if k < 12 and k != 5:
            samples.append(Row("landmarks", t_ns, (xyz,)))
        writer.write(samples)  # type: ignore[arg-type]
    writer.close()
    return finalise(writer.journal_path)


def test_sound_and_face_video_are_gone_and_every_measure_is_the_same(
    finished: Path, tmp_path: Path
) -> None:
    before = hashlib.sha256(finished.read_bytes()).digest()
    shares: list[float] = []
    out = redact(finished, tmp_path / "copies" / "P01.h5", progress=shares.append)
    assert hashlib.sha256(finished.read_bytes()).digest() == before
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with Bundle.open(finished) as original, Bundle.open(out) as copy:
        assert {"camera", "microphone"} <= set(original.streams)
        assert set(copy.streams) == set(original.streams) - {"camera", "microphone"}
        for name, spec in STREAMS.items():
            if spec.kind is not StreamKind.TABLE:
                continue
            columns = [column.name for column in LAYOUT[name].sample_columns] + ["arrived_ns"]
            one, two = original.table(name, columns=columns), copy.table(name, columns=columns)
            np.testing.assert_array_equal(one.t_ns, two.t_ns)
            for column in columns:
                np.testing.assert_array_equal(one[column], two[column])
        assert (copy.start_ns, copy.end_ns) == (original.start_ns, original.end_ns)
        assert [copy.picture(entry).data for entry in copy.pictures()] == [
            original.picture(entry).data for entry in original.pictures()
        ]
        assert [e.t_ns for e in copy.pictures()] == [e.t_ns for e in original.pictures()]
        assert copy.header.participant_id == original.header.participant_id
        assert "face video was removed" in copy.header.redacted
        assert not original.header.redacted
        assert set(copy.header.devices) == set(original.header.devices) - {"camera", "microphone"}
    assert b"\x00\x00\x00\x01\x67" not in out.read_bytes()  # no H.264 parameter set is left


def test_the_face_is_blurred_and_so_is_whoever_else_is_in_the_frame(
    filmed: Path, tmp_path: Path
) -> None:
    out = redact(filmed, tmp_path / "P01.h5", blur=True)
    with Bundle.open(filmed) as original, Bundle.open(out) as copy:
        frames, originals = list(copy.frames()), list(original.frames())
        assert [f.t_ns for f in frames] == [f.t_ns for f in originals]
        for k in (0, 5, 11):  # 5 was not measured, but its neighbours were
            face = frames[k].image[48:72, 64:96]
            assert detail(face) < 0.1 * detail(originals[k].image[48:72, 64:96])
            assert detail(frames[k].image) < 0.2 * detail(originals[k].image)


def test_a_frame_without_a_measured_face_is_blurred_as_a_whole(
    filmed: Path, tmp_path: Path
) -> None:
    out = redact(filmed, tmp_path / "P01.h5", blur=True)
    with Bundle.open(out) as copy:
        frames = list(copy.frames())
    for k in range(12, 20):
        assert detail(frames[k].image) < 0.1 * detail(checkers())


def test_the_blur_reaches_beyond_the_mesh_and_over_the_edge_of_the_frame() -> None:
    image = checkers()
    result = blurred(image, np.array([0.0, 0.4, 0.2, 0.7], dtype=np.float32))
    assert detail(result[48:84, :44]) < 0.1 * detail(image)
    assert detail(result[:, 60:]) < 0.2 * detail(image)  # others may stand there


def test_between_two_meshes_both_places_are_blurred(filmed: Path) -> None:
    with Bundle.open(filmed) as bundle:
        boxes = FaceBoxes(bundle)
    assert boxes.at(START_NS + 5 * 33_000_000) is not None
    assert boxes.at(START_NS + 12 * 33_000_000) is None
    assert boxes.at(START_NS - 1) is None


def test_nothing_is_ever_written_over(finished: Path, tmp_path: Path) -> None:
    taken = tmp_path / "there.h5"
    taken.write_text("mine")
    for out in (finished, taken):
        with pytest.raises(BundleError, match="there already"):
            redact(finished, out)
    assert taken.read_text() == "mine"
    with pytest.raises(BundleError, match=r"\.h5"):
        redact(finished, tmp_path / "copy.mp4")


def test_a_copy_that_does_not_read_back_is_not_kept(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeylab.bundle.redaction._same_rows", lambda *_: False)
    with pytest.raises(BundleError, match="no copy was made"):
        redact(finished, tmp_path / "P01.h5")
    assert list(tmp_path.iterdir()) == []
