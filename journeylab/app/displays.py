"""The displays a session may be shown on, as the set-up page offers them. GUI thread only."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QScreen

from journeylab.app.devices import screen_geometry
from journeylab.ui.moderator.ports import DisplayOption


def screen_of(index: int) -> QScreen:
    """The display of that number; the first where there is none."""
    screens = QGuiApplication.screens()
    return screens[index] if 0 <= index < len(screens) else screens[0]


def display_options(*, beside: QScreen) -> list[DisplayOption]:
    """The displays there are; that of the moderator's own window last."""
    screens = list(enumerate(QGuiApplication.screens()))
    screens.sort(key=lambda numbered: numbered[1] == beside)
    return [DisplayOption(index, _words(screen, beside=beside)) for index, screen in screens]


def _words(screen: QScreen, *, beside: QScreen) -> str:
    size = screen_geometry(screen)
    covers = " · covers this" if screen == beside else ""
    return f"{screen.name()} · {size.width_px} × {size.height_px}{covers}"
