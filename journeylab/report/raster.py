"""A scene as a PNG, painted with matplotlib's Agg in pixel coordinates; needs no display."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.errors import StorageError
from journeylab.opencv import cv2
from journeylab.report.colour import heat_rgba, picture_pixels, rgb_of, rounded_mask
from journeylab.report.scene import (
    Circle,
    Density,
    Image,
    Line,
    Polygon,
    Polyline,
    Primitive,
    Rect,
    Scene,
    Text,
    colour_of,
)
from journeylab.report.text_metrics import font_file, text_width
from journeylab.theme import FONT_FAMILY, LIGHT, Palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI: Final = 72
"""One point is one pixel, so that sizes need no conversion."""
_FALLBACK_FONT: Final = "DejaVu Sans"


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
    try:
        if not is_encoded:
            raise OSError("the picture could not be encoded")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_bytes(data.tobytes())
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror or error}).",
            remedy="Choose a folder you may write to.",
        ) from error
    return path


def paint(scene: Scene, *, palette: Palette = LIGHT, scale: float = 1.0) -> NDArray[np.uint8]:
    """RGB pixels (height, width, 3) of a scene."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = round(scene.width_px * scale), round(scene.height_px * scale)
    unhinted = {"text.hinting": "none", "path.simplify": False}
    with mpl.rc_context(unhinted):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        figure.patch.set_facecolor(colour_of(scene.ground, palette))
        figure.suppressComposite = True  # pictures and lines keep their order
        painter = _Painter(figure, palette, scale, height)
        for order, item in enumerate(scene.items):
            painter.add(item, order)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.array(canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3]


class _Painter:
    """Turns primitives into artists of one figure."""

    def __init__(self, figure: Figure, palette: Palette, scale: float, height: int) -> None:
        from matplotlib import font_manager
        from matplotlib.transforms import Affine2D

        self._figure: Any = figure
        self._palette = palette
        self._scale = scale
        self._height = height
        self._to_pixels = Affine2D().scale(scale, -scale).translate(0, height)
        self._fonts: Any = font_manager

    def add(self, item: Primitive, order: int) -> None:
        """Add one primitive, in front of all with a lower order."""
        match item:
            case Text():
                self._text(item, order)
            case Image() | Density():
                self._picture(item, order)
            case Line() | Polyline():
                self._line(item, order)
            case _:
                self._patch(item, order)

    def _patch(self, item: Rect | Polygon | Circle, order: int) -> None:
        from matplotlib import patches

        style: dict[str, Any] = {"transform": self._to_pixels, "zorder": order}
        style["facecolor"] = self._colour(item.fill) if item.fill else "none"
        style["edgecolor"] = "none"
        if not isinstance(item, Polygon) and item.stroke and item.stroke_px:
            style["edgecolor"] = self._colour(item.stroke)
            style["linewidth"] = item.stroke_px * self._scale
        if not isinstance(item, Circle):
            style["alpha"] = item.opacity
        if isinstance(item, Circle):
            patch: Any = patches.Circle(item.centre, item.radius_px, **style)
        elif isinstance(item, Polygon):
            patch = patches.Polygon(np.array(item.points), closed=True, **style)
        else:
            shape = (
                patches.BoxStyle.Round(pad=0, rounding_size=item.radius_px)
                if item.radius_px
                else patches.BoxStyle.Square(pad=0)
            )
            patch = patches.FancyBboxPatch(
                (item.x, item.y), item.width, item.height, boxstyle=shape, **style
            )
        self._figure.add_artist(patch)

    def _line(self, item: Line | Polyline, order: int) -> None:
        from matplotlib.lines import Line2D

        points = np.array(item.points if isinstance(item, Polyline) else (item.start, item.end))
        line = Line2D(
            points[:, 0],
            points[:, 1],
            color=self._colour(item.stroke),
            linewidth=item.stroke_px * self._scale,
            transform=self._to_pixels,
            zorder=order,
            solid_capstyle="round" if isinstance(item, Polyline) else "butt",
            solid_joinstyle="round",
        )
        if isinstance(item, Line) and item.dash is not None:
            # Dashes are counted in line widths.
            line.set_dashes([part / item.stroke_px for part in item.dash])
        self._figure.add_artist(line)

    def _text(self, item: Text, order: int) -> None:
        if not item.text.strip():
            return
        x = item.x
        if item.tracking_px:
            width = text_width(
                item.text, item.size_px, weight=item.weight, tracking_px=item.tracking_px
            )
            x -= {"start": 0.0, "middle": width / 2, "end": width}[item.anchor]
            for letter in item.text:
                self._line_of_text(item, letter, x, order, "left")
                x += text_width(letter, item.size_px, weight=item.weight) + item.tracking_px
            return
        align = {"start": "left", "middle": "center", "end": "right"}[item.anchor]
        self._line_of_text(item, item.text, x, order, align)

    def _line_of_text(self, item: Text, text: str, x: float, order: int, align: str) -> None:
        file = font_file(item.weight)
        self._fonts.fontManager.addfont(file)
        families, drawable = self._with_fallback(text, file)
        font = self._fonts.FontProperties(
            family=families, weight=item.weight, size=item.size_px * self._scale
        )
        self._figure.text(
            x,
            item.y,
            drawable,
            fontproperties=font,
            color=self._colour(item.colour),
            horizontalalignment=align,
            verticalalignment="baseline",
            transform=self._to_pixels,
            zorder=order,
            parse_math=False,
        )

    def _with_fallback(self, text: str, file: str) -> tuple[list[str], str]:
        """Fonts for a text, and the text with a box for each letter that none of them has."""
        if not self._lacking(text, file):
            return [FONT_FAMILY], text
        neither = self._lacking(text, file) & self._lacking(
            text, self._fonts.findfont(_FALLBACK_FONT)
        )
        shown = "".join("▯" if letter in neither else letter for letter in text)
        return [FONT_FAMILY, _FALLBACK_FONT], shown

    def _lacking(self, text: str, file: str) -> set[str]:
        font = self._fonts.get_font(file)
        return {letter for letter in text if not font.get_char_index(ord(letter))}

    def _picture(self, item: Image | Density, order: int) -> None:
        left, top = round(item.x * self._scale), round(item.y * self._scale)
        width = max(1, round((item.x + item.width) * self._scale) - left)
        height = max(1, round((item.y + item.height) * self._scale) - top)
        source = (
            picture_pixels(item)
            if isinstance(item, Image)
            else heat_rgba(item.values, self._palette)
        )
        shrinks = width < source.shape[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        scaled = cv2.resize(source, (width, height), interpolation=how)
        rgba = np.full((height, width, 4), 255, dtype=np.uint8)
        rgba[:, :, : scaled.shape[2]] = scaled
        mask = rounded_mask(width, height, radius=item.radius_px * self._scale) * item.opacity
        rgba[:, :, 3] = np.round(rgba[:, :, 3] * mask).astype(np.uint8)
        self._figure.figimage(rgba, left, self._height - top - height, origin="upper", zorder=order)

    def _colour(self, token: str) -> tuple[float, float, float]:
        return rgb_of(colour_of(token, self._palette))
