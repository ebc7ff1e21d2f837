"""Words on the map can be read where they stand: on the ground, a tint, a label's box, an area."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.journeys import journey_of

from journeylab.analysis.comparing import compare_maps
from journeylab.analysis.heatmaps import HeatKind, Marks, OnSurface, Surface, heatmap_of
from journeylab.analysis.journey import JourneyMap
from journeylab.report.comparison_layout import lay_out_comparison
from journeylab.report.heatmap_scene import lay_out_heatmap
from journeylab.report.map_layout import lay_out_map
from journeylab.report.scene import Circle, Density, Image, Polygon, Rect, Scene, Text, ink_of
from journeylab.report.scene import colour_of as fill_of
from journeylab.report.slides import write_pptx
from journeylab.report.svg import svg_of
from journeylab.report.text_metrics import text_width
from journeylab.report.ways_scene import lay_out_ways
from journeylab.theme import DARK, LIGHT, Palette, colour_blind_safe

PALETTES = {
    "light": LIGHT,
    "dark": DARK,
    "light, safe": colour_blind_safe(LIGHT),
    "dark, safe": colour_blind_safe(DARK),
}
READABLE = 4.5  # WCAG 2.1, 1.4.3


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def _contrast(one: np.ndarray, other: np.ndarray) -> float:
    linear = [
        np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        for rgb in (one, other)
    ]
    dark, light = sorted(float(rgb @ (0.2126, 0.7152, 0.0722)) for rgb in linear)
    return (light + 0.05) / (dark + 0.05)


def _is_over(item: object, x: float, y: float) -> bool:
    if isinstance(item, Rect | Image | Density):
        return item.x <= x <= item.x + item.width and item.y <= y <= item.y + item.height
    if isinstance(item, Circle):
        return float(np.hypot(x - item.centre[0], y - item.centre[1])) <= item.radius_px
    if isinstance(item, Polygon):
        xs, ys = np.array(item.points).T
        after_x, after_y = np.roll(xs, -1), np.roll(ys, -1)
        crosses = (ys > y) != (after_y > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = xs + (y - ys) / (after_y - ys) * (after_x - xs)
        return bool(np.sum(crosses & (x < at)) % 2)
    return False


def _grounds_of(scene: Scene, text: Text, palette: Palette) -> list[np.ndarray]:
    """What lies behind the beginning, middle and end of a text."""
    width = text_width(text.text, text.size_px, weight=text.weight, tracking_px=text.tracking_px)
    left = text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
    behind = scene.items[: scene.items.index(text)]
    grounds = []
    for share in (0.05, 0.5, 0.95):
        x, y = left + share * width, text.y - 0.35 * text.size_px
        ground = _rgb(fill_of(scene.ground, palette))
        for item in behind:
            if not _is_over(item, x, y):
                continue
            assert not isinstance(item, Image | Density), f"{text.text!r} stands on a picture"
            if item.fill:
                opacity = getattr(item, "opacity", 1.0)
                ground = (1 - opacity) * ground + opacity * _rgb(fill_of(item.fill, palette))
        grounds.append(ground)
    return grounds


def _heatmap() -> Scene:
    marks = Marks(np.array([[640.0, 300.0]]), np.array([2.0]), 2.0, 40.0)
    measured = {HeatKind.GAZE: marks, HeatKind.CLICKS: marks}
    people = tuple(
        OnSurface(f"P{k}", f"s{k}", {"device": "desktop"}, measured, 100.0, 320.0) for k in range(3)
    )
    surface = Surface("https://a/", "desktop", 1280.0, 800.0, None, people)
    return lay_out_heatmap(
        heatmap_of(surface, HeatKind.GAZE), title="Shop", segment={}, width_px=900.0
    )


def _scenes(journey: JourneyMap) -> dict[str, Scene]:
    levels = {"ad": 20.0, "checkout": -40.0, "done": 30.0}
    first = journey_of(levels, n=12, seed=1)
    second = journey_of({**levels, "checkout": 0.0, "done": 0.0}, n=12, seed=2)
    ways = replace(
        journey,
        sessions=tuple(
            replace(one, path=path)
            for one, path in zip(
                journey.sessions,
                (
                    tuple(step.step_id for step in journey.steps)[::direction]
                    for direction in (1, -1)
                ),
                strict=False,
            )
        ),
    )
    return {
        "map": lay_out_map(journey),
        "comparison": lay_out_comparison(compare_maps(first, second, names=("One", "Two"))),
        "ways": lay_out_ways(ways, width_px=1000.0),
        "heatmap": _heatmap(),
    }


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_every_word_of_every_drawing_can_be_read(journey: JourneyMap, palette: Palette) -> None:
    for name, scene in _scenes(journey).items():
        texts = [item for item in scene.items if isinstance(item, Text)]
        assert texts
        for text in texts:
            ink = _rgb(ink_of(text.colour, palette))
            for ground in _grounds_of(scene, text, palette):
                assert _contrast(ink, ground) >= READABLE, (name, text.text, text.colour)


def test_tones_are_met_in_what_was_looked_at(journey: JourneyMap) -> None:
    said = {
        item.colour
        for scene in _scenes(journey).values()
        for item in scene.items
        if isinstance(item, Text)
    }
    assert {"joy", "negative", "warning", "accent"} <= said


def test_files_carry_the_readable_colours(journey: JourneyMap, tmp_path: Path) -> None:
    from pptx import Presentation

    scene = lay_out_map(journey)
    toned = {item.colour for item in scene.items if isinstance(item, Text)} - {"text", "quiet_text"}
    drawing = svg_of(scene, title="Map")
    for token in toned:
        assert f'fill="{LIGHT.ink(token)}"' in drawing
    texts = [line for line in drawing.splitlines() if line.startswith("<text")]
    faint = {LIGHT.joy, LIGHT.negative, LIGHT.warning, LIGHT.neutral, LIGHT.accent}
    assert not [line for line in texts if any(colour in line for colour in faint)]
    deck = Presentation(str(write_pptx(journey, scene, tmp_path / "map.pptx")))
    written = {
        str(run.font.color.rgb)
        for slide in deck.slides
        for shape in _shapes(slide.shapes)
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    }
    assert {LIGHT.ink(token)[1:] for token in toned} <= written
    assert not written & {colour[1:] for colour in faint}


def _shapes(shapes):
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape
