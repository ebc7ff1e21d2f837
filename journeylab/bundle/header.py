"""What a bundle says of its session as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class ScreenGeometry:
    """The participant's screen. Millimetres are None where the display does not tell them;
    ``scale`` is the number of device pixels in a logical one, ``name`` the system's."""

    width_px: int
    height_px: int
    scale: float = 1.0
    width_mm: float | None = None
    height_mm: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it was planned when the session ran."""

    step_id: str
    title: str
    stage: str
    planned_s: float
    kind: str


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """Fixed when recording starts; first record of the journal, root attributes of the bundle.

    ``devices`` names the source of each recorded stream, such as ``{"camera": "/dev/video0"}``;
    ``simulated`` is true when any of them was simulated. ``models`` names what inferred each
    derived stream, with its version. ``consent`` holds what the participant agreed to, by stream
    ("yes" or "no"), the full text it was agreed to with its version, who stated it and when.
    ``redacted`` says what was taken out of this copy, and is empty in what was recorded.
    """

    session_id: str
    study_id: str
    study_title: str
    participant_id: str
    created_utc: str
    app_version: str
    steps: tuple[PlannedStep, ...]
    screen: ScreenGeometry
    segments: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    consent: dict[str, str] = field(default_factory=dict)
    simulated: bool = False
    camera_width_px: int | None = None
    camera_height_px: int | None = None
    camera_rate_hz: float | None = None
    microphone_rate_hz: int | None = None
    redacted: str = ""


def header_to_json(header: SessionHeader) -> str:
    """The header as one JSON object; :func:`header_from_json` gives it back equal."""
    return json.dumps(asdict(header), ensure_ascii=False, sort_keys=True)


def header_from_json(text: str | bytes) -> SessionHeader:
    """Read a header, checking every type: the file it stands in is untrusted.

    Raises
    ------
    ValueError
        Naming the key and what was expected.
    """
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"]) or "header"
        raise ValueError(f"{key}: {problem['msg']}") from error


@cache
def _adapter() -> TypeAdapter[SessionHeader]:
    return TypeAdapter(SessionHeader)
