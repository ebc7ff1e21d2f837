"""Mesh: whatever an image holds, there is a mesh or None, never an exception."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from journeylab.inference.mesh import FaceMeshModel, as_rgb


@pytest.fixture(scope="module")
def model() -> Iterator[FaceMeshModel]:
    made = FaceMeshModel()
    yield made
    made.close()
    made.close()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((480, 640, 3), np.uint8),
        np.full((480, 640), 127, np.uint8),
        np.full((480, 640, 1), 127, np.uint8),
        np.full((120, 160, 4), 200, np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((0, 640, 3), np.uint8),
        np.zeros((8, 4000, 3), np.uint8),
        np.zeros((2160, 3840, 3), np.uint8),
        np.full((240, 320, 3), np.nan, np.float32),
        np.zeros((480, 640, 3), np.uint8)[::2, ::-1],
        np.zeros((480, 640, 7), np.uint8),
        np.zeros(640, np.uint8),
    ],
    ids=lambda image: f"{image.shape}-{image.dtype}",
)
def test_no_image_raises(model: FaceMeshModel, image: np.ndarray) -> None:
    assert model.detect(image) is None


def test_noise_has_no_face(model: FaceMeshModel) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    assert model.detect(noise) is None


def test_bgr_becomes_rgb() -> None:
    blue = np.zeros((64, 64, 3), np.uint8)
    blue[..., 0] = 255
    rgb = as_rgb(blue)
    assert rgb is not None and rgb[0, 0].tolist() == [0, 0, 255]
    same = as_rgb(blue, is_bgr=False)
    assert same is not None and same[0, 0].tolist() == [255, 0, 0]


def test_floats_are_read_as_0_to_255_and_nan_as_black() -> None:
    image = np.full((64, 64, 3), 300.0)
    image[0, 0] = np.nan
    rgb = as_rgb(image)
    assert rgb is not None and rgb.dtype == np.uint8
    assert rgb[0, 0].tolist() == [0, 0, 0] and rgb[1, 1].tolist() == [255, 255, 255]


def test_a_closed_model_finds_nothing() -> None:
    model = FaceMeshModel()
    model.close()
    assert model.detect(np.zeros((480, 640, 3), np.uint8)) is None


def test_it_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    model = FaceMeshModel()
    model.detect(np.zeros((480, 640, 3), np.uint8))
    model.close()
    assert capfd.readouterr().err == ""
