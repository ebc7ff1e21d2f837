"""The line of sight: the model fits its terms, follows irises and head, and holds on real clips."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from made_faces import CAMERA, face_points_mm, seen_by

from journeylab.app.infer import run_infer
from journeylab.inference.head_pose import estimate_head_pose
from journeylab.inference.limbus import LIMBUS_FEATURES
from journeylab.inference.line_of_sight import (
    N_OTHER_TERMS,
    LineOfSightModel,
    gaze_angles_deg,
    shipped_model,
    sight_terms,
    upright,
)

MM_PER_PX = 345.0 / 1920


def _looking(
    limbus: np.ndarray, *, roll_deg: float = 0.0, model: LineOfSightModel | None = None
) -> np.ndarray:
    points = seen_by(face_points_mm(), angles_deg=(0.0, 0.0, roll_deg))
    pose = estimate_head_pose(points, CAMERA)
    assert pose is not None
    return gaze_angles_deg(points, limbus, head_pose=pose.as_columns(), camera=CAMERA, model=model)


def _limbus(x: float, y: float) -> np.ndarray:
    return np.array([x, y, x, y, 0.4, 0.4])


def test_the_shipped_model_has_weights_for_its_terms() -> None:
    model = shipped_model()
    assert model.weights.shape == (3 * len(model.landmarks) + N_OTHER_TERMS, 2)
    assert np.isfinite(model.weights).all() and np.isfinite(model.rest_mm).all()
    assert 50 < len(model.landmarks) < 478
    assert not set(model.landmarks.tolist()) & {13, 14, 61, 291}, "lips tell nothing of gaze"


def test_irises_that_move_by_a_millimetre_are_displaced_by_about_one() -> None:
    both_x, both_y = [1, 0, 1, 0], [0, 1, 0, 1]
    # Mesh and image see the same movement: both terms of both eyes together.
    weights = shipped_model().weights
    irises, shifts = weights[-N_OTHER_TERMS:-6], weights[-6:-2]
    along, across = both_x @ shifts, both_y @ shifts
    assert 0.4 < along[0] < 1.3 and abs(along[1]) < 0.3
    assert 0.2 < across[1] < 1.3 and abs(across[0]) < 0.3
    assert (both_x @ irises)[0] > 0.1 and (both_y @ irises)[1] > 0.1


def test_an_edge_without_contrast_is_not_believed() -> None:
    unseen = np.array([0.5, 0.5, 0.5, 0.5, 0.02, 0.02])
    assert np.allclose(_looking(unseen), _looking(_limbus(0.0, 0.0)))


def test_terms_are_upright_whatever_the_roll() -> None:
    landmarks = np.array([33, 133, 263, 362, 168])
    terms = []
    for roll_deg in (0.0, 15.0):
        points = seen_by(face_points_mm(), angles_deg=(0.0, 0.0, roll_deg))
        pose = estimate_head_pose(points, CAMERA)
        assert pose is not None
        terms.append(
            sight_terms(
                points,
                np.zeros(LIMBUS_FEATURES),
                head_pose=pose.as_columns(),
                camera=CAMERA,
                landmarks=landmarks,
            )
        )
    assert np.allclose(terms[0][:10], terms[1][:10], atol=1.5)
    assert np.allclose(upright(0.0), np.eye(2))


def test_displacement_becomes_an_angle_about_the_eyes_centre() -> None:
    landmarks = np.array([168])
    weights = np.zeros((3 + N_OTHER_TERMS, 2))
    for angle_deg in (0.0, 10.0, 25.0):
        shift_mm = np.array([9.8 * np.sin(np.deg2rad(angle_deg)), 0.0])
        yaw, _ = _looking(_limbus(0.0, 0.0), model=LineOfSightModel(landmarks, weights, shift_mm))
        # Perspective: the eyes are beside the camera's axis here only by millimetres.
        assert yaw == pytest.approx(angle_deg, abs=0.7)


@pytest.mark.real_face
@pytest.mark.parametrize("identity", ["id02", "id06"])
def test_gaze_of_a_rendered_face_holds_its_figures(
    faces: Path, tmp_path: Path, identity: str
) -> None:
    clip = faces / "dev" / f"{identity}_gaze.mp4"
    with clip.with_suffix(".csv").open(newline="") as file:
        truth = list(csv.DictReader(file))
    _write_targets(tmp_path / "targets.csv", truth)
    out = tmp_path / "out.csv"
    run_infer(clip, out=out, neutral=None, gaze_targets=tmp_path / "targets.csv")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    errors: dict[str, list[float]] = {"validation": [], "validation_motion": []}
    for true, row in zip(truth, rows, strict=True):
        if true["phase"] in errors and true["settled"] == "1" and row["gaze_x_px"]:
            x_px, y_px = float(true["target_x_px"]), float(true["target_y_px"])
            miss_px = np.hypot(float(row["gaze_x_px"]) - x_px, float(row["gaze_y_px"]) - y_px)
            errors[true["phase"]].append(
                float(np.degrees(np.arctan2(miss_px * MM_PER_PX, float(true["head_z_mm"]))))
            )
    assert np.median(errors["validation"]) <= 1.5
    assert np.median(errors["validation_motion"]) <= 2.5


def _write_targets(path: Path, truth: list[dict[str, str]]) -> None:
    """Begin and end of each calibration point, as a script of ours would know them."""
    lines, last = ["t_start_s,t_end_s,x_px,y_px"], None
    for at, row in enumerate(truth):
        if row["phase"] != "calibration":
            continue
        place = (row["target_x_px"], row["target_y_px"])
        if place != last:
            lines.append("")
            start_s, last = at / 30, place
        lines[-1] = f"{start_s:.4f},{(at + 1) / 30:.4f},{place[0]},{place[1]}"
    path.write_text("\n".join(lines) + "\n")
