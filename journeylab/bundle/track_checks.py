"""Checks of video, sound and pictures: the index fits the bytes, and they can be played."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.schema import LAYOUT, TIME
from journeylab.bundle.stored import StoredBundle, StreamValues
from journeylab.bundle.video_track import VideoTrack
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError, VideoError
from journeylab.streams import StreamKind

# A block's time is an estimate of the driver's; sound itself drifts far less than this.
_ANCHOR_TOLERANCE_S: Final = 0.1
_MAX_PICTURE_BYTES: Final = 256 << 20


def check_blobs(file: StoredBundle) -> Iterator[str]:
    """Bytes and samples lie one behind the other, none left over, each as its checksum says."""
    for name, layout in LAYOUT.items():
        if layout.blob is None:
            continue
        values = file[name]
        is_sound = layout.spec.kind is StreamKind.AUDIO
        begin, count = ("sample", "count") if is_sound else ("offset", "size")
        begins, counts = (values[column][:].astype(np.int64) for column in (begin, count))
        total = int(values[layout.blob.name].shape[0])
        expected = np.concatenate([[0], np.cumsum(counts)])
        if not np.array_equal(begins, expected[:-1]) or expected[-1] != total:
            yield f"{name}: the index does not fit the {total} entries of {layout.blob.name}"
        elif layout.spec.kind is StreamKind.PICTURES:
            yield from _picture_problems(values, name)


def _picture_problems(values: StreamValues, name: str) -> Iterator[str]:
    offsets, sizes, sums = (values[column][:] for column in ("offset", "size", "crc"))
    for position, (begin, size, crc) in enumerate(
        zip(offsets.tolist(), sizes.tolist(), sums.tolist(), strict=True)
    ):
        if size > _MAX_PICTURE_BYTES:
            yield f"{name}: picture {position} claims {size} bytes"
        elif zlib.crc32(values["data"][begin : begin + size].tobytes()) != crc:
            yield f"{name}: picture {position} is damaged"


def check_sound(file: StoredBundle) -> Iterator[str]:
    """The anchors of the sound agree with its rate wherever the device counted on."""
    for name, layout in LAYOUT.items():
        if layout.spec.kind is not StreamKind.AUDIO or not file[name][TIME].shape[0]:
            continue
        values = file[name]
        rates: NDArray[np.int64] = values["rate_hz"][:].astype(np.int64)
        if rates.min() < 1:
            yield f"{name}: a sampling rate of {rates.min()} Hz"
            continue
        times = values[TIME][:]
        firsts, counts = (
            values[column][:].astype(np.int64) for column in ("first_sample", "count")
        )
        step_s = np.diff(times) / NS_PER_S
        is_next = (np.diff(firsts) == counts[:-1]) & (np.diff(rates) == 0)
        error_s = np.abs(step_s - counts[:-1] / rates[:-1])
        wrong = np.flatnonzero(is_next & (error_s > _ANCHOR_TOLERANCE_S))
        if wrong.size:
            yield (
                f"{name}: {wrong.size} blocks are not where the rate says, by up to "
                f"{error_s[wrong].max():.2f} s, first block {wrong[0] + 1}"
            )


def check_video(file: StoredBundle, *, progress: Callable[[float], None]) -> Iterator[str]:
    """Every packet is whole and decodes to its frame."""
    for name, layout in LAYOUT.items():
        if layout.spec.kind is StreamKind.VIDEO and file[name][TIME].shape[0]:
            yield from _video_problems(file[name], name, progress)


def _video_problems(
    values: StreamValues, name: str, progress: Callable[[float], None]
) -> Iterator[str]:
    count = int(values[TIME].shape[0])
    if not values["key"][0]:
        yield f"{name}: the video does not begin with a keyframe"
    decoded: list[int] = []
    try:
        track = VideoTrack(values, stream=name)
        for frame in track.between(None, None):
            decoded.append(frame.index)
            progress(len(decoded) / count)
    except (BundleError, VideoError) as error:
        yield f"{name}: {error}"
        return
    missing = count - len(decoded)
    if missing:
        lost = np.flatnonzero(~np.isin(values["frame"][:], decoded))
        first = f", first frame {lost[0]}" if lost.size else ""
        yield f"{name}: {missing} of {count} frames cannot be decoded{first}"
