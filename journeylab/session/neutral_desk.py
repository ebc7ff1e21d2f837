"""The neutral face of one session: captured, judged, set on the analyser, written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.neutral import NeutralFace, estimate_neutral, shows_face_well
from journeylab.session.calibration import NeutralRun
from journeylab.session.calibration_ledger import NEUTRAL, CalibrationLedger
from journeylab.session.inference_worker import Analyser

LEAST_SHARE: Final = 0.5
"""Of the frames of a capture; a face that is seen in fewer was not before the camera."""


@dataclass(frozen=True, slots=True)
class NeutralReading:
    """How far a capture has come: ``share`` of its time, ``n_frames`` measured, ``n_seen`` of them
    with a face that is seen well enough."""

    share: float
    n_frames: int
    n_seen: int


class NeutralDesk:
    """Captures the neutral face from the measures as they come.

    ``submit`` has an act done to the analyser before its next frame. A capture that fails leaves
    the neutral face before it in force. Thread-safe.
    """

    def __init__(
        self,
        ledger: CalibrationLedger,
        *,
        submit: Callable[[Callable[[Analyser], None]], None],
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._submit = submit
        self._clock = clock
        self._tell = tell
        self._lock = threading.Lock()
        self._run: NeutralRun | None = None
        self._future: Future[NeutralFace] | None = None

    def take(self, measures: FaceMeasures) -> None:
        """Take in the measures of one frame; on the inference thread."""
        with self._lock:
            run, future = self._run, self._future
            if run is None or future is None or not run.take(measures):
                return
            self._run = self._future = None
        self._finish(run, future)

    def capture(self, seconds: float) -> Future[NeutralFace]:
        """Take the next seconds as the neutral face; returns at once.

        The future holds the neutral face once it is in force, or the InferenceError that says
        why there is none. It is resolved on the inference thread.

        Raises
        ------
        SessionError
            When a capture runs already.
        """
        if not seconds > 0:
            raise ValueError(f"seconds must be above 0, not {seconds}")
        begin_ns = self._clock.now_ns()
        future: Future[NeutralFace] = Future()
        with self._lock:
            if self._run is not None:
                raise SessionError("The neutral face is being captured already.")
            duration_ns = round(seconds * NS_PER_S)
            self._run = NeutralRun(begin_ns=begin_ns, duration_ns=duration_ns)
            self._future = future
        return future

    def reading(self) -> NeutralReading | None:
        """How far the capture has come; None when none runs."""
        with self._lock:
            run = self._run
            if run is None:
                return None
            measures, share = run.measures, run.share
        return NeutralReading(share, len(measures), sum(map(shows_face_well, measures)))

    def abandon(self, reason: str) -> None:
        """End a capture that runs; its future holds a SessionError that says why."""
        with self._lock:
            future = self._future
            self._run = self._future = None
        if future is not None:
            future.set_exception(SessionError(reason))

    def _finish(self, run: NeutralRun, future: Future[NeutralFace]) -> None:
        try:
            neutral = _estimate(run.measures)
        except InferenceError as error:
            self._tell(f"The neutral face was not captured. {error}")
            future.set_exception(error)
            return
        self._submit(lambda analyser: analyser.set_neutral(neutral))
        self._ledger.put_in_force(NEUTRAL, neutral.to_json())
        self._tell("The neutral face is captured.")
        future.set_result(neutral)


def _estimate(measures: tuple[FaceMeasures, ...]) -> NeutralFace:
    """The neutral face of a capture; InferenceError, saying what was in the way, without one."""
    n_frames = len(measures)
    n_seen = sum(map(shows_face_well, measures))
    if n_seen >= LEAST_SHARE * n_frames:
        return estimate_neutral(measures)
    faces = [one for one in measures if one.has_face]
    if len(faces) < LEAST_SHARE * n_frames:
        raise InferenceError(
            f"The face was found in {len(faces)} of {n_frames} pictures only.",
            remedy="Seat the participant in the middle of the picture, and take it again.",
        )
    if not any(np.isfinite(one.action_units_raw).all() for one in faces):
        raise InferenceError(
            "No action units are inferred here, so there is no neutral face to take."
        )
    raise InferenceError(
        f"The face was seen well enough in {n_seen} of {n_frames} pictures only.",
        remedy="Give it more light and keep hands and hair away from it, and take it again.",
    )
