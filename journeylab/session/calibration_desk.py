"""The calibrations of one session: run, set on the analyser, written into the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import Clock
from journeylab.inference.measures import FaceMeasures
from journeylab.session.calibration_ledger import NEUTRAL, SCREEN_DELAY, CalibrationLedger
from journeylab.session.gaze_desk import GazeDesk
from journeylab.session.inference_worker import Analyser
from journeylab.session.neutral_desk import NeutralDesk
from journeylab.streams import Frame, Sample

__all__ = ["NEUTRAL", "POINTER", "CalibrationDesk"]

POINTER: Final = "pointer"

Tell: TypeAlias = Callable[[str], None]


class CalibrationDesk:
    """Runs calibrations on the measures as they come and keeps the ones in force.

    ``submit`` has an act done to the analyser before its next frame. What was calibrated before
    recording is written at its start by :meth:`write_in_force`, so that a bundle always holds
    what its measures rest on. ``gaze`` and ``neutral`` are the desks of what they are named after;
    ``in_force`` is called whenever a gaze calibration came into force. Thread-safe.
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
        in_force: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = CalibrationLedger(publish=publish, models=models, clock=clock)
        self.gaze = GazeDesk(
            self._ledger, screen=screen, submit=submit, clock=clock, tell=tell, in_force=in_force
        )
        self.neutral = NeutralDesk(self._ledger, submit=submit, clock=clock, tell=tell)

    def take(self, _frame: Frame, measures: FaceMeasures) -> None:
        """Take in the measures of one frame; on the inference thread."""
        self.gaze.take(measures)
        self.neutral.take(measures)

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
        self.neutral.abandon("The session ended before the neutral face came.")
