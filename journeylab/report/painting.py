"""A scene painted with matplotlib, in pixel coordinates; needs no display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from journeylab.report.colour import PICTURE_SCALE, picture_rgba, picture_size, rgb_of
from journeylab.report.installed_fonts import family_with
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
    ink_of,
)
from journeylab.report.text_metrics import font_file, text_width
from journeylab.theme import FONT_FAMILY, Palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI: Final = 72
"""One point is one pixel, so that sizes need no conversion."""
_FALLBACK_FONT: Final = "DejaVu Sans"


def figure_of(
    scene: Scene, *, palette: Palette, scale: float = 1.0, is_vector: bool = False
) -> Figure:
    """The scene as a figure; drawn without simplified paths it comes out as laid out."""
    from matplotlib.figure import Figure

    width, height = round(scene.width_px * scale), round(scene.height_px * scale)
    # A document's pictures are as fine as its figure; its page stays a point for a pixel.
    dpi = DPI * PICTURE_SCALE if is_vector else DPI
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=dpi)
    figure.patch.set_facecolor(colour_of(scene.ground, palette))
    figure.suppressComposite = True  # pictures and lines keep their order
    painter = ScenePainter(figure, palette=palette, scale=scale, height=height, is_vector=is_vector)
    for order, item in enumerate(scene.items):
        painter.add(item, order)
    return figure


class ScenePainter:
    """Turns primitives into artists of one figure, ``scale`` pixels of it per pixel of a scene.

    Where the figure is no grid of pixels (``is_vector``), pictures keep ``PICTURE_SCALE`` pixels
    of their own for each of the scene's.
    """

    def __init__(
        self, figure: Figure, *, palette: Palette, scale: float, height: int, is_vector: bool
    ) -> None:
        from matplotlib import font_manager
        from matplotlib.transforms import Affine2D

        self._figure: Any = figure
        self._palette = palette
        self._scale = scale
        self._height = height
        self._is_vector = is_vector
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
            color=rgb_of(ink_of(item.colour, self._palette)),
            horizontalalignment=align,
            verticalalignment="baseline",
            transform=self._to_pixels,
            zorder=order,
            parse_math=False,
        )

    def _with_fallback(self, text: str, file: str) -> tuple[list[str], str]:
        """Fonts for a text, and the text with a box for each letter that none of them has."""
        lacking = self._lacking(text, file)
        if not lacking:
            return [FONT_FAMILY], text
        families = [FONT_FAMILY, _FALLBACK_FONT]
        lacking &= self._lacking(text, self._fonts.findfont(_FALLBACK_FONT))
        nowhere = set()
        for letter in sorted(lacking):
            family = family_with(letter)
            if family is None:
                nowhere.add(letter)
            elif family not in families:
                families.append(family)
        return families, "".join("▯" if letter in nowhere else letter for letter in text)

    def _lacking(self, text: str, file: str) -> set[str]:
        font = self._fonts.get_font(file)
        return {letter for letter in text if not font.get_char_index(ord(letter))}

    def _picture(self, item: Image | Density, order: int) -> None:
        left, top = round(item.x * self._scale), round(item.y * self._scale)
        width = max(1, round((item.x + item.width) * self._scale) - left)
        height = max(1, round((item.y + item.height) * self._scale) - top)
        if self._is_vector:
            self._placed_picture(item, order)
            return
        rgba = picture_rgba(item, palette=self._palette, size=(width, height))
        self._figure.figimage(rgba, left, self._height - top - height, origin="upper", zorder=order)

    def _placed_picture(self, item: Image | Density, order: int) -> None:
        from matplotlib.image import BboxImage
        from matplotlib.transforms import Bbox, TransformedBbox

        place = Bbox.from_bounds(item.x, item.y, item.width, item.height)
        box = TransformedBbox(place, self._to_pixels)
        image: Any = BboxImage(box, interpolation="none", origin="upper", zorder=order)
        image.set_data(picture_rgba(item, palette=self._palette, size=picture_size(item)))
        self._figure.add_artist(image)

    def _colour(self, token: str) -> tuple[float, float, float]:
        return rgb_of(colour_of(token, self._palette))
