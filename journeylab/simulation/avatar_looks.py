"""What an avatar looks like beside its shape: skin, hair, eyes and clothes, drawn by seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.simulation.avatar_shape import AvatarIdentity, NeutralHead

# Colours of a person, BGR 0..255; not the interface's, which live in the theme.
_SKINS: Final = (
    (182, 204, 240),
    (158, 186, 228),
    (128, 164, 212),
    (98, 136, 190),
    (70, 102, 154),
    (50, 74, 116),
)
_HAIRS: Final = ((24, 24, 28), (30, 38, 54), (42, 62, 92), (44, 66, 118), (96, 146, 184))
_IRISES: Final = ((46, 70, 104), (34, 52, 78), (120, 104, 78), (92, 116, 92), (140, 122, 92))
_SHIRTS: Final = (
    (124, 92, 62),
    (92, 104, 62),
    (96, 78, 104),
    (84, 84, 150),
    (150, 138, 120),
    (70, 66, 64),
)
_WALLS: Final = ((214, 212, 206), (206, 212, 214), (210, 206, 210), (200, 206, 204))

Colour = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Colours (3,) BGR 0..1 and measures of one avatar."""

    skin: Colour
    lips: Colour
    hair: Colour
    brow: Colour
    lash: Colour
    iris: Colour
    shirt: Colour
    wall: Colour
    shine: Colour
    beard: float
    brow_weight: float
    lash_mm: float
    hair_contrast: float
    hair_height_mm: float
    hair_length_mm: float
    parting: float

    @property
    def has_long_hair(self) -> bool:
        return self.hair_length_mm > 0

    def hair_lines(self, head: NeutralHead) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Outer and inner edge of the hair from its right side over the top to its left."""
        points = head.points
        top, right, left = points[10], points[234], points[454]
        crown = top[1] + self.hair_height_mm
        side = 4.0 + 0.10 * self.hair_height_mm
        # Long hair falls behind the shoulders; before the ears only its ends show, and taper.
        end_y = right[1] + 2.0 - 0.75 * self.hair_length_mm
        flare = 4.0 if self.has_long_hair else 0.0
        outer = np.array(
            (
                (right[0] - side - 0.4 * flare, end_y),
                (right[0] - side - flare, right[1] - 0.35 * self.hair_length_mm + 12),
                (right[0] - side, right[1] + 40),
                (right[0] * 0.86, crown - 34),
                (right[0] * 0.50, crown - 8),
                (self.parting * 10, crown),
                (left[0] * 0.50, crown - 9),
                (left[0] * 0.86, crown - 35),
                (left[0] + side, left[1] + 40),
                (left[0] + side + flare, left[1] - 0.35 * self.hair_length_mm + 12),
                (left[0] + side + 0.4 * flare, end_y),
            )
        )
        inset = 3.0 if self.has_long_hair else 5.0
        inner = np.array(
            (
                (right[0] - (side if self.has_long_hair else -1.0), end_y),
                (right[0] + inset * 0.6, right[1] + 10 - 0.3 * self.hair_length_mm),
                (points[127][0] + inset, points[127][1] + 16),
                (points[54][0] + 5.0, points[54][1] + 3.0),
                (points[67][0], points[67][1] - 1.0 + 3.0 * self.parting),
                (self.parting * 14, top[1] + 3.0),
                (points[297][0], points[297][1] - 1.0 - 3.0 * self.parting),
                (points[284][0] - 5.0, points[284][1] + 3.0),
                (points[356][0] - inset, points[356][1] + 16),
                (left[0] - inset * 0.6, left[1] + 10 - 0.3 * self.hair_length_mm),
                (left[0] + (side if self.has_long_hair else -1.0), end_y),
            )
        )
        return outer, inner


def looks_of(identity: AvatarIdentity) -> Looks:
    """The looks that follow from an identity's seed."""
    rng = np.random.default_rng((identity.seed, 2))
    tone = identity.seed % len(_SKINS)
    skin = _colour(_SKINS[tone]) * np.float32(rng.uniform(0.97, 1.03))
    fairness = 1 - tone / (len(_SKINS) - 1)
    # Fair hair goes with fair skin here only because a mismatch looks painted.
    hair = _colour(_HAIRS[int(rng.integers(0, 2 + round(3 * fairness)))])
    has_long_hair = (identity.seed // 2) % 2 == 1
    lips = skin * np.array((0.66, 0.62, 0.86), np.float32)
    return Looks(
        skin=skin,
        lips=lips,
        hair=hair,
        brow=hair * np.float32(0.75),
        lash=np.minimum(hair, _colour((40, 40, 46))) * np.float32(0.8),
        iris=_colour(_IRISES[int(rng.integers(0, 2 if fairness < 0.5 else 5))]),
        shirt=_colour(_SHIRTS[int(rng.integers(0, len(_SHIRTS)))]),
        wall=_colour(_WALLS[int(rng.integers(0, len(_WALLS)))]),
        shine=np.array((0.10, 0.105, 0.11), np.float32) * np.float32(0.7 + 0.5 * fairness),
        beard=0.0 if has_long_hair else float(rng.choice((0.0, 0.10, 0.22))),
        brow_weight=float(rng.uniform(0.75, 1.15)) * (0.8 if has_long_hair else 1.0),
        lash_mm=1.5 if has_long_hair else 1.15,
        hair_contrast=0.42,
        hair_height_mm=float(rng.uniform(33, 42)),
        hair_length_mm=float(rng.uniform(70, 100)) if has_long_hair else 0.0,
        parting=float(rng.choice((-0.8, 0.0, 0.7))),
    )


def _colour(bgr: tuple[int, int, int]) -> Colour:
    return np.array(bgr, dtype=np.float32) / np.float32(255)
