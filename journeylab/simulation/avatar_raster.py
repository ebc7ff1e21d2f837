"""A small software rasteriser: attributes of a triangle mesh on a pixel grid, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Slack at the edges, so that neighbouring triangles leave no crack between them.
_SLACK = 1e-3


def rasterise(
    xy: NDArray[np.float32],
    depth: NDArray[np.float32],
    *,
    triangles: NDArray[np.intp],
    attributes: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Interpolate the attributes over the triangles, farther triangles first.

    Parameters
    ----------
    xy
        (n, 2) vertices in grid cells; the centre of the cell in column i, row j lies at (i, j).
    depth
        (n,) larger is farther.
    triangles
        (m, 3) vertex indices, of either orientation.
    attributes
        (n, k) values at the vertices.
    out
        (height, width, k) written where a triangle covers a cell's centre.
    """
    height, width, k = out.shape
    corners = xy[triangles]  # (m, 3, 2)
    low = np.maximum(np.ceil(corners.min(axis=1) - _SLACK), 0).astype(np.int64)
    high = np.minimum(np.floor(corners.max(axis=1) + _SLACK), (width - 1, height - 1))
    size = np.maximum(high.astype(np.int64) - low + 1, 0)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    count = np.where(np.abs(area) > 1e-6, size[:, 0] * size[:, 1], 0)
    order = np.argsort(-depth[triangles].sum(axis=1), kind="stable")
    order = order[count[order] > 0]
    if len(order) == 0:
        return
    count = count[order]
    # Every row of every bounding box, then every cell of every row, triangle by triangle.
    which = np.repeat(order, size[order, 1])
    row = _counting(size[order, 1]) + low[which, 1]
    wide = size[which, 0]
    # Barycentric weights are affine in the cell: w = per_column * column + per_row * row + w0.
    safe = np.where(np.abs(area) > 1e-6, area, np.float32(1.0))
    slope_b, slope_c = ac[:, 1] / safe, -ab[:, 1] / safe
    rise_b, rise_c = -ac[:, 0] / safe, ab[:, 0] / safe
    base_b, base_c = slope_b * a[:, 0] + rise_b * a[:, 1], slope_c * a[:, 0] + rise_c * a[:, 1]
    row_b = rise_b[which] * row - base_b[which] + slope_b[which] * low[which, 0]
    row_c = rise_c[which] * row - base_c[which] + slope_c[which] * low[which, 0]
    step = _counting(wide)
    along = step.astype(np.float32)
    weight_b = np.repeat(row_b.astype(np.float32), wide)
    weight_b += np.repeat(slope_b[which], wide) * along
    weight_c = np.repeat(row_c.astype(np.float32), wide)
    weight_c += np.repeat(slope_c[which], wide) * along
    inside = (weight_b >= -_SLACK) & (weight_c >= -_SLACK)
    inside &= weight_b + weight_c <= 1 + _SLACK
    hit = np.flatnonzero(inside)
    cell = (np.repeat(row * width + low[which, 0], wide) + step)[hit]
    triangle = np.repeat(which, wide)[hit]
    corner = attributes[triangles]
    of_a = corner[:, 0]
    to_b, to_c = corner[:, 1] - of_a, corner[:, 2] - of_a
    values = of_a[triangle]
    values += weight_b[hit, None] * to_b[triangle]
    values += weight_c[hit, None] * to_c[triangle]
    # Where triangles overlap the last assignment, the nearer triangle, stays.
    out.reshape(-1, k)[cell] = values


def _counting(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 … anew for each of the lengths."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)


def vertex_normals(points: NDArray[np.float64], triangles: NDArray[np.intp]) -> NDArray[np.float64]:
    """Unit normals (n, 3) facing positive z, weighted by the area of the triangles around."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    face *= np.sign(face[:, 2:3] + 1e-12)
    normals = np.zeros_like(points)
    for i in range(3):
        np.add.at(normals, triangles[:, i], face)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: NDArray[np.float64] = normals / np.maximum(length, 1e-9)
    return unit
