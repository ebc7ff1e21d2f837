"""What a played participant does, in plain values and callables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.pointer.motion import PointerSample
from journeylab.streams import Sample


@dataclass(frozen=True, slots=True)
class ScriptedStep:
    """A step as it is played, s since the session's start."""

    step_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class ScriptedTarget:
    """A calibration point as it is looked at, s since the session's start."""

    x_px: float
    y_px: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class ScriptedMarker:
    """A marker as it is set, s since the session's start."""

    label: str
    at_s: float
    author: str = "moderator"


@dataclass(frozen=True, slots=True, eq=False)
class LockstepScript:
    """All that a played participant does; times count from the session's start.

    Parameters
    ----------
    frame_at
        Image (height, width, 3) BGR uint8 at a time, s.
    pointer_between
        Pointer samples from one time up to, not including, another, s; their ``t_ns`` counts
        from the start.
    audio_between
        ``(first, count)`` to PCM (count,) int16 at ``audio_rate_hz``; None without sound.
    samples
        Whatever else happens, such as page events and pictures of the screen; ``t_ns`` counts
        from the start, in order of time.
    neutral_s
        Begin and end of the neutral face; None when there is none.
    """

    participant_id: str
    duration_s: float
    frame_at: Callable[[float], NDArray[np.uint8]]
    frame_rate_hz: float
    steps: Sequence[ScriptedStep]
    segments: Mapping[str, str] = field(default_factory=dict)
    consent: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    pointer_between: Callable[[float, float], Sequence[PointerSample]] | None = None
    audio_between: Callable[[int, int], NDArray[np.int16]] | None = None
    audio_rate_hz: int = 16_000
    markers: Sequence[ScriptedMarker] = ()
    samples: Sequence[Sample] = ()
    neutral_s: tuple[float, float] | None = None
    targets: Sequence[ScriptedTarget] = ()
