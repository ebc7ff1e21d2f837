"""The discussion guide of the running step: its task, when it is done, what to ask and watch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from journeylab.study.model import Step
from journeylab.ui.widgets.card import ElidedLabel, Label, SectionLabel

_PARTS = ("Task", "Done when", "Guide")


class StepGuide(QScrollArea):
    """Three paragraphs, each with its heading; those a step does not have are left out. Beside the
    first heading stands what the step is about, so that it takes no height of its own."""

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
        self._parts: dict[str, tuple[SectionLabel, Label]] = {}
        self._abouts: list[ElidedLabel] = []
        for title in _PARTS:
            heading, words = SectionLabel(title), Label("", wrap=True)
            words.setAlignment(Qt.AlignmentFlag.AlignTop)
            stack.addLayout(self._head(heading))
            stack.addWidget(words)
            stack.addSpacing(4)
            self._parts[title] = (heading, words)
        stack.addLayout(self._head(None))  # for a step without a guide
        self._nothing = Label("", role="quiet", wrap=True)
        stack.addWidget(self._nothing)
        stack.addStretch(1)
        self.setWidget(inner)
        self._write(("", "", ""), nothing="The guide of each step stands here.")

    def _head(self, heading: SectionLabel | None) -> QHBoxLayout:
        about = ElidedLabel("", role="small")
        self._abouts.append(about)
        line = QHBoxLayout()
        line.setSpacing(10)
        if heading is not None:
            line.addWidget(heading)
        line.addWidget(about, 1)
        return line

    def show_step(self, step: Step | None, *, about: str = "") -> None:
        """Show another step's guide, beside it what it is about; none before the first."""
        if step is None:
            self._write(("", "", ""), nothing="The guide of each step stands here.")
            return
        texts = (step.task, step.success, step.guide)
        self._write(texts, nothing="This step has no guide.", about=about)

    def show_unplanned(self, title: str) -> None:
        """An unplanned step runs: there is no guide to it."""
        self._write(
            ("", "", ""), nothing=f"“{title}” is not in the study: the screen shows nothing."
        )

    def _write(self, texts: tuple[str, str, str], *, nothing: str, about: str = "") -> None:
        first = next((place for place, text in enumerate(texts) if text.strip()), len(texts))
        for place, label in enumerate(self._abouts):
            label.show_text(about if place == first else "")
            label.setVisible(bool(about) and place == first)
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
        said = [label.text() for label in self._abouts]
        said += [words.text() for _, words in self._parts.values()]
        return "\n".join(part for part in (*said, self._nothing.text()) if part)
