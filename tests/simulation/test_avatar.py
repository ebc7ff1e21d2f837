"""The avatar as a camera sees it: found, fitted, moved, without a jump."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.inference.mesh import FaceMeshModel
from journeylab.opencv import cv2
from journeylab.simulation.avatar import REST_MM, Avatar, AvatarIdentity, AvatarPose, focal_px

_LOOKING_AT_THE_SCREEN = -6.0


@pytest.fixture(scope="module")
def model() -> Iterator[FaceMeshModel]:
    mesh_model = FaceMeshModel()
    yield mesh_model
    mesh_model.close()


@pytest.fixture(scope="module")
def avatars() -> tuple[Avatar, ...]:
    return tuple(Avatar(AvatarIdentity(seed), width_px=640, height_px=480) for seed in (0, 3, 5))


def _pose(units: dict[str, float] | None = None, **rest: float) -> AvatarPose:
    return AvatarPose(units or {}, gaze_pitch_deg=_LOOKING_AT_THE_SCREEN, **rest)


def _mesh_px(model: FaceMeshModel, avatar: Avatar, pose: AvatarPose) -> NDArray[np.float64]:
    # The model tracks from frame to frame; a few frames let it settle on a new pose.
    for _ in range(4):
        mesh = model.detect(avatar.render(pose))
    assert mesh is not None
    return mesh.points_px()[:468, :2]


def test_facemesh_finds_it_and_fits_it_whatever_it_does(
    model: FaceMeshModel, avatars: tuple[Avatar, ...]
) -> None:
    rng = np.random.default_rng(5)
    found, errors = 0, []
    n = 40
    for avatar in avatars:
        for _ in range(n):
            codes = rng.choice(("AU01", "AU04", "AU06", "AU12", "AU15", "AU24", "AU26"), 2)
            pose = _pose(
                {str(code): float(rng.uniform(0, 1)) for code in codes},
                head_yaw_deg=float(rng.normal(0, 6)),
                head_pitch_deg=float(rng.normal(-2, 5)),
                head_roll_deg=float(rng.normal(0, 4)),
                head_x_mm=float(rng.normal(0, 15)),
                head_z_mm=float(rng.normal(540, 30)),
                blink=float(rng.uniform() < 0.15),
            )
            mesh = model.detect(avatar.render(pose))
            if mesh is None:
                continue
            found += 1
            true_px = avatar.landmarks_px(pose)
            off = np.linalg.norm(mesh.points_px()[:468, :2] - true_px, axis=1)
            errors.append(np.median(off) / np.linalg.norm(true_px[33] - true_px[263]))
    assert found >= 0.99 * n * len(avatars)
    assert np.median(errors) < 0.03
    assert np.quantile(errors, 0.95) < 0.06


@pytest.mark.parametrize(
    "units",
    [
        {"AU12": 1.0},
        {"AU04": 1.0},
        {"AU24": 1.0},
        {"AU15": 1.0},
        {"AU14R": 1.0},
        {"AU01": 1.0, "AU02": 1.0, "AU05": 1.0, "AU26": 1.0},
    ],
    ids="+".join,
)
def test_an_expression_comes_back_in_the_measured_mesh(
    model: FaceMeshModel, avatars: tuple[Avatar, ...], units: dict[str, float]
) -> None:
    avatar = avatars[0]
    neutral_px = _mesh_px(model, avatar, _pose())
    measured = _mesh_px(model, avatar, _pose(units)) - neutral_px
    played = avatar.landmarks_px(_pose(units)) - avatar.landmarks_px(_pose())
    way = np.linalg.norm(played, axis=1)
    moved = way > 0.3 * way.max()
    gain = (played[moved] * measured[moved]).sum() / (played[moved] ** 2).sum()
    assert gain > 0.4
    assert np.corrcoef(played[moved].ravel(), measured[moved].ravel())[0, 1] > 0.55


def test_a_frown_darkens_the_skin_between_the_brows(avatars: tuple[Avatar, ...]) -> None:
    avatar = avatars[0]

    def unevenness(units: dict[str, float]) -> float:
        pose = _pose(units)
        middle = avatar.landmarks_px(pose)[[9, 8, 168]].mean(axis=0).astype(int)
        window = avatar.render(pose)[middle[1] - 8 : middle[1] + 8, middle[0] - 7 : middle[0] + 7]
        grey = cv2.cvtColor(window, cv2.COLOR_BGR2GRAY).astype(float)
        return float(np.abs(np.diff(grey, axis=1)).mean())

    smooth, frown = unevenness({}), unevenness({"AU04": 1.0})
    assert frown > 1.5 * smooth
    assert unevenness({}) == smooth, "the crease goes away with the frown"


def test_the_iris_follows_the_gaze(avatars: tuple[Avatar, ...]) -> None:
    avatar = avatars[2]

    def darkest(yaw_deg: float) -> float:
        pose = AvatarPose(gaze_yaw_deg=yaw_deg)
        eye = avatar.landmarks_px(pose)[[33, 133]].mean(axis=0).astype(int)
        frame = avatar.render(pose)[eye[1] - 3 : eye[1] + 4, eye[0] - 12 : eye[0] + 13]
        dark = 255.0 - frame.mean(axis=(0, 2))
        dark -= dark.min()
        return float((dark**3 * np.arange(len(dark))).sum() / (dark**3).sum())

    places = [darkest(yaw) for yaw in (-15, -7, 0, 7, 15)]
    assert np.all(np.diff(places) > 0.3), "yaw to image right moves the iris to image right"


def test_small_moves_shift_the_picture_by_fractions_of_a_pixel(
    avatars: tuple[Avatar, ...],
) -> None:
    avatar = avatars[1]
    inside_the_face = (slice(220, 350), slice(270, 370))

    def grey(mm: float) -> NDArray[np.float64]:
        frame = avatar.render(_pose(head_x_mm=mm))[inside_the_face]
        return cv2.GaussianBlur(frame.astype(np.float64).mean(axis=2), (0, 0), 1.5)

    px_per_mm = focal_px(640) / REST_MM[2]
    for mm in (0.05, 0.1, 0.25, 0.5, 0.8):
        before, after = grey(0.0), grey(mm)
        slope = np.gradient((before + after) / 2, axis=1)
        shift_px = -((after - before) * slope).sum() / (slope**2).sum()
        # The nose is nearer than the eyes the millimetres count for, and so moves further.
        assert 0.97 * mm * px_per_mm - 0.01 < shift_px < 1.1 * mm * px_per_mm + 0.01


def test_a_frame_is_fresh_and_always_the_same(avatars: tuple[Avatar, ...]) -> None:
    avatar = avatars[0]
    smile = _pose({"AU12": 0.8}, head_yaw_deg=5.0)
    first = avatar.render(smile)
    avatar.render(_pose({"AU04": 1.0, "AU15": 1.0}, blink=1.0))
    again = avatar.render(smile)
    assert first is not again
    assert np.array_equal(first, again)
    assert first.shape == (480, 640, 3)
    assert first.dtype == np.uint8


def test_a_head_out_of_the_picture_is_no_error(avatars: tuple[Avatar, ...]) -> None:
    for away in ({"head_x_mm": 900.0}, {"head_y_mm": -700.0}, {"head_z_mm": 4000.0}):
        assert avatars[0].render(_pose(**away)).shape == (480, 640, 3)


def test_it_can_be_drawn_larger() -> None:
    avatar = Avatar(AvatarIdentity(0), width_px=1280, height_px=720)
    assert avatar.render(_pose({"AU26": 1.0, "AU12": 0.5})).shape == (720, 1280, 3)
