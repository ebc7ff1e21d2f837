"""Where the elements of the demo's shop lie, as the page itself would tell of its areas.

Measured in Chromium at the size at which the pictures of its pages were taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from journeylab.bundle.header import ScreenGeometry
from journeylab.simulation.scanpath import Rectangle
from journeylab.simulation.screens import shown_at
from journeylab.study.device_frame import FrameKind, device_kind
from journeylab.study.model import Step
from journeylab.vocabulary import StimulusKind

_Boxes = Mapping[str, tuple[float, float, float, float]]
"""By CSS selector left, top, width and height, CSS px; cut off at the end of the window."""

DESKTOP_PX: Final = (1280.0, 720.0)
PHONE_PX: Final = (390.0, 844.0)
_DESKTOP: Final[Mapping[str, _Boxes]] = MappingProxyType(
    {
        "landing": {
            ".hero-text": (72, 109.5, 522, 490),
            ".hero-pic": (634, 109.5, 574, 490),
        },
        "product": {
            "#closeup": (154, 105.5, 491, 570),
            ".price": (697, 227, 511, 42),
            ".buy .lead": (697, 281, 511, 51),
        },
        "compare": {"#compare": (33, 139, 1214, 581)},
        "cart": {"article.line": (72, 213, 700, 141), "aside.summary": (828, 146.5, 380, 341)},
        "checkout": {
            "#checkout fieldset:first-of-type": (72, 146.5, 700, 250),
            "#card-number": (72, 467.5, 700, 42),
            "#card-expiry": (72, 543, 342, 42),
            "#pay": (72, 634, 700, 48),
            "aside.summary": (828, 146.5, 380, 294.5),
        },
        "confirmed": {".done": (72, 121.5, 1136, 216), ".track": (210, 337.5, 424, 183.5)},
    }
)
_PHONE: Final[Mapping[str, _Boxes]] = MappingProxyType(
    {
        "landing": {".hero-text": (20, 105.5, 350, 339), ".hero-pic": (20, 468, 350, 280)},
        "product": {
            "#closeup": (20, 101.5, 350, 350),
            ".price": (20, 681, 350, 42),
            ".buy .lead": (20, 737, 350, 76.5),
        },
        "compare": {"#compare": (21, 158, 348, 686)},
        "cart": {"article.line": (20, 241, 350, 163), "aside.summary": (20, 589.5, 350, 254.5)},
        "checkout": {
            "#checkout fieldset:first-of-type": (20, 152.5, 350, 272),
            "#card-number": (20, 505.5, 350, 46),
            "#card-expiry": (20, 588, 167, 46),
            "#pay": (20, 708, 350, 48),
            "aside.summary": (20, 820, 350, 24),
        },
        "confirmed": {".done": (20, 117.5, 350, 268), ".track": (20, 385.5, 350, 183.5)},
    }
)


def areas_on(
    step: Step, *, device: str, screen: ScreenGeometry
) -> tuple[tuple[str, Rectangle], ...]:
    """The areas of a step by name, with where each lies on the screen; without those whose
    selectors nobody measured."""
    if step.stimulus.kind is not StimulusKind.PAGE:
        return ()
    is_phone = device_kind(device) is FrameKind.PHONE
    width_px, height_px = PHONE_PX if is_phone else DESKTOP_PX
    boxes = (_PHONE if is_phone else _DESKTOP).get(step.id, {})
    page = shown_at(step, device=device, screen=screen)
    by_x, by_y = page.width_px / width_px, page.height_px / height_px
    found = []
    for aoi in step.aois:
        if aoi.selector in boxes:
            left, top, width, height = boxes[aoi.selector]
            x, y = page.point(left / width_px, top / height_px)
            found.append((aoi.name, Rectangle(x, y, width * by_x, height * by_y)))
    return tuple(found)
