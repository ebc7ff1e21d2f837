"""A scene as SVG: shapes as shapes, text as text, layers as named groups."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from journeylab.report.colour import picture_png
from journeylab.report.files import whole_file
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
    Scene,
    Text,
    colour_of,
    ink_of,
)
from journeylab.report.xml_text import xml_text
from journeylab.theme import FONT_FAMILY, LIGHT, Palette

FONT_STACK: Final = (
    f"{FONT_FAMILY}, 'Helvetica Neue', Arial, 'Noto Sans', 'DejaVu Sans', sans-serif"
)
"""The map's typeface, and what stands in for it where it is not installed."""


def write_svg(scene: Scene, path: Path, *, title: str, palette: Palette = LIGHT) -> Path:
    """Write a scene as a drawing that stands alone.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    with whole_file(path) as partial:
        drawing = svg_of(scene, title=title, palette=palette)
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        partial.write_text(f"{head}\n{drawing}\n", encoding="utf-8")
    return path


def svg_of(scene: Scene, *, title: str, palette: Palette = LIGHT) -> str:
    """The ``svg`` element; no style attributes, so that a page's policy may forbid them."""
    return "\n".join(_lines(scene, title, palette))


def markup(text: str) -> str:
    """Text as it stands between tags; letters that XML cannot hold are left out."""
    return escape(xml_text(text))


def quoted(text: str) -> str:
    """Text as the value of an attribute, with its quotes."""
    return quoteattr(xml_text(text))


def number(value: float) -> str:
    """A length to a hundredth of a pixel, as short as it can be."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _lines(scene: Scene, title: str, palette: Palette) -> Iterator[str]:
    width, height = number(scene.width_px), number(scene.height_px)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONT_STACK}" role="img">'
    )
    yield f"<title>{markup(title)}</title>"
    ground = colour_of(scene.ground, palette)
    yield f'<rect width="{width}" height="{height}" fill="{ground}"/>'
    for name, items in scene.grouped():
        yield f"<g id={quoted(name)}>" if name else "<g>"
        for item in items:
            yield _element(item, palette)
        yield "</g>"
    yield "</svg>"


def _element(item: Primitive, palette: Palette) -> str:
    match item:
        case Text():
            return _text(item, palette)
        case Image() | Density():
            return _picture(item, palette)
        case Line() | Polyline():
            return _line(item, palette)
        case _:
            return _shape(item, palette)


def _shape(item: Rect | Polygon | Circle, palette: Palette) -> str:
    fill = f'fill="{colour_of(item.fill, palette) if item.fill else "none"}"'
    if isinstance(item, Polygon):
        return f'<polygon points="{_points(item.points)}" {fill}{_opacity(item.opacity)}/>'
    stroke = ""
    if item.stroke and item.stroke_px:
        colour = colour_of(item.stroke, palette)
        stroke = f' stroke="{colour}" stroke-width="{number(item.stroke_px)}"'
    if isinstance(item, Circle):
        x, y = item.centre
        place = f'cx="{number(x)}" cy="{number(y)}" r="{number(item.radius_px)}"'
        return f"<circle {place} {fill}{stroke}/>"
    corner = f' rx="{number(item.radius_px)}"' if item.radius_px else ""
    return f"<rect {_box(item)}{corner} {fill}{stroke}{_opacity(item.opacity)}/>"


def _line(item: Line | Polyline, palette: Palette) -> str:
    look = f'stroke="{colour_of(item.stroke, palette)}" stroke-width="{number(item.stroke_px)}"'
    if isinstance(item, Polyline):
        joins = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
        return f'<polyline points="{_points(item.points)}" {joins} {look}/>'
    (x1, y1), (x2, y2) = item.start, item.end
    place = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    dash = ""
    if item.dash is not None:
        dash = f' stroke-dasharray="{number(item.dash[0])} {number(item.dash[1])}"'
    return f"<line {place} {look}{dash}/>"


def _text(item: Text, palette: Palette) -> str:
    place = f'x="{number(item.x)}" y="{number(item.y)}" font-size="{number(item.size_px)}"'
    look = f' fill="{ink_of(item.colour, palette)}"'
    if item.weight != 400:
        look += f' font-weight="{item.weight}"'
    if item.anchor != "start":
        look += f' text-anchor="{item.anchor}"'
    if item.tracking_px:
        look += f' letter-spacing="{number(item.tracking_px)}"'
    return f"<text {place}{look}>{markup(item.text)}</text>"


def _picture(item: Image | Density, palette: Palette) -> str:
    data = base64.b64encode(picture_png(item, palette=palette)).decode("ascii")
    name = ""
    if isinstance(item, Image) and item.name:
        name = f" data-name={quoted(item.name)}"
    return (
        f'<image {_box(item)} preserveAspectRatio="none"{name} '
        f'xlink:href="data:image/png;base64,{data}"/>'
    )


def _box(item: Rect | Image | Density) -> str:
    return (
        f'x="{number(item.x)}" y="{number(item.y)}" '
        f'width="{number(item.width)}" height="{number(item.height)}"'
    )


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _opacity(opacity: float) -> str:
    return f' opacity="{number(opacity)}"' if opacity != 1.0 else ""
