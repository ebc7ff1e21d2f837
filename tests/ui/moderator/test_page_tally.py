"""What happened on the page, in words, newest first."""

from __future__ import annotations

import math

import pytest

from journeylab.streams import Row, row
from journeylab.ui.moderator.page_tally import PageTally


def _event(
    kind: str,
    *,
    page: str = "compare.html",
    selector: str = "",
    detail: str = "",
    scroll_y_px: float = 0.0,
) -> Row:
    return row(
        "page",
        0,
        kind=kind,
        url=f"http://127.0.0.1/shop/{page}",
        selector=selector,
        page_x_px=1.0,
        page_y_px=1.0,
        scroll_x_px=0.0,
        scroll_y_px=scroll_y_px,
        detail=detail,
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (_event("click", selector="#buy"), "clicked #buy"),
        (_event("click", selector="#buy", detail="Buy now"), "clicked Buy now"),
        (_event("click", detail="missed"), "missed click"),
        (_event("load"), "loaded compare.html"),
        (_event("url"), "went to compare.html"),
        (_event("scroll", scroll_y_px=640.0), "scrolled to 640 px"),
        (_event("scroll", scroll_y_px=math.nan), "scrolled"),
        (_event("invalid", selector="#mail", detail="Enter it"), "form refused #mail: Enter it"),
        (_event("refused", detail="pop-up"), "refused pop-up"),
    ],
)
def test_an_event_is_said_in_words(event: Row, words: str) -> None:
    assert PageTally().after(event).last[0].words == words


def test_the_newest_three_are_kept_and_a_scroll_that_goes_on_is_one() -> None:
    tally = PageTally()
    for event in (
        _event("load"),
        _event("click", selector="a"),
        _event("scroll", scroll_y_px=10.0),
        _event("scroll", scroll_y_px=300.0),
        _event("change", detail="a list grew"),
        _event("invalid", selector="#mail"),
    ):
        tally = tally.after(event)
    assert [one.kind for one in tally.last] == ["invalid", "scroll", "click"]
    assert tally.last[1].words == "scrolled to 300 px"
    assert (tally.clicks, tally.refused, tally.loads) == (1, 1, 1)


def test_long_and_broken_words_stay_on_one_line() -> None:
    words = PageTally().after(_event("click", detail="a\n b  " + "long " * 40)).last[0].words
    assert len(words) == 60
    assert "\n" not in words


def test_only_arriving_on_a_page_names_it() -> None:
    tally = PageTally().after(_event("load"))
    for kind in ("refused", "change"):
        tally = tally.after(_event(kind, page="index.html"))
    assert tally.page == "compare.html"
    assert tally.after(_event("url", page="cart.html")).page == "cart.html"
