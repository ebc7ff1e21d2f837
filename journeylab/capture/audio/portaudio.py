"""PortAudio, loaded when first needed, and what its errors mean."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from journeylab.errors import MicrophoneError

# PortAudio reads the list of devices once; reading it again ends every open stream. And the
# PulseAudio source is chosen through the environment. Both are the process's, so one lock.
_lock = threading.Lock()
_open_streams = 0


def load_portaudio() -> Any:
    """The sounddevice module.

    Raises
    ------
    MicrophoneError
        When it or the PortAudio library is missing.
    """
    try:
        import sounddevice
    except OSError as error:
        raise MicrophoneError(
            "Sound cannot be recorded: the PortAudio library is missing.",
            remedy="Run `sudo apt install libportaudio2 libasound2-plugins`.",
        ) from error
    except ImportError as error:
        raise MicrophoneError(
            "Sound cannot be recorded: the Python package sounddevice is missing.",
            remedy="Install JourneyLab again.",
        ) from error
    return sounddevice


def input_devices() -> tuple[dict[str, Any], ...]:
    """PortAudio's devices that record, as of now; empty when there are none.

    While a microphone is open the list is that of the time it was opened.

    Raises
    ------
    MicrophoneError
        As :func:`load_portaudio`.
    """
    sounddevice = load_portaudio()
    with _lock:
        if _open_streams == 0:
            _rescan(sounddevice)
        devices = [dict(device) for device in sounddevice.query_devices()]
    return tuple(device for device in devices if device["max_input_channels"] > 0)


def open_stream(device: int | str | None, *, pulse_source: str | None, **settings: Any) -> Any:
    """An input stream, open and not yet started; give it back with :func:`close_stream`.

    Raises
    ------
    MicrophoneError
        When the device is missing, busy, or refuses the settings.
    """
    global _open_streams  # noqa: PLW0603  PortAudio's own state is global
    sounddevice = load_portaudio()
    name = pulse_source or ("the default microphone" if device is None else f"microphone {device}")
    with _lock, _pulse_source(pulse_source):
        if _open_streams == 0:
            _rescan(sounddevice)
        try:
            stream = sounddevice.InputStream(device=device, **settings)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise explain(name, error) from error
        _open_streams += 1
    return stream


def close_stream(stream: Any) -> None:
    """Stop and close a stream of :func:`open_stream`; called once."""
    global _open_streams  # noqa: PLW0603
    with _lock:
        stream.close(ignore_errors=True)
        _open_streams -= 1


def explain(name: str, error: Exception) -> MicrophoneError:
    """What PortAudio's refusal means for the person at the screen."""
    text = str(error).lower()
    if "no " in text and "matching" in text:
        return MicrophoneError(
            f"There is no {name}.",
            remedy="`journeylab doctor` lists those there are.",
        )
    if "querying device -1" in text or "no default" in text:
        return MicrophoneError(
            "There is no microphone.",
            remedy="Plug one in, or record without sound (`--mic none`).",
        )
    if "device unavailable" in text:
        return MicrophoneError(
            f"{name} is in use by another program, or was unplugged.",
            remedy="Close the program that uses it, or choose another microphone.",
        )
    if "sample rate" in text:
        return MicrophoneError(
            f"{name} does not record at the rate asked for.",
            remedy="Choose `default` or `pulse`, which convert it.",
        )
    return MicrophoneError(
        f"{name} cannot be opened: {error}.",
        remedy="Check that it is plugged in and allowed in the system's sound settings.",
    )


def _rescan(sounddevice: Any) -> None:
    # sounddevice has no public call for it; these two are what its documentation refers to.
    sounddevice._terminate()
    sounddevice._initialize()


@contextmanager
def _pulse_source(name: str | None) -> Iterator[None]:
    """Makes PulseAudio's client connect to that source while the block runs."""
    if name is None:
        yield
        return
    before = os.environ.get("PULSE_SOURCE")
    os.environ["PULSE_SOURCE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["PULSE_SOURCE"]
        else:
            os.environ["PULSE_SOURCE"] = before
