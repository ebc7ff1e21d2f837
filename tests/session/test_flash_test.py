"""The delay from screen to camera: found where the light shows it, refused where it does not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import InferenceError
from journeylab.session.calibration_desk import CalibrationDesk
from journeylab.session.flash_test import fit_delay, fit_face_or_picture, flash_plan
from journeylab.streams import Row, Sample

BEGIN_NS = 5_000 * NS_PER_S
Series = list[tuple[int, float]]


def played(
    *,
    delay_ms: float,
    change: float,
    noise: float,
    seed: int,
    rate_hz: float = 30.0,
    drift: float = 0.0,
    jitter_ms: float = 0.0,
    lost: float = 0.0,
) -> tuple[Series, Series]:
    """Flashes, and the brightness of a face they light up; the camera exposes for 12 ms."""
    rng = np.random.default_rng(seed)
    stays_s = flash_plan(rng)
    starts_s = np.concatenate(([0.0], np.cumsum(stays_s)))
    paints = [(BEGIN_NS + round(t * NS_PER_S), float(i % 2 == 0)) for i, t in enumerate(starts_s)]
    frames_s = np.arange(-0.5, starts_s[-1] + 0.8, 1 / rate_hz) + rng.uniform(0, 1 / rate_hz)
    fine_s = frames_s[:, None] + np.linspace(-0.006, 0.006, 25)
    shown = np.searchsorted(starts_s, fine_s - delay_ms / 1000, side="right") - 1
    light = np.where(shown >= 0, (shown % 2 == 0).astype(float), 0.0).mean(axis=1)
    luma = 120 + change * light + rng.normal(0, noise, len(frames_s))
    luma = luma + drift * np.sin(2 * np.pi * frames_s / 11) + drift * frames_s / 10
    stamps_s = frames_s + rng.normal(0, jitter_ms / 1000, len(frames_s))
    kept = rng.uniform(size=len(frames_s)) >= lost
    stamps_ns = [BEGIN_NS + round(t * NS_PER_S) for t in stamps_s[kept]]
    return paints, list(zip(stamps_ns, luma[kept].tolist(), strict=True))


@pytest.mark.parametrize("delay_ms", [0.0, 37.0, 83.0, 141.0, 260.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_known_delay_is_found_within_10_ms(delay_ms: float, seed: int) -> None:
    paints, luma = played(
        delay_ms=delay_ms, change=6.0, noise=1.5, seed=seed, drift=8.0, jitter_ms=2.0, lost=0.05
    )
    found = fit_delay(paints, luma)
    assert found.delay_ms == pytest.approx(delay_ms, abs=10)
    assert found.change_luma == pytest.approx(6.0, rel=0.3)
    assert found.uncertainty_ms < 10


def test_the_uncertainty_is_the_spread_of_many_measurements() -> None:
    errors, told = [], []
    for seed in range(24):
        found = fit_delay(*played(delay_ms=90, change=3.0, noise=1.5, seed=seed, drift=4.0))
        errors.append(found.delay_ms - 90)
        told.append(found.uncertainty_ms)
    assert abs(np.mean(errors)) < 2
    assert 0.5 < np.std(errors) / np.mean(told) < 2
    assert max(np.abs(errors)) < 10


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("noise", [0.5, 4.0])
def test_noise_alone_is_refused(seed: int, noise: float) -> None:
    with pytest.raises(InferenceError, match="cannot be told") as refused:
        fit_delay(*played(delay_ms=80, change=0.0, noise=noise, seed=seed, drift=10.0))
    assert "mirror" in refused.value.remedy


@pytest.mark.parametrize("seed", range(6))
def test_a_light_that_wanders_by_itself_is_refused(seed: int) -> None:
    paints, luma = played(delay_ms=80, change=0.0, noise=0.3, seed=seed)
    walk = np.cumsum(np.random.default_rng(seed).normal(0, 1.0, len(luma)))
    with pytest.raises(InferenceError):
        fit_delay(paints, [(t_ns, y + w) for (t_ns, y), w in zip(luma, walk, strict=True)])


def test_a_light_that_does_not_change_at_all_is_refused() -> None:
    paints, luma = played(delay_ms=80, change=0.0, noise=0.0, seed=1)
    with pytest.raises(InferenceError, match="cannot be told"):
        fit_delay(paints, luma)


@pytest.mark.parametrize("n_frames", [0, 40])
def test_too_few_frames_are_refused_as_that(n_frames: int) -> None:
    paints, luma = played(delay_ms=80, change=9.0, noise=0.5, seed=1)
    with pytest.raises(InferenceError, match="was not measured"):
        fit_delay(paints, luma[:n_frames])
    with pytest.raises(InferenceError, match="was not measured"):
        fit_delay(paints[:3], luma)


def test_a_face_found_only_in_the_light_is_not_mixed_with_the_picture() -> None:
    paints, luma = played(delay_ms=95, change=6.0, noise=1.0, seed=2)
    middle = float(np.median([value for _, value in luma]))
    # Found while the screen is white, and brighter by far than the picture.
    series = [(t_ns, 200.0 if value > middle else float("nan"), value) for t_ns, value in luma]
    found = fit_face_or_picture(paints, series)
    assert found.delay_ms == pytest.approx(95, abs=10)
    assert found.change_luma == pytest.approx(6.0, rel=0.3)


def test_the_better_of_face_and_picture_is_taken_and_neither_is_refused() -> None:
    paints, dim = played(delay_ms=95, change=0.0, noise=1.0, seed=2)
    _, bright = played(delay_ms=95, change=6.0, noise=1.0, seed=2)
    rows = [(t_ns, face, whole) for (t_ns, face), (_, whole) in zip(bright, dim, strict=True)]
    assert fit_face_or_picture(paints, rows).delay_ms == pytest.approx(95, abs=10)
    with pytest.raises(InferenceError, match="cannot be told"):
        fit_face_or_picture(paints, [(t_ns, whole, whole) for t_ns, _, whole in rows])


def test_a_slow_camera_is_measured_too() -> None:
    found = fit_delay(*played(delay_ms=120, change=8.0, noise=1.0, seed=3, rate_hz=15.0))
    assert found.delay_ms == pytest.approx(120, abs=10)


def test_the_plan_is_far_from_three_flashes_a_second_and_uneven() -> None:
    stays_s = flash_plan(np.random.default_rng(0))
    assert min(stays_s) >= 0.4
    assert sum(stays_s) < 12
    assert len(set(stays_s)) == len(stays_s)


def test_what_is_stored_names_its_kind_and_its_figures() -> None:
    found = fit_delay(*played(delay_ms=60, change=6.0, noise=1.0, seed=0))
    stored = json.loads(found.to_json())
    assert stored["kind"] == "screen_delay"
    assert stored["delay_ms"] == found.delay_ms
    assert stored["n_changes"] == 17


def test_a_delay_measured_before_the_session_is_written_as_it_starts() -> None:
    clock = VirtualClock()
    published: list[Sample] = []
    desk = CalibrationDesk(
        screen=ScreenGeometry(1920, 1080),
        publish=published.append,
        submit=lambda _act: None,
        models=dict,
        clock=clock,
    )
    delay = fit_delay(*played(delay_ms=60, change=6.0, noise=1.0, seed=0))
    desk.keep_screen_delay(delay.to_json())
    clock.advance_ns(NS_PER_S)
    desk.write_in_force()
    (_, row) = published
    assert isinstance(row, Row)
    kind, version, data = row.values
    assert (kind, version) == ("screen_delay", "flashes 1")
    assert json.loads(str(data))["uncertainty_ms"] == delay.uncertainty_ms
