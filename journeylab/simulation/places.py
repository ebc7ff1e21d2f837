"""Where on a screen there is something to look at or to click, by step and device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from journeylab.study.device_frame import FrameKind, device_kind
from journeylab.study.model import Step
from journeylab.vocabulary import StimulusKind


@dataclass(frozen=True, slots=True)
class Place:
    """Something on a page: centre and half size as shares of its picture, how much it draws the
    eye, and the CSS selector of what can be clicked there, empty otherwise."""

    x: float
    y: float
    half_width: float
    half_height: float
    weight: float = 1.0
    selector: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What a step offers: places to look at, the one that is clicked to go on, and the one that
    is clicked in vain."""

    places: tuple[Place, ...]
    onward: Place | None = None
    stubborn: Place | None = None


_TABLE: Final = tuple(
    Place(x, y, 0.05, 0.02, 1.0 if 2 <= row <= 5 else 0.4)
    for row, y in enumerate((0.30, 0.40, 0.50, 0.60, 0.70, 0.80, 0.90))
    for x in (0.33, 0.45, 0.57, 0.69)
)
_TABLE_MOBILE: Final = tuple(
    Place(x, y, 0.10, 0.02) for y in (0.3, 0.45, 0.6, 0.75) for x in (0.25, 0.6, 0.9)
)

_DESKTOP: Final[Mapping[str, View]] = {
    "ad": View((Place(0.74, 0.50, 0.12, 0.25, 3.0), Place(0.23, 0.48, 0.15, 0.10, 1.5))),
    "landing": View(
        (
            Place(0.23, 0.37, 0.16, 0.10, 2.0),
            Place(0.72, 0.50, 0.13, 0.22, 2.0),
            Place(0.25, 0.53, 0.16, 0.06, 1.0),
            Place(0.50, 0.89, 0.40, 0.03, 0.6),
        ),
        onward=Place(0.13, 0.66, 0.06, 0.02, 0.8, "#see-pour"),
    ),
    "product": View(
        (
            Place(0.31, 0.50, 0.14, 0.26, 3.0, "#closeup"),
            Place(0.62, 0.22, 0.07, 0.03, 1.0),
            Place(0.60, 0.34, 0.05, 0.02, 1.2),
            Place(0.74, 0.43, 0.17, 0.03, 1.0),
            Place(0.64, 0.77, 0.08, 0.05, 0.7),
        ),
        onward=Place(0.74, 0.655, 0.15, 0.02, 0.6, "#compare-link"),
    ),
    "compare": View(_TABLE, onward=Place(0.33, 0.955, 0.04, 0.01, 0.3, "#pick-pour")),
    "cart": View(
        (
            Place(0.28, 0.24, 0.20, 0.02, 1.2),
            Place(0.20, 0.38, 0.12, 0.05, 1.2),
            Place(0.80, 0.42, 0.13, 0.07, 1.2),
            Place(0.20, 0.60, 0.12, 0.04, 0.6),
        ),
        onward=Place(0.795, 0.56, 0.11, 0.02, 1.0, "#to-checkout"),
    ),
    "checkout": View(
        (
            Place(0.34, 0.50, 0.22, 0.08, 1.0),
            Place(0.34, 0.665, 0.22, 0.02, 2.5, "#card-number"),
            Place(0.34, 0.78, 0.22, 0.02, 1.0),
            Place(0.80, 0.35, 0.12, 0.10, 0.8),
        ),
        onward=Place(0.34, 0.915, 0.20, 0.02, 1.0, "#pay"),
        stubborn=Place(0.34, 0.915, 0.12, 0.015, 1.0, "#pay"),
    ),
    "confirmed": View(
        (
            Place(0.50, 0.22, 0.03, 0.05, 1.5),
            Place(0.50, 0.34, 0.22, 0.03, 2.5),
            Place(0.25, 0.60, 0.09, 0.12, 1.2),
            Place(0.69, 0.56, 0.12, 0.06, 1.0),
        )
    ),
}
_MOBILE: Final[Mapping[str, View]] = {
    "ad": _DESKTOP["ad"],
    "landing": View(
        (
            Place(0.42, 0.20, 0.36, 0.07, 2.0),
            Place(0.50, 0.73, 0.30, 0.12, 2.0),
            Place(0.45, 0.34, 0.38, 0.05, 1.0),
        ),
        onward=Place(0.28, 0.453, 0.18, 0.02, 0.8, "#see-pour"),
    ),
    "product": View(
        (
            Place(0.48, 0.30, 0.30, 0.14, 3.0, "#closeup"),
            Place(0.36, 0.745, 0.25, 0.02, 1.0),
            Place(0.30, 0.82, 0.20, 0.02, 1.2),
            Place(0.48, 0.92, 0.40, 0.04, 0.8),
        ),
        onward=Place(0.40, 0.585, 0.15, 0.03, 0.5, "#compare-link"),
    ),
    "compare": View(_TABLE_MOBILE, onward=Place(0.55, 0.90, 0.12, 0.02, 0.4, "#pick-pour")),
    "cart": View(
        (
            Place(0.48, 0.23, 0.40, 0.03, 1.2),
            Place(0.45, 0.36, 0.30, 0.05, 1.2),
            Place(0.48, 0.80, 0.38, 0.06, 1.2),
        ),
        onward=Place(0.48, 0.975, 0.35, 0.015, 1.0, "#to-checkout"),
    ),
    "checkout": View(
        (
            Place(0.48, 0.42, 0.40, 0.10, 0.8),
            Place(0.48, 0.63, 0.40, 0.02, 2.8, "#card-number"),
            Place(0.48, 0.72, 0.40, 0.02, 1.0),
        ),
        onward=Place(0.48, 0.873, 0.40, 0.02, 1.2, "#pay"),
        stubborn=Place(0.48, 0.873, 0.25, 0.012, 1.0, "#pay"),
    ),
    "confirmed": View(
        (
            Place(0.50, 0.19, 0.12, 0.04, 1.5),
            Place(0.50, 0.32, 0.38, 0.03, 2.5),
            Place(0.45, 0.55, 0.30, 0.08, 1.2),
            Place(0.50, 0.83, 0.38, 0.05, 1.0),
        )
    ),
}

# A page nobody described: people start at the top left and follow an F (Nielsen 2006).
_PAGE: Final = View(
    (
        Place(0.30, 0.20, 0.22, 0.06, 2.0),
        Place(0.65, 0.22, 0.15, 0.08, 1.2),
        Place(0.28, 0.42, 0.20, 0.06, 1.4),
        Place(0.55, 0.55, 0.20, 0.12, 1.0),
        Place(0.25, 0.70, 0.15, 0.08, 0.6),
    ),
    onward=Place(0.50, 0.80, 0.08, 0.03, 0.6, "a"),
    stubborn=Place(0.50, 0.80, 0.06, 0.02, 0.6, "a"),
)
_PICTURE: Final = View((Place(0.5, 0.47, 0.22, 0.22, 3.0), Place(0.35, 0.40, 0.2, 0.2, 1.0)))
_DESK: Final = View((Place(0.42, 1.22, 0.14, 0.06, 2.0), Place(0.60, 1.18, 0.10, 0.05, 1.0)))
"""On the table before the screen."""


def view_of(step: Step, *, device: str) -> View:
    """What the participant can look at on a step."""
    if step.stimulus.kind is StimulusKind.CAMERA_ONLY:
        return _DESK
    known = _MOBILE if device_kind(device) is FrameKind.PHONE else _DESKTOP
    if step.id in known:
        return known[step.id]
    return _PAGE if step.stimulus.kind is StimulusKind.PAGE else _PICTURE
