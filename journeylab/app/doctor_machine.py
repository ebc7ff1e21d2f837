"""The doctor's look at the machine: devices, display, disk, memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from journeylab.app.display import has_display
from journeylab.app.doctor_check import Check, fine, problem, warning
from journeylab.capture.audio.discovery import MicrophoneInfo, list_microphones
from journeylab.capture.camera.device import probe_camera
from journeylab.capture.camera.discovery import CameraInfo, list_cameras
from journeylab.capture.camera.v4l2 import NodeState
from journeylab.capture.pointer.source import SystemPointer, wayland_warning
from journeylab.clock import SessionClock
from journeylab.errors import MicrophoneError, PointerError

_GB: Final = 1e9
_MB: Final = 1e6
_PROBE_MB: Final = 32
# A session writes 13 MB a minute at 1280x720; a disk this slow would hold even that up at times.
_SLOW_DISK_MB_S: Final = 10.0
_LEAST_GB, _GOOD_GB = 1.0, 5.0
_LEAST_MEMORY_GB, _GOOD_MEMORY_GB = 0.5, 2.0
_QT_TIMEOUT_S: Final = 30

# In a process of its own: where Qt cannot reach the display it aborts.
_QT_PROBE: Final = """
import json
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
app = QGuiApplication([])
screens = [[s.name(), s.geometry().width(), s.geometry().height()] for s in app.screens()]
surface = QOffscreenSurface()
surface.create()
context = QOpenGLContext()
renderer = None
if context.create() and context.makeCurrent(surface):
    renderer = context.functions().glGetString(0x1F01)
    context.doneCurrent()
if isinstance(renderer, bytes):
    renderer = renderer.decode()
print(json.dumps({"screens": screens, "renderer": renderer}))
"""


@dataclass(frozen=True, slots=True)
class QtSight:
    """What Qt sees: screens as (name, width_px, height_px), and OpenGL's renderer."""

    screens: tuple[tuple[str, int, int], ...]
    renderer: str | None
    error: str = ""


def check_machine(folder: Path) -> list[Check]:
    """Everything about the machine a session needs; ``folder`` is where sessions would go."""
    return [
        _check_cameras(),
        _check_microphones(),
        *_check_display(),
        _check_pointer(),
        _check_disk(folder),
        judge_memory(psutil.virtual_memory().available),
        judge_cores(os.cpu_count() or 1),
    ]


def judge_cameras(cameras: Sequence[tuple[CameraInfo, NodeState]]) -> Check:
    """Cameras with their states."""
    name = "Camera"
    if not cameras:
        return warning(
            name,
            "No camera is connected.",
            fix="Plug one in. Without one, a video file or `--camera simulated` takes its place.",
        )
    ready = [camera for camera, state in cameras if state is NodeState.READY]
    if ready:
        listed = ", ".join(f"{camera.index}: {camera.name}" for camera in ready)
        return fine(name, listed)
    camera, state = cameras[0]
    if state is NodeState.DENIED:
        return warning(
            name,
            f"{camera.name} may not be used by this account.",
            fix="Run `sudo usermod -aG video $USER`, then log out and in again.",
        )
    return warning(
        name,
        f"{camera.name} is in use by another program.",
        fix="Close the browser tab, meeting or camera program that shows it.",
    )


def judge_microphones(microphones: Sequence[MicrophoneInfo]) -> Check:
    """Microphones that can be opened."""
    if microphones:
        return fine("Microphone", ", ".join(one.name for one in microphones))
    return warning(
        "Microphone",
        "No microphone is connected.",
        fix="Plug one in, and check the system's sound settings. Sessions work without sound.",
    )


def judge_screens(sight: QtSight) -> list[Check]:
    """The display as Qt sees it: screens, then OpenGL."""
    if sight.error:
        return [
            problem(
                "Display",
                f"Qt cannot open a window here: {sight.error}.",
                fix="Run `sudo apt install libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 "
                "libxcb-keysyms1 libxcb-shape0 libegl1 libgl1`.",
            )
        ]
    listed = ", ".join(f"{name} {width}x{height}" for name, width, height in sight.screens)
    count = len(sight.screens)
    screens = (
        fine("Display", f"{count} screens: {listed}.")
        if count > 1
        else warning(
            "Display",
            f"One screen ({listed}): moderator and participant would share it.",
            fix="Connect a second screen, not mirrored, and give it to the participant.",
        )
    )
    if sight.renderer is None:
        opengl = warning(
            "OpenGL",
            "No OpenGL; the windows draw more slowly.",
            fix="Run `sudo apt install libgl1 libegl1 libgl1-mesa-dri`.",
        )
    else:
        opengl = fine("OpenGL", sight.renderer)
    return [screens, opengl]


def judge_disk(free_bytes: int, *, speed_mb_s: float) -> Check:
    """Room and sustained writing speed where sessions go."""
    name = "Disk"
    free_gb = free_bytes / _GB
    hours = free_bytes / (13 * _MB * 60)
    text = f"{free_gb:.0f} GB free, {speed_mb_s:.0f} MB/s: room for {hours:.0f} h of sessions"
    if free_gb < _LEAST_GB:
        return problem(
            name, f"{free_gb:.1f} GB free; a session needs 1 GB.", fix="Make room on this disk."
        )
    if free_gb < _GOOD_GB:
        return warning(name, f"{text}.", fix="Make room: below 5 GB sessions warn.")
    if speed_mb_s < _SLOW_DISK_MB_S:
        return warning(
            name,
            f"{text}. That is slow: pictures may be dropped.",
            fix="Keep studies on an internal disk, not on a network or USB drive.",
        )
    return fine(name, f"{text}.")


def judge_memory(available_bytes: int) -> Check:
    """Memory that is free now."""
    name, available_gb = "Memory", available_bytes / _GB
    text = f"{available_gb:.1f} GB available"
    if available_gb < _LEAST_MEMORY_GB:
        return problem(name, f"{text}; a session needs 0.5 GB.", fix="Close other programs.")
    if available_gb < _GOOD_MEMORY_GB:
        return warning(name, f"{text}.", fix="Close other programs before a session.")
    return fine(name, f"{text}.")


def judge_cores(count: int) -> Check:
    """Processor cores."""
    if count >= 2:
        return fine("Processor", f"{count} cores.")
    return warning(
        "Processor",
        "One core: at 30 frames a second some are left out of the analysis.",
        fix="Use a machine with two cores or more.",
    )


def _check_cameras() -> Check:
    return judge_cameras([(camera, probe_camera(camera.index)) for camera in list_cameras()])


def _check_microphones() -> Check:
    try:
        return judge_microphones(list_microphones())
    except MicrophoneError as error:
        return warning("Microphone", error.what, fix=error.remedy)


def _check_display() -> list[Check]:
    wayland = wayland_warning()
    checks = []
    if wayland is not None:
        checks.append(
            warning(
                "Desktop",
                wayland,
                fix="The mouse is followed over the participant's window only; for all of it, "
                "log in to an X11 session.",
            )
        )
    if not has_display():
        checks.append(
            problem(
                "Display",
                "There is none, so no window can open; `demo`, `infer` and `map` work all the "
                "same.",
                fix="Run JourneyLab from a desktop session, or under Xvfb.",
            )
        )
        return checks
    return checks + judge_screens(_look_through_qt())


def _look_through_qt() -> QtSight:
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _QT_PROBE],
            capture_output=True,
            text=True,
            timeout=_QT_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return QtSight((), None, "it does not answer")
    if answer.returncode != 0:
        said = [line for line in answer.stderr.splitlines() if line.strip()]
        return QtSight((), None, (said[0] if said else "it ended without a word").rstrip("."))
    seen = json.loads(answer.stdout.splitlines()[-1])
    screens = tuple((name, width, height) for name, width, height in seen["screens"])
    return QtSight(screens, seen["renderer"])


def _check_pointer() -> Check:
    try:
        pointer = SystemPointer(clock=SessionClock())
    except PointerError as error:
        return warning("Mouse", error.what, fix=error.remedy)
    pointer.stop()
    return fine("Mouse", "Every move, click and scroll is seen.")


def _check_disk(folder: Path) -> Check:
    try:
        free_bytes = shutil.disk_usage(folder).free
        speed_mb_s = _write_speed_mb_s(folder) if free_bytes > _LEAST_GB * _GB else 0.0
    except OSError as error:
        return warning(
            "Disk",
            f"{folder} cannot be written to ({error.strerror}).",
            fix="Run the doctor in the folder where your studies lie.",
        )
    return judge_disk(free_bytes, speed_mb_s=speed_mb_s)


def _write_speed_mb_s(folder: Path) -> float:
    """Speed down to the platter, not into the cache."""
    block = os.urandom(round(_MB))
    with tempfile.TemporaryFile(dir=folder) as probe:
        before = time.perf_counter()
        for _ in range(_PROBE_MB):
            probe.write(block)
        probe.flush()
        os.fsync(probe.fileno())
        return _PROBE_MB / (time.perf_counter() - before)
