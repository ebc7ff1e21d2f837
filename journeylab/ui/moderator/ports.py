"""What the moderator's window is given and what it gives: plain records and a protocol.

The window opens no device and runs no session. It reads a session through
:class:`SessionPort`, gets lists of devices as records and answers with a
:class:`SetupChoice`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from journeylab.inference.gaze_record import PointKind
from journeylab.session.live import LiveBoard
from journeylab.session.tech_check import PictureWatch
from journeylab.session.view import ConsoleView

SIMULATED: Final = "simulated"
NO_MICROPHONE: Final = "none"


class SessionPort(Protocol):
    """The part of a session's controller that the pages read."""

    @property
    def live(self) -> LiveBoard: ...

    @property
    def picture(self) -> PictureWatch: ...

    def view(self) -> ConsoleView: ...


@dataclass(frozen=True, slots=True)
class DeviceOption:
    """A camera or microphone that may be chosen; ``spec`` is what opens it."""

    spec: str
    label: str


@dataclass(frozen=True, slots=True)
class DisplayOption:
    """A display the participant's window may fill."""

    index: int
    label: str


@dataclass(frozen=True, slots=True)
class SetupChoice:
    """All the moderator chose before a session.

    With ``is_practice`` the session is an exercise and is not kept; with ``takes_neutral`` it
    begins with the neutral face.
    ``camera`` is a device's spec, the path of a video file or "simulated"; ``microphone`` a
    device's spec, "simulated" or "none" (always "none" when audio was declined). ``consent``
    answers "yes" or "no" for face_video, audio, screen and emotion_recognition, and holds
    text_version and stated_by.
    """

    participant_id: str
    segments: dict[str, str]
    camera: str
    microphone: str
    screen_index: int
    consent: dict[str, str] = field(default_factory=dict)
    is_practice: bool = False
    takes_neutral: bool = False

    @property
    def is_simulated(self) -> bool:
        """True with a simulated participant."""
        return self.camera == SIMULATED


@dataclass(frozen=True, slots=True)
class GazeChoice:
    """How gaze is to be calibrated: 5, 9 or 13 points, each until its samples agree or, where
    ``is_paced``, until the moderator goes on."""

    n_points: int = 9
    is_paced: bool = False


@dataclass(frozen=True, slots=True)
class GazePoint:
    """A point to look at, px from the screen's top-left corner, and what it is shown for."""

    kind: PointKind
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class GazeProgress:
    """The point that is shown: the ``place``-th of ``of`` of its kind, counted from 1."""

    kind: PointKind
    place: int
    of: int
    is_paced: bool = False


@dataclass(frozen=True, slots=True)
class NeutralProgress:
    """How far the neutral face is: ``done_s`` of ``whole_s``, with a face seen well enough in
    ``n_seen`` of ``n_frames`` pictures; while ``is_reading`` the seconds do not count yet."""

    done_s: float
    whole_s: float
    n_frames: int
    n_seen: int
    is_reading: bool = False


@dataclass(frozen=True, slots=True)
class StudyListing:
    """One line of the list of studies; ``problem`` says why it cannot be opened, if so;
    ``reminder`` that its sessions are due to be erased."""

    path: Path
    title: str
    goal: str = ""
    n_steps: int = 0
    n_sessions: int = 0
    problem: str = ""
    reminder: str = ""
