"""Image to face mesh, behind one small interface."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.measures import Mesh
from journeylab.opencv import cv2
from journeylab.streams import N_LANDMARKS

# Below this no face can be told apart, and the detector's own resizing fails on a few pixels.
_SMALLEST_SIDE_PX: Final = 32
# One serialised landmark: message tag and length, then x, y, z, each one tag byte and a float.
_RECORD: Final = np.dtype(
    [
        ("head", "u1", 2),
        ("x_tag", "u1"),
        ("x", "<f4"),
        ("y_tag", "u1"),
        ("y", "<f4"),
        ("z_tag", "u1"),
        ("z", "<f4"),
    ]
)


class MeshDetector(Protocol):
    """Finds the participant's face mesh in an image."""

    @property
    def name(self) -> str:
        """What found it, with version, as written into the bundle."""
        ...

    def detect(self, image: NDArray[np.uint8], *, t_ns: int | None = None) -> Mesh | None:
        """The face in an image, or None; never raises for what an image may hold."""
        ...

    def close(self) -> None:
        """Free the model; twice is harmless."""
        ...


def import_face_mesh() -> Any:
    """MediaPipe's class for the mesh; the first call takes a second and half a gigabyte of address
    space, so it is no import of this module's."""
    with _quiet_stderr():
        from mediapipe.python.solutions.face_mesh import FaceMesh

        return FaceMesh


class FaceMeshModel:
    """MediaPipe's attention mesh: 478 points with irises, tracked from frame to frame.

    Its models come with the package; nothing is downloaded. Tracking makes it stateful: one
    instance per session, called from one thread at a time, frames in order.

    Parameters
    ----------
    image_is_bgr
        False when images come as RGB.
    """

    NAME: ClassVar[str] = "MediaPipe Face Mesh"
    VERSION: ClassVar[str] = "0.10.21"

    def __init__(self, *, image_is_bgr: bool = True) -> None:
        self._is_bgr = image_is_bgr
        face_mesh = import_face_mesh()
        with _quiet_stderr():
            self._model: Any = face_mesh(refine_landmarks=True, max_num_faces=1)
            # The first image is what makes it load its networks and talk about it.
            self._model.process(np.zeros((64, 64, 3), np.uint8))
        # It has one more thing to say, at the first face.
        self._has_spoken = False

    @property
    def name(self) -> str:
        return f"{self.NAME} {self.VERSION}"

    def detect(self, image: NDArray[np.uint8], *, t_ns: int | None = None) -> Mesh | None:
        """Find the face.

        Parameters
        ----------
        image
            (height, width, 3) uint8; grey, four-channel, float and non-contiguous images are
            accepted, NaN counts as black.
        t_ns
            Time of the frame; the model tracks by order alone.

        Returns
        -------
        Mesh or None
            None when there is no face, the image is too small to hold one, or points came out
            as NaN.
        """
        del t_ns
        rgb = as_rgb(image, is_bgr=self._is_bgr)
        if rgb is None or self._model is None:
            return None
        if self._has_spoken:
            found = self._model.process(rgb).multi_face_landmarks
        else:
            with _quiet_stderr():
                found = self._model.process(rgb).multi_face_landmarks
        if not found:
            return None
        self._has_spoken = True
        xyz = _landmark_array(found[0])
        if xyz is None or not np.isfinite(xyz).all():
            return None
        return Mesh(xyz, width_px=rgb.shape[1], height_px=rgb.shape[0])

    def close(self) -> None:
        """Free the model; twice is harmless."""
        if self._model is not None:
            self._model.close()
            self._model = None


def as_rgb(image: NDArray[Any], *, is_bgr: bool = True) -> NDArray[np.uint8] | None:
    """An image as contiguous RGB uint8, or None when it is no image a face could be in."""
    if image.ndim not in (2, 3) or min(image.shape[:2]) < _SMALLEST_SIDE_PX:
        return None
    if image.dtype != np.uint8:
        image = np.nan_to_num(image, nan=0.0, posinf=255.0, neginf=0.0)
        image = np.clip(image, 0, 255).astype(np.uint8)
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels == 3:
        if is_bgr:
            return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_BGR2RGB))
        return np.ascontiguousarray(image)
    code = {
        1: cv2.COLOR_GRAY2RGB,
        4: cv2.COLOR_BGRA2RGB if is_bgr else cv2.COLOR_RGBA2RGB,
    }.get(channels)
    return None if code is None else np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code))


def _landmark_array(landmarks: Any) -> NDArray[np.float32] | None:
    """(478, 3) float32 from the model's message, or None when it has another number of points.

    Reading the message's bytes takes a tenth of asking each point for each coordinate.
    """
    data: bytes = landmarks.SerializeToString()
    if len(data) == N_LANDMARKS * _RECORD.itemsize:
        records = np.frombuffer(data, _RECORD)
        tags = (records["x_tag"] == 0x0D) & (records["y_tag"] == 0x15) & (records["z_tag"] == 0x1D)
        if tags.all():
            return np.stack((records["x"], records["y"], records["z"]), axis=1)
    # A message with more or fewer fields than we know, such as a coordinate that is exactly 0.
    points = [(point.x, point.y, point.z) for point in landmarks.landmark]
    return np.array(points, dtype=np.float32) if len(points) == N_LANDMARKS else None


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere for a moment.

    The model's C++ parts write to it directly, and no setting of theirs stops all of it.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a windowed process may have no stderr at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
