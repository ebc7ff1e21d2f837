"""The picture's check: good faces pass, whoever they are, and each thing made worse is named."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from session_fakes import face_measures

from journeylab.capture.camera.source import read_frames
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.inference.measures import Mesh, no_face
from journeylab.inference.mesh import FaceMeshModel
from journeylab.inference.picture_check import lumas, measure_picture
from journeylab.opencv import cv2
from journeylab.session.health import HealthLog
from journeylab.session.tech_check import BLURRED_MM, PictureWatch, judge_picture
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.streams import Frame, Row

Image = NDArray[np.uint8]
SKINS = (0, 3, 5)
"""Light, brown, dark."""


@pytest.fixture(scope="module")
def model() -> Iterator[FaceMeshModel]:
    made = FaceMeshModel()
    yield made
    made.close()


@pytest.fixture(scope="module")
def faces_seen(model: FaceMeshModel) -> dict[int, tuple[Image, Mesh]]:
    seen = {}
    for seed in SKINS:
        image = Avatar(AvatarIdentity(seed), width_px=640, height_px=480).render(AvatarPose())
        seen[seed] = (image, _mesh(model, image))
    return seen


def _mesh(model: FaceMeshModel, image: Image) -> Mesh:
    for _ in range(3):  # it tracks from frame to frame
        mesh = model.detect(image)
    assert mesh is not None
    return mesh


def _oval(image: Image, mesh: Mesh) -> NDArray[np.float64]:
    """1 on the face, 0 around it, with a soft edge."""
    mask = np.zeros(image.shape[:2], np.float32)
    outline = cv2.convexHull(np.round(mesh.points_px()[:, :2]).astype(np.int32))
    cv2.fillConvexPoly(mask, outline, 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 6), np.float64)[:, :, None]


def _byte(image: NDArray[np.float64]) -> Image:
    return np.clip(image, 0, 255).astype(np.uint8)


def blurred(image: Image, _mesh: Mesh) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2.5))


def darkened(image: Image, _mesh: Mesh) -> Image:
    return _byte(image * 0.33)


def overexposed(image: Image, _mesh: Mesh) -> Image:
    return _byte(image * 1.2 + 170.0)


def backlit(image: Image, mesh: Mesh) -> Image:
    face = _oval(image, mesh)
    return _byte(image * 0.4 * face + (image * 1.5 + 60.0) * (1 - face))


def lit_from_the_side(image: Image, mesh: Mesh) -> Image:
    nose_px = mesh.points_px()[1, 0]
    ramp = 1 / (1 + np.exp((np.arange(image.shape[1]) - nose_px) / 12.0))
    return _byte(image * (0.35 + 0.75 * ramp)[None, :, None])


def with_glare(image: Image, mesh: Mesh) -> Image:
    points = mesh.points_px()
    eye = points[[33, 133], :2].mean(axis=0)
    radius_px = 4.5 / 86.0 * np.hypot(*(points[263] - points[33])[:2])
    out = image.copy()
    cv2.circle(out, tuple(np.round(eye).astype(int).tolist()), round(radius_px), (255,) * 3, -1)
    return out


def small(image: Image, _mesh: Mesh) -> Image:
    out = np.full_like(image, 120)
    height, width = image.shape[0] // 2, image.shape[1] // 2
    shrunk = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    out[height // 2 : height // 2 + height, width // 2 : width // 2 + width] = shrunk
    return out


def at_the_edge(image: Image, _mesh: Mesh) -> Image:
    return np.roll(image, round(0.28 * image.shape[1]), axis=1)


def _bad(image: Image, mesh: Mesh) -> dict[str, str]:
    found = judge_picture(measure_picture(image, mesh))
    return {one.subject: one.text for one in found if not one.is_good}


@pytest.mark.parametrize("seed", SKINS)
def test_a_well_lit_face_passes_whatever_its_skin(
    faces_seen: dict[int, tuple[Image, Mesh]], seed: int
) -> None:
    assert _bad(*faces_seen[seed]) == {}


@pytest.mark.parametrize("seed", SKINS)
@pytest.mark.parametrize(
    ("make", "subject", "words"),
    [
        (blurred, "Sharpness", "blurred. Wipe the lens"),
        (darkened, "Light", "too dark. Put a lamp"),
        (overexposed, "Light", "too bright. Dim the lamp"),
        (backlit, "Light", "light comes from behind. Close the blind"),
        (lit_from_the_side, "Light", "it comes from the side. Move the lamp"),
        (with_glare, "Glasses", "it hides an eye. Raise the lamp"),
        (small, "Face", "too small in the picture. Move the camera closer"),
        (at_the_edge, "Face", "near the picture's edge. Turn the camera"),
    ],
)
def test_a_picture_made_worse_is_named_and_what_to_do(
    model: FaceMeshModel,
    faces_seen: dict[int, tuple[Image, Mesh]],
    seed: int,
    make: Callable[[Image, Mesh], Image],
    subject: str,
    words: str,
) -> None:
    image, mesh = faces_seen[seed]
    worse = make(image, mesh)
    again = _mesh(model, worse) if make in (small, at_the_edge) else mesh
    assert words in _bad(worse, again)[subject]


@pytest.mark.parametrize("seed", SKINS)
def test_blur_is_measured_whoever_it_is_and_noise_is_none(
    faces_seen: dict[int, tuple[Image, Mesh]], seed: int
) -> None:
    image, mesh = faces_seen[seed]
    widths = [
        measure_picture(np.asarray(cv2.GaussianBlur(image, (0, 0), sigma)), mesh).blur_mm
        for sigma in (0.01, 1.0, 2.0, 3.0)
    ]
    assert widths == sorted(widths)
    assert widths[1] < BLURRED_MM < widths[2]
    noise = np.random.default_rng(seed).normal(0, 6, image.shape)
    noisy = measure_picture(_byte(image + noise), mesh).blur_mm
    assert noisy == pytest.approx(widths[0], abs=0.15)


def test_the_brighter_side_is_the_participants_own(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    picture = measure_picture(lit_from_the_side(image, mesh), mesh)
    assert picture.right_luma > 1.5 * picture.left_luma  # the lamp is at image left


@pytest.mark.parametrize(("low", "high"), [(-0.3, 0.02), (0.98, 1.4), (-0.5, 1.5), (0.5, 0.5001)])
def test_a_face_partly_or_wholly_outside_the_picture_is_still_measured(
    low: float, high: float
) -> None:
    xyz = np.zeros((478, 3), np.float32)
    xyz[:, :2] = np.random.default_rng(0).uniform(low, high, (478, 2))
    image = np.full((480, 640, 3), 100, np.uint8)
    picture = measure_picture(image, Mesh(xyz, 640, 480))
    assert (picture.face_luma, picture.around_luma) == (100, 100)
    assert picture.glare_mm == 0


@pytest.mark.real_face
@pytest.mark.parametrize("identity", [f"id0{n}" for n in range(1, 7)])
def test_rendered_people_in_good_light_pass(
    faces: Path, model: FaceMeshModel, identity: str
) -> None:
    image = next(iter(read_frames(faces / "dev" / f"{identity}_au.mp4"))).image
    assert _bad(image, _mesh(model, image)) == {}


@pytest.mark.real_face
@pytest.mark.parametrize("clip", ["single_face.mp4", "WolfgangLanger_Pexels.mp4"])
def test_real_people_pass_and_fail_once_their_picture_is_blurred(
    faces: Path, model: FaceMeshModel, clip: str
) -> None:
    image = next(iter(read_frames(faces / "real" / clip))).image
    mesh = _mesh(model, image)
    assert _bad(image, mesh) == {}
    size_px = measure_picture(image, mesh).interocular_px
    worse = np.asarray(cv2.GaussianBlur(image, (0, 0), 2.5 * size_px / 86.0))
    assert "Sharpness" in _bad(worse, mesh)


@pytest.mark.real_face
@pytest.mark.parametrize(
    ("condition", "words"), [("dim", "too dark"), ("backlight", "light comes from behind")]
)
def test_a_dim_room_and_a_window_behind_are_told_apart(
    faces: Path, model: FaceMeshModel, condition: str, words: str
) -> None:
    clip = faces / "dev" / "id01_techcheck.mp4"
    with clip.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    at = [
        i
        for i, row in enumerate(rows)
        if row["condition"] == condition and row["transition"] == "0"
    ]
    middle = at[len(at) // 2]
    image = next(islice(read_frames(clip), middle, None)).image
    assert words in _bad(image, _mesh(model, image))["Light"]


class Room:
    """A session's watch, shown one picture after the other at 30 Hz."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.rows: list[Row] = []
        self.log = HealthLog(self.rows.append, clock=self.clock)  # type: ignore[arg-type]
        self.watch = PictureWatch(self.log)
        self.index = 0

    def show(self, image: Image, mesh: Mesh | None, *, seconds: float, rate_hz: int = 30) -> None:
        for _ in range(round(seconds * rate_hz)):
            self.clock.advance_ns(NS_PER_S // rate_hz)
            self.index += 1
            t_ns = self.clock.now_ns()
            seen = no_face(t_ns) if mesh is None else replace(face_measures(t_ns), mesh=mesh)
            self.watch.take(Frame(t_ns, self.index, image), seen)


def test_what_turns_bad_in_a_session_is_warned_of_and_goes_away(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    room = Room()
    room.show(image, mesh, seconds=2)
    room.watch.begin()
    room.show(image, mesh, seconds=10)
    assert room.log.warnings == ()
    room.show(darkened(image, mesh), mesh, seconds=2)  # somebody passed before the lamp
    room.show(image, mesh, seconds=10)
    assert room.log.warnings == ()
    room.show(darkened(image, mesh), mesh, seconds=10)
    (warning,) = room.log.warnings
    assert warning == (
        "The picture got worse. Light: the face is too dark. Put a lamp behind the participant's "
        "screen."
    )
    room.show(image, mesh, seconds=10)
    assert room.log.warnings == ()
    assert [row.values[1] for row in room.rows] == ["warning", "recovered"]


def test_a_camera_that_slows_down_in_a_session_is_warned_of(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    room = Room()
    room.show(image, mesh, seconds=2)
    room.watch.begin()
    room.show(image, mesh, seconds=10)
    room.show(image, mesh, seconds=12, rate_hz=12)
    (warning,) = room.log.warnings
    assert "Camera: too few frames" in warning
    room.show(image, mesh, seconds=12)
    assert room.log.warnings == ()
    room.index = 0  # unplugged and back: it counts anew
    room.show(image, mesh, seconds=12)
    assert room.log.warnings == ()


def test_what_the_moderator_has_seen_before_is_told_only_when_it_comes_back(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    room = Room()
    room.show(darkened(image, mesh), mesh, seconds=2)
    room.watch.begin()
    room.show(darkened(image, mesh), mesh, seconds=20)
    assert room.log.warnings == ()
    room.show(image, mesh, seconds=10)
    room.show(darkened(image, mesh), mesh, seconds=10)
    assert len(room.log.warnings) == 1


def test_an_absent_face_says_nothing_of_the_light(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, _ = faces_seen[0]
    room = Room()
    room.watch.begin()
    room.show(_byte(image * 0.1), None, seconds=20)
    assert room.log.warnings == ()
    assert room.watch.picture is None


def test_a_series_holds_the_light_of_every_frame(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    room = Room()
    assert room.watch.end_series() == []
    room.watch.begin_series()
    room.show(image, mesh, seconds=1)
    room.show(_byte(image * 0.5), None, seconds=1)
    series = room.watch.end_series()
    assert len(series) == 60
    face, whole = lumas(image, mesh)
    assert [of[1:] for of in series[:30]] == [(face, whole)] * 30
    assert math.isnan(series[-1][1])
    assert series[-1][2] == pytest.approx(whole / 2, abs=1)
    room.show(image, mesh, seconds=1)
    assert room.watch.end_series() == []


def test_the_silent_check_costs_less_than_a_hundredth_of_a_core(
    faces_seen: dict[int, tuple[Image, Mesh]],
) -> None:
    image, mesh = faces_seen[0]
    frame = np.asarray(cv2.resize(image, (1280, 720)))
    n = 50
    began_s = time.thread_time()
    for _ in range(n):
        judge_picture(measure_picture(frame, mesh))
    of_a_check_s = (time.thread_time() - began_s) / n
    assert of_a_check_s / 3.0 < 0.01  # one check every three seconds
