"""Gaze of one session: calibrated, validated, checked between steps, corrected by clicks."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import InferenceError, SessionError
from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.gaze_clicks import LOOKED_BEFORE_NS, ClickCorrection
from journeylab.inference.gaze_record import PointError, PointKind, point_error, stored_error
from journeylab.inference.measures import FaceMeasures
from journeylab.session.calibration import CalibrationResult, CalibrationRun, PointReading
from journeylab.session.calibration_ledger import (
    GAZE,
    GAZE_ACCEPTED,
    GAZE_CHECK,
    GAZE_KEPT,
    GAZE_RESCALED,
    GAZE_SHIFT,
    GAZE_WITHDRAWN,
    CalibrationLedger,
)
from journeylab.session.inference_worker import Analyser
from journeylab.session.panels import GazeAfterMove, is_same_panel, size_px
from journeylab.streams import Row, Sample
from journeylab.vocabulary import PointerAction

_REMEMBERED_NS: Final = NS_PER_S
_TOLD: Final = ("error_px", "error_deg", "error_mm")
_FAILED: Final = "Gaze is not calibrated any more: the new calibration failed."


@dataclass(frozen=True, slots=True, eq=False)
class GazeCheck:
    """A look at one dot: how far gaze was off, and (2,) px from the point of gaze to the dot."""

    error: PointError
    towards_px: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    t_ns: int
    point_px: NDArray[np.float64]
    uncertainty_px: float


class GazeDesk:
    """Runs what has to do with gaze on the measures as they come.

    A calibration that fails puts the one before out of force, and says so in a row; only
    :meth:`keep_previous` brings it back. ``in_force`` is called when one came. Thread-safe.
    """

    def __init__(
        self,
        ledger: CalibrationLedger,
        *,
        screen: ScreenGeometry,
        submit: Callable[[Callable[[Analyser], None]], None],
        clock: Clock,
        tell: Callable[[str], None],
        in_force: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._screen = screen
        self._submit = submit
        self._clock = clock
        self._tell = tell
        self._now_in_force = in_force
        self._lock = threading.RLock()
        self._run: CalibrationRun | None = None
        self._finished: CalibrationRun | None = None
        self._result: CalibrationResult | None = None
        self._previous: CalibrationResult | None = None
        self._elsewhere: dict[str, tuple[ScreenGeometry, CalibrationResult]] = {}
        self._check_run: CalibrationRun | None = None
        self._check: GazeCheck | None = None
        self._clicks = ClickCorrection.none()
        self._looks: deque[_Look] = deque()
        self._pressed: deque[Row] = deque()
        self._moves = self._moves_before_run = 0

    # -- what comes in -----------------------------------------------------------------------

    def take(self, measures: FaceMeasures) -> None:
        """Take in the measures of one frame; on the inference thread."""
        with self._lock:
            for run in (self._run, self._check_run):
                if run is not None:
                    run.take(measures)
            self._looks.append(_Look(measures.t_ns, measures.gaze_px, measures.gaze_uncertainty_px))
            while self._looks[0].t_ns < measures.t_ns - _REMEMBERED_NS:
                self._looks.popleft()
            # Only now is it known where the eyes were until the click.
            while self._pressed and self._pressed[0].t_ns <= measures.t_ns:
                self._correct(self._pressed.popleft())

    def take_pointer(self, sample: Sample) -> None:
        """Note a click; on the pointer's thread, at once."""
        if isinstance(sample, Row) and sample.values[2] == PointerAction.PRESS:
            self._pressed.append(sample)

    # -- calibration -------------------------------------------------------------------------

    def begin_point(
        self, x_px: float, y_px: float, *, kind: PointKind = PointKind.CALIBRATION
    ) -> None:
        """A point appears; the first one begins a new run."""
        with self._lock:
            if self._run is None:
                self._run = CalibrationRun(self._screen)
                self._moves_before_run = self._moves
            self._run.begin_point(x_px, y_px, t_ns=self._clock.now_ns(), kind=kind)

    def end_point(self) -> None:
        """The point goes; nothing when none is shown."""
        with self._lock:
            for run in (self._run, self._check_run):
                if run is not None:
                    run.end_point(t_ns=self._clock.now_ns())

    def reading(self) -> PointReading | None:
        """How far the point that is shown has come; None when none is."""
        with self._lock:
            run = self._run or self._check_run
            return None if run is None else run.reading(t_ns=self._clock.now_ns())

    def finish_points(self) -> CalibrationResult:
        """Fit gaze to the points shown, put the fit in force and end the run.

        Raises
        ------
        SessionError
            When no point was shown.
        InferenceError
            When the samples do not allow a fit, or the participant's screen changed meanwhile;
            no calibration is in force then.
        """
        with self._lock:
            run, self._run = self._run, None
            moves = self._moves_before_run
            if run is None:
                raise SessionError("No calibration is running.", remedy="Show a point first.")
            run.end_point(t_ns=self._clock.now_ns())
            self._finished = run
        # Out of the lock: the inference thread must not wait for a fit.
        try:
            result = run.finish()
        except InferenceError as error:
            self._withdraw(str(error), told=_FAILED)
            raise
        with self._lock:
            if self._moves != moves:
                self._finished = None
                raise InferenceError("The participant's display changed. Calibrate once more.")
            if self._result is not None:
                self._previous = self._result
            self._put_in_force(result)
        self._tell(f"Gaze is calibrated, error {result.error_px:.0f} px.")
        self._now_in_force()
        return result

    def resume_points(self) -> None:
        """Go on with the run that was finished last: points shown again are taken anew.

        Raises
        ------
        SessionError
            When none was.
        """
        with self._lock:
            if self._finished is None:
                raise SessionError("No calibration was finished.", remedy="Calibrate first.")
            self._run = self._finished
            self._moves_before_run = self._moves

    def accept(self) -> None:
        """The moderator takes the calibration as it is; written with its error."""
        with self._lock:
            if self._result is None:
                raise SessionError("There is no calibration to accept.", remedy="Calibrate first.")
            validation = self._result.record.validation
            told = {} if validation is None else {n: getattr(validation, n) for n in _TOLD}
            self._ledger.note(GAZE_ACCEPTED, json.dumps(told))

    def abandon_points(self, *, reason: str = "The calibration was broken off.") -> None:
        """End the run without a fit: none is in force then, until :meth:`keep_previous`."""
        with self._lock:
            if self._run is None:
                return
            self._run = None
        self._withdraw(reason, told=_FAILED)

    def move_to(self, screen: ScreenGeometry) -> GazeAfterMove:
        """The participant sees another screen from now on; what became of the calibration.

        A calibration tells pixels of its panel, at the place where that stood. Where the panel only
        counts other pixels it is counted over to them; on another panel it is out of force, until
        :meth:`keep_previous` on its own. Both are written. A run is worth nothing.
        """
        with self._lock:
            before, self._screen = self._screen, screen
            self._moves += 1
            self._check_run = self._check = None
            self._looks.clear()
            self._pressed.clear()
            if is_same_panel(before, screen):
                return self._count_over(before)
            self._finished = None
            result = self._result
            if result is not None:
                self._elsewhere[before.name] = before, result
                self._withdraw("The participant sees another display.", told=None)
            kept = self._elsewhere.get(screen.name)
            is_back = kept is not None and is_same_panel(kept[0], screen)
            self._previous = kept[1].rescaled(size_px(screen)) if kept and is_back else None
        return GazeAfterMove.NONE if result is None else GazeAfterMove.LOST

    def _count_over(self, before: ScreenGeometry) -> GazeAfterMove:
        """Under the lock: the panel counts other pixels now, or its scale is another."""
        now_px = size_px(self._screen)
        if now_px == size_px(before):
            return GazeAfterMove.NONE
        if self._finished is not None:
            self._finished.rescale(self._screen)
        if self._previous is not None:
            self._previous = self._previous.rescaled(now_px)
        if self._result is None:
            return GazeAfterMove.NONE
        told = {"from_px": size_px(before), "to_px": now_px}
        self._ledger.note(GAZE_RESCALED, json.dumps(told))
        self._put_in_force(self._result.rescaled(now_px))
        return GazeAfterMove.RESCALED

    def keep_previous(self) -> CalibrationResult:
        """Put the calibration before the last one in force again, and write that it was chosen.

        Raises
        ------
        SessionError
            When there is none.
        """
        with self._lock:
            previous = self._previous
            if previous is None:
                raise SessionError("There is no earlier calibration.", remedy="Calibrate again.")
            self._ledger.note(GAZE_KEPT, json.dumps({"reason": "The moderator chose to keep it."}))
            self._previous = None
            self._put_in_force(previous)
        self._tell("The earlier gaze calibration is in force again.")
        self._now_in_force()
        return previous

    @property
    def has_previous(self) -> bool:
        """Whether :meth:`keep_previous` has something to bring back."""
        return self._previous is not None

    @property
    def result(self) -> CalibrationResult | None:
        """The calibration in force, shifts included, and how good it is."""
        return self._result

    @property
    def calibration(self) -> GazeCalibration | None:
        """The one in force, shifts included."""
        result = self._result
        return None if result is None else result.calibration

    # -- drift -------------------------------------------------------------------------------

    def begin_check(self, x_px: float, y_px: float) -> None:
        """One dot appears, to see how far gaze has drifted.

        Raises
        ------
        SessionError
            When gaze is not calibrated.
        """
        with self._lock:
            if self._result is None:
                raise SessionError("Gaze is not calibrated.", remedy="Calibrate gaze first.")
            self._check_run = CalibrationRun(self._screen)
            self._check_run.begin_point(x_px, y_px, t_ns=self._clock.now_ns(), kind=PointKind.CHECK)

    def finish_check(self) -> GazeCheck:
        """The dot goes; how far gaze was off, written.

        Raises
        ------
        SessionError
            When no dot was shown.
        InferenceError
            When the eyes were not seen.
        """
        with self._lock:
            run, self._check_run = self._check_run, None
            calibration = self.calibration
            if run is None or calibration is None:
                raise SessionError("No dot was shown.", remedy="Check gaze first.")
            run.end_point(t_ns=self._clock.now_ns())
            (point,) = run.shown()
            error = point_error(point, calibration, mm_per_px=run.mm_per_px)
            if not error.used:
                self._ledger.note(GAZE_CHECK, json.dumps(stored_error(error)))
                raise InferenceError("The eyes were not seen on the dot.", remedy="Check again.")
            target_px = np.array([point.x_px, point.y_px])
            towards_px = target_px - np.median(point.predicted_px(calibration), axis=0)
            self._check = GazeCheck(error, towards_px)
            told = {**stored_error(error), "towards_px": towards_px.round(1).tolist()}
            self._ledger.note(GAZE_CHECK, json.dumps(told))
            return self._check

    def recentre(self) -> NDArray[np.float64]:
        """Shift gaze by what the last check found; (2,) px, written.

        Raises
        ------
        SessionError
            When gaze was not checked since it was calibrated or re-centred.
        """
        with self._lock:
            check, self._check = self._check, None
            if check is None:
                raise SessionError("Gaze was not checked.", remedy="Check gaze first.")
            self._shift(check.towards_px, by="recentre")
            # What the clicks corrected is in the shift: they begin anew from here.
            self._clicks = ClickCorrection.none()
        self._tell(f"Gaze is re-centred by {np.hypot(*check.towards_px):.0f} px.")
        return check.towards_px

    # -- within ------------------------------------------------------------------------------

    def _correct(self, press: Row) -> None:
        """Under the lock: let a click tell how far gaze is off."""
        calibration = self.calibration
        if calibration is None:
            return
        before = [
            look for look in self._looks if press.t_ns - LOOKED_BEFORE_NS <= look.t_ns <= press.t_ns
        ]
        told_px = [one.uncertainty_px for one in before if np.isfinite(one.uncertainty_px)]
        self._clicks, shift_px = self._clicks.clicked(
            np.array(press.values[:2], dtype=np.float64),
            np.array([look.point_px for look in before]).reshape(-1, 2),
            uncertainty_px=float(np.median(told_px)) if told_px else calibration.deviation_px,
            px_per_deg=calibration.px_per_deg,
        )
        if shift_px is not None:
            self._shift(shift_px, by="click")

    def _shift(self, by_px: NDArray[np.float64], *, by: str) -> None:
        """Under the lock: move every point from the next frame on, and write it."""
        if self._result is None:
            return
        self._result = self._result.shifted(by_px)
        calibration = self._result.calibration
        self._submit(lambda analyser: analyser.set_calibration(calibration))
        told = {
            "by": by,
            "by_px": by_px.round(2).tolist(),
            "shift_px": calibration.shift_px.round(2).tolist(),
            "n_clicks": self._clicks.n_clicks,
            "n_used": self._clicks.n_used,
        }
        self._ledger.note(GAZE_SHIFT, json.dumps(told))
        self._ledger.replace(GAZE, self._result.record.to_json)

    def _put_in_force(self, result: CalibrationResult) -> None:
        """Under the lock."""
        self._result = result
        self._check = None
        self._clicks = ClickCorrection.none()
        calibration = result.calibration
        self._submit(lambda analyser: analyser.set_calibration(calibration))
        self._ledger.put_in_force(GAZE, result.record.to_json())

    def _withdraw(self, reason: str, *, told: str | None) -> None:
        """Put what is in force out of it, write why, and tell the moderator."""
        with self._lock:
            result, self._result, self._check = self._result, None, None
            if result is not None:
                self._previous = result
            self._ledger.withdraw(GAZE)
            self._submit(lambda analyser: analyser.set_calibration(None))
            if result is not None:
                self._ledger.note(GAZE_WITHDRAWN, json.dumps({"reason": reason}))
        if result is not None and told is not None:
            self._tell(told)
