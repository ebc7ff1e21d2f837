"""What a replay shows at a time: frame, screen, gaze, cursor, clicks and measures, read by span."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.replay import ReplayData, ReplayTrack
from journeylab.analysis.replay_pages import Box, PageShown, ReplayPages
from journeylab.analysis.replay_windows import WINDOW_NS, FaceBlur, Windows
from journeylab.bundle.reader import PictureEntry
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError, VideoError
from journeylab.opencv import cv2
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES, PointerAction

_PICTURES_KEPT: Final = 6
SAMPLE_REACH_NS: Final = NS_PER_S // 4
"""A measure of the face is shown for at most this long."""
FRAME_REACH_NS: Final = NS_PER_S
SOON_NS: Final = NS_PER_S
CLICK_SHOWN_NS: Final = NS_PER_S * 6 // 10
STATE_LEVEL: Final = 0.3
"""Probability from which on a state is named."""
_UNITS: Final = ACTION_UNIT_COLUMNS
_LEAST_ASPECT: Final = 0.2
"""A bundle from elsewhere may claim any screen; no display is narrower."""


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
    picture than before. ``screen_px`` is the size in whose pixels gaze and mouse count: the
    screen's, or of a page the stretch's that is shown, of which ``view_box`` was in view.
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
    view_box: Box | None = None


class StimulusFrames(Protocol):
    """Gives frames of the study's own videos."""

    def frame_at(self, file: str, media_s: float) -> NDArray[np.uint8] | None:
        """The frame of a video at a position, BGR (h, w, 3); None where there is none."""
        ...


class ReplayReader:
    """Reads what is shown at a time from one opened session; used from one thread.

    Parameters
    ----------
    stimuli
        Where the frames of videos come from that were watched in a step; without it their
        pictures of the screen are shown, one a second.
    units
        The action units that are wanted; the others stay NaN.
    """

    def __init__(
        self,
        session: ReplayData,
        track: ReplayTrack,
        *,
        stimuli: StimulusFrames | None = None,
        units: Sequence[str] = ACTION_UNIT_COLUMNS,
    ) -> None:
        self._session = session
        self._stimuli = stimuli
        self._played = Windows(session, "stimulus", ("step_id", "detail", "media_s"))
        self._track = track
        self._blur = FaceBlur(session)
        self._gaze = Windows(session, "gaze", ("x_px", "y_px", "uncertainty_px"))
        self._pointer = Windows(session, "pointer", ("x_px", "y_px", "action"))
        self._affect = Windows(session, "affect", ("valence", *STATES))
        self._units = Windows(session, "action_units", units)
        self._entries: tuple[PictureEntry, ...] = session.pictures() if track.has_screen else ()
        self._entry_ns = np.array([entry.t_ns for entry in self._entries], dtype=np.int64)
        self._pointer_ns: NDArray[np.int64] | None = None
        self._pictures: OrderedDict[int, NDArray[np.uint8] | None] = OrderedDict()
        self._pages: ReplayPages | None = None

    def view(self, t_ns: int, *, blurs: bool, whole_page: bool = False) -> ReplayView:
        """What is shown at a time; the face blurred in it unless ``blurs`` is False.

        With ``whole_page`` a step with a page shows that instead of the screen, where it was
        pictured. What is damaged is left out, as if it had not been recorded.
        """
        face, words, frame_ns, is_blurred = self._face(t_ns, blurs=blurs)
        instant = self.instant(t_ns)
        page = self._page(t_ns) if whole_page else None
        if page is not None:
            return ReplayView(
                t_ns=t_ns,
                face=face,
                face_words=words,
                frame_ns=frame_ns,
                is_blurred=is_blurred,
                screen=page.image,
                screen_words="",
                screen_key=page.key,
                screen_px=page.size_px,
                instant=page.placed(instant),
                view_box=page.view_box,
            )
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
            instant=instant,
        )

    def _face(
        self, t_ns: int, *, blurs: bool
    ) -> tuple[NDArray[np.uint8] | None, str, int | None, bool]:
        if not self._track.has_video:
            return None, "No face video", None, False
        try:
            frame = self._session.frame_at(t_ns)
        except (BundleError, VideoError):
            return None, "The video is damaged here", None, False
        if frame is None or abs(frame.t_ns - t_ns) > FRAME_REACH_NS:
            return None, "No camera frame here", None, False
        if not blurs or self._track.is_face_blurred:
            return frame.image, "", frame.t_ns, self._track.is_face_blurred
        return self._blur.blurred(frame.image, frame.t_ns), "", frame.t_ns, True

    def _page(self, t_ns: int) -> PageShown | None:
        if not self._track.has_pages:
            return None
        if self._pages is None:
            self._pages = ReplayPages(self._session, self._track)
        return self._pages.at(t_ns)

    def _screen(self, t_ns: int) -> tuple[NDArray[np.uint8] | None, str, int]:
        video = self._video_at(t_ns)
        if video is not None:
            return video[0], "", video[1]
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

    def _video_at(self, t_ns: int) -> tuple[NDArray[np.uint8], int] | None:
        """The frame of a video that was painted last in this step, as it filled the screen."""
        step = self._track.step_at(t_ns)
        if self._stimuli is None or step is None:
            return None
        row = self._played.last(t_ns, reach_ns=WINDOW_NS)
        if row is None or row["step_id"] != step.step_id or not math.isfinite(row["media_s"]):
            return None
        frame = self._stimuli.frame_at(str(row["detail"]), float(row["media_s"]))
        if frame is None:
            return None
        # Below -1, which says that there is no picture; a key for each frame.
        return edge_to_edge(frame, self._track.screen_px_at(t_ns)), -2 - round(
            float(row["media_s"]) * 1000
        )

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
                [math.nan if units is None else units.get(code, math.nan) for code in _UNITS],
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


def edge_to_edge(image: NDArray[np.uint8], screen_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture (h, w, 3) as a stage shows it: in the middle of a black screen of these
    proportions, as large as fits."""
    height, width = image.shape[:2]
    aspect = min(max(screen_px[0] / screen_px[1], _LEAST_ASPECT), 1 / _LEAST_ASPECT)
    full = (max(height, round(width / aspect)), max(width, round(height * aspect)))
    if full == (height, width):
        return image
    screen = np.zeros((*full, 3), dtype=np.uint8)
    top, left = (full[0] - height) // 2, (full[1] - width) // 2
    screen[top : top + height, left : left + width] = image
    return screen


def decoded(data: bytes) -> NDArray[np.uint8] | None:
    """A picture of the screen, BGR (h, w, 3); None when its bytes are none."""
    if not data:
        return None
    try:
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # it claims to be larger than any
        return None
    return None if image is None else np.asarray(image, dtype=np.uint8)
