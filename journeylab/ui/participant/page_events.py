"""What the watching script tells of a page, read with suspicion: pages are not ours."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

from journeylab.clock import NS_PER_MS
from journeylab.streams import Row
from journeylab.ui.participant.rows import page_row

PAINTED: Final = "painted"
"""Tells that what stood on the page has been drawn; becomes a stimulus row, not a page row."""

_KINDS: Final = frozenset({"load", "click", "scroll", "invalid", "change", PAINTED})
_LONGEST_MESSAGE: Final = 8192
_LONGEST_TEXT: Final = 1024
_OLDEST_MS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One event of a page; positions in CSS px of the full page, NaN where it has none.

    ``age_ms`` is how long before its arrival it happened.
    """

    kind: str
    url: str
    selector: str
    page_px: tuple[float, float]
    scroll_px: tuple[float, float]
    detail: str
    age_ms: float

    def row(self, arrived_ns: int, *, not_before_ns: int) -> Row:
        """Its row, stamped when it happened but never before the row in front of it."""
        t_ns = arrived_ns - round(self.age_ms * NS_PER_MS)
        return page_row(
            max(t_ns, not_before_ns),
            self.kind,
            url=self.url,
            selector=self.selector,
            page_px=self.page_px,
            scroll_px=self.scroll_px,
            detail=self.detail,
            arrived_ns=arrived_ns,
        )


def read_page_event(message: str) -> PageEvent | None:
    """Read one message; None when it is none of ours."""
    if len(message) > _LONGEST_MESSAGE:
        return None
    try:
        values = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    kind = _text(values.get("kind"))
    if kind not in _KINDS:
        return None
    return PageEvent(
        kind=kind,
        url=_text(values.get("url")),
        selector=_text(values.get("selector")),
        page_px=_pair(values.get("page")),
        scroll_px=_pair(values.get("scroll")),
        detail=_text(values.get("detail")),
        age_ms=_age(values.get("age_ms")),
    )


def _text(value: object) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else math.nan  # type: ignore[arg-type]


def _pair(value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        return _number(value[0]), _number(value[1])
    return math.nan, math.nan


def _age(value: object) -> float:
    age_ms = _number(value)
    return age_ms if 0.0 <= age_ms <= _OLDEST_MS else 0.0
