"""The displays offered for a session: their real size, and which one the moderator sits at."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect, QSizeF
from PySide6.QtGui import QGuiApplication

from journeylab.app.displays import display_options, screen_of


class Display(SimpleNamespace):
    """A display as Qt tells of it, in logical px."""

    def __init__(self, name: str, *, logical: QRect, scale: float) -> None:
        super().__init__(
            name=lambda: name,
            geometry=lambda: logical,
            devicePixelRatio=lambda: scale,
            physicalSize=QSizeF,
        )


@pytest.fixture
def displays(monkeypatch: pytest.MonkeyPatch) -> tuple[Display, Display]:
    laptop = Display("eDP-1", logical=QRect(0, 0, 781, 439), scale=1.75)  # 1366 × 768
    wall = Display("HDMI-1", logical=QRect(781, 0, 1920, 1080), scale=1.0)
    monkeypatch.setattr(QGuiApplication, "screens", lambda: [laptop, wall])
    return laptop, wall


def test_displays_are_told_in_their_own_pixels_the_moderators_last(
    displays: tuple[Display, Display],
) -> None:
    options = display_options(beside=displays[0])  # type: ignore[arg-type]
    assert [(one.index, one.label) for one in options] == [
        (1, "HDMI-1 · 1920 × 1080"),
        (0, "eDP-1 · 1366 × 768 · covers this"),
    ]


def test_a_display_that_is_not_there_gives_way_to_the_first(
    displays: tuple[Display, Display],
) -> None:
    assert screen_of(1) is displays[1]
    assert screen_of(7) is screen_of(-1) is displays[0]
