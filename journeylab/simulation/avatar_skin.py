"""Paints the avatar's head once, flat from the front: skin, lips, brows, ears and hair.

The picture is then bent with the mesh on every frame, so this may take its time and be painted
much finer than it is shown.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.opencv import cv2
from journeylab.simulation.avatar_canvas import (
    PAINT,
    PAINT_PER_MM,
    Canvas,
    Image,
    blend,
    blob,
    darken,
    fixed,
    mask_of,
    smooth_line,
    soft,
    stroke_of,
)
from journeylab.simulation.avatar_looks import Looks
from journeylab.simulation.avatar_raster import rasterise, vertex_normals
from journeylab.simulation.avatar_shape import (
    FACE_OVAL,
    INNER_LIP_UPPER,
    LEFT_EYE_LOWER,
    LEFT_EYE_UPPER,
    OUTER_LIP_LOWER,
    OUTER_LIP_UPPER,
    RIGHT_EYE_LOWER,
    RIGHT_EYE_UPPER,
    NeutralHead,
    shifted,
)

_LIGHT: Final = np.array((-0.32, 0.46, 0.83))

RIGHT_BROW: Final = ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55))
LEFT_BROW: Final = ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285))


def paint_head(head: NeutralHead, *, looks: Looks, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The head as BGRA, premultiplied, of the shape of :data:`PAINT`."""
    face = _shaded_skin(head, looks=looks, rng=rng)
    _paint_ears(face, head, looks=looks)
    _paint_eye_surroundings(face, head, looks=looks)
    _paint_nose(face, head, looks=looks)
    _paint_lips(face, head, looks=looks, rng=rng)
    for brow, side in ((RIGHT_BROW, -1), (LEFT_BROW, 1)):
        _paint_brow(face, head, chains=brow, side=side, looks=looks, rng=rng)
    alpha = _outline_alpha(head)
    _paint_hair(face, alpha, head, looks=looks, rng=rng)
    alpha = np.clip(alpha, 0, 1)
    picture = np.dstack((np.clip(face, 0, 1) * alpha[..., None], alpha))
    return np.round(picture * 255).astype(np.uint8)


def _shaded_skin(head: NeutralHead, *, looks: Looks, rng: np.random.Generator) -> Image:
    coarse = Canvas(2.0)
    points = head.points
    normals = vertex_normals(points, head.triangles)
    for _ in range(2):
        normals = _relaxed(normals, head.triangles)
    field = np.zeros((*coarse.shape, 3), np.float32)
    field[..., 2] = 1.0
    rasterise(
        coarse.pixels(points).astype(np.float32),
        (-points[:, 2]).astype(np.float32),
        triangles=head.triangles,
        attributes=normals.astype(np.float32),
        out=field,
    )
    field = cv2.GaussianBlur(field, (0, 0), 3.0)
    field = cv2.resize(field, PAINT.shape[::-1], interpolation=cv2.INTER_LINEAR)
    field /= np.maximum(np.linalg.norm(field, axis=2, keepdims=True), 1e-6)
    diffuse = np.clip(field @ _LIGHT.astype(np.float32), 0, 1)
    rim = np.clip(field[..., 2], 0, 1)
    half = (shifted(_LIGHT, 0, 0, 1)) / np.linalg.norm(shifted(_LIGHT, 0, 0, 1))
    shine = np.clip(field @ half.astype(np.float32), 0, 1) ** 22
    skin = np.broadcast_to(looks.skin, (*PAINT.shape, 3)).astype(np.float32).copy()
    _colour_regions(skin, head, looks=looks, rng=rng)
    light = 0.50 + 0.55 * diffuse
    # Shadow on skin is redder than its light.
    tint = np.array((1.12, 1.04, 0.94), dtype=np.float32)
    skin *= light[..., None] ** tint
    skin *= (0.80 + 0.20 * rim**0.6)[..., None]
    skin += shine[..., None] * looks.shine
    return skin


def _relaxed(values: NDArray[np.float64], triangles: NDArray[np.intp]) -> NDArray[np.float64]:
    """Each vertex moved halfway to the mean of its triangles, then made unit length."""
    mean = values[triangles].mean(axis=1)
    total, count = np.zeros_like(values), np.zeros(len(values))
    for i in range(3):
        np.add.at(total, triangles[:, i], mean)
        np.add.at(count, triangles[:, i], 1)
    mixed = 0.5 * values + 0.5 * total / np.maximum(count, 1)[:, None]
    length = np.linalg.norm(mixed, axis=1, keepdims=True)
    unit: NDArray[np.float64] = mixed / np.maximum(length, 1e-9)
    return unit


def _colour_regions(
    skin: Image, head: NeutralHead, *, looks: Looks, rng: np.random.Generator
) -> None:
    points = head.points
    blush = np.array((0.90, 0.88, 1.04), dtype=np.float32)
    for landmark, radii, strength in (
        (50, (17.0, 13.0), 0.8),
        (280, (17.0, 13.0), 0.8),
        (4, (11.0, 9.0), 0.7),
        (152, (16.0, 10.0), 0.35),
    ):
        skin *= 1 - blob(points[landmark], radii)[..., None] * strength * (1 - blush)
    if looks.beard > 0:
        beard = blob(points[152] + (0, 6, 0), (34.0, 22.0))
        beard += blob(points[164] + (0, -2, 0), (20.0, 6.0))
        for cheek in (58, 288):
            beard += blob(points[cheek], (12.0, 26.0))
        grain = rng.normal(1.0, 0.25, PAINT.shape).astype(np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), 1.2)
        beard = np.clip(beard, 0, 1) * np.clip(grain, 0, 2)
        blend(skin, looks.hair, np.clip(beard * looks.beard, 0, 0.85))
    for scale_px, depth in ((6.0, 0.10), (26.0, 0.16)):
        noise = rng.normal(0.0, 1.0, PAINT.shape).astype(np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), scale_px) * scale_px
        skin *= (1 + depth * noise * 0.3)[..., None]


def _outline_alpha(head: NeutralHead) -> Image:
    """The face, and the forehead up to where hair grows over it."""
    oval = head.points[list(FACE_OVAL), :2]
    forehead = np.clip((oval[:, 1] - head.points[9, 1]) / 20.0, 0, 1)
    outline = oval + np.column_stack((np.zeros(len(oval)), 9.0 * forehead))
    return mask_of(smooth_line(np.vstack((outline, outline[:1])), n=160), blur_mm=0.5)


def _ear_outline(head: NeutralHead, side: int) -> NDArray[np.float64]:
    anchor = head.points[234 if side < 0 else 454]
    shape = np.array(
        ((-4, 22), (2, 29), (9, 30), (14, 24), (14, 14), (10, 2), (8, -10), (3, -17), (-4, -14))
    )
    return shifted(anchor[:2] + shape * (side * 0.72, 0.92), 0.0, -1.0)


def _paint_ears(face: Image, head: NeutralHead, *, looks: Looks) -> None:
    for side in (-1, 1):
        outline = smooth_line(_ear_outline(head, side), n=40)
        ear = mask_of(outline, blur_mm=0.6)
        tone = (looks.skin * (0.66, 0.68, 0.82)).astype(np.float32)
        outside = ear * (1 - _outline_alpha(head))
        blend(face, tone, outside)
        middle = outline.mean(axis=0)
        inner = middle + (outline - middle) * 0.55
        darken(face, mask_of(inner, blur_mm=1.6) * outside, by=0.35)


def _paint_eye_surroundings(face: Image, head: NeutralHead, *, looks: Looks) -> None:
    points = head.points
    for upper, lower, brow in (
        (RIGHT_EYE_UPPER, RIGHT_EYE_LOWER, RIGHT_BROW[1]),
        (LEFT_EYE_UPPER, LEFT_EYE_LOWER, LEFT_BROW[1]),
    ):
        top, bottom = points[list(upper)], points[list(lower)]
        middle = (top.mean(axis=0) + bottom.mean(axis=0)) / 2
        inner_corner = top[-1]
        socket = (middle + points[list(brow)].mean(axis=0)) / 2
        darken(face, blob(socket, (14.0, 6.0)), by=0.20)
        darken(face, blob(shifted(inner_corner, 0, 2, 0), (6.0, 7.0)), by=0.26)
        darken(face, blob(shifted(middle, 0, -11, 0), (13.0, 3.5)), by=0.10)
        # The fold of the upper lid, then the lashes along both edges.
        fold = shifted(top, 0.0, 3.4, 0.0)
        fold[0, :2] += (0.6 * np.sign(top[0, 0]), -1.6)
        fold[-1, :2] += (0.0, -1.4)
        darken(face, stroke_of(fold, width_mm=0.7, blur_mm=0.45), by=0.62)
        lashes = stroke_of(shifted(top, 0, 0.2, 0), width_mm=looks.lash_mm, blur_mm=0.25)
        blend(face, looks.lash, lashes * 0.92)
        lower_edge = stroke_of(bottom[:-1], width_mm=0.6, blur_mm=0.4)
        darken(face, lower_edge, by=0.45)


def _paint_nose(face: Image, head: NeutralHead, *, looks: Looks) -> None:
    points = head.points
    tip = points[4]
    for side, ala, nostril in ((-1, 48, 240), (1, 278, 460)):
        wing = points[ala]
        crease = np.array(
            (
                shifted(wing[:2], side * -0.5, 5.5),
                shifted(wing[:2], side * 1.6, 0.5),
                shifted(wing[:2], side * -1, -4),
            )
        )
        darken(face, stroke_of(crease, width_mm=0.9, blur_mm=0.8), by=0.42)
        darken(face, blob(shifted(wing, side * 4.0, 0.0, 0.0), (4.0, 6.0)), by=0.16)
        hole = points[nostril] * (0.9, 1, 1) + (0.0, -0.4, 0.0)
        darken(face, blob(hole, (2.9, 1.25)), by=0.80)
        flank = (points[6] + wing) / 2
        darken(face, blob(shifted(flank, side * 2.0, 0, 0), (4.5, 12.0)), by=0.10)
    darken(face, blob(points[2] + (0, -1.5, 0), (10.0, 3.2)), by=0.30)
    gloss = blob(shifted(tip, -1.5, 3.0, 0), (3.0, 3.0)) + 0.6 * blob(points[197], (2.0, 9.0))
    face += gloss[..., None] * looks.shine * 0.55
    darken(face, blob(points[164], (2.0, 4.0)), by=0.10)


def _paint_lips(face: Image, head: NeutralHead, *, looks: Looks, rng: np.random.Generator) -> None:
    points = head.points
    upper = smooth_line(points[list(OUTER_LIP_UPPER)], n=48)
    lower = smooth_line(points[list(OUTER_LIP_LOWER)], n=48)
    line = smooth_line(points[list(INNER_LIP_UPPER)], n=48)
    both = np.vstack((upper, lower[::-1]))
    red = mask_of(both, blur_mm=0.7)
    blend(face, looks.lips, red * 0.82)
    over = mask_of(np.vstack((upper, line[::-1])), blur_mm=0.6)
    darken(face, over, by=0.22)
    middle = line.mean(axis=0) * 0.45 + lower.mean(axis=0) * 0.55
    gloss = blob(shifted(np.append(middle, 0.0), -1.0, -0.5, 0.0), (9.0, 2.0)) * red
    face += gloss[..., None] * looks.shine * 0.9
    grain = rng.normal(0.0, 0.05, (1, PAINT.shape[1])).astype(np.float32)
    face *= 1 + red[..., None] * np.broadcast_to(grain, PAINT.shape)[..., None] * 0.35
    darken(face, stroke_of(line, width_mm=0.7, blur_mm=0.35), by=0.80, warmth=0.15)
    for corner in (61, 291):
        darken(face, blob(points[corner] + (0, -0.5, 0), (2.6, 2.2)), by=0.35)
    darken(face, blob(points[17] + (0, -4.5, 0), (11.0, 2.8)), by=0.30)
    edge = stroke_of(upper, width_mm=0.5, blur_mm=0.5)
    face += (edge * 0.05)[..., None]


def _paint_brow(
    face: Image,
    head: NeutralHead,
    *,
    chains: tuple[tuple[int, ...], tuple[int, ...]],
    side: int,
    looks: Looks,
    rng: np.random.Generator,
) -> None:
    upper = smooth_line(head.points[list(chains[0])], n=60)
    lower = smooth_line(head.points[list(chains[1])], n=60)
    # FaceMesh's two rows lie at the brow's edges; hair fills the band between, thinner outside.
    outline = np.vstack((upper * 0.8 + lower * 0.2, (lower * 0.9 + upper * 0.1)[::-1]))
    blend(face, looks.brow, mask_of(outline, blur_mm=1.0) * 0.55 * looks.brow_weight)
    hairs = np.zeros(PAINT.shape, np.uint8)
    for _ in range(round(230 * looks.brow_weight)):
        t = rng.uniform(0, 1)
        i = int(t * 59)
        root = lower[i] + (upper[i] - lower[i]) * rng.uniform(0.05, 0.85)
        # Hair stands up at the inner end and lies outwards along the brow further on.
        lean = np.array((side * (1.3 - 1.1 * t), 0.25 + 0.9 * t**2)) * rng.uniform(2.2, 4.0)
        ends = PAINT.pixels(np.vstack((root, root + lean * (1, 0.75))))
        cv2.polylines(hairs, [fixed(ends)], False, 255, 1, cv2.LINE_AA, shift=4)
    blend(face, looks.brow * np.float32(0.8), soft(hairs, 0.7) * 0.8)


def _paint_hair(
    face: Image,
    alpha: Image,
    head: NeutralHead,
    *,
    looks: Looks,
    rng: np.random.Generator,
) -> None:
    for side in (-1, 1):
        alpha[:] = np.maximum(alpha, mask_of(smooth_line(_ear_outline(head, side), n=40)))
    outer, inner = looks.hair_lines(head)
    region = np.vstack((smooth_line(outer, n=120), smooth_line(inner, n=120)[::-1]))
    hair = mask_of(region, blur_mm=0.9)
    height, width = PAINT.shape
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None]
    shade = 1.0 - 0.45 * columns**2 + 0.22 * np.cos(rows * 9.0) - 0.08 * columns
    # The hair's edge throws a soft shadow on the forehead.
    shadow = cv2.GaussianBlur(hair, (0, 0), 4.0 * PAINT_PER_MM)
    darken(face, np.clip(shadow * 0.8, 0, 1) * (1 - hair), by=0.28)
    # Beside the face the colour goes on under the hair's soft edge, or a rim of skin would show.
    beside = np.clip(hair * 60, 0, 1) * (1 - np.clip(_outline_alpha(head), 0, 1))
    blend(face, looks.hair, np.maximum(hair, beside))
    strands = _strands(outer, inner, rng=rng)
    face *= (
        1
        + np.maximum(hair, beside)[..., None]
        * (shade * (1 + strands * looks.hair_contrast) - 1)[..., None]
    )
    alpha[:] = np.maximum(alpha, hair)


def _strands(
    outer: NDArray[np.float64], inner: NDArray[np.float64], *, rng: np.random.Generator
) -> Image:
    """Light and dark hairs running from the hairline outwards, around 0."""
    light, dark = np.zeros(PAINT.shape, np.uint8), np.zeros(PAINT.shape, np.uint8)
    tips, roots = smooth_line(outer, n=200), smooth_line(inner, n=200)
    for number in range(1400):
        t = rng.uniform(0.0, 0.995)
        i = int(t * 199)
        j = int(np.clip(i + rng.normal(7, 3), 0, 199))
        start = roots[i] + (tips[i] - roots[i]) * rng.uniform(-0.02, 0.75)
        end = start + (tips[j] - roots[i]) * rng.uniform(0.12, 0.35)
        bend = (start + end) / 2 + rng.normal(0, 0.4, 2)
        curve = PAINT.pixels(smooth_line(np.vstack((start, bend, end)), n=8))
        target = light if number % 2 else dark
        cv2.polylines(target, [fixed(curve)], False, 160, int(rng.integers(1, 3)), cv2.LINE_AA, 4)
    return soft(light, 1.4) - soft(dark, 1.4)
