"""Exporting the map: which formats, how far it is, and stopping it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QWidget

from journeylab.report.export import FORMATS
from journeylab.report.study_export import ExportChoice

SHOWN_AFTER_MS: Final = 1000
"""What is done sooner needs no progress shown."""

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


class ExportBar(QWidget):
    """The button with its menu; while something longer is written, progress and a way to stop."""

    asked = Signal(object)
    """An ExportChoice."""
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.button = QPushButton("Export ▾")
        self.button.setProperty("role", "primary")
        # Qt's own arrow is drawn over the words.
        self.button.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self.button.setAccessibleName("Export")
        self.button.setToolTip("Write the map as a picture, slides, a page or tables (Ctrl+E)")
        self.button.setShortcut("Ctrl+E")
        self._menu = QMenu(self)
        for words, choice in CHOICES:
            if len(choice.formats) > 1:
                self._menu.addSeparator()
            action = self._menu.addAction(words)
            action.triggered.connect(lambda _on=False, asked=choice: self.asked.emit(asked))
        self.button.setMenu(self._menu)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(120)
        self._progress.setAccessibleName("Progress of the export")
        self._stop = QPushButton("Stop")
        self._stop.setToolTip("Stop writing; files that are whole already stay")
        self._stop.clicked.connect(self.stopped)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SHOWN_AFTER_MS)
        self._patience.timeout.connect(self._show_progress)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._progress)
        layout.addWidget(self._stop)
        layout.addWidget(self.button)
        self.end()

    @property
    def shows_progress(self) -> bool:
        """Whether progress is on show."""
        return not self._progress.isHidden()

    def begin(self) -> None:
        """Something is being written from now on."""
        self.button.setEnabled(False)
        self._progress.setValue(0)
        self._patience.start()

    def advance(self, share: float) -> None:
        """This share of it, 0..1, is written."""
        self._progress.setValue(round(share * 100))

    def end(self) -> None:
        """Nothing is being written any more."""
        self._patience.stop()
        self._progress.hide()
        self._stop.hide()
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

    def _show_progress(self) -> None:
        self._progress.show()
        self._stop.show()
