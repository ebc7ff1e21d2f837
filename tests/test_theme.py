"""Words can be read on every ground they stand on, and what carries meaning can be seen."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from journeylab.theme import DARK, LIGHT, Palette, colour_blind_safe

_PALETTES = [LIGHT, DARK, colour_blind_safe(LIGHT), colour_blind_safe(DARK)]
_NAMES = ["light", "dark", "light, safe", "dark, safe"]
_TEXT, _GRAPHIC = 4.5, 3.0  # WCAG 2.1: words, and what is not words
_GROUNDS = ("ground", "surface", "raised", "accent_tint", "joy_tint", "negative_tint")
_TONES = ("accent", "joy", "negative", "neutral", "warning")


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _hue(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0]


def _apart(one: float, other: float) -> float:
    return min(abs(one - other), 1 - abs(one - other))


def test_contrast_is_that_of_the_standard() -> None:
    assert _contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert _contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
@pytest.mark.parametrize("ground", [*_GROUNDS, "warning_tint"])
@pytest.mark.parametrize("words", ["text", "quiet_text"])
def test_words_can_be_read(palette: Palette, words: str, ground: str) -> None:
    assert _contrast(getattr(palette, words), getattr(palette, ground)) >= _TEXT


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
def test_words_on_the_accent_can_be_read(palette: Palette) -> None:
    assert _contrast(palette.on_accent, palette.accent) >= _TEXT


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
@pytest.mark.parametrize("ground", _GROUNDS[:4])
def test_accent_can_be_seen_where_it_is_used(palette: Palette, ground: str) -> None:
    assert _contrast(palette.accent, getattr(palette, ground)) >= _GRAPHIC


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
@pytest.mark.parametrize("ground", [*_GROUNDS, "warning_tint"])
@pytest.mark.parametrize("tone", _TONES)
def test_words_said_in_a_tone_can_be_read(palette: Palette, tone: str, ground: str) -> None:
    assert _contrast(palette.ink(tone), getattr(palette, ground)) >= _TEXT


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
@pytest.mark.parametrize("words", ["text", "quiet_text", *_TONES])
def test_words_can_be_read_on_the_tint_of_every_stage(palette: Palette, words: str) -> None:
    for tint in palette.stage_tints:
        assert _contrast(palette.ink(words), tint) >= _TEXT


@pytest.mark.parametrize("palette", _PALETTES, ids=_NAMES)
def test_words_in_a_tone_look_like_its_lines(palette: Palette) -> None:
    for tone in ("joy", "negative", "warning"):
        ink = _hue(palette.ink(tone))
        rest = set(_TONES) - {tone, "neutral"}
        others = [_hue(getattr(palette, other)) for other in rest]
        own = _apart(ink, _hue(getattr(palette, tone)))
        assert own < min(_apart(ink, other) for other in others)


@pytest.mark.parametrize("palette", _PALETTES[::2], ids=_NAMES[::2])
@pytest.mark.parametrize("token", ["joy", "negative", "neutral", "warning"])
def test_states_can_be_seen_in_print(palette: Palette, token: str) -> None:
    assert _contrast(getattr(palette, token), palette.ground) >= _GRAPHIC


# Viénot, Brettel & Mollon 1999: what a person without one kind of cones sees, linear RGB.
_DICHROMATS = {
    "protanopia": np.array([[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.004, -0.004, 1.0]]),
    "deuteranopia": np.array([[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1]]),
}


def _lab(colour: str, seen: np.ndarray) -> np.ndarray:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(seen @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", _DICHROMATS)
@pytest.mark.parametrize("palette", _PALETTES[2:], ids=_NAMES[2:])
def test_joy_and_trouble_differ_for_the_colour_blind(palette: Palette, kind: str) -> None:
    seen = _DICHROMATS[kind]
    difference = np.linalg.norm(_lab(palette.joy, seen) - _lab(palette.negative, seen))
    assert difference > 40, difference


@pytest.mark.parametrize("kind", _DICHROMATS)
def test_more_gaze_is_always_darker_on_the_safe_ramp(kind: str) -> None:
    lightness = [_lab(c, _DICHROMATS[kind])[0] for c in colour_blind_safe(LIGHT).heat_ramp]
    assert np.all(np.diff(lightness) < -12), lightness
