"""How an address came, where two ways look much alike."""

from __future__ import annotations

import pytest
from PySide6.QtWebEngineCore import QWebEnginePage

from journeylab.ui.participant.page_history import HistoryPlace, how_it_came

_Way = QWebEnginePage.NavigationType
_MANY = tuple(f"p{n}" for n in range(50))


@pytest.mark.parametrize(
    ("before", "now", "way", "word"),
    [
        (HistoryPlace(), HistoryPlace(0, ("a",)), None, ""),
        (HistoryPlace(0, ("about:blank",)), HistoryPlace(0, ("a",)), None, ""),
        (HistoryPlace(0, ("a",)), HistoryPlace(1, ("a", "b")), None, ""),
        (HistoryPlace(1, ("a", "b")), HistoryPlace(0, ("a", "b")), None, "back"),
        (HistoryPlace(0, ("a", "b")), HistoryPlace(1, ("a", "b")), None, "forward"),
        (
            HistoryPlace(0, ("a", "b")),
            HistoryPlace(1, ("a", "b")),
            _Way.NavigationTypeBackForward,
            "forward",
        ),
        # A link to the page that lies ahead in the history is no step forward in it.
        (
            HistoryPlace(0, ("a", "b")),
            HistoryPlace(1, ("a", "b")),
            _Way.NavigationTypeLinkClicked,
            "",
        ),
        (HistoryPlace(0, ("a", "b")), HistoryPlace(1, ("a", "c")), None, ""),
        (HistoryPlace(1, ("a", "b")), HistoryPlace(1, ("a", "c")), None, "replace"),
        # The engine keeps fifty: the oldest goes, and the place is the same as before.
        (HistoryPlace(49, _MANY), HistoryPlace(49, (*_MANY[1:], "new")), None, ""),
        (HistoryPlace(49, _MANY), HistoryPlace(49, (*_MANY[:-1], "other")), None, "replace"),
    ],
)
def test_a_way_is_told_by_the_history_before_and_after(
    before: HistoryPlace, now: HistoryPlace, way: _Way | None, word: str
) -> None:
    assert how_it_came(before, now, way=way) == word
