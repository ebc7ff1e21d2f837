"""What every device is to the rest: a source of stamped samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from journeylab.streams import Sample

Emit: TypeAlias = Callable[[Sample], None]
"""Takes one sample at once and never blocks; called from the source's own thread."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a device gave nothing: from its last sample to its next.

    ``lost`` counts the samples that should have come between the two.
    """

    begin_ns: int
    end_ns: int
    lost: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a source fares, for the health row; read from any thread.

    ``fault`` is None while all is well, else one sentence for the moderator. ``ended`` is true
    when a source of finite length (a video file) has given all it had. ``gaps`` are the times it
    was away and came back from, in order; what they lost is part of ``lost``.
    """

    samples: int
    lost: int
    fault: str | None
    ended: bool
    gaps: tuple[Gap, ...] = ()


class Source(Protocol):
    """A device, opened when made.

    Consequences the contract tests hold every implementation to: opening fails in the
    constructor with a DeviceError that says what to do, never later; ``start`` may be called
    once, from any thread, and samples flow until ``stop``; time stamps never go back; what was
    lost is counted in ``status().lost``; a device that dies faults its status and emits nothing
    until it is back, when the fault goes and a gap says what is missing; it never raises in its
    own thread; ``stop`` joins the thread, closes the device and may
    be called twice, or without ``start``.
    """

    @property
    def stream(self) -> str:
        """Name of the stream it feeds."""
        ...

    @property
    def label(self) -> str:
        """Human name of the device, as written into the bundle."""
        ...

    @property
    def is_simulated(self) -> bool:
        """True for a simulated twin."""
        ...

    def start(self, emit: Emit) -> None:
        """Begin to emit samples."""
        ...

    def stop(self) -> None:
        """End, join and close."""
        ...

    def status(self) -> SourceStatus:
        """A consistent reading of how it fares."""
        ...


class CameraSource(Source, Protocol):
    """A source of frames."""

    @property
    def width_px(self) -> int: ...

    @property
    def height_px(self) -> int: ...

    @property
    def rate_hz(self) -> float: ...


class AudioSource(Source, Protocol):
    """A source of audio blocks."""

    @property
    def rate_hz(self) -> int: ...
