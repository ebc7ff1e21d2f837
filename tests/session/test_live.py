"""The board the window polls."""

from __future__ import annotations

import time

import numpy as np
import pytest
from session_fakes import face_measures, frame, marker, pointer_move, sound

from journeylab.capture.audio.level import SILENCE_DBFS
from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.session.live import LiveBoard
from journeylab.session.rows import step_row, withdrawal_row
from journeylab.session.series import GrowingSeries, RingSeries
from journeylab.vocabulary import StepPhase


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start_ns=100 * NS_PER_S)


@pytest.fixture
def board(clock: VirtualClock) -> LiveBoard:
    return LiveBoard(clock=clock)


def test_nothing_is_known_before_the_first_sample(board: LiveBoard) -> None:
    assert board.latest_frame() is None
    assert board.latest_measures() is None
    assert board.analysed_frame() is None
    assert np.isnan(board.pointer_speed_px_s())
    assert np.isnan(board.microphone_level_dbfs())
    assert all(np.isnan(board.latency_ms()))
    assert len(board.trace()[0]) == 0


def test_the_trace_holds_every_result_since_recording_began(
    board: LiveBoard, clock: VirtualClock
) -> None:
    board.take_result(frame(clock.now_ns()), face_measures(clock.now_ns(), valence=-50))
    start_ns = clock.now_ns() + 1
    board.begin(start_ns)
    for n in range(10_000):
        t_ns = start_ns + n * NS_PER_S // 30
        board.take_result(frame(t_ns, n), face_measures(t_ns, valence=n % 100))
    t_s, valence = board.trace()
    np.testing.assert_allclose(t_s, np.arange(10_000) / 30, atol=1e-6)
    np.testing.assert_array_equal(valence, np.arange(10_000) % 100)
    t_s, _ = board.trace(last_s=10)
    assert t_s[0] == pytest.approx(9999 / 30 - 10, abs=0.04)


def test_a_trace_handed_out_does_not_change_any_more(board: LiveBoard, clock: VirtualClock) -> None:
    board.begin(clock.now_ns())
    for n in range(5):
        board.take_result(frame(clock.now_ns() + n), face_measures(clock.now_ns() + n, valence=n))
    _, valence = board.trace()
    for _ in range(10_000):
        board.take_result(frame(clock.now_ns() + 5), face_measures(clock.now_ns() + 5, valence=99))
    np.testing.assert_array_equal(valence, np.arange(5))
    with pytest.raises(ValueError, match="read-only"):
        valence[0] = 1


def test_the_cursor_speed_falls_to_zero_when_the_mouse_lies_still(
    board: LiveBoard, clock: VirtualClock
) -> None:
    board.take(pointer_move(clock.now_ns(), speed_px_s=750))
    assert board.pointer_speed_px_s() == 750
    clock.advance_ns(101 * NS_PER_MS)
    assert board.pointer_speed_px_s() == 0


def test_the_level_of_a_full_scale_sound_is_zero_dbfs(board: LiveBoard) -> None:
    board.take(sound(0, amplitude=-32768))
    assert board.microphone_level_dbfs() == pytest.approx(0)
    for n in range(20):  # 200 ms at a tenth of that
        board.take(sound(n, amplitude=3277))
    assert board.microphone_level_dbfs() == pytest.approx(-20, abs=0.01)
    for n in range(20):
        board.take(sound(n, amplitude=0))
    assert board.microphone_level_dbfs() == SILENCE_DBFS


def test_latency_is_from_the_frame_to_its_measures(board: LiveBoard, clock: VirtualClock) -> None:
    for n in range(100):
        at_ns = clock.now_ns()
        clock.advance_ns((10 if n < 90 else 60) * NS_PER_MS)
        board.take_result(frame(at_ns), face_measures(at_ns))
    p50_ms, p95_ms = board.latency_ms()
    assert p50_ms == pytest.approx(10)
    assert p95_ms == pytest.approx(60)


def test_marks_are_timed_from_the_start_of_recording(board: LiveBoard, clock: VirtualClock) -> None:
    start_ns = clock.now_ns()
    board.begin(start_ns)
    board.take(step_row(start_ns, "ad", phase=StepPhase.START, visit=1))
    board.take(marker(start_ns + NS_PER_S, "quote"))
    board.take(step_row(start_ns + 2 * NS_PER_S, "ad", phase=StepPhase.END, visit=1))
    board.take(step_row(start_ns + 2 * NS_PER_S, "shop", phase=StepPhase.START, visit=1))
    assert [(mark.t_s, mark.label) for mark in board.step_marks()] == [(0, "ad"), (2, "shop")]
    assert [(mark.t_s, mark.label) for mark in board.marker_marks()] == [(1, "quote")]


def test_only_the_withdrawal_of_a_marker_takes_one_away(
    board: LiveBoard, clock: VirtualClock
) -> None:
    start_ns = clock.now_ns()
    board.begin(start_ns)
    at_ns = start_ns + NS_PER_S
    board.take(marker(at_ns, "quote"))
    board.take(withdrawal_row(at_ns + 1, "acts", of_t_ns=at_ns, author="moderator"))
    assert [mark.label for mark in board.marker_marks()] == ["quote"]
    board.take(withdrawal_row(at_ns + 2, "markers", of_t_ns=at_ns, author="moderator"))
    assert board.marker_marks() == ()


def test_a_frame_and_its_measures_stay_together(board: LiveBoard) -> None:
    board.take(frame(1, 1))
    board.take_result(frame(1, 1), face_measures(1))
    board.take(frame(2, 2))
    analysed, latest = board.analysed_frame(), board.latest_frame()
    assert analysed is not None
    assert latest is not None
    assert (analysed.frame.index, analysed.measures.t_ns, latest.index) == (1, 1, 2)


def test_the_ring_keeps_the_newest_points_in_order() -> None:
    ring = RingSeries(5)
    for n in range(13):
        ring.append(n, 10 * n)
    positions, values = ring.points()
    np.testing.assert_array_equal(positions, [8, 9, 10, 11, 12])
    np.testing.assert_array_equal(values, [80, 90, 100, 110, 120])
    np.testing.assert_array_equal(ring.points(last=2)[0], [10, 11, 12])


def test_reading_a_long_trace_costs_next_to_nothing() -> None:
    series = GrowingSeries()
    for n in range(216_000):  # two hours at 30 Hz
        series.append(n / 30, 0.0)
    began = time.perf_counter()
    for _ in range(1000):
        series.points()
    assert (time.perf_counter() - began) / 1000 < 0.0005
