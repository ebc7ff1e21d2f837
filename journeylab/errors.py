"""Every error JourneyLab raises on purpose.

JourneyLabError
├── StudyError            study.toml or its stimuli
│   └── StudyChangedError     study.toml is not as it was read
├── DeviceError           a camera, microphone, pointer or display
│   ├── CameraError
│   ├── MicrophoneError
│   ├── PointerError
│   └── DisplayError
├── VideoError            a video file that cannot be read or written
├── BundleError           a bundle or journal that cannot be read
├── StorageError          disk full, folder not writable
├── SessionError          an act the session's state does not allow
├── InferenceError        input that inference cannot work with
└── AnalysisError         too little or unfit data for a map

A message names the file, device or stream, says what is wrong and what to do. The command line
prints it and leaves with code 1; a window shows it as it is.
"""

from __future__ import annotations


class JourneyLabError(Exception):
    """Base of all errors whose text is meant for the person at the screen."""

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what if not remedy else f"{what} {remedy}")
        self.what = what
        self.remedy = remedy


class StudyError(JourneyLabError):
    """A study folder, its study.toml or one of its stimuli is unfit."""


class StudyChangedError(StudyError):
    """A study.toml was changed by someone else while it was edited here."""


class DeviceError(JourneyLabError):
    """A device is missing, busy or silent."""


class CameraError(DeviceError):
    """No camera, camera busy, or it stopped giving frames."""


class MicrophoneError(DeviceError):
    """No microphone, or it cannot be opened."""


class PointerError(DeviceError):
    """The pointer cannot be watched on this display."""


class DisplayError(DeviceError):
    """There is no display to show the participant's screen on."""


class VideoError(JourneyLabError):
    """A video file cannot be read or written."""


class BundleError(JourneyLabError):
    """A bundle or a journal cannot be read."""


class StorageError(JourneyLabError):
    """The disk is full, or a folder cannot be written to."""


class SessionError(JourneyLabError):
    """The session's state does not allow this act."""


class InferenceError(JourneyLabError):
    """Inference was given input it cannot work with."""


class AnalysisError(JourneyLabError):
    """There is too little, or unfit, data for what was asked."""
