"""The avatar: a face that FaceMesh finds and fits, moved by action units, head pose and gaze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.simulation.avatar_canvas import PAINT, Canvas
from journeylab.simulation.avatar_creases import Creases
from journeylab.simulation.avatar_expression import Expression
from journeylab.simulation.avatar_eyes import EyePainter, paint_mouth
from journeylab.simulation.avatar_looks import looks_of
from journeylab.simulation.avatar_raster import rasterise
from journeylab.simulation.avatar_scene import paint_scene
from journeylab.simulation.avatar_shape import (
    N_FACE,
    AvatarIdentity,
    neutral_head,
    rotation_of,
    shifted,
)
from journeylab.simulation.avatar_skin import paint_head

__all__ = ["REST_MM", "Avatar", "AvatarIdentity", "AvatarPose", "focal_px"]

REST_MM: Final = (0.0, 42.0, 540.0)
"""Where the eyes rest in the camera's frame: as a person sits before a laptop."""
_FIELD_OF_VIEW_DEG: Final = 60.0
_BODY_FOLLOWS: Final = 0.55  # share of the head's sideways way that the shoulders go along


@dataclass(frozen=True, slots=True)
class AvatarPose:
    """One instant of the avatar.

    Head pose as in :data:`journeylab.vocabulary.HEAD_POSE_COLUMNS`. Gaze angles are those of the
    line of sight in camera axes: yaw to image right and pitch up positive, 0 into the camera's
    direction. ``blink`` is the closure of both eyes, 0..1.
    """

    action_units: Mapping[str, float] = field(default_factory=dict)
    head_yaw_deg: float = 0.0
    head_pitch_deg: float = 0.0
    head_roll_deg: float = 0.0
    head_x_mm: float = REST_MM[0]
    head_y_mm: float = REST_MM[1]
    head_z_mm: float = REST_MM[2]
    gaze_yaw_deg: float = 0.0
    gaze_pitch_deg: float = 0.0
    blink: float = 0.0


def focal_px(width_px: int) -> float:
    """Focal length of the avatar's camera, px, for a frame of that width."""
    return width_px / 2 / float(np.tan(np.radians(_FIELD_OF_VIEW_DEG / 2)))


class Avatar:
    """One identity, ready to be rendered; not for use from two threads at once."""

    def __init__(self, identity: AvatarIdentity, *, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._focal_px = focal_px(width_px)
        rng = np.random.default_rng((identity.seed, 3))
        looks = looks_of(identity)
        self._head = neutral_head(identity)
        self._expression = Expression(self._head)
        self._eyes = EyePainter(self._head, looks)
        px_per_mm = self._focal_px / REST_MM[2]
        # A little finer than shown: sharp, and still free of the shimmer of skipped texels.
        shown = Canvas(px_per_mm * 1.15)
        self._texture = cv2.resize(
            paint_head(self._head, looks=looks, rng=rng),
            shown.shape[::-1],
            interpolation=cv2.INTER_AREA,
        )
        self._skin = self._texture.copy()
        self._creases = Creases(self._head, shape=shown.shape)
        scale = np.array(shown.shape[::-1]) / np.array(PAINT.shape[::-1])
        self._texels = (PAINT.pixels(self._head.points) * scale - 0.5).astype(np.float32)
        self._middle = self._texels[[234, 454]].mean(axis=0)
        corners = np.array(((0, 0), (1, 0), (0, 1), (1, 1))) * np.array(shown.shape[::-1])
        self._corners = corners.astype(np.float64)
        self._step = max(2, round(2 * width_px / 640))
        self._margin = round(0.1 * width_px)
        scene = paint_scene(
            looks=looks,
            width_px=width_px,
            height_px=height_px,
            px_per_mm=px_per_mm,
            eyes_px=(width_px / 2, height_px / 2 + REST_MM[1] * px_per_mm),
            jaw_mm=-float(self._head.points[152, 1]),
            rng=rng,
        )
        edges = (self._margin,) * 4
        self._scene = cv2.copyMakeBorder(scene, *edges, cv2.BORDER_REPLICATE)

    def render(self, pose: AvatarPose) -> NDArray[np.uint8]:
        """One frame, (height, width, 3) BGR."""
        points, turn, gaze = self._moved(pose)
        offset = np.array((pose.head_x_mm, pose.head_y_mm, pose.head_z_mm))
        # Pixel positions count from the middle of the first pixel.
        centre = (self.width_px / 2 - 0.5, self.height_px / 2 - 0.5)

        def project(head_mm: NDArray[np.float64]) -> NDArray[np.float64]:
            return shifted(self._shown(head_mm @ turn.T + offset), *centre)

        frame = self._body(pose)
        camera_mm = points @ turn.T + offset
        shown = shifted(self._shown(camera_mm), *centre)
        self._creases.fold(self._skin, self._texture, pose.action_units)
        self._lay_head(frame, shown, depth=camera_mm[:, 2])
        px_per_mm = self._focal_px / pose.head_z_mm
        self._eyes.paint(frame, points, project=project, gaze=gaze, px_per_mm=px_per_mm)
        paint_mouth(frame, points, project=project, px_per_mm=px_per_mm)
        return frame

    def landmarks_px(self, pose: AvatarPose) -> NDArray[np.float64]:
        """Where the face's 468 landmarks (without irises) truly lie, (468, 2) px from the image's
        top-left corner."""
        points, turn, _ = self._moved(pose)
        offset = np.array((pose.head_x_mm, pose.head_y_mm, pose.head_z_mm))
        shown = self._shown(points[:N_FACE] @ turn.T + offset)
        return shifted(shown, self.width_px / 2, self.height_px / 2)

    def _moved(
        self, pose: AvatarPose
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The head's points (n, 3) in head axes, its rotation, and the gaze in head axes (3,)."""
        turn = rotation_of(
            yaw_deg=pose.head_yaw_deg, pitch_deg=pose.head_pitch_deg, roll_deg=pose.head_roll_deg
        )
        gaze = _direction(pose.gaze_yaw_deg, pose.gaze_pitch_deg) @ turn
        gaze_pitch_deg = float(np.degrees(np.arcsin(np.clip(gaze[1], -1, 1))))
        points = self._expression.displaced(
            pose.action_units, blink=pose.blink, gaze_pitch_deg=gaze_pitch_deg
        )
        return points, turn, gaze

    def _shown(self, camera_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Perspective (n, 2) px about the image's middle."""
        shown: NDArray[np.float64] = camera_mm[:, :2] / camera_mm[:, 2:] * self._focal_px
        return shown

    def _body(self, pose: AvatarPose) -> NDArray[np.uint8]:
        """Wall and body, shifted by fractions of a pixel; a fresh frame."""
        px_per_mm = self._focal_px / REST_MM[2] * _BODY_FOLLOWS
        # Two weighted means cost a quarter of a general warp.
        left = self._margin - (pose.head_x_mm - REST_MM[0]) * px_per_mm
        top = self._margin - (pose.head_y_mm - REST_MM[1]) * px_per_mm
        left, top = (min(max(edge, 0.0), 2.0 * self._margin - 1.0) for edge in (left, top))
        x, y = int(left), int(top)
        view = self._scene[y : y + self.height_px + 1, x : x + self.width_px + 1]
        share = left - x
        across = cv2.addWeighted(view[:, :-1], 1 - share, view[:, 1:], share, 0)
        share = top - y
        body: NDArray[np.uint8] = cv2.addWeighted(across[:-1], 1 - share, across[1:], share, 0)
        return body

    def _lay_head(
        self,
        frame: NDArray[np.uint8],
        shown: NDArray[np.float64],
        *,
        depth: NDArray[np.float64],
    ) -> None:
        """Bend the painted head to where its vertices lie and lay it on the frame."""
        to_texel = _affine_fit(shown, self._texels)
        to_frame = np.linalg.inv(np.vstack((to_texel, (0, 0, 1))))[:2]
        box = self._corners @ to_frame[:, :2].T + to_frame[:, 2]
        low = np.maximum(np.floor(box.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(box.max(axis=0)).astype(int), (self.width_px, self.height_px))
        if (high - low < 2 * self._step).any():
            return
        texels = self._bent(shown, depth, to_texel=to_texel, low=low, high=high)
        head = cv2.remap(self._skin, texels, None, cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0))
        _soften_outline(head)
        window = frame[low[1] : high[1], low[0] : high[0]]
        colour = cv2.cvtColor(head, cv2.COLOR_BGRA2BGR)
        clear = cv2.bitwise_not(cv2.extractChannel(head, 3))
        cv2.multiply(window, cv2.merge((clear, clear, clear)), dst=window, scale=1 / 255)
        cv2.add(window, colour, dst=window)

    def _bent(
        self,
        shown: NDArray[np.float64],
        depth: NDArray[np.float64],
        *,
        to_texel: NDArray[np.float64],
        low: NDArray[np.int64],
        high: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """Which texel each pixel of a window of the frame shows, (h, w, 2)."""
        step = self._step
        cells = -(-(high - low) // step)
        # Grid cell i stands for the middle of frame pixels step*i .. step*i + step - 1.
        half = (step - 1) / 2
        columns = low[0] + half + step * np.arange(cells[0])
        rows = low[1] + half + step * np.arange(cells[1])
        grid = np.empty((cells[1], cells[0], 2), np.float32)
        # Beyond the mesh there is only clear paint: texels there are pushed outwards, so that
        # the mesh's edge interpolates to them without crossing the face again.
        for k in range(2):
            flat = to_texel[k, 0] * columns[None] + to_texel[k, 1] * rows[:, None] + to_texel[k, 2]
            grid[..., k] = flat + (flat - self._middle[k])
        rasterise(
            ((shown - low - half) / step).astype(np.float32),
            depth.astype(np.float32),
            triangles=self._head.triangles,
            attributes=self._texels,
            out=grid,
        )
        size = (int(cells[0]) * step, int(cells[1]) * step)
        width, height = (int(v) for v in high - low)
        texels: NDArray[np.float32] = cv2.resize(grid, size)[:height, :width]
        return texels


def _soften_outline(head: NDArray[np.uint8]) -> None:
    """Where the mesh turns away from the camera, its picture ends within a pixel and would show
    the grid's steps: smooth it there, and nowhere else."""
    alpha = cv2.extractChannel(head, 3)
    soft = cv2.blur(head, (3, 3))
    edge = cv2.compare(cv2.absdiff(alpha, cv2.extractChannel(soft, 3)), 24, cv2.CMP_GT)
    cv2.copyTo(soft, edge, head)


def _direction(yaw_deg: float, pitch_deg: float) -> NDArray[np.float64]:
    """Unit vector of a line of sight, camera axes; towards the camera z is negative."""
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    return np.array((np.sin(yaw) * np.cos(pitch), -np.sin(pitch), -np.cos(yaw) * np.cos(pitch)))


def _affine_fit(source: NDArray[np.float64], target: NDArray[np.float32]) -> NDArray[np.float64]:
    """Least-squares affine map (2, 3) from source (n, 2) to target (n, 2)."""
    design = np.column_stack((source, np.ones(len(source))))
    solution = np.linalg.solve(design.T @ design, design.T @ target)
    return np.asarray(solution.T, dtype=np.float64)
