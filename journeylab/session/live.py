"""What the moderator's window draws: the newest of everything, polled, never waited for."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.level import level_dbfs
from journeylab.clock import NS_PER_MS, NS_PER_S, Clock
from journeylab.inference.measures import FaceMeasures
from journeylab.session.series import GrowingSeries, Points, RingSeries
from journeylab.streams import STREAMS, AudioBlock, Frame, Row, Sample
from journeylab.vocabulary import CourseAct, StepPhase

LIVE_STREAMS: Final = (
    "camera",
    "pointer",
    "microphone",
    "steps",
    "markers",
    "withdrawals",
    "acts",
    "alerts",
)

_POINTER_COLUMNS: Final = [column.name for column in STREAMS["pointer"].columns]
_SPEED: Final = _POINTER_COLUMNS.index("speed_px_s")
_X, _Y = _POINTER_COLUMNS.index("x_px"), _POINTER_COLUMNS.index("y_px")
_POINTER_POINTS: Final = 16_384  # half a minute at 500 Hz
_STILL_NS: Final = 100 * NS_PER_MS  # the speed's own window: no sample in it means no movement
_LEVEL_S: Final = 0.1
_LATENCIES: Final = 300  # ten seconds at 30 Hz


@dataclass(frozen=True, slots=True)
class Mark:
    """A step's start or a marker on the trace; ``t_s`` since recording began."""

    t_s: float
    label: str


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """What the moderator is to look at now: its kind, since when (session clock) and why."""

    kind: str
    since_ns: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedFrame:
    """A frame and the measures of this very frame."""

    frame: Frame
    measures: FaceMeasures


class LiveBoard:
    """The newest frame, measures, levels and marks, and the traces since recording began.

    Fed on the threads that produce, read by the window at its own pace from any thread. Nothing
    waits here and nothing is lost when nobody reads: what is recorded does not pass through.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._start_ns: int | None = None
        self._frame: Frame | None = None
        self._analysed: AnalysedFrame | None = None
        self._valence = GrowingSeries()
        self._pointer = RingSeries(_POINTER_POINTS)
        self._pointer_row: Row | None = None
        self._blocks: deque[AudioBlock] = deque(maxlen=32)
        self._steps: list[Mark] = []
        self._markers: list[tuple[int, Mark]] = []
        self._visits: set[tuple[str, int]] = set()
        self._skipped: set[str] = set()
        self._unplanned: dict[str, str] = {}
        self._alerts: dict[str, LiveAlert] = {}
        self._is_paused = False
        self._latencies = RingSeries(_LATENCIES)
        self._withholds_emotion = False
        self._withholds_gaze = False

    def begin(self, start_ns: int) -> None:
        """Recording starts: traces and marks begin anew."""
        with self._lock:
            self._start_ns = start_ns
            self._valence = GrowingSeries()
            self._pointer = RingSeries(_POINTER_POINTS)
            self._steps = []
            self._markers = []
            self._visits = set()
            self._skipped = set()
            self._unplanned = {}
            self._alerts = {}

    def take(self, sample: Sample) -> None:
        """Keep a sample of :data:`LIVE_STREAMS`; on the thread that publishes it."""
        with self._lock:
            if isinstance(sample, Frame):
                self._frame = sample
            elif isinstance(sample, AudioBlock):
                self._blocks.append(sample)
            elif isinstance(sample, Row):
                self._take_row(sample)

    def withhold_emotion(self) -> None:
        """Keep nothing more that is inferred of emotions: the participant did not agree to it."""
        with self._lock:
            self._withholds_emotion = True
            if self._analysed is not None:
                measures = self._analysed.measures.without_emotion()
                self._analysed = AnalysedFrame(self._analysed.frame, measures)

    def withhold_gaze(self) -> None:
        """Keep nothing more of where she looks: the participant did not agree to it."""
        with self._lock:
            self._withholds_gaze = True
            if self._analysed is not None:
                measures = self._analysed.measures.without_gaze()
                self._analysed = AnalysedFrame(self._analysed.frame, measures)

    def take_result(self, frame: Frame, measures: FaceMeasures) -> None:
        """Keep the measures of a frame; on the inference thread."""
        now_ns = self._clock.now_ns()
        with self._lock:
            if self._withholds_emotion:
                measures = measures.without_emotion()
            if self._withholds_gaze:
                measures = measures.without_gaze()
            self._analysed = AnalysedFrame(frame, measures)
            self._latencies.append(now_ns / NS_PER_S, (now_ns - frame.t_ns) / NS_PER_MS)
            if self._start_ns is not None and frame.t_ns >= self._start_ns:
                # A pause leaves a gap in the trace, as in the bundle.
                valence = math.nan if self._is_paused else measures.valence
                self._valence.append(self._t_s(frame.t_ns), valence)

    def hold(self, is_paused: bool) -> None:
        """A pause begins or ends."""
        with self._lock:
            self._is_paused = is_paused

    def latest_frame(self) -> Frame | None:
        """The camera's newest frame."""
        return self._frame

    def latest_measures(self) -> FaceMeasures | None:
        """The newest measures, which may be of a slightly older frame."""
        analysed = self._analysed
        return None if analysed is None else analysed.measures

    def analysed_frame(self) -> AnalysedFrame | None:
        """The newest frame that has measures, with them: what a mesh is drawn on."""
        return self._analysed

    def trace(self, *, last_s: float | None = None) -> Points:
        """Times since recording began, s, and valence -100..+100, (n,) each; NaN without a face.

        Read-only views, nothing is copied. Empty before recording.
        """
        return self._valence.points(last=last_s)

    def pointer_speed_px_s(self) -> float:
        """Present speed of the cursor; 0 when it lies still, NaN before it was ever seen."""
        row = self._pointer_row
        if row is None:
            return float("nan")
        if self._clock.now_ns() - row.t_ns > _STILL_NS:
            return 0.0
        return _number(row.values[_SPEED])

    def pointer_trace(self, *, last_s: float | None = 10.0) -> Points:
        """Times since recording began, s, and cursor speed, px/s, of the last stretch."""
        with self._lock:
            return self._pointer.points(last=last_s)

    def pointer_px(self) -> tuple[float, float] | None:
        """Where the cursor is on the participant's screen."""
        row = self._pointer_row
        return None if row is None else (_number(row.values[_X]), _number(row.values[_Y]))

    def microphone_level_dbfs(self) -> float:
        """Level of the last 100 ms, as :func:`level_dbfs` tells it; NaN before the first sound."""
        with self._lock:
            blocks = list(self._blocks)
        if not blocks:
            return float("nan")
        kept: list[NDArray[np.int16]] = []
        wanted = round(_LEVEL_S * blocks[-1].rate_hz)
        for block in reversed(blocks):
            kept.append(block.pcm)
            wanted -= len(block.pcm)
            if wanted <= 0:
                break
        return level_dbfs(np.concatenate(kept))

    def step_marks(self) -> tuple[Mark, ...]:
        """The starts of the steps so far, labelled with the step's id, or with the title of one
        that was not planned."""
        with self._lock:
            named = self._unplanned
            return tuple(Mark(one.t_s, named.get(one.label, one.label)) for one in self._steps)

    def step_starts(self) -> tuple[Mark, ...]:
        """The starts of the steps so far, each labelled with the step's id."""
        with self._lock:
            return tuple(self._steps)

    def skipped_steps(self) -> frozenset[str]:
        """Ids of the steps that were skipped and not entered since."""
        with self._lock:
            return frozenset(self._skipped)

    def alerts(self) -> tuple[LiveAlert, ...]:
        """What stands now, the newest first."""
        with self._lock:
            return tuple(sorted(self._alerts.values(), key=lambda one: -one.since_ns))

    def marker_marks(self) -> tuple[Mark, ...]:
        """The markers so far, without those that were taken back."""
        with self._lock:
            return tuple(mark for _, mark in self._markers)

    def latency_ms(self) -> tuple[float, float]:
        """From a frame's capture to its measures over the last ten seconds: median and 95th
        percentile, ms; NaN before the first."""
        with self._lock:
            _, latencies = self._latencies.points()
        if not len(latencies):
            return float("nan"), float("nan")
        p50, p95 = np.percentile(latencies, [50, 95])
        return float(p50), float(p95)

    def _take_row(self, row: Row) -> None:
        if row.stream == "pointer":
            self._pointer_row = row
            self._pointer.append(self._t_s(row.t_ns), _number(row.values[_SPEED]))
        elif row.stream == "steps":
            step_id, phase, visit = row.values
            key = str(step_id), int(str(visit))
            # A visit that goes on after a pause is no other.
            if phase == StepPhase.START and key not in self._visits:
                self._visits.add(key)
                self._skipped.discard(key[0])
                self._steps.append(Mark(self._t_s(row.t_ns), str(step_id)))
        elif row.stream == "withdrawals":
            of_stream, of_t_ns, _ = row.values
            if of_stream == "markers":  # an outcome may have been said at the same instant
                self._markers = [one for one in self._markers if one[0] != of_t_ns]
        elif row.stream == "acts":
            self._take_act(*(str(value) for value in row.values[:4]))
        elif row.stream == "alerts":
            kind, phase, reason = (str(value) for value in row.values[:3])
            if phase == StepPhase.START:
                self._alerts[kind] = LiveAlert(kind, row.t_ns, reason)
            else:
                self._alerts.pop(kind, None)
        else:
            self._markers.append((row.t_ns, Mark(self._t_s(row.t_ns), str(row.values[0]))))

    def _take_act(self, act: str, step_id: str, _visit: str, value: str) -> None:
        if act == CourseAct.SKIP:
            self._skipped.add(step_id)
        elif act == CourseAct.UNPLANNED:
            self._unplanned[step_id] = value

    def _t_s(self, t_ns: int) -> float:
        return (t_ns - (self._start_ns or 0)) / NS_PER_S


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.number) else float("nan")
