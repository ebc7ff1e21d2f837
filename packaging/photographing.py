"""A camera for windows, and a walk through an app that is photographed on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from journeylab.theme import DARK, LIGHT, colour_blind_safe

Scene = tuple[float, Callable[[], object]]
"""Seconds to wait, then what to do."""
Scenes = Iterator[Scene]

_COLOURS = 160


class Camera:
    """Grabs widgets into files of few colours, which is all these windows need, and small."""

    def __init__(self, out: Path, *, name: str = "", wanted: Collection[str] | None = None) -> None:
        self._out, self._name, self._wanted = out, name, wanted

    def take(self, widget: QWidget, what: str) -> None:
        """Photograph a widget into ``<what>-<name>.png``, where that scene is wanted."""
        if self._wanted is not None and what not in self._wanted:
            return
        path = self._out / f"{what}-{self._name}.png" if self._name else self._out / f"{what}.png"
        widget.grab().save(str(path))
        with Image.open(path) as picture:
            reduced = of_few_colours(picture.convert("RGB"))
        reduced.save(path, optimize=True)
        print("photographed", path.name, flush=True)

    def take_dialog(self, what: str) -> None:
        """Photograph the dialog that is open, and close it."""
        for dialog in open_dialogs():
            self.take(dialog, what)
            dialog.reject()


def of_few_colours(picture: Image.Image) -> Image.Image:
    """A picture of few colours, among them the theme's: a red dot must not turn brown."""
    commonest = picture.quantize(_COLOURS).getpalette() or []
    tokens = [
        value
        for theme in (DARK, LIGHT, colour_blind_safe(DARK), colour_blind_safe(LIGHT))
        for name in theme.__dataclass_fields__
        if isinstance(value := getattr(theme, name), str) and value.startswith("#")
    ]
    own = [part for token in dict.fromkeys(tokens) for part in QColor(token).getRgb()[:3]]
    palette = Image.new("P", (1, 1))
    palette.putpalette((own + commonest)[: 3 * 256])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def open_dialogs() -> list[QDialog]:
    """The dialogs that are open."""
    widgets = QApplication.topLevelWidgets()
    return [one for one in widgets if isinstance(one, QDialog) and one.isVisible()]


def follow(scenes: Iterable[Scene], application: QApplication) -> int:
    """Do what the scenes say, each after its wait; the code the event loop ended with."""
    rest = iter(scenes)

    def go_on() -> None:
        try:
            wait_s, act = next(rest, (0.0, None))
        except Exception:
            application.exit(1)
            raise
        if act is None:
            application.exit()
        else:
            QTimer.singleShot(round(wait_s * 1000), lambda: do(act))

    def do(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:
            application.exit(1)
            raise
        go_on()

    go_on()
    return int(application.exec())
