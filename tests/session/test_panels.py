"""Which changes of the participant's screen leave a gaze calibration as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journeylab.bundle.header import ScreenGeometry
from journeylab.session.panels import is_same_panel

LAPTOP = ScreenGeometry(1920, 1080, width_mm=344.0, height_mm=194.0, name="eDP-1")


@pytest.mark.parametrize(
    "after",
    [
        replace(LAPTOP, width_px=1280, height_px=720),
        replace(LAPTOP, width_px=1366, height_px=768),  # nearly the same shape
        replace(LAPTOP, scale=1.5),
        replace(LAPTOP, width_px=3840, height_px=2160, scale=2.0, height_mm=193.0),  # rounded
    ],
)
def test_another_resolution_of_one_panel_is_the_same_panel(after: ScreenGeometry) -> None:
    assert is_same_panel(LAPTOP, after) and is_same_panel(after, LAPTOP)


@pytest.mark.parametrize(
    "after",
    [
        replace(LAPTOP, name="HDMI-1"),
        replace(LAPTOP, width_mm=527.0, height_mm=296.0),  # another panel at the same plug
        replace(LAPTOP, width_px=1280, height_px=1024),  # between bars, or stretched: not told
        replace(LAPTOP, width_px=1080, height_px=1920, width_mm=194.0, height_mm=344.0),  # turned
        replace(LAPTOP, width_mm=None, height_mm=None),
    ],
)
def test_what_may_be_another_panel_is_one(after: ScreenGeometry) -> None:
    assert not is_same_panel(LAPTOP, after)


def test_displays_without_a_name_or_a_size_are_never_known_again() -> None:
    nameless = replace(LAPTOP, name="")
    unmeasured = replace(LAPTOP, width_mm=None, height_mm=None)
    assert not is_same_panel(nameless, replace(nameless, width_px=1280, height_px=720))
    assert not is_same_panel(unmeasured, replace(unmeasured, width_px=1280, height_px=720))


def test_a_virtual_display_that_grows_with_its_pixels_is_another_one() -> None:
    """A window on a host's screen: as many more millimetres as pixels."""
    virtual = ScreenGeometry(1920, 1080, width_mm=508.0, height_mm=286.0, name="screen")
    smaller = replace(virtual, width_px=1280, height_px=720, width_mm=339.0, height_mm=190.0)
    assert not is_same_panel(virtual, smaller)
