"""A drawing as a list of primitives, made once and painted by the screen and by every export.

Lengths are pixels from the top-left corner; colours are names of palette tokens, so that one
scene can be painted on any ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from journeylab.theme import Palette

Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]
Weight: TypeAlias = Literal[400, 500, 600, 700]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, rounded where ``radius_px`` says so."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    stroke: str | None = None
    stroke_px: float = 1.0
    radius_px: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line; ``dash`` is (on, off) in pixels."""

    start: Point
    end: Point
    stroke: str
    stroke_px: float = 1.0
    dash: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Polyline:
    """An open line through points, with round joins."""

    points: tuple[Point, ...]
    stroke: str
    stroke_px: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled area without an outline."""

    points: tuple[Point, ...]
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc with an outline."""

    centre: Point
    radius_px: float
    fill: str
    stroke: str
    stroke_px: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text in Inter; ``y`` is its baseline, ``tracking_px`` is added per letter."""

    x: float
    y: float
    text: str
    size_px: float
    colour: str
    weight: Weight = 400
    anchor: Anchor = "start"
    tracking_px: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A picture scaled into a box; ``pixels`` is RGB uint8 (h, w, 3).

    ``opacity`` below 1 lets the ground through, ``is_grey`` takes the picture's colours away;
    ``name`` tells it to those who cannot see it.
    """

    x: float
    y: float
    width: float
    height: float
    pixels: NDArray[np.uint8]
    radius_px: float = 0.0
    opacity: float = 1.0
    is_grey: bool = False
    name: str = ""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Image)
            and self.is_grey == other.is_grey
            and _same(self, other, self.pixels, other.pixels)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A heatmap over a box; ``values`` 0..1 (h, w), painted with the palette's heat ramp."""

    x: float
    y: float
    width: float
    height: float
    values: NDArray[np.float32]
    radius_px: float = 0.0
    opacity: float = 1.0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Density) and _same(self, other, self.values, other.values)

    __hash__ = None  # type: ignore[assignment]


Primitive: TypeAlias = Rect | Line | Polyline | Polygon | Circle | Text | Image | Density


@dataclass(frozen=True, slots=True)
class MomentTarget:
    """What a place on the map leads to: moments at a position, near a valence.

    ``valence`` is None where only the time counts; ``participants`` narrows the choice to those
    behind a finding, all where empty.
    """

    position_s: float
    valence: float | None = None
    participants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepTarget:
    """A step's picture leads to its heatmaps."""

    step_id: str


Target: TypeAlias = MomentTarget | StepTarget


@dataclass(frozen=True, slots=True)
class Hit:
    """A box that answers to the mouse; ``hint`` says in words what a click shows."""

    x: float
    y: float
    width: float
    height: float
    target: Target
    hint: str = ""

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class TraceAxes:
    """The trace's area: position to x (linear within each column) and valence to y."""

    knots_s: tuple[float, ...]
    knots_x: tuple[float, ...]
    top_y: float
    bottom_y: float

    def x_at(self, position_s: float) -> float:
        """Pixel column of a position on the map's axis."""
        return float(np.interp(position_s, self.knots_s, self.knots_x))

    def position_at(self, x: float) -> float:
        """Position on the map's axis of a pixel column."""
        return float(np.interp(x, self.knots_x, self.knots_s))

    def y_at(self, valence: float) -> float:
        """Pixel row of a valence -100..+100."""
        return self.top_y + (100.0 - valence) / 200.0 * (self.bottom_y - self.top_y)

    def valence_at(self, y: float) -> float:
        """Valence of a pixel row."""
        return 100.0 - (y - self.top_y) / (self.bottom_y - self.top_y) * 200.0

    def scaled(self, scale: float) -> TraceAxes:
        """The same of a drawing painted larger."""
        if scale == 1.0:
            return self
        knots_x = tuple(x * scale for x in self.knots_x)
        return TraceAxes(self.knots_s, knots_x, self.top_y * scale, self.bottom_y * scale)

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in the trace's area."""
        return self.knots_x[0] <= x <= self.knots_x[-1] and self.top_y <= y <= self.bottom_y


@dataclass(frozen=True, slots=True)
class Layer:
    """A named run of primitives, ``start`` to ``end`` (exclusive): a group in files that know
    groups, so that a person can hide or move it as one."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished drawing: primitives from back to front, and where it answers to the mouse.

    ``layers`` follow one another and together hold all items.
    """

    width_px: float
    height_px: float
    items: tuple[Primitive, ...]
    hits: tuple[Hit, ...] = ()
    axes: TraceAxes | None = None
    ground: str = "ground"
    layers: tuple[Layer, ...] = ()

    def grouped(self) -> Iterator[tuple[str, tuple[Primitive, ...]]]:
        """(name, primitives) of each layer from back to front; one without a name if none is."""
        if not self.layers:
            yield "", self.items
        for layer in self.layers:
            yield layer.name, self.items[layer.start : layer.end]

    def target_at(self, x: float, y: float) -> Target | None:
        """What a click there leads to: the topmost hit, else the point of the trace's area."""
        for hit in reversed(self.hits):
            if hit.contains(x, y):
                return hit.target
        if self.axes is not None and self.axes.contains(x, y):
            return MomentTarget(self.axes.position_at(x), self.axes.valence_at(y))
        return None

    def hit_at(self, x: float, y: float) -> Hit | None:
        """The topmost hit region there."""
        return next((hit for hit in reversed(self.hits) if hit.contains(x, y)), None)


@dataclass(slots=True)
class SceneDraft:
    """A scene in the making; parts of a layout add to it from back to front."""

    items: list[Primitive] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    _begun: list[tuple[str, int]] = field(default_factory=list)

    def begin(self, layer: str) -> None:
        """What is put on top from now on belongs to this layer."""
        self._begun.append((layer, len(self.items)))

    def add(self, *items: Primitive) -> None:
        """Put primitives on top."""
        self.items.extend(items)

    def extend(self, items: Iterable[Primitive]) -> None:
        """Put many primitives on top."""
        self.items.extend(items)

    def answer(self, hit: Hit) -> None:
        """Put a hit region on top."""
        self.hits.append(hit)

    def finish(self, width_px: float, height_px: float, *, axes: TraceAxes | None) -> Scene:
        """The frozen scene."""
        names = [name for name, _ in self._begun]
        starts = [start for _, start in self._begun]
        layers = tuple(
            Layer(name, start, end)
            for name, start, end in zip(names, starts, [*starts[1:], len(self.items)], strict=True)
            if end > start
        )
        items, hits = tuple(self.items), tuple(self.hits)
        return Scene(width_px, height_px, items, hits, axes, layers=layers)


def colour_of(token: str, palette: Palette) -> str:
    """``#RRGGBB`` of a palette token; ``stage_tints.2`` names one of the stage tints.

    Raises
    ------
    KeyError
        When the palette has no such token.
    """
    name, _, index = token.partition(".")
    value = getattr(palette, name, None)
    if isinstance(value, tuple) and index.isdigit():
        return str(value[int(index)])
    if isinstance(value, str) and not index:
        return value
    raise KeyError(f"the palette has no token {token!r}")


def ink_of(token: str, palette: Palette) -> str:
    """``#RRGGBB`` of words in a tone, readable where a line of the tone can only be seen.

    Raises
    ------
    KeyError
        When the palette has no such token.
    """
    colour_of(token, palette)
    return palette.ink(token)


def _same(
    one: Image | Density,
    other: Image | Density,
    array: NDArray[np.generic],
    its: NDArray[np.generic],
) -> bool:
    boxes = [
        (each.x, each.y, each.width, each.height, each.radius_px, each.opacity)
        for each in (one, other)
    ]
    return boxes[0] == boxes[1] and np.array_equal(array, its)
