"""Words can be read on every ground they stand on, and what carries meaning can be seen."""

from __future__ import annotations

import pytest

from journeylab.theme import DARK, LIGHT, Palette

_TEXT, _GRAPHIC = 4.5, 3.0  # WCAG 2.1: words, and what is not words
_GROUNDS = ("ground", "surface", "raised", "accent_tint", "joy_tint", "negative_tint")


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert _contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert _contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", [*_GROUNDS, "warning_tint"])
@pytest.mark.parametrize("words", ["text", "quiet_text"])
def test_words_can_be_read(palette: Palette, words: str, ground: str) -> None:
    assert _contrast(getattr(palette, words), getattr(palette, ground)) >= _TEXT


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_the_accent_can_be_read(palette: Palette) -> None:
    assert _contrast(palette.on_accent, palette.accent) >= _TEXT


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", _GROUNDS[:4])
def test_accent_can_be_seen_where_it_is_used(palette: Palette, ground: str) -> None:
    assert _contrast(palette.accent, getattr(palette, ground)) >= _GRAPHIC


@pytest.mark.parametrize("token", ["joy", "negative", "warning"])
def test_states_can_be_read_in_the_dark(token: str) -> None:
    for ground in _GROUNDS[:3]:
        assert _contrast(getattr(DARK, token), getattr(DARK, ground)) >= _TEXT


@pytest.mark.parametrize("token", ["joy", "negative", "neutral", "warning"])
def test_states_can_be_seen_in_print(token: str) -> None:
    assert _contrast(getattr(LIGHT, token), LIGHT.ground) >= _GRAPHIC
