"""Colour and type as named tokens; nothing else in the project spells a colour.

Two grounds: light for reading and print, dark for a dim lab. Colour always means something and
never stands alone: a shape, a sign or a word is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """One ground's colours, as ``#RRGGBB``."""

    ground: str
    surface: str
    raised: str  # hover, pressed keys, bars' troughs
    line: str
    text: str
    quiet_text: str
    accent: str
    on_accent: str
    joy: str
    negative: str
    neutral: str
    warning: str
    accent_text: str  # words said in a tone: readable on every ground and tint
    joy_text: str
    negative_text: str
    neutral_text: str
    warning_text: str
    joy_tint: str
    negative_tint: str
    warning_tint: str
    accent_tint: str
    stage_tints: tuple[str, str, str, str]
    heat_ramp: tuple[str, str, str, str]  # gaze density from little to much

    def ink(self, token: str) -> str:
        """The colour of words said in a tone, such as ``joy``: dark or light enough to be read.

        Lines and areas of a tone are seen from 3:1 on, words only from 4.5:1 (WCAG 2.1, 1.4.3).
        Of a token without a tone of its own for words, the token itself.
        """
        return str(getattr(self, f"{token}_text", None) or getattr(self, token))


_HEAT: Final = ("#BFE3D5", "#F4D35E", "#EE8B3A", "#D2433B")

LIGHT: Final = Palette(
    ground="#FFFFFF",
    surface="#F5F7FA",
    raised="#E9EEF5",
    line="#E3E8EF",
    text="#1B2430",
    quiet_text="#5B6675",
    accent="#2F6FED",
    on_accent="#FFFFFF",
    joy="#12976A",
    negative="#D2433B",
    neutral="#8792A2",
    warning="#B26B00",
    accent_text="#2159CC",
    joy_text="#0C7A55",
    negative_text="#BE352D",
    neutral_text="#5B6675",
    warning_text="#8F5600",
    joy_tint="#E6F5EF",
    negative_tint="#FBEBEA",
    warning_tint="#FFF4E3",
    accent_tint="#EAF1FE",
    stage_tints=("#EAF1FE", "#EEF0FB", "#F3EEFA", "#EAF7F1"),
    heat_ramp=_HEAT,
)

DARK: Final = Palette(
    ground="#111822",
    surface="#161F2B",
    raised="#1F2B3C",
    line="#25303F",
    text="#E6ECF4",
    quiet_text="#93A1B5",
    accent="#2F6FED",
    on_accent="#FFFFFF",
    joy="#35C48D",
    negative="#FF6B62",
    neutral="#93A1B5",
    warning="#FFB454",
    accent_text="#6FA0FF",
    joy_text="#35C48D",
    negative_text="#FF6B62",
    neutral_text="#93A1B5",
    warning_text="#FFB454",
    joy_tint="#15332B",
    negative_tint="#3A2024",
    warning_tint="#3A2E1B",
    accent_tint="#1B2D4F",
    stage_tints=("#1A2740", "#1E2543", "#261F40", "#163029"),
    heat_ramp=_HEAT,
)


def colour_blind_safe(palette: Palette) -> Palette:
    """The palette with blue for joy and orange for negative states, and heat told by its lightness.

    Source: the colours of Okabe & Ito 2008, lighter on the dark ground.
    """
    heat_ramp = ("#FFF3C4", "#F5B041", "#C0631F", "#5E2A0A")
    if palette.ground == DARK.ground:
        return replace(
            palette,
            joy="#56B4E9",
            negative="#FF8A3D",
            warning="#F0E442",
            joy_text="#56B4E9",
            negative_text="#FF8A3D",
            warning_text="#F0E442",
            joy_tint="#14304A",
            negative_tint="#3A2617",
            warning_tint="#35331A",
            heat_ramp=heat_ramp,
        )
    return replace(
        palette,
        joy="#0072B2",
        negative="#D55E00",
        warning="#7A6A00",
        joy_text="#00639B",
        negative_text="#A34800",
        warning_text="#7A6A00",
        joy_tint="#E3F0F9",
        negative_tint="#FCEBDD",
        warning_tint="#FAF7DC",
        heat_ramp=heat_ramp,
    )


FONT_FAMILY: Final = "Inter"
FONT_FILES: Final = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
)

CARD_RADIUS_PX: Final = 10
CARD_PADDING_PX: Final = 12
GAP_PX: Final = 12
