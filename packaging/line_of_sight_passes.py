"""What a pass of ``fit_line_of_sight.py`` changes in a clip: size, place, light, noise, glasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.head_pose import CameraIntrinsics, estimate_head_pose
from journeylab.opencv import cv2

SIZE_PX = (640, 480)
_ABOUT_PX = np.array([320.0, 270.0])  # where the faces are
_BITS = 4  # of a pixel's fraction, in what is drawn


@dataclass(frozen=True, eq=False)
class Glasses:
    """Rims, tint and a reflection, in millimetres of the head."""

    beside_mm: float
    height_mm: float
    half_width_mm: float
    half_height_mm: float
    roundness: float
    colour: tuple[int, int, int]
    thickness: int
    tint: float
    reflection: float
    reflection_mm: tuple[float, float]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Glasses:
        """Some glasses."""
        level = int(rng.uniform(5, 90))
        return cls(
            rng.uniform(30, 33),
            rng.uniform(20, 28),
            rng.uniform(20, 27),
            rng.uniform(15, 23),
            rng.uniform(0.5, 1.0),
            (level, level, min(255, int(level * rng.uniform(0.8, 1.6)))),
            int(rng.integers(1, 4)),
            float(rng.choice([0.0, rng.uniform(0, 0.2)])),
            float(rng.choice([0.0, rng.uniform(0.1, 0.45)])),
            (rng.uniform(-12, 12), rng.uniform(-8, 8)),
        )

    def put_on(
        self, image: NDArray[np.uint8], face: NDArray[np.float64], camera: CameraIntrinsics
    ) -> NDArray[np.uint8]:
        """The image with glasses on the face whose landmarks these are."""
        pose = estimate_head_pose(face, camera)
        if pose is None:
            return image

        def shown(points_mm: Any) -> NDArray[np.int32]:
            there = np.asarray(points_mm, dtype=float) @ pose.rotation.T + pose.translation_mm
            px = there[:, :2] / there[:, 2:] * camera.focal_px
            px += (camera.centre_x_px, camera.centre_y_px)
            return np.round(px * 2**_BITS).astype(np.int32)

        turn = np.linspace(0, 2 * np.pi, 40)
        across, along = (
            np.sign(part) * np.abs(part) ** self.roundness for part in (np.cos(turn), np.sin(turn))
        )
        front = np.full(40, 48.0)
        sides = (1.0, -1.0)
        rims = [
            shown(
                np.stack(
                    (
                        side * self.beside_mm + self.half_width_mm * across,
                        self.height_mm + self.half_height_mm * along,
                        front,
                    ),
                    axis=1,
                )
            )
            for side in sides
        ]
        dx, dy = self.reflection_mm
        gleam = np.array([(-6, 9, 48), (5, 9, 48), (1, -7, 48), (-9, -7, 48)], dtype=float)
        gleams = [
            shown(gleam + np.array([side * self.beside_mm + dx, self.height_mm + dy, 0.0]))
            for side in sides
        ]
        image = _laid_over(image, rims, (20, 25, 30), self.tint)
        image = _laid_over(image, gleams, (235, 240, 240), self.reflection)
        outer = self.beside_mm + self.half_width_mm
        inner = self.beside_mm - self.half_width_mm
        bars = shown(
            [(inner, self.height_mm + 3, 48), (-inner, self.height_mm + 3, 48)]
            + [p for s in sides for p in ((s * outer, self.height_mm + 4, 48), (s * 74, 30, -15))]
        ).reshape(3, 2, 1, 2)
        cv2.polylines(image, rims, True, self.colour, self.thickness, cv2.LINE_AA, _BITS)
        cv2.polylines(image, list(bars), False, self.colour, self.thickness, cv2.LINE_AA, _BITS)
        return image


@dataclass(frozen=True, eq=False)
class Variation:
    """One pass: ``to_image`` (2, 3) moves the picture, the rest changes how it looks."""

    to_image: NDArray[np.float64]
    is_mirrored: bool
    is_plain: bool
    levels: NDArray[np.uint8] | None = None
    light: NDArray[np.float32] | None = None
    blur_px: float = 0.0
    noise: NDArray[np.int16] | None = None
    glasses: Glasses | None = None

    @classmethod
    def drawn(cls, number: int, rng: np.random.Generator, *, wears_glasses: bool) -> Variation:
        """Pass 0 changes nothing, pass 1 mirrors, the others change everything a little."""
        if number <= 1:
            return cls(_placed(1.0, 0.0, np.zeros(2), number == 1), number == 1, number == 0)
        is_mirrored = bool(rng.random() < 0.5)
        scale = float(np.exp(rng.uniform(np.log(0.65), np.log(1.45))))
        to_image = _placed(scale, rng.uniform(-12, 12), rng.uniform(-30, 30, 2), is_mirrored)
        gamma = np.exp(rng.uniform(-0.5, 0.5))
        gain = np.exp(rng.normal(0, 0.1, 3) + rng.uniform(-0.4, 0.2))
        levels = 255 * (np.arange(256) / 255)[None, :, None] ** gamma * gain
        blur_px = float(rng.choice([0.0, rng.uniform(0.4, 1.2)]))
        noise_level = float(rng.choice([0.0, rng.uniform(1, 5)]))
        light = _sidelight(rng) if rng.random() < 0.5 else None
        noise = None
        if noise_level:
            grain = rng.normal(0, noise_level, (540, 700, 1)).astype(np.int16)
            noise = np.repeat(grain, 3, axis=2)
        has_glasses = rng.random() < 0.45 and wears_glasses
        return cls(
            to_image,
            is_mirrored,
            False,
            np.clip(levels, 0, 255).astype(np.uint8),
            light,
            blur_px,
            noise,
            Glasses.drawn(rng) if has_glasses else None,
        )

    def moved(self, points_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (n, 2) px of the clip lie after the pass."""
        return np.asarray((points_px - 0.5) @ self.to_image[:, :2].T + self.to_image[:, 2] + 0.5)

    def applied(
        self,
        image: NDArray[np.uint8],
        *,
        face: NDArray[np.float64] | None,
        camera: CameraIntrinsics,
    ) -> NDArray[np.uint8]:
        """The image as this pass shows it; ``face`` is its mesh, for the glasses."""
        if self.is_plain:
            return image
        if self.glasses is not None and face is not None and np.isfinite(face).all():
            image = self.glasses.put_on(image, face, camera)
        how = cv2.INTER_AREA if abs(np.linalg.det(self.to_image[:, :2])) < 1 else cv2.INTER_CUBIC
        image = cv2.warpAffine(
            image, self.to_image, SIZE_PX, flags=how, borderMode=cv2.BORDER_REPLICATE
        )
        if self.levels is not None:
            image = cv2.LUT(image, self.levels)
        if self.light is not None:
            image = cv2.multiply(image, self.light, dtype=cv2.CV_8U)
        if self.blur_px:
            image = cv2.GaussianBlur(image, (0, 0), self.blur_px)
        if self.noise is not None:
            # Another stretch of the grain in every frame, drawn from what the frame shows.
            y, x = (int(image[:, :, channel].sum()) % 60 for channel in (0, 1))
            grain = self.noise[y : y + SIZE_PX[1], x : x + SIZE_PX[0]]
            image = cv2.add(image, grain, dtype=cv2.CV_8U)
        return image


def _placed(
    scale: float, roll_deg: float, shift_px: NDArray[np.float64], is_mirrored: bool
) -> NDArray[np.float64]:
    roll = np.deg2rad(roll_deg)
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    move = _ABOUT_PX - turn @ _ABOUT_PX + shift_px
    if is_mirrored:
        move = move + turn @ np.array([SIZE_PX[0] - 1.0, 0.0])
        turn = turn @ np.diag([-1.0, 1.0])
    return np.column_stack((turn, move))


def _sidelight(rng: np.random.Generator) -> NDArray[np.float32]:
    """Light falling from one side of the face to the other."""
    from_rad, least = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.8)
    y, x = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]] - _ABOUT_PX[::-1, None, None]
    across = (x * np.cos(from_rad) + y * np.sin(from_rad)) / 90.0
    light = least + (1 - least) / (1 + np.exp(-across))
    return np.repeat(light[..., None], 3, axis=2).astype(np.float32)


def _laid_over(
    image: NDArray[np.uint8],
    outlines: list[NDArray[np.int32]],
    colour: tuple[int, int, int],
    share: float,
) -> NDArray[np.uint8]:
    painted = image.copy()
    cv2.fillPoly(painted, outlines, colour, cv2.LINE_AA, _BITS)
    return np.asarray(cv2.addWeighted(image, 1 - share, painted, share, 0))
