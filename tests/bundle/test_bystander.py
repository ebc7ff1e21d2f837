"""Somebody beside the participant cannot be recognised either: two real faces in one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from journeylab.bundle.blurring import blurred
from journeylab.opencv import cv2

_FILMS = ("WolfgangLanger_Pexels.mp4", "single_face.mp4")


@pytest.fixture(scope="module")
def mesh() -> Iterator[Any]:
    """A model that finds up to two faces in a picture."""
    import mediapipe as mp

    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=2) as model:
        yield model


def _boxes(mesh: Any, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Left, top, right, bottom of each face as shares of the image, from the left."""
    found = mesh.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).multi_face_landmarks or ()
    boxes = []
    for face in found:
        xy = np.array([(point.x, point.y) for point in face.landmark], dtype=np.float32)
        boxes.append(np.concatenate((xy.min(axis=0), xy.max(axis=0))))
    return sorted(boxes, key=lambda box: float(box[0]))


def _together(folder: Path) -> NDArray[np.uint8]:
    """A frame of each film beside the other."""
    frames = []
    for name in _FILMS:
        with av.open(str(folder / "real" / name)) as film:
            frame = next(film.decode(video=0)).to_ndarray(format="bgr24")
        width = round(frame.shape[1] * 480 / frame.shape[0])
        frames.append(cv2.resize(frame, (width, 480), interpolation=cv2.INTER_AREA))
    return np.asarray(np.hstack(frames), dtype=np.uint8)


def test_neither_face_is_found_whichever_was_measured(faces: Path, mesh: Any) -> None:
    image = _together(faces)
    boxes = _boxes(mesh, image)
    assert len(boxes) == 2
    for box in boxes:
        made = blurred(image, box)
        assert _boxes(mesh, made) == []
        for one in boxes:
            left, right = (round(float(x) * image.shape[1]) for x in one[[0, 2]])
            top, bottom = (round(float(y) * image.shape[0]) for y in one[[1, 3]])
            before, after = (p[top:bottom, left:right].astype(float) for p in (image, made))
            assert _detail(after) < 0.25 * _detail(before)


def _detail(image: NDArray[np.float64]) -> float:
    """Mean step from a pixel to the next."""
    return float(np.abs(np.diff(image, axis=1)).mean())
