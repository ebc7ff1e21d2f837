"""Read what the sessions of a step left on its screen and pages, for its heatmaps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import visits_of
from journeylab.analysis.eye_measures import seconds_on, spans_of
from journeylab.analysis.heatmap_pages import PAGE_COLUMNS, PageTrack, page_key, page_track, size_in
from journeylab.analysis.heatmaps import (
    CLICK_SIGMA,
    MOVE_SIGMA,
    HeatKind,
    Marks,
    OnSurface,
    Surface,
    frown_weight,
    mean_within,
)
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.looking import Looking, read_looking
from journeylab.analysis.reading import NEGATIVE_STATES
from journeylab.analysis.runs import Span
from journeylab.analysis.screens import may_show_screen
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.signs import CERTAIN_STATE, FROWN_AU04
from journeylab.analysis.step_gaze import Version, version_of
from journeylab.bundle.reader import PictureEntry
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import Picture
from journeylab.vocabulary import PointerAction

LONGEST_MOVE_S: Final = 0.25
"""A pointer that lies still is no move."""
_LARGEST_PICTURE_PX: Final = 12_000_000

Progress: TypeAlias = Callable[[float], None]
_Key: TypeAlias = tuple[str, Version]
"""A page's address, empty for the screen, and the version of the step."""


class PageData(SessionData, Protocol):
    """One session whose pictures of whole pages can be read as well."""

    def pictures(self, stream: str = "screen") -> tuple[PictureEntry, ...]:
        """Pictures of a stream by time, without their bytes."""
        ...

    def picture(self, entry: PictureEntry) -> Picture:
        """One of them; BundleError when it is damaged."""
        ...


OpenPages: TypeAlias = Callable[[Path], AbstractContextManager[PageData]]


@dataclass(frozen=True, slots=True, eq=False)
class StepHeat:
    """All surfaces of a step, whole pages with the most participants first, screens last.

    ``unread`` are the sessions whose bundles could not be read.
    """

    step_id: str
    surfaces: tuple[Surface, ...]
    unread: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Draft:
    size_px: tuple[float, float]
    picture: NDArray[np.uint8] | None
    sessions: list[OnSurface]


def read_step_heat(
    summaries: Sequence[SessionSummary],
    step_id: str,
    open_bundle: OpenPages,
    *,
    progress: Progress | None = None,
) -> StepHeat:
    """Read the marks of a step from the usable sessions that reached it.

    Parameters
    ----------
    progress
        Called with the share done; what it raises ends the reading.
    """
    wanted = [one for one in summaries if one.is_usable and step_id in one.steps_reached]
    drafts: dict[_Key, _Draft] = {}
    unread: list[str] = []
    for place, summary in enumerate(wanted):
        if progress is not None:
            progress(place / len(wanted))
        try:
            with open_bundle(summary.path) as bundle:
                _add_session(drafts, bundle, summary, step_id)
        except BundleError:
            unread.append(summary.participant_id)
    surfaces = [
        Surface(
            url,
            version.device,
            *draft.size_px,
            draft.picture,
            tuple(draft.sessions),
            version.variant,
        )
        for (url, version), draft in drafts.items()
    ]
    surfaces.sort(key=lambda one: (not one.is_page, -_n_people(one)))
    return StepHeat(step_id, tuple(surfaces), tuple(unread))


def _add_session(
    drafts: dict[_Key, _Draft],
    bundle: PageData,
    summary: SessionSummary,
    step_id: str,
) -> None:
    steps = bundle.table("steps", columns=("step_id", "phase", "visit"))
    visits = visits_of(steps, end_ns=bundle.end_ns)
    spans = spans_of(visits).get(step_id, [])
    if not spans:
        return
    reading = _Reading(bundle, summary, spans, read_looking(bundle, visits))
    version = version_of(summary, step_id)
    screen = bundle.header.screen
    _put(drafts, ("", version), (screen.width_px, screen.height_px), reading.on_screen())
    if drafts["", version].picture is None:
        drafts["", version].picture = _screen_picture(bundle, step_id, spans[-1])
    page = bundle.table("page", columns=PAGE_COLUMNS)
    track = page_track(page, scale=screen.scale)
    if track is None:
        return
    pictures = _page_pictures(bundle, step_id)
    for url, on_page in reading.on_pages(track).items():
        draft = drafts.get((url, version))
        size, image = track.sizes.get(url), None
        if url in pictures and (draft is None or draft.picture is None):
            size, image = _read_page(bundle, *pictures[url], size)
        if size is None:
            continue  # nothing told how large the page is
        _put(drafts, (url, version), size, on_page)
        if image is not None:
            drafts[url, version].picture = image
            drafts[url, version].size_px = size


def _n_people(surface: Surface) -> int:
    return len({one.participant_id for one in surface.sessions})


def _put(
    drafts: dict[_Key, _Draft],
    key: _Key,
    size_px: tuple[float, float],
    session: OnSurface,
) -> None:
    draft = drafts.setdefault(key, _Draft(size_px, None, []))
    if not key[0]:
        session = _scaled(session, draft.size_px[0] / size_px[0], draft.size_px[1] / size_px[1])
    elif draft.picture is None:
        draft.size_px = (max(draft.size_px[0], size_px[0]), max(draft.size_px[1], size_px[1]))
    draft.sessions.append(session)


def _scaled(session: OnSurface, by_x: float, by_y: float) -> OnSurface:
    """The same on a screen of another size."""
    if by_x == by_y == 1.0:
        return session
    marks = {
        kind: Marks(one.place_px * (by_x, by_y), one.weight, one.base, one.sigma_px * by_x)
        for kind, one in session.marks.items()
    }
    return OnSurface(
        session.participant_id,
        session.session_id,
        session.segments,
        marks,
        session.seen_to_px,
        session.gaze_error_px * by_x,
    )


class _Reading:
    """One session's fixations, clicks and moves within its stays at one step."""

    def __init__(
        self,
        bundle: SessionData,
        summary: SessionSummary,
        spans: Sequence[Span],
        looking: Looking,
    ) -> None:
        self._bundle, self._summary, self._spans = bundle, summary, list(spans)
        self._error_px = looking.error_px
        fixations = looking.fixations
        seconds = seconds_on(fixations, self._spans)
        here = seconds > 0
        onset_ns, offset_ns = fixations.onset_ns[here], fixations.offset_ns[here]
        self._fixation_ns = (onset_ns + offset_ns) // 2
        self._fixation_px = fixations.centre_px[here]
        self._seconds = seconds[here]
        self._frowns = self._frowns_on(onset_ns, offset_ns)
        self._read_pointer()

    def on_screen(self) -> OnSurface:
        """Everything on the screen, in its px."""
        screen = self._bundle.header.screen
        everywhere = np.full(len(self._fixation_ns), True)
        marks = self._gaze_marks(self._fixation_px, everywhere, self._error_px)
        marks |= _pointer_marks(
            self._click_px, self._move_px, self._move_s, width_px=screen.width_px
        )
        return self._made(marks, math.nan, self._error_px if len(self._seconds) else math.nan)

    def on_pages(self, track: PageTrack) -> dict[str, OnSurface]:
        """By address everything on a page that was seen on the step, in its CSS px."""
        seen = track.seen_to_px(self._spans)
        gaze_urls, gaze_px = track.to_page(self._fixation_ns, self._fixation_px)
        move_urls, move_px = track.to_page(self._move_ns, self._move_px)
        click_urls, click_px = self._page_clicks()
        found = {}
        for url, seen_to_px in seen.items():
            zoom = next(v.zoom for v, u in zip(track.views, track.urls, strict=True) if u == url)
            error_px = self._error_px / track.scale / zoom
            marks = self._gaze_marks(gaze_px, gaze_urls == url, error_px)
            is_move = move_urls == url
            width_px = track.sizes.get(url, (track.views[0].width_px, 0.0))[0]
            marks |= _pointer_marks(
                click_px[click_urls == url],
                move_px[is_move],
                self._move_s[is_move],
                width_px=width_px,
            )
            found[url] = self._made(marks, seen_to_px, error_px if len(gaze_px) else math.nan)
        return found

    def _made(
        self, marks: Mapping[HeatKind, Marks], seen_to_px: float, error_px: float
    ) -> OnSurface:
        one = self._summary
        return OnSurface(
            one.participant_id, one.session_id, one.segments, marks, seen_to_px, error_px
        )

    def _gaze_marks(
        self, place_px: NDArray[np.float64], here: NDArray[np.bool_], error_px: float
    ) -> dict[HeatKind, Marks]:
        seconds = self._seconds[here]
        total_s = float(seconds.sum())
        if total_s <= 0:
            return {}
        marks = {HeatKind.GAZE: Marks(place_px[here], seconds, total_s, error_px)}
        frown = seconds * self._frowns[here]
        if frown.sum() > 0:
            # Of all the seconds of looking: who frowned once counts for little.
            marks[HeatKind.FROWN] = Marks(place_px[here], frown, total_s, error_px)
        return marks

    def _frowns_on(
        self, onset_ns: NDArray[np.int64], offset_ns: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        span = {"start_ns": self._spans[0][0], "end_ns": self._spans[-1][1]}
        units = self._bundle.table("action_units", columns=("AU04",), **span)
        affect = self._bundle.table("affect", columns=NEGATIVE_STATES, **span)
        brow = np.asarray(units["AU04"], dtype=np.float64)
        states = np.column_stack([affect[name] for name in NEGATIVE_STATES])
        limits = {"brow_from": FROWN_AU04, "state_from": CERTAIN_STATE}
        by_brow = frown_weight(brow, np.zeros((len(brow), 0)), **limits)
        by_state = frown_weight(np.zeros(len(states)), states, **limits)
        return np.maximum(
            mean_within(units.t_ns, by_brow, onset_ns, offset_ns),
            mean_within(affect.t_ns, by_state, onset_ns, offset_ns),
        )

    def _read_pointer(self) -> None:
        pointer = self._bundle.table("pointer", columns=("x_px", "y_px", "action"))
        t_ns = np.asarray(pointer.t_ns)
        here = np.zeros(len(t_ns), dtype=np.bool_)
        for start_ns, end_ns in self._spans:
            here |= (t_ns >= start_ns) & (t_ns < end_ns)
        place_px = np.column_stack([pointer["x_px"], pointer["y_px"]]).astype(np.float64)
        action = np.asarray(pointer["action"], dtype=np.int64)
        self._click_px = place_px[here & (action == PointerAction.PRESS)]
        is_move = here & (action == PointerAction.MOVE)
        self._move_ns, self._move_px = t_ns[is_move], place_px[is_move]
        until_s = np.diff(self._move_ns, append=self._move_ns[-1:]) / NS_PER_S
        self._move_s = np.minimum(until_s, LONGEST_MOVE_S)

    def _page_clicks(self) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        page = self._bundle.table("page", columns=PAGE_COLUMNS)
        rows = [
            n
            for n, (t_ns, kind) in enumerate(zip(page.t_ns, page["kind"], strict=True))
            if str(kind) == "click" and any(low <= t_ns < high for low, high in self._spans)
        ]
        urls = np.array([page_key(str(page["url"][n])) for n in rows], dtype=object)
        place_px = np.array(
            [(float(page["page_x_px"][n]), float(page["page_y_px"][n])) for n in rows]
        ).reshape(-1, 2)
        known = np.isfinite(place_px).all(axis=1)
        return urls[known], place_px[known]


def _pointer_marks(
    click_px: NDArray[np.float64],
    move_px: NDArray[np.float64],
    move_s: NDArray[np.float64],
    *,
    width_px: float,
) -> dict[HeatKind, Marks]:
    marks = {}
    if len(click_px):
        ones = np.ones(len(click_px))
        marks[HeatKind.CLICKS] = Marks(click_px, ones, float(len(ones)), CLICK_SIGMA * width_px)
    if move_s.sum() > 0:
        sigma_px = MOVE_SIGMA * width_px
        marks[HeatKind.MOVES] = Marks(move_px, move_s, float(move_s.sum()), sigma_px)
    return marks


def _screen_picture(bundle: PageData, step_id: str, stay: Span) -> NDArray[np.uint8] | None:
    """The last picture of the screen on a stay, where it may be shown."""
    if not may_show_screen(bundle.header):
        return None
    taken = [
        entry
        for entry in bundle.pictures("screen")
        if entry.step_id == step_id and stay[0] <= entry.t_ns <= stay[1]
    ]
    try:
        return _decoded(bundle.picture(taken[-1]).data) if taken else None
    except BundleError:
        return None


def _page_pictures(bundle: PageData, step_id: str) -> dict[str, tuple[PictureEntry, str]]:
    """By address the last whole picture of a page on a step, and what its row tells of it."""
    if not may_show_screen(bundle.header):
        return {}
    rows = bundle.table("page", columns=("kind", "url", "detail"))
    told = {
        int(t_ns): (page_key(str(url)), str(detail))
        for t_ns, kind, url, detail in zip(
            rows.t_ns, rows["kind"], rows["url"], rows["detail"], strict=True
        )
        if str(kind) == "picture"
    }
    return {
        told[entry.t_ns][0]: (entry, told[entry.t_ns][1])
        for entry in bundle.pictures("pages")
        if entry.t_ns in told and entry.step_id == step_id
    }


def _read_page(
    bundle: PageData, entry: PictureEntry, detail: str, size: tuple[float, float] | None
) -> tuple[tuple[float, float] | None, NDArray[np.uint8] | None]:
    """The page's size and picture; a damaged one costs nothing but itself."""
    try:
        image = _decoded(bundle.picture(entry).data)
    except BundleError:
        image = None
    if image is None:
        return size, None
    return size_in(detail) or (float(entry.width_px), float(entry.height_px)), image


def _decoded(data: bytes) -> NDArray[np.uint8] | None:
    """BGR pixels, made smaller where a very long page would not fit on a drawing; None: damaged."""
    if not data:
        return None
    from journeylab.opencv import cv2

    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return None
    scale = math.sqrt(_LARGEST_PICTURE_PX / (image.shape[0] * image.shape[1]))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, dtype=np.uint8)
