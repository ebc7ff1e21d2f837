"""The delay from screen to camera, from flashes of the screen and the light they leave on a face.

The participant's screen turns white and black at known instants; what the camera sees of it comes
late by the display's own delay, the exposure, and the camera's way to its time stamp. The delay at
which the flashes explain the brightness best is the delay of the whole chain.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.clock import NS_PER_S
from journeylab.errors import InferenceError

LAGS_MS: Final = np.arange(-20.0, 501.0, 2.0)
"""Delays that are tried; a camera's stamp may be a little early."""
_LEAST_CHANGES: Final = 8
_LEAST_FRAMES: Final = 60
_LEAST_CORRELATION: Final = 0.6
_LEAST_CHANGE_LUMA: Final = 0.3
_MOST_UNCERTAIN_MS: Final = 10.0
_DRIFT_DEGREE: Final = 5  # clouds and automatic exposure, over ten seconds
_BLOCKS: Final = 8
_OTHER_SHIFTS_S: Final = (1.5, 2.5, 3.5)


@dataclass(frozen=True, slots=True)
class ScreenDelay:
    """Delay from paint to camera stamp with its standard error; ``change_luma`` is how much
    brighter, 0..255, white made what was measured, ``correlation`` how well it followed."""

    delay_ms: float
    uncertainty_ms: float
    change_luma: float
    correlation: float
    n_changes: int
    n_frames: int

    def to_json(self) -> str:
        """As it is stored in the bundle."""
        return json.dumps({"kind": "screen_delay", **asdict(self)})


def flash_plan(rng: np.random.Generator, *, n_changes: int = 16) -> tuple[float, ...]:
    """How long each colour stays, s, beginning with white: uneven, so that no two delays look
    alike, and far from the three flashes a second that can harm."""
    return tuple(rng.uniform(0.4, 0.75, n_changes).tolist())


def fit_delay(
    paints: Sequence[tuple[int, float]], luma: Sequence[tuple[int, float]]
) -> ScreenDelay:
    """Find the delay.

    Parameters
    ----------
    paints
        Instant each colour was painted, ns, and its level, 0 black or 1 white.
    luma
        Stamp of each frame, ns, and brightness 0..255, of the face or of the whole picture.

    Raises
    ------
    InferenceError
        When the flashes cannot be seen in the brightness.
    """
    times_s, levels = _arrays(paints)
    frames_s, values = _arrays(luma)
    begin_s = times_s[0] + float(LAGS_MS[-1]) / 1000 if len(times_s) else np.inf
    inside = (frames_s > begin_s) & np.isfinite(values)
    frames_s, values = frames_s[inside], values[inside]
    if len(times_s) < _LEAST_CHANGES or len(frames_s) < _LEAST_FRAMES:
        raise InferenceError(
            f"The screen delay was not measured: {len(frames_s)} frames, {len(times_s)} flashes.",
            remedy="Try again, and leave the camera running meanwhile.",
        )
    # Time counts from the middle: the numbers stay small.
    origin = frames_s.mean()
    flashes = _Flashes(times_s - origin, levels, float(np.median(np.diff(frames_s))))
    return _fit(flashes, frames_s - origin, values)


def fit_face_or_picture(
    paints: Sequence[tuple[int, float]], series: Sequence[tuple[int, float, float]]
) -> ScreenDelay:
    """The delay by whichever tells it better: the face, or the whole picture, as with a mirror.

    The two are never mixed: in the dark a face may be found only while the screen is white.

    Parameters
    ----------
    series
        Stamp of each frame, ns, brightness of the face, NaN without one, and of the picture.

    Raises
    ------
    InferenceError
        When neither tells it.
    """
    by_face = [(t_ns, face) for t_ns, face, _ in series]
    by_picture = [(t_ns, whole) for t_ns, _, whole in series]
    found: list[ScreenDelay] = []
    refused: list[InferenceError] = []
    for luma in (by_face, by_picture):
        try:
            found.append(fit_delay(paints, luma))
        except InferenceError as error:
            refused.append(error)
    if not found:
        raise refused[-1]
    return min(found, key=lambda delay: delay.uncertainty_ms)


class _Flashes:
    """The screen's level over time, as a camera that exposes for one frame sees it."""

    def __init__(
        self, times_s: NDArray[np.float64], levels: NDArray[np.float64], exposure_s: float
    ) -> None:
        self.n_changes = len(times_s)
        # The integral of the level; a mean over the exposure is then a difference of two values.
        self._at_s = np.append(times_s, times_s[-1] + 3600.0)
        self._sum = np.concatenate(([0.0], np.cumsum(levels * np.diff(self._at_s))))
        self._half_s = exposure_s / 2

    def seen(self, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        before = np.interp(at_s - self._half_s, self._at_s, self._sum)
        after = np.interp(at_s + self._half_s, self._at_s, self._sum)
        return np.asarray((after - before) / (2 * self._half_s))


def _fit(
    flashes: _Flashes, frames_s: NDArray[np.float64], values: NDArray[np.float64]
) -> ScreenDelay:
    found = _Explained(flashes, frames_s, values)
    delay_ms, correlation = found.best()
    # What a correlation is worth, at delays that cannot be.
    shifts_s = [sign * shift_s for shift_s in _OTHER_SHIFTS_S for sign in (1, -1)]
    others = [abs(found.best(shift_s=shift_s)[1]) for shift_s in shifts_s]
    change = found.change(delay_ms)
    spread_ms = _jackknife(flashes, frames_s, values)
    frame_ms = float(np.median(np.diff(frames_s))) * 1000
    resolution_ms = frame_ms / float(np.sqrt(12 * flashes.n_changes))
    uncertainty_ms = float(np.hypot(spread_ms, resolution_ms))
    is_seen = (
        correlation >= _LEAST_CORRELATION
        and correlation > max(others)
        and change >= _LEAST_CHANGE_LUMA
        and uncertainty_ms <= _MOST_UNCERTAIN_MS
    )
    if not is_seen:
        raise InferenceError(
            "The flashes of the screen cannot be told in the camera's picture "
            f"(brightness changes by {abs(change):.1f} of 255).",
            remedy="Darken the room, sit closer to the screen, or hold a mirror to the camera.",
        )
    return ScreenDelay(
        delay_ms, uncertainty_ms, change, correlation, flashes.n_changes, len(frames_s)
    )


class _Explained:
    """How well the flashes explain the brightness, for any delay, beside a slow drift."""

    def __init__(
        self, flashes: _Flashes, frames_s: NDArray[np.float64], values: NDArray[np.float64]
    ) -> None:
        self._flashes = flashes
        self._frames_s = frames_s
        scaled = frames_s / max(float(np.abs(frames_s).max()), 1e-9)
        drift, _ = np.linalg.qr(np.polynomial.legendre.legvander(scaled, _DRIFT_DEGREE))
        self._drift = drift
        self._rest = self._without_drift(values)
        self._norm = float(np.linalg.norm(self._rest))

    def _without_drift(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values - (values @ self._drift) @ self._drift.T)

    def best(self, *, shift_s: float = 0.0) -> tuple[float, float]:
        """The delay of the greatest correlation, ms, and that correlation."""
        if self._norm <= 0:
            return 0.0, 0.0
        late_s = LAGS_MS[:, None] / 1000 + shift_s
        templates = self._without_drift(self._flashes.seen(self._frames_s - late_s))
        sizes = np.linalg.norm(templates, axis=1) * self._norm
        follows = templates @ self._rest / np.maximum(sizes, 1e-9)
        at = int(follows.argmax())
        return _peak(follows, at), float(follows[at])

    def change(self, lag_ms: float) -> float:
        """Grey levels between black and white at that delay."""
        template = self._without_drift(self._flashes.seen(self._frames_s - lag_ms / 1000))
        return float(template @ self._rest / max(float(template @ template), 1e-12))


def _peak(follows: NDArray[np.float64], at: int) -> float:
    """Between the tried delays: the top of a parabola over 16 ms around the best."""
    near = slice(max(at - 4, 0), at + 5)
    if len(LAGS_MS[near]) < 9:
        return float(LAGS_MS[at])
    a, b, _ = np.polyfit(LAGS_MS[near] - LAGS_MS[at], follows[near], 2)
    if a >= 0:
        return float(LAGS_MS[at])
    return float(LAGS_MS[at] + np.clip(-b / (2 * a), -8, 8))


def _jackknife(
    flashes: _Flashes, frames_s: NDArray[np.float64], values: NDArray[np.float64]
) -> float:
    """Standard error of the delay, ms: fitted again without each eighth of the time."""
    block = np.minimum(np.arange(len(frames_s)) * _BLOCKS // len(frames_s), _BLOCKS - 1)
    delays = [
        _Explained(flashes, frames_s[block != left_out], values[block != left_out]).best()[0]
        for left_out in range(_BLOCKS)
    ]
    return float(np.sqrt((_BLOCKS - 1) * np.var(delays)))


def _arrays(series: Sequence[tuple[int, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not series:
        return np.empty(0), np.empty(0)
    table = np.array(series, dtype=np.float64)
    return table[:, 0] / NS_PER_S, table[:, 1]
