"""What is behind the avatar's head: a plain lab wall, its neck and its shoulders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.simulation.avatar_looks import Looks

_FINE = 2


def paint_scene(
    *,
    looks: Looks,
    width_px: int,
    height_px: int,
    px_per_mm: float,
    eyes_px: tuple[float, float],
    jaw_mm: float,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Wall and body, (height, width, 3) BGR, for a head whose eyes rest at ``eyes_px``.

    ``jaw_mm`` is how far the chin lies under the eyes.
    """
    size = (width_px * _FINE, height_px * _FINE)
    scene = _wall(looks, size=size)

    def pixels(points_mm: NDArray[np.float64]) -> NDArray[np.int32]:
        x = eyes_px[0] + points_mm[:, 0] * px_per_mm
        y = eyes_px[1] - points_mm[:, 1] * px_per_mm
        return np.round(np.column_stack((x, y)) * _FINE * 16).astype(np.int32)

    def mask(points_mm: NDArray[np.float64], blur_mm: float) -> NDArray[np.float32]:
        image = np.zeros(size[::-1], np.uint8)
        cv2.fillPoly(image, [pixels(points_mm)], 255, cv2.LINE_AA, 4)
        soft: NDArray[np.float32] = image.astype(np.float32) / np.float32(255)
        sigma = blur_mm * px_per_mm * _FINE
        if sigma > 0.4:
            soft = cv2.GaussianBlur(soft, (0, 0), sigma)
        return soft

    chin = -jaw_mm
    if looks.has_long_hair:
        end = -looks.hair_length_mm - 42
        hair = _curve(
            ((0, 66), (-56, 64), (-80, 24), (-91, -40), (-95, end), (-52, end - 16), (0, end - 18))
        )
        _lay(scene, looks.hair * 0.62, mask(hair, 1.5))
    neck = _curve(
        ((-36, chin + 40), (-48, chin - 4), (-56, chin - 30), (-70, chin - 60), (-60, chin - 90))
    )
    neck_mask = mask(neck, 0.8)
    across = np.linspace(-1.6, 1.6, size[0], dtype=np.float32)[None]
    tone = looks.skin[None, None] * (0.74 - 0.20 * across[..., None] ** 2)
    scene += (tone - scene) * neck_mask[..., None]
    shade = mask(_curve(((-70, chin + 50), (-58, chin + 6), (-34, chin - 22), (0, chin - 30))), 9.0)
    scene *= 1 - 0.55 * (shade * neck_mask)[..., None] * np.array((1.0, 0.94, 0.82), np.float32)
    shirt = _curve(
        ((-58, chin - 26), (-84, chin - 40), (-150, chin - 62), (-196, chin - 104), (-215, -420))
    )
    shirt = np.vstack((shirt, ((30, chin - 52), (0, chin - 62), (-30, chin - 52))))
    shirt_mask = mask(shirt, 0.9)
    rows = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    cloth = cv2.GaussianBlur(rng.normal(0, 1, size[::-1]).astype(np.float32), (0, 0), 9 * _FINE)
    light = 0.95 - 0.25 * across**2 - 0.10 * rows + 1.2 * cloth
    scene += (looks.shirt[None, None] * light[..., None] - scene) * shirt_mask[..., None]
    _seams(scene, looks, pixels=pixels, chin=chin, px_per_mm=px_per_mm)
    small = cv2.resize(scene, (width_px, height_px), interpolation=cv2.INTER_AREA)
    grain = rng.normal(0, 0.006, small.shape[:2]).astype(np.float32)
    picture: NDArray[np.uint8] = np.round(np.clip(small + grain[..., None], 0, 1) * 255).astype(
        np.uint8
    )
    return picture


def _wall(looks: Looks, *, size: tuple[int, int]) -> NDArray[np.float32]:
    """Smooth enough that it may move a little with the body and nobody sees it."""
    x = np.linspace(-1, 1, size[0], dtype=np.float32)[None]
    y = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    light = 0.97 - 0.10 * ((x + 0.35) ** 2 + 0.6 * (y + 0.4) ** 2)
    return np.ascontiguousarray(looks.wall[None, None] * light[..., None], dtype=np.float32)


def _curve(right_half: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """A closed outline from its right half, mirrored, rounded."""
    half = np.array(right_half, dtype=np.float64)
    for _ in range(3):
        near, far = half[:-1] * 0.75 + half[1:] * 0.25, half[:-1] * 0.25 + half[1:] * 0.75
        middle = np.stack((near, far), axis=1).reshape(-1, 2)
        half = np.vstack((half[:1], middle, half[-1:]))
    return np.vstack((half, (half * (-1, 1))[::-1]))


def _lay(
    scene: NDArray[np.float32], colour: NDArray[np.float32], mask: NDArray[np.float32]
) -> None:
    scene += (colour.astype(np.float32) - scene) * mask[..., None]


def _seams(
    scene: NDArray[np.float32],
    looks: Looks,
    *,
    pixels: Callable[[NDArray[np.float64]], NDArray[np.int32]],
    chin: float,
    px_per_mm: float,
) -> None:
    collar = _curve(((-59, chin - 27), (-52, chin - 40), (-30, chin - 54), (0, chin - 64)))
    half = len(collar) // 2
    image = np.zeros(scene.shape[:2], np.uint8)
    width = max(1, round(4.0 * px_per_mm * _FINE))
    for line in (collar[:half], collar[half:]):
        cv2.polylines(image, [pixels(line)], False, 255, width, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(image.astype(np.float32) / 255, (0, 0), 0.8 * _FINE)
    _lay(scene, looks.shirt * 0.72, soft)
