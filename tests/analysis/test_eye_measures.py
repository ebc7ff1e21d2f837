"""Blinks, coefficient K, and time on the screen, from traces whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from journeylab.analysis.blinks import NO_BLINKS, blinks_of
from journeylab.analysis.eye_measures import (
    EyeMeasures,
    EyeSamples,
    eye_measures,
    is_on_screen,
    seconds_on,
)
from journeylab.analysis.fixations import find_fixations
from journeylab.analysis.viewing import Viewing, viewing_of
from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S

VIEWING = Viewing((1920, 1080), 60.0)
RATE_HZ = 30
FRAME_NS = NS_PER_S // RATE_HZ


def _times(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int64) * FRAME_NS


def _flags(n: int, *closed: tuple[int, int]) -> np.ndarray:
    flags = np.zeros(n, dtype=np.uint8)
    for start, end in closed:
        flags[start:end] = 1
    return flags


def _measure(
    gaze: np.ndarray,
    *,
    error_px: float = 50.0,
    blink: np.ndarray | None = None,
    **spans: tuple[int, int],
) -> dict[str, EyeMeasures]:
    t_ns = _times(len(gaze))
    has_face = np.ones(len(gaze), dtype=np.bool_)
    blinks = NO_BLINKS if blink is None else blinks_of(t_ns, blink, has_face)
    found = find_fixations(t_ns, gaze, viewing=VIEWING, blinks=blinks)
    samples = EyeSamples(t_ns, gaze, error_px, t_ns)
    named = {name: [(a * FRAME_NS, b * FRAME_NS)] for name, (a, b) in spans.items()}
    return eye_measures(named, samples, *found, blinks, viewing=VIEWING)


def _scan(n: int, *, frames: int, jump_px: float) -> np.ndarray:
    """``n`` fixations of so many frames, going to and fro."""
    x = 900.0 + jump_px * (np.arange(n) % 2)
    return np.column_stack((np.repeat(x, frames), np.full(n * frames, 500.0)))


def test_blinks_are_counted_and_closed_eyes_are_not() -> None:
    flags = _flags(900, (100, 105), (400, 408), (600, 616))  # the last until the flag falls
    blinks = blinks_of(_times(900), flags, np.ones(900, dtype=np.bool_))
    assert blinks.duration_s.tolist() == [pytest.approx(5 / 30), pytest.approx(8 / 30)]


def test_a_blink_whose_end_was_not_seen_is_none() -> None:
    has_face = np.ones(100, dtype=np.bool_)
    has_face[50:60] = False
    flags = _flags(100, (46, 50), (96, 100))
    assert len(blinks_of(_times(100), flags, has_face)) == 0
    nothing = np.empty(0, dtype=np.int64)
    assert len(blinks_of(nothing, nothing, np.empty(0, dtype=np.bool_))) == 0


def test_blink_rate_is_by_the_minute_with_a_face() -> None:
    gaze = np.full((1800, 2), 500.0)
    flags = _flags(1800, *((at, at + 5) for at in range(50, 1800, 200)))
    measures = _measure(gaze, blink=flags, step=(0, 1800))["step"]
    assert measures.n_blinks == 9
    assert measures.blinks_per_min == pytest.approx(9.0, rel=0.01)
    assert measures.blink_s == pytest.approx(5 / 30, rel=0.01)
    assert measures.n_fixations == 1


def test_k_is_positive_on_focal_and_negative_on_ambient_looking() -> None:
    ambient, focal = _scan(20, frames=6, jump_px=700), _scan(20, frames=18, jump_px=200)
    gaze = np.concatenate((ambient, focal))
    measures = _measure(gaze, table=(0, 120), text=(120, 480), all=(0, 480))
    assert measures["table"].k < -1.0
    assert measures["text"].k > 1.0
    assert measures["all"].k == pytest.approx(0.0, abs=0.1)
    assert measures["table"].fixation_s == pytest.approx(5 / 30)


def test_k_is_not_told_from_a_glance() -> None:
    measures = _measure(_scan(20, frames=8, jump_px=700), first=(0, 24), none=(900, 950))
    assert math.isnan(measures["first"].k)
    assert measures["none"].n_fixations == 0
    assert math.isnan(measures["none"].fixation_s)
    assert math.isnan(measures["none"].on_screen_share)


def test_time_off_the_screen_counts_beyond_the_gaze_error() -> None:
    gaze = np.full((300, 2), 500.0)
    gaze[:60, 0] = -90.0  # within two deviations of the edge
    gaze[60:120, 1] = 1300.0
    gaze[200:210] = np.nan
    measures = _measure(gaze, step=(0, 300))["step"]
    assert measures.gaze_s == pytest.approx(290 / 30, abs=0.05)
    assert measures.off_screen_share == pytest.approx(60 / 290, abs=0.01)
    assert not is_on_screen(np.array([[np.nan, 3.0]]), viewing=VIEWING, margin_px=9.0)[0]


def test_a_fixation_over_two_steps_gives_each_its_time() -> None:
    gaze = np.full((61, 2), 500.0)
    found, _ = find_fixations(_times(61), gaze, viewing=VIEWING)
    assert seconds_on(found, [(0, NS_PER_S)]).tolist() == [pytest.approx(1.0)]
    assert seconds_on(found, [(0, NS_PER_S), (NS_PER_S, 9 * NS_PER_S)])[0] == pytest.approx(2.0)


def test_without_gaze_blinks_remain() -> None:
    gaze = np.full((300, 2), np.nan)
    measures = _measure(gaze, blink=_flags(300, (9, 14)), step=(0, 300))["step"]
    assert (measures.n_fixations, measures.n_blinks, measures.gaze_s) == (0, 1, 0.0)


def test_degrees_come_from_screen_and_distance_else_from_a_laptop_at_arms_length() -> None:
    known = viewing_of(ScreenGeometry(1920, 1080, width_mm=480.0), np.array([0.0, np.nan, 700.0]))
    assert known.px_per_deg == pytest.approx(700 * math.tan(math.radians(1)) * 4)
    assert not known.is_assumed
    assumed = viewing_of(ScreenGeometry(1920, 1080), np.array([0.0]))
    assert assumed.px_per_deg == pytest.approx(58.5, abs=0.2)
    assert assumed.is_assumed
