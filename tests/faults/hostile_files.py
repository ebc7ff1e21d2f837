"""Bundles as damage and ill will make them, from a sound one."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from journeylab.bundle.seal import append_seal

Make = Callable[[Path, random.Random], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to spoil a bundle; what is read of ``is_damage`` must be what was written."""

    name: str
    make: Make
    is_damage: bool = False


def _damage(path: Path, rng: random.Random, *, front_bytes: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    reach = min(len(data), front_bytes or len(data))
    for _ in range(rng.choice((1, 1, 3, 30))):
        at, size = rng.randrange(reach), rng.choice((1, 1, 8, 64, 4096))
        block = bytes(size) if rng.random() < 0.4 else rng.randbytes(size)
        data[at : at + size] = block[: len(data) - at]
    path.write_bytes(data)


def bit_flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 2, 50))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def truncation(path: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])


def zeroed_block(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at, size = rng.randrange(len(data)), rng.choice((16, 512, 4096, 65536))
    data[at : at + size] = bytes(min(size, len(data) - at))
    path.write_bytes(data)


def added_bytes(path: Path, rng: random.Random) -> None:
    with path.open("ab") as file:
        file.write(rng.randbytes(rng.randrange(1, 5000)))


def sealed_damage(path: Path, rng: random.Random) -> None:
    """Structures and heaps forged at random, under a seal that fits."""
    _damage(path, rng, front_bytes=None if rng.random() < 0.3 else 60_000)
    append_seal(path)


def sealed_structures(path: Path, rng: random.Random) -> None:
    """Damage inside HDF5's own blocks, which random places seldom hit."""
    data = bytearray(path.read_bytes())
    marks = [b"GCOL", b"TREE", b"SNOD", b"HEAP", b"OHDR", b"\x01\x00\x05\x00"]
    mark = rng.choice(marks)
    places = _places(bytes(data), mark)
    for _ in range(rng.choice((1, 3, 10))):
        if places:
            at = rng.choice(places) + rng.randrange(4, 64)
            value = rng.choice((b"\0" * 8, b"\xff" * 8, rng.randbytes(8), struct.pack("<Q", at)))
            data[at : at + len(value)] = value[: max(0, len(data) - at)]
    path.write_bytes(data)
    append_seal(path)


def _places(data: bytes, mark: bytes) -> list[int]:
    places, at = [], data.find(mark)
    while at >= 0:
        places.append(at)
        at = data.find(mark, at + 1)
    return places


def sealed_truncation(path: Path, rng: random.Random) -> None:
    truncation(path, rng)
    append_seal(path)


def forged_seal(path: Path, rng: random.Random) -> None:
    """Ends, ranges and sums of the seal itself made up, with a sum over them that fits."""
    data = path.read_bytes()
    end = rng.choice((0, len(data), 2**63, rng.randrange(len(data))))
    foot = struct.pack("<QQI", end, rng.choice((0, 1, 2**40, len(data) // 16)), rng.getrandbits(32))
    table = rng.randbytes(16 * rng.randrange(4))
    body = table + foot
    path.write_bytes(data + body + struct.pack("<I8s", zlib.crc32(body), b"JLseal\x001"))


def _changed(change: Callable[[h5py.File, Path, random.Random], None]) -> Make:
    def make(path: Path, rng: random.Random) -> None:
        with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
            change(file, path, rng)
        append_seal(path)

    return make


_COLUMNS = ("affect/joy", "gaze/x_px", "pointer/speed_px_s", "face/quality")
_TEXTS = ("notes/text", "page/url", "steps/step_id")


def _secret(path: Path, rng: random.Random) -> str:
    """The canary, by an absolute or a relative name."""
    canary = path.parent / "outside" / "secret.h5"
    return str(canary) if rng.random() < 0.5 else "outside/secret.h5"


def external_link(file: h5py.File, path: Path, rng: random.Random) -> None:
    name = rng.choice((*_COLUMNS, "gaze", "notes"))
    del file[name]
    file[name] = h5py.ExternalLink(_secret(path, rng), rng.choice(("/x", "/")))


def soft_link(file: h5py.File, _path: Path, rng: random.Random) -> None:
    name = rng.choice(_COLUMNS)
    del file[name]
    file[name] = h5py.SoftLink(rng.choice(("/affect/anger", f"/{name}", "/nowhere")))


def external_storage(file: h5py.File, path: Path, rng: random.Random) -> None:
    name = rng.choice(_COLUMNS)
    rows = file[name].shape[0]
    del file[name]
    where = path.parent / "outside" / "secret.raw"
    file.create_dataset(name, shape=(rows,), dtype="<f4", external=[(str(where), 0, rows * 4)])


def virtual_dataset(file: h5py.File, path: Path, rng: random.Random) -> None:
    name = rng.choice(_COLUMNS)
    rows = file[name].shape[0]
    layout = h5py.VirtualLayout(shape=(rows,), dtype="<f4", maxshape=(None,))
    layout[:] = h5py.VirtualSource(_secret(path, rng), "x", shape=(rows,))
    del file[name]
    file.create_virtual_dataset(name, layout)


def gzip_bomb(file: h5py.File, _path: Path, rng: random.Random) -> None:
    """A chunk that inflates to more, or to less, than it must."""
    name = rng.choice(_COLUMNS)
    rows = file[name].shape[0]
    del file[name]
    made = file.create_dataset(
        name, (rows,), "<f4", chunks=(8192,), maxshape=(None,), compression="gzip"
    )
    size = rng.choice((0, 100, 8192 * 4 - 1, 8192 * 4 + 1, 64 << 20))
    made.id.write_direct_chunk((0,), zlib.compress(bytes(size), 9))


def many_bombs(file: h5py.File, _path: Path, rng: random.Random) -> None:
    """A stream of columns that claim hundreds of megabytes each, all of them zeros."""
    rows = rng.choice((10**6, 4 * 10**6))
    chunk = zlib.compress(bytes(8192 * 4), 9)
    for name in list(file["gaze"]):
        kind = file["gaze"][name].dtype
        del file["gaze"][name]
        made = file["gaze"].create_dataset(
            name, (rows,), kind, chunks=(8192,), maxshape=(None,), compression="gzip"
        )
        data = chunk if kind.itemsize == 4 else zlib.compress(bytes(8192 * kind.itemsize), 9)
        for k in range(0, rows, 8192):
            made.id.write_direct_chunk((k,), data)


def huge_shape(file: h5py.File, _path: Path, rng: random.Random) -> None:
    name = rng.choice((*_COLUMNS, "camera/packets", "microphone/pcm", "landmarks/xyz"))
    rows = rng.choice((10**9, 2**40, 2**62))
    shape, kind = file[name].shape, file[name].dtype
    chunks = file[name].chunks
    packing = rng.choice((None, "gzip"))
    del file[name]
    file.create_dataset(
        name,
        (rows, *shape[1:]),
        kind,
        chunks=chunks,
        maxshape=(None, *shape[1:]),
        compression=packing,
    )


def huge_chunk(file: h5py.File, _path: Path, rng: random.Random) -> None:
    name = rng.choice(_COLUMNS)
    rows = file[name].shape[0]
    del file[name]
    size = rng.choice((10**6, 10**8))
    made = file.create_dataset(
        name, (rows,), "<f4", chunks=(size,), maxshape=(None,), compression="gzip"
    )
    if size == 10**6:
        made[:] = np.zeros(rows, "<f4")


def cyclic_link(file: h5py.File, _path: Path, rng: random.Random) -> None:
    where, what = rng.choice((("notes/again", "/"), ("notes/text", "/notes"), ("gaze", "/")))
    if where in file:
        del file[where]
    file[where] = file[what]


def foreign_filter(file: h5py.File, _path: Path, rng: random.Random) -> None:
    name = rng.choice(_COLUMNS)
    rows = file[name].shape[0]
    del file[name]
    code = rng.choice(("lzf", "scaleoffset", "unknown", "twice"))
    if code == "lzf":
        file.create_dataset(
            name, data=np.zeros(rows, "<f4"), chunks=(64,), maxshape=(None,), compression="lzf"
        )
    elif code == "scaleoffset":
        file.create_dataset(name, (rows,), "<f4", chunks=(64,), maxshape=(None,), scaleoffset=2)
    else:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((64,))
        if code == "twice":
            plist.set_deflate(9)
            plist.set_deflate(9)
        else:
            plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        space = h5py.h5s.create_simple((rows,), (h5py.h5s.UNLIMITED,))
        h5py.h5d.create(file.id, name.encode(), h5py.h5t.IEEE_F32LE, space, dcpl=plist)


def long_texts(file: h5py.File, _path: Path, rng: random.Random) -> None:
    """A text that stands in many rows, or whose length or place in the heap is made up."""
    made = file[rng.choice(_TEXTS)]
    made.resize(file[made.parent.name]["t_ns"].shape[0], axis=0)
    made[0] = "x" * (1 << 20)
    chunks: list[tuple[int, int]] = []
    made.id.chunk_iter(lambda chunk: chunks.append((chunk.byte_offset, chunk.size)))
    _, packed = made.id.read_direct_chunk((0,))
    references = bytearray(zlib.decompress(packed))
    length, heap, number = struct.unpack_from("<IQI", references)
    forged = rng.choice(
        (
            (length, heap, number),
            (2**32 - 1, heap, number),
            (length, heap + 8, number),
            (length, 2**63, number),
            (length, heap, number + 7),
        )
    )
    references[:] = struct.pack("<IQI", *forged) * (len(references) // 16)
    made.id.write_direct_chunk((0,), zlib.compress(bytes(references)), filter_mask=1)


def wrong_header(file: h5py.File, _path: Path, rng: random.Random) -> None:
    value = rng.choice(
        ("", "{", "[" * 100_000, "null", json.dumps({"steps": [{}] * 9}), b"\xff\xfe\x00")
    )
    name = rng.choice(("header", "format_version", "start_ns"))
    file.attrs[name] = np.void(value) if isinstance(value, bytes) else value


def wild_values(file: h5py.File, _path: Path, rng: random.Random) -> None:
    """Indices, times and rates that lead anywhere."""
    wild = (0, 1, 2**16, 2**31, 2**63 - 1, -1, -(2**63))
    names = ("camera/offset", "camera/size", "camera/width_px", "microphone/sample", "affect/t_ns",
             "microphone/count", "microphone/rate_hz", "microphone/first_sample", "camera/t_ns",
             "microphone/t_ns", "screen/offset", "screen/size", "screen/width_px")  # fmt: skip
    for name in rng.sample(names, 4):
        info = np.iinfo(file[name].dtype)
        value = min(max(rng.choice(wild), info.min), info.max)
        rows = file[name].shape[0]
        if rng.random() < 0.5:
            file[name][rng.randrange(rows)] = value
        else:
            file[name][:] = np.full(rows, value, dtype=file[name].dtype)


def forged_video(file: h5py.File, _path: Path, rng: random.Random) -> None:
    """Packets that are no video, or claim another size, under a checksum that fits."""
    packets = file["camera/packets"][:]
    offsets, sizes = file["camera/offset"][:].astype(int), file["camera/size"][:].astype(int)
    for k in range(len(offsets)):
        begin, end = offsets[k], offsets[k] + sizes[k]
        for _ in range(rng.choice((0, 1, 20))):
            packets[rng.randrange(begin, min(end, begin + 60))] = rng.getrandbits(8)
        file["camera/crc"][k] = zlib.crc32(packets[begin:end].tobytes())
    file["camera/packets"][:] = packets


KINDS = (
    Kind("bit flips", bit_flip, is_damage=True),
    Kind("truncation", truncation, is_damage=True),
    Kind("zeroed block", zeroed_block, is_damage=True),
    Kind("bytes added", added_bytes, is_damage=True),
    Kind("forged bytes, sealed", sealed_damage),
    Kind("forged structures, sealed", sealed_structures),
    Kind("truncation, sealed", sealed_truncation),
    Kind("forged seal", forged_seal),
    Kind("external link", _changed(external_link)),
    Kind("soft link", _changed(soft_link)),
    Kind("external storage", _changed(external_storage)),
    Kind("virtual dataset", _changed(virtual_dataset)),
    Kind("gzip bomb", _changed(gzip_bomb)),
    Kind("many gzip bombs", _changed(many_bombs)),
    Kind("huge shape", _changed(huge_shape)),
    Kind("huge chunk", _changed(huge_chunk)),
    Kind("cyclic link", _changed(cyclic_link)),
    Kind("foreign filter", _changed(foreign_filter)),
    Kind("forged texts", _changed(long_texts)),
    Kind("wrong header", _changed(wrong_header)),
    Kind("wild values", _changed(wild_values)),
    Kind("forged video", _changed(forged_video)),
)
