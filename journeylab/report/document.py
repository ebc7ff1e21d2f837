"""A scene as a PDF: shapes as shapes, text as text that can be searched, fonts embedded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from journeylab import __version__
from journeylab.report.files import whole_file
from journeylab.report.painting import figure_of
from journeylab.report.scene import Scene
from journeylab.theme import LIGHT, Palette

# Glyphs as outlines with their letters' names: Inter is OpenType with cubic curves, which no
# viewer takes for the TrueType that the other kind would declare.
_FONT_TYPE: Final = 3


def write_pdf(scene: Scene, path: Path, *, title: str, palette: Palette = LIGHT) -> Path:
    """Write a scene as one page, a point for a pixel.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    # Without a day of its own, the same map gives the same file.
    told: dict[str, Any] = {
        "Title": title,
        "Creator": f"JourneyLab {__version__}",
        "CreationDate": None,
    }
    with (
        mpl.rc_context({"pdf.fonttype": _FONT_TYPE, "path.simplify": False}),
        whole_file(path) as partial,
        partial.open("wb") as file,
    ):
        canvas: Any = FigureCanvasPdf(figure_of(scene, palette=palette, is_vector=True))
        canvas.print_pdf(file, metadata=told)
    return path
