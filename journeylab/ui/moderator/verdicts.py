"""The technical check in plain words: camera rate, face, light, microphone, disk.

Each verdict is a pure function of what was measured; a warning says what to do about it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.measures import FaceMeasures, Mesh
from journeylab.session.view import ConsoleView, StreamHealth
from journeylab.ui.moderator.words import gigabytes
from journeylab.ui.widgets.health import Level, Reading

GOOD_RATE_HZ = 27.0
USABLE_RATE_HZ = 20.0
SMALL_FACE_PX = 70.0  # outer eye corners; below, lids and brows span too few pixels
DARK, BRIGHT = 60.0, 215.0
BACKLIGHT_RATIO = 1.9
SIDE_LIGHT_RATIO = 1.8
QUIET_DBFS, LOUD_DBFS = -55.0, -6.0
LOW_DISK_BYTES = 5e9
FULL_DISK_BYTES = 1e9

_STRIDE = 8


@dataclass(frozen=True, slots=True)
class FaceLight:
    """Mean brightness 0..255 of the face, its two halves in the image, and what is around it."""

    face: float
    left: float
    right: float
    around: float


def measure_light(image: NDArray[np.uint8], mesh: Mesh) -> FaceLight:
    """Brightness in and around the box of a face; ``image`` is BGR (height, width, 3)."""
    grey = image[::_STRIDE, ::_STRIDE].mean(axis=2)
    height, width = grey.shape
    xy = np.asarray(mesh.xyz[:, :2], dtype=np.float64) * (width, height)
    left, top = np.clip(np.floor(xy.min(axis=0)), 0, (width - 2, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(xy.max(axis=0)), (left + 2, top + 1), (width, height)).astype(
        int
    )
    middle = (left + right) // 2
    face = grey[top:bottom, left:right]
    outside = np.ones(grey.shape, dtype=bool)
    outside[top:bottom, left:right] = False
    return FaceLight(
        face=float(face.mean()),
        left=float(grey[top:bottom, left:middle].mean()),
        right=float(grey[top:bottom, middle:right].mean()),
        around=float(grey[outside].mean()) if outside.any() else float(face.mean()),
    )


def camera_verdict(camera: StreamHealth | None) -> Reading:
    """Whether frames come, and often enough."""
    if camera is None:
        return Reading(Level.OFF, "Camera: waiting for the first frames")
    if camera.fault is not None:
        return Reading(Level.FAULT, camera.fault)
    rate_hz = camera.rate_hz
    if not math.isfinite(rate_hz) or camera.samples == 0:
        return Reading(Level.OFF, "Camera: waiting for the first frames")
    if rate_hz >= GOOD_RATE_HZ:
        return Reading(Level.GOOD, f"Camera: {rate_hz:.1f} frames a second")
    advice = "Add light, or close other programs: many cameras slow down in the dark."
    level = Level.WARNING if rate_hz >= USABLE_RATE_HZ else Level.FAULT
    return Reading(level, f"Camera: only {rate_hz:.1f} frames a second. {advice}")


def face_verdict(measures: FaceMeasures | None) -> Reading:
    """Whether a face is found, large enough and well seen."""
    if measures is None:
        return Reading(Level.OFF, "Face: waiting for the first measures")
    if measures.mesh is None:
        return Reading(Level.FAULT, "Face: none found. Ask the participant to face the camera.")
    x = float(np.mean(measures.mesh.xyz[:, 0]))
    y = float(np.mean(measures.mesh.xyz[:, 1]))
    if measures.interocular_px < SMALL_FACE_PX:
        return Reading(Level.WARNING, "Face: small in the picture. Move the camera closer.")
    if not (0.25 < x < 0.75 and 0.2 < y < 0.8):
        return Reading(Level.WARNING, "Face: near the edge. Turn the camera towards it.")
    if measures.quality < 0.6:
        return Reading(
            Level.WARNING,
            f"Face: found, quality {measures.quality:.2f}. Look for glare, hair or a turned head.",
        )
    return Reading(Level.GOOD, f"Face: found, quality {measures.quality:.2f}")


def light_verdict(light: FaceLight | None) -> Reading:
    """Whether the light on the face is enough, even, and from the front."""
    if light is None:
        return Reading(Level.OFF, "Light: judged once a face is found")
    if light.face < DARK:
        return Reading(Level.WARNING, "Light: the face is dark. Put a lamp behind the camera.")
    if light.face > BRIGHT:
        return Reading(Level.WARNING, "Light: the face is overexposed. Dim the lamp in front.")
    if light.around > BACKLIGHT_RATIO * light.face:
        return Reading(Level.WARNING, "Light: from behind. Close the blind or turn the seat.")
    brighter, darker = max(light.left, light.right), min(light.left, light.right)
    if brighter > SIDE_LIGHT_RATIO * max(1.0, darker):
        return Reading(Level.WARNING, "Light: from one side only. Move the lamp to the front.")
    return Reading(Level.GOOD, "Light: even on the face")


def microphone_verdict(microphone: StreamHealth | None, level_dbfs: float) -> Reading:
    """Whether speech would be heard; ``level_dbfs`` is NaN before the first sound."""
    if microphone is None:
        return Reading(Level.OFF, "Microphone: none, no sound is kept")
    if microphone.fault is not None:
        return Reading(Level.FAULT, microphone.fault)
    if microphone.detail == "off":
        return Reading(Level.OFF, "Microphone: off, audio was declined")
    if math.isnan(level_dbfs):
        return Reading(Level.OFF, "Microphone: waiting for the first sound")
    shown = "silent" if level_dbfs < -90 else f"−{abs(level_dbfs):.0f} dBFS"
    level, advice = Level.GOOD, ""
    if level_dbfs < QUIET_DBFS:
        level, advice = Level.WARNING, ". Say a word: the level should rise."
    elif level_dbfs > LOUD_DBFS:
        level, advice = Level.WARNING, ", too loud. Lower its gain."
    return Reading(level, f"Microphone: {shown}{advice}")


def disk_verdict(free_bytes: int | None, hours_left: float | None) -> Reading:
    """Whether the disk has room for the session."""
    if free_bytes is None:
        return Reading(Level.OFF, "Disk: not looked at yet")
    free = gigabytes(free_bytes)
    if free_bytes < FULL_DISK_BYTES:
        return Reading(Level.FAULT, f"Disk: only {free} free. Free some space before you start.")
    if free_bytes < LOW_DISK_BYTES:
        return Reading(Level.WARNING, f"Disk: {free} free. Free some space soon.")
    hours = "" if hours_left is None else f", room for {hours_left:.0f} hours"
    return Reading(Level.GOOD, f"Disk: {free} free{hours}")


def stream_health(view: ConsoleView, stream: str) -> StreamHealth | None:
    """Health of one stream, None when the session has none of that name."""
    return next((health for health in view.health if health.stream == stream), None)
