"""The console's bottom line: what each stream does, in two or three words."""

from __future__ import annotations

import math

from journeylab.inference.measures import FaceMeasures
from journeylab.session.tech_check import USABLE_RATE_HZ
from journeylab.session.view import ConsoleView, StreamHealth
from journeylab.ui.moderator.verdicts import (
    FULL_DISK_BYTES,
    GOOD_RATE_HZ,
    LOW_DISK_BYTES,
    QUIET_DBFS,
    stream_health,
)
from journeylab.ui.moderator.words import gigabytes, plural
from journeylab.ui.widgets.health import Level, Reading

SLOW_MS = 100.0


def health_readings(
    view: ConsoleView, *, measures: FaceMeasures | None, microphone_dbfs: float
) -> dict[str, Reading]:
    """The bottom line, from left to right, keyed by what each item is about."""
    return {
        "camera": _camera(stream_health(view, "camera")),
        "mesh": _mesh(view.inference_share, measures, fault=_fault(view, "face")),
        "gaze": _gaze(measures),
        "mouse": _mouse(stream_health(view, "pointer")),
        "microphone": _microphone(stream_health(view, "microphone"), microphone_dbfs),
        "dropped": Reading(
            Level.GOOD if view.dropped == 0 else Level.FAULT, f"dropped {view.dropped}"
        ),
        "disk": _disk(view.free_disk_bytes, view.disk_hours_left),
    }


def latency_reading(latency_ms: float) -> Reading:
    """From a frame's capture to its measures."""
    if not math.isfinite(latency_ms):
        return Reading(Level.OFF, "latency –")
    level = Level.GOOD if latency_ms <= SLOW_MS else Level.WARNING
    return Reading(level, f"latency {latency_ms:.0f} ms")


def _camera(camera: StreamHealth | None) -> Reading:
    if camera is None:
        return Reading(Level.OFF, "no camera")
    if camera.detail == "off":
        return Reading(Level.OFF, "camera off")
    if camera.fault is not None:
        return Reading(Level.FAULT, "camera stopped")
    if not math.isfinite(camera.rate_hz):
        return Reading(Level.OFF, "camera –")
    level = Level.GOOD if camera.rate_hz >= GOOD_RATE_HZ else Level.WARNING
    level = level if camera.rate_hz >= USABLE_RATE_HZ else Level.FAULT
    gaps = _gaps(camera)
    rate = f"{camera.rate_hz:.1f} fps"
    return Reading(level, f"camera {rate}{gaps}", brief=f"{rate}{gaps}")


def _gaps(health: StreamHealth) -> str:
    """How often it was away and came back."""
    return f", {plural(health.gaps, 'gap')}" if health.gaps else ""


def _fault(view: ConsoleView, stream: str) -> str | None:
    health = stream_health(view, stream)
    return None if health is None else health.fault


def _mesh(share: float, measures: FaceMeasures | None, *, fault: str | None) -> Reading:
    if fault is not None:
        return Reading(Level.FAULT, "mesh stopped")
    if measures is None or not math.isfinite(share):
        return Reading(Level.OFF, "mesh –")
    if not measures.has_face:
        return Reading(Level.WARNING, "no face")
    # Rounded down: 100 % is said only of every frame.
    level = Level.GOOD if share >= 0.99 else Level.WARNING
    return Reading(level, f"mesh {math.floor(share * 100)} %")


def _gaze(measures: FaceMeasures | None) -> Reading:
    if measures is None or not math.isfinite(measures.gaze_uncertainty_px):
        return Reading(Level.OFF, "gaze not calibrated", brief="no gaze")
    return Reading(Level.GOOD, f"gaze ±{measures.gaze_uncertainty_px:.0f} px")


def _mouse(pointer: StreamHealth | None) -> Reading:
    if pointer is None:
        return Reading(Level.OFF, "no mouse")
    if pointer.detail == "off":
        return Reading(Level.OFF, "mouse off")
    if pointer.fault is not None:
        return Reading(Level.FAULT, "mouse not seen")
    if not math.isfinite(pointer.rate_hz):
        return Reading(Level.OFF, "mouse –")
    return Reading(Level.GOOD, f"mouse {pointer.rate_hz:.0f} Hz")


def _microphone(microphone: StreamHealth | None, level_dbfs: float) -> Reading:
    if microphone is None:
        return Reading(Level.OFF, "no microphone")
    if microphone.detail == "off":
        return Reading(Level.OFF, "mic off")
    if microphone.fault is not None:
        return Reading(Level.FAULT, "microphone stopped")
    if math.isnan(level_dbfs):
        return Reading(Level.OFF, "mic –")
    if level_dbfs < -90:
        return Reading(Level.WARNING, "mic silent")
    level = Level.GOOD if level_dbfs >= QUIET_DBFS else Level.WARNING
    gaps = _gaps(microphone)
    heard = f"mic −{abs(level_dbfs):.0f}"
    return Reading(level, f"{heard} dBFS{gaps}", brief=f"{heard} dB{gaps}")


def _disk(free_bytes: int | None, hours_left: float | None) -> Reading:
    if free_bytes is None:
        return Reading(Level.OFF, "disk –")
    level = Level.GOOD if free_bytes >= LOW_DISK_BYTES else Level.WARNING
    level = level if free_bytes >= FULL_DISK_BYTES else Level.FAULT
    hours = ""
    if hours_left is not None:
        if hours_left > 99:
            hours = ", over 99 h left"
        elif hours_left >= 2:
            hours = f", {hours_left:.0f} h left"
        else:
            hours = f", {hours_left * 60:.0f} min left"
    size = f"disk {gigabytes(free_bytes)}"
    return Reading(level, f"{size}{hours}", brief=size)
