"""A scene as PNG: crisp, complete, the same colours, whatever the names."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from journeylab.analysis.journey import JourneyMap
from journeylab.errors import StorageError
from journeylab.opencv import cv2
from journeylab.report.export import MapExport, map_file_name, write_map
from journeylab.report.installed_fonts import family_with
from journeylab.report.map_layout import lay_out_map
from journeylab.report.raster import fitting_scale, paint, write_png
from journeylab.report.scene import Image, Line, Rect, Scene, SceneDraft, Text
from journeylab.report.text_metrics import text_width
from journeylab.theme import DARK, LIGHT


def _rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def test_the_map_is_written_at_twice_its_size(journey: JourneyMap, tmp_path: Path) -> None:
    export = MapExport(journey, tmp_path / "new" / "exports", "first-purchase")
    (path,) = write_map(export, ("png",))
    assert path.name == "first-purchase-map.png"
    image = cv2.imread(str(path))
    assert image.shape == (2160, 3840, 3)
    pixels = image[1::2, 1::2, ::-1].reshape(-1, 3).astype(int)
    for token in (LIGHT.joy, LIGHT.negative, LIGHT.accent, LIGHT.stage_tints[2]):
        assert (np.abs(pixels - _rgb(token)).max(axis=1) <= 3).sum() > 60
    assert 0.02 < np.mean(pixels.min(axis=1) < 200) < 0.6
    assert not list(tmp_path.rglob("*.partial"))


def test_colours_and_places_are_exact() -> None:
    scene = Scene(
        60,
        40,
        (
            Rect(10, 10, 20, 10, "joy"),
            Line((40, 0), (40, 40), "negative", 4.0),
            Image(45, 5, 10, 10, np.full((4, 4, 3), (10, 200, 30), np.uint8)),
        ),
    )
    for scale in (1, 2):
        pixels = paint(scene, scale=scale)
        assert pixels.shape == (40 * scale, 60 * scale, 3)
        assert pixels[15 * scale, 20 * scale].tolist() == _rgb(LIGHT.joy)
        assert pixels[20 * scale, 40 * scale].tolist() == _rgb(LIGHT.negative)
        assert pixels[10 * scale, 50 * scale].tolist() == [10, 200, 30]
        assert pixels[35 * scale, 5 * scale].tolist() == _rgb(LIGHT.ground)
    assert paint(scene, palette=DARK)[35, 5].tolist() == _rgb(DARK.ground)


def test_text_is_as_wide_as_it_was_measured() -> None:
    from journeylab.report.text_metrics import text_width

    words = "Frustration · AU24 of 30"
    for weight in (400, 700):
        scene = Scene(500, 60, (Text(20, 40, words, 26, "text", weight),))
        dark = np.flatnonzero((paint(scene).min(axis=2) < 128).any(axis=0))
        measured = text_width(words, 26, weight=weight)
        assert dark[-1] - dark[0] == pytest.approx(measured, abs=6)


def test_names_in_any_script_and_with_markup_are_drawn_as_they_are(
    journey: JourneyMap, caplog: pytest.LogCaptureFixture
) -> None:
    title = "購入 <b>$x^2$</b> Ünïcode — Покупка 🚲"
    scene = lay_out_map(replace(journey, study_title=title, goal="100 % & <i>more</i>"))
    with caplog.at_level(logging.WARNING):
        pixels = paint(scene)
    named = pixels[20:60, 20:400]
    assert (named.min(axis=2) < 100).sum() > 500
    assert not [record for record in caplog.records if "Glyph" in record.getMessage()]


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        write_png(Scene(10, 10, ()), blocked / "map.png")


def test_a_files_name_tells_the_segment() -> None:
    assert map_file_name("shop", {"device": "mobile"}, "png") == "shop-map-device-mobile.png"
    assert map_file_name("shop", {"age": "25/34"}, "png") == "shop-map-age-25_34.png"
    names = {
        map_file_name("shop", {"first": "yes"}, "html"),
        map_file_name("shop", {"second": "yes"}, "html"),
        map_file_name("shop", {}, "html", in_seconds=True),
        map_file_name("shop", {}, "html", with_faces=True),
        map_file_name("shop", {}, "html"),
    }
    assert len(names) == 5


def test_a_scene_that_is_very_long_is_written_at_a_scale_that_opens() -> None:
    assert fitting_scale(Scene(1920.0, 1080.0, ()), 2.0) == 2.0
    long = Scene(1280.0, 70_000.0, ())
    scale = fitting_scale(long, 2.0)
    assert 1280 * 70_000 * scale**2 <= 60_000_000 and 70_000 * scale <= 30_000


def test_letters_the_typeface_lacks_come_from_installed_ones_or_are_boxes() -> None:
    assert family_with("Ж") is not None  # matplotlib brings DejaVu along
    assert family_with("\U0010fffd") is None
    scene = SceneDraft()
    scene.begin("words")
    scene.add(Text(4, 20, "\U0010fffd", 16, "text"), Text(44, 20, "▯", 16, "text"))
    pixels = paint(scene.finish(80, 30, axes=None))
    assert (pixels[:, :40] == pixels[:, 40:]).all()
    assert (pixels < 255).any()


def test_letters_as_wide_as_high_have_that_room() -> None:
    assert text_width("購入", 16) == pytest.approx(32)
    assert text_width("a購", 16) == pytest.approx(text_width("a", 16) + 16)
