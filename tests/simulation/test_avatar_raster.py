"""The rasteriser: exact inside triangles, nearest on top, nothing beside."""

from __future__ import annotations

import numpy as np

from journeylab.simulation.avatar_raster import rasterise, vertex_normals


def _square(size: float, *, at: float) -> np.ndarray:
    return np.array(((at, at), (at + size, at), (at, at + size), (at + size, at + size)))


_TWO = np.array(((0, 1, 2), (1, 3, 2)))


def test_linear_attributes_come_back_exactly() -> None:
    xy = (_square(30.0, at=2.3) + np.array((0.0, 0.4))).astype(np.float32)
    attributes = np.column_stack((2 * xy[:, 0] - xy[:, 1] + 5, xy[:, 1] / 3)).astype(np.float32)
    out = np.full((40, 40, 2), np.nan, np.float32)
    rasterise(xy, np.zeros(4, np.float32), triangles=_TWO, attributes=attributes, out=out)
    rows, columns = np.nonzero(np.isfinite(out[..., 0]))
    assert len(rows) == 30 * 30
    expected = np.column_stack((2 * columns - rows + 5, rows / 3))
    assert np.allclose(out[rows, columns], expected, atol=1e-3)


def test_the_nearer_triangle_covers_the_farther_one() -> None:
    xy = np.vstack((_square(20.0, at=5.0), _square(10.0, at=8.0))).astype(np.float32)
    triangles = np.vstack((_TWO + 4, _TWO))  # the nearer ones first: order must not matter
    depth = np.repeat(np.array((10.0, 5.0), np.float32), 4)
    values = np.repeat(np.array((1.0, 2.0), np.float32), 4)[:, None]
    out = np.zeros((30, 30, 1), np.float32)
    rasterise(xy, depth, triangles=triangles, attributes=values, out=out)
    assert out[12, 12, 0] == 2.0
    assert out[6, 6, 0] == 1.0
    assert out[2, 2, 0] == 0.0


def test_what_lies_off_the_grid_or_has_no_area_is_left_out() -> None:
    xy = np.array(((-50, -50), (-40, -50), (-45, -40), (5, 5), (9, 5), (13, 5)), np.float32)
    out = np.zeros((20, 20, 1), np.float32)
    rasterise(
        xy,
        np.zeros(6, np.float32),
        triangles=np.array(((0, 1, 2), (3, 4, 5))),
        attributes=np.ones((6, 1), np.float32),
        out=out,
    )
    assert not out.any()


def test_normals_of_a_plane_face_the_viewer() -> None:
    points = np.array(((0.0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)))
    assert np.allclose(vertex_normals(points, _TWO), (0, 0, 1))
