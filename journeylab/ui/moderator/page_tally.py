"""What happened on the page since the step began: clicks, scroll, address, and the last of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from journeylab.streams import STREAMS, Row

_COLUMNS: Final = [column.name for column in STREAMS["page"].columns]
_ARRIVALS: Final = ("url", "load")
_KEPT: Final = 3
_TOLD: Final = frozenset({"click", "load", "url", "scroll", "invalid", "refused"})
_WORDS_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class PageHappening:
    """One thing that happened on a page, in words; ``kind`` as in stream "page"."""

    kind: str
    t_ns: int
    words: str


@dataclass(frozen=True, slots=True)
class PageTally:
    """Counts of one step's page events; ``after`` gives the tally one event later.

    ``last`` holds the newest happenings, newest first; a scroll that goes on is one of them.
    """

    clicks: int = 0
    refused: int = 0
    loads: int = 0
    page: str = ""
    scroll_y_px: float = 0.0
    last: tuple[PageHappening, ...] = ()

    def after(self, event: Row) -> PageTally:
        """The tally with a row of stream "page" taken in."""
        values = dict(zip(_COLUMNS, event.values, strict=True))
        kind = str(values["kind"])
        name = page_name(str(values["url"]))
        # Something said late of a page that was left must not pass for the page that is shown.
        page = name if name and (kind in _ARRIVALS or not self.page) else self.page
        scroll_y_px = _number(values["scroll_y_px"])
        last = self.last
        if kind in _TOLD:
            happening = PageHappening(kind, event.t_ns, happening_words(kind, values))
            if kind == "scroll" and last and last[0].kind == "scroll":
                last = last[1:]
            last = (happening, *last)[:_KEPT]
        return replace(
            self,
            clicks=self.clicks + (kind == "click"),
            refused=self.refused + (kind == "invalid"),
            loads=self.loads + (kind == "load"),
            page=page,
            scroll_y_px=scroll_y_px if math.isfinite(scroll_y_px) else self.scroll_y_px,
            last=last,
        )


_WENT: Final = {"back": "went back", "forward": "went forward", "replace": "was led on"}


def happening_words(kind: str, values: dict[str, object]) -> str:
    """One page event as a person says it."""
    selector, detail = str(values["selector"]), str(values["detail"]).strip()
    match kind:
        case "click":
            where = detail or selector or "the page"
            words = "missed click" if detail == "missed" else f"clicked {where}"
        case "load":
            words = f"loaded {page_name(str(values['url']))}"
        case "url":
            words = f"{_WENT.get(detail, 'went')} to {page_name(str(values['url']))}"
        case "scroll":
            y_px = _number(values["scroll_y_px"])
            words = f"scrolled to {y_px:.0f} px" if math.isfinite(y_px) else "scrolled"
        case "invalid":
            words = f"form refused {selector or 'a field'}" + (f": {detail}" if detail else "")
        case _:
            words = f"refused {detail or page_name(str(values['url']))}"
    words = " ".join(words.split())
    return words if len(words) <= _WORDS_MOST else words[: _WORDS_MOST - 1] + "…"


def page_name(url: str) -> str:
    """The last part of an address: ``compare.html``, or the host of a bare address."""
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])
    return name or parts.netloc


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
