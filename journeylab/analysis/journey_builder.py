"""From a study folder to the journey map: read, grade, align, aggregate, say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis import aggregate
from journeylab.analysis.alignment import StepGrid, TimeBasis, axis_durations_s, grid_of
from journeylab.analysis.cache import cache_of
from journeylab.analysis.callouts import callouts_of
from journeylab.analysis.cues import own_cues
from journeylab.analysis.decided_sessions import as_decided
from journeylab.analysis.declined import declined_by_all
from journeylab.analysis.detectors.aligned_study import AlignedStudy, StepSpan, align_study
from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.exclusions import read_decisions
from journeylab.analysis.expected import with_expectation
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
from journeylab.analysis.real_time import in_seconds, seconds_notes
from journeylab.analysis.screens import stimulus_picture
from journeylab.analysis.step_evidence import expressions_on, eyes_on
from journeylab.analysis.step_gaze import as_met, gaze_error_on, gaze_on, version_shown
from journeylab.analysis.step_screens import StepScreens, read_screens
from journeylab.analysis.study_sessions import (
    OpenBundle,
    Progress,
    Reading,
    ReadSession,
    read_all,
)
from journeylab.study.assignment import check_filter
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.vocabulary import StimulusKind

_SEED: Final = 20_261_122
SESSIONS_SHARE: Final = 0.8
"""Share of the progress that reading the sessions takes; the rest is what they have in common."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sessions:
    read: tuple[ReadSession, ...]
    aligned: tuple[AlignedSession, ...]
    excluded: tuple[SessionSummary, ...]
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
        Called with the share done, 0..1, after each session and between detectors. What it raises
        ends the building; sessions that were read are kept for the next time.
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
    reading = Reading(
        folder,
        grid_of(folder.study.steps),
        segment,
        None if kept is None else kept.cache,
        open_bundle,
    )
    if kept is not None and (found := kept.get(reading)) is not None:
        if progress is not None:
            progress(1.0)
        return with_edits_of(folder, found)
    journey = _build(reading, basis, progress, rng or np.random.default_rng(_SEED))
    journey = with_expectation(folder, journey)
    if kept is not None:
        kept.put(journey)
    return with_edits_of(folder, journey)


def aligned_study(folder: StudyFolder, *, progress: Progress | None = None) -> AlignedStudy:
    """All usable sessions of a study as its map's detectors see them, from the cache where it has
    them; AnalysisError as :func:`build_journey_map`."""
    grid = grid_of(folder.study.steps)
    reading = Reading(folder, grid, {}, cache_of(folder))
    with Readers(reading) as readers:
        sessions = _read(readers, TimeBasis.SHARE, progress or (lambda _share: None))
    position_s = sessions.grid.positions_s(sessions.durations_s)
    return _study_of(folder.study.steps, sessions, position_s)


def _build(
    reading: Reading, basis: TimeBasis, progress: Progress | None, rng: np.random.Generator
) -> JourneyMap:
    folder, segment = reading.folder, dict(reading.segment)
    told = progress or (lambda _share: None)
    with Readers(reading) as readers, ThreadPoolExecutor(1, "screens") as beside:
        sessions = _read(readers, basis, told)
        # The processes that read are idle while this one looks for findings.
        reads_screens = beside.submit(read_screens, readers, sessions.read)
        grid, durations_s = sessions.grid, sessions.durations_s
        trace = _trace(
            sessions.aligned,
            grid.positions_s(durations_s),
            np.repeat(np.array(durations_s) / grid.n_points, grid.n_points),
            rng,
        )
        findings = find_findings(
            _study_of(folder.study.steps, sessions, trace.position_s),
            progress=lambda share: told(_share_of(share)),
        )
        screens = reads_screens.result()
    map_steps = _map_steps(folder, sessions, screens, trace, findings=findings)
    times = [sum(each.durations_s.values()) for each in sessions.aligned]
    told(1.0)
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


def _read(readers: Readers, basis: TimeBasis, told: Progress) -> _Sessions:
    reading = readers.reading
    decisions = read_decisions(reading.folder).in_force()
    is_in_seconds = basis is TimeBasis.SECONDS
    once = SESSIONS_SHARE / 2 if is_in_seconds else SESSIONS_SHARE
    read = read_all(readers, progress=lambda share: told(once * share))
    sessions = as_decided(read, decisions)
    aligned = tuple(
        each.aligned for each in sessions if each.aligned is not None and each.is_usable
    )
    notes: tuple[str, ...] = ()
    if is_in_seconds:
        aligned, axis = in_seconds(
            readers, aligned, progress=lambda share: told(once + once * share)
        )
        grid, durations_s, notes = axis.grid, axis.lengths_s, seconds_notes(aligned, axis)
    else:
        grid = reading.grid
        steps = reading.folder.study.steps
        durations_s = axis_durations_s([each.durations_s for each in aligned], steps)
    excluded = tuple(each.summary for each in sessions if not each.is_usable)
    return _Sessions(sessions, aligned, excluded, grid, durations_s, notes)


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
    behind = np.isfinite(valence).sum(axis=0)
    return Trace(position_s, mean, low, high, behind.astype(np.int64), tone)


def _study_of(
    steps: tuple[Step, ...], sessions: _Sessions, position_s: NDArray[np.float64]
) -> AlignedStudy:
    durations_s = sessions.durations_s
    ends_s = np.cumsum(durations_s)
    spans = tuple(
        StepSpan(
            step.id,
            step.title,
            step.stimulus.kind,
            float(end_s - duration_s),
            float(end_s),
            step.touchpoint,
        )
        for step, duration_s, end_s in zip(steps, durations_s, ends_s, strict=True)
    )
    return align_study(
        sessions.aligned, sessions.grid, spans, position_s=position_s, areas=_areas_of(steps)
    )


def _areas_of(steps: tuple[Step, ...]) -> dict[str, dict[str, str]]:
    """By step the names of its areas on pages, in any version, by their selectors."""
    return {
        step.id: {
            aoi.selector: aoi.name
            for aois in (*(one.aois or () for one in step.variants), step.aois)
            for aoi in aois
            if aoi.selector
        }
        for step in steps
    }


def _share_of(findings: float) -> float:
    return SESSIONS_SHARE + (1.0 - SESSIONS_SHARE) * findings


def _map_steps(
    folder: StudyFolder,
    sessions: _Sessions,
    screens: StepScreens,
    trace: Trace,
    *,
    findings: tuple[Finding, ...],
) -> tuple[MapStep, ...]:
    steps = []
    start_s = 0.0
    own, grid = folder.study.expressions, sessions.grid
    for step, duration_s in zip(folder.study.steps, sessions.durations_s, strict=True):
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
        version = version_shown(reached, step.id)
        screen = screens.screen(step.id, version)
        if screen is None:
            met = as_met(step, version.variant)
            screen = stimulus_picture(folder, met, version.device)
        heatmap, n_gaze = gaze_on(reached, step.id, version) if has_screen else (None, 0)
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
                device=version.device,
                variant=version.variant,
                eyes=eyes_on(reached, step.id, has_screen=has_screen),
                expressions=expressions_on(reached, step.id, own, part=part, position_s=position_s),
                gaze_error=gaze_error_on(reached, step.id, version) if n_gaze else float("nan"),
                touchpoint=step.touchpoint,
                channel=step.channel,
                owner=step.owner,
                declined=declined_by_all([each.summary.declined for each in reached]),
            )
        )
        start_s += duration_s
    return tuple(steps)


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
