"""What a page or picture is shown on: the participant's device, a preset, or a size of one's own.

A *device frame* is what a step asks for; a :class:`Surface` is what comes of it for one
participant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import Field, field_validator, model_validator

from journeylab.study.parts import Part
from journeylab.vocabulary import StimulusKind

LEAST_PX: Final = 200
MOST_PX: Final = 4000
FRAMED: Final = frozenset({StimulusKind.PAGE, StimulusKind.IMAGE, StimulusKind.SCREENS})
"""Kinds of stimulus that are shown in a device frame."""

_PHONE_WORDS: Final = frozenset({"phone", "mobile", "smartphone"})
_TABLET_WORDS: Final = frozenset({"tablet"})


class FrameKind(StrEnum):
    """What a step is shown on."""

    DEVICE = "device"
    DESKTOP = "desktop"
    PHONE = "phone"
    TABLET = "tablet"
    OWN = "own"


PRESETS_PX: Final = {FrameKind.PHONE: (390, 844), FrameKind.TABLET: (820, 1180)}
"""Width and height in CSS px, held upright: those of the devices met most."""
_RATIOS: Final = {FrameKind.PHONE: 3.0, FrameKind.TABLET: 2.0}


class DeviceFrame(Part):
    """What a page, a picture or screenshots are shown on.

    ``device`` is as the participant's segment ``device`` says, ``desktop`` the whole screen,
    ``phone`` and ``tablet`` are presets, ``own`` has ``width_px`` and ``height_px`` in CSS px.
    ``user_agent`` is what a page's browser calls itself, empty for what fits the kind;
    ``touch`` whether it has a touch screen, None for what fits the kind.
    """

    kind: FrameKind = FrameKind.DEVICE
    width_px: int | None = Field(default=None, ge=LEAST_PX, le=MOST_PX)
    height_px: int | None = Field(default=None, ge=LEAST_PX, le=MOST_PX)
    user_agent: str = Field(default="", max_length=400)
    touch: bool | None = None

    @field_validator("user_agent")
    @classmethod
    def _is_a_header(cls, text: str) -> str:
        if not is_header(text):
            raise ValueError("a user agent is one line of plain letters, digits and signs")
        return text

    @model_validator(mode="after")
    def _has_a_size_where_it_needs_one(self) -> DeviceFrame:
        has_size = self.width_px is not None and self.height_px is not None
        if self.kind is FrameKind.OWN and not has_size:
            raise ValueError('a frame of kind "own" needs width_px and height_px')
        if self.kind is not FrameKind.OWN and not (
            self.width_px is None and self.height_px is None
        ):
            raise ValueError('only a frame of kind "own" has width_px and height_px')
        return self


@dataclass(frozen=True, slots=True)
class Surface:
    """What a participant's step is shown on.

    ``kind`` is never DEVICE. ``size_px`` is in CSS px, None for the whole screen; ``pixel_ratio``
    is what pages are told, None for the screen's own.
    """

    kind: FrameKind
    size_px: tuple[int, int] | None = None
    pixel_ratio: float | None = None
    is_touch: bool = False
    user_agent: str = ""

    @property
    def is_mobile(self) -> bool:
        """Whether it is a phone or a tablet."""
        return self.kind in (FrameKind.PHONE, FrameKind.TABLET)


WHOLE_SCREEN: Final = Surface(FrameKind.DESKTOP)


def is_header(text: str) -> bool:
    """Whether a text may be sent as a user agent."""
    return text.isascii() and text.isprintable()


def device_kind(device: str | None) -> FrameKind:
    """What a value of the segment ``device`` means: PHONE, TABLET or DESKTOP.

    Its words tell: phone, mobile and smartphone are a phone, tablet is a tablet, all else is the
    whole screen.
    """
    words = set(re.split(r"[\W_]+", (device or "").casefold()))
    if words & _TABLET_WORDS:
        return FrameKind.TABLET
    return FrameKind.PHONE if words & _PHONE_WORDS else FrameKind.DESKTOP


def surface_of(frame: DeviceFrame, device: str | None) -> Surface:
    """What a step with this frame is shown on to a participant with this value of ``device``."""
    kind = device_kind(device) if frame.kind is FrameKind.DEVICE else frame.kind
    size_px = PRESETS_PX.get(kind)
    if kind is FrameKind.OWN and frame.width_px is not None and frame.height_px is not None:
        size_px = (frame.width_px, frame.height_px)
    is_touch = kind in PRESETS_PX if frame.touch is None else frame.touch
    return Surface(kind, size_px, _RATIOS.get(kind), is_touch, frame.user_agent)


def device_rule(devices: Sequence[str]) -> str:
    """How the participant's device decides, in words, for the values a study has of it."""
    rule = "Phone, mobile or smartphone is a phone, tablet a tablet, all else the whole screen."
    if not devices:
        return f"No segment “device” yet, so everybody sees the whole screen. {rule}"
    parts = [f"{one}: {_KIND_WORDS[device_kind(one)]}" for one in devices if one]
    return f"By the segment “device”: {', '.join(parts)}. {rule}"


_KIND_WORDS: Final = {
    FrameKind.DESKTOP: "whole screen",
    FrameKind.PHONE: "phone, 390 × 844",
    FrameKind.TABLET: "tablet, 820 × 1180",
}
