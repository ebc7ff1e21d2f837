"""How good the point of gaze is, on clips in which it is known where the eyes aim.

    python tests/bench/validity_gaze.py --corpus ../shared/faces/dev

Each person is calibrated on the nine calibration points and measured on others, head still and head
moving, as ``journeylab infer --gaze-targets`` does: steadied as it is stored. Error is the distance
of the point of gaze from the target as an angle at the eyes. Precision is the root mean square from
sample to sample while a target is looked at, median over targets. Within: share of samples whose
error is no larger than the uncertainty they came with, which should be 68 %. Delay: by how much
the steadied points follow a leap of the eyes later than those mapped frame by frame.

The line of sight was fitted on these rendered identities; what it does on others is what
``packaging/fit_line_of_sight.py --leave-out`` prints.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.validity_people import identities_of, traits

from journeylab.capture.camera.source import read_frames
from journeylab.errors import InferenceError
from journeylab.inference.analyser import AnalyserState, FrameAnalyser, Observation, interpret
from journeylab.inference.gaze import GazeCalibration, GazeSample
from journeylab.inference.gaze_fit import fit_gaze
from journeylab.inference.neutral import estimate_neutral

OPEN: Final = 0.02
"""Truth's blink below which eyes count as open."""
SCREEN_PX: Final = (1920, 1080)
MM_PER_PX: Final = 345.0 / 1920
PHASES: Final = ("validation", "validation_motion")
_FAR_PX: Final = 400.0
_LEAP_FRAMES: Final = 20

Truth: TypeAlias = Mapping[str, NDArray[np.str_]]
Clips: TypeAlias = Mapping[str, tuple[Sequence[Observation], Truth]]


@dataclass(frozen=True, slots=True)
class GazeFigures:
    """One clip. Pairs are head still and head moving: median error and precision in degrees, share
    of errors within the uncertainty, median uncertainty in degrees; ``delay_ms`` of the filter;
    samples used and all of the calibration."""

    error_deg: tuple[float, float]
    precision_deg: tuple[float, float]
    within: tuple[float, float]
    told_deg: tuple[float, float]
    delay_ms: float
    n_used: int
    n_all: int


def gaze_figures(seen: Sequence[Observation], truth: Truth) -> GazeFigures:
    """Calibrate on a clip's calibration phase and measure its validation phases.

    Raises
    ------
    InferenceError
        When no calibration can be fitted.
    """
    settled = (truth["settled"] == "1") & (_numbers(truth, "blink")[:, 0] < OPEN)
    target_px = _numbers(truth, "target_x_px", "target_y_px")
    calibration = fit_gaze(
        [
            GazeSample(seen[at].eye_features, seen[at].head_pose, target_px[at])
            for at in np.flatnonzero(settled & (truth["phase"] == "calibration")).tolist()
        ],
        screen_px=SCREEN_PX,
    )
    point_px, told_px = _points(seen, calibration)
    mapped_px = np.array([calibration.predict(one.eye_features, one.head_pose)[0] for one in seen])
    distance_mm = _numbers(truth, "head_z_mm")[:, 0]
    miss_px = np.linalg.norm(point_px - target_px, axis=1)
    phases = [settled & (truth["phase"] == phase) for phase in PHASES]
    jumps = np.any(np.diff(target_px, axis=0) != 0, axis=1)
    of_target = np.concatenate(([0], np.cumsum(jumps)))
    lasts_ms = (seen[-1].t_ns - seen[0].t_ns) / (len(seen) - 1) / 1e6

    def pair(values: NDArray[np.float64]) -> tuple[float, float]:
        still, moving = (float(np.nanmedian(values[phase])) for phase in phases)
        return still, moving

    def within(phase: NDArray[np.bool_]) -> float:
        known = phase & np.isfinite(miss_px)
        return float(np.mean(miss_px[known] <= told_px[known]))

    precision = [_precision_deg(point_px, distance_mm, of_target, phase) for phase in phases]
    return GazeFigures(
        pair(_degrees(miss_px, distance_mm)),
        (precision[0], precision[1]),
        (within(phases[0]), within(phases[1])),
        pair(_degrees(told_px, distance_mm)),
        _delay_frames(point_px, mapped_px, target_px) * lasts_ms,
        calibration.n_used,
        calibration.n_all,
    )


def gaze_tables(
    clips: Clips, *, identities: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Table]:
    """Tables of the gaze clips given, by name such as ``id01_gaze``.

    Parameters
    ----------
    clips
        Observations and truth of each clip.
    identities
        What ``geometry.json`` tells of each identity; nothing when None.
    """
    about = identities or {}
    table = Table(title="Gaze, calibrated on nine points: head still / moving")
    for heading in ("clip", "skin, light, glasses", "error", "precision", "within", "told"):
        table.add_column(heading)
    for heading in ("delay", "used"):
        table.add_column(heading, justify="right")
    found: dict[str, GazeFigures] = {}
    for name, (seen, truth) in clips.items():
        try:
            figures = found[name] = gaze_figures(seen, truth)
        except InferenceError as error:
            table.add_row(name, str(error))
            continue
        table.add_row(
            name,
            ", ".join(traits(about.get(name.split("_", maxsplit=1)[0], {}))),
            _pair(figures.error_deg, "°"),
            _pair(figures.precision_deg, "°"),
            f"{figures.within[0]:.0%} / {figures.within[1]:.0%}",
            _pair(figures.told_deg, "°"),
            f"{figures.delay_ms:.0f} ms",
            f"{figures.n_used} of {figures.n_all}",
        )
    if found:
        table.add_section()
        _add_mean(table, "mean", list(found.values()))
    return [table, *_groups(found, about)]


def _groups(
    found: Mapping[str, GazeFigures], about: Mapping[str, Mapping[str, Any]]
) -> list[Table]:
    """Means by what is known of the identities, where that tells them apart."""
    groups: dict[str, list[GazeFigures]] = {}
    for name, figures in found.items():
        for trait in traits(about.get(name.split("_", maxsplit=1)[0], {})):
            groups.setdefault(trait, []).append(figures)
    if len(groups) < 2:
        return []
    table = Table(title="Gaze by group, mean of its clips: head still / moving")
    for heading in ("group", "clips", "error", "precision", "within", "told"):
        table.add_column(heading)
    for trait, members in sorted(groups.items()):
        _add_mean(table, trait, members)
    return [table]


def _add_mean(table: Table, name: str, members: Sequence[GazeFigures]) -> None:
    means = {
        field: np.mean([getattr(one, field) for one in members], axis=0)
        for field in ("error_deg", "precision_deg", "within", "told_deg")
    }
    within = means["within"]
    table.add_row(
        name,
        str(len(members)),
        _pair(means["error_deg"], "°"),
        _pair(means["precision_deg"], "°"),
        f"{within[0]:.0%} / {within[1]:.0%}",
        _pair(means["told_deg"], "°"),
        *(
            [f"{np.mean([one.delay_ms for one in members]):.0f} ms"]
            if len(table.columns) > 6
            else []
        ),
    )


def _points(
    seen: Sequence[Observation], calibration: GazeCalibration
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of gaze (n, 2) px as they would be stored, and their uncertainty (n,) px."""
    rest = estimate_neutral(list(seen))
    state = AnalyserState()
    points, told = np.full((len(seen), 2), np.nan), np.full(len(seen), np.nan)
    for at, one in enumerate(seen):
        state, measures = interpret(state, one, neutral=rest, calibration=calibration)
        points[at], told[at] = measures.gaze_px, measures.gaze_uncertainty_px
    return points, told


def _precision_deg(
    points_px: NDArray[np.float64],
    distance_mm: NDArray[np.float64],
    of_target: NDArray[np.int64],
    phase: NDArray[np.bool_],
) -> float:
    found = []
    for target in np.unique(of_target[phase]):
        at = np.flatnonzero(phase & (of_target == target))
        steps_px = np.linalg.norm(np.diff(points_px[at], axis=0), axis=1)[np.diff(at) == 1]
        found.append(np.sqrt(np.nanmean(_degrees(steps_px, distance_mm[at[0]]) ** 2)))
    return float(np.nanmedian(found))


def _delay_frames(
    late_px: NDArray[np.float64], prompt_px: NDArray[np.float64], target_px: NDArray[np.float64]
) -> float:
    """By how many frames one trace follows the eyes' leaps to a new target after the other: mean
    over leaps of when each has gone half the way."""
    found = []
    for at in np.flatnonzero(np.any(np.diff(target_px, axis=0) != 0, axis=1)) + 1:
        start_px, way_px = target_px[at - 1], target_px[at] - target_px[at - 1]
        if np.hypot(*way_px) < _FAR_PX:
            continue
        gone = [
            (trace[at : at + _LEAP_FRAMES] - start_px) @ way_px / (way_px @ way_px) > 0.5
            for trace in (late_px, prompt_px)
        ]
        if all(one.any() for one in gone):
            found.append(int(gone[0].argmax()) - int(gone[1].argmax()))
    return float(np.mean(found)) if found else float("nan")


def _degrees(
    length_px: NDArray[np.float64], distance_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.degrees(np.arctan2(length_px * MM_PER_PX, distance_mm))


def _pair(values: Sequence[float] | NDArray[np.float64], unit: str) -> str:
    return f"{values[0]:.2f}{unit} / {values[1]:.2f}{unit}"


def _numbers(truth: Truth, *names: str) -> NDArray[np.float64]:
    return np.stack([truth[name].astype(np.float64) for name in names], axis=1)


def observe_clip(path: Path) -> tuple[list[Observation], dict[str, NDArray[np.str_]]]:
    """Every frame of a clip observed, and the columns of its truth as text."""
    with path.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    analyser = FrameAnalyser()
    try:
        seen = [analyser.observe(frame.image, t_ns=frame.t_ns) for frame in read_frames(path)]
    finally:
        analyser.close()
    return seen, {name: np.array([row[name] for row in rows]) for name in rows[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of idNN_gaze.mp4")
    corpus: Path = parser.parse_args().corpus
    clips = {path.stem: observe_clip(path) for path in sorted(corpus.glob("*_gaze.mp4"))}
    for table in gaze_tables(clips, identities=identities_of(corpus)):
        Console(width=120).print(table)
    return 0 if clips else 1


if __name__ == "__main__":
    raise SystemExit(main())
