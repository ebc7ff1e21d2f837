"""What a replay shows at a time: frame, screen, gaze, cursor, clicks and measures, read by span."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.replay import ReplayData, ReplayTrack
from journeylab.analysis.session_data import Columns
from journeylab.bundle.blurring import FaceBoxes, blurred
from journeylab.bundle.reader import PictureEntry, Table
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.opencv import cv2
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES, PointerAction

WINDOW_NS: Final = 20 * NS_PER_S
MESH_WINDOW_NS: Final = 2 * NS_PER_S
"""Columns and meshes are read in windows of these; a few are kept."""
_WINDOWS_KEPT: Final = 4
_PICTURES_KEPT: Final = 6
SAMPLE_REACH_NS: Final = NS_PER_S // 4
"""A measure of the face is shown for at most this long."""
FRAME_REACH_NS: Final = NS_PER_S
SOON_NS: Final = NS_PER_S
CLICK_SHOWN_NS: Final = NS_PER_S * 6 // 10
STATE_LEVEL: Final = 0.3
"""Probability from which on a state is named."""
_MESH_MARGIN_NS: Final = NS_PER_S // 5


@dataclass(frozen=True, slots=True)
class Click:
    """A press on the participant's screen, px; ``age`` from 0 to 1, when it is shown no more."""

    x_px: float
    y_px: float
    age: float


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """The measures at a time.

    ``gaze_px`` and ``cursor_px`` on the participant's screen, None where there are none; the
    gaze's ``radius_px`` holds the truth with 68 %. ``action_units`` (22,) and ``valence`` of the
    last analysed frame, NaN without a face. ``states`` are those shown, the likeliest first.
    """

    gaze_px: tuple[float, float] | None
    radius_px: float
    cursor_px: tuple[float, float] | None
    clicks: tuple[Click, ...]
    valence: float
    action_units: NDArray[np.float32]
    states: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReplayView:
    """All that is shown at ``t_ns``.

    ``face`` is BGR (h, w, 3), blurred where that was asked for, or None with ``face_words`` why;
    ``frame_ns`` is its time. ``screen`` likewise; ``screen_key`` tells whether it is another
    picture than before. ``screen_px`` is the screen's size, in whose pixels gaze and mouse count.
    """

    t_ns: int
    face: NDArray[np.uint8] | None
    face_words: str
    frame_ns: int | None
    is_blurred: bool
    screen: NDArray[np.uint8] | None
    screen_words: str
    screen_key: int
    screen_px: tuple[int, int]
    instant: Instant


class Windows:
    """Columns of one stream, read in windows of fixed length; the last few are kept."""

    def __init__(
        self,
        session: ReplayData,
        stream: str,
        columns: Sequence[str],
        *,
        window_ns: int = WINDOW_NS,
    ) -> None:
        self._session = session
        self._stream = stream
        self._columns = tuple(columns)
        self._window_ns = window_ns
        self._kept: OrderedDict[int, Columns] = OrderedDict()

    def at(self, t_ns: int) -> Columns:
        """The window that a time lies in."""
        number = t_ns // self._window_ns
        if number not in self._kept:
            start_ns = number * self._window_ns
            self._kept[number] = self._session.table(
                self._stream,
                columns=self._columns,
                start_ns=start_ns,
                end_ns=start_ns + self._window_ns,
            )
            while len(self._kept) > _WINDOWS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number]

    def last(self, t_ns: int, *, reach_ns: int) -> dict[str, Any] | None:
        """The last row at or before a time, no older than ``reach_ns``; None without one."""
        for start_ns in (t_ns, t_ns // self._window_ns * self._window_ns - 1):
            rows = self.at(max(start_ns, 0))
            place = int(np.searchsorted(rows.t_ns, t_ns, side="right")) - 1
            if place >= 0:
                if t_ns - int(rows.t_ns[place]) > reach_ns:
                    return None
                return {name: rows[name][place] for name in self._columns}
        return None


class FaceBlur:
    """Where the face is around a time: meshes are read two seconds at a time, never whole."""

    def __init__(self, session: ReplayData) -> None:
        self._session = session
        self._kept: OrderedDict[int, FaceBoxes] = OrderedDict()

    def blurred(self, image: NDArray[np.uint8], t_ns: int) -> NDArray[np.uint8]:
        """A frame (h, w, 3) of that time with the face blurred; all of it where none was found."""
        return blurred(image, self.box_at(t_ns))

    def box_at(self, t_ns: int) -> NDArray[np.float32] | None:
        """Left, top, right, bottom (4,) of the mesh as shares of the image; None without one."""
        number = t_ns // MESH_WINDOW_NS
        if number not in self._kept:
            start_ns = number * MESH_WINDOW_NS
            self._kept[number] = FaceBoxes(
                _MeshSpan(
                    self._session,
                    start_ns - _MESH_MARGIN_NS,  # a frame's neighbours may lie beyond the edge
                    start_ns + MESH_WINDOW_NS + _MESH_MARGIN_NS,
                )
            )
            while len(self._kept) > _WINDOWS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return self._kept[number].at(t_ns)


@dataclass(frozen=True, slots=True)
class _MeshSpan:
    """A stretch of a session, as the meshes' reader wants it."""

    session: ReplayData
    start_ns: int
    end_ns: int

    def table(
        self, stream: str, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Table:
        """Rows of the stretch."""
        start_ns = self.start_ns if start_ns is None else start_ns
        end_ns = self.end_ns if end_ns is None else min(end_ns, self.end_ns)
        rows = self.session.table(stream, columns=("xyz",), start_ns=start_ns, end_ns=end_ns)
        return Table(rows.t_ns, {"xyz": rows["xyz"]})


class ReplayReader:
    """Reads what is shown at a time from one opened session; used from one thread."""

    def __init__(self, session: ReplayData, track: ReplayTrack) -> None:
        self._session = session
        self._track = track
        self._blur = FaceBlur(session)
        self._gaze = Windows(session, "gaze", ("x_px", "y_px", "uncertainty_px"))
        self._pointer = Windows(session, "pointer", ("x_px", "y_px", "action"))
        self._affect = Windows(session, "affect", ("valence", *STATES))
        self._units = Windows(session, "action_units", ACTION_UNIT_COLUMNS)
        self._entries: tuple[PictureEntry, ...] = session.pictures() if track.has_screen else ()
        self._entry_ns = np.array([entry.t_ns for entry in self._entries], dtype=np.int64)
        self._pointer_ns: NDArray[np.int64] | None = None
        self._pictures: OrderedDict[int, NDArray[np.uint8] | None] = OrderedDict()

    def view(self, t_ns: int, *, blurs: bool) -> ReplayView:
        """What is shown at a time; the face blurred in it unless ``blurs`` is False.

        Raises
        ------
        BundleError
            When the bundle is damaged there in more than one picture or frame.
        """
        face, words, frame_ns, is_blurred = self._face(t_ns, blurs=blurs)
        screen, screen_words, key = self._screen(t_ns)
        return ReplayView(
            t_ns=t_ns,
            face=face,
            face_words=words,
            frame_ns=frame_ns,
            is_blurred=is_blurred,
            screen=screen,
            screen_words=screen_words,
            screen_key=key,
            screen_px=self._track.screen_px_at(t_ns),
            instant=self.instant(t_ns),
        )

    def _face(
        self, t_ns: int, *, blurs: bool
    ) -> tuple[NDArray[np.uint8] | None, str, int | None, bool]:
        if not self._track.has_video:
            return None, "No face video", None, False
        frame = self._session.frame_at(t_ns)
        if frame is None or abs(frame.t_ns - t_ns) > FRAME_REACH_NS:
            return None, "No camera frame here", None, False
        if not blurs or self._track.is_face_blurred:
            return frame.image, "", frame.t_ns, self._track.is_face_blurred
        return self._blur.blurred(frame.image, frame.t_ns), "", frame.t_ns, True

    def _screen(self, t_ns: int) -> tuple[NDArray[np.uint8] | None, str, int]:
        if not self._entries:
            return None, "No picture of the screen", -1
        place = int(np.searchsorted(self._entry_ns, t_ns, side="right")) - 1
        step = self._track.step_at(t_ns)
        if step is not None and (place < 0 or self._entries[place].step_id != step.step_id):
            # The picture of what a step shows is taken just after it begins.
            place = int(np.searchsorted(self._entry_ns, t_ns + SOON_NS, side="right")) - 1
            if place >= 0 and self._entries[place].step_id != step.step_id:
                return None, "No picture of the screen in this step", -1
        if place < 0:
            return None, "No picture of the screen yet", -1
        picture = self._picture(place)
        if picture is None:
            return None, "This picture of the screen is damaged", -1
        return picture, "", place

    def _picture(self, place: int) -> NDArray[np.uint8] | None:
        if place not in self._pictures:
            try:
                data = self._session.picture(self._entries[place]).data
                self._pictures[place] = decoded(data)
            except BundleError:
                self._pictures[place] = None
            while len(self._pictures) > _PICTURES_KEPT:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(place)
        return self._pictures[place]

    def instant(self, t_ns: int) -> Instant:
        """The measures at a time."""
        affect = self._affect.last(t_ns, reach_ns=SAMPLE_REACH_NS)
        units = self._units.last(t_ns, reach_ns=SAMPLE_REACH_NS)
        gaze_px, radius_px = self._gaze_at(t_ns)
        return Instant(
            gaze_px=gaze_px,
            radius_px=radius_px,
            cursor_px=self._cursor_at(t_ns),
            clicks=self._clicks_at(t_ns),
            valence=math.nan if affect is None else float(affect["valence"]),
            action_units=np.array(
                [math.nan if units is None else units[code] for code in ACTION_UNIT_COLUMNS],
                dtype=np.float32,
            ),
            states=() if affect is None else shown_states(affect),
        )

    def _gaze_at(self, t_ns: int) -> tuple[tuple[float, float] | None, float]:
        if not self._track.has_gaze:
            return None, math.nan
        row = self._gaze.last(t_ns, reach_ns=SAMPLE_REACH_NS)
        if row is None or not (math.isfinite(row["x_px"]) and math.isfinite(row["y_px"])):
            return None, math.nan
        radius_px = float(row["uncertainty_px"])
        if not math.isfinite(radius_px):
            radius_px = self._track.gaze_radius_px
        return (float(row["x_px"]), float(row["y_px"])), radius_px

    def _cursor_at(self, t_ns: int) -> tuple[float, float] | None:
        """Where the mouse was moved last, however long ago: it lies there still."""
        if not self._track.has_pointer:
            return None
        row = self._pointer.last(t_ns, reach_ns=WINDOW_NS)
        if row is None:
            if self._pointer_ns is None:
                self._pointer_ns = self._session.table("pointer", columns=()).t_ns
            place = int(np.searchsorted(self._pointer_ns, t_ns, side="right")) - 1
            if place < 0:
                return None
            row = self._pointer.last(int(self._pointer_ns[place]), reach_ns=0)
        if row is None or not (math.isfinite(row["x_px"]) and math.isfinite(row["y_px"])):
            return None
        return float(row["x_px"]), float(row["y_px"])

    def _clicks_at(self, t_ns: int) -> tuple[Click, ...]:
        if not self._track.has_pointer:
            return ()
        found = []
        since_ns = t_ns - CLICK_SHOWN_NS
        numbers = dict.fromkeys((max(since_ns, 0) // WINDOW_NS, t_ns // WINDOW_NS))
        for number in numbers:
            rows = self._pointer.at(number * WINDOW_NS)
            first, last = np.searchsorted(rows.t_ns, (since_ns + 1, t_ns + 1))
            actions = np.asarray(rows["action"][first:last])
            for place in (np.flatnonzero(actions == PointerAction.PRESS) + first).tolist():
                age = (t_ns - int(rows.t_ns[place])) / CLICK_SHOWN_NS
                found.append(Click(float(rows["x_px"][place]), float(rows["y_px"][place]), age))
        return tuple(found)


def shown_states(row: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """States at or above :data:`STATE_LEVEL` with their probability, the likeliest first."""
    known = [(state, float(row[state])) for state in STATES]
    shown = [one for one in known if math.isfinite(one[1]) and one[1] >= STATE_LEVEL]
    return tuple(sorted(shown, key=lambda one: -one[1]))


def decoded(data: bytes) -> NDArray[np.uint8] | None:
    """A picture of the screen, BGR (h, w, 3); None when its bytes are none."""
    if not data:
        return None
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, dtype=np.uint8)
