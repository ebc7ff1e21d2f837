"""Sessions of different pace and order on one axis."""

from __future__ import annotations

import numpy as np
import pytest
from analysis.planted import PLAN, PlantedTable, study_of

from journeylab.analysis.alignment import (
    Visit,
    align_step,
    axis_durations_s,
    grid_of,
    step_times_ns,
    time_on_steps_s,
    visits_of,
)
from journeylab.clock import NS_PER_S


def _steps(*rows: tuple[float, str, str] | tuple[float, str, str, int]) -> PlantedTable:
    times = np.array([round(row[0] * NS_PER_S) for row in rows], dtype=np.int64)
    columns = {
        "step_id": np.array([row[1] for row in rows], dtype=object),
        "phase": np.array([row[2] for row in rows], dtype=object),
        "visit": np.array([row[3] if len(row) == 4 else 1 for row in rows]),
    }
    return PlantedTable(times, columns)


def _ramp(rate_hz: float, end_s: float) -> tuple[np.ndarray, np.ndarray]:
    t_s = np.arange(0, end_s, 1 / rate_hz)
    return (t_s * NS_PER_S).astype(np.int64), t_s[:, None].copy()


def test_a_loop_back_to_a_step_counts_as_time_on_it() -> None:
    visits = visits_of(
        _steps(
            (0, "a", "start"),
            (4, "a", "end"),
            (4, "b", "start"),
            (6, "b", "end"),
            (6, "a", "start"),
            (8, "a", "end"),
        ),
        end_ns=8 * NS_PER_S,
    )
    assert [visit.step_id for visit in visits] == ["a", "b", "a"]
    assert time_on_steps_s(visits) == {"a": 6.0, "b": 2.0}


def test_a_pause_is_no_time_on_the_step_and_no_visit_of_its_own() -> None:
    visits = visits_of(
        _steps(
            (0, "a", "start"),
            (4, "a", "end"),
            (60, "a", "start"),
            (63, "a", "end"),
            (63, "unplanned-1", "start"),
            (70, "unplanned-1", "end"),
            (70, "a", "start", 2),
            (71, "a", "end", 2),
        ),
        end_ns=71 * NS_PER_S,
    )
    assert time_on_steps_s(visits) == {"a": 8.0, "unplanned-1": 7.0}
    assert [visit.number for visit in visits if visit.step_id == "a"] == [1, 1, 2]


def test_a_session_that_broke_off_ends_its_last_step_where_it_ended() -> None:
    visits = visits_of(_steps((1, "a", "start"), (3, "b", "start")), end_ns=7 * NS_PER_S)
    assert [(v.step_id, v.duration_s) for v in visits] == [("a", 2.0), ("b", 4.0)]


def test_an_end_without_its_start_is_no_visit() -> None:
    assert visits_of(_steps((1, "a", "end")), end_ns=NS_PER_S) == ()


def test_visits_to_a_step_are_laid_end_to_end() -> None:
    visits = (
        Visit("a", 0, 4 * NS_PER_S),
        Visit("b", 4 * NS_PER_S, 6 * NS_PER_S),
        Visit("a", 6 * NS_PER_S, 10 * NS_PER_S),
    )
    t_ns, values = _ramp(50, 10)
    aligned = align_step(t_ns, values, visits, step_id="a", n_points=8)[:, 0]
    np.testing.assert_allclose(aligned, [0.49, 1.49, 2.49, 3.49, 6.49, 7.49, 8.49, 9.49])
    times_s = step_times_ns(visits, "a", n_points=8) / NS_PER_S
    np.testing.assert_allclose(times_s, [0.5, 1.5, 2.5, 3.5, 6.5, 7.5, 8.5, 9.5])


@pytest.mark.parametrize("duration_s", [3.0, 30.0])
def test_a_slow_and_a_fast_participant_meet_at_the_same_share_of_the_step(
    duration_s: float,
) -> None:
    t_ns, t_s = _ramp(30, duration_s)
    event = np.exp(-0.5 * ((t_s / duration_s - 0.6) / 0.08) ** 2)
    visits = (Visit("a", 0, round(duration_s * NS_PER_S)),)
    aligned = align_step(t_ns, event, visits, step_id="a", n_points=50)[:, 0]
    assert abs(int(np.argmax(aligned)) - 29.5) <= 1


def test_a_skipped_step_is_missing_not_zero() -> None:
    t_ns, values = _ramp(30, 5)
    visits = (Visit("a", 0, 5 * NS_PER_S),)
    assert np.isnan(align_step(t_ns, values, visits, step_id="b", n_points=10)).all()
    assert (step_times_ns(visits, "b", n_points=10) == -1).all()


def test_a_short_gap_is_bridged_and_a_long_one_stays_open() -> None:
    t_ns, values = _ramp(20, 20)
    t_s = t_ns / NS_PER_S
    values[(t_s >= 4) & (t_s < 4.6)] = np.nan
    values[(t_s >= 10) & (t_s < 14)] = np.nan
    visits = (Visit("a", 0, 20 * NS_PER_S),)
    aligned = align_step(t_ns, values, visits, step_id="a", n_points=80)[:, 0]
    at_s = (np.arange(80) + 0.5) / 4
    assert np.isfinite(aligned[(at_s > 3) & (at_s < 6)]).all()
    np.testing.assert_allclose(aligned[(at_s > 3) & (at_s < 6)], at_s[12:24], atol=0.2)
    assert np.isnan(aligned[(at_s > 10.5) & (at_s < 13.5)]).all()


def test_gaps_at_a_steps_ends_are_bridged_over_a_second_at_most() -> None:
    t_ns, values = _ramp(20, 10)
    values[t_ns < 3 * NS_PER_S] = np.nan
    visits = (Visit("a", 0, 10 * NS_PER_S),)
    aligned = align_step(t_ns, values, visits, step_id="a", n_points=40)[:, 0]
    assert np.isnan(aligned[:7]).all()
    assert np.isfinite(aligned[9:]).all()


def test_a_column_is_as_long_as_the_median_participant_stayed() -> None:
    steps = study_of((("a", "A", "", 9.0), ("b", "B", "", 7.0))).steps
    assert axis_durations_s([{"a": 2.0}, {"a": 4.0}, {"a": 30.0}], steps) == (4.0, 7.0)


def test_positions_rise_through_all_steps_and_stay_in_their_columns() -> None:
    grid = grid_of(study_of().steps)
    durations_s = [plan[3] for plan in PLAN]
    positions_s = grid.positions_s(durations_s)
    assert len(positions_s) == grid.size
    assert (np.diff(positions_s) > 0).all()
    part = grid.part("product")
    assert positions_s[part].min() > 14.0
    assert positions_s[part].max() < 24.0
