"""From a study folder to the journey map: read, grade, align, aggregate, say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.alignment import StepGrid, TimeBasis, axis_durations_s, grid_of
from journeylab.analysis.callouts import callouts_of
from journeylab.analysis.cues import own_cues
from journeylab.analysis.decided_sessions import as_decided
from journeylab.analysis.detectors.aligned_study import StepSpan, align_study
from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.exclusions import read_decisions
from journeylab.analysis.expected import with_expectation
from journeylab.analysis.heatmap import normalise
from journeylab.analysis.insight_edits import with_edits_of
from journeylab.analysis.insights import StepEvidence, insight_of
from journeylab.analysis.journey import (
    JourneyMap,
    MapStep,
    SessionSummary,
    SessionTrace,
    Trace,
)
from journeylab.analysis.kept_map import kept_map
from journeylab.analysis.notes import notes_of
from journeylab.analysis.paths import path_of
from journeylab.analysis.readers import Readers
from journeylab.analysis.reading import NEGATIVE_STATES, AlignedSession
from journeylab.analysis.real_time import cut_notes, in_seconds
from journeylab.analysis.screens import stimulus_picture
from journeylab.analysis.step_evidence import expressions_on, eyes_on
from journeylab.analysis.step_screens import DEVICE, StepScreens, read_screens
from journeylab.analysis.study_sessions import OpenBundle, Progress, Reading, read_all
from journeylab.study.assignment import check_filter
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.vocabulary import StimulusKind

_SEED: Final = 20_261_122


@dataclass(frozen=True, slots=True, eq=False)
class _Sessions:
    aligned: tuple[AlignedSession, ...]
    excluded: tuple[SessionSummary, ...]
    screens: StepScreens
    grid: StepGrid
    durations_s: tuple[float, ...]
    notes: tuple[str, ...]


def build_journey_map(
    folder: StudyFolder,
    *,
    segment: dict[str, str] | None = None,
    basis: TimeBasis = TimeBasis.SHARE,
    progress: Progress | None = None,
    open_bundle: OpenBundle | None = None,
    rng: np.random.Generator | None = None,
) -> JourneyMap:
    """The journey map of a study, or of one segment of it.

    Of what was read before, and of the map itself, ``.cache/`` in the study folder keeps a copy
    until anything changes; not with a reader or generator of the caller's own.

    Parameters
    ----------
    folder
        The study and where its sessions lie.
    segment
        Only sessions with these values of the participant form, such as ``{"device": "mobile"}``.
    basis
        Whether every stay at a step is stretched to the same length, or counted in seconds.
    progress
        Called with the share done, 0..1, after each session. What it raises ends the building.
    open_bundle
        Opens a bundle; by default the bundle's own reader.
    rng
        Of the bootstrap; by default one with a fixed seed, so that a map is reproducible.

    Raises
    ------
    StudyError
        When the study has no such segment.
    AnalysisError
        When what the team decided about the study cannot be read.
    """
    segment = check_filter(folder.study, dict(segment or {}))
    is_usual = open_bundle is None and rng is None
    kept = kept_map(folder, segment, basis) if is_usual else None
    if kept is not None and (found := kept.get()) is not None:
        if progress is not None:
            progress(1.0)
        return with_edits_of(folder, found)
    reading = Reading(
        folder,
        grid_of(folder.study.steps),
        segment,
        None if kept is None else kept.cache,
        open_bundle,
    )
    journey = _build(reading, basis, progress, rng or np.random.default_rng(_SEED))
    journey = with_expectation(folder, journey)
    if kept is not None:
        kept.put(journey)
    return with_edits_of(folder, journey)


def _build(
    reading: Reading, basis: TimeBasis, progress: Progress | None, rng: np.random.Generator
) -> JourneyMap:
    folder, segment = reading.folder, dict(reading.segment)
    steps = folder.study.steps
    sessions = _read(reading, basis, progress)
    grid, durations_s = sessions.grid, sessions.durations_s
    trace = _trace(
        sessions.aligned,
        grid.positions_s(durations_s),
        np.repeat(np.array(durations_s) / grid.n_points, grid.n_points),
        rng,
    )
    findings = _findings(steps, sessions.aligned, grid, durations_s, trace)
    map_steps = _map_steps(folder, sessions, grid, durations_s, trace, findings=findings)
    times = [sum(each.durations_s.values()) for each in sessions.aligned]
    return JourneyMap(
        study_title=folder.study.title,
        goal=folder.study.goal,
        created=_latest_day([each.summary for each in sessions.aligned]),
        steps=map_steps,
        trace=trace,
        sessions=tuple(
            SessionTrace(
                each.summary,
                each.signal("valence").astype(np.float64),
                each.t_ns,
                each.looking.measures,
                each.expression_measures,
                path_of(each.visits),
            )
            for each in sessions.aligned
        ),
        excluded=sessions.excluded,
        callouts=callouts_of(findings, trace),
        median_time_on_task_s=float(np.median(times)) if times else float("nan"),
        segment=segment,
        notes=(
            *notes_of(sessions.aligned, sessions.excluded, map_steps, segment=segment),
            *sessions.notes,
        ),
        findings=findings,
        basis=basis,
    )


def _read(reading: Reading, basis: TimeBasis, progress: Progress | None) -> _Sessions:
    decisions = read_decisions(reading.folder).in_force()
    with Readers(reading) as readers:
        sessions = as_decided(read_all(readers, progress=progress), decisions)
        screens = read_screens(readers, sessions)
        aligned = tuple(
            each.aligned for each in sessions if each.aligned is not None and each.is_usable
        )
        steps = reading.folder.study.steps
        notes: tuple[str, ...] = ()
        if basis is TimeBasis.SECONDS:
            aligned, axis = in_seconds(readers, aligned, progress=progress)
            grid, durations_s, notes = axis.grid, axis.lengths_s, cut_notes(aligned, axis)
        else:
            grid = reading.grid
            durations_s = axis_durations_s([each.durations_s for each in aligned], steps)
    return _Sessions(
        aligned,
        tuple(each.summary for each in sessions if not each.is_usable),
        screens,
        grid,
        durations_s,
        notes,
    )


def _trace(
    sessions: tuple[AlignedSession, ...],
    position_s: NDArray[np.float64],
    point_s: NDArray[np.float64],
    rng: np.random.Generator,
) -> Trace:
    n = len(position_s)
    nothing = np.full(n, np.nan)
    if not sessions:
        zero = np.zeros(n, dtype=np.int64)
        return Trace(
            position_s, nothing, nothing.copy(), nothing.copy(), zero, zero.astype(np.int8)
        )
    people = [session.summary.participant_id for session in sessions]

    def stacked(name: str) -> NDArray[np.float64]:
        return aggregate.by_participant(
            np.stack([session.signal(name) for session in sessions]), people
        )

    valence = stacked("valence")
    mean = aggregate.robust_mean(valence)
    low, high = aggregate.bootstrap_band(valence, rng=rng)
    worst = stacked(NEGATIVE_STATES[0])
    for name in NEGATIVE_STATES[1:]:
        worst = np.fmax(worst, stacked(name))
    tone = aggregate.tone_of(
        mean,
        aggregate.share_above(stacked("AU12"), aggregate.SMILE),
        aggregate.share_above(worst, aggregate.STATE),
        point_s=point_s,
    )
    behind = np.isfinite(np.stack([session.signal("valence") for session in sessions]))
    return Trace(position_s, mean, low, high, behind.sum(axis=0).astype(np.int64), tone)


def _findings(
    steps: tuple[Step, ...],
    sessions: tuple[AlignedSession, ...],
    grid: StepGrid,
    durations_s: tuple[float, ...],
    trace: Trace,
) -> tuple[Finding, ...]:
    ends_s = np.cumsum(durations_s)
    spans = tuple(
        StepSpan(step.id, step.title, step.stimulus.kind, float(end_s - duration_s), float(end_s))
        for step, duration_s, end_s in zip(steps, durations_s, ends_s, strict=True)
    )
    return find_findings(align_study(sessions, grid, spans, position_s=trace.position_s))


def _map_steps(
    folder: StudyFolder,
    sessions: _Sessions,
    grid: StepGrid,
    durations_s: tuple[float, ...],
    trace: Trace,
    *,
    findings: tuple[Finding, ...],
) -> tuple[MapStep, ...]:
    steps = []
    start_s = 0.0
    own = folder.study.expressions
    for step, duration_s in zip(folder.study.steps, durations_s, strict=True):
        part = grid.part(step.id)
        reached = tuple(each for each in sessions.aligned if step.id in each.durations_s)
        position_s = trace.position_s[part]
        # Without one they look at a thing on the table; the screen shows nothing of it.
        has_screen = step.stimulus.kind is not StimulusKind.CAMERA_ONLY
        evidence = StepEvidence(
            step.id,
            part,
            reached,
            trace.mean[part],
            position_s,
            own_cues(own),
            has_screen,
            tuple(one for one in findings if one.step_id == step.id),
        )
        device = _device_shown(reached)
        screen = sessions.screens.screen(step.id, device)
        if screen is None:
            screen = stimulus_picture(folder, step, device)
        heatmap, n_gaze = _gaze(step, reached, device) if has_screen else (None, 0)
        steps.append(
            MapStep(
                step_id=step.id,
                title=step.title,
                stage=step.stage,
                kind=step.stimulus.kind.value,
                start_s=start_s,
                end_s=start_s + duration_s,
                n_reached=len({each.summary.participant_id for each in reached}),
                screen=screen,
                heatmap=heatmap,
                n_gaze=n_gaze,
                insight=insight_of(evidence),
                device=device,
                eyes=eyes_on(reached, step.id, has_screen=has_screen),
                expressions=expressions_on(reached, step.id, own, part=part, position_s=position_s),
                gaze_error=_gaze_error(step, reached, device) if n_gaze else float("nan"),
            )
        )
        start_s += duration_s
    return tuple(steps)


def _device_shown(reached: tuple[AlignedSession, ...]) -> str:
    """The device most sessions of the step used: screens of different devices do not overlay."""
    devices = [session.summary.segments.get(DEVICE, "") for session in reached]
    return max(dict.fromkeys(devices), key=devices.count, default="")


def _gaze(
    step: Step, reached: tuple[AlignedSession, ...], device: str
) -> tuple[NDArray[np.float32] | None, int]:
    densities = [
        # Each participant weighs the same, however long the stay.
        each.looking.densities[step.id] / max(float(each.looking.densities[step.id].sum()), 1e-9)
        for each in reached
        if step.id in each.looking.densities and each.summary.segments.get(DEVICE, "") == device
    ]
    if not densities:
        return None, 0
    return normalise(np.sum(densities, axis=0)), len(densities)


def _gaze_error(step: Step, reached: tuple[AlignedSession, ...], device: str) -> float:
    """Median over the sessions behind the heatmap, as a share of the screen's width."""
    errors = [
        each.looking.error_px / each.looking.viewing.screen_px[0]
        for each in reached
        if step.id in each.looking.densities and each.summary.segments.get(DEVICE, "") == device
    ]
    return float(np.median(errors)) if errors else float("nan")


def _latest_day(summaries: list[SessionSummary]) -> str:
    days = []
    for summary in summaries:
        try:
            days.append(datetime.fromisoformat(summary.created_utc))
        except ValueError:
            continue
    if not days:
        return ""
    latest = max(days, key=lambda day: day.timestamp())
    return f"{latest.day} {latest:%b %Y}"
