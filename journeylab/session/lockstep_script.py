"""What a played participant does, in plain values and callables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.pointer.motion import PointerSample
from journeylab.streams import Sample
from journeylab.study.assignment import Assignment


class ScriptedStep(Protocol):
    """A step as it is played, s since the session's start."""

    @property
    def step_id(self) -> str: ...

    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...


class ScriptedTarget(Protocol):
    """A calibration point as it is looked at, px and s since the session's start."""

    @property
    def x_px(self) -> float: ...

    @property
    def y_px(self) -> float: ...

    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...


class ScriptedMarker(Protocol):
    """A marker as the moderator sets it, s since the session's start."""

    @property
    def label(self) -> str: ...

    @property
    def at_s(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class LockstepScript:
    """All that a played participant does; times count from the session's start.

    Parameters
    ----------
    assignment
        Who is played, and what of the study she meets: the rest of the script is of these steps.
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

    assignment: Assignment
    duration_s: float
    frame_at: Callable[[float], NDArray[np.uint8]]
    frame_rate_hz: float
    steps: Sequence[ScriptedStep]
    consent: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    pointer_between: Callable[[float, float], Sequence[PointerSample]] | None = None
    audio_between: Callable[[int, int], NDArray[np.int16]] | None = None
    audio_rate_hz: int = 16_000
    markers: Sequence[ScriptedMarker] = ()
    samples: Sequence[Sample] = ()
    neutral_s: tuple[float, float] | None = None
    targets: Sequence[ScriptedTarget] = ()
