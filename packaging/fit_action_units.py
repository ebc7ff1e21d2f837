"""Fits the action-unit networks and writes resources/models/action-units.npz.

    python packaging/fit_action_units.py CORPUS [--out FILE] [--cache DIR] [--leave-out]

CORPUS is a folder of rendered faces with known action units (idNN_au.mp4, idNN_gaze.mp4 and their
tables, as in the development set). With ``--leave-out`` nothing is written; each identity is
measured by networks fitted on the others, and the table printed.

How samples are made, and why: a renderer's face is not a person's, and what real faces add would
otherwise be taken for action units.

- Head pose: what the measures of a resting avatar do while it turns by up to 30 degrees is added
  to the samples, since the mesh errs with pose and the rendered faces hardly turn.
- Expressions on top of each other: two samples of one face are added, the stronger label counts.
- Smiles that bare the teeth: corners, raised upper lip, open mouth, stretched lips and the nose
  together.
  In people the smile does all of it; the renderer's smile is closed. The raised lip counts as
  half of it towards AU12; only what the smile does not explain is labelled AU10.
- Both sides are exchanged at random, and noise of half the spread of pose is added to each input.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from journeylab.capture.camera.source import read_frames
from journeylab.inference.action_units import FITTED, MODEL_VERSION, SIDED
from journeylab.inference.analyser import FrameAnalyser
from journeylab.inference.shape import N_SHAPE, SHAPE_NAMES
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose

Array = NDArray[np.float64]
Weights = dict[str, Array]

RATE_HZ = 30
NEUTRAL_FRAMES = 60
"""Of both kinds of clips these first ones rest."""
POSE_SEEDS = (21, 22, 23, 24)
POSE_FRAMES = 450
_AT = {code: at for at, code in enumerate(FITTED)}
_BOTH = {"hidden": 48, "members": 3}
_ONE_SIDE = {"hidden": 32, "members": 2}
_STEPS, _BATCH, _RATE, _DECAY, _NOISE = 4000, 512, 3e-3, 3e-4, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Measures of one clip: ``moved`` (n, 2, N_SHAPE) since rest, right side first; ``units``
    (n, 2, FITTED) true intensities of each side; ``label`` (n,); ``resting`` (N_MEASURES,)."""

    name: str
    moved: Array
    units: Array
    label: NDArray[np.str_]
    resting: Array


def observed(path: Path, *, cache: Path | None) -> Array:
    """(n, N_MEASURES) measures of all frames; NaN without a face."""
    kept = None if cache is None else cache / f"{path.stem}.npy"
    if kept is not None and kept.is_file():
        return np.asarray(np.load(kept))
    analyser = FrameAnalyser()
    try:
        rows = [analyser.observe(f.image, t_ns=f.t_ns).measures for f in read_frames(path)]
    finally:
        analyser.close()
    measures = np.array(rows)
    if kept is not None:
        np.save(kept, measures)
    return measures


def turning_avatar(seed: int, *, cache: Path | None) -> Array:
    """(n, N_MEASURES) measures of a resting avatar that turns its head about."""
    kept = None if cache is None else cache / f"avatar{seed}.npy"
    if kept is not None and kept.is_file():
        return np.asarray(np.load(kept))
    rng = np.random.default_rng(seed)
    avatar = Avatar(AvatarIdentity(seed), width_px=640, height_px=480)
    phase = rng.uniform(0, 2 * np.pi, 3)
    analyser = FrameAnalyser()
    rows = []
    for at in range(POSE_FRAMES):
        t_s = at / RATE_HZ
        far = float(np.clip((t_s - 1.0) / 2.0, 0.0, 1.0))
        yaw, pitch, roll = (
            far * reach * np.sin(rate * t_s + shift) * abs(np.sin(slow * t_s + 1.0))
            for reach, rate, slow, shift in zip(
                (30.0, 20.0, 20.0), (0.83, 0.61, 0.47), (0.21, 0.17, 0.13), phase, strict=True
            )
        )
        pose = AvatarPose(
            head_yaw_deg=yaw,
            head_pitch_deg=pitch,
            head_roll_deg=roll,
            head_z_mm=540.0 + far * 90.0 * np.sin(0.3 * t_s),
            gaze_pitch_deg=-6.0,
        )
        image = avatar.render(pose) + rng.normal(0, 1.5, (480, 640, 3))
        frame = np.clip(image, 0, 255).astype(np.uint8)
        rows.append(analyser.observe(frame, t_ns=at * 10**9 // RATE_HZ).measures)
    analyser.close()
    measures = np.array(rows)
    if kept is not None:
        np.save(kept, measures)
    return measures


def moved_since_rest(measures: Array) -> tuple[Array, Array]:
    """(n, 2, N_SHAPE) movement of both sides since the first frames, and their median."""
    resting = np.nanmedian(measures[:NEUTRAL_FRAMES], axis=0)
    moved = np.nan_to_num(measures - resting)[:, : 2 * N_SHAPE]
    return moved.reshape(len(moved), 2, N_SHAPE), resting


def read_clip(path: Path, *, cache: Path | None) -> Clip:
    """A rendered clip with its truth; gaze clips have no action units at all."""
    with path.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    moved, resting = moved_since_rest(observed(path, cache=cache))
    units = np.zeros((len(rows), 2, len(FITTED)))
    for code, at in _AT.items():
        for side, letter in enumerate("RL"):
            column = code + letter if code in SIDED else code
            if column in rows[0]:
                units[:, side, at] = [float(row[column]) for row in rows]
    label = np.array([row.get("label", "gaze") for row in rows])
    return Clip(path.stem, moved[: len(rows)], units, label, resting)


def toothy_smiles(clip: Clip, n: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Smiles of all strengths with the teeth bared, put together from parts of one clip."""

    def some(*labels: str) -> NDArray[np.intp]:
        return rng.choice(np.flatnonzero(np.isin(clip.label, labels)), n)

    def share(high: float, *, often: float = 1.0, low: float = 0.0) -> Array:
        return rng.uniform(low, high, n) * (rng.random(n) < often)

    smile, raised, opened = some("AU12", "joy"), some("AU10"), some("AU25+AU26")
    of_smile, of_raised, of_opened = share(1.1, low=0.15), share(0.9), share(0.7, often=0.6)
    of_stretched, stretched = of_smile * share(0.6, often=0.4), some("AU20")
    of_wrinkled, wrinkled = of_smile * share(0.6, often=0.4), some("AU09")
    parts = (
        *((of_smile, smile), (of_raised, raised), (of_opened, opened)),
        *((of_stretched, stretched), (of_wrinkled, wrinkled)),
    )
    moved = sum(much[:, None, None] * clip.moved[at] for much, at in parts)
    units = of_smile[:, None, None] * clip.units[smile]
    for code in ("AU25", "AU26"):
        units[:, :, _AT[code]] = of_opened[:, None] * clip.units[opened][:, :, _AT[code]]
    lip = of_raised * clip.units[raised][:, :, _AT["AU10"]].max(axis=1)
    corners = units[:, :, _AT["AU12"]].max(axis=1)
    explained = np.minimum(lip, 1.5 * corners)
    units[:, :, _AT["AU10"]] = (lip - explained)[:, None]
    smiles = units[:, :, _AT["AU12"]]
    units[:, :, _AT["AU12"]] = smiles + 0.5 * explained[:, None] * (smiles > 0)
    units[:, :, _AT["AU25"]] = np.maximum(units[:, :, _AT["AU25"]], 0.5 * lip[:, None])
    return np.asarray(moved), np.clip(units, 0, 1)


def samples(clips: Sequence[Clip], turned: Array, *, seed: int) -> tuple[Array, Array]:
    """Movements (n, 2, N_SHAPE) and units (n, 2, FITTED) to fit on; see the module."""
    rng = np.random.default_rng(seed)
    all_moved, all_units = [], []
    for clip in [clip for clip in clips for _ in range(2)]:
        is_expressive = clip.units.max() > 0
        n_all = len(clip.moved)
        first = np.arange(n_all) if is_expressive else rng.choice(n_all, n_all // 2, replace=False)
        moved, units = clip.moved[first].copy(), clip.units[first].copy()
        on_top = rng.random(len(first)) < 0.35
        other = rng.integers(0, n_all, on_top.sum())
        much = rng.uniform(0.3, 1.0, (on_top.sum(), 1, 1))
        moved[on_top] += much * clip.moved[other]
        units[on_top] = np.maximum(units[on_top], much * clip.units[other])
        if is_expressive:
            smiles, smiling = toothy_smiles(clip, int(0.35 * n_all), rng=rng)
            moved, units = np.concatenate((moved, smiles)), np.concatenate((units, smiling))
        is_turned = rng.random(len(moved)) < 0.7
        by = turned[rng.integers(0, len(turned), is_turned.sum())]
        moved[is_turned] += rng.uniform(0, 1, (len(by), 1, 1)) * by
        exchanged = rng.random(len(moved)) < 0.5
        moved[exchanged], units[exchanged] = moved[exchanged, ::-1], units[exchanged, ::-1]
        all_moved.append(moved)
        all_units.append(units)
    return np.concatenate(all_moved), np.concatenate(all_units)


def train(x: Array, y: Array, *, hidden: int, seed: int) -> Weights:
    """One network by Adam on squared error; what lies beyond 0 or 1 on the right side is free."""
    rng = np.random.default_rng(seed)
    n_in, n_out = x.shape[1], y.shape[1]
    weights = {
        "straight": np.zeros((n_in, n_out)),
        "inner": rng.normal(0, 2 / np.sqrt(n_in), (n_in, hidden)),
        "inner_bias": rng.normal(0, 0.3, hidden),
        "outer": np.zeros((hidden, n_out)),
        "bias": np.zeros(n_out),
    }
    mean = {name: np.zeros_like(value) for name, value in weights.items()}
    square = {name: np.zeros_like(value) for name, value in weights.items()}
    for step in range(1, _STEPS + 1):
        at = rng.integers(0, len(x), _BATCH)
        inputs, true = x[at] + rng.normal(0, _NOISE, (_BATCH, n_in)), y[at]
        inside = np.tanh(inputs @ weights["inner"] + weights["inner_bias"])
        out = inputs @ weights["straight"] + inside @ weights["outer"] + weights["bias"]
        is_free = ((true <= 0) & (out < 0)) | ((true >= 1) & (out > 1))
        error = np.where(is_free, 0.0, out - true) / _BATCH
        back = (error @ weights["outer"].T) * (1 - inside**2)
        slope = {
            "straight": inputs.T @ error + _DECAY * weights["straight"],
            "inner": inputs.T @ back + _DECAY * weights["inner"],
            "inner_bias": back.sum(axis=0),
            "outer": inside.T @ error + _DECAY * weights["outer"],
            "bias": error.sum(axis=0),
        }
        rate = _RATE * min(1.0, step / 100) * 0.5 * (1 + np.cos(np.pi * step / _STEPS))
        for name in weights:
            mean[name] = 0.9 * mean[name] + 0.1 * slope[name]
            square[name] = 0.999 * square[name] + 0.001 * slope[name] ** 2
            spread = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
            weights[name] -= rate * mean[name] / (1 - 0.9**step) / spread
    return weights


def fit(clips: Sequence[Clip], turned: Array) -> dict[str, Array]:
    """Both networks as the arrays of the model file."""
    moved, units = samples(clips, turned, seed=0)
    inputs = {
        "both": (moved.mean(axis=1), units.max(axis=1), turned.mean(axis=1), _BOTH),
        "one_side": (
            np.concatenate(
                [np.concatenate((moved[:, s], moved[:, 1 - s]), axis=1) for s in (0, 1)]
            ),
            np.concatenate([units[:, s][:, [_AT[code] for code in SIDED]] for s in (0, 1)]),
            np.concatenate((turned[:, 0], turned[:, 1]), axis=1),
            _ONE_SIDE,
        ),
    }
    fitted = {}
    for name, (x, y, turning, size) in inputs.items():
        scale = np.sqrt(turning.var(axis=0) + 0.1 * x.var(axis=0)) + 1e-4
        members = [
            train(x / scale, y, hidden=size["hidden"], seed=seed) for seed in range(size["members"])
        ]
        fitted[f"{name}_scale"] = scale
        for field in ("straight", "inner", "inner_bias", "outer"):
            fitted[f"{name}_{field}"] = np.stack([member[field] for member in members])
    return fitted


def typical(clips: Sequence[Clip]) -> Array:
    """(FITTED, N_SHAPE) how far each measure moves with each unit alone, at full intensity."""
    moved = np.concatenate([clip.moved.mean(axis=1) for clip in clips])
    units = np.concatenate([clip.units.max(axis=1) for clip in clips])
    gram = units.T @ units + 1e-6 * len(units) * np.eye(len(FITTED))
    return np.asarray(np.linalg.solve(gram, units.T @ moved))


def write(out: Path, fitted: dict[str, Array], clips: Sequence[Clip]) -> None:
    """The model file: float32 networks, resting faces, and how it was made."""
    resting = np.array([clip.resting for clip in clips])
    made = {
        "version": MODEL_VERSION,
        "script": "packaging/fit_action_units.py",
        "corpus": sorted({clip.name for clip in clips}),
        "measures": list(SHAPE_NAMES),
        "units": list(FITTED),
        "pose": [f"avatar {seed}" for seed in POSE_SEEDS],
        "steps": _STEPS,
        "noise": _NOISE,
        "decay": _DECAY,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out,
        resting=resting.mean(axis=0).astype(np.float32),
        typical=typical(clips).astype(np.float32),
        made=np.array(json.dumps(made)),
        **{name: value.astype(np.float32) for name, value in fitted.items()},
    )


def held_out_table(clips: Sequence[Clip], turned: Array) -> Table:
    """Correlation with the truth of each unit, every identity measured by a fit on the others."""
    table = Table(title="Correlation with true intensity, identity left out")
    identities = sorted({clip.name.split("_")[0] for clip in clips})
    columns: dict[str, Array] = {}
    for identity in identities:
        others = [clip for clip in clips if not clip.name.startswith(identity)]
        fitted = fit(others, turned)
        clip = next(clip for clip in clips if clip.name == f"{identity}_au")
        x = clip.moved.mean(axis=1) / fitted["both_scale"]
        found = np.zeros((len(x), len(FITTED)))
        for at in range(_BOTH["members"]):
            bias = fitted["both_inner_bias"][at]
            inside = np.tanh(x @ fitted["both_inner"][at] + bias) - np.tanh(bias)
            found += x @ fitted["both_straight"][at] + inside @ fitted["both_outer"][at]
        found = np.clip(found / _BOTH["members"] - 0.1, 0, 1)
        true = clip.units.max(axis=1)
        columns[identity] = np.array(
            [np.corrcoef(found[:, at], true[:, at])[0, 1] for at in range(len(FITTED))]
        )
    for heading in ("unit", *identities, "mean"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for at, code in enumerate(FITTED):
        row = [columns[identity][at] for identity in identities]
        table.add_row(code, *(f"{r:.2f}" for r in row), f"{np.mean(row):.2f}")
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=Path("resources/models/action-units.npz"))
    parser.add_argument("--cache", type=Path, help="folder to keep measures of clips in")
    parser.add_argument("--leave-out", action="store_true", help="measure instead of writing")
    options = parser.parse_args()
    if options.cache is not None:
        options.cache.mkdir(parents=True, exist_ok=True)
    paths = sorted(options.corpus.glob("id*_au.mp4")) + sorted(options.corpus.glob("id*_gaze.mp4"))
    clips = [read_clip(path, cache=options.cache) for path in paths]
    turned = np.concatenate(
        [moved_since_rest(turning_avatar(s, cache=options.cache))[0] for s in POSE_SEEDS]
    )
    console = Console()
    if options.leave_out:
        console.print(held_out_table(clips, turned))
    else:
        write(options.out, fit(clips, turned), clips)
        console.print(f"{options.out}: {options.out.stat().st_size / 1024:.0f} KB")
    return 0 if clips else 1


if __name__ == "__main__":
    raise SystemExit(main())
