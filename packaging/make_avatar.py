"""Make resources/avatar/neutral_faces.npz from rendered faces whose head pose is known.

    python packaging/make_avatar.py FOLDER

FOLDER holds clips ``idNN_au.mp4`` with ``idNN_au.csv`` (head pose per frame, neutral for the first
seconds) and ``geometry.json`` (the camera). FaceMesh's points on the neutral frames, averaged and
freed from head pose, become one neutral face per identity, in millimetres, head axes.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

from journeylab.opencv import cv2
from journeylab.simulation.avatar_shape import INNER_LIP_LOWER, INNER_LIP_UPPER, rotation_of

NEUTRAL_FRAMES = slice(6, 80)
OUT = Path(__file__).resolve().parent.parent / "resources" / "avatar" / "neutral_faces.npz"


def main(folder: Path) -> None:
    """Measure every identity of the folder and write the array."""
    from mediapipe.python.solutions.face_mesh import FaceMesh
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION

    camera = json.loads((folder / "geometry.json").read_text())["camera"]
    shapes = []
    for clip in sorted(folder.glob("id*_au.mp4")):
        with FaceMesh(refine_landmarks=True) as mesh:
            shapes.append(_neutral_face(clip, mesh=mesh, focal_px=camera["fx"]))
        print(clip.name)
    faces = np.stack(shapes)
    triangles = _triangles(FACEMESH_TESSELATION, faces.mean(axis=0))
    mirror = _mirror(faces.mean(axis=0))
    faces = _symmetrised(faces, mirror, share=0.8)
    np.savez_compressed(
        OUT,
        faces_mm=np.round(faces, 2).astype(np.float32),
        triangles=triangles.astype(np.int16),
        mirror=mirror.astype(np.int16),
    )
    print(f"{OUT}: {faces.shape[0]} faces, {len(triangles)} triangles, {OUT.stat().st_size} bytes")


def _neutral_face(clip: Path, *, mesh: object, focal_px: float) -> np.ndarray:
    rows = list(csv.DictReader(clip.with_suffix(".csv").open()))[: NEUTRAL_FRAMES.stop]
    video = cv2.VideoCapture(str(clip))
    shapes = []
    for index, row in enumerate(rows):
        _, image = video.read()
        found = mesh.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).multi_face_landmarks
        if index < NEUTRAL_FRAMES.start or float(row["blink"]) > 0.01 or not found:
            continue
        height_px, width_px = image.shape[:2]
        points = np.array([(p.x, p.y, p.z) for p in found[0].landmark])
        points *= (width_px, height_px, width_px)
        distance_mm = float(row["head_z_mm"])
        depth_px = points[:, 2] - points[[33, 133, 362, 263], 2].mean()
        z_mm = distance_mm + depth_px * distance_mm / focal_px
        x_mm = (points[:, 0] - width_px / 2) / focal_px * z_mm
        y_mm = (points[:, 1] - height_px / 2) / focal_px * z_mm
        camera_mm = np.column_stack((x_mm, y_mm, z_mm))
        camera_mm -= camera_mm[[33, 133, 362, 263]].mean(axis=0)
        turn = rotation_of(
            yaw_deg=float(row["head_yaw_deg"]),
            pitch_deg=float(row["head_pitch_deg"]),
            roll_deg=float(row["head_roll_deg"]),
        )
        shapes.append(camera_mm @ turn)  # turn is head -> camera; its transpose is applied here
    return np.median(shapes, axis=0)


def _triangles(edges: frozenset[tuple[int, int]], shape: np.ndarray) -> np.ndarray:
    """Faces of the planar graph: its 3-cliques that hold no vertex, facing the viewer."""
    neighbours: dict[int, set[int]] = {}
    for a, b in edges:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found = set()
    for a, b in edges:
        for c in neighbours[a] & neighbours[b]:
            found.add(tuple(sorted((a, b, c))))
    # The mesh is a disc with holes, so an edge has at most two faces; a separating clique would
    # show as an edge with three.
    count: dict[tuple[int, int], int] = {}
    for a, b, c in found:
        for edge in ((a, b), (b, c), (a, c)):
            count[edge] = count.get(edge, 0) + 1
    suspects = [
        t for t in found if all(count[e] > 2 for e in ((t[0], t[1]), (t[1], t[2]), (t[0], t[2])))
    ]
    kept = sorted(found - set(suspects))
    oriented = []
    for a, b, c in kept:
        u, v = shape[b, :2] - shape[a, :2], shape[c, :2] - shape[a, :2]
        oriented.append((a, b, c) if u[0] * v[1] - u[1] * v[0] < 0 else (a, c, b))
    print(f"{len(oriented)} triangles, {len(suspects)} separating cliques left out")
    return np.array(oriented)


def _mirror(shape: np.ndarray) -> np.ndarray:
    """For each landmark the one on the other side of the face."""
    flipped = shape * (-1, 1, 1)
    distance = np.linalg.norm(flipped[:, None] - shape[None], axis=2)
    # With the mouth closed both lips coincide, and distance cannot tell them apart.
    pair = np.full(len(shape), -1)
    for lip in (INNER_LIP_UPPER, INNER_LIP_LOWER):
        pair[list(lip)] = lip[::-1]
    # Closest pairs first, each landmark once.
    both = distance + distance.T
    for flat in np.argsort(both, axis=None):
        a, b = divmod(int(flat), len(both))
        if pair[a] < 0 and pair[b] < 0:
            pair[a], pair[b] = b, a
    return pair


def _symmetrised(faces: np.ndarray, mirror: np.ndarray, *, share: float) -> np.ndarray:
    flipped = faces[:, mirror] * (-1, 1, 1)
    return (1 - share / 2) * faces + share / 2 * flipped


if __name__ == "__main__":
    main(Path(sys.argv[1]))
