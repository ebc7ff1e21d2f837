"""The demo's areas of interest lie where its pages have them, on either device."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeylab.app.played import SCREEN
from journeylab.simulation.areas import areas_on
from journeylab.simulation.places import view_of
from journeylab.simulation.screens import shown_at
from journeylab.study.folder import load_study
from journeylab.vocabulary import StimulusKind

STUDY = load_study(Path(__file__).resolve().parents[2] / "resources" / "demo-study").study


@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_every_area_of_the_demo_lies_within_its_page(device: str) -> None:
    pages = [step for step in STUDY.steps if step.stimulus.kind is StimulusKind.PAGE]
    assert sum(len(step.aois) for step in pages) >= 12
    for step in pages:
        areas = dict(areas_on(step, device=device, screen=SCREEN))
        assert list(areas) == [aoi.name for aoi in step.aois]
        page = shown_at(step, device=device, screen=SCREEN)
        for box in areas.values():
            assert box.width_px > 20 and box.height_px > 20
            assert box.left_px >= page.left_px and box.top_px >= page.top_px
            assert box.left_px + box.width_px <= page.left_px + page.width_px + 1
            assert box.top_px + box.height_px <= page.top_px + page.height_px + 1


@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_what_is_clicked_lies_in_the_area_of_its_selector(device: str) -> None:
    seen = 0
    for step in STUDY.steps:
        areas = dict(areas_on(step, device=device, screen=SCREEN))
        page = shown_at(step, device=device, screen=SCREEN)
        names = {aoi.selector: aoi.name for aoi in step.aois}
        view = view_of(step, device=device)
        for place in (*view.places, *filter(None, (view.onward, view.stubborn))):
            if place.selector in names:
                box = areas[names[place.selector]]
                x, y = page.point(place.x, place.y)
                assert box.left_px <= x <= box.left_px + box.width_px, place
                assert box.top_px <= y <= box.top_px + box.height_px, place
                seen += 1
    assert seen >= 4


def test_a_step_without_a_page_has_none() -> None:
    assert areas_on(STUDY.step("unboxing"), device="desktop", screen=SCREEN) == ()
