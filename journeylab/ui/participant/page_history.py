"""How a page came to its address: back, forward, or put in another one's place.

That it was loaded again, with the address it had, is told by the watching script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtWebEngineCore import QWebEngineHistory, QWebEnginePage

from journeylab.ui.participant.page_words import BLANK

BACK: Final = "back"
FORWARD: Final = "forward"
REPLACE: Final = "replace"

_MOST_ENTRIES: Final = 50  # Chromium's; from then on the oldest goes with each new one
_Way = QWebEnginePage.NavigationType


@dataclass(frozen=True, slots=True)
class HistoryPlace:
    """The addresses of a view's history, and which of them is shown."""

    at: int = -1
    addresses: tuple[str, ...] = ()

    @classmethod
    def of(cls, history: QWebEngineHistory) -> HistoryPlace:
        """As it is now."""
        addresses = tuple(item.url().toString() for item in history.items())
        return cls(history.currentItemIndex(), addresses)


def how_it_came(before: HistoryPlace, now: HistoryPlace, *, way: _Way | None = None) -> str:
    """One of the words above, or empty for an address that is new.

    ``way`` is what the engine called the navigation; None where it asked nobody, as with what a
    page's own script does to its history.
    """
    if now.at < before.at:
        return BACK
    if now.at == before.at:
        was_blank = before.addresses[before.at : before.at + 1] in ((), (BLANK,), ("",))
        has_moved_on = len(now.addresses) >= _MOST_ENTRIES and (
            before.addresses[1:] == now.addresses[:-1]
        )
        return "" if was_blank or has_moved_on else REPLACE
    # A new address takes those after it away; one that was there before is only gone to.
    is_same = len(now.addresses) == len(before.addresses) and (
        now.addresses[now.at] == before.addresses[now.at]
    )
    is_asked = way is not None and way is not _Way.NavigationTypeBackForward
    return FORWARD if is_same and not is_asked else ""


class PageHistory:
    """Follows one view's history. ``way`` is what the engine called the navigation under way, and
    None where none is that it asked about."""

    def __init__(self) -> None:
        self.way: _Way | None = None
        self._place = HistoryPlace()

    def came(self, history: QWebEngineHistory) -> str:
        """How the address that is shown now came, as :func:`how_it_came`."""
        before, self._place = self._place, HistoryPlace.of(history)
        way, self.way = self.way, None
        return how_it_came(before, self._place, way=way)
