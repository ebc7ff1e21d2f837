"""How the participant sat before the screen: what a pixel is in degrees of visual angle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry

ASSUMED_DISTANCE_MM: Final = 600.0
ASSUMED_WIDTH_MM: Final = 344.0
"""A lab laptop of 15.6 inches at arm's length, where the display does not tell its size or no head
was measured."""
_NEAREST_MM, _FURTHEST_MM = 200.0, 2000.0


@dataclass(frozen=True, slots=True)
class Viewing:
    """Size of the screen, px, and pixels in a degree of visual angle at its centre.

    Towards the edges of a wide screen a degree holds more pixels (a quarter more at 30 degrees);
    beside the error of webcam gaze that is small, and one figure keeps thresholds plain.
    ``is_assumed`` where size or distance was not known.
    """

    screen_px: tuple[int, int]
    px_per_deg: float
    is_assumed: bool = False


def viewing_of(screen: ScreenGeometry, distance_mm: NDArray[np.floating]) -> Viewing:
    """The viewing of a session.

    Parameters
    ----------
    screen
        The participant's screen; its millimetres may be unknown.
    distance_mm
        (n,) distance of the eyes from the camera, mm; NaN or 0 without a face. Its median counts.
    """
    known = distance_mm[(distance_mm > _NEAREST_MM) & (distance_mm < _FURTHEST_MM)]
    eye_mm = float(np.median(known)) if len(known) else ASSUMED_DISTANCE_MM
    width_mm = screen.width_mm or ASSUMED_WIDTH_MM
    px_per_mm = screen.width_px / width_mm
    return Viewing(
        screen_px=(screen.width_px, screen.height_px),
        px_per_deg=eye_mm * math.tan(math.radians(1.0)) * px_per_mm,
        is_assumed=not len(known) or not screen.width_mm,
    )
