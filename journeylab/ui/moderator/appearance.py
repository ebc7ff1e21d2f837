"""How the windows look: dark or light, and colours safe for the colour-blind; kept in one file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from journeylab.logs import logger
from journeylab.theme import DARK, LIGHT, Palette, colour_blind_safe

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Appearance:
    """The moderator's windows are dark, for a dim lab, unless she wants them light; the analysis,
    which is read, is light always."""

    is_light: bool = False
    is_colour_blind_safe: bool = False

    @property
    def console(self) -> Palette:
        """The palette of the moderator's windows."""
        return self._safe(LIGHT if self.is_light else DARK)

    @property
    def analysis(self) -> Palette:
        """The palette of analysis and map."""
        return self._safe(LIGHT)

    def _safe(self, palette: Palette) -> Palette:
        return colour_blind_safe(palette) if self.is_colour_blind_safe else palette


USUAL: Final = Appearance()


def load_appearance(file: Path) -> Appearance:
    """What was chosen last; the usual one where nothing can be read."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return Appearance(**{name: value is True for name, value in values.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return USUAL


def save_appearance(appearance: Appearance, file: Path) -> None:
    """Keep it for the next start; a disk that refuses is no tragedy."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(appearance)), encoding="utf-8")
    except OSError as error:
        _log.warning("the appearance %s cannot be written: %s", file, error)


class AppearanceButton(QPushButton):
    """Opens a menu with the grounds and the colours; emits what was chosen."""

    chosen = Signal(object)  # an Appearance

    def __init__(self, appearance: Appearance) -> None:
        super().__init__("Appearance ▾")
        self.setProperty("role", "tab")
        # Qt's own arrow is drawn over the words.
        self.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self.setAccessibleName("Appearance")
        menu = QMenu(self)
        grounds = QActionGroup(self)
        self.dark, self.light = QAction("Dark", self), QAction("Light", self)
        for action, is_checked in (
            (self.dark, not appearance.is_light),
            (self.light, appearance.is_light),
        ):
            action.setCheckable(True)
            action.setChecked(is_checked)
            grounds.addAction(action)
            menu.addAction(action)
        menu.addSeparator()
        self.safe = QAction("Colours safe for the colour-blind", self)
        self.safe.setCheckable(True)
        self.safe.setChecked(appearance.is_colour_blind_safe)
        menu.addAction(self.safe)
        self.setMenu(menu)
        menu.triggered.connect(self._tell)

    def _tell(self) -> None:
        self.chosen.emit(Appearance(self.light.isChecked(), self.safe.isChecked()))
