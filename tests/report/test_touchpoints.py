"""What is met on a step, where, and who answers for it, in every form of the map."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from analysis.planted import PlantedStudy, six_recipes

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.export import MapExport, write_map
from journeylab.report.map_layout import lay_out_map
from journeylab.report.map_pictures import place_words
from journeylab.report.scene import Rect, Scene, Text
from journeylab.report.text_metrics import text_width

PLACE = "package · delivery · owner: Fulfilment"


@pytest.fixture(scope="module")
def placed(journey: JourneyMap) -> JourneyMap:
    first, *others = journey.steps
    met = replace(first, touchpoint="package", channel="delivery", owner="Fulfilment")
    return replace(journey, steps=(met, *others))


def _texts(scene: Scene) -> list[Text]:
    return [item for item in scene.items if isinstance(item, Text)]


def test_words_say_what_is_known_and_no_more(placed: JourneyMap) -> None:
    first, second, *_ = placed.steps
    assert place_words(first) == PLACE
    assert place_words(replace(first, channel="")) == "package · owner: Fulfilment"
    assert place_words(second) == ""


def test_they_come_from_the_study(tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, six_recipes()[:1])
    steps = tuple(
        step.model_copy(update={"touchpoint": "site", "channel": "web", "owner": "Shop team"})
        for step in study.folder.study.steps
    )
    told = replace(study.folder, study=study.folder.study.model_copy(update={"steps": steps}))
    journey = build_journey_map(told, open_bundle=study.open)
    assert {place_words(step) for step in journey.steps} == {"site · web · owner: Shop team"}


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (700, 500)])
def test_the_map_has_a_quiet_line_for_them_within_the_step(
    placed: JourneyMap, size: tuple[int, int]
) -> None:
    scene = lay_out_map(placed, width_px=size[0], height_px=size[1])
    (line,) = [text for text in _texts(scene) if text.text.startswith("package")]
    assert line.colour == "quiet_text"
    title = next(text for text in _texts(scene) if text.x == line.x and text.weight == 600)
    box = next(
        item
        for item in scene.items
        if isinstance(item, Rect)
        and item.x <= line.x <= item.x + item.width
        and item.y <= title.y <= item.y + item.height
    )
    assert box.y < line.y - line.size_px and line.y + 3 < box.y + box.height
    assert line.x + text_width(line.text, line.size_px) <= box.x + box.width


def test_without_any_the_map_is_as_low_as_before(journey: JourneyMap, placed: JourneyMap) -> None:
    def header(scene: Scene) -> float:
        boxes = (item for item in scene.items if isinstance(item, Rect))
        return next(box.height for box in boxes if (box.fill or "").startswith("stage_tints"))

    assert header(lay_out_map(placed)) > header(lay_out_map(journey)) == 46.0


def test_files_tell_them(placed: JourneyMap, tmp_path: Path) -> None:
    write_map(MapExport(placed, tmp_path, "shop"), ("csv", "html", "pptx", "svg", "parquet"))
    for steps in (
        pd.read_csv(tmp_path / "shop-map-steps.csv", keep_default_na=False),
        pd.read_parquet(tmp_path / "shop-map-steps.parquet"),
    ):
        met = steps[["touchpoint", "channel", "owner"]].to_numpy().tolist()
        assert met[0] == ["package", "delivery", "Fulfilment"]
        assert met[1] == ["", "", ""]
    assert PLACE in _slide_words(tmp_path / "shop-map.pptx", 1)
    page = (tmp_path / "shop-map.html").read_text(encoding="utf-8")
    data = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    )
    assert data["steps"][0]["place"] == PLACE
    own = [one for one in data["findings"] if one["step"] == placed.steps[0].title]
    assert own and all(one["place"] == PLACE for one in own)


def _slide_words(path: Path, number: int) -> str:
    from pptx import Presentation

    slide = Presentation(str(path)).slides[number]
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_markup_in_them_stays_text(placed: JourneyMap, tmp_path: Path) -> None:
    first, *others = placed.steps
    odd = replace(placed, steps=(replace(first, owner="<b>us</b>"), *others))
    write_map(MapExport(odd, tmp_path, "shop"), ("html", "svg"))
    assert "<b>us</b>" not in (tmp_path / "shop-map.html").read_text(encoding="utf-8")
    assert "<b>us" not in (tmp_path / "shop-map.svg").read_text(encoding="utf-8")
