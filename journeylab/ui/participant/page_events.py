"""What the watching script tells of a page, read with suspicion: pages are not ours."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QUrl

from journeylab.clock import NS_PER_MS
from journeylab.streams import Row
from journeylab.ui.participant.page_words import shown_address
from journeylab.ui.participant.rows import page_row

PAINTED: Final = "painted"
"""Tells that what stood on the page has been drawn; becomes a stimulus row, not a page row."""

READY: Final = "ready"
"""Tells that the watching script of a new document hears; becomes no row."""
BOXES: Final = "boxes"
"""Tells where areas of interest lie now; becomes rows of stream aois."""

_KINDS: Final = frozenset(
    {"load", "url", "click", "scroll", "invalid", "change", "input", "focus", PAINTED, READY, BOXES}
)
_LONGEST_MESSAGE: Final = 32768
_LONGEST_TEXT: Final = 1024
_OLDEST_MS: Final = 1000.0


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One event of a page; positions in CSS px of the full page, NaN where it has none.

    ``age_ms`` is how long before its arrival it happened, ``size_px`` that of the full page.
    ``boxes`` are areas of interest by name, left, top, width and height in CSS px of the view;
    None for one that cannot be seen. ``token`` is that of the request they answer.
    """

    kind: str
    url: str
    selector: str
    page_px: tuple[float, float]
    scroll_px: tuple[float, float]
    detail: str
    age_ms: float
    size_px: tuple[float, float] = (math.nan, math.nan)
    boxes: Mapping[str, tuple[float, ...] | None] = field(default_factory=dict)
    token: float = math.nan

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
        url=_address(values.get("url")),
        selector=_text(values.get("selector")),
        page_px=_pair(values.get("page")),
        scroll_px=_pair(values.get("scroll")),
        detail=_text(values.get("detail")),
        age_ms=_age(values.get("age_ms")),
        size_px=_pair(values.get("size")),
        boxes=_boxes(values.get("boxes")),
        token=_number(values.get("token")),
    )


def _text(value: object) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _address(value: object) -> str:
    """An address, without the name and password it may hold."""
    text = _text(value)
    return shown_address(QUrl(text)) or text if "@" in text else text


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else math.nan  # type: ignore[arg-type]


def _pair(value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        return _number(value[0]), _number(value[1])
    return math.nan, math.nan


def _boxes(value: object) -> dict[str, tuple[float, ...] | None]:
    if not isinstance(value, dict):
        return {}
    found: dict[str, tuple[float, ...] | None] = {}
    for name, sides in value.items():
        is_box = isinstance(sides, list) and len(sides) == 4
        box = tuple(_number(side) for side in sides) if is_box else None
        found[str(name)] = box if box is not None and all(map(math.isfinite, box)) else None
    return found


def _age(value: object) -> float:
    age_ms = _number(value)
    return age_ms if 0.0 <= age_ms <= _OLDEST_MS else 0.0
