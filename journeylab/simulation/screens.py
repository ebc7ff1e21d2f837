"""The participant's screen: where a step is shown on it, and what it looks like."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.errors import StudyError
from journeylab.opencv import cv2
from journeylab.simulation.scanpath import Rectangle
from journeylab.streams import Picture
from journeylab.study.device_frame import FRAMED, surface_of
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.theme import LIGHT
from journeylab.vocabulary import StimulusKind

_WIDEST_PX: Final = 960
_JPEG_QUALITY: Final = 85

# Where the display does not tell its size: a 15.6" laptop's.
_USUAL_WIDTH_MM: Final = 345.0
_CAMERA_ABOVE_SCREEN_MM: Final = 10.0


def shown_at(step: Step, *, device: str, screen: ScreenGeometry) -> Rectangle:
    """Where a step lies on the screen: all of it, or a device's frame in its middle."""
    size_px = _frame_px(step, device)
    if size_px is not None:
        width_px = screen.height_px * size_px[0] / size_px[1]
        height_px = float(screen.height_px)
        if width_px > screen.width_px:
            width_px = float(screen.width_px)
            height_px = width_px * size_px[1] / size_px[0]
        left_px, top_px = (screen.width_px - width_px) / 2, (screen.height_px - height_px) / 2
        return Rectangle(left_px, top_px, width_px, height_px)
    return Rectangle(0.0, 0.0, screen.width_px, screen.height_px)


def css_size(step: Step, *, device: str, screen: ScreenGeometry) -> tuple[float, float]:
    """Width and height of the step's page, CSS px."""
    size_px = _frame_px(step, device)
    if size_px is not None:
        return float(size_px[0]), float(size_px[1])
    return screen.width_px / screen.scale, screen.height_px / screen.scale


def _frame_px(step: Step, device: str) -> tuple[int, int] | None:
    if step.stimulus.kind not in FRAMED:
        return None
    return surface_of(step.stimulus.frame, device).size_px


def size_mm(screen: ScreenGeometry) -> tuple[float, float]:
    """Width and height of the screen, mm; a usual laptop's where it does not tell."""
    if screen.width_mm is not None and screen.height_mm is not None:
        return screen.width_mm, screen.height_mm
    return _USUAL_WIDTH_MM, _USUAL_WIDTH_MM * screen.height_px / screen.width_px


def camera_frame_mm(px: NDArray[np.float64], *, screen: ScreenGeometry) -> NDArray[np.float64]:
    """Screen points (n, 2) px in the frame (n, 3) mm of a camera in the middle above the screen.

    The camera looks along the screen's normal, so what the participant sees on her right lies at
    negative x.
    """
    width_mm, height_mm = size_mm(screen)
    x = -(px[:, 0] / screen.width_px - 0.5) * width_mm
    y = _CAMERA_ABOVE_SCREEN_MM + px[:, 1] / screen.height_px * height_mm
    return np.column_stack((x, y, np.zeros(len(px))))


def screen_picture(
    folder: StudyFolder, step: Step, *, device: str, screen: ScreenGeometry, t_ns: int
) -> Picture | None:
    """What the screen shows on a step, as it is stored at its start; None where the study has no
    picture of it."""
    pictures = step.stimulus.pictures
    relative = pictures.get(device) or pictures.get("any")
    if relative is None and step.stimulus.kind is StimulusKind.IMAGE:
        relative = step.stimulus.path
    if relative is None:
        return None
    path = folder.stimulus_path(relative)
    shown = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if shown is None:
        raise StudyError(f"{path} is not a picture.", remedy="Replace it by a PNG or a JPEG.")
    scale = min(1.0, _WIDEST_PX / screen.width_px)
    width_px, height_px = round(screen.width_px * scale), round(screen.height_px * scale)
    canvas = np.empty((height_px, width_px, 3), np.uint8)
    canvas[:] = _bgr(LIGHT.line)
    place = shown_at(step, device=device, screen=screen)
    fit = min(place.width_px / shown.shape[1], place.height_px / shown.shape[0]) * scale
    size = (round(shown.shape[1] * fit), round(shown.shape[0] * fit))
    left, top = (width_px - size[0]) // 2, (height_px - size[1]) // 2
    small = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
    canvas[top : top + size[1], left : left + size[0]] = small
    _, data = cv2.imencode(".jpg", canvas, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
    return Picture(t_ns, step.id, width_px, height_px, "image/jpeg", data.tobytes())


def _bgr(token: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(token.removeprefix("#")))[::-1]
