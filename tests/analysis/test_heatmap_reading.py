"""From real bundles with pages to heatmaps on the whole page."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import START_NS, Bump, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis.heatmap_reading import StepHeat, read_step_heat
from journeylab.analysis.heatmaps import HeatKind, heatmap_of
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.sessions import summarise
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.streams import Picture, Sample, row
from journeylab.study.folder import StudyFolder, save_study

URL = "https://shop.example/product"
VISITS = (("ad", 3.0), ("product", 6.0))
FROWN = (Bump("product", 0.9, 0.3, -40, {"AU04": 0.9}),)
PAGE_AT = START_NS + 3 * NS_PER_S
WHERE = "1280x5600 px in 90 ms, view 1280x800 at 0,0, zoom 1.000"


def _page_row(at_s: float, kind: str, y: float, **values: object) -> Sample:
    told: dict[str, object] = {
        "url": URL,
        "selector": "",
        "page_x_px": math.nan,
        "page_y_px": math.nan,
        "scroll_x_px": 0.0,
        "scroll_y_px": y,
        "detail": "",
    }
    return row("page", PAGE_AT + round(at_s * NS_PER_S), kind=kind, **(told | values))


def _page_samples(*, scrolled_to_px: float, click_px: tuple[float, float]) -> list[Sample]:
    image = np.full((1400, 320, 3), (240, 240, 250), np.uint8)
    cv2.rectangle(image, (20, 1250), (300, 1330), (90, 160, 40), -1)
    picture_ns = PAGE_AT + NS_PER_S
    data = bytes(cv2.imencode(".png", image)[1])
    return [
        _page_row(0.05, "load", 0.0, detail=WHERE),
        _page_row(1.0, "picture", math.nan, detail="1280x5600 px, as it stood 0.4 s before"),
        Picture(picture_ns, "product", 320, 1400, "image/png", data, stream="pages"),
        _page_row(3.0, "scroll", scrolled_to_px),
        _page_row(5.0, "click", scrolled_to_px, page_x_px=click_px[0], page_y_px=click_px[1]),
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = save_study(tmp_path_factory.mktemp("pages"), study_of())
    folder.prepare_for_writing()
    far = _page_samples(scrolled_to_px=4600.0, click_px=(640.0, 5000.0))
    near = _page_samples(scrolled_to_px=400.0, click_px=(200.0, 700.0))
    write_bundle(folder, Recipe("P01", visits=VISITS, story=FROWN), besides=far)
    write_bundle(folder, Recipe("P02", visits=VISITS, story=(), seed=2), besides=near)
    write_bundle(folder, Recipe("P03", visits=VISITS[:1], seed=3))
    return folder


def _summaries(folder: StudyFolder) -> list[SessionSummary]:
    found = []
    for path in folder.bundles():
        with Bundle.open(path) as bundle:
            found.append(summarise(bundle))
    return found


@pytest.fixture(scope="module")
def heat(folder: StudyFolder) -> StepHeat:
    return read_step_heat(_summaries(folder), "product", Bundle.open)


def test_the_whole_page_comes_before_the_screen(heat: StepHeat) -> None:
    page, screen = heat.surfaces
    assert (page.url, page.width_px, page.height_px) == (URL, 1280.0, 5600.0)
    assert page.picture is not None and page.picture.shape == (1400, 320, 3)
    assert [one.participant_id for one in page.sessions] == ["P01", "P02"]
    assert not screen.is_page and screen.picture is not None
    assert len(screen.sessions) == 2


def test_a_click_at_5000_px_lands_on_its_row_of_the_page(heat: StepHeat) -> None:
    clicks = heatmap_of(heat.surfaces[0], HeatKind.CLICKS)
    assert (clicks.n, clicks.amount) == (2, 2.0)
    rows = clicks.values.shape[0]
    lower = clicks.values[rows // 2 :].max(axis=1)
    row_of_click = rows // 2 + int(lower.argmax())
    assert (row_of_click + 0.5) / rows * 5600 == pytest.approx(5000, abs=5600 / rows)


def test_gaze_is_where_the_page_was_scrolled_to(heat: StepHeat) -> None:
    far = next(one for one in heat.surfaces[0].sessions if one.participant_id == "P01")
    rows_px = far.marks[HeatKind.GAZE].place_px[:, 1]
    # Before the scroll on the first screen, after it on the one from 4600 on.
    assert rows_px.min() < 800
    assert rows_px.max() > 4600
    assert not ((rows_px > 800) & (rows_px < 4600)).any()


def test_the_frown_lies_where_they_looked_while_it_lasted(heat: StepHeat) -> None:
    frown = heatmap_of(heat.surfaces[0], HeatKind.FROWN)
    assert (frown.n, frown.n_here) == (1, 2)
    row_share = int(frown.values.max(axis=1).argmax()) / frown.values.shape[0]
    assert row_share * 5600 > 4600


def test_scroll_depth_counts_who_saw_each_part(heat: StepHeat) -> None:
    scroll = heatmap_of(heat.surfaces[0], HeatKind.SCROLL)
    share = scroll.values[:, 0]
    rows = len(share)
    assert share[: int(1150 / 5600 * rows)].tolist() == [1.0] * int(1150 / 5600 * rows)
    assert share[int(1300 / 5600 * rows) : int(5300 / 5600 * rows)].max() == 0.5
    assert share[-1] == 0.0
    assert scroll.n == 2
    assert heatmap_of(heat.surfaces[1], HeatKind.SCROLL).n == 0


def test_a_session_that_cannot_be_read_is_named(folder: StudyFolder, tmp_path: Path) -> None:
    from dataclasses import replace

    summaries = _summaries(folder)
    gone = replace(summaries[0], path=tmp_path / "gone.h5")
    heat = read_step_heat([gone, *summaries[1:]], "product", Bundle.open)
    assert heat.unread == ("P01",)
    assert [len(one.sessions) for one in heat.surfaces] == [1, 1]


def test_a_step_nobody_reached_has_no_surface(folder: StudyFolder) -> None:
    assert read_step_heat(_summaries(folder), "checkout", Bundle.open).surfaces == ()
