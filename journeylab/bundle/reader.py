"""Opens a bundle and reads its streams."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.audio_track import AudioPart, AudioTrack
from journeylab.bundle.encryption import plain_bundle
from journeylab.bundle.header import SessionHeader, header_from_json
from journeylab.bundle.index import Wanted
from journeylab.bundle.inspector import INSPECTOR
from journeylab.bundle.schema import ARRIVAL, LAYOUT, TEXT, TIME
from journeylab.bundle.seal import check_seal
from journeylab.bundle.stored import StoredBundle
from journeylab.bundle.video_track import StoredPacket, VideoTrack
from journeylab.errors import BundleError
from journeylab.streams import AudioBlock, Frame, Picture, StreamKind

_MAX_PICTURE_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Samples of one stream: ``t_ns`` (n,) int64, never going back, and columns (n, …) by name.

    Texts are object arrays of str; lost numbers are NaN.
    """

    t_ns: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.t_ns)


@dataclass(frozen=True, slots=True)
class PictureEntry:
    """A picture of the screen before its bytes are read; ``position`` is its place in the file."""

    position: int
    t_ns: int
    step_id: str
    width_px: int
    height_px: int
    media_type: str
    stream: str = "screen"


class Bundle:
    """An opened bundle; a context manager, used from one thread.

    Times are session time in ns; every span is start <= t < end, open where None.
    """

    def __init__(
        self,
        path: Path,
        file: StoredBundle,
        *,
        header: SessionHeader,
        looked_over: Wanted | None = None,
    ) -> None:
        self.path = path
        self.header = header
        self.attributes = file.index.attributes
        self._file = file
        self._looked_over = looked_over
        self._times: dict[str, NDArray[np.int64]] = {}
        self._videos: dict[str, VideoTrack] = {}
        self._sound: AudioTrack | None = None
        self._entries: dict[str, tuple[PictureEntry, ...]] = {}

    @classmethod
    def open(cls, path: Path, *, streams: Wanted | None = None) -> Bundle:
        """Open a bundle after looking it over, which another process does.

        With ``streams``, columns by stream, only those are looked over and can be read; it takes
        as much less time.

        Raises
        ------
        BundleError
            When it is missing, damaged, of a newer format, or not what a bundle may be.
        """
        file = open_stored(path, streams=streams)
        try:
            header = header_from_json(str(file.index.attributes["header"]))
        except ValueError as error:
            file.close()
            raise BundleError(f"The header of {path} cannot be understood ({error}).") from error
        return cls(path, file, header=header, looked_over=streams)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._file.close()

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def start_ns(self) -> int:
        """Session time at which recording began."""
        return int(self.attributes["start_ns"])

    @property
    def end_ns(self) -> int:
        """Session time at which recording ended."""
        return int(self.attributes["end_ns"])

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams with at least one sample, in their usual order, of those looked over."""
        names = LAYOUT if self._looked_over is None else self._looked_over
        return tuple(name for name in LAYOUT if name in names and self._file[name][TIME].shape[0])

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Table:
        """Read samples of a stream; of video, sound and pictures, their index.

        Parameters
        ----------
        columns
            Which to read, also ``arrived_ns``; all but that one when None.

        Raises
        ------
        KeyError
            When there is no such stream or column, or it was not looked over.
        BundleError
            When the data is damaged.
        """
        layout = LAYOUT[stream]
        names = [c.name for c in layout.columns if c.name not in (TIME, ARRIVAL)]
        wanted = [layout.column(name).name for name in (names if columns is None else columns)]
        self._check_looked_over(stream, wanted)
        with _in_words(self.path):
            times = self._times_of(stream)
            first, last, order = _span(times, start_ns, end_ns)
            t_ns = times[first:last]
            values = {name: self._column(stream, name, first, last) for name in wanted}
        if order is not None:
            t_ns = t_ns[order]
            values = {name: array[order] for name, array in values.items()}
        return Table(t_ns, values)

    def _check_looked_over(self, stream: str, columns: Sequence[str]) -> None:
        if self._looked_over is None:
            return
        if stream not in self._looked_over:
            raise KeyError(f"{self.path} was opened without the stream {stream}")
        own = self._looked_over[stream]
        missing = [] if own is None else [name for name in columns if name not in own]
        if missing:
            raise KeyError(f"{self.path} was opened without {stream}/{missing[0]}")

    def table_parts(self, stream: str, *, rows: int) -> Iterator[Table]:
        """All samples of a stream with all columns but ``arrived_ns``, ``rows`` at a time.

        As they are stored; at least one table, empty for a stream without samples.

        Raises
        ------
        BundleError
            When the data is damaged.
        """
        names = [c.name for c in LAYOUT[stream].columns if c.name not in (TIME, ARRIVAL)]
        with _in_words(self.path):
            times = self._times_of(stream)
            for first in range(0, max(1, len(times)), rows):
                last = min(len(times), first + rows)
                values = {name: self._column(stream, name, first, last) for name in names}
                yield Table(times[first:last], values)

    def _times_of(self, stream: str) -> NDArray[np.int64]:
        if stream not in self._times:
            self._times[stream] = self._file[stream][TIME][:]
        return self._times[stream]

    def _column(self, stream: str, name: str, first: int, last: int) -> NDArray[Any]:
        array: NDArray[Any] = self._file[stream][name][first:last]
        if LAYOUT[stream].column(name).dtype == TEXT:
            result = np.empty(len(array), dtype=object)
            result[:] = [text.decode("utf-8", "replace") for text in array]
            return result
        return array

    def frame_times_ns(self) -> NDArray[np.int64]:
        """Times of all camera frames, shape (n,)."""
        with _in_words(self.path):
            return self._times_of("camera")

    def frame_at(self, t_ns: int) -> Frame | None:
        """The last camera frame at or before a time, else the first; None without video.

        Decodes from the keyframe before; frames asked for in their order are decoded once.
        """
        with _in_words(self.path):
            return self._video("camera").at(t_ns)

    def frames(self, *, start_ns: int | None = None, end_ns: int | None = None) -> Iterator[Frame]:
        """Camera frames of a span, in their order."""
        with _in_words(self.path):
            yield from self._video("camera").between(start_ns, end_ns)

    def packets(self) -> Iterator[StoredPacket]:
        """The camera's video as it was encoded, in its order."""
        with _in_words(self.path):
            yield from self._video("camera").packets()

    def _video(self, stream: str) -> VideoTrack:
        if stream not in self._videos:
            self._videos[stream] = VideoTrack(self._file[stream], stream=stream)
        return self._videos[stream]

    def pictures(self, stream: str = "screen") -> tuple[PictureEntry, ...]:
        """Pictures of the screen, or whole pages with ``stream`` "pages", by time; their bytes
        come with :meth:`picture`."""
        if stream not in self._entries:
            names = ("step_id", "width_px", "height_px", "media_type")
            index = self.table(stream, columns=names)
            order = np.argsort(self._times_of(stream), kind="stable")
            self._entries[stream] = tuple(
                PictureEntry(
                    int(order[n]),
                    int(index.t_ns[n]),
                    index["step_id"][n],
                    int(index["width_px"][n]),
                    int(index["height_px"][n]),
                    index["media_type"][n],
                    stream,
                )
                for n in range(len(index))
            )
        return self._entries[stream]

    def picture(self, entry: PictureEntry) -> Picture:
        """Read one picture.

        Raises
        ------
        BundleError
            When its bytes are damaged.
        """
        with _in_words(self.path):
            group = self._file[entry.stream]
            begin, size, crc = (int(group[n][entry.position]) for n in ("offset", "size", "crc"))
            arrived_ns = int(group[ARRIVAL][entry.position])
            if size > _MAX_PICTURE_BYTES or begin + size > group["data"].shape[0]:
                raise BundleError(f"{self.path}: a picture lies outside its data.")
            data: bytes = group["data"][begin : begin + size].tobytes()
        if zlib.crc32(data) != crc:
            raise BundleError(f"{self.path}: the picture of step {entry.step_id} is damaged.")
        return Picture(
            entry.t_ns,
            entry.step_id,
            entry.width_px,
            entry.height_px,
            entry.media_type,
            data,
            None if arrived_ns == entry.t_ns else arrived_ns,
            entry.stream,
        )

    def picture_at(self, t_ns: int) -> Picture | None:
        """The last picture of the screen at or before a time, None when there is none."""
        before = [entry for entry in self.pictures() if entry.t_ns <= t_ns]
        return self.picture(before[-1]) if before else None

    def audio(self, *, start_ns: int | None = None, end_ns: int | None = None) -> AudioBlock | None:
        """Sound of a span as one block, lost samples filled with silence; None without any."""
        with _in_words(self.path):
            return self._sound_track().joined(start_ns=start_ns, end_ns=end_ns)

    def audio_parts(self) -> Iterator[AudioPart]:
        """All sound without a hole, lost samples filled with silence, in parts that fit memory."""
        with _in_words(self.path):
            yield from self._sound_track().parts(start_ns=None, end_ns=None)

    def audio_blocks(
        self, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Iterator[AudioBlock]:
        """Sound of a span in the blocks it came in, nothing filled in."""
        with _in_words(self.path):
            yield from self._sound_track().blocks(start_ns=start_ns, end_ns=end_ns)

    def _sound_track(self) -> AudioTrack:
        if self._sound is None:
            stream = next(n for n, o in LAYOUT.items() if o.spec.kind is StreamKind.AUDIO)
            self._sound = AudioTrack(self._file[stream], stream=stream)
        return self._sound


def open_stored(path: Path, *, streams: Wanted | None = None) -> StoredBundle:
    """The datasets of a bundle whose seal and structure were checked; some columns, or all.

    Raises
    ------
    BundleError
        When it is missing, encrypted and locked, damaged, of a newer format, or not what a
        bundle may be.
    """
    if not path.is_file():
        raise BundleError(f"There is no bundle {path}.")
    with plain_bundle(path) as plain:
        check_seal(plain)
        index = INSPECTOR.inspect(plain, streams=streams)
        with _in_words(path):
            # What an encrypted bundle was decrypted into goes when this descriptor is closed.
            return StoredBundle(path, os.open(plain, os.O_RDONLY | os.O_CLOEXEC), index)


def _span(
    times: NDArray[np.int64], start_ns: int | None, end_ns: int | None
) -> tuple[int, int, NDArray[np.int64] | None]:
    """First and last position of a span, and what brings these into order, if anything must."""
    if np.all(times[1:] >= times[:-1]):
        first = 0 if start_ns is None else int(np.searchsorted(times, start_ns))
        last = len(times) if end_ns is None else int(np.searchsorted(times, end_ns))
        return first, max(first, last), None
    order = np.argsort(times, kind="stable")
    first, last, _ = _span(times[order], start_ns, end_ns)
    return 0, len(times), order[first:last]


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """What reading a damaged file raises, as a BundleError."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, MemoryError) as error:
        raise BundleError(
            f"{path} cannot be read; it is damaged or no bundle ({error}).",
            remedy="journeylab verify tells more; a copy from elsewhere may be whole.",
        ) from error
