"""First figures of how good the measures are, on clips with known truth.

    python tests/bench/validity.py --corpus ../shared/faces/dev

Per action unit: correlation with the true intensity (mean and lowest over clips), ROC AUC (active
from 0.3), share of frames falsely active (above 0.3) while the face rests. Head pose: spread of
the error. Gaze: median error on validation points, calibrated on the nine points before.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from journeylab.capture.camera.source import read_frames
from journeylab.clock import NS_PER_S
from journeylab.errors import InferenceError
from journeylab.inference.action_units import intensities
from journeylab.inference.analyser import FrameAnalyser, Observation
from journeylab.inference.gaze import GazeSample, fit_gaze
from journeylab.inference.neutral import estimate_neutral
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, HEAD_POSE_COLUMNS

ACTIVE = 0.3
OPEN = 0.02
"""Truth's blink below which eyes count as open."""
SCREEN_PX = (1920, 1080)
MM_PER_PX = 345.0 / 1920

Truth = Mapping[str, NDArray[np.str_]]


def read_truth(path: Path) -> dict[str, NDArray[np.str_]]:
    """Columns of a truth file, as text."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def numbers(truth: Truth, *names: str) -> NDArray[np.float64]:
    """(n, columns) of a truth file."""
    return np.stack([truth[name].astype(np.float64) for name in names], axis=1)


def observe_clip(path: Path) -> list[Observation]:
    """Every frame of a clip, observed."""
    analyser = FrameAnalyser()
    try:
        return [analyser.observe(frame.image, t_ns=frame.t_ns) for frame in read_frames(path)]
    finally:
        analyser.close()


def area_under_curve(scores: NDArray[np.float64], active: NDArray[np.bool_]) -> float:
    """ROC AUC by ranks, ties shared; NaN with one class only."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    n_active = int(active.sum())
    n_pairs = n_active * (len(active) - n_active)
    if n_pairs == 0:
        return float("nan")
    return float((rank[active].sum() - n_active * (n_active + 1) / 2) / n_pairs)


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's r; 0 where a measure never moves."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def action_unit_table(clips: Sequence[tuple[list[Observation], Truth]]) -> Table:
    table = Table(title="Action units")
    for heading in ("AU", "r mean", "r lowest", "AUC", "false at rest"):
        table.add_column(heading, justify="left" if heading == "AU" else "right")
    found = []
    for seen, _ in clips:
        raw = np.array([one.action_units_raw for one in seen])
        rest = estimate_neutral(
            [one for one in seen if one.t_ns < 3 * NS_PER_S]  # neutral by the set's README
        )
        found.append(intensities(raw, rest.raw))
    for code in ACTION_UNIT_COLUMNS:
        if code not in clips[0][1]:
            continue
        at = ACTION_UNIT_COLUMNS.index(code)
        r, auc, false = [], [], []
        for units, (_, truth) in zip(found, clips, strict=True):
            true = numbers(truth, code)[:, 0]
            at_rest = (truth["label"] == "neutral") & (numbers(truth, "blink")[:, 0] < OPEN)
            score = np.nan_to_num(units[:, at])
            if true.max() < ACTIVE:
                continue
            r.append(correlation(score, true))
            auc.append(area_under_curve(score, true >= ACTIVE))
            false.append(float((score[at_rest] > ACTIVE).mean()))
        if r:
            table.add_row(
                code,
                f"{np.mean(r):.2f}",
                f"{min(r):.2f}",
                f"{np.mean(auc):.3f}",
                f"{np.mean(false):.1%}",
            )
    return table


def head_pose_table(clips: Sequence[tuple[list[Observation], Truth]]) -> Table:
    table = Table(title="Head pose, error over all frames")
    for heading in ("", "offset", "spread within a clip"):
        table.add_column(heading, justify="right" if heading else "left")
    errors = []
    for seen, truth in clips:
        pose = np.array([one.head_pose for one in seen])
        errors.append(pose - numbers(truth, *HEAD_POSE_COLUMNS))
    for at, name in enumerate(HEAD_POSE_COLUMNS):
        offset = np.mean([np.nanmean(one[:, at]) for one in errors])
        spread = np.mean([np.nanstd(one[:, at]) for one in errors])
        table.add_row(name, f"{offset:+.2f}", f"{spread:.2f}")
    return table


def gaze_table(clips: Mapping[str, tuple[list[Observation], Truth]]) -> Table:
    phases = ("calibration", "validation", "validation_motion")
    table = Table(title="Gaze, median error in degrees")
    for heading in ("clip", *phases, "used of all"):
        table.add_column(heading, justify="left" if heading == "clip" else "right")
    errors = []
    for name, (seen, truth) in clips.items():
        settled = (truth["settled"] == "1") & (numbers(truth, "blink")[:, 0] < OPEN)
        target_px = numbers(truth, "target_x_px", "target_y_px")
        samples = [
            GazeSample(seen[at].eye_features, seen[at].head_pose, target_px[at])
            for at in np.flatnonzero(settled & (truth["phase"] == "calibration")).tolist()
        ]
        try:
            calibration = fit_gaze(samples, screen_px=SCREEN_PX)
        except InferenceError as error:
            table.add_row(name, str(error))
            continue
        point_px = np.array(
            [calibration.predict(one.eye_features, one.head_pose)[0] for one in seen]
        )
        miss_mm = np.linalg.norm(point_px - target_px, axis=1) * MM_PER_PX
        miss_deg = np.rad2deg(np.arctan2(miss_mm, numbers(truth, "head_z_mm")[:, 0]))
        median = [
            float(np.nanmedian(miss_deg[settled & (truth["phase"] == phase)])) for phase in phases
        ]
        errors.append(median)
        used = f"{calibration.n_used} of {calibration.n_all}"
        table.add_row(name, *(f"{one:.2f}" for one in median), used)
    if errors:
        table.add_row("median", *(f"{one:.2f}" for one in np.median(errors, axis=0)), "")
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of idNN_au, idNN_gaze")
    corpus: Path = parser.parse_args().corpus
    console = Console()
    clips = {
        path.stem: (observe_clip(path), read_truth(path.with_suffix(".csv")))
        for kind in ("au", "gaze")
        for path in sorted(corpus.glob(f"*_{kind}.mp4"))
    }
    expressive = [clip for name, clip in clips.items() if name.endswith("_au")]
    looking = {name: clip for name, clip in clips.items() if name.endswith("_gaze")}
    if expressive:
        console.print(action_unit_table(expressive))
    if clips:
        console.print(head_pose_table(list(clips.values())))
    if looking:
        console.print(gaze_table(looking))
    return 0 if clips else 1


if __name__ == "__main__":
    raise SystemExit(main())
