"""What a session writes of itself when recording starts: its header and its file name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from journeylab import __version__
from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.clock import NS_PER_S, Clock
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Study

_TAKEN_SUFFIXES: Final = (".h5", ".h5.partial", ".h5.age", ".journal")


def planned_steps(study: Study) -> tuple[PlannedStep, ...]:
    """The steps as they are planned now."""
    return tuple(
        PlannedStep(step.id, step.title, step.stage, step.planned_s, str(step.stimulus.kind))
        for step in study.steps
    )


def build_header(
    study: Study,
    participant_id: str,
    *,
    segments: Mapping[str, str],
    consent: Mapping[str, str],
    devices: Mapping[str, str],
    models: Mapping[str, str],
    screen: ScreenGeometry,
    simulated: bool,
    clock: Clock,
    camera_size_px: tuple[int, int] | None = None,
    camera_rate_hz: float | None = None,
    microphone_rate_hz: int | None = None,
) -> SessionHeader:
    """The header of a session that starts now."""
    width_px, height_px = camera_size_px or (None, None)
    return SessionHeader(
        session_id=str(uuid.uuid4()),
        study_id=study.id,
        study_title=study.title,
        participant_id=participant_id,
        created_utc=_wall_time(clock).isoformat(timespec="seconds").replace("+00:00", "Z"),
        app_version=__version__,
        steps=planned_steps(study),
        screen=screen,
        segments=dict(segments),
        devices=dict(devices),
        models=dict(models),
        consent=dict(consent),
        simulated=simulated,
        camera_width_px=width_px,
        camera_height_px=height_px,
        camera_rate_hz=camera_rate_hz,
        microphone_rate_hz=microphone_rate_hz,
    )


def bundle_path(folder: StudyFolder, participant_id: str, *, clock: Clock) -> Path:
    """A free path ``sessions/<participant>-<YYYYMMDD-HHMMSS>.h5``, in local time.

    A second session within the same second gets ``-2``; nothing is ever written over.
    """
    stem = f"{participant_id}-{_wall_time(clock).astimezone():%Y%m%d-%H%M%S}"
    for number in count(1):
        name = stem if number == 1 else f"{stem}-{number}"
        path = folder.sessions_path / f"{name}.h5"
        if not any(path.with_suffix(suffix).exists() for suffix in _TAKEN_SUFFIXES):
            return path
    raise AssertionError("count never ends")


def _wall_time(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.wall_ns() / NS_PER_S, tz=UTC)
