"""How a drawing lies in its viewport: scaled and shifted, always filling what it can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LARGEST: Final = 8.0
STEP: Final = 1.25


@dataclass(frozen=True, slots=True)
class Zoom:
    """A scale of at least 1 (the whole width fits)."""

    scale: float = 1.0

    @property
    def is_fitted(self) -> bool:
        return self.scale <= 1.0

    def by(self, factor: float) -> Zoom:
        """Larger or smaller by a factor, within bounds; near 1 it snaps to the whole."""
        scale = min(max(self.scale * factor, 1.0), LARGEST)
        return Zoom(1.0 if scale < 1.02 else scale)


def kept_under(place: float, scrolled: float, before: float, after: float) -> float:
    """Where to scroll so that what lies under a place of the viewport stays under it.

    Parameters
    ----------
    place
        In the viewport, px from its edge.
    scrolled
        How far the drawing is scrolled, px, at the scale ``before``.
    """
    return (scrolled + place) * after / before - place
