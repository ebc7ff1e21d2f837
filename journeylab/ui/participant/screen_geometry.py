"""The participant's display as the bundle tells it: device pixels, scale, millimetres."""

from __future__ import annotations

from PySide6.QtGui import QScreen

from journeylab.bundle.header import ScreenGeometry


def screen_geometry(screen: QScreen) -> ScreenGeometry:
    """Size of a screen in device pixels; millimetres are None where the display hides them."""
    ratio = screen.devicePixelRatio()
    size, size_mm = screen.geometry().size(), screen.physicalSize()
    is_known = size_mm.width() > 0 and size_mm.height() > 0
    return ScreenGeometry(
        width_px=round(size.width() * ratio),
        height_px=round(size.height() * ratio),
        scale=ratio,
        width_mm=size_mm.width() if is_known else None,
        height_mm=size_mm.height() if is_known else None,
    )


def screen_origin_px(screen: QScreen) -> tuple[int, int]:
    """Top left of a screen on the whole desktop, device pixels.

    Qt keeps a screen's origin in device pixels and scales only what lies inside it.
    """
    origin = screen.geometry().topLeft()
    return origin.x(), origin.y()
