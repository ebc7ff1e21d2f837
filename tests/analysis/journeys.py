"""Journey maps with known levels, made without reading a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from journeylab.analysis import aggregate
from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.journey import (
    Insight,
    JourneyMap,
    MapStep,
    SessionSummary,
    SessionTrace,
    Trace,
)

POINTS = 48


def summary_of(person: str, number: int = 1, *, grade: str = "A", day: int = 1) -> SessionSummary:
    """A session's summary; ``day`` of November 2026 is when it was recorded."""
    return SessionSummary(
        path=Path(f"/study/sessions/{person}-{number}.h5"),
        session_id=f"{person}-{number}",
        participant_id=person,
        created_utc=f"2026-11-{day:02d}T09:00:00+00:00",
        segments={},
        simulated=False,
        duration_s=60.0,
        face_share=0.97,
        mean_quality=0.8,
        lost=0,
        grade=grade,
        reason="Face in 97 % of frames, quality 0.80, nothing lost.",
        steps_reached=("ad",),
    )


def journey_of(
    levels: Mapping[str, float],
    *,
    n: int,
    seed: int = 0,
    seconds: float = 10.0,
    people: Sequence[str] | None = None,
    reached: Mapping[str, int] | None = None,
    findings: tuple[Finding, ...] = (),
) -> JourneyMap:
    """A map whose n sessions lie around a level of valence on each step.

    Each participant has a leaning of her own (sd 8) and noise (sd 6); ``reached`` tells how many
    come to a step, all where it does not say.
    """
    rng = np.random.default_rng(seed)
    size = POINTS * len(levels)
    names = list(people or [f"P{number + 1:02d}" for number in range(n)])
    base = np.repeat(list(levels.values()), POINTS)
    values = base + rng.normal(0, 8, (n, 1)) + rng.normal(0, 6, (n, size))
    how_many = {step_id: (reached or {}).get(step_id, n) for step_id in levels}
    for place, step_id in enumerate(levels):
        values[how_many[step_id] :, place * POINTS : (place + 1) * POINTS] = np.nan
    position_s = (np.arange(size) + 0.5) / POINTS * seconds
    nothing = np.full(size, np.nan)
    low, high = aggregate.bootstrap_band(values, rng=rng) if n > 1 else (nothing, nothing.copy())
    trace = Trace(
        position_s,
        aggregate.robust_mean(values) if n else nothing.copy(),
        low,
        high,
        np.isfinite(values).sum(axis=0).astype(np.int64),
        np.zeros(size, dtype=np.int8),
    )
    return JourneyMap(
        study_title="Study",
        goal="",
        created="22 Nov 2026" if n else "",
        steps=tuple(
            MapStep(
                step_id=step_id,
                title=step_id.capitalize(),
                stage="Stage",
                kind="image",
                start_s=place * seconds,
                end_s=(place + 1) * seconds,
                n_reached=len(set(names[: how_many[step_id]])),
                screen=None,
                heatmap=None,
                n_gaze=0,
                insight=Insight("Flat.", "neutral"),
            )
            for place, step_id in enumerate(levels)
        ),
        trace=trace,
        sessions=tuple(
            SessionTrace(
                summary_of(name, number + 1, day=number + 1),
                values[number],
                np.zeros(size, np.int64),
            )
            for number, name in enumerate(names[:n])
        ),
        excluded=(),
        callouts=(),
        median_time_on_task_s=seconds * len(levels),
        findings=findings,
    )
