"""Where on a web page a place of the screen lies: through scrolling, zoom and the view's frame."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urldefrag

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.session_data import Columns

_VIEW: Final = re.compile(r"view (\d+)x(\d+) at (-?\d+),(-?\d+), zoom ([\d.]+)")
_SIZE: Final = re.compile(r"(\d+)x(\d+) px")
PAGE_COLUMNS: Final = (
    "kind",
    "url",
    "page_x_px",
    "page_y_px",
    "scroll_x_px",
    "scroll_y_px",
    "detail",
)


@dataclass(frozen=True, slots=True)
class PageView:
    """The browser view on the participant's screen: left, top, width and height in logical px, and
    the zoom its page is shown at."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float
    zoom: float


@dataclass(frozen=True, slots=True, eq=False)
class PageTrack:
    """Which page was shown when, how far scrolled.

    ``t_ns`` (n,) times of each change; from then on ``urls`` was shown, scrolled by ``scroll_px``
    (n, 2) CSS px, in ``views``. ``scale`` are device px in a logical one. ``sizes`` are width and
    height of each page by its address, the largest told.
    """

    t_ns: NDArray[np.int64]
    urls: tuple[str, ...]
    scroll_px: NDArray[np.float64]
    views: tuple[PageView, ...]
    scale: float
    sizes: dict[str, tuple[float, float]]

    def at(self, t_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """(m,) index of what was shown at each time; -1 before the first page."""
        return np.asarray(np.searchsorted(self.t_ns, t_ns, side="right") - 1, dtype=np.int64)

    def to_page(
        self, t_ns: NDArray[np.int64], place_px: NDArray[np.floating]
    ) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """Places of the screen on the page that was shown at their times.

        Parameters
        ----------
        place_px
            (m, 2) device px from the screen's top-left corner.

        Returns
        -------
        (m,) addresses, empty where no page was shown or the place lies beside the view, and
        (m, 2) CSS px of the full page, NaN there.
        """
        index = self.at(t_ns)
        urls = np.full(len(t_ns), "", dtype=object)
        page_px = np.full((len(t_ns), 2), np.nan)
        for shown in np.unique(index[index >= 0]):
            view = self.views[shown]
            rows = np.flatnonzero(index == shown)
            inside_px = place_px[rows] / self.scale - (view.left_px, view.top_px)
            with np.errstate(invalid="ignore"):
                is_inside = ((inside_px >= 0) & (inside_px < (view.width_px, view.height_px))).all(
                    axis=1
                )
            page_px[rows[is_inside]] = inside_px[is_inside] / view.zoom + self.scroll_px[shown]
            urls[rows[is_inside]] = self.urls[shown]
        return urls, page_px

    def seen_to_px(self, spans: list[tuple[int, int]]) -> dict[str, float]:
        """By address the lowest row of its page that came into view within some spans."""
        lowest: dict[str, float] = {}
        ends_ns = np.append(self.t_ns[1:], np.iinfo(np.int64).max)
        for place, url in enumerate(self.urls):
            is_seen = any(
                self.t_ns[place] < end_ns and ends_ns[place] > start_ns
                for start_ns, end_ns in spans
            )
            if is_seen and url:
                view = self.views[place]
                bottom_px = float(self.scroll_px[place, 1]) + view.height_px / view.zoom
                lowest[url] = max(lowest.get(url, 0.0), bottom_px)
        return lowest


def page_track(page: Columns, *, scale: float) -> PageTrack | None:
    """The pages of a session from rows of the stream ``page`` (:data:`PAGE_COLUMNS`); None where
    the frame of the browser view was never told, as of pages that were only drawn."""
    urls: list[str] = []
    scrolls: list[tuple[float, float]] = []
    views: list[PageView] = []
    times: list[int] = []
    sizes: dict[str, tuple[float, float]] = {}
    url, scroll, view = "", (0.0, 0.0), None
    for n in np.argsort(page.t_ns, kind="stable"):
        kind, detail, row_url = (str(page[name][n]) for name in ("kind", "detail", "url"))
        if kind in ("picture", "refused"):
            # Told later, and of a page that may be left by now.
            _note_size(sizes, page_key(row_url), detail if kind == "picture" else "")
            continue
        if row_url and page_key(row_url) != url:
            url, scroll = page_key(row_url), (0.0, 0.0)
        if kind == "load":
            view = _view_of(detail) or view
            _note_size(sizes, url, detail)
        to_px = float(page["scroll_x_px"][n]), float(page["scroll_y_px"][n])
        if all(map(math.isfinite, to_px)):
            scroll = to_px
        if view is None or (urls and (urls[-1], scrolls[-1], views[-1]) == (url, scroll, view)):
            continue
        times.append(int(page.t_ns[n]))
        urls.append(url)
        scrolls.append(scroll)
        views.append(view)
    if not urls:
        return None
    return PageTrack(
        np.array(times, dtype=np.int64),
        tuple(urls),
        np.array(scrolls, dtype=np.float64),
        tuple(views),
        scale if scale > 0 else 1.0,
        sizes,
    )


def page_key(url: str) -> str:
    """What makes a page distinct: its address without the fragment, as its pictures are taken;
    routes of older single-page apps live in the fragment and count."""
    bare, fragment = urldefrag(url)
    return url if fragment.startswith(("/", "!")) else bare


def size_in(detail: str) -> tuple[float, float] | None:
    """Width and height of a page as the detail of its row tells them, CSS px."""
    found = _SIZE.match(detail)
    return None if found is None else (float(found[1]), float(found[2]))


def _note_size(sizes: dict[str, tuple[float, float]], url: str, detail: str) -> None:
    size = size_in(detail)
    if size is not None and min(size) > 0:
        known = sizes.get(url, (0.0, 0.0))
        sizes[url] = (max(known[0], size[0]), max(known[1], size[1]))


def _view_of(detail: str) -> PageView | None:
    found = _VIEW.search(detail)
    if found is None:
        return None
    width, height, left, top, zoom = (float(part) for part in found.groups())
    if min(width, height, zoom) <= 0:
        return None
    return PageView(left, top, width, height, zoom)
