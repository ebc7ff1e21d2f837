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
from journeylab.streams import Frame

_log = logger(__name__)

WAITING_FRAMES: Final = 3
"""Frames that may wait before the oldest is replaced: rides out a stall of 100 ms."""

FACE: Final = "face"
_REPORT_NS: Final = NS_PER_S
_LIVES: Final = 2
"""How often the model is loaded: a model that breaks twice would break again."""
_FAILURES_TO_RESTART: Final = 30
"""Frames in a row: a second at 30 Hz. Some errors leave a model unable to go on for good."""


class Analyser(Protocol):
    """What the session needs of :class:`journeylab.inference.analyser.FrameAnalyser`."""

    @property
    def models(self) -> dict[str, str]: ...

    def analyse(self, image: NDArray[np.uint8], *, t_ns: int) -> FaceMeasures: ...

    def set_neutral(self, neutral: NeutralFace) -> None: ...

    def set_calibration(self, calibration: GazeCalibration) -> None: ...

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


class InferenceWorker:
    """Runs the analyser over the camera's frames on a thread of its own.

    The analyser is made, used and closed on that thread. ``consumers`` get each frame with its
    measures there too, after the rows were published; one that fails is logged and harms nothing.
    A frame the model fails on is counted and faults the stream "face" until the next one that
    works. When the analysis breaks altogether it is started once more, with a new analyser that
    gets the neutral face and the calibration of the old one.
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
    ) -> None:
        self._fanout = fanout
        self._factory = analyser_factory
        self._clock = clock
        self._log = log
        self._consumers = tuple(consumers)
        self._frames = fanout.subscribe("inference", Latest(waiting_frames), ("camera",))
        self._acts: deque[Callable[[Analyser], None]] = deque()
        self._done_acts: list[Callable[[Analyser], None]] = []
        self._life = 0
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
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Load the model and begin. Called once."""
        self._thread.start()

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

        After the timeout the thread ends with the frame it is at.
        """
        self._fanout.unsubscribe(self._frames)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._give_up.set()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while self._life < _LIVES:
            self._life += 1
            try:
                analyser = self._factory()
            except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
                self._refuse(error)
                return
            self._models = dict(analyser.models)
            self._ready.set()
            try:
                self._analyse_until_closed(analyser)
            except Exception as error:  # noqa: BLE001 - top of the thread: a dead one must be seen
                _log.exception("face analysis ended")
                self._note_end(error)
            else:
                return
            finally:
                self._close(analyser)
        self._fanout.unsubscribe(self._frames)

    def _refuse(self, error: Exception) -> None:
        _log.error("the face model could not be loaded", exc_info=error)
        known = isinstance(error, JourneyLabError)
        self._failure = str(error) if known else f"The face model failed to load ({error!r})."
        self._log.fault(FACE, self._failure)
        self._fanout.unsubscribe(self._frames)
        self._ready.set()

    def _note_end(self, error: Exception) -> None:
        goes_on = "it is started again" if self._life < _LIVES else "the rest is still recorded"
        said = str(error) if isinstance(error, JourneyLabError) else repr(error)
        self._log.fault(FACE, f"Face analysis ended ({said}); {goes_on}.")
        self._failed_in_a_row = 0
        # The new analyser is given what the old one had, before its first frame.
        self._acts.extendleft(reversed(self._done_acts))
        self._done_acts.clear()

    def _close(self, analyser: Analyser) -> None:
        try:
            analyser.close()
        except Exception:  # noqa: BLE001 - a broken model may not even close; a new one still works
            _log.warning("the face model did not close", exc_info=True)

    def _analyse_until_closed(self, analyser: Analyser) -> None:
        while not self._give_up.is_set():
            sample = self._frames.get(timeout_s=0.1)
            frame = sample if isinstance(sample, Frame) else None
            while self._acts:
                act = self._acts.popleft()
                act(analyser)
                self._done_acts.append(act)
            self._report_replaced(at_once=frame is None)
            if frame is not None:
                self._analyse(analyser, frame)
                if self._failed_in_a_row >= _FAILURES_TO_RESTART and self._life < _LIVES:
                    raise InferenceError(f"the model failed on {self._failed_in_a_row} frames")
            elif not self._frames.is_open:
                return

    def _analyse(self, analyser: Analyser, frame: Frame) -> None:
        try:
            measures = analyser.analyse(frame.image, t_ns=frame.t_ns)
        except Exception as error:  # noqa: BLE001 - one bad frame must not end the analysis
            self._failed += 1
            self._failed_in_a_row += 1
            _log.warning("frame %d could not be analysed", frame.index, exc_info=True)
            self._log.fault(FACE, f"Frames cannot be analysed ({type(error).__name__}: {error}).")
            return
        self._failed_in_a_row = 0
        self._log.recover(FACE, "Frames are analysed again.")
        arrived_ns = self._clock.now_ns()
        for row in measures.rows(arrived_ns=arrived_ns):
            self._fanout.publish(row)
        self._analysed += 1
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
            self._log.drop(FACE, count=count, detail="frames not analysed: the model fell behind")
