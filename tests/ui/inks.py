"""Finds words that are painted, or written on a label, in a colour that is not meant for words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from journeylab.theme import Palette

_TONES = ("accent", "joy", "negative", "neutral", "warning")


def inks(palette: Palette) -> set[str]:
    """The colours words may have; ``tests/test_theme.py`` holds them against every ground."""
    words = {palette.text, palette.quiet_text, palette.on_accent, palette.ground}
    return {one.upper() for one in words | {palette.ink(tone) for tone in _TONES}}


def strange_inks(window: QWidget, palette: Palette) -> list[str]:
    """A line for each piece of text of a window that has another colour."""
    with _recorded() as painted:
        window.grab()
    labels = [
        (label.text(), label.palette().color(label.foregroundRole()).name())
        for label in window.findChildren(QLabel)
        if label.isVisibleTo(window) and label.text()
    ]
    hints = [
        (
            field.placeholderText(),
            _opaque(field.palette().color(QPalette.ColorRole.PlaceholderText)),
        )
        for kind in (QLineEdit, QPlainTextEdit)
        for field in window.findChildren(kind)
        if field.isVisibleTo(window)
    ]
    meant = inks(palette)
    return [
        f"{words[:60]!r} in {colour}"
        for words, colour in (*painted, *labels, *hints)
        if words.strip() and colour.upper() not in meant
    ]


def _opaque(ink: QColor) -> str:
    return ink.name() if ink.alpha() == 255 else f"{ink.name()} see-through"


@contextmanager
def _recorded() -> Iterator[list[tuple[str, str]]]:
    """What Python code paints meanwhile: words, and the pen's colour or its opacity."""
    said: list[tuple[str, str]] = []
    drawn, laid_out = QPainter.drawText, QPainter.drawStaticText

    def note(painter: QPainter, words: str) -> None:
        said.append((words, _opaque(painter.pen().color())))

    def draw_text(painter: QPainter, *about: Any) -> Any:
        note(painter, next((one for one in about if isinstance(one, str)), ""))
        return drawn(painter, *about)

    def draw_static_text(painter: QPainter, *about: Any) -> Any:
        note(painter, about[-1].text())
        return laid_out(painter, *about)

    QPainter.drawText, QPainter.drawStaticText = draw_text, draw_static_text
    try:
        yield said
    finally:
        QPainter.drawText, QPainter.drawStaticText = drawn, laid_out
