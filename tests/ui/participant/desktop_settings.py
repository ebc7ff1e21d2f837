"""The desktop's settings as far as Qt minds them: the scale, which a person may change any time."""

from __future__ import annotations

import struct
from typing import Final

from Xlib.display import Display
from Xlib.X import CurrentTime, PropertyChangeMask

_NAME: Final = b"Xft/DPI"
_UNSCALED_DPI: Final = 96


class DesktopSettings:
    """Keeps an X display's settings (XSETTINGS) as a desktop does; made before the application."""

    def __init__(self) -> None:
        self._display = Display()
        screen = self._display.screen()
        self._window = screen.root.create_window(
            *(-10, -10, 1, 1, 0), screen.root_depth, event_mask=PropertyChangeMask
        )
        self._property = self._display.intern_atom("_XSETTINGS_SETTINGS")
        self._serial = 0
        self.set_scale(1.0)
        owner = self._display.intern_atom("_XSETTINGS_S0")
        self._window.set_selection_owner(owner, CurrentTime)
        self._display.sync()

    def set_scale(self, scale: float) -> None:
        """Scale all of the desktop; applications hear of it at once."""
        self._serial += 1
        padding = b"\0" * (-len(_NAME) % 4)
        setting = struct.pack("<BxH", 0, len(_NAME)) + _NAME + padding
        setting += struct.pack("<Ii", self._serial, round(scale * _UNSCALED_DPI * 1024))
        data = struct.pack("<BxxxII", 0, self._serial, 1) + setting
        self._window.change_property(self._property, self._property, 8, data)
        self._display.sync()
