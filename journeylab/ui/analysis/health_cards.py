"""Cards of the study's health: participants against what is wanted, and the grades."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QWidget

from journeylab.analysis.sessions import EXCLUDED
from journeylab.analysis.study_health import StudyHealth
from journeylab.ui.widgets.card import Card, Figure, Label, SectionLabel


class ParticipantsCard(Card):
    """How many participants are usable and wanted, and each quota with its bar."""

    def __init__(self) -> None:
        super().__init__()
        self.figure = Figure("Usable participants")
        self.bar = _bar("Usable participants")
        self._quotas = QGridLayout()
        self._quotas.setContentsMargins(0, 6, 0, 0)
        self._quotas.setHorizontalSpacing(12)
        self._quotas.setVerticalSpacing(6)
        self._quotas.setColumnStretch(1, 1)
        self._quota_box = QWidget()
        self._quota_box.setLayout(self._quotas)
        self.body.addWidget(self.figure)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._quota_box)

    def show_health(self, health: StudyHealth) -> None:
        """Show a study's numbers."""
        tally = health.tally
        wanted = tally.wanted
        details = []
        if tally.too_poor:
            details.append(f"{tally.too_poor} too poor or excluded")
        if tally.simulated:
            details.append(f"{tally.simulated} simulated, not counted")
        if tally.unread:
            details.append(f"{tally.unread} could not be opened")
        self.figure.show_values(
            str(tally.usable),
            unit=f"of {wanted} wanted" if wanted is not None else "the study names no number",
            detail=" · ".join(details),
        )
        self.bar.setVisible(wanted is not None)
        if wanted is not None:
            _fill(self.bar, tally.usable, wanted)
        self._show_quotas(health)

    def _show_quotas(self, health: StudyHealth) -> None:
        while (item := self._quotas.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        row = 0
        for name in dict.fromkeys(quota.segment for quota in health.tally.quotas):
            self._quotas.addWidget(SectionLabel(f"Quota by {name}"), row, 0, 1, 3)
            row += 1
            for quota in health.tally.quotas_of(name):
                bar = _bar(quota.words)
                _fill(bar, quota.usable, quota.wanted)
                count = Label(
                    f"{quota.usable} of {quota.wanted}{' · full' if quota.is_full else ''}",
                    role="small",
                )
                count.setMinimumWidth(90)
                count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._quotas.addWidget(Label(quota.value), row, 0)
                self._quotas.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
                self._quotas.addWidget(count, row, 2)
                row += 1
        self._quota_box.setVisible(row > 0)


class GradesCard(Card):
    """How many sessions have each grade, and how many were left out by whom."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = {
            grade: Figure("Excluded" if grade == EXCLUDED else f"Grade {grade}")
            for grade in ("A", "B", "C", EXCLUDED)
        }
        row = QHBoxLayout()
        row.setSpacing(16)
        for figure in self._figures.values():
            row.addWidget(figure, 1)
        self.body.addLayout(row)

    def show_health(self, health: StudyHealth) -> None:
        """Show the grades of a study's sessions."""
        by_hand = sum(bool(s.decision) and not s.is_usable for s in health.sessions)
        included = sum(bool(s.decision) and s.is_usable for s in health.sessions)
        details = {EXCLUDED: f"{by_hand} by decision" if by_hand else ""}
        details["C"] = f"{included} by decision" if included else ""
        for grade, figure in self._figures.items():
            figure.show_values(str(health.grades[grade]), detail=details.get(grade, ""))


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    return bar


def _fill(bar: QProgressBar, have: int, wanted: int) -> None:
    bar.setRange(0, max(wanted, 1))
    bar.setValue(min(have, wanted))
