"""Checks a bundle as a whole: what is wrong with it, in words.

Problems mean that data is missing, damaged or not what the format says. Remarks are what one
should know of a sound bundle: gaps, losses, a recording that did not end in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.assembly import content_crc
from journeylab.bundle.header import header_from_json
from journeylab.bundle.reader import open_stored
from journeylab.bundle.schema import TEXT, TIME, dataset_path, item_bytes
from journeylab.bundle.stored import StoredBundle
from journeylab.bundle.track_checks import check_blobs, check_sound, check_video
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import STREAMS, Column

Progress = Callable[[float], None]

# Streams that never pause while a session is recorded.
_CONTINUOUS: Final = ("camera", "microphone", "face")
_GAP_S: Final = 1.0
_SHOWN_GAPS: Final = 5
_STEP_BYTES: Final = 4 << 20
_RANGE_TOLERANCE: Final = 1e-6
_VIDEO_SHARE: Final = 0.7  # of the whole progress: decoding is what takes time


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one bundle; ``version`` and ``duration_s`` are None if it was refused."""

    path: Path
    problems: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    version: str | None = None
    duration_s: float | None = None
    n_streams: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def validate(path: Path, *, progress: Progress | None = None) -> Report:
    """Read all of a bundle and check it; never raises for what is wrong with the file."""
    try:
        file = open_stored(path)
    except BundleError as error:
        return Report(path, (error.what,))
    told = progress or (lambda _share: None)
    try:
        return _report(path, file, told)
    finally:
        file.close()


def _report(path: Path, file: StoredBundle, progress: Progress) -> Report:
    attributes = file.index.attributes
    problems = list(_header_problems(file))
    for stream in file.layout.streams.values():
        for column in (c.stored for c in stream.columns.values() if stream.is_present):
            if column is not None:
                problems += _column_problems(file, stream.layout.spec.name, column)
    progress(1 - _VIDEO_SHARE)
    remarks = list(_root_remarks(file))
    is_readable = not any("damaged" in problem for problem in problems)
    if is_readable:
        problems += _time_problems(file)
        unfit = [*check_blobs(file), *check_sound(file)]
        problems += unfit or check_video(
            file, progress=lambda share: progress(1 - _VIDEO_SHARE + share * _VIDEO_SHARE)
        )
        remarks += _gap_remarks(file)
    progress(1.0)
    return Report(
        path,
        tuple(problems),
        tuple(remarks),
        str(file.layout.version),
        (int(attributes["end_ns"]) - int(attributes["start_ns"])) / NS_PER_S,
        sum(1 for name in STREAMS if file[name][TIME].shape[0]),
    )


def _header_problems(file: StoredBundle) -> Iterator[str]:
    attributes = file.index.attributes
    try:
        header = header_from_json(str(attributes["header"]))
    except ValueError as error:
        yield f"the header cannot be understood ({error})"
        return
    for name in ("session_id", "study_id", "participant_id", "created_utc", "app_version"):
        if getattr(header, name) != attributes[name]:
            yield f"the attribute {name} is not what the header says"
    if attributes["complete"] != 1:
        yield "it was never read back after it was written"
    if int(attributes["end_ns"]) < int(attributes["start_ns"]):
        yield "the session ends before it starts"


def _root_remarks(file: StoredBundle) -> Iterator[str]:
    attributes = file.index.attributes
    if attributes["recovered"]:
        yield "recording did not end in order; the bundle was made from its journal afterwards"
    if attributes["records_lost"] or attributes["bytes_damaged"]:
        yield (
            f"{attributes['records_lost']} records of the journal were lost, "
            f"{attributes['bytes_damaged']} bytes of it damaged"
        )
    if attributes["simulated"]:
        yield "simulated"


def _column_problems(file: StoredBundle, stream: str, column: Column) -> Iterator[str]:
    """Checksum, unit and range of one column as it is stored."""
    inner = dataset_path(stream, column.name)
    index = file.index.datasets[inner]
    values = file.as_stored(stream, column)
    crc32 = outside = 0
    try:
        for begin in range(0, index.rows, step := max(1, _STEP_BYTES // item_bytes(column))):
            part = values[begin : begin + step]
            crc32 = content_crc(part, crc32)
            outside += _outside(part, column)
    except (BundleError, OSError) as error:
        what = error.what if isinstance(error, BundleError) else str(error)
        what = what.removeprefix(f"{file.path}: ").rstrip(".")
        yield what if what.startswith(inner) else f"{inner}: {what}"
        return
    if index.crc32 is None:
        yield f"{inner} has no checksum"
    elif crc32 != index.crc32:
        yield f"{inner} is not what its checksum says"
    if index.unit != column.unit:
        yield f'{inner} has the unit "{index.unit}", not "{column.unit}"'
    if outside:
        low, high = ("open" if b is None else f"{b:g}" for b in (column.low, column.high))
        yield f"{inner}: {outside} of {index.rows} values lie outside {low} to {high}"


def _outside(values: NDArray[Any], column: Column) -> int:
    """How many values lie outside the column's range; NaN never does."""
    if column.dtype == TEXT or (column.low is None and column.high is None):
        return 0
    low = -np.inf if column.low is None else column.low - abs(column.low) * _RANGE_TOLERANCE
    high = np.inf if column.high is None else column.high + abs(column.high) * _RANGE_TOLERANCE
    return int(np.count_nonzero((values < low) | (values > high)))


def _time_problems(file: StoredBundle) -> Iterator[str]:
    start_ns, end_ns = (int(file.index.attributes[name]) for name in ("start_ns", "end_ns"))
    for name in STREAMS:
        times: NDArray[np.int64] = file[name][TIME][:]
        back = np.flatnonzero(times[1:] < times[:-1])
        if back.size:
            yield f"{name}: time goes back {back.size} times, first at entry {back[0] + 1}"
        if times.size and (times.min() < start_ns or times.max() > end_ns):
            yield f"{name}: samples lie outside the session"


def _gap_remarks(file: StoredBundle) -> Iterator[str]:
    """Silences of the streams that never pause, and whether the health stream tells of them."""
    start_ns = int(file.index.attributes["start_ns"])
    health = file["health"]
    told_ns = health[TIME][:]
    of_stream = health["of_stream"][:]
    for name in _CONTINUOUS:
        times: NDArray[np.int64] = file[name][TIME][:]
        gaps_s = np.diff(times) / NS_PER_S
        long = np.flatnonzero(gaps_s > _GAP_S)
        for k in long[:_SHOWN_GAPS]:
            about = (told_ns >= times[k]) & (told_ns <= int(times[k + 1]) + NS_PER_S)
            is_told = any(text in (name.encode(), b"session") for text in of_stream[about])
            since = _clock_face(int(times[k]) - start_ns)
            yield (
                f"{name}: nothing for {gaps_s[k]:.1f} s from {since} on"
                f"{', as the health stream tells' if is_told else ', and nothing tells why'}"
            )
        if long.size > _SHOWN_GAPS:
            yield f"{name}: {long.size - _SHOWN_GAPS} more gaps"


def _clock_face(t_ns: int) -> str:
    minutes, seconds = divmod(t_ns / NS_PER_S, 60)
    return f"{int(minutes)}:{seconds:04.1f}"
