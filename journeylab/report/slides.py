"""The map as slides: the map itself, then each insight with what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np

from journeylab.analysis.journey import JourneyMap, Trace
from journeylab.report import map_style as style
from journeylab.report.evidence import MapFinding, clock_words, map_findings, valence_words
from journeylab.report.files import whole_file
from journeylab.report.map_header import map_title, simulated_words
from journeylab.report.map_pictures import place_words
from journeylab.report.map_trace import draw_part
from journeylab.report.scene import (
    Circle,
    Image,
    Rect,
    Scene,
    SceneDraft,
    Text,
    TraceAxes,
    ink_of,
)
from journeylab.report.slide_shapes import EMU_PER_POINT, ROOM, SlidePainter, set_font
from journeylab.report.text_metrics import shorten, text_width, wrap
from journeylab.report.xml_text import xml_text
from journeylab.theme import LIGHT, Palette
from journeylab.vocabulary import StimulusKind

WIDTH_PX: Final = 1920.0
HEIGHT_PX: Final = 1080.0
EMU_PER_PX: Final = 6350
"""Of a slide 13.333 by 7.5 inches: a point is two pixels."""
_TITLE_ONLY: Final = 5
_NO_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_MARGIN: Final = 96.0
_LEFT_WIDTH: Final = 780.0
_RIGHT_X: Final = 952.0
_RIGHT_WIDTH: Final = WIDTH_PX - _MARGIN - _RIGHT_X
_TITLE_SIZES_PX: Final = (48.0, 38.0, 30.0)
_MOST_TITLE_LINES: Final = 3
"""A longer sentence is set smaller, as far as the sizes go."""
_BODY_PX: Final = 26.0
_SMALL_PX: Final = 22.0
_WHERE_WIDTH: Final = WIDTH_PX - 2 * _MARGIN - 200.0
"""Room for where a finding is, its kind beside it."""
_TITLE_Y: Final = 136.0
_PICTURE_HEIGHT: Final = 420.0
_LEAST_PICTURE: Final = 160.0
_ROW_PX: Final = 42.0
_MOST_ROWS: Final = 8


def write_pptx(journey: JourneyMap, scene: Scene, path: Path, *, palette: Palette = LIGHT) -> Path:
    """Write the map and its insights as slides of shapes and text.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    from pptx import Presentation

    deck = Presentation()
    deck.slide_width, deck.slide_height = int(WIDTH_PX * EMU_PER_PX), int(HEIGHT_PX * EMU_PER_PX)
    deck.core_properties.title = xml_text(map_title(journey))[:255]
    deck.core_properties.author = "JourneyLab"
    _map_slide(_new_slide(deck), journey, scene, palette)
    insights = (one for one in map_findings(journey) if not (one.is_callout or one.is_hidden))
    for number, evidence in enumerate(insights, start=2):
        _InsightSlide(_new_slide(deck), journey, evidence, palette).draw(number)
    data = BytesIO()
    deck.save(data)
    with whole_file(path) as partial:
        partial.write_bytes(data.getvalue())
    return path


def _new_slide(deck: Any) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])


def _map_slide(slide: Any, journey: JourneyMap, scene: Scene, palette: Palette) -> None:
    """The scene, each of its layers a group, as large as the slide holds."""
    scale = EMU_PER_PX * min(WIDTH_PX / scene.width_px, HEIGHT_PX / scene.height_px)
    origin = (
        (WIDTH_PX * EMU_PER_PX - scene.width_px * scale) / 2,
        (HEIGHT_PX * EMU_PER_PX - scene.height_px * scale) / 2,
    )
    painter = SlidePainter(slide.shapes, palette=palette, scale=scale, origin=origin)
    title = _title_of(scene)
    if title is None:
        slide.shapes.title.text = xml_text(journey.study_title)
    else:
        painter.text(title, box=slide.shapes.title)
    for name, items in scene.grouped():
        group = slide.shapes.add_group_shape()
        group.name = name or "map"
        inside = painter.into(group.shapes)
        for item in items:
            if item is not title:
                inside.add(item)


def _title_of(scene: Scene) -> Text | None:
    texts = (item for item in scene.items if isinstance(item, Text))
    return next((text for text in texts if text.size_px == style.TITLE_PX), None)


class _InsightSlide:
    """One insight: the sentence, who, when, how sure, and what they saw."""

    def __init__(
        self, slide: Any, journey: JourneyMap, evidence: MapFinding, palette: Palette
    ) -> None:
        self._slide = slide
        self._journey = journey
        self._evidence = evidence
        self._palette = palette
        self._painter = SlidePainter(
            slide.shapes, palette=palette, scale=EMU_PER_PX, origin=(0.0, 0.0)
        )
        self._top_y = 0.0

    def draw(self, number: int) -> None:
        """Put everything on the slide, whose page number it is."""
        self._top_y = self._head()
        y = self._top_y
        for label, words in (
            ("Who", self._evidence.who),
            ("When", self._evidence.when),
            ("How sure", self._evidence.how_sure),
            ("By the researcher", self._evidence.edit),
        ):
            if words:
                y = self._section(label, words, y)
        self._witnesses(y + 10)
        bottom = self._screen()
        self._trace(bottom + 34)
        self._foot(number)

    def _head(self) -> float:
        """Where it is and the sentence; returns where the rest begins, px."""
        step, steps = self._evidence.step, self._journey.steps
        colour = style.KIND_COLOURS.get(self._evidence.kind, "quiet_text")
        place = f"Step {steps.index(step) + 1} of {len(steps)}"
        words = " · ".join(part for part in (place, step.stage, place_words(step)) if part)
        where = shorten(words, _WHERE_WIDTH / ROOM, size_px=_SMALL_PX, weight=600)
        x = _MARGIN + text_width(where, _SMALL_PX, weight=600) * ROOM + 34
        self._add(
            Text(_MARGIN, 112, where, _SMALL_PX, "quiet_text", 600),
            Circle((x, 104.5), 8, colour, colour, 0),
            Text(x + 20, 112, self._evidence.kind, _SMALL_PX, "quiet_text", 600),
        )
        words = f"{step.title}: {self._evidence.text}"
        width = WIDTH_PX - 2 * _MARGIN
        for size_px in _TITLE_SIZES_PX:
            lines = len(wrap(words, width / ROOM, size_px=size_px, weight=700))
            if lines <= _MOST_TITLE_LINES:
                break
        height = lines * size_px * 1.25
        self._box(
            words,
            (_MARGIN, _TITLE_Y, width, height),
            size_px=size_px,
            is_bold=True,
            into=self._slide.shapes.title,
        )
        return _TITLE_Y + height + 52

    def _section(self, label: str, words: str, y: float) -> float:
        caps = Text(_MARGIN, y + 18, label.upper(), 19, "quiet_text", 600, tracking_px=1.6)
        self._add(caps)
        lines = len(wrap(words, _LEFT_WIDTH / ROOM, size_px=_BODY_PX))
        height = lines * _BODY_PX * 1.3
        self._box(words, (_MARGIN, y + 28, _LEFT_WIDTH, height + 8), size_px=_BODY_PX)
        return y + 28 + height + 30

    def _witnesses(self, y: float) -> None:
        room = HEIGHT_PX - 118 - y
        most = min(_MOST_ROWS, int(room / _ROW_PX) - 1)
        witnesses = sorted(
            self._evidence.witnesses,
            key=lambda one: -abs(one.valence) if np.isfinite(one.valence) else 1.0,
        )
        if not witnesses or most < 1:
            return
        shown = witnesses if len(witnesses) <= most else witnesses[: most - 1]
        names = dict.fromkeys(
            name for session in self._journey.sessions for name in session.summary.segments
        )
        rows: list[tuple[str, ...]] = [
            (
                "Participant",
                " · ".join(names).capitalize(),
                "Session",
                "At",
                "In step",
                "Valence",
            )
        ]
        rows += [
            (
                one.participant_id,
                one.details,
                one.session,
                clock_words(one.session_s) if np.isfinite(one.session_s) else "",
                clock_words(one.into_step_s),
                valence_words(one.valence),
            )
            for one in shown
        ]
        if len(shown) < len(witnesses):
            rows.append((f"and {len(witnesses) - len(shown)} more", "", "", "", "", ""))
        self._table(rows, y)

    def _table(self, rows: Sequence[tuple[str, ...]], y: float) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

        widths = (152.0, 118.0, 202.0, 96.0, 100.0, 112.0)
        place = self._emu(_MARGIN, y, sum(widths), _ROW_PX * len(rows))
        frame = self._slide.shapes.add_table(len(rows), len(widths), *place)
        frame.name = "participants behind it"
        table = frame.table
        table._tbl.tblPr.find("{*}tableStyleId").text = _NO_STYLE
        table.horz_banding = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = round(width * EMU_PER_PX)
        for number, row in enumerate(rows):
            table.rows[number].height = round(_ROW_PX * EMU_PER_PX)
            for place_in_row, words in enumerate(row):
                cell = table.cell(number, place_in_row)
                cell.margin_left = cell.margin_right = 0
                cell.margin_top = cell.margin_bottom = round(4 * EMU_PER_PX)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                paragraph = cell.text_frame.paragraphs[0]
                is_number = place_in_row >= 3
                paragraph.alignment = PP_ALIGN.RIGHT if is_number else PP_ALIGN.LEFT
                room = widths[place_in_row] - 12
                run = paragraph.add_run()
                run.text = xml_text(shorten(words, room, size_px=_SMALL_PX))
                self._font(run, _SMALL_PX, "text" if number else "quiet_text", is_bold=not number)

    def _screen(self) -> float:
        """The step's screen at the right; returns where it ends, px."""
        step = self._evidence.step
        if step.screen is None:
            words = (
                "No screen: they look at the thing itself"
                if step.kind == StimulusKind.CAMERA_ONLY
                else "No picture of the screen"
            )
            width, height = _RIGHT_WIDTH, 260.0
            self._add(
                Rect(_RIGHT_X, self._top_y, width, height, "surface", radius_px=12),
                Text(
                    _RIGHT_X + width / 2,
                    self._top_y + height / 2 + 8,
                    words,
                    _SMALL_PX,
                    "quiet_text",
                    anchor="middle",
                ),
            )
            return self._top_y + height
        aspect = float(step.screen.shape[1] / step.screen.shape[0])
        # Below it there is still its caption and the trace.
        room = max(_LEAST_PICTURE, min(_PICTURE_HEIGHT, HEIGHT_PX - 330 - self._top_y))
        width = min(_RIGHT_WIDTH, room * aspect)
        height = width / aspect
        box = (_RIGHT_X, self._top_y, width, height)
        words = f"Screen of {step.title}" + (f" on {step.device}" if step.device else "")
        self._add(
            Image(*box, step.screen[:, :, ::-1], radius_px=10, name=words),
            Rect(*box, stroke="line", stroke_px=2, radius_px=10),
            Text(_RIGHT_X, self._top_y + height + 30, words, 20, "quiet_text"),
        )
        return self._top_y + height + 36

    def _trace(self, y: float) -> None:
        """The step's part of the trace, its evidence ringed."""
        step, target = self._evidence.step, self._evidence.target
        trace = self._journey.trace
        inside = (trace.position_s >= step.start_s) & (trace.position_s < step.end_s)
        part = Trace(*(getattr(trace, name)[inside] for name in Trace.__slots__))
        foot = HEIGHT_PX - 128
        if not np.isfinite(part.mean).any() or foot - y < 90:
            return
        axes = TraceAxes(
            (step.start_s, step.end_s), (_RIGHT_X + 84, _RIGHT_X + _RIGHT_WIDTH), y + 8, foot
        )
        draft = SceneDraft()
        has_band = bool(np.isfinite(part.low).any())
        words = "Mean valence and its 95 % band" if has_band else "Mean valence"
        draft.add(Text(axes.knots_x[-1], axes.bottom_y + 6, words, 18, "quiet_text", anchor="end"))
        for valence, words in ((100, "+100"), (0, "0"), (-100, "−100")):
            place = (_RIGHT_X + 66, axes.y_at(valence) + 6)
            draft.add(Text(*place, words, 18, "quiet_text", anchor="end"))
        position_s = None if target is None else target.position_s
        draw_part(draft, part, axes, position_s=position_s)
        self._add(*draft.items)

    def _foot(self, number: int) -> None:
        journey = self._journey
        n = journey.n_usable
        parts = [journey.study_title, f"N = {n}" if n else "no usable session"]
        parts += [f"{name} {value}" for name, value in journey.segment.items()]
        parts += [words for words in (journey.created, simulated_words(journey)) if words]
        words = shorten(" · ".join(parts), WIDTH_PX - 2 * _MARGIN - 80, size_px=20)
        page = Text(WIDTH_PX - _MARGIN, 1032, str(number), 20, "quiet_text", anchor="end")
        self._add(Text(_MARGIN, 1032, words, 20, "quiet_text"), page)

    def _add(self, *items: Any) -> None:
        for item in items:
            self._painter.add(item)

    def _box(
        self,
        words: str,
        box: tuple[float, float, float, float],
        *,
        size_px: float,
        is_bold: bool = False,
        into: Any = None,
    ) -> None:
        """A text box that wraps its words, or a placeholder made into one."""
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN

        shape = into or self._slide.shapes.add_textbox(0, 0, 0, 0)
        shape.left, shape.top, shape.width, shape.height = self._emu(*box)
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap = True
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.vertical_anchor = MSO_ANCHOR.TOP
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        run = frame.paragraphs[0].add_run()
        run.text = xml_text(words)
        self._font(run, size_px, "text", is_bold=is_bold)

    def _font(self, run: Any, size_px: float, token: str, *, is_bold: bool) -> None:
        points = size_px * EMU_PER_PX / EMU_PER_POINT
        colour = ink_of(token, self._palette)
        set_font(run.font, points=points, is_bold=is_bold, colour=colour)

    @staticmethod
    def _emu(*lengths_px: float) -> tuple[int, ...]:
        return tuple(round(length * EMU_PER_PX) for length in lengths_px)
