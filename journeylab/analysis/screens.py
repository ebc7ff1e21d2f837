"""Which pictures a map may show, the study's own pictures, and how they are decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import SessionHeader
from journeylab.errors import StudyError
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step

ANY_DEVICE = "any"
LARGEST_SIDE_PX = 960


def may_be_shared(header: SessionHeader) -> bool:
    """Whether seconds of a session may be shown to others than the researchers.

    A simulated participant may always be shown. Where consent was asked for, it must say yes, and
    a missing answer is a no; a pilot without a consent form holds the experimenters themselves.
    """
    if header.simulated or not header.consent:
        return True
    return header.consent.get("sharing") == "yes"


def may_show_screen(header: SessionHeader) -> bool:
    """Whether pictures of the participant's screen may appear on the map, made to be shown.

    Pictures of the screen must have been agreed to, and so must showing them to others.
    """
    if not may_be_shared(header):
        return False
    if header.simulated or not header.consent:
        return True
    return header.consent.get("screen") == "yes"


def stimulus_picture(folder: StudyFolder, step: Step, device: str) -> NDArray[np.uint8] | None:
    """The study's own picture of a step for a device, BGR; None where it has none."""
    pictures = step.stimulus.pictures
    relative = pictures.get(device) or pictures.get(ANY_DEVICE)
    if relative is None and not device and pictures:
        relative = next(iter(pictures.values()))
    if relative is None and step.stimulus.kind == "image":
        relative = step.stimulus.path
    if relative is None and step.stimulus.screens:
        relative = step.stimulus.screens[0].path  # where everybody begins
    if relative is None:
        return None
    try:
        return decode(folder.stimulus_path(relative).read_bytes())
    except (StudyError, OSError):
        return None  # the map stands without it; the study check names the missing file


def decode(data: bytes) -> NDArray[np.uint8] | None:
    """Decode an encoded picture to BGR, at most 960 px on its longer side; None: damaged."""
    if not data:
        return None
    from journeylab.opencv import cv2  # half a second: not every process decodes pictures

    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    scale = LARGEST_SIDE_PX / max(image.shape[:2])
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(image, dtype=np.uint8)
