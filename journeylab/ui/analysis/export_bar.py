"""Exporting the map: which formats, how far it is, and stopping it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from journeylab.report.export import FORMATS
from journeylab.report.study_export import ExportChoice
from journeylab.ui.widgets.waiting import PatientProgress

CHOICES: Final = (
    ("Picture (PNG)", ExportChoice(("png",))),
    ("Drawing (SVG)", ExportChoice(("svg",))),
    ("Document (PDF)", ExportChoice(("pdf",))),
    ("Slides (PowerPoint)", ExportChoice(("pptx",))),
    ("Web page (HTML)", ExportChoice(("html",))),
    ("Web page with faces (HTML)", ExportChoice(("html",), with_faces=True)),
    ("Tables (CSV)", ExportChoice(("csv",))),
    ("Tables (Parquet)", ExportChoice(("parquet",))),
    ("All formats, without faces", ExportChoice(FORMATS)),
)
WITHOUT_FACES: Final = tuple(one for one in CHOICES if not one[1].with_faces)
"""For what shows none, as a comparison."""


class ExportBar(QWidget):
    """The button with its menu; while something longer is written, progress and a way to stop."""

    asked = Signal(object)
    """An ExportChoice."""
    stopped = Signal()

    def __init__(self, choices: Sequence[tuple[str, ExportChoice]] = CHOICES) -> None:
        super().__init__()
        self.button = QPushButton("Export ▾")
        self.button.setProperty("role", "primary")
        # Qt's own arrow is drawn over the words.
        self.button.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self.button.setAccessibleName("Export")
        self.button.setToolTip("Write the map as a picture, slides, a page or tables (Ctrl+E)")
        self.button.setShortcut("Ctrl+E")
        self._menu = QMenu(self)
        for words, choice in choices:
            if len(choice.formats) > 1:
                self._menu.addSeparator()
            action = self._menu.addAction(words)
            action.triggered.connect(lambda _on=False, asked=choice: self.asked.emit(asked))
        self.button.setMenu(self._menu)
        self.progress = PatientProgress(
            of="the export", stop_hint="Stop writing; files that are whole already stay"
        )
        self.progress.stopped.connect(self.stopped)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.progress)
        layout.addWidget(self.button)

    @property
    def shows_progress(self) -> bool:
        """Whether progress is on show."""
        return not self.progress.isHidden()

    def begin(self) -> None:
        """Something is being written from now on."""
        self.button.setEnabled(False)
        self.progress.begin()

    def advance(self, share: float) -> None:
        """This share of it, 0..1, is written."""
        self.progress.advance(share)

    def end(self) -> None:
        """Nothing is being written any more."""
        self.progress.end()
        self.button.setEnabled(True)

    def choose(self, words: str) -> None:
        """Take the menu's entry of these words, as a click would.

        Raises
        ------
        KeyError
            When the menu has none such.
        """
        for action in self._menu.actions():
            if action.text() == words:
                action.trigger()
                return
        raise KeyError(words)
