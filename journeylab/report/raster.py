"""A scene as a PNG, painted with matplotlib's Agg; needs no display."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import StorageError
from journeylab.opencv import cv2
from journeylab.report.files import whole_file
from journeylab.report.painting import figure_of
from journeylab.report.scene import Scene
from journeylab.theme import LIGHT, Palette

MOST_PIXELS: Final = 60_000_000
MOST_SIDE_PX: Final = 30_000
"""A file larger than this opens nowhere, and takes gigabytes to paint: it gets a smaller scale."""


def write_png(scene: Scene, path: Path, *, palette: Palette = LIGHT, scale: float = 1.0) -> Path:
    """Paint a scene and write it.

    Parameters
    ----------
    scale
        Pixels of the file per pixel of the scene: 2 for print. Of a scene so large that the file
        would have more than :data:`MOST_PIXELS`, or a side :data:`MOST_SIDE_PX`, it is less.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    pixels = paint(scene, palette=palette, scale=fitting_scale(scene, scale))
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not is_encoded:
        raise StorageError(f"{path} cannot be written: the picture could not be encoded.")
    with whole_file(path) as partial:
        partial.write_bytes(data.tobytes())
    return path


def fitting_scale(scene: Scene, wanted: float) -> float:
    """The scale that is wanted, or the largest that a file can be opened at."""
    area = scene.width_px * scene.height_px
    longer = max(scene.width_px, scene.height_px)
    return min(wanted, math.sqrt(MOST_PIXELS / area), MOST_SIDE_PX / longer)


def paint(scene: Scene, *, palette: Palette = LIGHT, scale: float = 1.0) -> NDArray[np.uint8]:
    """RGB pixels (height, width, 3) of a scene."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with mpl.rc_context({"text.hinting": "none", "path.simplify": False}):
        canvas = FigureCanvasAgg(figure_of(scene, palette=palette, scale=scale))
        canvas.draw()
        return np.array(canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3]
