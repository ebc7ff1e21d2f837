"""Opens the devices a session was asked to use, and says what to do without the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QScreen

from journeylab.bundle.header import ScreenGeometry
from journeylab.capture.audio.discovery import open_microphone
from journeylab.capture.camera.discovery import open_camera
from journeylab.capture.pointer.source import SystemPointer
from journeylab.capture.source import Source
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError, PointerError
from journeylab.logs import logger
from journeylab.study.model import Study

if TYPE_CHECKING:
    from journeylab.simulation.participant import SimulatedParticipant

SIMULATED = "simulated"
NONE = "none"

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What to open: ``camera`` is a device number, a video file or "simulated"; ``microphone`` a
    name, "default", "simulated" or "none". ``loops`` begins a video file again at its end."""

    camera: str
    microphone: str
    device_segment: str = "desktop"
    seed: int = 1
    loops: bool = False


@dataclass(frozen=True, slots=True)
class OpenedDevices:
    """Open sources; ``needs_window_pointer`` when the mouse must be followed by the window.

    ``look_at`` has a simulated participant look at a point of the screen, px, or at None.
    """

    sources: tuple[Source, ...]
    needs_window_pointer: bool
    look_at: Callable[[tuple[float, float] | None], None] = lambda _: None


def screen_geometry(screen: QScreen) -> ScreenGeometry:
    """A screen in device pixels, its scale, and its name and size where the display tells them."""
    ratio = screen.devicePixelRatio()
    size, physical = screen.geometry().size(), screen.physicalSize()
    known = physical.width() > 0 and physical.height() > 0
    return ScreenGeometry(
        width_px=_device_px(size.width(), ratio=ratio),
        height_px=_device_px(size.height(), ratio=ratio),
        scale=ratio,
        width_mm=physical.width() if known else None,
        height_mm=physical.height() if known else None,
        name=screen.name(),
    )


def _device_px(logical_px: int, *, ratio: float) -> int:
    """Length of a screen's side; Qt tells it in whole logical px only.

    The next even number: that of 1366 px at 1.75 is told as 781, which would make 1367.
    """
    return logical_px if ratio == 1.0 else 2 * round(logical_px * ratio / 2)


def screen_origin_px(screen: QScreen) -> tuple[int, int]:
    """Top-left corner of a screen on the desktop, as the system's pointer counts."""
    corner = screen.geometry().topLeft()
    return corner.x(), corner.y()


def pointer_scale(screen: QScreen) -> float:
    """Device px in one unit the system's pointer counts in: macOS counts in points."""
    return screen.devicePixelRatio() if sys.platform == "darwin" else 1.0


def open_devices(
    request: DeviceRequest,
    study: Study,
    *,
    clock: Clock,
    screen: ScreenGeometry,
    origin_px: tuple[int, int],
    scale: float = 1.0,
) -> OpenedDevices:
    """Open camera, pointer and microphone; closes those already open when one fails.

    Raises
    ------
    CameraError, VideoError, MicrophoneError
        When a device that was asked for cannot be opened.
    """
    if request.camera == SIMULATED:
        return _simulated_devices(request, study, clock=clock, screen=screen)
    opened: list[Source] = []
    try:
        opened.append(open_camera(request.camera, clock=clock, loop=request.loops))
        if request.microphone != NONE:
            opened.append(open_microphone(request.microphone, clock=clock))
    except JourneyLabError:
        _close(opened)
        raise
    try:
        opened.append(SystemPointer(clock=clock, origin_px=origin_px, scale=scale))
    except PointerError as error:
        _log.warning("%s", error)
        return OpenedDevices(tuple(opened), needs_window_pointer=True)
    return OpenedDevices(tuple(opened), needs_window_pointer=False)


def reopen_microphone(
    request: DeviceRequest, study: Study, *, clock: Clock, screen: ScreenGeometry
) -> Source | None:
    """Open the microphone of a request once more; None where it asks for none.

    Raises
    ------
    MicrophoneError
        When it cannot be opened any more.
    """
    if request.microphone == NONE:
        return None
    if request.camera != SIMULATED:
        return open_microphone(request.microphone, clock=clock)
    from journeylab.simulation.sources import simulated_microphone

    participant = simulated_participant(request, study, screen=screen)
    return simulated_microphone(participant, clock=clock)


def simulated_participant(
    request: DeviceRequest, study: Study, *, screen: ScreenGeometry
) -> SimulatedParticipant:
    """The participant whom a simulated camera shows."""
    from journeylab.simulation.participant import SimulatedParticipant
    from journeylab.simulation.tempers import TEMPERS

    names = sorted(TEMPERS)
    return SimulatedParticipant(
        study,
        temper=TEMPERS[names[request.seed % len(names)]],
        device=request.device_segment,
        seed=request.seed,
        screen=screen,
    )


def _simulated_devices(
    request: DeviceRequest, study: Study, *, clock: Clock, screen: ScreenGeometry
) -> OpenedDevices:
    from journeylab.simulation.sources import simulated_sources

    participant = simulated_participant(request, study, screen=screen)
    participant.frame_at(0.0)  # paints the avatar's skin, which takes longer than a frame lasts
    sources = simulated_sources(participant, clock=clock)
    wanted = [one for one in sources if one.stream != "microphone" or request.microphone != NONE]
    _close([one for one in sources if one not in wanted])
    return OpenedDevices(tuple(wanted), needs_window_pointer=False, look_at=participant.look_at)


def _close(sources: Sequence[Source]) -> None:
    for source in sources:
        source.stop()
