"""A copy of a bundle without what shows or sounds like its participant; the measures stay."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from journeylab.bundle.assembly import BundleAssembler, Checksum
from journeylab.bundle.blurring import FaceBoxes, blurred
from journeylab.bundle.journal import (
    ARRIVED,
    CONTROL_STREAM,
    FLAG_ARRIVED,
    FLAG_KEY,
    META_LENGTH,
    Opening,
    Record,
    current_layout,
    storage_error,
    sync_folder,
)
from journeylab.bundle.readback import content_checksums
from journeylab.bundle.reader import Bundle
from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import (
    ARRIVAL,
    BUNDLE_SUFFIX,
    FORMAT_VERSION,
    LAYOUT,
    LIBRARY_VERSIONS,
    PARTIAL_SUFFIX,
)
from journeylab.bundle.seal import append_seal, chunk_ranges
from journeylab.bundle.video import FrameEncoder
from journeylab.clock import NS_PER_S, ClockPair
from journeylab.errors import BundleError
from journeylab.streams import STREAMS, StreamKind

Progress = Callable[[float], None]

CAMERA: Final = "camera"
MICROPHONE: Final = "microphone"
_WINDOW_NS: Final = 30 * NS_PER_S
_NUMBERS: Final = {name: number for number, name in enumerate(STREAMS)}
# What encoding may change of a blurred frame, mean over its pixels, of 255.
_MOST_CHANGE: Final = 8.0
_FRAMES_CHECKED: Final = 20


def redact(path: Path, out: Path, *, blur: bool = False, progress: Progress | None = None) -> Path:
    """Write a copy without sound and without face video, or with the face blurred in it.

    Everything else is copied and, before the copy takes its name, read back and compared. The
    original is not touched. The copy is never encrypted.

    Parameters
    ----------
    out
        The copy, a new file ending in ``.h5``.
    blur
        Keep the video, with the face made unrecognisable in every frame; a frame in which no face
        was measured is blurred as a whole.

    Raises
    ------
    BundleError
        When ``out`` exists or is no name of a bundle, or the copy does not read back.
    StorageError
        When it cannot be written.
    """
    if out.suffix != BUNDLE_SUFFIX:
        raise BundleError(f"{out} is no name of a bundle.", remedy=f"End it in {BUNDLE_SUFFIX}.")
    if out.exists():
        raise BundleError(f"{out} is there already.", remedy="Choose another name for the copy.")
    partial = out.with_suffix(PARTIAL_SUFFIX)
    report = progress or (lambda _: None)
    with ExitStack() as stack:
        bundle = stack.enter_context(Bundle.open(path))
        stack.callback(partial.unlink, missing_ok=True)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)  # a link there would be written through
            written = _write(bundle, partial, blur=blur, progress=report)
            with h5py.File(partial, "r") as file:
                if content_checksums(file) != written:
                    raise _not_read_back(partial)
            with h5py.File(partial, "r+", libver=LIBRARY_VERSIONS) as file:
                file.attrs.modify("complete", np.int64(bundle.attributes["complete"]))
                file.attrs.modify("recovered", np.int64(bundle.attributes["recovered"]))
            append_seal(partial, checked_elsewhere=chunk_ranges(partial))
            _compare(bundle, partial, blur=blur)
            with partial.open("rb") as handle:
                os.fsync(handle.fileno())
            os.link(partial, out)  # unlike a rename, never over another file
            sync_folder(out.parent)
        except OSError as error:
            raise storage_error(out, error) from error
    report(1.0)
    return out


def _write(bundle: Bundle, partial: Path, *, blur: bool, progress: Progress) -> dict[str, Checksum]:
    attributes = bundle.attributes
    anchor = (int(attributes[f"clock_{name}"]) for name in ("t_ns", "wall_ns", "uncertainty_ns"))
    header = bundle.header
    gone = {MICROPHONE} if blur else {MICROPHONE, CAMERA}
    what = "the face is blurred in its video" if blur else "the face video was removed"
    header = replace(
        header,
        devices={name: label for name, label in header.devices.items() if name not in gone},
        microphone_rate_hz=None,
        redacted=f"{what[:1].upper()}{what[1:]}; the sound was removed.",
    )
    opening = Opening(
        uuid.uuid4().hex, FORMAT_VERSION, header, ClockPair(*anchor), current_layout()
    )
    kept = [name for name in STREAMS if name not in gone]
    with h5py.File(partial, "w", libver=LIBRARY_VERSIONS) as file:
        assembler = BundleAssembler(file, opening)
        for done, name in enumerate(kept):
            for record in _records(bundle, name):
                assembler.add(record)
            progress(0.9 * (done + 1) / len(kept))
        assembler.add(Record(CONTROL_STREAM, 0, bundle.end_ns, b""))
        return assembler.finish(
            is_recovered=False,
            records_lost=int(attributes["records_lost"]),
            bytes_damaged=int(attributes["bytes_damaged"]),
        )


def _records(bundle: Bundle, name: str) -> Iterator[Record]:
    kind = STREAMS[name].kind
    codec = RowCodec(name, LAYOUT[name].sample_columns)
    if kind is StreamKind.TABLE:
        yield from _rows(bundle, name, codec)
    elif kind is StreamKind.VIDEO:
        yield from _blurred_video(bundle, codec)
    elif kind is StreamKind.PICTURES:
        for entry in bundle.pictures():
            picture = bundle.picture(entry)
            meta = (picture.step_id, picture.width_px, picture.height_px, picture.media_type)
            payload = _with_blob(codec.encode(meta), picture.data)
            yield _record(name, picture.t_ns, picture.arrived_ns, payload)


def _rows(bundle: Bundle, name: str, codec: RowCodec) -> Iterator[Record]:
    columns = [column.name for column in LAYOUT[name].sample_columns]
    for begin_ns in range(bundle.start_ns, bundle.end_ns + 1, _WINDOW_NS):
        end_ns = begin_ns + _WINDOW_NS
        table = bundle.table(name, columns=(*columns, ARRIVAL), start_ns=begin_ns, end_ns=end_ns)
        for index, t_ns in enumerate(table.t_ns.tolist()):
            values = [_value(table[column][index]) for column in columns]
            arrived_ns = int(table[ARRIVAL][index])
            payload = codec.encode(values)
            yield _record(name, t_ns, None if arrived_ns == t_ns else arrived_ns, payload)


def _value(value: Any) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _blurred_video(bundle: Bundle, codec: RowCodec) -> Iterator[Record]:
    encoder = FrameEncoder()
    boxes = FaceBoxes(bundle)
    for frame in bundle.frames():
        image = blurred(frame.image, boxes.at(frame.t_ns))
        for packet in encoder.encode(replace(frame, image=image)):
            payload = _with_blob(codec.encode((packet.frame, *packet.size_px)), packet.data)
            flags = FLAG_KEY if packet.is_key else 0
            yield _record(CAMERA, packet.t_ns, packet.arrived_ns, payload, flags=flags)


def _with_blob(front: bytes, blob: bytes) -> bytes:
    return b"".join((META_LENGTH.pack(len(front)), front, blob))


def _record(
    name: str, t_ns: int, arrived_ns: int | None, payload: bytes, *, flags: int = 0
) -> Record:
    if arrived_ns is None:
        return Record(_NUMBERS[name], flags, t_ns, payload)
    payload = ARRIVED.pack(arrived_ns) + payload
    return Record(_NUMBERS[name], flags | FLAG_ARRIVED, t_ns, payload)


def _compare(bundle: Bundle, partial: Path, *, blur: bool) -> None:
    """Raise BundleError unless the copy holds all measures and nothing that was to go."""
    with Bundle.open(partial) as copy:
        for name, spec in STREAMS.items():
            if spec.kind is StreamKind.TABLE and not _same_rows(bundle, copy, name):
                raise _not_read_back(partial)
        pictures = [bundle.picture(entry).data for entry in bundle.pictures()]
        if pictures != [copy.picture(entry).data for entry in copy.pictures()]:
            raise _not_read_back(partial)
        gone = (MICROPHONE,) if blur else (MICROPHONE, CAMERA)
        if any(name in copy.streams for name in gone):
            raise _not_read_back(partial)
        if blur and not _is_blurred(bundle, copy):
            raise _not_read_back(partial)


def _same_rows(bundle: Bundle, copy: Bundle, name: str) -> bool:
    columns = (*(column.name for column in LAYOUT[name].sample_columns), ARRIVAL)
    for begin_ns in range(bundle.start_ns, bundle.end_ns + 1, _WINDOW_NS):
        span = {"start_ns": begin_ns, "end_ns": begin_ns + _WINDOW_NS}
        one = bundle.table(name, columns=columns, **span)
        two = copy.table(name, columns=columns, **span)
        if not np.array_equal(one.t_ns, two.t_ns):
            return False
        for column in columns:
            has_nan = one[column].dtype.kind == "f"
            if not np.array_equal(one[column], two[column], equal_nan=has_nan):
                return False
    return True


def _is_blurred(bundle: Bundle, copy: Bundle) -> bool:
    """Whether frames throughout the copy are what blurring makes of the original's."""
    times = copy.frame_times_ns()
    boxes = FaceBoxes(bundle)
    chosen = np.unique(np.linspace(0, len(times) - 1, _FRAMES_CHECKED).astype(int))
    for t_ns in times[chosen] if len(times) else ():
        original, found = bundle.frame_at(int(t_ns)), copy.frame_at(int(t_ns))
        if original is None or found is None or original.t_ns != found.t_ns:
            return False
        wanted = blurred(original.image, boxes.at(original.t_ns)).astype(np.int16)
        if float(np.abs(wanted - found.image).mean()) > _MOST_CHANGE:
            return False
    return True


def _not_read_back(partial: Path) -> BundleError:
    return BundleError(
        f"{partial} does not read back as it should; no copy was made.",
        remedy="Check the disk, and try again.",
    )
