"""How far the measures of a frame can be trusted, before they go wrong."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference.appearance import Appearance


def ramp(value: float, none: float, full: float) -> float:
    """0 at ``none`` and beyond, 1 at ``full`` and beyond, straight between."""
    return float(np.clip((value - none) / (full - none), 0.0, 1.0))


# Each pair: where nothing can be trusted any more, and where nothing is lost. An eye is a third
# of the interocular distance wide: 14 px leave its lids 1 px, 50 px enough for all measures.
_SIZE_PX: Final = (14.0, 50.0)
_YAW_DEG: Final = (55.0, 25.0)
_PITCH_DEG: Final = (45.0, 20.0)
_ROLL_DEG: Final = (75.0, 40.0)
_DARK_LUMA: Final = (18.0, 55.0)
_BRIGHT_LUMA: Final = (245.0, 215.0)
_CONTRAST: Final = (3.0, 12.0)
_SHARPNESS: Final = (0.02, 0.10)
_CLIPPED: Final = (0.6, 0.15)
# Misfit of the stable points: 0.01 to 0.035 on faces in the open.
_MISFIT: Final = (0.12, 0.05)


def frame_quality(
    *,
    interocular_px: float,
    head_pose: NDArray[np.float64],
    misfit: float,
    look: Appearance,
) -> float:
    """Quality 0..1 of one frame with a face: the product of what can spoil it.

    Parameters
    ----------
    interocular_px
        Distance of the outer eye corners.
    head_pose
        (6,) as in HEAD_POSE_COLUMNS.
    misfit
        Of the head pose.
    look
        The face in the image.
    """
    yaw, pitch, roll = np.abs(head_pose[:3]).tolist()
    factors = (
        ramp(interocular_px, *_SIZE_PX),
        ramp(yaw, *_YAW_DEG),
        ramp(pitch, *_PITCH_DEG),
        ramp(roll, *_ROLL_DEG),
        ramp(look.luma, *_DARK_LUMA),
        ramp(look.luma, *_BRIGHT_LUMA),
        ramp(look.contrast, *_CONTRAST),
        ramp(look.sharpness, *_SHARPNESS),
        ramp(look.clipped, *_CLIPPED),
        ramp(misfit, *_MISFIT),
    )
    product = float(np.prod(factors))
    return product if np.isfinite(product) else 0.0
