"""Primitives of a scene as a slide's own shapes and text boxes, which a person may edit."""

from __future__ import annotations

from functools import cache, cached_property
from io import BytesIO
from typing import Any, Final

from journeylab.report.colour import picture_png
from journeylab.report.scene import (
    Circle,
    Density,
    Image,
    Line,
    Point,
    Polygon,
    Polyline,
    Primitive,
    Rect,
    Text,
    colour_of,
    ink_of,
)
from journeylab.report.text_metrics import text_width
from journeylab.report.xml_text import xml_text
from journeylab.theme import FONT_FAMILY, Palette

EMU_PER_POINT: Final = 12_700
_PLACEHOLDER_ROOM: Final = 1.5
# Inter's ascent, and its ascent and descent together, as a share of its size: a text box starts
# above its first baseline by the one, and its lines follow each other by the other.
_ASCENT: Final = 0.96875
_LINE: Final = 1.2102
_BOLD_FROM: Final = 600
ROOM: Final = 1.06
"""Text boxes are a little wider than their words, for machines that lack the typeface."""
_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
# A sans serif of normal width, for a program that must choose what stands in for Inter.
_PANOSE: Final = "020B0502030000000004"


class SlidePainter:
    """Adds primitives to one slide, ``scale`` EMU per pixel, from an origin in EMU."""

    def __init__(
        self, shapes: Any, *, palette: Palette, scale: float, origin: tuple[float, float]
    ) -> None:
        self._shapes = shapes
        self._palette = palette
        self._scale = scale
        self._origin = origin

    def into(self, shapes: Any) -> SlidePainter:
        """The same places, in a group of shapes."""
        return SlidePainter(shapes, palette=self._palette, scale=self._scale, origin=self._origin)

    def add(self, item: Primitive) -> None:
        """Put one primitive on top."""
        match item:
            case Text():
                self.text(item)
            case Image() | Density():
                self._picture(item)
            case Line():
                self._straight(item)
            case Polyline():
                self._freeform(item.points, is_closed=False, stroke=item)
            case Polygon():
                shape = self._freeform(item.points, is_closed=True)
                self._fill(shape, item.fill, item.opacity)
                shape.line.fill.background()
            case _:
                self._shape(item)

    def text(self, item: Text, *, box: Any = None) -> None:
        """Put a line of text on top, or into a placeholder given as ``box``."""
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN

        if not item.text.strip():
            return
        measured = text_width(
            item.text, item.size_px, weight=item.weight, tracking_px=item.tracking_px
        )
        width = measured * ROOM + 2
        left = item.x - {"start": 0.0, "middle": width / 2, "end": width}[item.anchor]
        top = item.y - _ASCENT * item.size_px
        place = (*self._at((left, top)), self._long(width), self._long(_LINE * item.size_px))
        if box is None:
            box = self._shapes.add_textbox(*place)
        else:
            # A placeholder wraps in some programs whatever it is told, and where Inter is not
            # installed its words are wider.
            box.left, box.top, box.width, box.height = place
            box.width = round(box.width * _PLACEHOLDER_ROOM)
        frame = box.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap = False
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.vertical_anchor = MSO_ANCHOR.TOP
        paragraph = frame.paragraphs[0]
        paragraph.alignment = {
            "start": PP_ALIGN.LEFT,
            "middle": PP_ALIGN.CENTER,
            "end": PP_ALIGN.RIGHT,
        }[item.anchor]
        run = paragraph.add_run()
        run.text = xml_text(item.text)
        points = item.size_px * self._scale / EMU_PER_POINT
        set_font(
            run.font,
            points=points,
            is_bold=item.weight >= _BOLD_FROM,
            colour=ink_of(item.colour, self._palette),
        )
        if item.tracking_px:
            hundredths = item.tracking_px * self._scale / EMU_PER_POINT * 100
            run._r.get_or_add_rPr().set("spc", str(round(hundredths)))

    def _shape(self, item: Rect | Circle) -> None:
        from pptx.enum.shapes import MSO_SHAPE

        if isinstance(item, Circle):
            x, y = item.centre[0] - item.radius_px, item.centre[1] - item.radius_px
            width = height = 2 * item.radius_px
            kind, opacity = MSO_SHAPE.OVAL, 1.0
        else:
            x, y, width, height = item.x, item.y, item.width, item.height
            kind = MSO_SHAPE.ROUNDED_RECTANGLE if item.radius_px else MSO_SHAPE.RECTANGLE
            opacity = item.opacity
        place = (*self._at((x, y)), self._long(width), self._long(height))
        shape = self._shapes.add_shape(kind, *place)
        if isinstance(item, Rect) and item.radius_px:
            shape.adjustments[0] = min(0.5, item.radius_px / max(min(width, height), 1e-6))
        self._fill(shape, item.fill, opacity)
        if item.stroke and item.stroke_px:
            self._stroke(shape.line, item.stroke, item.stroke_px)
        else:
            shape.line.fill.background()
        _without_theme(shape)

    def _straight(self, item: Line) -> None:
        from pptx.enum.dml import MSO_LINE
        from pptx.enum.shapes import MSO_CONNECTOR

        ends = (*self._at(item.start), *self._at(item.end))
        shape = self._shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *ends)
        _without_theme(shape)
        line = shape.line
        self._stroke(line, item.stroke, item.stroke_px)
        if item.dash is not None:
            line.dash_style = MSO_LINE.DASH

    def _freeform(
        self, points: tuple[Point, ...], *, is_closed: bool, stroke: Polyline | None = None
    ) -> Any:
        places = [self._at(point) for point in points]
        builder = _freeform_builder().new(self._shapes, *places[0], 1.0, 1.0)
        builder.add_line_segments(places[1:], close=is_closed)
        shape = builder.convert_to_shape()
        _without_theme(shape)
        if stroke is not None:
            shape.fill.background()
            self._stroke(shape.line, stroke.stroke, stroke.stroke_px)
        return shape

    def _picture(self, item: Image | Density) -> None:
        data = BytesIO(picture_png(item, palette=self._palette))
        place = (*self._at((item.x, item.y)), self._long(item.width), self._long(item.height))
        picture = self._shapes.add_picture(data, *place)
        words = xml_text(item.name) if isinstance(item, Image) and item.name else "picture"
        picture.name = "heatmap of gaze" if isinstance(item, Density) else words
        picture._element.nvPicPr.cNvPr.set("descr", picture.name)

    def _fill(self, shape: Any, token: str | None, opacity: float) -> None:
        from pptx.dml.color import RGBColor

        if token is None:
            shape.fill.background()
            return
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor.from_string(colour_of(token, self._palette)[1:])
        if opacity < 1.0:
            _set_alpha(shape.fill, opacity)

    def _stroke(self, line: Any, token: str, stroke_px: float) -> None:
        from pptx.dml.color import RGBColor

        line.color.rgb = RGBColor.from_string(colour_of(token, self._palette)[1:])
        line.width = self._long(stroke_px)

    def _at(self, point: Point) -> tuple[int, int]:
        x, y = point
        return (
            round(self._origin[0] + x * self._scale),
            round(self._origin[1] + y * self._scale),
        )

    def _long(self, length_px: float) -> int:
        return max(1, round(length_px * self._scale))


@cache
def _freeform_builder() -> Any:
    from pptx.shapes.freeform import FreeformBuilder

    class Freeform(FreeformBuilder):  # type: ignore[misc]  # pptx has no types
        """One that looks for its corner once, not once for each of its points."""

        shape_offset_x = cached_property(FreeformBuilder.shape_offset_x.fget)
        shape_offset_y = cached_property(FreeformBuilder.shape_offset_y.fget)

    return Freeform


def set_font(font: Any, *, points: float, is_bold: bool, colour: str) -> None:
    """Give a run of text the map's typeface, which a program without it replaces by its like."""
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    font.size = Pt(round(points * 2) / 2) if points >= 8 else Pt(round(points, 1))
    font.bold = is_bold
    font.name = FONT_FAMILY
    font.color.rgb = RGBColor.from_string(colour[1:])
    latin = font._rPr.find(f"{_DRAWING}latin")
    latin.set("panose", _PANOSE)
    latin.set("pitchFamily", "34")


def _without_theme(shape: Any) -> None:
    """Take the theme's look away: its shadow, its line, its fill."""
    look = shape._element.find("{*}style")
    if look is not None:
        shape._element.remove(look)


def _set_alpha(fill: Any, opacity: float) -> None:
    colour = fill._xPr.find(".//{*}srgbClr")
    alpha = {"val": str(round(opacity * 100_000))}
    colour.append(colour.makeelement(f"{_DRAWING}alpha", alpha))
