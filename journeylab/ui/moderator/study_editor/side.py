"""The left of the editor: the pages of the study, and its steps with what is to be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.panels import PageList
from journeylab.ui.moderator.study_editor.step_list import StepList
from journeylab.ui.moderator.words import minutes, plural
from journeylab.ui.widgets.card import Label, SectionLabel

_WIDTH_PX: Final = 272
_PLACE: Final = ("steps",)


class Side(QFrame):
    """Two lists under each other; one row of one of them is chosen."""

    def __init__(self, desk: Desk, pages: Sequence[str]) -> None:
        super().__init__()
        self.desk = desk
        self.pages = PageList(pages)
        self.steps = StepList(desk)
        self.total = Label("", role="small")
        self.about_steps = Label("", role="small", wrap=True)
        self.setProperty("role", "side")
        self.setProperty("edge", "right")
        self.setFixedWidth(_WIDTH_PX)
        heading = QHBoxLayout()
        heading.addWidget(SectionLabel("Steps"))
        heading.addStretch(1)
        heading.addWidget(self.total)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        column.addWidget(SectionLabel("Study"))
        column.addWidget(self.pages)
        column.addSpacing(4)
        column.addLayout(heading)
        column.addWidget(self.about_steps)
        column.addWidget(self.steps, 1)

    def show_study(self, *, page: str, step: int, wrong: Sequence[str]) -> None:
        """Show the study with a page or a step (-1 for none) chosen; ``wrong`` names the pages
        on which something is to be mended."""
        study = self.desk.study
        self.steps.show_steps(step)
        self.pages.show_pages(page, wrong=wrong)
        self.total.show_text(f"{plural(len(study.steps), 'step')}, {minutes(study.planned_s)}")
        said = [f"⚠ {words}" for place, words in self.desk.problems if place == _PLACE]
        said += [f"Hint: {words}" for place, words in self.desk.hints if place == _PLACE]
        self.about_steps.show_text("\n".join(said))
        self.about_steps.setVisible(bool(said))
