"""Alerts of the running session, and the last happenings on the page, as the console says them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from journeylab.clock import NS_PER_S
from journeylab.session.live import LiveAlert
from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.page_tally import PageHappening
from journeylab.ui.moderator.words import minutes
from journeylab.ui.widgets.card import Label, tooltip
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.notices import Banner
from journeylab.ui.widgets.style import set_role

TITLES: Final = {
    "stuck": "Confused, no progress",
    "frustrated": "Frustrated",
    "off_screen": "Looking away",
}
"""What each kind of alert is called."""

_LINES: Final = 3


class AlertBanner(Banner):
    """The alert that began last, for how long it stands, and why; how many others stand."""

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__(can_dismiss=False, palette=palette)
        self._said: tuple[str, str] = ("", "")

    def show_alerts(self, alerts: Sequence[LiveAlert], *, now_ns: int) -> None:
        """Show what stands now; cheap where nothing changed."""
        said = alert_words(alerts, now_ns=now_ns)
        if said != self._said:
            self._said = said
            is_away = bool(alerts) and alerts[0].kind == "off_screen"
            self.say(said[0], detail=said[1], level=Level.WARNING if is_away else Level.FAULT)


def alert_words(alerts: Sequence[LiveAlert], *, now_ns: int) -> tuple[str, str]:
    """Title and reason of the newest alert; both empty when nothing stands."""
    if not alerts:
        return "", ""
    newest = alerts[0]
    stands_s = max(0.0, (now_ns - newest.since_ns) / NS_PER_S)
    title = f"{TITLES.get(newest.kind, newest.kind)} · {minutes(stands_s)}"
    others = [TITLES.get(one.kind, one.kind).lower() for one in alerts[1:]]
    also = f" Also: {', '.join(others)}." if others else ""
    return title, newest.reason + also


class HappeningList(QWidget):
    """The last three things that happened on the page, newest first, and how long ago."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._lines = [Label("", role="small") for _ in range(_LINES)]
        for line in self._lines:
            line.setMinimumWidth(150)
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            layout.addWidget(line)
        self.setAccessibleName("Last on the page")

    def show_happenings(self, happenings: Sequence[PageHappening], *, now_ns: int) -> None:
        """Show them; a refused form is marked."""
        for place, line in enumerate(self._lines):
            if place >= len(happenings):
                line.show_text("nothing on the page yet" if place == 0 else "")
                set_role(line, tone="")
                continue
            one = happenings[place]
            ago_s = max(0.0, (now_ns - one.t_ns) / NS_PER_S)
            words = f"{minutes(ago_s)} ago  {one.words}"
            line.setToolTip(tooltip(words))
            line.show_text(
                line.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, line.width())
            )
            set_role(line, tone="warning" if one.kind in ("invalid", "refused") else "")

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says, line by line."""
        return tuple(line.text() for line in self._lines if line.text())
