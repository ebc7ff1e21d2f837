"""A metric face that stands still: the points of the mesh that expressions hardly move.

Coordinates in mm in the head's frame: x to the participant's left, y up, z out of the face. They
are points of MediaPipe's canonical face model (Apache-2.0), scaled by 0.97 so that the distance of
the outer eye corners is 86 mm, between the means Farkas (1994) gives for women and men.
"""

from __future__ import annotations

from typing import Final

import numpy as np

# Index of the landmark, x, y, z. Eye corners, bridge and tip of the nose, temples and cheekbones.
_STABLE: Final = (
    (33, -43.1, 25.8, 30.8),
    (133, -18.0, 25.1, 36.5),
    (263, 43.1, 25.8, 30.8),
    (362, 18.0, 25.1, 36.5),
    (168, 0.0, 31.7, 50.8),
    (6, 0.0, 24.0, 56.1),
    (197, 0.0, 16.8, 61.3),
    (195, 0.0, 10.3, 65.7),
    (5, 0.0, 3.5, 70.3),
    (4, 0.0, -4.5, 73.6),
    (1, 0.0, -10.9, 72.5),
    (54, -60.9, 64.2, 13.8),
    (284, 60.9, 64.2, 13.8),
    (103, -49.8, 72.6, 25.8),
    (332, 49.8, 72.6, 25.8),
    (127, -75.1, 22.9, -19.5),
    (356, 75.1, 22.9, -19.5),
    (234, -74.3, 6.5, -23.6),
    (454, 74.3, 6.5, -23.6),
    (93, -73.2, -10.2, -23.6),
    (323, 73.2, -10.2, -23.6),
)

STABLE_LANDMARKS: Final = np.array([row[0] for row in _STABLE], dtype=np.intp)
STABLE_POINTS_MM: Final = np.array([row[1:] for row in _STABLE], dtype=np.float64)
"""(n, 3), in the order of :data:`STABLE_LANDMARKS`."""

INTEROCULAR_MM: Final = 86.25
"""Between the outer eye corners of the model."""

EYE_MIDPOINT_MM: Final = np.array([0.0, 29.0, 28.0])
"""Middle between the eyes' centres of rotation: 13 mm behind the cornea, 3 mm above the line of
the eye corners."""
