"""Every format says what is missing and stands: empty, damaged, unmeasured, oddly named."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from analysis.planted import PLAN, PlantedStudy, Recipe, six_recipes, study_of
from numpy.typing import NDArray
from pyarrow import parquet

from journeylab.analysis.insight_edits import EDITED, HIDDEN
from journeylab.analysis.journey import InsightMark, JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.measures import study_measures
from journeylab.analysis.tables import DataTable
from journeylab.errors import StorageError
from journeylab.opencv import cv2
from journeylab.report.document import write_pdf
from journeylab.report.export import FORMATS, MapExport, export_scene, write_map
from journeylab.report.scene import Image, Scene, Text
from journeylab.report.table_files import write_tables
from journeylab.report.tables import map_tables
from journeylab.streams import Column

FEW = tuple(plan for plan in PLAN if plan[0] in ("ad", "product", "checkout", "unboxing"))
SHORT = tuple((plan[0], 1.0) for plan in FEW)
_SAME = 12.0
_ALIKE = 30.0
"""Largest difference of a block's mean colour, of 255."""
ODD = "購入 <script>alert('x')</script> & “Покупка” \u202e\x07🚲 </svg> ]]>"
ODD_SHOWN = "<script>alert('x')</script> & “Покупка”"


def _journey(path: Path, recipes: list[Recipe], **changes: Any) -> JourneyMap:
    study = PlantedStudy(path, recipes, study=changes.pop("study", study_of(FEW)))
    if changes.pop("is_damaged", False):
        (study.folder.sessions_path / "P99.h5").write_bytes(b"no bundle")
    return build_journey_map(study.folder, open_bundle=study.open)


def _all_nan(path: Path) -> JourneyMap:
    journey = _journey(path, six_recipes(visits=SHORT)[:2])
    nothing = np.full_like(journey.trace.mean, np.nan)
    trace = replace(journey.trace, mean=nothing, low=nothing, high=nothing)
    sessions = tuple(replace(each, valence=nothing) for each in journey.sessions)
    notes = ("No valence was measured on any step.",)
    return replace(journey, trace=trace, sessions=sessions, callouts=(), notes=notes)


def _odd_names(path: Path) -> JourneyMap:
    study = study_of([(step[0], f"{step[1]} {ODD}", f"<i>{step[2]}</i>", step[3]) for step in FEW])
    recipes = [replace(each, device="<b>mobile</b>") for each in six_recipes(visits=SHORT)[:3]]
    journey = _journey(path, recipes, study=study.model_copy(update={"title": ODD, "goal": ODD}))
    return replace(journey, notes=(f"Missing: {ODD}",))


CASES: dict[str, tuple[Callable[[Path], JourneyMap], str]] = {
    "empty study": (lambda path: _journey(path, []), "No session has been recorded yet."),
    "damaged bundle": (
        lambda path: _journey(path, [Recipe(visits=SHORT)], is_damaged=True),
        "1 session is left out (1: the file cannot be opened).",
    ),
    "one participant": (
        lambda path: _journey(path, [Recipe(visits=SHORT)]),
        "One participant only",
    ),
    "a step nobody reached": (
        lambda path: _journey(path, six_recipes(visits=SHORT[:-1])[:2]),
        "Nobody reached Unboxing",
    ),
    "no gaze": (
        lambda path: _journey(path, six_recipes(visits=SHORT, gaze=False)[:2]),
        "No point of gaze: no session was calibrated.",
    ),
    "no mouse": (
        lambda path: _journey(path, six_recipes(visits=SHORT, pointer=False)[:2]),
        "No mouse was recorded.",
    ),
    "all NaN": (_all_nan, "No valence was measured on any step."),
    "odd names": (_odd_names, ODD_SHOWN),
}


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, JourneyMap, Path, str]:
    """A journey that lacks something, written in all formats, and what must be said of it."""
    make, words = CASES[request.param]
    journey = make(tmp_path_factory.mktemp("study"))
    folder = tmp_path_factory.mktemp("out")
    write_map(MapExport(journey, folder, "first-purchase"), FORMATS)
    return request.param, journey, folder, words


def test_every_format_of_every_case_says_what_is_missing(
    case: tuple[str, JourneyMap, Path, str],
) -> None:
    _, _, folder, words = case
    assert not list(folder.glob("*.partial"))
    assert (folder / "first-purchase-map.png").stat().st_size > 10_000
    assert words in _plain(_svg_words(folder))
    assert words in _plain(" ".join(_slide_words(folder)[0]))
    assert words in " ".join(_page_data(folder)["notes"])
    assert words in "\n".join(pd.read_csv(folder / "first-purchase-map-notes.csv")["note"])
    notes = parquet.read_table(folder / "first-purchase-map-notes.parquet")
    assert words in "\n".join(notes["note"].to_pylist())


def test_the_pdf_of_every_case_has_its_words_as_text(
    case: tuple[str, JourneyMap, Path, str],
) -> None:
    name, _, folder, words = case
    pdf = folder / "first-purchase-map.pdf"
    written = _plain(_printed("pdftotext", str(pdf), "-"))
    # Letters that neither typeface has are drawn as boxes, and read as such.
    assert (words if name != "odd names" else "<script>alert") in written
    fonts = _printed("pdffonts", str(pdf)).splitlines()[2:]
    assert fonts and all("yes yes yes" in " ".join(line.split()) for line in fonts)


def test_the_slides_are_the_map_and_each_insight(case: tuple[str, JourneyMap, Path, str]) -> None:
    _, journey, folder, _ = case
    slides = _slide_words(folder)
    assert len(slides) == 1 + len(journey.steps)
    for step, words in zip(journey.steps, slides[1:], strict=True):
        sentence = f"{step.title}: {step.insight.text}".replace("\x07", "")
        assert sentence in "\n".join(words)
        for person in step.insight.participants:
            assert person in " ".join(words)


def test_the_page_asks_for_nothing_and_lets_no_name_be_markup(
    case: tuple[str, JourneyMap, Path, str],
) -> None:
    _, journey, folder, _ = case
    page = (folder / "first-purchase-map.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page and "unsafe" not in page
    outside = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!data:)([^\"'\s>)]+)", page)
    assert not [each for each in outside if "//" in each]
    assert page.count("<script") == 2 and page.count("</script>") == 2
    assert page.count("</svg>") == 1
    data = _page_data(folder)
    assert [step["title"] for step in data["steps"]] == [step.title for step in journey.steps]
    assert "data:image/jpeg" not in page


def test_what_the_researcher_hid_is_told_in_the_tables_alone(
    journey: JourneyMap, tmp_path: Path
) -> None:
    ad, landing, *others = journey.steps
    mark = InsightMark(HIDDEN, ad.insight.text, "joy", "", "Ada", "2026-11-27T09:00:00+00:00")
    own = "They like it. " * 40
    edited = replace(mark, state=EDITED, measured=landing.insight.text, text=own)
    steps = (
        replace(ad, insight=replace(ad.insight, text="Hidden.", mark=mark)),
        replace(landing, insight=replace(landing.insight, text=own, mark=edited)),
        *others,
    )
    export = MapExport(replace(journey, steps=steps), tmp_path, "first-purchase")
    write_map(export, ("pptx", "html", "csv"))
    slides = ["\n".join(words) for words in _slide_words(tmp_path)[1:]]
    assert len(slides) == len(steps) - 1 and not any("Hidden by" in each for each in slides)
    assert (
        slides[0].startswith(f"Landing: {own}") and "Edited by the team on 27 Nov 2026" in slides[0]
    )
    told = [one["edit"] for one in _page_data(tmp_path)["findings"] if one["edit"]]
    assert len(told) == 1 and landing.insight.text in told[0]
    table = pd.read_csv(tmp_path / "first-purchase-map-insights.csv", keep_default_na=False)
    assert "Hidden by the team on 27 Nov 2026." in table["edit"].tolist()


def test_shapes_of_the_slides_can_be_edited(journey: JourneyMap, tmp_path: Path) -> None:
    from pptx import Presentation
    from pptx.enum.shapes import MSO_SHAPE_TYPE as KIND

    (path,) = write_map(MapExport(journey, tmp_path, "shop"), ("pptx",))
    deck = Presentation(str(path))
    groups = {
        shape.name: shape for shape in deck.slides[0].shapes if shape.shape_type == KIND.GROUP
    }
    assert {"steps", "screens", "band", "mean", "callouts", "gaze", "insights"} <= set(groups)
    assert any(shape.shape_type == KIND.FREEFORM for shape in groups["mean"].shapes)
    scene = export_scene(journey)
    pictures = [
        s for group in groups.values() for s in group.shapes if s.shape_type == KIND.PICTURE
    ]
    largest = max(shape.width * shape.height for shape in pictures)
    assert largest < 0.05 * deck.slide_width * deck.slide_height
    texts = {
        shape.text_frame.text
        for group in groups.values()
        for shape in group.shapes
        if shape.has_text_frame
    } | {deck.slides[0].shapes.title.text_frame.text}
    wanted = {item.text for item in scene.items if isinstance(item, Text)}
    assert wanted <= texts


def test_every_format_draws_the_same_scene(journey: JourneyMap, tmp_path: Path) -> None:
    scene = export_scene(journey)
    write_map(MapExport(journey, tmp_path, "shop"), ("svg", "html"))
    svg = (tmp_path / "shop-map.svg").read_text(encoding="utf-8")
    page = (tmp_path / "shop-map.html").read_text(encoding="utf-8")
    drawing = svg[svg.index("<svg") : svg.index("</svg>")]
    assert drawing in page
    texts = [item.text for item in scene.items if isinstance(item, Text)]
    assert [
        each.text for each in ElementTree.fromstring(svg).iter() if _tag(each) == "text"
    ] == texts


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_tables_are_read_back_equal(journey: JourneyMap, tmp_path: Path, extension: str) -> None:
    tables = map_tables(journey)
    names = {table.name: len(table) for table in tables}
    assert all(names[name] for name in ("steps", "trace", "session_trace", "insights", "sessions"))
    assert names["findings"] == len(journey.findings) > 3
    write_tables(tables, tmp_path, stem="map", extension=extension)
    for table in tables:
        _assert_equal(table, _read(table, tmp_path / f"map-{table.name}.{extension}"))
        meaning = pd.read_csv(tmp_path / f"map-{table.name}-columns.csv", keep_default_na=False)
        assert meaning["column"].tolist() == [column.name for column in table.columns]
        assert meaning["unit"].tolist() == [column.unit for column in table.columns]
        assert meaning["description"].tolist() == [column.description for column in table.columns]
        assert all(meaning["description"])


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_measures_are_read_back_equal(tmp_path: Path, extension: str) -> None:
    study = PlantedStudy(tmp_path / "study", six_recipes(visits=SHORT)[:2], study=study_of(FEW))
    tables = study_measures(study.folder, open_bundle=study.open).tables
    assert len(tables) >= 3 and all(len(table) for table in tables[:1])
    write_tables(tables, tmp_path, stem="map", extension=extension)
    for table in tables:
        _assert_equal(table, _read(table, tmp_path / f"map-{table.name}.{extension}"))


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_tables_keep_odd_values(tmp_path: Path, extension: str) -> None:
    table = DataTable(
        "odd",
        "Values that are easily lost.",
        (
            Column("word", "text", "", "A word."),
            Column("level", "f8", "0..1", "A level."),
            Column("count", "i8", "", "A count."),
            Column("known", "bool", "", "Whether it is."),
        ),
        {
            "word": np.array(['=a "b", c\nd', "", "-NA", "购入 🚲"], dtype=object),
            "level": np.array([0.1 + 0.2, np.nan, 1e-300, -0.0]),
            "count": np.array([2**62, -1, 0, 7], dtype=np.int64),
            "known": np.array([True, False, True, True]),
        },
    )
    write_tables([table], tmp_path, stem="map", extension=extension)
    _assert_equal(table, _read(table, tmp_path / f"map-odd.{extension}"))


def test_no_text_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    words = np.array(["=1+1", "@x", "-2", "+3", "plain"], dtype=object)
    table = DataTable("t", "Words.", (Column("word", "text", "", "A word."),), {"word": words})
    write_tables([table], tmp_path, stem="map", extension="csv")
    written = pd.read_csv(tmp_path / "map-t.csv", dtype=str)["word"].tolist()
    assert written == ["'=1+1", "'@x", "'-2", "'+3", "plain"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_write_that_fails_leaves_what_was_there(
    journey: JourneyMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    export = MapExport(journey, tmp_path, "shop")
    first = {path: path.read_bytes() for path in write_map(export, (name,))}

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match=r"cannot be written \(No space left on device\)"):
        write_map(export, (name,))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_the_document_looks_like_the_picture(journey: JourneyMap, tmp_path: Path) -> None:
    export = MapExport(journey, tmp_path, "shop")
    write_map(export, ("png", "pdf"))
    picture = _in_blocks(cv2.imread(str(tmp_path / "shop-map.png")))
    printed = _in_blocks(_rasterised(tmp_path / "shop-map.pdf"))
    assert np.abs(picture - printed).max() < _SAME
    # One picture less is seen.
    scene = export_scene(journey)
    first = next(item for item in scene.items if isinstance(item, Image))
    lacking = replace(scene, items=tuple(item for item in scene.items if item is not first))
    path = write_pdf(lacking, tmp_path / "lacking.pdf", title="Lacking")
    assert np.abs(picture - _in_blocks(_rasterised(path))).max() > 2 * _SAME


@pytest.mark.timeout(300)
def test_another_program_opens_the_slides(journey: JourneyMap, tmp_path: Path) -> None:
    (path,) = write_map(MapExport(journey, tmp_path, "shop"), ("pptx",))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    _printed(
        "libreoffice",
        home,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(path),
    )
    pages = _printed("pdftotext", str(path.with_suffix(".pdf")), "-").split("\f")[:-1]
    assert len(pages) == 1 + len(journey.steps)
    for step, page in zip(journey.steps, pages[1:], strict=True):
        assert f"{step.title}: {step.insight.text}" in _plain(page)
        assert all(person in page for person in step.insight.participants[:3])
    shown = _in_blocks(_rasterised(path.with_suffix(".pdf")))
    write_map(MapExport(journey, tmp_path, "shop"), ("png",))
    picture = _in_blocks(cv2.imread(str(tmp_path / "shop-map.png")))
    assert shown.shape == picture.shape
    assert np.abs(shown - picture).max() < _ALIKE  # it sets words with spaces of its own


def _rasterised(pdf: Path) -> NDArray[np.uint8]:
    """The first page as pixels, by poppler."""
    stem = pdf.with_suffix("")
    _printed("pdftoppm", "-png", "-singlefile", "-scale-to-x", "1920", "-scale-to-y", "-1",
             str(pdf), str(stem.with_name(f"{stem.name}-page")))  # fmt: skip
    return np.asarray(cv2.imread(str(stem.with_name(f"{stem.name}-page.png"))), dtype=np.uint8)


def _in_blocks(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean colour of blocks, 48 of them over the width: what is seen from across a room."""
    height = round(48 * picture.shape[0] / picture.shape[1])
    small = cv2.resize(picture, (48, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float64)


def _read(table: DataTable, path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pandas()
    kinds = {c.name: "str" for c in table.columns if c.dtype == "text"}
    empty = {c.name: [""] for c in table.columns if c.dtype[0] == "f"}
    read = pd.read_csv(path, dtype=kinds, na_values=empty, keep_default_na=False)
    for name in kinds:  # the apostrophe that keeps a program for tables from computing a text
        read[name] = read[name].str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True)
    return read


def _assert_equal(table: DataTable, read: pd.DataFrame) -> None:
    assert list(read.columns) == [column.name for column in table.columns]
    for column in table.columns:
        values, its = table.values[column.name], read[column.name].to_numpy()
        if column.dtype == "text":
            assert its.tolist() == values.tolist(), column.name
        else:
            np.testing.assert_array_equal(its.astype(values.dtype), values, column.name)


def _printed(*command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (Debian: poppler-utils, libreoffice-impress)")
    done = subprocess.run(command, capture_output=True, check=True, timeout=240)
    return done.stdout.decode("utf-8")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _svg_words(folder: Path) -> str:
    root = ElementTree.parse(folder / "first-purchase-map.svg").getroot()
    return " ".join(each.text or "" for each in root.iter() if _tag(each) == "text")


def _page_data(folder: Path) -> dict[str, Any]:
    page = (folder / "first-purchase-map.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return dict(json.loads(found.group(1)))


def _slide_words(folder: Path) -> list[list[str]]:
    from pptx import Presentation

    def words(shapes: Any) -> list[str]:
        said = []
        for shape in shapes:
            if hasattr(shape, "shapes"):
                said += words(shape.shapes)
            elif shape.has_text_frame:
                said.append(shape.text_frame.text)
            elif getattr(shape, "has_table", False):
                said += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
        return said

    deck = Presentation(str(folder / "first-purchase-map.pptx"))
    return [words(slide.shapes) for slide in deck.slides]


def test_a_scene_without_layers_is_drawn_too(tmp_path: Path) -> None:
    from journeylab.report.svg import write_svg

    path = write_svg(
        Scene(10, 10, (Text(1, 8, "a\x00b<", 8, "text"),)), tmp_path / "s.svg", title=""
    )
    assert [e.text for e in ElementTree.parse(path).iter() if _tag(e) == "text"] == ["ab<"]
