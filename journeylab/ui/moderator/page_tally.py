"""What happened on the page since the step began: clicks, scroll, address."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from journeylab.streams import STREAMS, Row

_COLUMNS: Final = [column.name for column in STREAMS["page"].columns]


@dataclass(frozen=True, slots=True)
class PageTally:
    """Counts of one step's page events; ``after`` gives the tally one event later."""

    clicks: int = 0
    refused: int = 0
    loads: int = 0
    page: str = ""
    scroll_y_px: float = 0.0

    def after(self, event: Row) -> PageTally:
        """The tally with a row of stream "page" taken in."""
        values = dict(zip(_COLUMNS, event.values, strict=True))
        kind = str(values["kind"])
        page = page_name(str(values["url"])) or self.page
        scroll_y_px = _number(values["scroll_y_px"])
        return replace(
            self,
            clicks=self.clicks + (kind == "click"),
            refused=self.refused + (kind == "invalid"),
            loads=self.loads + (kind == "load"),
            page=page,
            scroll_y_px=scroll_y_px if math.isfinite(scroll_y_px) else self.scroll_y_px,
        )


def page_name(url: str) -> str:
    """The last part of an address: ``compare.html``, or the host of a bare address."""
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])
    return name or parts.netloc


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
