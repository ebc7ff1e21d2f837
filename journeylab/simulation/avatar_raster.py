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
    # Every cell of every bounding box, triangle by triangle.
    which = np.repeat(order.astype(np.int32), count)
    ends = np.cumsum(count)
    offset = np.arange(ends[-1], dtype=np.int32)
    offset -= np.repeat((ends - count).astype(np.int32), count)
    row, column = np.divmod(offset, size[which, 0].astype(np.int32))
    column += low[which, 0].astype(np.int32)
    row += low[which, 1].astype(np.int32)
    # Barycentric weights are affine in the cell: w = wx * column + wy * row + w0.
    safe = np.where(np.abs(area) > 1e-6, area, 1.0)
    plane_b = _plane(ac[:, 1] / safe, -ac[:, 0] / safe, a)
    plane_c = _plane(-ab[:, 1] / safe, ab[:, 0] / safe, a)
    planes = np.concatenate((plane_b, plane_c), axis=1)[which]
    weight_b = planes[:, 0] * column + planes[:, 1] * row + planes[:, 2]
    weight_c = planes[:, 3] * column + planes[:, 4] * row + planes[:, 5]
    inside = (weight_b >= -_SLACK) & (weight_c >= -_SLACK) & (weight_b + weight_c <= 1 + _SLACK)
    hit = np.flatnonzero(inside)
    which, weight_b, weight_c = which[hit], weight_b[hit, None], weight_c[hit, None]
    of_a = attributes[triangles[:, 0]]
    to_b = attributes[triangles[:, 1]] - of_a
    to_c = attributes[triangles[:, 2]] - of_a
    values = of_a[which] + weight_b * to_b[which] + weight_c * to_c[which]
    # Where triangles overlap the last assignment, the nearer triangle, stays.
    out.reshape(-1, k)[row[hit] * width + column[hit]] = values


def _plane(
    per_column: NDArray[np.float32], per_row: NDArray[np.float32], origin: NDArray[np.float32]
) -> NDArray[np.float32]:
    constant = -(per_column * origin[:, 0] + per_row * origin[:, 1])
    return np.column_stack((per_column, per_row, constant)).astype(np.float32)


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
