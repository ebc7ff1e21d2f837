"""The technical check in plain words: camera, face, light, microphone, disk, displays, and all.

Each verdict is a pure function of what was measured; a warning says what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from journeylab.inference.measures import FaceMeasures
from journeylab.inference.picture_check import PictureMeasures
from journeylab.session.tech_check import USABLE_RATE_HZ, judge_picture
from journeylab.session.view import ConsoleView, StreamHealth
from journeylab.ui.moderator.words import gigabytes
from journeylab.ui.widgets.health import Level, Reading

GOOD_RATE_HZ = 27.0
GOOD_QUALITY = 0.6
QUIET_DBFS, LOUD_DBFS = -55.0, -6.0
LOW_DISK_BYTES = 5e9
FULL_DISK_BYTES = 1e9

_OF_FACE: Final = ("Light", "Sharpness", "Glasses")


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


def picture_verdicts(
    picture: PictureMeasures | None, measures: FaceMeasures | None
) -> dict[str, Reading]:
    """Whether a face is found and well seen, by what of it; keyed by the names of the lines."""
    if measures is None or measures.mesh is None or picture is None:
        later = {
            name: Reading(Level.OFF, f"{name}: judged once a face is found") for name in _OF_FACE
        }
        if measures is None or measures.mesh is not None:
            return {"Face": Reading(Level.OFF, "Face: waiting for the first measures"), **later}
        none = Reading(Level.FAULT, "Face: none found. Ask the participant to face the camera.")
        return {"Face": none, **later}
    findings = {one.subject: one for one in judge_picture(picture)}
    readings = {
        name: Reading(Level.GOOD if one.is_good else Level.WARNING, one.text)
        for name, one in findings.items()
    }
    if findings["Face"].is_good and measures.quality < GOOD_QUALITY:
        readings["Face"] = Reading(
            Level.WARNING,
            f"Face: quality {measures.quality:.2f} of 1. Look for hair, a hand or a turned head.",
        )
    return readings


def displays_verdict(count: int) -> Reading:
    """Whether the participant has a display of her own; ``count`` is 0 before it is known."""
    if count == 0:
        return Reading(Level.OFF, "Displays: not looked at yet")
    if count == 1:
        return Reading(
            Level.WARNING,
            "Displays: one only, the participant's pages will cover this window. Use the keys.",
        )
    return Reading(Level.GOOD, f"Displays: {count}, the participant has one")


def overall_verdict(readings: Mapping[str, Reading]) -> Reading:
    """All of it in one line: whether to start, and what to better first."""
    by_level = {
        level: [name.lower() for name, one in readings.items() if one.level is level]
        for level in Level
    }
    if faults := by_level[Level.FAULT]:
        return Reading(Level.FAULT, f"Not ready: see to {listed(faults)}.")
    if any(readings[name].level is Level.OFF for name in ("Camera", "Face") if name in readings):
        return Reading(Level.OFF, "Looking at camera and face.")
    if warnings := by_level[Level.WARNING]:
        return Reading(Level.WARNING, f"Usable, and better after a look at {listed(warnings)}.")
    return Reading(Level.GOOD, "All is well.")


def listed(words: Sequence[str]) -> str:
    """``light, glasses and disk``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def microphone_verdict(
    microphone: StreamHealth | None, level_dbfs: float, *, voice: str = ""
) -> Reading:
    """Whether speech would be heard; ``level_dbfs`` is NaN before the first sound.

    ``voice`` is the participant's yes or no to her voice, empty while she has not answered.
    """
    if microphone is None:
        return Reading(Level.OFF, "Microphone: none, no sound is kept")
    if microphone.fault is not None:
        return Reading(Level.FAULT, microphone.fault)
    if microphone.detail == "off":
        why = "it is not agreed to" if voice == "no" else "until voice is agreed to, or checked"
        return Reading(Level.OFF, f"Microphone: off, {why}")
    if math.isnan(level_dbfs):
        return Reading(Level.OFF, "Microphone: waiting for the first sound")
    shown = "silent" if level_dbfs < -90 else f"−{abs(level_dbfs):.0f} dBFS"
    level, advice = Level.GOOD, ", watched and not kept"
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
