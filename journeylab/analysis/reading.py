"""Read from one bundle what the map needs of it, and bring it onto the study's grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import (
    StepGrid,
    Visit,
    align,
    step_times_ns,
    time_on_steps_s,
    visits_of,
)
from journeylab.analysis.expressions import (
    ExpressionMeasure,
    expression_measures,
    intensities_of,
)
from journeylab.analysis.eye_measures import spans_of
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.looking import Looked, read_looking
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.sign_reading import read_signs
from journeylab.analysis.signs import Sign
from journeylab.clock import NS_PER_S
from journeylab.study.model import Expression
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, PointerAction

UNITS: Final = ("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24")
STATES_READ: Final = (
    "joy",
    "surprise",
    "confusion",
    "frustration",
    "sadness",
    "contempt",
    "fear",
    "disgust",
    "anger",
)
NEGATIVE_STATES: Final = (
    "confusion",
    "frustration",
    "sadness",
    "contempt",
    "fear",
    "disgust",
    "anger",
)
SIGNALS: Final = ("valence", *STATES_READ, *UNITS)

BURST_PRESSES: Final = 3
BURST_S: Final = 1.5
BURST_PX: Final = 60.0
"""Repeated clicks: three presses within a second and a half on the same spot."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedSession:
    """One session on the study's grid.

    ``signals`` (grid.size, len(SIGNALS)) and ``t_ns`` (grid.size,), -1 where not reached;
    ``durations_s`` by step; ``looking`` what the eyes did; ``click_bursts`` and ``refusals`` (form
    fields the page refused) count by step. ``expressions`` (grid.size,) by the name the study
    gives them, ``expression_measures`` by name and then step. ``signs`` are what the participant
    showed and did, in order of time.
    """

    summary: SessionSummary
    visits: tuple[Visit, ...]
    durations_s: dict[str, float]
    signals: NDArray[np.float32]
    t_ns: NDArray[np.int64]
    looking: Looked
    click_bursts: dict[str, int]
    refusals: dict[str, int]
    has_pointer: bool
    expressions: dict[str, NDArray[np.float32]]
    expression_measures: dict[str, dict[str, ExpressionMeasure]]
    signs: tuple[Sign, ...] = ()
    axis_s: dict[str, float] | None = None
    """What the points of a step stand for on an axis of seconds; else the time on the step."""

    def point_s(self, step_id: str, n_points: int) -> float:
        """What one of so many points of a step stands for, s."""
        lengths_s = self.durations_s if self.axis_s is None else self.axis_s
        return lengths_s[step_id] / n_points

    def signal(self, name: str) -> NDArray[np.float32]:
        """(grid.size,) one of SIGNALS; NaN where nothing was measured."""
        return np.asarray(self.signals[:, SIGNALS.index(name)])


def read_session(
    bundle: SessionData,
    *,
    summary: SessionSummary,
    grid: StepGrid,
    expressions: Sequence[Expression] = (),
) -> AlignedSession:
    """Read the needed columns of one usable session, and evaluate the study's own expressions."""
    steps = bundle.table("steps", columns=("step_id", "phase", "visit"))
    visits = visits_of(steps, end_ns=bundle.end_ns)
    pointer_ns, pointer_px, action = _pointer(bundle)
    page = bundle.table("page", columns=("kind",))
    is_refusal = np.array([str(kind) == "invalid" for kind in page["kind"]], dtype=np.bool_)
    bursts_ns = click_bursts_ns(
        pointer_ns[action == PointerAction.PRESS], pointer_px[action == PointerAction.PRESS]
    )
    looking = read_looking(bundle, visits)
    own, own_measures = _expressions(bundle, visits, grid, expressions)
    return AlignedSession(
        summary=summary,
        visits=visits,
        durations_s=time_on_steps_s(visits),
        signals=_signals(bundle, visits, grid),
        t_ns=np.concatenate(
            [
                step_times_ns(visits, step_id, n_points=n)
                for step_id, n in zip(grid.step_ids, grid.n_points, strict=True)
            ]
        ),
        looking=looking.kept,
        click_bursts=_count_by_step(bursts_ns, visits),
        refusals=_count_by_step(page.t_ns[is_refusal], visits),
        has_pointer=len(pointer_ns) > 0,
        expressions=own,
        expression_measures=own_measures,
        signs=read_signs(bundle, visits, error_px=looking.error_px, bursts_ns=bursts_ns),
    )


def click_bursts_ns(
    press_ns: NDArray[np.int64], press_px: NDArray[np.floating]
) -> NDArray[np.int64]:
    """Times at which repeated clicks on one spot began.

    Parameters
    ----------
    press_ns, press_px
        (n,) sorted times and (n, 2) places of the presses.
    """
    starts = []
    first = 0
    while first < len(press_ns):
        last = first
        while (
            last + 1 < len(press_ns)
            and press_ns[last + 1] - press_ns[last] <= BURST_S * NS_PER_S / (BURST_PRESSES - 1)
            and np.hypot(*(press_px[last + 1] - press_px[first])) <= BURST_PX
        ):
            last += 1
        if last - first + 1 >= BURST_PRESSES:
            starts.append(press_ns[first])
        first = last + 1
    return np.array(starts, dtype=np.int64)


def _signals(bundle: SessionData, visits: tuple[Visit, ...], grid: StepGrid) -> NDArray[np.float32]:
    affect = bundle.table("affect", columns=("valence", *STATES_READ))
    units = bundle.table("action_units", columns=UNITS)
    affect_values = np.column_stack([affect[name] for name in ("valence", *STATES_READ)])
    unit_values = np.column_stack([units[name] for name in UNITS])
    return np.asarray(
        np.hstack(
            [
                align(affect.t_ns, affect_values, visits, grid=grid),
                align(units.t_ns, unit_values, visits, grid=grid),
            ]
        ),
        dtype=np.float32,
    )


def _expressions(
    bundle: SessionData,
    visits: tuple[Visit, ...],
    grid: StepGrid,
    expressions: Sequence[Expression],
) -> tuple[dict[str, NDArray[np.float32]], dict[str, dict[str, ExpressionMeasure]]]:
    """The study's expressions on the grid, and their measures; evaluated frame by frame, since a
    formula of means is not the mean of a formula."""
    if not expressions:
        return {}, {}
    units = bundle.table("action_units", columns=ACTION_UNIT_COLUMNS)
    values = np.column_stack([units[name] for name in ACTION_UNIT_COLUMNS])
    intensities = intensities_of(expressions, values)
    aligned = align(units.t_ns, intensities, visits, grid=grid).astype(np.float32)
    spans = spans_of(visits)
    measures = {
        one.name: expression_measures(units.t_ns, column, spans, threshold=one.threshold)
        for one, column in zip(expressions, intensities.T, strict=True)
    }
    return {one.name: aligned[:, place] for place, one in enumerate(expressions)}, measures


def _pointer(
    bundle: SessionData,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    pointer = bundle.table("pointer", columns=("x_px", "y_px", "action"))
    place_px = np.column_stack([pointer["x_px"], pointer["y_px"]]).astype(np.float64)
    return pointer.t_ns, place_px, np.asarray(pointer["action"], dtype=np.int64)


def _count_by_step(times_ns: NDArray[np.int64], visits: tuple[Visit, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for visit in visits:
        within = int(np.sum((times_ns >= visit.start_ns) & (times_ns < visit.end_ns)))
        if within:
            counts[visit.step_id] = counts.get(visit.step_id, 0) + within
    return counts
