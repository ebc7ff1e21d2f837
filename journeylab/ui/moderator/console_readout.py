"""What the console says of a session: curves thirty times a second, the face half as often, text
twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from journeylab.inference.measures import FaceMeasures
from journeylab.session.live import LiveBoard
from journeylab.session.view import ConsoleView
from journeylab.streams import Row
from journeylab.study.model import CONTROL, Step, Study
from journeylab.ui.moderator.console_parts import ConsoleParts
from journeylab.ui.moderator.health_readings import health_readings, latency_reading
from journeylab.ui.moderator.page_tally import PageTally
from journeylab.ui.moderator.step_list import StepLine, StepState
from journeylab.ui.moderator.step_markers import label_keys
from journeylab.ui.moderator.verdicts import stream_health
from journeylab.ui.moderator.words import minutes, plural, share, signed
from journeylab.ui.widgets.action_unit_bars import bars_of
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.style import set_role
from journeylab.ui.widgets.trace_model import TONE_THRESHOLD
from journeylab.vocabulary import StimulusKind

_NO_SCREEN = "The participant's screen appears here with the first step."
_ASKING = "The participant answers questions. What is answered is shown to nobody."
_POINTER_WINDOW_S = 10.0
# The face tells that the camera sees it; the trace is what has to be smooth.
_CAMERA_EVERY = 2


@dataclass(frozen=True, slots=True)
class Brief:
    """What a strip shows: the step, its time, and what is wrong with the recording.

    Nothing of what is inferred: the participant may read it.
    """

    title: str = ""
    spent_s: float = 0.0
    planned_s: float | None = None
    is_paused: bool = False
    is_last: bool = False
    trouble: str = ""


class ConsoleReadout:
    """Writes the readings of one session of a study into the console's parts."""

    def __init__(self, parts: ConsoleParts, study: Study) -> None:
        self._parts = parts
        self._study = study
        self._titles = {step.id: step.title for step in study.steps}
        self._shown_step: str | None = None
        self._is_asking = False
        self._keys = label_keys(study)
        self._tally = PageTally()
        self._notice, self._notice_level = "", Level.OFF
        self._count = 0
        parts.valence.clear_trace()
        parts.bars.show_bars(bars_of(study.expressions))
        parts.camera.show_waiting("Waiting for the camera")
        parts.alert.say("")
        parts.screen_copy.show_text(_NO_SCREEN)
        parts.guide.show_step(None)
        parts.said_alert.say("")
        parts.paused.hide()

    def is_on_last_step(self, view: ConsoleView) -> bool:
        """The study's last step was the last to be entered."""
        return view.place is not None and view.place >= len(self._study.steps) - 1

    def step_title(self, view: ConsoleView) -> str:
        """The running step as the moderator knows it."""
        return view.step_title or self._titles.get(view.step_id or "", "")

    def brief(self, view: ConsoleView) -> Brief:
        """The reading in short."""
        index = view.step_index
        return Brief(
            title=self.step_title(view),
            spent_s=view.step_elapsed_s,
            planned_s=None if index is None else self._study.steps[index].planned_s,
            is_paused=view.is_paused,
            is_last=self.is_on_last_step(view),
            trouble=view.alert or "",
        )

    def show_notice(self, sentence: str, *, level: Level) -> None:
        """Say this until the step changes; what is wrong with the session itself goes first."""
        self._notice, self._notice_level = sentence, level

    def take_page_event(self, event: Row) -> None:
        """Count one row of stream "page"."""
        self._tally = self._tally.after(event)

    def draw(self, live: LiveBoard, *, now_ns: int) -> int | None:
        """Draw what moves: trace, bars, face, gaze, cursor. Time of the newest measures drawn."""
        parts = self._parts
        parts.valence.set_trace(*live.trace())
        parts.screen_copy.show_cursor(*(live.pointer_px() or (math.nan, math.nan)))
        parts.said_alert.show_alerts(live.alerts(), now_ns=now_ns)
        analysed = live.analysed_frame()
        if analysed is None:
            return None
        measures, frame = analysed.measures, analysed.frame
        self._count += 1
        if self._count % _CAMERA_EVERY == 0:
            mesh_xyz = None if measures.mesh is None else measures.mesh.xyz
            parts.camera.show_frame(frame.image, index=frame.index, mesh_xyz=mesh_xyz)
        parts.bars.set_intensities(measures.action_units if measures.has_face else None)
        parts.screen_copy.show_gaze(float(measures.gaze_px[0]), float(measures.gaze_px[1]))
        return frame.t_ns

    def write(self, view: ConsoleView, live: LiveBoard, *, now_ns: int) -> None:
        """Write what is read: figures, lists, health."""
        parts, measures = self._parts, live.latest_measures()
        parts.header.show_elapsed(view.elapsed_s)
        self._write_steps(view, live)
        self._write_pointer(live)
        self._write_page(now_ns)
        self._write_step(view)
        self._write_face(view, measures)
        parts.markers.show_counts(view.marker_counts)
        parts.valence.set_steps(
            [(mark.t_s, self._titles.get(mark.label, mark.label)) for mark in live.step_marks()]
        )
        parts.valence.set_markers(
            [(mark.t_s, self._keys.get(mark.label, mark.label)) for mark in live.marker_marks()]
        )
        if view.alert:
            parts.alert.say(view.alert, level=Level.FAULT if view.faults else Level.WARNING)
        else:
            parts.alert.say(self._notice, level=self._notice_level)
        level_dbfs = live.microphone_level_dbfs()
        readings = health_readings(view, measures=measures, microphone_dbfs=level_dbfs)
        parts.health.show_readings(readings, last=latency_reading(view.latency_ms))

    def _write_steps(self, view: ConsoleView, live: LiveBoard) -> None:
        parts, place = self._parts, view.place
        lines = self._step_lines(view, live.skipped_steps())
        is_unplanned = view.step_index is None and view.step_title is not None
        if is_unplanned:
            # Under the step it interrupts, for as long as it runs.
            title = view.step_title or ""
            line = StepLine(title, None, view.step_elapsed_s, StepState.RUNNING)
            lines.insert(0 if place is None else place + 1, line)
        parts.steps.show_steps(lines)
        parts.course.fit_steps()
        if view.step_id != self._shown_step:
            self._shown_step = view.step_id
            self._enter_step(view, is_unplanned=is_unplanned)
        parts.course.show_outcome(view.outcomes.get(view.step_id or ""))
        parts.header.show_position(
            is_first=not (place or view.asking),
            is_last=self.is_on_last_step(view),
            is_asking=bool(view.asking),
        )
        if view.asking and not self._is_asking:
            parts.screen_copy.show_text(_ASKING)
        self._is_asking = bool(view.asking)
        parts.show_paused(view.is_paused)

    def _step_lines(self, view: ConsoleView, skipped: frozenset[str]) -> list[StepLine]:
        steps = self._study.steps
        spent_s = view.step_durations_s or (0.0,) * len(steps)
        lines = []
        for index, (step, spent) in enumerate(zip(steps, spent_s, strict=True)):
            if index == view.step_index:
                state = StepState.RUNNING
            elif view.is_paused and step.id == view.step_id:
                state = StepState.PAUSED
            elif step.id in skipped:
                state = StepState.SKIPPED
            else:
                state = StepState.DONE if spent > 0 else StepState.TO_COME
            outcome = view.outcomes.get(step.id)
            version = view.variants.get(step.id, "")
            lines.append(StepLine(step.title, step.planned_s, spent, state, outcome, version))
        return lines

    def _enter_step(self, view: ConsoleView, *, is_unplanned: bool) -> None:
        self._tally = PageTally()
        self._notice = ""
        if view.place is None:
            return
        parts, step = self._parts, self._met(view, view.place)
        if is_unplanned:
            parts.guide.show_unplanned(view.step_title or "")
        else:
            parts.guide.show_step(step, about=about_step(step, view.variants.get(step.id)))
        if is_unplanned or step.stimulus.kind is StimulusKind.CAMERA_ONLY:
            parts.screen_copy.show_text("Camera only: this step shows nothing on the screen.")
        parts.course.keep_in_sight(view.place + is_unplanned)

    def _met(self, view: ConsoleView, place: int) -> Step:
        """The step there, in the version that this participant meets."""
        step = self._study.steps[place]
        return step.as_variant(view.variants.get(step.id, CONTROL))

    def _write_pointer(self, live: LiveBoard) -> None:
        speed_px_s = live.pointer_speed_px_s()
        _, speeds = live.pointer_trace(last_s=_POINTER_WINDOW_S)
        speeds = speeds[np.isfinite(speeds)]
        self._parts.mouse.show_values(
            f"{speed_px_s:.0f}" if math.isfinite(speed_px_s) else "–",
            unit="px/s",
            detail=f"peak {speeds.max():.0f} in 10 s" if len(speeds) else "not moved yet",
        )

    def _write_page(self, now_ns: int) -> None:
        tally = self._tally
        said = (
            tally.page,
            f"scrolled {tally.scroll_y_px:.0f} px" if tally.scroll_y_px else "",
            f"{tally.refused} refused" if tally.refused else "",
        )
        self._parts.page.show_values(
            str(tally.clicks),
            unit="click" if tally.clicks == 1 else "clicks",
            detail=", ".join(part for part in said if part) or "no page in this step yet",
        )
        self._parts.happenings.show_happenings(tally.last, now_ns=now_ns)

    def _write_step(self, view: ConsoleView) -> None:
        n_steps = len(self._study.steps)
        if view.place is None:
            self._parts.step.show_values("–", detail=plural(n_steps, "step"))
            return
        if view.is_paused:
            self._parts.step.show_values("Paused", detail="nothing is kept", tone="warning")
            return
        if view.asking:
            self._parts.step.show_values(view.asking, detail="the step has ended")
            return
        if view.step_index is None:
            self._parts.step.show_values(minutes(view.step_elapsed_s), detail="unplanned step")
            return
        planned_s = self._study.steps[view.step_index].planned_s
        over_s = view.step_elapsed_s - planned_s
        place = f"step {view.step_index + 1} of {n_steps}"
        if version := view.variants.get(view.step_id or ""):
            place += f", version {version.upper()}"
        self._parts.step.show_values(
            minutes(view.step_elapsed_s),
            unit=f"of {minutes(planned_s)}",
            detail=f"{minutes(over_s)} over plan, {place}" if over_s >= 1 else place,
            tone="warning" if over_s >= 1 else "",
        )

    def _write_face(self, view: ConsoleView, measures: FaceMeasures | None) -> None:
        parts = self._parts
        parts.bars.refresh_figures()
        valence = math.nan if measures is None else measures.valence
        parts.valence_figure.show_text(signed(valence))
        is_loud = math.isfinite(valence) and abs(valence) >= TONE_THRESHOLD
        tone = ("joy" if valence > 0 else "negative") if is_loud else ""
        set_role(parts.valence_figure, tone=tone)
        camera = stream_health(view, "camera")
        rate = "– fps"
        if camera is not None and math.isfinite(camera.rate_hz):
            rate = f"{camera.rate_hz:.0f} fps"
        has_face = measures is not None and measures.has_face
        quality = f"quality {share(measures.quality)}" if measures and has_face else "no face"
        parts.camera.show_caption(f"{rate} · {quality}")


def about_step(step: Step, version: str | None) -> str:
    """Which version of a step runs, and what is met there, where, and who answers for it."""
    titles = {one.id: one.title for one in step.variants}
    words = []
    if version:
        title = titles.get(version, "")
        words.append(f"Version {version.upper()}" + (f": {title}" if title else ""))
    words += [step.touchpoint, step.channel, f"owner: {step.owner}" if step.owner else ""]
    return " · ".join(word for word in words if word)
