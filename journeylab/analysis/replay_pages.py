"""The whole page behind the screen: a stretch of its picture, what of it was in view, and where on
it eyes and mouse were."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.heatmap_pages import PAGE_COLUMNS, PageTrack, page_key, page_track, size_in
from journeylab.analysis.replay import ReplayData, ReplayTrack
from journeylab.bundle.reader import PictureEntry
from journeylab.errors import BundleError
from journeylab.opencv import cv2
from journeylab.vocabulary import StimulusKind

if TYPE_CHECKING:
    from journeylab.analysis.replay_view import Click, Instant

STRETCH: Final = 2.4
"""So many heights of the view are shown of a page that is longer: the part in view, and what lies
around it."""
_KEYS_FROM: Final = 1_000_000
"""Keys of stretches begin here, beyond those of pictures of the screen."""
_MOST_ROWS: Final = 100_000

Box = tuple[float, float, float, float]
"""Left, top, width and height."""


@dataclass(frozen=True, slots=True, eq=False)
class PageShown:
    """A stretch of a page at a time.

    ``image`` is BGR (h, w, 3); ``size_px`` its width and height and ``view_box`` what of it was in
    view, both in CSS px; ``top_px`` is where on the page it begins.
    """

    t_ns: int
    key: int
    image: NDArray[np.uint8]
    size_px: tuple[int, int]
    view_box: Box
    top_px: float
    track: PageTrack
    css_in_device: float

    def placed(self, instant: Instant) -> Instant:
        """The same with gaze, cursor and clicks on the stretch; those beside the view are left
        out."""
        return replace(
            instant,
            gaze_px=self._place(instant.gaze_px),
            radius_px=instant.radius_px * self.css_in_device,
            cursor_px=self._place(instant.cursor_px),
            clicks=tuple(
                moved for click in instant.clicks if (moved := self._click(click)) is not None
            ),
        )

    def _click(self, click: Click) -> Click | None:
        place = self._place((click.x_px, click.y_px))
        return None if place is None else replace(click, x_px=place[0], y_px=place[1])

    def _place(self, at_px: tuple[float, float] | None) -> tuple[float, float] | None:
        if at_px is None:
            return None
        urls, page_px = self.track.to_page(np.array([self.t_ns]), np.array([at_px]))
        if not urls[0]:
            return None
        return float(page_px[0, 0]), float(page_px[0, 1]) - self.top_px


class ReplayPages:
    """Gives the page at a time; its pictures are read as they are wanted. Used from one thread."""

    def __init__(self, session: ReplayData, track: ReplayTrack) -> None:
        self._session = session
        self._replay = track
        rows = session.table("page", columns=PAGE_COLUMNS)
        self._track = page_track(rows, scale=session.header.screen.scale)
        self._kinds = {step.step_id: step.kind for step in session.header.steps}
        told = {
            int(t_ns): (page_key(str(url)), str(detail))
            for t_ns, kind, url, detail in zip(
                rows.t_ns, rows["kind"], rows["url"], rows["detail"], strict=True
            )
            if str(kind) == "picture"
        }
        self._entries: dict[str, tuple[PictureEntry, str]] = {
            told[entry.t_ns][0]: (entry, told[entry.t_ns][1])
            for entry in session.pictures("pages")
            if entry.t_ns in told
        }
        self._images: dict[int, NDArray[np.uint8] | None] = {}

    def at(self, t_ns: int) -> PageShown | None:
        """The page at a time; None where a step shows none, or there is no picture of it."""
        step, track = self._replay.step_at(t_ns), self._track
        if track is None or step is None or self._kinds.get(step.step_id) != StimulusKind.PAGE:
            return None
        index = int(track.at(np.array([t_ns]))[0])
        if index < 0 or track.urls[index] not in self._entries:
            return None
        entry, detail = self._entries[track.urls[index]]
        image = self._image(entry)
        if image is None:
            return None
        size = size_in(detail) or (float(entry.width_px), float(entry.height_px))
        return _stretch(t_ns, image, size, track, index, key=entry.position)

    def _image(self, entry: PictureEntry) -> NDArray[np.uint8] | None:
        if entry.position not in self._images:
            self._images.clear()  # a long page takes some ten megabytes
            try:
                data = self._session.picture(entry).data
                image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
            except (BundleError, cv2.error):
                image = None
            self._images[entry.position] = image
        return self._images[entry.position]


def _stretch(
    t_ns: int,
    image: NDArray[np.uint8],
    size: tuple[float, float],
    track: PageTrack,
    index: int,
    *,
    key: int,
) -> PageShown:
    """The part of a page around its view, in whole rows of its picture."""
    view, (scroll_x, scroll_y) = track.views[index], track.scroll_px[index].tolist()
    seen = view.width_px / view.zoom, view.height_px / view.zoom
    px = image.shape[0] / max(size[1], 1.0)  # rows of the picture in a CSS px
    height = min(size[1], seen[1] * STRETCH)
    top = min(max(scroll_y + seen[1] / 2 - height / 2, 0.0), size[1] - height)
    first = min(round(top * px), image.shape[0] - 1)
    last = max(first + 1, min(round((top + height) * px), image.shape[0]))
    top_px = first / px
    return PageShown(
        t_ns=t_ns,
        key=_KEYS_FROM + key * _MOST_ROWS + min(first, _MOST_ROWS - 1),
        image=image[first:last],
        size_px=(max(1, round(size[0])), max(1, round((last - first) / px))),
        view_box=(scroll_x, scroll_y - top_px, *seen),
        top_px=top_px,
        track=track,
        css_in_device=1.0 / track.scale / view.zoom,
    )
