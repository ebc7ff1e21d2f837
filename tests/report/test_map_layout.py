"""The journey map's scene: five rows, nothing clipped, nothing invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import PLAN, PlantedStudy, study_of

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.map_columns import lay_out_columns
from journeylab.report.map_header import duration_words, key_figures
from journeylab.report.map_layout import lay_out_map
from journeylab.report.map_trace import callout_target
from journeylab.report.scene import Density, Image, MomentTarget, Polyline, Scene, Text, colour_of
from journeylab.report.text_metrics import shorten, text_width, wrap
from journeylab.theme import DARK, LIGHT

SIZES = ((1920, 1080), (1366, 768), (1054, 700), (700, 500))


def _texts(scene: Scene) -> list[Text]:
    return [item for item in scene.items if isinstance(item, Text)]


def _words(scene: Scene) -> str:
    return "\n".join(text.text for text in _texts(scene))


def _extent(text: Text) -> tuple[float, float]:
    width = text_width(text.text, text.size_px, weight=text.weight, tracking_px=text.tracking_px)
    left = text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
    return left, left + width


@pytest.mark.parametrize("size", SIZES)
def test_no_text_leaves_the_map_or_covers_another(
    journey: JourneyMap, size: tuple[int, int]
) -> None:
    scene = lay_out_map(journey, width_px=size[0], height_px=size[1])
    placed = []
    for text in _texts(scene):
        left, right = _extent(text)
        assert left >= 0, text
        assert right <= scene.width_px, text
        assert 0 < text.y < scene.height_px, text
        placed.append((left, right, text.y - 0.72 * text.size_px, text.y, text))
    for index, (left, right, top, bottom, text) in enumerate(placed):
        for other in placed[:index]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart, (text.text, other[4].text)


def test_all_five_rows_are_there(journey: JourneyMap) -> None:
    scene = lay_out_map(journey)
    words = _words(scene)
    for row_name in ("STEPS", "SCREENS", "EMOTION", "GAZE", "INSIGHT"):
        assert row_name in words
    for _, title, _, _ in PLAN:
        assert title in words
    assert sum(isinstance(item, Density) for item in scene.items) == 7
    assert sum(isinstance(item, Image) for item in scene.items) == 14
    colours = {item.stroke for item in scene.items if isinstance(item, Polyline)}
    assert colours == {"joy", "negative", "neutral"}


def test_figures_say_their_base_and_simulated_is_said(journey: JourneyMap) -> None:
    assert ("6 of 6", "usable sessions") in key_figures(journey)
    words = _words(lay_out_map(journey))
    assert "simulated participants" in words
    assert "N = 6" in words
    assert "95 % band" in words


def test_the_trace_lies_in_the_columns_of_its_steps(journey: JourneyMap) -> None:
    axes = lay_out_map(journey).axes
    assert axes is not None
    columns = lay_out_columns(
        journey.steps, x=axes.knots_x[0], width_px=axes.knots_x[-1] - axes.knots_x[0]
    )
    for column in columns:
        assert axes.x_at(column.step.start_s) == pytest.approx(column.x)
    for x in np.linspace(axes.knots_x[0], axes.knots_x[-1], 50):
        assert axes.x_at(axes.position_at(x)) == pytest.approx(x)
    assert axes.valence_at(axes.y_at(-38.0)) == pytest.approx(-38.0)


def test_columns_are_proportional_but_never_too_narrow(journey: JourneyMap) -> None:
    steps = tuple(
        replace(step, start_s=start_s, end_s=start_s + length_s)
        for step, start_s, length_s in zip(
            journey.steps, (0, 600, 601, 602, 603, 604, 605, 606), (600, *[1] * 7), strict=True
        )
    )
    columns = lay_out_columns(steps, x=0, width_px=1700)
    assert sum(column.width for column in columns) == pytest.approx(1700)
    assert min(column.width for column in columns) >= 92
    assert columns[0].width == max(column.width for column in columns)
    plain = lay_out_columns(journey.steps, x=0, width_px=4000)
    rates = [column.width / (column.step.end_s - column.step.start_s) for column in plain]
    assert max(rates) == pytest.approx(min(rates))


def test_forty_steps_make_the_map_wider_not_unreadable(tmp_path: Path) -> None:
    plan = tuple((f"s{n}", f"Step number {n}", "Stage", 20.0) for n in range(40))
    study = PlantedStudy(tmp_path, [], study=study_of(plan))
    scene = lay_out_map(build_journey_map(study.folder, open_bundle=study.open), width_px=1920)
    assert scene.width_px > 3600
    assert "Step number 39" in _words(scene)


def test_an_empty_study_says_what_is_missing(tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, [])
    scene = lay_out_map(build_journey_map(study.folder, open_bundle=study.open))
    words = _words(scene)
    assert "No session has been recorded yet." in words
    assert "0 of 0" in words
    assert "not known" not in words


def test_a_click_on_the_trace_and_on_a_label_leads_to_moments(journey: JourneyMap) -> None:
    scene = lay_out_map(journey)
    axes = scene.axes
    assert axes is not None
    target = scene.target_at(axes.x_at(20.0), axes.y_at(-80.0))
    assert isinstance(target, MomentTarget)
    assert target.position_s == pytest.approx(20.0)
    assert target.valence == pytest.approx(-80.0)
    labelled = {hit.target.position_s for hit in scene.hits if isinstance(hit.target, MomentTarget)}
    assert {callout.position_s for callout in journey.callouts} <= labelled
    assert scene.target_at(5, 5) is None


def test_a_ring_leads_to_its_finding_whether_or_not_its_label_has_room(
    journey: JourneyMap,
) -> None:
    scene = lay_out_map(journey)
    assert scene.axes is not None and len(journey.callouts) > 3
    for callout in journey.callouts:
        place = scene.axes.x_at(callout.position_s), scene.axes.y_at(callout.valence)
        assert scene.target_at(*place) == callout_target(callout)


def test_the_same_map_makes_the_same_scene(journey: JourneyMap) -> None:
    assert lay_out_map(journey) == lay_out_map(journey)
    assert lay_out_map(journey) != lay_out_map(replace(journey, study_title="Other"))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_colour_is_a_token_of_both_grounds(journey: JourneyMap, palette) -> None:
    for item in lay_out_map(journey).items:
        for name in ("fill", "stroke", "colour"):
            token = getattr(item, name, None)
            if token is not None:
                assert colour_of(token, palette).startswith("#")
    with pytest.raises(KeyError, match="mauve"):
        colour_of("mauve", palette)


def test_durations_are_read_as_spoken() -> None:
    given = (14.6, 60, 252, 3600, 3900, float("nan"))
    words = ["15 s", "1 min", "4 min 12 s", "1 h", "1 h 5 min", "not known"]
    assert [duration_words(duration_s) for duration_s in given] == words


def test_text_breaks_at_words_and_inside_a_word_that_is_too_long() -> None:
    lines = wrap("Six of six frown at the comparison table", 120, size_px=13)
    assert len(lines) > 1
    assert " ".join(lines) == "Six of six frown at the comparison table"
    assert all(text_width(line, 13) <= 120 for line in lines)
    broken = wrap("Donaudampfschifffahrtsgesellschaft", 80, size_px=13)
    assert "".join(broken) == "Donaudampfschifffahrtsgesellschaft"
    assert all(text_width(line, 13) <= 80 for line in broken)
    assert wrap("", 80, size_px=13) == ()


def test_a_shortened_text_fits_and_says_so() -> None:
    short = shorten("Comparison of all commuter bikes", 90, size_px=14, weight=600)
    assert short.endswith("…")
    assert text_width(short, 14, weight=600) <= 90
    assert shorten("Cart", 90, size_px=14) == "Cart"
