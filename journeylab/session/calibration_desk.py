"""The calibrations of one session: run, set on the analyser, written into the session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.neutral import NeutralFace, estimate_neutral
from journeylab.session.calibration import CalibrationResult, CalibrationRun, NeutralRun
from journeylab.session.inference_worker import Analyser
from journeylab.session.rows import calibration_row
from journeylab.streams import Frame, Sample

NEUTRAL: Final = "neutral"
GAZE: Final = "gaze"
NONE_IN_FORCE: Final = "null"
"""What is written for a calibration that was put out of force, in place of its JSON."""
_MODEL_OF: Final = {NEUTRAL: "action_units", GAZE: "gaze"}
"""The derived stream whose model reads the calibration."""

Tell = Callable[[str], None]


class CalibrationDesk:
    """Runs calibrations on the measures as they come and keeps the ones in force.

    ``submit`` has an act done to the analyser before its next frame. What was calibrated before
    recording is written at its start by :meth:`write_in_force`, so that a bundle always holds
    what its measures rest on. Thread-safe.
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
        self._screen = screen
        self._publish = publish
        self._submit = submit
        self._models = models
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._gaze_run: CalibrationRun | None = None
        self._neutral_run: NeutralRun | None = None
        self._neutral_future: Future[NeutralFace] | None = None
        self._in_force: dict[str, str] = {}
        self._kept_out: set[str] = set()
        self._moves = self._moves_before_run = 0

    def take(self, _frame: Frame, measures: FaceMeasures) -> None:
        """Take in the measures of one frame; on the inference thread."""
        with self._lock:
            if self._gaze_run is not None:
                self._gaze_run.take(measures)
            run, future = self._neutral_run, self._neutral_future
            if run is None or future is None or not run.take(measures):
                return
            self._neutral_run = self._neutral_future = None
        self._finish_neutral(run, future)

    def begin_point(self, x_px: float, y_px: float) -> None:
        """A calibration point appears; the first one begins a new run."""
        with self._lock:
            if self._gaze_run is None:
                self._gaze_run = CalibrationRun(self._screen)
                self._moves_before_run = self._moves
            self._gaze_run.begin_point(x_px, y_px, t_ns=self._clock.now_ns())

    def end_point(self) -> None:
        """The point goes; nothing when none is shown."""
        with self._lock:
            if self._gaze_run is not None:
                self._gaze_run.end_point(t_ns=self._clock.now_ns())

    def finish_points(self) -> CalibrationResult:
        """Fit gaze to the points shown, put the fit in force and end the run.

        Raises
        ------
        SessionError
            When no point was shown.
        InferenceError
            When the samples do not allow a fit; an earlier calibration stays in force then.
            When the participant's screen changed meanwhile; none is in force then.
        """
        with self._lock:
            run, self._gaze_run = self._gaze_run, None
            moves = self._moves_before_run
            if run is None:
                raise SessionError("No calibration is running.", remedy="Show a point first.")
            run.end_point(t_ns=self._clock.now_ns())
        # Out of the lock: the inference thread must not wait for a fit.
        result = run.finish()
        calibration = result.calibration
        with self._lock:
            if self._moves != moves:
                raise InferenceError("The participant's display changed. Calibrate once more.")
            self._submit(lambda analyser: analyser.set_calibration(calibration))
            self._put_in_force(GAZE, calibration.to_json())
        self._tell(f"Gaze is calibrated, error {result.error_px:.0f} px.")
        return result

    def abandon_points(self) -> None:
        """End the run without a fit."""
        with self._lock:
            self._gaze_run = None

    def move_to(self, screen: ScreenGeometry) -> bool:
        """The participant sees another screen from now on; whether gaze was calibrated till now.

        A calibration tells pixels of the screen it was made on, at the place where that stood. So
        it is put out of force, which is written into the session, and a run is worth nothing.
        """
        with self._lock:
            self._screen = screen
            self._moves += 1
            if self._in_force.pop(GAZE, None) is None:
                return False
            self._submit(lambda analyser: analyser.set_calibration(None))
            self._publish_row(GAZE, NONE_IN_FORCE)
        return True

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

    def keep_out(self, kind: str) -> None:
        """Write no calibration of that kind from now on; the participant did not agree to it."""
        with self._lock:
            self._kept_out.add(kind)

    def write_in_force(self) -> None:
        """Publish the calibrations in force; when recording starts."""
        with self._lock:
            for kind, data in self._in_force.items():
                self._publish_row(kind, data)

    def close(self) -> None:
        """End what runs; a neutral face that is waited for will not come."""
        with self._lock:
            future = self._neutral_future
            self._gaze_run = self._neutral_run = self._neutral_future = None
        if future is not None:
            future.set_exception(SessionError("The session ended before the neutral face came."))

    def _finish_neutral(self, run: NeutralRun, future: Future[NeutralFace]) -> None:
        try:
            neutral = estimate_neutral(run.measures)
        except InferenceError as error:
            self._tell(f"The neutral face was not captured. {error}")
            future.set_exception(error)
            return
        with self._lock:
            self._submit(lambda analyser: analyser.set_neutral(neutral))
            self._put_in_force(NEUTRAL, neutral.to_json())
        self._tell("The neutral face is captured.")
        future.set_result(neutral)

    def _put_in_force(self, kind: str, data: str) -> None:
        self._in_force[kind] = data
        self._publish_row(kind, data)

    def _publish_row(self, kind: str, data: str) -> None:
        if kind in self._kept_out:
            return
        # Stamped and published under the lock, so that rows of several threads stay in order.
        version = self._models().get(_MODEL_OF[kind], "")
        self._publish(calibration_row(self._clock.now_ns(), kind, version=version, data=data))
