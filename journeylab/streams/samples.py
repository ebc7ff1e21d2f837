"""The samples that flow in the streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


# eq=False: samples may hold arrays, whose comparison is not a truth value.
@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One sample of a table stream: its values in the order of the stream's columns.

    ``t_ns`` is when it happened, ``arrived_ns`` when it reached us, where the two differ.
    """

    stream: str
    t_ns: int
    values: tuple[object, ...]
    arrived_ns: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One camera image, shape (height, width, 3), BGR uint8, never written to again."""

    t_ns: int
    index: int
    image: NDArray[np.uint8]
    arrived_ns: int | None = None
    stream: str = "camera"


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """Consecutive mono samples, shape (n,), int16; ``t_ns`` belongs to the first."""

    t_ns: int
    first_sample: int
    pcm: NDArray[np.int16]
    rate_hz: int
    arrived_ns: int | None = None
    stream: str = "microphone"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An encoded still picture (``media_type`` image/jpeg or image/png) of a step."""

    t_ns: int
    step_id: str
    width_px: int
    height_px: int
    media_type: str
    data: bytes
    arrived_ns: int | None = None
    stream: str = "screen"


Sample: TypeAlias = Row | Frame | AudioBlock | Picture
