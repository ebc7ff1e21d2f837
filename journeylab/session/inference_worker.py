"""The inference thread: takes the newest frames, publishes what they say with the frame's time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import InferenceError, JourneyLabError
from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.neutral import NeutralFace
from journeylab.logs import logger
from journeylab.session.fanout import FanOut, Latest
from journeylab.session.health import HealthLog
from journeylab.streams import Frame, Row

_log = logger(__name__)

WAITING_FRAMES: Final = 3
"""Frames that may wait before the oldest is replaced: rides out a stall of 100 ms."""

FACE: Final = "face"
NOT_ANALYSED: Final = "frames not analysed: the model fell behind"
"""What a drop of faces says whose frames are on disk all the same."""
_REPORT_NS: Final = NS_PER_S
_LIVES: Final = 2
"""How often the model is loaded: a model that breaks twice would break again."""
HANG_S: Final = 5.0
"""A frame takes 2 ms and, on a machine that does much else, a few hundred: this one never ends."""
_LOADING_S: Final = 60.0
_FAILURES_TO_RESTART: Final = 30
"""Frames in a row: a second at 30 Hz. Some errors leave a model unable to go on for good."""


class Analyser(Protocol):
    """What the session needs of :class:`journeylab.inference.analyser.FrameAnalyser`."""

    @property
    def models(self) -> dict[str, str]: ...

    def analyse(self, image: NDArray[np.uint8], *, t_ns: int) -> FaceMeasures: ...

    def set_neutral(self, neutral: NeutralFace) -> None: ...

    def set_calibration(self, calibration: GazeCalibration | None) -> None: ...

    def close(self) -> None: ...


Consumer: TypeAlias = Callable[[Frame, FaceMeasures], None]


@dataclass(frozen=True, slots=True)
class InferenceCounts:
    """Frames analysed, replaced before their turn, and failed in the model."""

    analysed: int
    replaced: int
    failed: int

    @property
    def share(self) -> float:
        """Share of frames that were analysed; NaN before the first."""
        total = self.analysed + self.replaced + self.failed
        return self.analysed / total if total else float("nan")


class _Life:
    """One thread with one analyser, from its making to its closing.

    ``busy_since_ns`` is since when it is at one thing, None while it waits for a frame. An
    abandoned one may come back from its model at any time, and must change nothing then.
    """

    def __init__(self, number: int, *, begun_ns: int) -> None:
        self.number = number
        self.busy_since_ns: int | None = begun_ns
        self.is_loading = True
        self.is_at_a_frame = False
        self.is_abandoned = False
        self.thread: threading.Thread | None = None


class InferenceWorker:
    """Runs the analyser over the camera's frames on a thread of its own.

    The analyser is made, used and closed on that thread. ``consumers`` get each frame with its
    measures there too, after the rows were published; one that fails is logged and harms nothing.
    A frame the model fails on is counted and faults the stream "face" until the next one that
    works. When the analysis breaks altogether, or hangs in its model, it is started once more, on
    a new thread and with a new analyser that gets the neutral face and the calibration of the old
    one. A thread that hangs cannot be ended; it is left to itself, and what it may still bring is
    not published.
    """

    def __init__(
        self,
        fanout: FanOut,
        analyser_factory: Callable[[], Analyser],
        *,
        clock: Clock,
        log: HealthLog,
        consumers: Sequence[Consumer] = (),
        waiting_frames: int = WAITING_FRAMES,
        hang_s: float = HANG_S,
    ) -> None:
        self._fanout = fanout
        self._factory = analyser_factory
        self._clock = clock
        self._log = log
        self._consumers = tuple(consumers)
        self._frames = fanout.subscribe("inference", Latest(waiting_frames), ("camera",))
        self._acts: deque[Callable[[Analyser], None]] = deque()
        self._done_acts: list[Callable[[Analyser], None]] = []
        self._hang_s = hang_s
        self._lock = threading.Lock()
        self._life: _Life | None = None
        self._failed_in_a_row = 0
        self._broken_consumers: set[Consumer] = set()
        self._ready = threading.Event()
        self._give_up = threading.Event()
        self._failure: str | None = None
        self._models: dict[str, str] = {}
        self._analysed = 0
        self._failed = 0
        self._before = InferenceCounts(0, 0, 0)
        self._replaced_reported = 0
        self._reported_ns = 0
        self._withholds_gaze = False

    def start(self) -> None:
        """Load the model and begin. Called once."""
        self._begin_life(1)

    def watch(self) -> None:
        """See whether the model hangs; four times a second, from the monitor's thread."""
        with self._lock:
            life = self._life
            if life is None or life.busy_since_ns is None:
                return
            patience_s = _LOADING_S if life.is_loading else self._hang_s
            if self._clock.now_ns() - life.busy_since_ns < patience_s * NS_PER_S:
                return
        what = "does not load" if life.is_loading else "does not come back from a frame"
        self._end_life(life, f"the model {what} for {patience_s:g} s")

    def wait_ready(self, timeout_s: float) -> None:
        """Return when the model is loaded.

        Raises
        ------
        InferenceError
            When it cannot be loaded, or was not in time.
        """
        if not self._ready.wait(timeout_s):
            raise InferenceError(f"The face model was not loaded within {timeout_s:.0f} s.")
        if self._failure is not None:
            raise InferenceError(self._failure)

    @property
    def models(self) -> dict[str, str]:
        """Derived stream to model and version; empty until the model is loaded."""
        return dict(self._models)

    def submit(self, act: Callable[[Analyser], None]) -> None:
        """Have something done to the analyser, before the next frame, on its own thread."""
        self._acts.append(act)

    def withhold_gaze(self) -> None:
        """Publish nothing of where she looks from now on; consumers still get it."""
        self._withholds_gaze = True

    def counts(self) -> InferenceCounts:
        """A reading since the counts were last forgotten, from any thread."""
        before = self._before
        return InferenceCounts(
            self._analysed - before.analysed,
            self._frames.counts().replaced - before.replaced,
            self._failed - before.failed,
        )

    def forget_counts(self) -> None:
        """Count frames from now on; when recording starts."""
        self._before = InferenceCounts(self._analysed, self._frames.counts().replaced, self._failed)

    def finish(self, timeout_s: float) -> bool:
        """Analyse what waits, close the analyser and join; whether that was done in time.

        After the timeout the thread ends with the frame it is at. One that was given up because
        it hangs is not waited for.
        """
        self._fanout.unsubscribe(self._frames)
        deadline_ns = self._clock.now_ns() + round(timeout_s * NS_PER_S)
        life = self._life
        while life is not None and life.thread is not None:
            left_s = (deadline_ns - self._clock.now_ns()) / NS_PER_S
            life.thread.join(max(0.0, left_s))
            if life is self._life:  # else it broke meanwhile, and another began
                break
            life = self._life
        self._give_up.set()
        return life is None or life.thread is None or not life.thread.is_alive()

    def _begin_life(self, number: int) -> None:
        life = _Life(number, begun_ns=self._clock.now_ns())
        life.thread = threading.Thread(
            target=self._run, args=(life,), name="inference", daemon=True
        )
        self._life = life
        life.thread.start()

    def _run(self, life: _Life) -> None:
        try:
            analyser = self._factory()
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            if not life.is_abandoned:
                self._refuse(error)
            return
        broken_by: Exception | None = None
        try:
            if self._is_loaded(life, analyser):
                self._analyse_until_closed(life, analyser)
        except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
            _log.exception("face analysis ended")
            broken_by = error
            life.is_at_a_frame, life.busy_since_ns = False, self._clock.now_ns()
        self._close(analyser)  # before the next is made; should this hang, the watch goes on
        if broken_by is not None:
            said = str(broken_by) if isinstance(broken_by, JourneyLabError) else repr(broken_by)
            self._end_life(life, said)

    def _is_loaded(self, life: _Life, analyser: Analyser) -> bool:
        """Note that the model is there; False when it came too late."""
        models = dict(analyser.models)
        with self._lock:
            life.is_loading, life.busy_since_ns = False, None
            if life.is_abandoned:
                return False
            self._models = models
        self._ready.set()
        return True

    def _refuse(self, error: Exception) -> None:
        _log.error("the face model could not be loaded", exc_info=error)
        known = isinstance(error, JourneyLabError)
        self._failure = str(error) if known else f"The face model failed to load ({error!r})."
        self._log.fault(FACE, self._failure)
        self._fanout.unsubscribe(self._frames)
        self._ready.set()

    def _end_life(self, life: _Life, why: str) -> None:
        """Tell that a life is over before its time, and begin the next where one is left."""
        with self._lock:
            if life.is_abandoned:
                return  # it hung, was given up, and now broke as well
            life.is_abandoned = True
            self._failed += life.is_at_a_frame
        is_last = life.number >= _LIVES
        goes_on = "the rest is still recorded" if is_last else "it is started again"
        self._log.fault(FACE, f"Face analysis ended ({why}); {goes_on}.")
        if is_last:
            self._life = None
            self._fanout.unsubscribe(self._frames)
            return
        self._failed_in_a_row = 0
        # The new analyser is given what the old one had, before its first frame.
        self._acts.extendleft(reversed(self._done_acts))
        self._done_acts.clear()
        self._begin_life(life.number + 1)

    def _close(self, analyser: Analyser) -> None:
        try:
            analyser.close()
        except Exception:  # noqa: BLE001 - a broken model may not even close; a new one still works
            _log.warning("the face model did not close", exc_info=True)

    def _analyse_until_closed(self, life: _Life, analyser: Analyser) -> None:
        while not self._give_up.is_set():
            sample = self._frames.get(timeout_s=0.1)
            frame = sample if isinstance(sample, Frame) else None
            life.is_at_a_frame, life.busy_since_ns = frame is not None, self._clock.now_ns()
            if not self._act(life, analyser):
                return
            self._report_replaced(at_once=frame is None)
            if frame is not None:
                self._analyse(life, analyser, frame)
                if life.is_abandoned:
                    return
                if self._failed_in_a_row >= _FAILURES_TO_RESTART and life.number < _LIVES:
                    raise InferenceError(f"the model failed on {self._failed_in_a_row} frames")
            elif not self._frames.is_open:
                return
            life.busy_since_ns = None

    def _act(self, life: _Life, analyser: Analyser) -> bool:
        """Do what was asked for; whether the life goes on."""
        while self._acts and not life.is_abandoned:
            act = self._acts.popleft()
            act(analyser)
            self._done_acts.append(act)
        return not life.is_abandoned

    def _analyse(self, life: _Life, analyser: Analyser, frame: Frame) -> None:
        failure: Exception | None = None
        rows: Sequence[Row] = ()
        try:
            measures = analyser.analyse(frame.image, t_ns=frame.t_ns)
            told = measures.without_gaze() if self._withholds_gaze else measures
            rows = told.rows(arrived_ns=self._clock.now_ns())
        except Exception as error:  # noqa: BLE001 - one bad frame must not end the analysis
            failure = error
        with self._lock:
            # Under the lock, so that nothing of a life that was given up gets between the rows of
            # the next one.
            if life.is_abandoned:
                _log.warning("the model came back with frame %d, too late", frame.index)
                return
            life.is_at_a_frame, life.busy_since_ns = False, None
            for row in rows:
                self._fanout.publish(row)
            self._analysed += failure is None
            self._failed += failure is not None
        if failure is not None:
            self._failed_in_a_row += 1
            _log.warning("frame %d could not be analysed", frame.index, exc_info=failure)
            said = f"{type(failure).__name__}: {failure}"
            self._log.fault(FACE, f"Frames cannot be analysed ({said}).")
            return
        self._failed_in_a_row = 0
        self._log.recover(FACE, "Frames are analysed again.")
        for consume in self._consumers:
            self._hand_to(consume, frame, measures)

    def _hand_to(self, consume: Consumer, frame: Frame, measures: FaceMeasures) -> None:
        try:
            consume(frame, measures)
        except Exception as error:  # noqa: BLE001 - a view that fails must not end the analysis
            if consume not in self._broken_consumers:  # once: it may fail on every frame
                self._broken_consumers.add(consume)
                _log.exception("a consumer of measures failed")
                self._log.warn(FACE, f"The display of face measures failed ({error!r}).")

    def _report_replaced(self, *, at_once: bool) -> None:
        # At most once a second: under load a row per frame would only add to the load.
        now_ns = self._clock.now_ns()
        if not at_once and now_ns - self._reported_ns < _REPORT_NS:
            return
        self._reported_ns = now_ns
        replaced = self._frames.counts().replaced
        count = replaced - self._replaced_reported
        if count > 0:
            self._replaced_reported = replaced
            self._log.drop(FACE, count=count, detail=NOT_ANALYSED)
