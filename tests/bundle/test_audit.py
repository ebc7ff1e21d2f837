"""A bundle from elsewhere opens nothing but itself, or is refused in words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import LAYOUT
from journeylab.bundle.seal import append_seal, chunk_ranges
from journeylab.errors import BundleError


def refused(path: Path, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        Bundle.open(path)
    assert str(path) in str(caught.value)


def tampered(path: Path, change: Callable[[h5py.File], None]) -> Path:
    with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
        change(file)
    append_seal(path)  # as whoever makes a hostile file would
    return path


def replaced(name: str, **how: object) -> Callable[[h5py.File], None]:
    """Puts another dataset in the place of one."""

    def change(file: h5py.File) -> None:
        del file[name]
        file.create_dataset(name, **how)

    return change


def floats(rows: int = 100, **how: object) -> dict[str, object]:
    return {"shape": (rows,), "dtype": "<f4", "chunks": (64,), "maxshape": (None,)} | how


def test_an_external_link_is_not_followed(copied: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret.create_dataset("x", data=np.zeros(100, "<f4"))
    inside = tmp_path / "P01.h5"

    def change(file: h5py.File) -> None:
        del file["affect/joy"]
        file["affect/joy"] = h5py.ExternalLink("secret.h5", "/x")

    refused(tampered(inside, change), "affect/joy is a link to somewhere else")


def test_a_group_that_is_an_external_link_is_not_followed(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["gaze"]
        file["gaze"] = h5py.ExternalLink("/etc/passwd", "/")

    refused(tampered(copied, change), "gaze is a link to somewhere else")


def test_a_soft_link_is_not_followed(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["affect/joy"]
        file["affect/joy"] = h5py.SoftLink("/affect/anger")

    refused(tampered(copied, change), "affect/joy is a link to somewhere else")


def test_a_virtual_dataset_is_refused(copied: Path, tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        layout = h5py.VirtualLayout(shape=(100,), dtype="<f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", shape=(100,))
        del file["affect/joy"]
        file.create_virtual_dataset("affect/joy", layout)

    refused(tampered(copied, change), "affect/joy is put together from other files")


def test_external_storage_is_refused(copied: Path) -> None:
    change = replaced("affect/joy", shape=(100,), dtype="<f4", external=[("/etc/passwd", 0, 400)])
    refused(tampered(copied, change), "affect/joy is stored outside the file")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (floats(compression="lzf"), "packed with the unknown filter 32000"),
        (floats(scaleoffset=3), "packed with the unknown filter 6"),
        (floats(dtype="<f8"), "has the type float64, not f4"),
        (floats(dtype=">f4"), "has the type"),
        (floats(dtype=h5py.string_dtype()), "has the type object, not f4"),
        (floats(shape=(100, 2), chunks=(64, 2), maxshape=(None, 2)), r"has the shape \(100, 2\)"),
        (floats(rows=99, data=np.ones(99)), "has 99 entries where its stream has 100"),
        (floats(rows=10**7), r"claims 40000000 bytes, but \d+ are stored"),
        (floats(rows=10**12, compression="gzip"), "claims 1000000000000 entries"),
        (floats(chunks=(10**8,)), "has chunks of 400000000 bytes"),
        ({"data": np.zeros(100, "<f4")}, "is not stored in chunks"),
    ],
)
def test_what_the_layout_does_not_say_is_refused(
    copied: Path, how: dict[str, object], reason: str
) -> None:
    refused(tampered(copied, replaced("affect/joy", **how)), f"affect/joy .*{reason}")


def test_a_text_of_fixed_length_is_refused(copied: Path) -> None:
    change = replaced("notes/text", shape=(100,), dtype="S9", chunks=(64,), maxshape=(None,))
    refused(tampered(copied, change), "notes/text has the type")


def test_a_chunk_inflated_twice_is_refused(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((64,))
        plist.set_deflate(9)
        plist.set_deflate(9)
        space = h5py.h5s.create_simple((100,), (h5py.h5s.UNLIMITED,))
        del file["affect/joy"]
        h5py.h5d.create(file["affect"].id, b"joy", h5py.h5t.IEEE_F32LE, space, dcpl=plist)

    refused(tampered(copied, change), "affect/joy is packed twice")


def test_what_does_not_belong_in_a_bundle_is_refused(copied: Path) -> None:
    refused(tampered(copied, lambda f: f.create_group("extra")), "extra does not belong")


def test_a_cycle_of_hard_links_is_refused(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        file["notes/again"] = file["/"]

    refused(tampered(copied, change), "notes/again does not belong")


def test_a_group_in_a_datasets_place_is_refused(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["affect/joy"]
        file["affect/joy"] = file["/notes"]

    refused(tampered(copied, change), "affect/joy is not a dataset")


@pytest.mark.parametrize("name", ["gaze", "gaze/x_px", "pointer/t_ns", "camera/packets"])
def test_what_is_missing_is_named(copied: Path, name: str) -> None:
    refused(tampered(copied, lambda f: f.__delitem__(name)), f"{name} is missing")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2.0.0", "has format 2.0.0; this JourneyLab reads up to 1.x"),
        ("new", "format_version is no version"),
        (7, "format_version has the wrong type"),
        (["1.0.0", "1.0.0"], "format_version is no single value"),
    ],
)
def test_a_version_that_cannot_be_read_is_told(copied: Path, value: object, reason: str) -> None:
    def change(file: h5py.File) -> None:
        file.attrs["format_version"] = value

    refused(tampered(copied, change), reason)


def test_streams_of_a_newer_minor_version_are_passed_over(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        file.attrs["format_version"] = "1.9.0"
        file.create_group("heartbeat")
        file["affect"].create_dataset("awe", data=np.zeros(100))

    with Bundle.open(tampered(copied, change)) as bundle:
        assert len(bundle.table("affect")) == 100
        assert "awe" not in bundle.table("affect").columns


def test_a_wrong_header_is_told(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        values = json.loads(file.attrs["header"])
        values["steps"] = "none"
        file.attrs["header"] = json.dumps(values)

    refused(tampered(copied, change), r"The header of .*\(steps: .*array")


def test_files_that_are_no_bundle_are_told(tmp_path: Path) -> None:
    refused(tmp_path / "none.h5", "There is no bundle")
    refused(tmp_path, "There is no bundle")
    text = tmp_path / "text.h5"
    text.write_text("hello")
    refused(text, "is no whole bundle")
    append_seal(text)
    refused(text, "cannot be read; it is damaged or no bundle")
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = 1
    refused(other, "is no whole bundle")
    append_seal(other)
    refused(other, "is an HDF5 file, but no bundle of JourneyLab")


def test_texts_that_grow_when_read_are_stopped(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeylab.bundle.stored.MAX_TEXT_BYTES", 50_000)
    with Bundle.open(copied) as bundle, pytest.raises(BundleError, match="the texts are too long"):
        bundle.table("notes")


def test_damaged_files_end_in_words_or_are_read(copied: Path) -> None:
    data = copied.read_bytes()
    rng = random.Random(11)
    outcomes = set()
    for n in range(40):
        broken = bytearray(data)
        if n % 4 == 0:
            broken = broken[: rng.randrange(len(broken))]
        else:
            at, size = rng.randrange(len(broken)), (1, 20, 2000)[n % 4 - 1]
            broken[at : at + size] = bytes(size) if n % 3 else rng.randbytes(size)
        copied.write_bytes(broken)
        try:
            with Bundle.open(copied) as bundle:
                for stream in LAYOUT:
                    bundle.table(stream)
                bundle.audio()
                bundle.frame_at(bundle.end_ns)
            outcomes.add("read")
        except BundleError as error:
            outcomes.add("refused")
            assert str(error)
    assert outcomes == {"read", "refused"}


def test_damage_to_what_hdf5_does_not_check_is_found_before_hdf5_sees_it(copied: Path) -> None:
    data = copied.read_bytes()
    spans = chunk_ranges(copied).tolist()
    inside = {at for begin, end in spans for at in range(begin, end)}
    rng = random.Random(5)
    places = [data.index(b"GCOL") + 20, 8, 100, len(data) - 1, len(data) - 40]
    places += [at for at in rng.sample(range(len(data)), 60) if at not in inside]
    for at in places:
        copied.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        refused(copied, "is no whole bundle: it was cut short, damaged, or changed")
    for end in (0, 10, len(data) // 2, len(data) - 1):
        copied.write_bytes(data[:end])
        refused(copied, "is no whole bundle")
    copied.write_bytes(data + b"more")
    refused(copied, "is no whole bundle")


def test_a_stream_is_audited_whenever_it_is_to_be_read(copied: Path) -> None:
    hostile = tampered(copied, replaced("affect/joy", shape=(100,), dtype="<f4"))
    with pytest.raises(BundleError, match="affect/joy is not stored in chunks"):
        Bundle.open(hostile, streams={"affect": ("joy",), "gaze": None})
    with Bundle.open(hostile, streams={"gaze": ("x_px",)}) as bundle:
        assert len(bundle.table("gaze", columns=("x_px",))) > 0
        with pytest.raises(KeyError, match="without gaze/y_px"):
            bundle.table("gaze")
        with pytest.raises(KeyError, match="without the stream affect"):
            bundle.table("affect")


def test_a_link_in_the_root_is_refused_whatever_is_to_be_read(copied: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["affect"]
        file["affect"] = h5py.ExternalLink("secret.h5", "/")

    with pytest.raises(BundleError, match="affect is a link to somewhere else"):
        Bundle.open(tampered(copied, change), streams={"gaze": ("x_px",)})
