"""The templates run as they are, are small, and load nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeylab.assets import asset
from journeylab.study.device_frame import FrameKind, device_kind, surface_of
from journeylab.study.document import changed_text
from journeylab.study.folder import StudyFolder
from journeylab.study.hints import FEWEST_STAGES, MOST_STAGES, hints, stages_of
from journeylab.study.pictures import picture_size
from journeylab.study.problems import problems
from journeylab.study.templates import TEMPLATES, templates
from journeylab.vocabulary import StimulusKind

_ALL = templates()
each = pytest.mark.parametrize("folder", _ALL, ids=TEMPLATES)


@each
def test_it_can_be_run_as_it_is(folder: StudyFolder) -> None:
    folder.check_stimuli()
    assert problems(folder.study, folder.stimulus_path) == ()
    assert hints(folder.study) == ()
    assert FEWEST_STAGES <= len(stages_of(folder.study)) <= MOST_STAGES


@each
def test_it_shows_what_a_study_may_hold(folder: StudyFolder) -> None:
    study = folder.study
    assert study.goal and study.hypothesis and study.participants
    assert study.segments and study.questions
    assert any(step.questions for step in study.steps)
    assert all(step.stage and step.touchpoint and step.channel for step in study.steps)


@each
def test_every_file_in_it_is_used(folder: StudyFolder) -> None:
    stimuli = folder.path / "stimuli"
    named = {
        folder.stimulus_path(file) for step in folder.study.steps for file in step.stimulus.files
    }
    kept = {path for path in stimuli.rglob("*") if path.is_file()}
    assert {path for path in kept if path not in named and path.suffix != ".css"} == set()
    assert sum(path.stat().st_size for path in kept) < 400_000


@each
def test_its_text_is_kept_when_nothing_changed(folder: StudyFolder) -> None:
    text = (folder.path / "study.toml").read_text(encoding="utf-8")
    assert changed_text(text, folder.study) == text


def test_pages_load_nothing_from_elsewhere_and_hold_what_is_selected() -> None:
    for folder in _ALL:
        for step in folder.study.steps:
            if step.stimulus.kind is not StimulusKind.PAGE:
                continue
            page = folder.stimulus_path(step.stimulus.path or "")
            text = page.read_text(encoding="utf-8")
            assert "http" not in text
            for target in re.findall(r"(?:href|src)=\"([^\"#]+)", text):
                assert (page.parent / target).is_file() or target == "product.html", target
            for aoi in step.aois:
                assert f'id="{aoi.selector.removeprefix("#")}"' in text


def test_every_screen_of_the_onboarding_is_reached() -> None:
    folder = next(one for one in _ALL if one.study.id == "mobile-onboarding")
    for step in folder.study.steps:
        screens = step.stimulus.screens
        led_to = {spot.leads_to for screen in screens for spot in screen.hotspots}
        assert {screen.id for screen in screens[1:]} <= led_to


def test_the_onboarding_is_shown_as_large_as_a_phone_shows_it() -> None:
    folder = next(one for one in _ALL if one.study.id == "mobile-onboarding")
    for step in folder.study.steps:
        stimulus = step.stimulus
        assert surface_of(stimulus.frame, "desktop").size_px == (390, 844)
        for file in stimulus.files:
            assert picture_size(folder.stimulus_path(file)) == (780, 1688), "twice its CSS px"
    (device,) = (one for one in folder.study.segments if one.name == "device")
    assert {device_kind(value) for value in device.values} == {FrameKind.PHONE}


def test_steps_off_the_screen_have_markers_of_their_own() -> None:
    folder = next(one for one in _ALL if one.study.id == "first-ten-minutes")
    steps = [s for s in folder.study.steps if s.stimulus.kind is StimulusKind.CAMERA_ONLY]
    labels = {marker.label for step in steps for marker in step.markers}
    assert all(step.markers for step in steps)
    assert {"box opened", "first touch", "switched on"} <= labels
    for step in steps:
        keys = [one.key for one in folder.study.markers_during(step)]
        assert len(keys) == len(set(keys)) == len(step.markers) + len(folder.study.markers)


def test_they_ship_with_the_product() -> None:
    assert all(Path(asset("templates", name, "study.toml")).is_file() for name in TEMPLATES)
