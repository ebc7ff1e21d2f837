"""Messages of a page are read with suspicion and stamped when they happened."""

from __future__ import annotations

import json
import math

import pytest

from journeylab.streams import STREAMS
from journeylab.ui.participant.page_events import read_page_event

CLICK = {
    "kind": "click",
    "url": "file:///x.html",
    "selector": "#buy",
    "page": [12.5, 900],
    "scroll": [0, 400],
    "detail": "button Buy",
    "age_ms": 4.0,
}


def test_a_click_becomes_a_row_of_its_own_time() -> None:
    event = read_page_event(json.dumps(CLICK))
    assert event is not None
    row = event.row(1_000_000_000, not_before_ns=0)
    names = [column.name for column in STREAMS["page"].columns]
    values = dict(zip(names, row.values, strict=True))
    assert (row.stream, row.t_ns, row.arrived_ns) == ("page", 996_000_000, 1_000_000_000)
    assert (values["selector"], values["page_x_px"], values["page_y_px"]) == ("#buy", 12.5, 900.0)
    assert (values["scroll_y_px"], values["detail"]) == (400.0, "button Buy")


def test_time_never_goes_back() -> None:
    event = read_page_event(json.dumps(CLICK))
    assert event is not None
    assert event.row(1_000_000_000, not_before_ns=998_000_000).t_ns == 998_000_000


@pytest.mark.parametrize("age_ms", [-5, 1e9, math.nan, "soon", None, True])
def test_an_unlikely_age_counts_as_none(age_ms: object) -> None:
    event = read_page_event(json.dumps({**CLICK, "age_ms": age_ms}))
    assert event is not None
    assert event.age_ms == 0.0


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "7",
        json.dumps({**CLICK, "kind": "refused"}),
        json.dumps({**CLICK, "kind": ["click"]}),
        json.dumps({**CLICK, "detail": "x" * 33_000}),
        "[" * 5000,
    ],
)
def test_what_is_no_message_of_ours_is_dropped(message: str) -> None:
    assert read_page_event(message) is None


def test_values_of_the_wrong_kind_are_left_out() -> None:
    event = read_page_event(
        json.dumps({"kind": "scroll", "url": 3, "page": "x", "scroll": [1, "y", 2], "detail": {}})
    )
    assert event is not None
    assert (event.url, event.selector, event.detail) == ("", "", "")
    assert all(math.isnan(value) for value in (*event.page_px, *event.scroll_px))
