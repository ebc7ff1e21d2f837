"""The doctor's look at what is installed: Python, packages, face mesh, Qt, fonts."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Final

from journeylab.app.doctor_check import Check, fine, problem, warning
from journeylab.assets import asset
from journeylab.errors import JourneyLabError

_PACKAGES: Final = (
    "PySide6",
    "pyqtgraph",
    "mediapipe",
    "numpy",
    "av",
    "h5py",
    "pynput",
    "sounddevice",
    "pydantic",
    "tomlkit",
    "matplotlib",
    "psutil",
)
_OPENCV: Final = (
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
_QT_PARTS: Final = (
    ("Windows (Qt)", "PySide6.QtWidgets"),
    ("Browser view", "PySide6.QtWebEngineWidgets"),
    ("Ad video", "PySide6.QtMultimedia"),
)
_REINSTALL: Final = "Install JourneyLab again: `pip install .` in its folder, or `make demo`."
_FACES_TRIED: Final = 3
_SLOW_FACE_MS: Final = 25.0

# Which Debian package holds a library that the loader misses.
_LIBRARIES: Final = {
    "libEGL": "libegl1",
    "libGL.": "libgl1",
    "libnss3": "libnss3",
    "libsmime3": "libnss3",
    "libnspr4": "libnspr4",
    "libasound": "libasound2",
    "libpulse": "libpulse0",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libxkbfile": "libxkbfile1",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-shape": "libxcb-shape0",
    "libXcomposite": "libxcomposite1",
    "libXdamage": "libxdamage1",
    "libXrandr": "libxrandr2",
    "libXtst": "libxtst6",
    "libgssapi": "libgssapi-krb5-2",
    "libfontconfig": "libfontconfig1",
    "libglib": "libglib2.0-0",
    "libudev": "libudev1",
    "libportaudio": "libportaudio2",
}


def check_software() -> list[Check]:
    """Everything installed that a session needs; takes a few seconds."""
    versions = {name: _version(name) for name in _PACKAGES}
    checks = [
        judge_python(sys.version_info[:3]),
        judge_packages(versions, python=sys.version_info[:2]),
        judge_opencv([name for name in _OPENCV if _version(name) is not None]),
        _check_face_mesh(),
        *_check_qt(),
        _check_fonts(),
    ]
    if hasattr(os, "geteuid"):
        checks.append(judge_account(is_root=os.geteuid() == 0))
    return checks


def judge_python(version: Sequence[int]) -> Check:
    """Python's own version, as (major, minor, micro)."""
    name, text = "Python", ".".join(str(part) for part in version)
    if (3, 11) <= tuple(version[:2]) <= (3, 12):
        return fine(name, text)
    return problem(
        name,
        f"{text}; the face mesh has builds for 3.11 and 3.12 only.",
        fix="Install Python 3.11 or 3.12 and JourneyLab in it.",
    )


def judge_packages(versions: Mapping[str, str | None], *, python: Sequence[int]) -> Check:
    """Installed versions by package, None where one is missing."""
    name = "Packages"
    missing = [package for package, version in versions.items() if version is None]
    if missing:
        return problem(name, f"Missing: {', '.join(missing)}.", fix=_REINSTALL)
    if versions.get("PySide6") == "6.12.0" and tuple(python) <= (3, 11):
        return problem(
            name,
            "PySide6 6.12.0 corrupts memory on this Python; the app would end in the middle of a "
            "session.",
            fix='Run `pip install "PySide6>=6.8,<6.12"`.',
        )
    mediapipe = versions.get("mediapipe")
    if mediapipe is not None and mediapipe != "0.10.21":
        return problem(
            name,
            f"mediapipe {mediapipe} does not bring its face models along.",
            fix="Run `pip install mediapipe==0.10.21`.",
        )
    shown = ("PySide6", "mediapipe", "numpy", "av", "h5py")
    return fine(name, ", ".join(f"{key} {versions[key]}" for key in shown if key in versions))


def judge_opencv(distributions: Sequence[str]) -> Check:
    """Which of the distributions that contain ``cv2`` are installed."""
    name = "OpenCV"
    if len(distributions) == 1:
        return fine(name, f"{distributions[0]} {_version(distributions[0]) or ''}".strip())
    if not distributions:
        return problem(name, "cv2 is not installed.", fix=_REINSTALL)
    surplus = " ".join(one for one in distributions if one != "opencv-contrib-python")
    return problem(
        name,
        f"{len(distributions)} packages share the folder cv2: {', '.join(distributions)}.",
        fix=f"Run `pip uninstall -y {surplus}`, then "
        "`pip install --force-reinstall --no-deps opencv-contrib-python`.",
    )


def judge_face_mesh(found: int, *, tried: int, frame_ms: float) -> Check:
    """In how many of the avatar's images a face was found, and how long one took."""
    name = "Face mesh"
    if found < tried:
        return problem(
            name, f"A face was found in {found} of {tried} images of the avatar.", fix=_REINSTALL
        )
    if frame_ms > _SLOW_FACE_MS:
        return warning(
            name,
            f"Works, but takes {frame_ms:.0f} ms a frame: at 30 frames a second some are left out.",
            fix="Close other programs, plug in the power supply.",
        )
    return fine(name, f"Finds the avatar's face, {frame_ms:.1f} ms a frame.")


def judge_import(name: str, module: str, *, error: str | None) -> Check:
    """Whether a part of Qt could be loaded; ``error`` is the loader's text."""
    if error is None:
        return fine(name, "Loads.")
    for library, package in _LIBRARIES.items():
        if library in error:
            return problem(
                name,
                f"The system library {package} is missing.",
                fix=f"Run `sudo apt install {package}`.",
            )
    return problem(name, f"{module} does not load: {error}.", fix=_REINSTALL)


def judge_account(*, is_root: bool) -> Check:
    """Chromium does not sandbox itself as root."""
    if not is_root:
        return fine("Account", "An ordinary one; web pages run in their sandbox.")
    return warning(
        "Account",
        "You are root, so web pages of the browser view run without their sandbox.",
        fix="For sessions, use an ordinary account.",
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _check_qt() -> list[Check]:
    try:
        from PySide6.QtCore import QLoggingCategory
    except ImportError as error:
        return [judge_import("Windows (Qt)", "PySide6", error=str(error).rstrip("."))]
    # It mentions on standard error that it found no PipeWire, which nothing here needs.
    QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false")
    return [_check_import(name, module) for name, module in _QT_PARTS]


def _check_import(name: str, module: str) -> Check:
    try:
        importlib.import_module(module)
    except ImportError as error:
        return judge_import(name, module, error=str(error).rstrip("."))
    return judge_import(name, module, error=None)


def _check_face_mesh() -> Check:
    try:
        from journeylab.inference.mesh import FaceMeshModel
        from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose

        face = Avatar(AvatarIdentity(seed=1), width_px=640, height_px=480).render(AvatarPose())
        model = FaceMeshModel()
    except (ImportError, OSError, JourneyLabError) as error:
        return judge_import("Face mesh", "The face mesh", error=str(error).rstrip("."))
    found, slowest_ms = 0, 0.0
    try:
        for attempt in range(_FACES_TRIED):
            before = time.perf_counter()
            found += model.detect(face) is not None
            if attempt:  # the first one searches the whole image, and warms up
                slowest_ms = max(slowest_ms, (time.perf_counter() - before) * 1000)
    finally:
        model.close()
    return judge_face_mesh(found, tried=_FACES_TRIED, frame_ms=slowest_ms)


def _check_fonts() -> Check:
    try:
        asset("fonts", "Inter-Regular.otf")
    except FileNotFoundError as error:
        return problem("Fonts", str(error), fix=_REINSTALL)
    return fine("Fonts", "Inter, shipped with JourneyLab.")
