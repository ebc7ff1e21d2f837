"""Which microphones there are, and opening one by its name."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import Any, Final

from journeylab.capture.audio.portaudio import input_devices
from journeylab.capture.audio.source import Microphone
from journeylab.clock import Clock
from journeylab.errors import MicrophoneError

_PULSE: Final = "pulse"
_DEFAULT: Final = "default"
_PACTL_TIMEOUT_S: Final = 3


@dataclass(frozen=True, slots=True)
class MicrophoneInfo:
    """A microphone to choose: ``name`` opens it, ``description`` is for people."""

    name: str
    description: str


def list_microphones() -> tuple[MicrophoneInfo, ...]:
    """Microphones of this machine: the system's default first, then PulseAudio's sources, then
    the devices themselves. Loopbacks of what is being played are left out.

    Raises
    ------
    MicrophoneError
        When the PortAudio library is missing.
    """
    names = [str(device["name"]) for device in input_devices()]
    if not names:
        return ()
    found = [MicrophoneInfo(_DEFAULT, "the system's default microphone")]
    if _PULSE in names:
        found += _pulse_sources()
    found += [MicrophoneInfo(name, name) for name in names if name not in (_DEFAULT, _PULSE)]
    if _PULSE in names:
        found.append(MicrophoneInfo(_PULSE, "PulseAudio's default source"))
    return tuple(found)


def open_microphone(spec: str, *, clock: Clock) -> Microphone:
    """Open a microphone.

    Parameters
    ----------
    spec
        ``"default"``, a device's name or an unmistakable part of it, or the name of a PulseAudio
        source.

    Raises
    ------
    MicrophoneError
        When there is no microphone at all, none of that name, or it cannot be opened.
    """
    devices = input_devices()
    if not devices:
        raise MicrophoneError(
            "There is no microphone.",
            remedy="Plug one in, or record without sound (`--mic none`).",
        )
    if spec == _DEFAULT:
        return Microphone(None, clock=clock)
    device = _matching(spec, devices)
    if device is not None:
        return Microphone(int(device["index"]), clock=clock, label=str(device["name"]))
    has_pulse = any(device["name"] == _PULSE for device in devices)
    sources = {source.name for source in _pulse_sources()} if has_pulse else set()
    # Where pactl is not installed the server itself tells whether it knows the source.
    if has_pulse and (spec in sources or not shutil.which("pactl") or _is_source(spec)):
        return Microphone(None, clock=clock, pulse_source=spec)
    names = [str(device["name"]) for device in devices] + sorted(sources)
    raise MicrophoneError(
        f"There is no microphone called {spec!r}.", remedy=f"There are: {', '.join(names)}."
    )


def _matching(spec: str, devices: tuple[dict[str, Any], ...]) -> dict[str, Any] | None:
    exact = [device for device in devices if device["name"] == spec]
    if exact:
        return exact[0]
    wanted = spec.casefold()
    near = [device for device in devices if wanted in str(device["name"]).casefold()]
    return near[0] if len(near) == 1 else None


def _pulse_sources() -> list[MicrophoneInfo]:
    return [MicrophoneInfo(name, name) for name in _source_names() if not _is_loopback(name)]


def _is_source(name: str) -> bool:
    return name in _source_names()


def _is_loopback(name: str) -> bool:
    return name.endswith(".monitor")


def _source_names() -> list[str]:
    """Names of PulseAudio's (or PipeWire's) sources; none where it cannot be asked."""
    if shutil.which("pactl") is None:
        return []
    try:
        answer = subprocess.run(
            ["pactl", "list", "sources", "short"],
            capture_output=True,
            text=True,
            timeout=_PACTL_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [line.split("\t") for line in answer.stdout.splitlines()]
    return [row[1] for row in rows if len(row) > 1]
