"""The technical check of the picture: what is judged, from which figure on, and what to do.

The same judgement serves the set-up page and, silently, the session: what turns bad there becomes
a warning of stream health, and goes away again.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final

from journeylab.clock import NS_PER_S
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.picture_check import PictureMeasures, lumas, measure_picture
from journeylab.session.health import HealthLog
from journeylab.session.inference_worker import FACE
from journeylab.streams import Frame

DARK_LUMA, BRIGHT_LUMA = 80.0, 225.0
"""Light on the face: 131 and more in good light, 60 in a room with the lamps off."""
BACKLIGHT_RATIO: Final = 1.7
"""0.6 to 1.1 with light in front, of any skin; 2.0 and more with a window behind."""
SIDE_LIGHT_RATIO: Final = 1.8
SMALL_FACE_PX: Final = 70.0  # outer eye corners; below, lids and brows span too few pixels
CLOSE_FACE_SHARE: Final = 0.36  # of the picture's width; beyond, a turned head leaves the picture
BLURRED_MM: Final = 1.35
"""Blur of 1 px in 640 stays below on every face tried, blur of 2 px above."""
GLARE_MM: Final = 5.0
USABLE_RATE_HZ: Final = 20.0
"""Camera frames a second; with fewer, a blink of 100 ms falls between two of them."""
_X_RANGE, _Y_RANGE = (0.25, 0.75), (0.2, 0.8)

_BEFORE_S, _MEANWHILE_S = 0.5, 3.0
_TO_CHANGE: Final = 2  # checks in a row: a hand before the face is no bad light
_SERIES_MOST: Final = 3600


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check: its subject, its figure in words, and, where it is bad, the trouble
    without the figure and what to do."""

    subject: str
    figure: str
    trouble: str = ""
    advice: str = ""

    @property
    def is_good(self) -> bool:
        return not self.trouble

    @property
    def text(self) -> str:
        """All of it, such as ``Light: 52 of 255, too dark. Put a lamp behind the screen.``"""
        if self.is_good:
            return f"{self.subject}: {self.figure}"
        return f"{self.subject}: {self.figure}, {self.trouble}. {self.advice}"


def judge_picture(picture: PictureMeasures) -> tuple[Finding, ...]:
    """Light, face, sharpness and glasses, in this order."""
    return (_light(picture), _face(picture), _sharpness(picture), _glasses(picture))


def _light(picture: PictureMeasures) -> Finding:
    of_all = f"{picture.light:.0f} of 255"
    behind, side = picture.backlight, picture.unevenness
    if behind > BACKLIGHT_RATIO:
        return Finding(
            "Light",
            f"the background is {behind:.1f} times as bright as the face",
            "light comes from behind",
            "Close the blind, or turn the seat.",
        )
    if picture.light < DARK_LUMA:
        return Finding(
            "Light", of_all, "the face is too dark", "Put a lamp behind the participant's screen."
        )
    if picture.face_luma > BRIGHT_LUMA:
        return Finding("Light", of_all, "the face is too bright", "Dim the lamp in front.")
    if side > SIDE_LIGHT_RATIO:
        return Finding(
            "Light",
            f"{side:.1f} times as bright on one side",
            "it comes from the side",
            "Move the lamp to the front.",
        )
    return Finding("Light", f"{of_all}, even on the face")


def _face(picture: PictureMeasures) -> Finding:
    size = f"{picture.interocular_px:.0f} px from eye to eye"
    if picture.interocular_px < SMALL_FACE_PX:
        return Finding("Face", size, "too small in the picture", "Move the camera closer.")
    if picture.share_of_width > CLOSE_FACE_SHARE:
        return Finding("Face", size, "too close", "Move the camera back.")
    x, y = picture.x, picture.y
    if not (_X_RANGE[0] < x < _X_RANGE[1] and _Y_RANGE[0] < y < _Y_RANGE[1]):
        return Finding("Face", size, "near the picture's edge", "Turn the camera towards it.")
    return Finding("Face", f"{size}, well placed")


def _sharpness(picture: PictureMeasures) -> Finding:
    is_seen = math.isfinite(picture.blur_mm)
    figure = f"edges {picture.blur_mm:.1f} mm wide" if is_seen else "no edge to be seen"
    if picture.blur_mm > BLURRED_MM:
        return Finding("Sharpness", figure, "blurred", "Wipe the lens, or focus the camera.")
    return Finding("Sharpness", figure)


def _glasses(picture: PictureMeasures) -> Finding:
    if picture.glare_mm > GLARE_MM:
        return Finding(
            "Glasses",
            f"glare {picture.glare_mm:.0f} mm wide",
            "it hides an eye",
            "Raise the lamp, or tilt the glasses a little.",
        )
    return Finding("Glasses", "no glare at the eyes")


class PictureWatch:
    """Measures a frame twice a second before a session, and every three seconds in it.

    Fed on the inference thread. While a session is recorded, what turns bad in two checks running
    becomes one warning of the face, and is settled when it is good again; what was bad at the
    start the moderator has seen, and is told only when it comes back. Read from any thread.
    """

    def __init__(self, log: HealthLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._due_ns: int | None = None
        self._is_recording = False
        self._accepted: set[str] = set()
        self._in_a_row: Counter[tuple[str, bool]] = Counter()
        self._bad: dict[str, Finding] = {}
        self._series: list[tuple[int, float, float]] | None = None
        self._picture: PictureMeasures | None = None
        self._last: tuple[int, int] | None = None

    @property
    def picture(self) -> PictureMeasures | None:
        """The last measures; None where no face was found."""
        return self._picture

    def begin(self) -> None:
        """Recording starts: what turns bad from now on is warned of."""
        with self._lock:
            picture = self._picture
            findings = () if picture is None else judge_picture(picture)
            self._accepted = {one.subject for one in findings if not one.is_good}
            self._in_a_row.clear()
            self._is_recording = True

    def take(self, frame: Frame, measures: FaceMeasures) -> None:
        """Take in a frame and its measures; on the inference thread."""
        series = self._series
        if series is not None and len(series) < _SERIES_MOST:
            series.append((frame.t_ns, *lumas(frame.image, measures.mesh)))
        if self._due_ns is not None and frame.t_ns < self._due_ns:
            return
        every_s = _MEANWHILE_S if self._is_recording else _BEFORE_S
        self._due_ns = frame.t_ns + round(every_s * NS_PER_S)
        rate = self._judge_rate(frame)
        if measures.mesh is None:
            self._picture = None
            return  # an absent face says nothing of the light
        self._picture = measure_picture(frame.image, measures.mesh)
        if self._is_recording and not measures.blink:
            self._judge((*rate, *judge_picture(self._picture)))

    def begin_series(self) -> None:
        """Note the brightness of the face and of the whole picture, of every frame."""
        self._series = []

    def end_series(self) -> list[tuple[int, float, float]]:
        """Stop that; time of each frame, ns, and brightness 0..255 of the face, NaN without one,
        and of the picture."""
        series, self._series = self._series, None
        return series or []

    def _judge_rate(self, frame: Frame) -> tuple[Finding, ...]:
        """Frames a second since the last check, those the analysis left out among them."""
        last, self._last = self._last, (frame.t_ns, frame.index)
        if last is None or frame.index <= last[1]:
            return ()  # the camera began anew
        rate_hz = (frame.index - last[1]) * NS_PER_S / (frame.t_ns - last[0])
        figure = f"{rate_hz:.0f} frames a second"
        if rate_hz >= USABLE_RATE_HZ:
            return (Finding("Camera", figure),)
        return (Finding("Camera", figure, "too few frames", "Add light, or close other programs."),)

    def _judge(self, findings: tuple[Finding, ...]) -> None:
        with self._lock:
            before = set(self._bad)
            for finding in findings:
                self._note(finding)
            bad = list(self._bad.values())
        if set(self._bad) == before:
            return
        if bad:
            words = " ".join(f"{one.subject}: {one.trouble}. {one.advice}" for one in bad)
            self._log.warn(FACE, f"The picture got worse. {words}")
        else:
            self._log.settle(FACE, "The picture is good again.")

    def _note(self, finding: Finding) -> None:
        subject, is_good = finding.subject, finding.is_good
        self._in_a_row[subject, is_good] += 1
        self._in_a_row[subject, not is_good] = 0
        if self._in_a_row[subject, is_good] < _TO_CHANGE:
            return
        if is_good:
            self._bad.pop(subject, None)
            self._accepted.discard(subject)
        elif subject not in self._accepted:
            self._bad.setdefault(subject, finding)
