"""Builds the moderator's reading from the parts of a session."""

from __future__ import annotations

from collections import Counter

from journeylab.clock import NS_PER_S
from journeylab.session.asking import SessionAsking
from journeylab.session.course import SessionCourse
from journeylab.session.engine import SessionEngine
from journeylab.session.states import SessionState
from journeylab.session.view import ConsoleView


def read_console(
    engine: SessionEngine,
    course: SessionCourse,
    asking: SessionAsking,
    *,
    state: SessionState,
    participant_id: str | None,
    start_ns: int | None,
    now_ns: int,
) -> ConsoleView:
    """The reading at ``now_ns`` (the end, once the recording has stopped), from any thread."""
    log = engine.log
    faults, warnings, events = log.faults, log.warnings, log.events(now_ns)
    steps, step = course.log, course.current_step
    p50_ms, p95_ms = engine.live.latency_ms()
    return ConsoleView(
        state=state,
        participant_id=participant_id,
        elapsed_s=_seconds(start_ns, now_ns),
        step_index=steps.index,
        step_id=steps.last,
        step_title=None if step is None else step.title,
        step_elapsed_s=_seconds(steps.started_ns, now_ns),
        step_durations_s=steps.durations_s(now_ns),
        place=steps.place,
        is_paused=course.is_paused,
        asking=asking.words,
        asks_next=asking.asks_next,
        variants=course.variants,
        outcomes=course.outcomes.by_step(),
        marker_counts=Counter(mark.label for mark in engine.live.marker_marks()),
        health=engine.monitor.health,
        dropped=0 if engine.recorder is None else engine.recorder.dropped,
        free_disk_bytes=engine.monitor.free_disk_bytes,
        disk_hours_left=engine.monitor.disk_hours_left,
        latency_ms=p95_ms,
        latency_p50_ms=p50_ms,
        inference_share=engine.inference_share,
        # A warning may stand for long; what just happened goes before it.
        alert=next(iter((*faults, *events, *warnings)), None),
        faults=faults,
        warnings=warnings,
        events=events,
    )


def _seconds(begin_ns: int | None, end_ns: int) -> float:
    return 0.0 if begin_ns is None else max(0, end_ns - begin_ns) / NS_PER_S
