"""Make resources/gaze/line-of-sight-1.npz from rendered faces whose eyes are known exactly.

    python packaging/fit_line_of_sight.py FOLDER [--cache DIR] [--passes 9] [--leave-out]

FOLDER holds ``idNN_gaze.mp4`` and ``idNN_au.mp4`` with their truth (``.csv``), ``geometry.json``.
Each clip is observed as it is, mirrored, and in passes that change size, place, roll, light,
colour, sharpness and noise, and put on glasses: the face mesh errs differently each time, and the
weights must not lean on how it errs in one. Ridge regression then goes from the terms of
``journeylab.inference.line_of_sight`` to the displacement of the irises from the eyes' centres.
Each clip and pass has its mean taken out: what is constant is the person's, and calibrated away.
In the clips of expressions the eyes stand still while the face moves; they count a twentieth (more
of them makes gaze steadier under grimaces and less exact in between).

``--leave-out`` prints the error on each identity under a model fitted on the others, after the
person's own calibration on nine points: the honest figure.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from line_of_sight_passes import Variation
from numpy.typing import NDArray

from journeylab.capture.camera.source import read_frames
from journeylab.inference.face_model import STABLE_LANDMARKS
from journeylab.inference.gaze import N_FEATURES, GazeSample
from journeylab.inference.gaze_fit import fit_gaze
from journeylab.inference.head_pose import CameraIntrinsics, estimate_head_pose, rotation_matrix
from journeylab.inference.limbus import IRIS_RADIUS_MM, limbus_features, mesh_irises_px
from journeylab.inference.line_of_sight import (
    CENTRE_TO_IRIS_MM,
    N_OTHER_TERMS,
    VERSION,
    LineOfSightModel,
    gaze_angles_deg,
    sight_terms,
    upright,
)
from journeylab.inference.mesh import FaceMeshModel

OUT = Path(__file__).resolve().parent.parent / "resources" / "gaze" / f"{VERSION}.npz"
STRIDE = 3
"""Of changed passes every third frame is observed: neighbours are alike."""
EXPRESSIVE_PASSES = (0, 2, 5)
EXPRESSIVE_WEIGHT = 0.05
OPEN = 0.02
RIDGE_POINTS, RIDGE_DEPTHS, RIDGE_IRISES, RIDGE_TURN = 0.03, 0.1, 3e-4, 0.1
# Below this height under the nose's bridge a face talks; brows and cheeks move with feelings.
LOWEST_MM = 45.0
BROWS = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 225, 224, 223, 222, 221)
BROWS += (300, 293, 334, 296, 336, 285, 295, 282, 283, 276, 445, 444, 443, 442, 441)
BRIDGE, OUTER_CORNER = 168, 33
CHEEK_BELOW_MM, CHEEK_BESIDE_MM = 14.0, 18.0
SCREEN_PX, MM_PER_PX = (1920, 1080), 345.0 / 1920


@dataclass(frozen=True, eq=False)
class Seen:
    """One pass over one clip: landmarks (n, 478, 3), limbus (n, 6), head pose (n, 6), the irises'
    true displacement (n, 2) mm upright, which frames are usable, and the clip's truth."""

    identity: str
    kind: str
    points_px: NDArray[np.float64]
    limbus: NDArray[np.float64]
    head_pose: NDArray[np.float64]
    shift_mm: NDArray[np.float64]
    usable: NDArray[np.bool_]
    truth: dict[str, NDArray[Any]]
    is_mirrored: bool
    weight: float


def read_truth(clip: Path) -> dict[str, NDArray[Any]]:
    """Columns of a clip's truth; a clip without gaze looks at the middle of the screen."""
    with clip.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    words = {"phase", "label"}
    found: dict[str, NDArray[Any]] = {
        name: np.array([row[name] if name in words else float(row[name]) for row in rows])
        for name in rows[0]
    }
    if "fix_x_px" not in found:
        n = len(rows)
        found |= {"fix_x_px": np.full(n, 960.0), "fix_y_px": np.full(n, 540.0)}
        found |= {"target_x_px": found["fix_x_px"], "target_y_px": found["fix_y_px"]}
        found |= {"settled": np.ones(n), "phase": np.full(n, "expressions")}
    return found


def true_eyes_px(
    truth: dict[str, NDArray[Any]], geometry: dict[str, Any], identity: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 2) each: where irises and centres of rotation lie in the image, middle of both eyes."""
    camera = geometry["camera"]
    centres = np.array(geometry["identities"][identity]["eye_centres_model_mm_right_left"])
    turns = [
        rotation_matrix(*angles)
        for angles in zip(
            truth["head_yaw_deg"], truth["head_pitch_deg"], truth["head_roll_deg"], strict=True
        )
    ]
    middle = np.stack([truth[f"head_{axis}_mm"] for axis in "xyz"], axis=1)
    eyes = middle[:, None] + np.einsum("nij,kj->nki", turns, centres - centres.mean(axis=0))
    screen = geometry["screen"]
    looked_at = np.stack(
        (
            -(truth["fix_x_px"] / screen["width_px"] - 0.5) * screen["width_mm"],
            10.0 + truth["fix_y_px"] / screen["height_px"] * screen["height_mm"],
            np.zeros(len(middle)),
        ),
        axis=1,
    )
    sight = looked_at[:, None] - eyes
    sight /= np.linalg.norm(sight, axis=-1, keepdims=True)

    def shown(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = points_mm[..., :2] / points_mm[..., 2:] * camera["fx"]
        centre = (camera["cx_pixel_edge_convention"], camera["cy_pixel_edge_convention"])
        return np.asarray((flat + centre).mean(axis=1))

    return shown(eyes + CENTRE_TO_IRIS_MM * sight), shown(eyes)


def observe(clip: Path, number: int, geometry: dict[str, Any], plain: Path | None) -> Seen:
    """One pass over a clip. ``plain`` is the stored pass without changes, for the glasses."""
    identity, kind = clip.stem.split("_")
    truth = read_truth(clip)
    irises_px, centres_px = true_eyes_px(truth, geometry, identity)
    seed = (int(identity[2:]), len(kind), number)
    width_px, height_px = geometry["camera"]["width"], geometry["camera"]["height"]
    camera = CameraIntrinsics.estimated(width_px, height_px)
    varied = Variation.drawn(number, np.random.default_rng(seed), wears_glasses=plain is not None)
    at = np.arange(0, len(irises_px), 1 if number == 0 else STRIDE)
    faces = None if plain is None else np.load(plain)["points_px"]
    n = len(at)
    points, limbus, poses = np.full((n, 478, 3), np.nan), np.full((n, 6), np.nan), np.zeros((n, 6))
    detector = FaceMeshModel()
    for place, frame in enumerate(
        frame for frame in read_frames(clip) if frame.index % (at[1] - at[0]) == 0
    ):
        face = None if faces is None else faces[frame.index]
        image = varied.applied(frame.image, face=face, camera=camera)
        mesh = detector.detect(image, t_ns=frame.t_ns)
        if mesh is None:
            continue
        points[place] = mesh.points_px()
        pose = estimate_head_pose(points[place], camera)
        if pose is None:
            points[place] = np.nan
            continue
        poses[place] = pose.as_columns()
        limbus[place] = limbus_features(
            image,
            mesh_irises_px(points[place]),
            radius_px=IRIS_RADIUS_MM * camera.focal_px / poses[place, 5],
            roll_deg=poses[place, 2],
        )
    detector.close()
    truth = {name: values[at] for name, values in truth.items()}
    shift_px = varied.moved(irises_px[at]) - varied.moved(centres_px[at])
    turns = np.array([upright(roll) for roll in poses[:, 2]])
    mm_per_px = poses[:, 5] / camera.focal_px
    return Seen(
        identity,
        kind,
        points,
        limbus,
        poses,
        np.einsum("nij,nj->ni", turns, shift_px) * mm_per_px[:, None],
        np.isfinite(limbus[:, 0]) & (truth["settled"] == 1) & (truth["blink"] < OPEN),
        truth,
        varied.is_mirrored,
        (1.0 if number == 0 else STRIDE / 2) * (EXPRESSIVE_WEIGHT if kind == "au" else 1.0),
    )


def still_landmarks(passes: list[Seen]) -> NDArray[np.intp]:
    """Landmarks that neither speech nor expressions carry along."""
    means = []
    for one in passes:
        good = one.points_px[one.usable]
        depth_mm = one.head_pose[one.usable, 5] / 582.0
        offsets = good - good[:, STABLE_LANDMARKS].mean(axis=1, keepdims=True)
        means.append(np.mean(offsets * depth_mm[:, None, None], axis=0))
    shape_mm = np.mean(means, axis=0)
    x, y = np.abs(shape_mm[:, 0]), shape_mm[:, 1]
    talks = y > shape_mm[BRIDGE, 1] + LOWEST_MM
    is_cheek = (y > shape_mm[OUTER_CORNER, 1] + CHEEK_BELOW_MM) & (x > CHEEK_BESIDE_MM)
    left_out = talks | is_cheek
    left_out[list(BROWS)] = True
    return np.flatnonzero(~left_out)


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums of one pass, centred: all a regression needs of it."""

    seen: Seen
    squares: NDArray[np.float64]
    products: NDArray[np.float64]
    mean_terms: NDArray[np.float64]
    mean_shift: NDArray[np.float64]


def moments(seen: Seen, landmarks: NDArray[np.intp], camera: CameraIntrinsics) -> Moments:
    """The sums of one pass."""
    rows = np.flatnonzero(seen.usable)
    terms = np.array(
        [
            sight_terms(
                seen.points_px[row],
                seen.limbus[row],
                head_pose=seen.head_pose[row],
                camera=camera,
                landmarks=landmarks,
            )
            for row in rows
        ]
    )
    shift = seen.shift_mm[rows]
    mean_terms, mean_shift = terms.mean(axis=0), shift.mean(axis=0)
    terms -= mean_terms
    return Moments(seen, terms.T @ terms, terms.T @ (shift - mean_shift), mean_terms, mean_shift)


def fitted(found: list[Moments], landmarks: NDArray[np.intp]) -> LineOfSightModel:
    """Ridge regression over passes."""
    n = len(landmarks)
    ridge = np.concatenate(
        (
            np.full(2 * n, RIDGE_POINTS),
            np.full(n, RIDGE_DEPTHS),
            np.full(N_OTHER_TERMS - 2, RIDGE_IRISES),
            np.full(2, RIDGE_TURN),
        )
    )
    total = sum(one.seen.weight * one.seen.usable.sum() for one in found)
    squares = sum(one.seen.weight * one.squares for one in found) / total
    products = sum(one.seen.weight * one.products for one in found) / total
    weights = np.linalg.solve(squares + np.diag(ridge), products)
    rest = [one.mean_shift - one.mean_terms @ weights for one in found if one.seen.kind == "gaze"]
    return LineOfSightModel(landmarks, weights, np.mean(rest, axis=0))


def errors_deg(seen: Seen, model: LineOfSightModel, camera: CameraIntrinsics) -> list[float]:
    """Median error on the points still and moving, calibrated on the nine points before."""
    features = np.zeros((len(seen.usable), N_FEATURES))
    for row in np.flatnonzero(seen.usable):
        features[row, -2:] = gaze_angles_deg(
            seen.points_px[row],
            seen.limbus[row],
            head_pose=seen.head_pose[row],
            camera=camera,
            model=model,
        )
    target = np.stack((seen.truth["target_x_px"], seen.truth["target_y_px"]), axis=1)
    if seen.is_mirrored:
        target[:, 0] = SCREEN_PX[0] - target[:, 0]
    samples = [
        GazeSample(features[row], seen.head_pose[row], target[row])
        for row in np.flatnonzero(seen.usable & (seen.truth["phase"] == "calibration"))
    ]
    calibration = fit_gaze(samples, screen_px=SCREEN_PX)
    found = []
    for phase in ("validation", "validation_motion"):
        rows = np.flatnonzero(seen.usable & (seen.truth["phase"] == phase))
        points = [calibration.predict(features[row], seen.head_pose[row])[0] for row in rows]
        miss_mm = np.linalg.norm(np.array(points) - target[rows], axis=1) * MM_PER_PX
        distance_mm = seen.truth["head_z_mm"][rows]
        found.append(float(np.median(np.degrees(np.arctan2(miss_mm, distance_mm)))))
    return found


def stored_pass(clip: Path, number: int, geometry: dict[str, Any], cache: Path) -> Seen:
    """A pass from the cache, or made and put there."""
    path = cache / f"{clip.stem}_{number}.npz"
    if not path.exists():
        is_gaze = clip.stem.endswith("gaze")
        plain = cache / f"{clip.stem}_0.npz" if number > 1 and is_gaze else None
        seen = observe(clip, number, geometry, plain)
        values = {name: getattr(seen, name) for name in Seen.__dataclass_fields__}
        truth = {f"truth_{name}": column for name, column in values.pop("truth").items()}
        np.savez(path, **values, **truth)
        print(path.name, f"{seen.usable.sum()} of {len(seen.usable)} usable", flush=True)
    with np.load(path) as stored:
        values = {name: stored[name] for name in stored.files}
    truth = {name[6:]: values.pop(name) for name in list(values) if name.startswith("truth_")}
    words = {name: str(values.pop(name)) for name in ("identity", "kind")}
    is_mirrored, weight = bool(values.pop("is_mirrored")), float(values.pop("weight"))
    return Seen(**words, **values, truth=truth, is_mirrored=is_mirrored, weight=weight)


def main() -> None:
    """Observe, fit, write; or tell the error on those left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("out/line-of-sight"))
    parser.add_argument("--passes", type=int, default=9)
    parser.add_argument("--leave-out", action="store_true")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    geometry = json.loads((given.folder / "geometry.json").read_text())
    camera = CameraIntrinsics.estimated(geometry["camera"]["width"], geometry["camera"]["height"])
    passes = [
        stored_pass(clip, number, geometry, given.cache)
        for number in range(given.passes)
        for clip in sorted(given.folder.glob("id??_gaze.mp4"))
        + (sorted(given.folder.glob("id??_au.mp4")) if number in EXPRESSIVE_PASSES else [])
    ]
    passes = [one for one in passes if one.usable.sum() > 50]
    landmarks = still_landmarks([one for one in passes if not one.is_mirrored])
    found = [moments(one, landmarks, camera) for one in passes]
    if given.leave_out:
        for identity in sorted({one.identity for one in passes}):
            model = fitted([one for one in found if one.seen.identity != identity], landmarks)
            for one in passes:
                if one.identity == identity and one.kind == "gaze":
                    still, moving = errors_deg(one, model, camera)
                    print(f"{identity} pass weight {one.weight:g}: {still:.2f} {moving:.2f}")
        return
    model = fitted(found, landmarks)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        OUT,
        landmarks=model.landmarks.astype(np.int16),
        weights=model.weights.astype(np.float32),
        rest_mm=model.rest_mm.astype(np.float32),
    )
    print(f"{OUT}: {len(landmarks)} landmarks, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
