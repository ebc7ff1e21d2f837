"""A comparison of two maps as files: every format draws the same scene."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.analysis.comparing import Comparison
from journeylab.analysis.comparing_words import notes_of_comparison, sentences_of, verdict_of
from journeylab.analysis.tables import DataTable
from journeylab.report.comparison_layout import comparison_title, lay_out_comparison
from journeylab.report.document import write_pdf
from journeylab.report.export import PNG_SCALE, segment_parts, write_each
from journeylab.report.files import whole_file
from journeylab.report.raster import write_png
from journeylab.report.scene import Scene
from journeylab.report.slide_shapes import SlidePainter
from journeylab.report.slides import EMU_PER_PX, HEIGHT_PX, WIDTH_PX
from journeylab.report.svg import svg_of, write_svg
from journeylab.report.table_files import write_tables
from journeylab.report.webfonts import font_faces
from journeylab.report.xml_text import xml_text
from journeylab.streams import Column
from journeylab.study.model import Study
from journeylab.theme import LIGHT, Palette

_TITLE_ONLY: Final = 5
STEP_COLUMNS: Final = (
    Column("step_id", "text", "", "The step's id, the same in both."),
    Column("title", "text", "", "The step's title in the second."),
    Column("first", "f8", "-100..100", "Mean valence of the first; empty where not measured."),
    Column("second", "f8", "-100..100", "Mean valence of the second; empty where not measured."),
    Column("difference", "f8", "", "Second less first."),
    Column("low", "f8", "", "Lower bound of the difference's 95 % interval (Welch)."),
    Column("high", "f8", "", "Upper bound of the difference's 95 % interval (Welch)."),
    Column("p", "f8", "0..1", "Chance alone gives as much on any step this often (maxT)."),
    Column("verdict", "text", "", "better or worse with how sure, few, or unclear."),
    Column("n_first", "i8", "", "Participants measured on the step in the first."),
    Column("n_second", "i8", "", "Participants measured on the step in the second."),
    Column("reached_first", "i8", "", "Participants of the first who reached the step."),
    Column("reached_second", "i8", "", "Participants of the second who reached the step."),
    Column("reached_p", "f8", "0..1", "Chance gives shares as different this often (Holm)."),
)
SENTENCE_COLUMNS: Final = (
    Column("kind", "text", "", "joy: better in the second; negative: worse; else neutral."),
    Column("step_id", "text", "", "The step's id; empty where it is of several."),
    Column("text", "text", "", "What changed, in a sentence."),
    Column("how_sure", "text", "", "How sure, in a sentence."),
)
NOTE_COLUMNS: Final = (Column("note", "text", "", "What to know before believing it."),)


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonExport:
    """What is written, and where; files are called ``stem`` with their format's ending."""

    comparison: Comparison
    folder: Path
    stem: str
    palette: Palette = LIGHT

    def path(self, extension: str) -> Path:
        """The comparison's file of a format."""
        return self.folder / f"{self.stem}.{extension}"

    @property
    def title(self) -> str:
        return comparison_title(self.comparison)


def comparison_stem(study: Study, comparison: Comparison, segment: Mapping[str, str]) -> str:
    """Name of a comparison's files without their endings, such as
    ``first-purchase-compared-round-2``; of two values of a segment with both."""
    names = [comparison.first.name, comparison.second.name]
    others = [name for name in names if name != study.title]
    parts = [study.id, "compared", *others, *segment_parts(segment)]
    return "-".join("".join(c if c.isalnum() or c in "-_" else "_" for c in part) for part in parts)


def write_comparison(
    export: ComparisonExport,
    formats: Sequence[str],
    *,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write a comparison in some of the map's formats; the files, in their order.

    Raises
    ------
    StorageError
        When one cannot be written; those before it are whole, and none is left in part.
    """
    scene = lay_out_comparison(export.comparison)
    return write_each([partial(_WRITERS[name], export, scene) for name in formats], progress)


def comparison_tables(comparison: Comparison) -> tuple[DataTable, ...]:
    """The steps' differences, the sentences and the notes as tables."""
    nan = float("nan")
    steps = [
        (
            step.step_id,
            step.title,
            step.first.valence,
            step.second.valence,
            step.difference,
            step.low,
            step.high,
            nan if step.p is None else step.p,
            verdict_of(step),
            step.first.n,
            step.second.n,
            step.first.n_reached,
            step.second.n_reached,
            nan if step.reached_p is None else step.reached_p,
        )
        for step in comparison.steps
    ]
    told = [(one.kind, one.step_id, one.text, one.sure) for one in sentences_of(comparison)]
    title = comparison_title(comparison)
    notes = [(note,) for note in notes_of_comparison(comparison)]
    return (
        _table("steps", f"{title}, step by step.", STEP_COLUMNS, steps),
        _table("sentences", f"{title}: what changed.", SENTENCE_COLUMNS, told),
        _table("notes", f"{title}: what to know.", NOTE_COLUMNS, notes),
    )


def _table(
    name: str, words: str, columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]]
) -> DataTable:
    values = {
        column.name: np.array(
            [row[place] for row in rows], dtype=object if column.dtype == "text" else column.dtype
        )
        for place, column in enumerate(columns)
    }
    return DataTable(name, words, columns, values)


def _png(export: ComparisonExport, scene: Scene) -> list[Path]:
    return [write_png(scene, export.path("png"), palette=export.palette, scale=PNG_SCALE)]


def _svg(export: ComparisonExport, scene: Scene) -> list[Path]:
    return [write_svg(scene, export.path("svg"), title=export.title, palette=export.palette)]


def _pdf(export: ComparisonExport, scene: Scene) -> list[Path]:
    return [write_pdf(scene, export.path("pdf"), title=export.title, palette=export.palette)]


def _pptx(export: ComparisonExport, scene: Scene) -> list[Path]:
    """One slide of shapes and text that may be edited, its layers as groups."""
    from pptx import Presentation

    deck = Presentation()
    deck.slide_width, deck.slide_height = int(WIDTH_PX * EMU_PER_PX), int(HEIGHT_PX * EMU_PER_PX)
    deck.core_properties.title = xml_text(export.title)
    deck.core_properties.author = "JourneyLab"
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    share = min(WIDTH_PX / scene.width_px, HEIGHT_PX / scene.height_px)
    scale = EMU_PER_PX * share
    origin = (
        (WIDTH_PX * EMU_PER_PX - scene.width_px * scale) / 2,
        (HEIGHT_PX * EMU_PER_PX - scene.height_px * scale) / 2,
    )
    title = slide.shapes.title
    title._element.getparent().remove(title._element)  # the scene draws its own
    painter = SlidePainter(slide.shapes, palette=export.palette, scale=scale, origin=origin)
    for name, items in scene.grouped():
        group = slide.shapes.add_group_shape()
        group.name = name or "comparison"
        inside = painter.into(group.shapes)
        for item in items:
            inside.add(item)
    data = BytesIO()
    deck.save(data)
    path = export.path("pptx")
    with whole_file(path) as partial:
        partial.write_bytes(data.getvalue())
    return [path]


def _html(export: ComparisonExport, scene: Scene) -> list[Path]:
    """A page that stands alone: the drawing, and every sentence as text; it asks for nothing."""
    drawing = svg_of(scene, title=export.title, palette=export.palette)
    told = sentences_of(export.comparison)
    items = "\n".join(
        f"<li><strong>{escape(one.text)}</strong> {escape(one.sure)}</li>" for one in told
    )
    letters = "".join(dict.fromkeys(drawing + items))
    palette = export.palette
    look = (
        f"{font_faces(letters)}\n"
        f"body {{ margin: 0; background: {palette.ground}; color: {palette.text}; "
        "font: 14px/1.5 Inter, sans-serif; }\n"
        "svg { width: 100%; height: auto; display: block; }\n"
        "ul { max-width: 60rem; margin: 0 auto; padding: 1rem 2rem 3rem; }\n"
        "li { margin: .5rem 0; }\nstrong { font-weight: 600; }\n"
        "@media print { ul { display: none; } }"
    )
    digest = base64.b64encode(sha256(look.encode("utf-8")).digest()).decode("ascii")
    policy = (
        "default-src 'none'; img-src data:; font-src data:; "
        f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(export.title)}</title>
<style>{look}</style>
</head>
<body>
{drawing}
<ul>
{items}
</ul>
</body>
</html>
"""
    path = export.path("html")
    with whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8", errors="replace")
    return [path]


def _csv(export: ComparisonExport, _scene: Scene) -> list[Path]:
    return _tables(export, "csv")


def _parquet(export: ComparisonExport, _scene: Scene) -> list[Path]:
    return _tables(export, "parquet")


def _tables(export: ComparisonExport, extension: str) -> list[Path]:
    tables = comparison_tables(export.comparison)
    return write_tables(tables, export.folder, stem=export.stem, extension=extension)


_WRITERS: Final[Mapping[str, Callable[[ComparisonExport, Scene], list[Path]]]] = {
    "png": _png,
    "svg": _svg,
    "pdf": _pdf,
    "pptx": _pptx,
    "html": _html,
    "csv": _csv,
    "parquet": _parquet,
}
