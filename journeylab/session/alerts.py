"""What the moderator is told of while a session runs: stuck, frustrated, off the screen.

Rules over the measures of each frame and over what the participant does. Pure: no thread, no
clock and no file; times are those of the samples.

* **stuck**: confusion holds and nothing is achieved. Confusion with a lowered brow that lasts is
  what learners show at an impasse (D'Mello & Graesser 2012, "Dynamics of affective states during
  complex learning"); the behaviour tells an impasse from mere thought: clicks, scrolls, pages,
  what is typed or chosen in a form, and where the keyboard goes in it. Where a step offers
  nothing to do on the screen (a video, a picture, words to read, a box on the table) nothing
  tells it, so confusion must hold for longer, and the reason says no more than what is seen.
* **frustrated**: frustration holds, or the lips are pressed (AU24) while clicks are repeated
  ("rage clicks") or a form is refused.
* **off_screen**: no face, a head turned away from where it usually points, or a point of gaze
  beside the screen.

An alert has a reason in words, begins once and ends once: when its reason is gone, when the step
ends, when the session is paused. ``ALERT_RULES_VERSION`` changes with the rules.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from journeylab.clock import NS_PER_S
from journeylab.inference.measures import FaceMeasures
from journeylab.streams import STREAMS, Row
from journeylab.vocabulary import STATES, PointerAction, StimulusKind

ALERT_RULES_VERSION: Final = "alerts-2"


class AlertKind(StrEnum):
    """What a moderator is told of."""

    STUCK = "stuck"
    FRUSTRATED = "frustrated"
    OFF_SCREEN = "off_screen"


@dataclass(frozen=True, slots=True)
class AlertRules:
    """The thresholds of version 2.

    ``state_least`` is the probability from which a state counts; it must hold for ``confused_s``
    (``frustrated_s``), breaks of up to ``break_s`` allowed, and for *stuck* the last click, scroll,
    page, entry into a form or step must be ``no_progress_s`` ago; on a step with nothing to do on
    the screen confusion must hold for ``puzzled_s`` instead. ``pressed_least`` is the intensity of
    AU24 that counts within ``pressed_s``; with it, ``clicks_least`` clicks within ``clicks_s`` or
    ``refusals_least`` refusals within ``refusals_s`` are frustration. ``away_s`` is how long there
    may be no face, a head turned by more than ``turned_deg`` (or down by ``down_deg``) from where
    it usually points, or gaze more than ``beside_share`` of the screen's width beside it.
    An alert ends ``ends_s`` after its reason is gone, and its kind rests for ``rests_s`` then.
    """

    state_least: float = 0.5
    confused_s: float = 5.0
    puzzled_s: float = 12.0
    frustrated_s: float = 3.0
    break_s: float = 0.7
    no_progress_s: float = 8.0
    pressed_least: float = 0.3
    pressed_s: float = 3.0
    clicks_least: int = 4
    clicks_s: float = 2.0
    refusals_least: int = 2
    refusals_s: float = 15.0
    away_s: float = 4.0
    turned_deg: float = 30.0
    down_deg: float = 25.0
    beside_share: float = 0.1
    ends_s: float = 1.5
    rests_s: float = 5.0
    brow_least: float = 0.35


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert that began, with its reason, or is over."""

    t_ns: int
    kind: AlertKind
    is_start: bool
    reason: str


_USUAL_FRAMES: Final = 60
_USUAL_TAU_S: Final = 60.0
_CONFUSION, _FRUSTRATION = STATES.index("confusion"), STATES.index("frustration")
_PAGE_COLUMNS: Final = [column.name for column in STREAMS["page"].columns]
_PAGE, _DETAIL = _PAGE_COLUMNS.index("kind"), _PAGE_COLUMNS.index("detail")
_POINTER: Final = [column.name for column in STREAMS["pointer"].columns]
_X, _Y, _ACTION = (_POINTER.index(name) for name in ("x_px", "y_px", "action"))
_PROGRESS: Final = frozenset({"click", "scroll", "load", "url", "input", "focus"})
_FIELD: Final = "field: "
"""How the detail of a change begins that a person made; a page changes by itself as well."""
_TO_BE_USED: Final = frozenset({StimulusKind.PAGE, StimulusKind.SCREENS})
_MEANWHILE: Final = {
    StimulusKind.VIDEO: " while the video plays",
    StimulusKind.IMAGE: " while looking at the picture",
    StimulusKind.INSTRUCTION: " while reading",
    StimulusKind.QUESTIONS: " over the questions",
    StimulusKind.CAMERA_ONLY: " at what is done off the screen",
}


class _Held:
    """For how long something holds, short breaks allowed."""

    def __init__(self, break_s: float) -> None:
        self._break_ns = round(break_s * NS_PER_S)
        self._since_ns: int | None = None
        self._last_ns = 0

    def take(self, t_ns: int, holds: bool) -> float:
        """Seconds it has held at ``t_ns``; 0 where it does not."""
        if holds:
            if self._since_ns is None:
                self._since_ns = t_ns
            self._last_ns = t_ns
        elif self._since_ns is not None and t_ns - self._last_ns > self._break_ns:
            self._since_ns = None
        return 0.0 if self._since_ns is None else (self._last_ns - self._since_ns) / NS_PER_S

    def forget(self) -> None:
        self._since_ns = None


class _UsualHead:
    """Where the head usually points, yaw and pitch in degrees, NaN until it was seen enough."""

    def __init__(self) -> None:
        self._first: list[tuple[float, float]] = []
        self._usual = (math.nan, math.nan)
        self._t_ns = 0

    def turned_deg(self, yaw_deg: float, pitch_deg: float) -> tuple[float, float]:
        """By how much it is turned to a side, and down; NaN until the usual is known."""
        return abs(yaw_deg - self._usual[0]), self._usual[1] - pitch_deg

    def learn(self, t_ns: int, yaw_deg: float, pitch_deg: float) -> None:
        """Take in one pose that counts as looking at the screen."""
        if not (math.isfinite(yaw_deg) and math.isfinite(pitch_deg)):
            return
        if len(self._first) < _USUAL_FRAMES:
            self._first.append((yaw_deg, pitch_deg))
            if len(self._first) == _USUAL_FRAMES:
                yaw, pitch = np.median(np.array(self._first), axis=0)
                self._usual = (float(yaw), float(pitch))
        else:
            share = 1.0 - math.exp(-max(0, t_ns - self._t_ns) / NS_PER_S / _USUAL_TAU_S)
            yaw, pitch = self._usual
            self._usual = (yaw + share * (yaw_deg - yaw), pitch + share * (pitch_deg - pitch))
        self._t_ns = t_ns


class AlertWatch:
    """Follows one session: rows and frames in, changes of alerts out, in the order of time.

    Outside a step nothing is told. ``screen_px`` is the participant's screen. Not thread-safe.
    """

    def __init__(
        self, screen_px: tuple[int, int] = (1920, 1080), *, rules: AlertRules | None = None
    ) -> None:
        self.screen_px = screen_px
        self.infers_emotion = True
        rules = rules or AlertRules()
        self._rules = rules
        self._is_in_step = False
        self._kind = StimulusKind.PAGE
        self._progress_ns = 0
        self._presses: deque[int] = deque(maxlen=64)
        self._page_clicks: deque[int] = deque(maxlen=64)
        self._refusals: deque[int] = deque(maxlen=64)
        self._confused, self._frustrated = _Held(rules.break_s), _Held(rules.break_s)
        self._faceless, self._turned = _Held(rules.break_s), _Held(rules.break_s)
        self._beside = _Held(rules.break_s)
        self._pressed_ns: int | None = None
        self._usual = _UsualHead()
        self._standing: dict[AlertKind, tuple[int, str]] = {}
        self._rested_ns: dict[AlertKind, int] = {}

    @property
    def standing(self) -> dict[AlertKind, str]:
        """What stands now, with its reason."""
        return {kind: reason for kind, (_, reason) in self._standing.items()}

    def begin_step(self, t_ns: int, kind: StimulusKind = StimulusKind.PAGE) -> None:
        """A step starts that shows something of this kind, or goes on after a pause."""
        self._is_in_step = True
        self._kind = kind
        self._progress_ns = t_ns

    def end_step(self, t_ns: int) -> list[AlertChange]:
        """A step ends, or is paused: so does all that stood in it."""
        self._is_in_step = False
        for held in (self._confused, self._frustrated, self._faceless, self._turned, self._beside):
            held.forget()
        for times in (self._presses, self._page_clicks, self._refusals):
            times.clear()
        self._pressed_ns = None
        changes = [AlertChange(t_ns, kind, False, said) for kind, said in self.standing.items()]
        self._standing.clear()
        self._rested_ns.clear()
        return changes

    def take_row(self, row: Row) -> None:
        """Take in a row of stream "page" or "pointer"."""
        if row.stream == "page":
            kind = row.values[_PAGE]
            if kind == "click":
                self._page_clicks.append(row.t_ns)
            elif kind == "invalid":
                self._refusals.append(row.t_ns)
            is_entry = kind == "change" and str(row.values[_DETAIL]).startswith(_FIELD)
            if kind in _PROGRESS or is_entry:
                self._progress_ns = max(self._progress_ns, row.t_ns)
        elif row.stream == "pointer" and self._is_act(row):
            self._progress_ns = max(self._progress_ns, row.t_ns)

    def _is_act(self, row: Row) -> bool:
        """Whether it is a press or a scroll on the participant's screen; a press is counted."""
        action = row.values[_ACTION]
        if action not in (PointerAction.PRESS, PointerAction.SCROLL):
            return False
        (x, y), (width, height) = (row.values[_X], row.values[_Y]), self.screen_px
        if not (isinstance(x, int | float) and isinstance(y, int | float)):
            return False
        if not (0 <= x < width and 0 <= y < height):
            return False  # the moderator's own, on her display
        if action == PointerAction.PRESS:
            self._presses.append(row.t_ns)
        return True

    def take_face(self, measures: FaceMeasures) -> list[AlertChange]:
        """Take in the measures of one frame; what begins and ends with it."""
        if not self._is_in_step:
            return []
        t_ns = measures.t_ns
        reasons = {AlertKind.OFF_SCREEN: self._off_screen(measures)}
        if self.infers_emotion:
            reasons[AlertKind.STUCK] = self._stuck(measures)
            reasons[AlertKind.FRUSTRATED] = self._is_frustrated(measures)
        changes: list[AlertChange] = []
        for kind, reason in reasons.items():
            changes += self._change(t_ns, kind, reason)
        return changes

    def withhold_emotion(self) -> None:
        """The participant did not agree to emotion recognition: only her absence is told."""
        self.infers_emotion = False

    def _change(self, t_ns: int, kind: AlertKind, reason: str) -> list[AlertChange]:
        rules, standing = self._rules, self._standing.get(kind)
        if reason:
            if standing is not None:
                self._standing[kind] = (t_ns, standing[1])
                return []
            if t_ns - self._rested_ns.get(kind, t_ns - 10**18) < rules.rests_s * NS_PER_S:
                return []
            self._standing[kind] = (t_ns, reason)
            return [AlertChange(t_ns, kind, True, reason)]
        if standing is None or t_ns - standing[0] < rules.ends_s * NS_PER_S:
            return []
        del self._standing[kind]
        self._rested_ns[kind] = t_ns
        return [AlertChange(t_ns, kind, False, standing[1])]

    def _stuck(self, measures: FaceMeasures) -> str:
        rules, t_ns = self._rules, measures.t_ns
        held_s = self._confused.take(t_ns, _at_least(measures, _CONFUSION, rules.state_least))
        is_brow = measures.action_unit("AU04") >= rules.brow_least
        what = f"{'Brow lowered' if is_brow else 'Looks confused'} for {held_s:.0f} s"
        if self._kind not in _TO_BE_USED:
            return "" if held_s < rules.puzzled_s else f"{what}{_MEANWHILE[self._kind]}."
        idle_s = (t_ns - self._progress_ns) / NS_PER_S
        if held_s < rules.confused_s or idle_s < rules.no_progress_s:
            return ""
        done = "click, scroll, page or entry" if self._kind is StimulusKind.PAGE else "click"
        return f"{what}, no {done} for {idle_s:.0f} s."

    def _is_frustrated(self, measures: FaceMeasures) -> str:
        rules, t_ns = self._rules, measures.t_ns
        held_s = self._frustrated.take(t_ns, _at_least(measures, _FRUSTRATION, rules.state_least))
        if measures.action_unit("AU24") >= rules.pressed_least:
            self._pressed_ns = t_ns
        if held_s >= rules.frustrated_s:
            return f"Looks frustrated for {held_s:.0f} s."
        if self._pressed_ns is None or t_ns - self._pressed_ns > rules.pressed_s * NS_PER_S:
            return ""
        # A click on a page is seen twice, by the mouse and by the page.
        clicks = max(
            _within(self._presses, t_ns, rules.clicks_s),
            _within(self._page_clicks, t_ns, rules.clicks_s),
        )
        if clicks >= rules.clicks_least:
            return f"Lips pressed, {clicks} clicks within {rules.clicks_s:.0f} s."
        refusals = _within(self._refusals, t_ns, rules.refusals_s)
        if refusals >= rules.refusals_least:
            return f"Lips pressed, form refused {refusals} times."
        return ""

    def _off_screen(self, measures: FaceMeasures) -> str:
        rules, t_ns = self._rules, measures.t_ns
        yaw_deg, pitch_deg = (float(one) for one in measures.head_pose[:2])
        side_deg, down_deg = self._usual.turned_deg(yaw_deg, pitch_deg)
        is_turned = side_deg > rules.turned_deg or down_deg > rules.down_deg
        x_px, y_px = (float(one) for one in measures.gaze_px)
        is_beside = self._is_beside(x_px, y_px)
        if not is_turned and not is_beside:
            self._usual.learn(t_ns, yaw_deg, pitch_deg)
        for held, holds, words in (
            (self._faceless, not measures.has_face, "No face"),
            (self._turned, is_turned, "Head turned away"),
            (self._beside, is_beside, "Looks beside the screen"),
        ):
            held_s = held.take(t_ns, holds)
            if held_s >= rules.away_s:
                return f"{words} for {held_s:.0f} s."
        return ""

    def _is_beside(self, x_px: float, y_px: float) -> bool:
        width, height = self.screen_px
        margin = self._rules.beside_share * width
        is_within = -margin <= x_px <= width + margin and -margin <= y_px <= height + margin
        return math.isfinite(x_px) and math.isfinite(y_px) and not is_within


def _at_least(measures: FaceMeasures, state: int, least: float) -> bool:
    """Whether a state is that probable; NaN is not."""
    return bool(measures.states[state] >= least)


def _within(times_ns: deque[int], t_ns: int, seconds: float) -> int:
    return sum(1 for one in times_ns if t_ns - seconds * NS_PER_S <= one <= t_ns)
