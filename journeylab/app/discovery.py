"""The devices of this machine, as the set-up page offers them."""

from __future__ import annotations

from dataclasses import dataclass

from journeylab.capture.audio.discovery import list_microphones
from journeylab.capture.camera.discovery import list_cameras
from journeylab.errors import MicrophoneError
from journeylab.ui.moderator.ports import DeviceOption


@dataclass(frozen=True, slots=True)
class FoundDevices:
    """What may be chosen."""

    cameras: tuple[DeviceOption, ...]
    microphones: tuple[DeviceOption, ...]


def find_devices() -> FoundDevices:
    """Look for cameras and microphones; takes a second, so not on the GUI thread."""
    cameras = tuple(DeviceOption(str(camera.index), camera.name) for camera in list_cameras())
    try:
        found = list_microphones()
    except MicrophoneError:
        # Without PortAudio there is no microphone to offer; doctor says how to get it.
        found = ()
    microphones = tuple(DeviceOption(one.name, one.description) for one in found)
    return FoundDevices(cameras, microphones)
