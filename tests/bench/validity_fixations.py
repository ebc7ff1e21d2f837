"""How well fixations are found, against what eyes are known to have aimed at.

    python tests/bench/validity_fixations.py --corpus ../shared/faces/dev

A detected fixation is right when it shares at least half of its joint time with a true one (each
counts once): recall is the share of true fixations found so, precision the share of detected ones
that are right. True fixations of rendered faces are the stretches over which the aim jumps nowhere.
Webcam-like noise: each fixation lands 2 degrees beside its place, samples jitter by 0.5 degrees
root mean square from one to the next, and the smoothed kind lags by 60 ms besides.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from journeylab.analysis.blinks import NO_BLINKS, Blinks, blinks_of
from journeylab.analysis.fixations import Fixations, find_fixations
from journeylab.analysis.viewing import Viewing
from journeylab.clock import NS_PER_S

RATE_HZ: Final = 30
ERROR_DEG: Final = 2.0
JITTER_RMS_DEG: Final = 0.5
LAG_S: Final = 0.06
SMOOTHED: Final = 0.4
"""Share of a smoothed sample's jitter that comes from the one before."""
OVERLAP: Final = 0.5
VIEWING: Final = Viewing((1920, 1080), 600 * np.tan(np.deg2rad(1.0)) * 1920 / 345)
_JUMP_PX: Final = 25.0
_SHORTEST_S: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Gaze with its truth: ``t_ns`` (n,), ``aim_px`` (n, 2), and of each true fixation (m,) the
    first and last sample."""

    t_ns: NDArray[np.int64]
    aim_px: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    blinks: Blinks = NO_BLINKS
    viewing: Viewing = VIEWING


@dataclass(frozen=True, slots=True)
class Score:
    """``recall`` and ``precision`` 0..1, median distance of right fixations from their true place,
    median error of their duration, and standard deviation of noise as the detector saw it."""

    n_true: int
    n_found: int
    n_right: int
    centre_deg: float
    duration_s: float
    noise_deg: float

    @property
    def recall(self) -> float:
        return self.n_right / max(self.n_true, 1)

    @property
    def precision(self) -> float:
        return self.n_right / max(self.n_found, 1)


def synthetic_trace(
    rng: np.random.Generator,
    *,
    n_fixations: int = 60,
    smallest_deg: float = 3.0,
    viewing: Viewing = VIEWING,
) -> Trace:
    """Fixations of 0.15 to 0.9 s with a few pixels of drift, saccades of ``smallest_deg`` and
    on average 4 degrees more, with none to two samples on their way, at 30 Hz."""
    size = np.array(viewing.screen_px, dtype=np.float64)
    places, first, last, at = [], [], [], 0
    aim: list[NDArray[np.float64]] = []
    while len(places) < n_fixations:
        amplitude_deg, direction = smallest_deg + rng.exponential(4.0), rng.uniform(0, 2 * np.pi)
        jump_px = (
            amplitude_deg * viewing.px_per_deg * np.array([np.cos(direction), np.sin(direction)])
        )
        place = places[-1] + jump_px if places else size / 2
        if not ((place > 0.05 * size) & (place < 0.95 * size)).all():
            continue
        if places:
            n_between = int(rng.integers(0, 3))
            share = (np.arange(n_between)[:, None] + rng.uniform(0.2, 0.8)) / max(n_between, 1)
            aim.append(places[-1] + np.clip(share, 0, 1) * (place - places[-1]))
            at += n_between
        n_samples = int(np.clip(rng.gamma(3.0, 0.11), 0.15, 0.9) * RATE_HZ) + 1
        drift = np.cumsum(rng.normal(0, 1.0, (n_samples, 2)), axis=0)
        aim.append(place + drift)
        places.append(place)
        first.append(at)
        last.append(at + n_samples - 1)
        at += n_samples
    t_ns = np.arange(at, dtype=np.int64) * NS_PER_S // RATE_HZ
    return Trace(t_ns, np.concatenate(aim), np.array(first), np.array(last), viewing=viewing)


def rendered_trace(path: Path) -> Trace:
    """What the eyes of a rendered face aimed at, from its truth file."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    t_s = np.array([float(row["t"]) for row in rows])
    aim_px = np.array([[float(row["fix_x_px"]), float(row["fix_y_px"])] for row in rows])
    closure = np.array([float(row["blink"]) for row in rows])
    t_ns = np.round(t_s * NS_PER_S).astype(np.int64)
    distance_mm = float(np.median([float(row["head_z_mm"]) for row in rows]))
    viewing = replace(VIEWING, px_per_deg=VIEWING.px_per_deg * distance_mm / 600)
    first, last = _still_stretches(t_ns, aim_px)
    closed = (closure > 0.5).astype(np.int64)
    blinks = blinks_of(t_ns, closed, np.ones(len(t_ns), dtype=np.bool_))
    return Trace(t_ns, aim_px, first, last, blinks, viewing)


def with_error(trace: Trace, rng: np.random.Generator, *, is_smoothed: bool) -> NDArray[np.float64]:
    """(n, 2) the gaze a webcam would give: offset by place, jitter, and where smoothed a lag."""
    px_per_deg = trace.viewing.px_per_deg
    offset_deg = rng.normal(0, ERROR_DEG / 1.2533, (len(trace.first), 2))  # mean length 2 degrees
    of_sample = np.clip(
        np.searchsorted(trace.first, np.arange(len(trace.t_ns)), side="right") - 1, 0, None
    )
    seen_px = trace.aim_px + offset_deg[of_sample] * px_per_deg
    kept = SMOOTHED if is_smoothed else 0.0
    if is_smoothed:
        share = 1 - np.exp(-1 / RATE_HZ / LAG_S)
        for at in range(1, len(seen_px)):
            seen_px[at] = seen_px[at - 1] + share * (seen_px[at] - seen_px[at - 1])
    # Of jitter with that memory, the mean square step in two axes is 4 (1 - kept) variances.
    deviation_deg = JITTER_RMS_DEG / 2 / (1 - kept) ** 0.5
    jitter = rng.normal(0, deviation_deg, seen_px.shape)
    for at in range(1, len(jitter)):
        jitter[at] = kept * jitter[at - 1] + (1 - kept**2) ** 0.5 * jitter[at]
    return np.asarray(seen_px + jitter * px_per_deg)


def score(trace: Trace, fixations: Fixations) -> Score:
    """Hold detected fixations against the true ones."""
    true_on, true_off = trace.t_ns[trace.first], trace.t_ns[trace.last]
    joint = np.minimum(true_off[:, None], fixations.offset_ns) - np.maximum(
        true_on[:, None], fixations.onset_ns
    )
    whole = np.maximum(true_off[:, None], fixations.offset_ns) - np.minimum(
        true_on[:, None], fixations.onset_ns
    )
    # Above one half, no fixation can share that much with two.
    pairs = np.argwhere(joint > OVERLAP * whole)
    away_px = [
        np.hypot(
            *(
                fixations.centre_px[found]
                - trace.aim_px[trace.first[true] : trace.last[true] + 1].mean(axis=0)
            )
        )
        for true, found in pairs
    ]
    late_s = [
        abs(
            (fixations.offset_ns[found] - fixations.onset_ns[found])
            - (true_off[true] - true_on[true])
        )
        / NS_PER_S
        for true, found in pairs
    ]
    return Score(
        n_true=len(true_on),
        n_found=len(fixations),
        n_right=len(pairs),
        centre_deg=float(np.median(away_px)) / trace.viewing.px_per_deg if away_px else np.nan,
        duration_s=float(np.median(late_s)) if late_s else np.nan,
        noise_deg=fixations.noise_deg,
    )


def fixation_tables(corpus: Path, *, seed: int = 1) -> list[Table]:
    """Recall and precision on rendered faces' true aim, bare and with webcam-like noise, and on
    synthetic traces; rows for each clip and all together."""
    clips = {path.stem: rendered_trace(path) for path in sorted(corpus.glob("*_gaze.csv"))}
    rng = np.random.default_rng(seed)
    synthetic = {
        f"saccades from {deg:.0f}°": synthetic_trace(rng, n_fixations=400, smallest_deg=deg)
        for deg in (2.0, 3.0, 5.0)
    }
    makers: tuple[tuple[str, Callable[[Trace], NDArray[np.float64]]], ...] = (
        ("the true aim", lambda trace: trace.aim_px),
        ("2° error, 0.5° rms jitter", lambda trace: with_error(trace, rng, is_smoothed=False)),
        ("the same, smoothed", lambda trace: with_error(trace, rng, is_smoothed=True)),
    )
    tables = [
        gaze_table(
            f"Fixations, {name}", {key: (trace, make(trace)) for key, trace in clips.items()}
        )
        for name, make in makers
        if clips
    ]
    tables += [
        gaze_table(
            f"Fixations on synthetic traces, {name}",
            {key: (trace, make(trace)) for key, trace in synthetic.items()},
            together=False,
        )
        for name, make in makers
    ]
    return tables


def gaze_table(
    title: str,
    traces: Mapping[str, tuple[Trace, NDArray[np.float64]]],
    *,
    together: bool = True,
) -> Table:
    """One table over traces and the gaze (n, 2) px seen of each, made up or measured."""
    table = Table(title=title)
    for heading in ("", "true", "found", "recall", "precision", "centre", "duration", "noise"):
        table.add_column(heading, justify="right" if heading else "left")
    scores = []
    for name, (trace, gaze_px) in traces.items():
        found, _ = find_fixations(trace.t_ns, gaze_px, viewing=trace.viewing, blinks=trace.blinks)
        scores.append(score(trace, found))
        table.add_row(name, *_cells(scores[-1]))
    if together and scores:
        table.add_row("all", *_cells(_together(scores)))
    return table


def _together(scores: Sequence[Score]) -> Score:
    return Score(
        n_true=sum(one.n_true for one in scores),
        n_found=sum(one.n_found for one in scores),
        n_right=sum(one.n_right for one in scores),
        centre_deg=float(np.median([one.centre_deg for one in scores])),
        duration_s=float(np.median([one.duration_s for one in scores])),
        noise_deg=float(np.median([one.noise_deg for one in scores])),
    )


def _cells(one: Score) -> tuple[str, ...]:
    return (
        str(one.n_true),
        str(one.n_found),
        f"{one.recall:.2f}",
        f"{one.precision:.2f}",
        f"{one.centre_deg:.2f}°",
        f"{one.duration_s * 1000:.0f} ms",
        f"{one.noise_deg:.2f}°",
    )


def _still_stretches(
    t_ns: NDArray[np.int64], aim_px: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    jumps = np.flatnonzero(np.hypot(*np.diff(aim_px, axis=0).T) > _JUMP_PX)
    edges = np.concatenate([[-1], jumps, [len(t_ns) - 1]])
    first, last = edges[:-1] + 1, edges[1:]
    long = (t_ns[last] - t_ns[first]) / NS_PER_S >= _SHORTEST_S
    return first[long], last[long]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of idNN_gaze.csv")
    console = Console()
    for table in fixation_tables(parser.parse_args().corpus):
        console.print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
