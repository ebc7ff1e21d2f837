"""What the face says at a time: valence with the states shown, and the action units."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from journeylab.analysis.insights import signed
from journeylab.analysis.replay_view import Instant
from journeylab.study.model import Expression
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.unit_grid import UnitGrid
from journeylab.ui.widgets.action_unit_bars import ActionUnitBars, own_bars_of
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.style import set_role
from journeylab.ui.widgets.trace_model import TONE_THRESHOLD


class ReplayMeasures(Card):
    """Figures and bars of one instant."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__(spacing_px=6)
        self._valence = Label("–", role="figure")
        self._unit = Label("valence", role="unit")
        self._states = Label("", role="small")
        self._units = UnitGrid(palette=palette)
        self._own = ActionUnitBars((), palette=palette)
        self._own.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        for label in (self._valence, self._unit):
            line.addWidget(label, 0, Qt.AlignmentFlag.AlignBaseline)
        line.addStretch(1)
        line.addWidget(self._states, 0, Qt.AlignmentFlag.AlignBaseline)
        self.body.addLayout(line)
        self.body.addWidget(self._units)
        self.body.addWidget(self._own)

    def show_expressions(self, expressions: Sequence[Expression]) -> None:
        """Show bars of a study's own expressions, under those of all action units."""
        own = own_bars_of(expressions)
        self._own.show_bars(own)
        self._own.setVisible(bool(own))

    def show_instant(self, instant: Instant, *, with_figures: bool = True) -> None:
        """Show the measures of an instant: the bars, and the figures as well unless left."""
        has_face = any(math.isfinite(level) for level in instant.action_units.tolist())
        units = instant.action_units if has_face else None
        self._units.set_levels(units)
        self._own.set_intensities(units)
        if not with_figures:
            return
        is_known = math.isfinite(instant.valence)
        self._valence.show_text(signed(instant.valence) if is_known else "–")
        self._unit.show_text("valence" if is_known else "no face here")
        tone = "neutral"
        if is_known and abs(instant.valence) >= TONE_THRESHOLD:
            tone = "joy" if instant.valence > 0 else "negative"
        set_role(self._valence, tone=tone)
        self._states.show_text(" · ".join(state for state, _ in instant.states[:2]))
        self._units.refresh_figures()
        self._own.refresh_figures()

    @property
    def words(self) -> str:
        """What the figure says."""
        return f"{self._valence.text()} {self._unit.text()} {self._states.text()}".strip()
