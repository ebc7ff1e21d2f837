"""The calibrations of one session: run, set on the analyser, written into the session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final, TypeAlias

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.neutral import NeutralFace, estimate_neutral
from journeylab.session.calibration import NeutralRun
from journeylab.session.calibration_ledger import NEUTRAL, SCREEN_DELAY, CalibrationLedger
from journeylab.session.gaze_desk import GazeDesk
from journeylab.session.inference_worker import Analyser
from journeylab.streams import Frame, Sample

__all__ = ["NEUTRAL", "POINTER", "CalibrationDesk"]

POINTER: Final = "pointer"

Tell: TypeAlias = Callable[[str], None]


class CalibrationDesk:
    """Runs calibrations on the measures as they come and keeps the ones in force.

    ``submit`` has an act done to the analyser before its next frame. What was calibrated before
    recording is written at its start by :meth:`write_in_force`, so that a bundle always holds
    what its measures rest on. ``gaze`` is the desk of all that has to do with gaze. Thread-safe.
    """

    def __init__(
        self,
        *,
        screen: ScreenGeometry,
        publish: Callable[[Sample], None],
        submit: Callable[[Callable[[Analyser], None]], None],
        models: Callable[[], Mapping[str, str]],
        clock: Clock,
        tell: Tell = lambda _: None,
    ) -> None:
        self._submit = submit
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._ledger = CalibrationLedger(publish=publish, models=models, clock=clock)
        self.gaze = GazeDesk(self._ledger, screen=screen, submit=submit, clock=clock, tell=tell)
        self._neutral_run: NeutralRun | None = None
        self._neutral_future: Future[NeutralFace] | None = None

    def take(self, _frame: Frame, measures: FaceMeasures) -> None:
        """Take in the measures of one frame; on the inference thread."""
        self.gaze.take(measures)
        with self._lock:
            run, future = self._neutral_run, self._neutral_future
            if run is None or future is None or not run.take(measures):
                return
            self._neutral_run = self._neutral_future = None
        self._finish_neutral(run, future)

    def capture_neutral(self, seconds: float) -> Future[NeutralFace]:
        """Take the next seconds as the neutral face; returns at once.

        The future holds the neutral face once it is in force, or the InferenceError that says
        why there is none. It is resolved on the inference thread.
        """
        if not seconds > 0:
            raise ValueError(f"seconds must be above 0, not {seconds}")
        begin_ns = self._clock.now_ns()
        future: Future[NeutralFace] = Future()
        with self._lock:
            if self._neutral_run is not None:
                raise SessionError("The neutral face is being captured already.")
            duration_ns = round(seconds * NS_PER_S)
            self._neutral_run = NeutralRun(begin_ns=begin_ns, duration_ns=duration_ns)
            self._neutral_future = future
        return future

    def keep_screen_delay(self, data: str) -> None:
        """Take a measured delay from screen to camera, JSON, into the session."""
        self._ledger.put_in_force(SCREEN_DELAY, data)

    def keep_out(self, kind: str) -> None:
        """Write no calibration of that kind from now on; the participant did not agree to it."""
        self._ledger.keep_out(kind)

    def write_in_force(self) -> None:
        """Publish the calibrations in force; when recording starts."""
        self._ledger.write_in_force()

    def close(self) -> None:
        """End what runs; a neutral face that is waited for will not come."""
        with self._lock:
            future = self._neutral_future
            self._neutral_run = self._neutral_future = None
        if future is not None:
            future.set_exception(SessionError("The session ended before the neutral face came."))

    def _finish_neutral(self, run: NeutralRun, future: Future[NeutralFace]) -> None:
        try:
            neutral = estimate_neutral(run.measures)
        except InferenceError as error:
            self._tell(f"The neutral face was not captured. {error}")
            future.set_exception(error)
            return
        self._submit(lambda analyser: analyser.set_neutral(neutral))
        self._ledger.put_in_force(NEUTRAL, neutral.to_json())
        self._tell("The neutral face is captured.")
        future.set_result(neutral)
