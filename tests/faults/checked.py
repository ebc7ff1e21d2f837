"""What a recovered bundle holds, against what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bundle.sent import psnr_db

from faults.sender import SENT, Tape, image_of, number_in, pcm_of, values_of
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_MS
from journeylab.streams import STREAMS


@dataclass(frozen=True, slots=True)
class Checked:
    """Samples sent and found in a bundle; ``earliest_lost_ns`` is None when all were found."""

    sent: int
    found: int
    earliest_lost_ns: int | None
    lost_by_stream: dict[str, int]

    def lost_ms(self, end_ns: int) -> float:
        """From the first sample that is missing to the end."""
        if self.earliest_lost_ns is None:
            return 0.0
        return (end_ns - self.earliest_lost_ns) / NS_PER_MS


def check(path: Path, tape: Tape, *, gaps: bool = False) -> Checked:
    """Compare a bundle with the tape, sample by sample.

    What was found must be what was sent, without a hole, up to a sample after which nothing of
    the stream is there; with ``gaps`` video and sound may lack samples in between.

    Raises
    ------
    AssertionError
        When a sample was altered, invented, out of order, or is missing before one that is there.
    """
    found = earliest = 0
    lost: list[int] = []
    lost_by_stream = {}
    with Bundle.open(path) as bundle:
        assert bundle.attributes["complete"] == 1, "not complete"
        assert bundle.attributes["records_lost"] == 0, "records lost"
        for stream in SENT:
            sent_ns = tape.times_ns(stream)
            numbers = _numbers(bundle, stream, sent_ns)
            may_lack = gaps and not STREAMS[stream].critical
            if not may_lack:
                np.testing.assert_array_equal(numbers, np.arange(len(numbers)), err_msg=stream)
            missing = np.setdiff1d(np.arange(len(sent_ns)), numbers)
            lost += sent_ns[missing].tolist()
            lost_by_stream[stream] = len(missing)
            found += len(numbers)
    total = sum(len(tape.times_ns(stream)) for stream in SENT)
    earliest = min(lost, default=None)
    return Checked(total, found, earliest, lost_by_stream)


def _numbers(bundle: Bundle, stream: str, sent_ns: np.ndarray) -> np.ndarray:
    """Numbers of the samples found, each checked against what was sent."""
    if stream == "camera":
        return _check_frames(bundle, sent_ns)
    if stream == "microphone":
        return _check_sound(bundle, sent_ns)
    columns = [column.name for column in STREAMS[stream].columns]
    table = bundle.table(stream, columns=[*columns, "arrived_ns"])
    numbers = np.searchsorted(sent_ns, table.t_ns)
    _check_times(stream, numbers, table.t_ns, table["arrived_ns"], sent_ns)
    wanted = [values_of(stream, int(number)) for number in numbers]
    for place, column in enumerate(STREAMS[stream].columns):
        values = [row[place] for row in wanted]
        if column.dtype == "text":
            assert table[column.name].tolist() == values, f"{stream}/{column.name}"
        else:
            shape = (len(values), *column.shape)
            expected = np.array(values, dtype=column.dtype).reshape(shape)
            name = f"{stream}/{column.name}"
            np.testing.assert_array_equal(table[column.name], expected, err_msg=name)
    return numbers


def _check_times(
    stream: str,
    numbers: np.ndarray,
    t_ns: np.ndarray,
    arrived_ns: np.ndarray,
    sent_ns: np.ndarray,
) -> None:
    assert len(numbers) <= len(sent_ns), f"{stream}: more was found than sent"
    np.testing.assert_array_equal(t_ns, sent_ns[numbers], err_msg=stream)
    np.testing.assert_array_equal(arrived_ns, t_ns + 1000 * (numbers % 7 + 1), err_msg=stream)
    assert np.all(np.diff(numbers) > 0), f"{stream}: out of order"


def _check_frames(bundle: Bundle, sent_ns: np.ndarray) -> np.ndarray:
    numbers = []
    for frame in bundle.frames():
        assert number_in(frame.image) == frame.index % (1 << 16), "a frame shows another"
        assert psnr_db(frame.image, image_of(frame.index)) > 30, "a frame was altered"
        assert frame.t_ns == sent_ns[frame.index], "a frame has another time"
        assert frame.arrived_ns == frame.t_ns + 1000 * (frame.index % 7 + 1)
        numbers.append(frame.index)
    assert len(numbers) == len(bundle.frame_times_ns()), "a packet cannot be decoded"
    return np.array(numbers, dtype=np.int64)


def _check_sound(bundle: Bundle, sent_ns: np.ndarray) -> np.ndarray:
    numbers = []
    for block in bundle.audio_blocks():
        number = block.first_sample // len(block.pcm)
        assert block.t_ns == sent_ns[number], "a block of sound has another time"
        np.testing.assert_array_equal(block.pcm, pcm_of(number), err_msg="sound")
        numbers.append(number)
    return np.array(numbers, dtype=np.int64)
