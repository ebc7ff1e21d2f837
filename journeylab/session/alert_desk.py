"""Feeds the rules of alerts with what a session measures, and writes what they find."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from typing import Final

from journeylab.bundle.header import ScreenGeometry
from journeylab.inference.measures import FaceMeasures
from journeylab.session.alerts import AlertChange, AlertKind, AlertWatch
from journeylab.session.rows import alert_row
from journeylab.streams import Frame, Row, Sample
from journeylab.study.model import Step
from journeylab.vocabulary import StepPhase, StimulusKind

WATCHED: Final = ("steps", "page", "pointer")
"""Streams of which the rules hear."""


class AlertDesk:
    """Hears of rows on the threads that publish them, and of frames on the inference thread.

    ``publish`` gets a row of stream "alerts" at each start and end, with the time of the frame
    that decided it. Nothing is told outside steps, so neither before the first nor in a pause.
    """

    def __init__(self, publish: Callable[[Row], None], *, screen: ScreenGeometry) -> None:
        self._publish = publish
        self._shows: dict[str, StimulusKind] = {}
        self._lock = threading.Lock()
        self._watch = AlertWatch((screen.width_px, screen.height_px))
        self._step_id = ""
        self._ended_ns = 0
        self._deaf_to: frozenset[str] = frozenset()
        self._withheld: set[AlertKind] = set()

    def know_steps(self, steps: Iterable[Step]) -> None:
        """The steps as this participant meets them; one that is none of them shows nothing."""
        with self._lock:
            self._shows = {step.id: step.stimulus.kind for step in steps}

    def move_to(self, screen: ScreenGeometry) -> None:
        """The participant sees another screen from now on."""
        with self._lock:
            self._watch.screen_px = (screen.width_px, screen.height_px)

    def withhold_emotion(self) -> None:
        """Tell nothing that rests on emotions."""
        with self._lock:
            self._watch.withhold_emotion()

    def withhold_gaze(self) -> None:
        """Tell nothing that rests on where she looks or how she holds her head."""
        with self._lock:
            self._withheld.add(AlertKind.OFF_SCREEN)

    def be_deaf_to(self, streams: Collection[str]) -> None:
        """Hear nothing of streams that were declined, nor tell what cannot be known without."""
        with self._lock:
            self._deaf_to = frozenset(streams)
            if self._deaf_to & {"page", "pointer"}:
                self._withheld.add(AlertKind.STUCK)  # whether she gets on is not seen

    def take(self, sample: Sample) -> None:
        """Take in a row of :data:`WATCHED`."""
        if not isinstance(sample, Row) or sample.stream in self._deaf_to:
            return
        if sample.stream == "steps":
            self._take_step(sample)
        else:
            with self._lock:
                self._watch.take_row(sample)

    def take_face(self, _frame: Frame, measures: FaceMeasures) -> None:
        """Take in the measures of a frame; those of a step that is over say nothing any more."""
        with self._lock:
            if measures.t_ns <= self._ended_ns:
                return
            self._write(self._watch.take_face(measures))

    def _take_step(self, row: Row) -> None:
        step_id, phase, _ = row.values
        with self._lock:
            if phase == StepPhase.START:
                self._step_id = str(step_id)
                shown = self._shows.get(self._step_id, StimulusKind.CAMERA_ONLY)
                self._watch.begin_step(row.t_ns, shown)
            else:
                self._ended_ns = row.t_ns
                self._write(self._watch.end_step(row.t_ns))

    def _write(self, changes: Iterable[AlertChange]) -> None:
        # Under the lock, so that an end never overtakes its start.
        for change in changes:
            if change.kind in self._withheld:
                continue
            phase = StepPhase.START if change.is_start else StepPhase.END
            self._publish(
                alert_row(
                    change.t_ns,
                    str(change.kind),
                    phase=str(phase),
                    reason=change.reason,
                    step_id=self._step_id,
                )
            )
