"""A scene as a PNG, painted with matplotlib's Agg; needs no display."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import StorageError
from journeylab.opencv import cv2
from journeylab.report.files import whole_file
from journeylab.report.painting import figure_of
from journeylab.report.scene import Scene
from journeylab.theme import LIGHT, Palette


def write_png(scene: Scene, path: Path, *, palette: Palette = LIGHT, scale: float = 1.0) -> Path:
    """Paint a scene and write it.

    Parameters
    ----------
    scale
        Pixels of the file per pixel of the scene: 2 for print.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    pixels = paint(scene, palette=palette, scale=scale)
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not is_encoded:
        raise StorageError(f"{path} cannot be written: the picture could not be encoded.")
    with whole_file(path) as partial:
        partial.write_bytes(data.tobytes())
    return path


def paint(scene: Scene, *, palette: Palette = LIGHT, scale: float = 1.0) -> NDArray[np.uint8]:
    """RGB pixels (height, width, 3) of a scene."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with mpl.rc_context({"text.hinting": "none", "path.simplify": False}):
        canvas = FigureCanvasAgg(figure_of(scene, palette=palette, scale=scale))
        canvas.draw()
        return np.array(canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3]
