"""The discussion guide of the running step: its task, when it is done, what to ask and watch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from journeylab.study.model import Step
from journeylab.ui.widgets.card import Label, SectionLabel

_PARTS = ("Task", "Done when", "Guide")


class StepGuide(QScrollArea):
    """What a step is about, and three paragraphs, each with its heading; those it does not have are
    left out."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(64)
        inner = QWidget()
        stack = self._stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 8, 0)
        stack.setSpacing(4)
        self._about = Label("", role="small", wrap=True)
        stack.addWidget(self._about)
        self._parts: dict[str, tuple[SectionLabel, Label]] = {}
        for title in _PARTS:
            heading, words = SectionLabel(title), Label("", wrap=True)
            words.setAlignment(Qt.AlignmentFlag.AlignTop)
            stack.addWidget(heading)
            stack.addWidget(words)
            stack.addSpacing(4)
            self._parts[title] = (heading, words)
        self._nothing = Label("", role="quiet", wrap=True)
        stack.addWidget(self._nothing)
        stack.addStretch(1)
        self.setWidget(inner)
        self._say_about("")
        self._write(("", "", ""), nothing="The guide of each step stands here.")

    def show_step(self, step: Step | None, *, about: str = "") -> None:
        """Show another step's guide, under a line on what it is about; none before the first."""
        self._say_about(about)
        if step is None:
            self._write(("", "", ""), nothing="The guide of each step stands here.")
            return
        self._write((step.task, step.success, step.guide), nothing="This step has no guide.")

    def show_unplanned(self, title: str) -> None:
        """An unplanned step runs: there is no guide to it."""
        self._say_about("")
        self._write(
            ("", "", ""), nothing=f"“{title}” is not in the study: the screen shows nothing."
        )

    def _say_about(self, words: str) -> None:
        self._about.show_text(words)
        self._about.setVisible(bool(words))

    def _write(self, texts: tuple[str, str, str], *, nothing: str) -> None:
        for (heading, words), text in zip(self._parts.values(), texts, strict=True):
            words.show_text(text.strip())
            for widget in (heading, words):
                widget.setVisible(bool(text.strip()))
        is_empty = not any(text.strip() for text in texts)
        self._nothing.show_text(nothing if is_empty else "")
        self._nothing.setVisible(is_empty)
        self.verticalScrollBar().setValue(0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Never be higher than what is said: the list of steps has the rest."""
        height_px = self._stack.heightForWidth(self.viewport().width())
        self.setMaximumHeight(max(64, height_px + 2))

    @property
    def text(self) -> str:
        """All it says."""
        said = [self._about.text(), *(words.text() for _, words in self._parts.values())]
        return "\n".join(part for part in (*said, self._nothing.text()) if part)
