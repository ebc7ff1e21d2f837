"""Numbers as the moderator reads them."""

from __future__ import annotations

import math

import pytest

from journeylab.ui.moderator.words import gigabytes, minutes, plural, share, signed


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (128.9, "2:08"), (3725, "1:02:05"), (math.nan, "–")]
)
def test_durations(seconds: float, text: str) -> None:
    assert minutes(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(24.4, "+24"), (-38.2, "−38"), (-0.3, "0"), (math.nan, "–")]
)
def test_valence_carries_its_sign(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.94, ".94"), (1.0, "1.0"), (math.nan, "–")])
def test_shares(value: float, text: str) -> None:
    assert share(value) == text


def test_sizes_and_counts() -> None:
    assert (gigabytes(2.12e11), gigabytes(4.26e9)) == ("212 GB", "4.3 GB")
    assert (plural(1, "step"), plural(3, "step")) == ("1 step", "3 steps")
