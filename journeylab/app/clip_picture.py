"""How a clip looks: screen with gaze and cursor, beside it face, events and trace; a caption."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from journeylab.analysis.insights import signed
from journeylab.analysis.moments import TOP_UNITS, unit_words
from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_axis import time_words
from journeylab.analysis.replay_events import EventIndex, EventKind, ReplayEvent
from journeylab.analysis.replay_pages import Box as PageBox
from journeylab.analysis.replay_view import Instant, ReplayView
from journeylab.analysis.signs import CONTEMPT_AU14
from journeylab.assets import asset
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.theme import DARK, Palette
from journeylab.ui.analysis.replay.clip_dialog import ClipChoice
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, ACTION_UNITS

WIDTH_PX: Final = 1280
HEIGHT_PX: Final = 720
_CAPTION_PX: Final = 48
_MARGIN_PX: Final = 12
_SIDE_PX: Final = 332
_TRACE_PX: Final = 150
_TONE_LEVEL: Final = 12.0
_UNIT_ROW_PX: Final = 18
_EVENT_ROW_PX: Final = 20
_LEAST_SHOWN: Final = 0.05
_TOLD_NS: Final = 3 * NS_PER_S
_MOST_TOLD: Final = 3
_MOST_LINES: Final = 2
_TOLD: Final = frozenset(EventKind) - {EventKind.HEALTH, EventKind.CALIBRATION}
NO_EVENTS: Final = EventIndex()
_CURSOR: Final = np.array(
    ((0, 0), (0, 17), (4, 13.2), (6.8, 19.4), (9.4, 18.2), (6.7, 12.4), (12, 12))
)
_Box = tuple[int, int, int, int]
"""Left, top, width and height, px."""


class ClipPicture:
    """Composes the pictures of one clip, (720, 1280, 3) BGR each."""

    def __init__(
        self, track: ReplayTrack, choice: ClipChoice, events: EventIndex = NO_EVENTS
    ) -> None:
        self._track = track
        self._choice = choice
        self._events = [one for one in events.events if one.kind in _TOLD]
        self._span_ns = (choice.start_ns, choice.end_ns)
        self._palette: Palette = DARK
        height = HEIGHT_PX - _CAPTION_PX
        left, width = WIDTH_PX - _SIDE_PX, _SIDE_PX - _MARGIN_PX
        main: _Box = (0, 0, left - _MARGIN_PX, height)
        beside: _Box = (left, _MARGIN_PX, width, height // 2)
        has_both = track.has_video and track.has_screen
        self._screen_box = main
        self._face_box = beside if has_both else main
        trace_top = height - _TRACE_PX - _MARGIN_PX
        self._trace_box: _Box = (left, trace_top, width, _TRACE_PX)
        told_top = beside[1] + beside[3] + _MARGIN_PX if has_both else _MARGIN_PX
        self._told_box: _Box = (left, told_top, width, trace_top - told_top - _MARGIN_PX)
        self._fonts = {
            size: ImageFont.truetype(str(asset("fonts", "Inter-SemiBold.otf")), size)
            for size in (13, 15, 20)
        }
        self._ground = np.full((HEIGHT_PX, WIDTH_PX, 3), self._bgr("ground"), dtype=np.uint8)
        self._draw_trace(self._ground)
        self._screen: tuple[int, NDArray[np.uint8], _Box] | None = None

    def of(self, view: ReplayView) -> NDArray[np.uint8]:
        """The picture of one view."""
        image = self._ground.copy()
        if view.screen is not None:
            self._put_screen(image, view)
        if view.face is not None:
            _put(image, *_fitted(view.face, self._face_box))
        self._draw_playhead(image, view.t_ns)
        if self._choice.tells_events:
            self._tell(image, view)
        self._write_caption(image, view)
        return image

    def _put_screen(self, image: NDArray[np.uint8], view: ReplayView) -> None:
        assert view.screen is not None
        if self._screen is None or self._screen[0] != view.screen_key:
            self._screen = (view.screen_key, *_fitted(view.screen, self._screen_box))
        _, scaled, box = self._screen
        _put(image, scaled, box)
        left, top, width, height = box
        region = image[top : top + height, left : left + width]
        scales = width / view.screen_px[0], height / view.screen_px[1]
        if view.view_box is not None:
            _dim_around(region, view.view_box, scales)
        self._draw_pointing(region, view.instant, scales)

    def _draw_pointing(
        self, region: NDArray[np.uint8], instant: Instant, scales: tuple[float, float]
    ) -> None:
        """Clicks, gaze in its circle of error and cursor, on the screen."""
        accent, white = self._bgr("accent"), self._bgr("on_accent")
        for click in instant.clicks:
            at = _point((click.x_px, click.y_px), scales)
            radius = round(8 + 16 * click.age)
            cv2.circle(region, at, radius, self._bgr("warning"), 3, cv2.LINE_AA)
        if instant.gaze_px is not None:
            at = _point(instant.gaze_px, scales)
            if math.isfinite(instant.radius_px):
                radius = max(10, round(instant.radius_px * scales[0]))
                tinted = region.copy()
                cv2.circle(tinted, at, radius, accent, -1, cv2.LINE_AA)
                cv2.addWeighted(tinted, 0.25, region, 0.75, 0, dst=region)
                cv2.circle(region, at, radius, accent, 1, cv2.LINE_AA)
            cv2.circle(region, at, 7, white, -1, cv2.LINE_AA)
            cv2.circle(region, at, 5, accent, -1, cv2.LINE_AA)
        if instant.cursor_px is not None:
            corners = (_CURSOR + _point(instant.cursor_px, scales)).astype(np.int32)
            cv2.fillPoly(region, [corners], self._bgr("ground"), cv2.LINE_AA)
            cv2.polylines(region, [corners], True, white, 1, cv2.LINE_AA)

    def _draw_trace(self, image: NDArray[np.uint8]) -> None:
        left, top, width, height = self._trace_box
        cv2.rectangle(image, (left, top), (left + width, top + height), self._bgr("surface"), -1)
        middle = top + height // 2
        cv2.line(image, (left, middle), (left + width, middle), self._bgr("line"), 1)
        start_ns, end_ns = self._span_ns
        first, last = np.searchsorted(self._track.t_ns, (start_ns, end_ns))
        share = (self._track.t_ns[first:last] - start_ns) / max(1, end_ns - start_ns)
        valence = self._track.valence[first:last].astype(np.float64)
        x = left + share * width
        y = middle - np.nan_to_num(valence) / 100 * (height / 2 - 6)
        for place in range(1, len(x)):
            if np.isfinite(valence[place - 1 : place + 1]).all():
                before, here = ((round(x[k]), round(y[k])) for k in (place - 1, place))
                cv2.line(image, before, here, self._tone(float(valence[place])), 2, cv2.LINE_AA)

    def _draw_playhead(self, image: NDArray[np.uint8], t_ns: int) -> None:
        left, top, width, height = self._trace_box
        start_ns, end_ns = self._span_ns
        x = left + round((t_ns - start_ns) / max(1, end_ns - start_ns) * width)
        cv2.line(image, (x, top), (x, top + height), self._bgr("text"), 1)

    def _tell(self, image: NDArray[np.uint8], view: ReplayView) -> None:
        """The strongest action units, and under them what happened last, in words."""
        left, top, width, height = self._told_box
        box = Image.new("RGB", (width, height), self._palette.ground)
        draw = ImageDraw.Draw(box)
        y = 8.0
        for code, level in _strongest(view.instant):
            small = self._fonts[13]
            draw.text((0, y), unit_words(code), self._palette.text, small, anchor="lm")
            full = (width - 70, y - 3, width, y + 3)
            draw.rounded_rectangle(full, 3, self._palette.raised)
            filled = (full[0], full[1], full[0] + max(6.0, 70 * min(level, 1.0)), full[3])
            draw.rounded_rectangle(filled, 3, self._palette.accent)
            y += _UNIT_ROW_PX
        y += 6
        for event in self._told_at(view.t_ns):
            words = " · ".join(part for part in (event.words, event.detail) if part)
            for line in _wrapped(words, self._fonts[15], width)[:_MOST_LINES]:
                draw.text((0, y), line, self._palette.text, self._fonts[15], anchor="lm")
                y += _EVENT_ROW_PX
        image[top : top + height, left : left + width] = np.asarray(box)[:, :, ::-1]

    def _told_at(self, t_ns: int) -> list[ReplayEvent]:
        """What happens at a time or just before, the latest last."""
        now = [one for one in self._events if one.t_ns <= t_ns <= one.end_ns + _TOLD_NS]
        return now[-_MOST_TOLD:]

    def _write_caption(self, image: NDArray[np.uint8], view: ReplayView) -> None:
        track = self._track
        strip = Image.new("RGB", (WIDTH_PX, _CAPTION_PX), self._palette.surface)
        draw = ImageDraw.Draw(strip)
        step = track.step_at(view.t_ns)
        words = [track.title] if self._choice.names_participant else []
        words += [step.title] if step is not None else []
        words.append(time_words((view.t_ns - track.start_ns) / NS_PER_S, tenths=True))
        middle = _CAPTION_PX / 2
        draw.text((16, middle), " · ".join(words), self._palette.text, self._fonts[20], anchor="lm")
        said = [*(["faces blurred"] if view.is_blurred else [])]
        valence = view.instant.valence
        if math.isfinite(valence):
            said.append(f"valence {signed(valence)}")
        place = (WIDTH_PX - 16, middle)
        quiet = self._palette.quiet_text
        draw.text(place, " · ".join(said), quiet, self._fonts[15], anchor="rm")
        image[HEIGHT_PX - _CAPTION_PX :] = np.asarray(strip)[:, :, ::-1]

    def _tone(self, valence: float) -> tuple[int, int, int]:
        if abs(valence) < _TONE_LEVEL:
            return self._bgr("neutral")
        return self._bgr("joy" if valence > 0 else "negative")

    def _bgr(self, token: str) -> tuple[int, int, int]:
        digits = getattr(self._palette, token).removeprefix("#")
        red, green, blue = (int(digits[k : k + 2], 16) for k in (0, 2, 4))
        return blue, green, red


def _strongest(instant: Instant) -> list[tuple[str, float]]:
    """The strongest units; the dimpler of one side alone, which is contempt, by its side."""
    levels = dict(zip(ACTION_UNIT_COLUMNS, instant.action_units.tolist(), strict=True))
    left, right = levels["AU14L"], levels["AU14R"]
    shown = [*ACTION_UNITS]
    if abs(left - right) >= CONTEMPT_AU14:
        shown.append("AU14L" if left > right else "AU14R")
    known = [(code, levels[code]) for code in shown if levels[code] >= _LEAST_SHOWN]
    return sorted(known, key=lambda one: -one[1])[:TOP_UNITS]


def _wrapped(words: str, letters: ImageFont.FreeTypeFont, width_px: int) -> list[str]:
    """Words in lines that fit into a width; one that is longer by itself is cut."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if letters.getlength(longer) <= width_px:
            lines[-1] = longer
            continue
        cut = word
        while letters.getlength(cut) > width_px:
            cut = f"{cut[:-2]}…"
        lines = [*lines, cut] if lines[-1] else [cut]
    return lines


def _dim_around(region: NDArray[np.uint8], view_box: PageBox, scales: tuple[float, float]) -> None:
    """Darken what of a page was not in view, and frame what was."""
    left, top, width, height = view_box
    (x0, y0), (x1, y1) = _point((left, top), scales), _point((left + width, top + height), scales)
    x0, y0 = max(x0, 0), max(y0, 0)
    seen = region[y0 : max(y1, y0), x0 : max(x1, x0)].copy()
    region //= 2
    region[y0 : y0 + seen.shape[0], x0 : x0 + seen.shape[1]] = seen


def _point(at_px: tuple[float, float], scales: tuple[float, float]) -> tuple[int, int]:
    # Far off the screen is off it as well; OpenCV counts in 16 bits.
    x, y = (min(max(at * scale, -9999.0), 9999.0) for at, scale in zip(at_px, scales, strict=True))
    return round(x), round(y)


def _fitted(picture: NDArray[np.uint8], room: _Box) -> tuple[NDArray[np.uint8], _Box]:
    """The picture as large as fits into a box, and where it lies, in the middle."""
    left, top, width, height = room
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture, size, interpolation=way), dtype=np.uint8)
    box = (left + (width - size[0]) // 2, top + (height - size[1]) // 2, *size)
    return scaled, box


def _put(image: NDArray[np.uint8], scaled: NDArray[np.uint8], box: _Box) -> None:
    left, top, width, height = box
    image[top : top + height, left : left + width] = scaled
