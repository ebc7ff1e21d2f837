"""Lines of the trace on demand, and how far gaze is off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from journeylab.analysis.journey import JourneyMap
from journeylab.report.map_layout import lay_out_map
from journeylab.report.map_lines import TraceLine, with_lines
from journeylab.report.scene import Density, Polyline, Scene, Text


def _layer(scene: Scene, name: str) -> tuple[object, ...]:
    return next((items for each, items in scene.grouped() if each == name), ())


def test_the_usual_lines_are_the_scene_itself(journey: JourneyMap) -> None:
    scene = lay_out_map(journey)
    assert with_lines(scene, journey, {TraceLine.MEAN}).items == scene.items


def test_each_participant_is_a_line_beneath_the_mean_and_the_labels(journey: JourneyMap) -> None:
    scene = lay_out_map(journey)
    shown = with_lines(scene, journey, set(TraceLine))
    names = [name for name, _ in shown.grouped()]
    order = [names.index(name) for name in ("participants", "median", "mean", "callouts")]
    assert order == sorted(order)
    people = {session.summary.participant_id for session in journey.sessions}
    assert len(_layer(shown, "participants")) >= len(people)
    assert shown.hits == scene.hits


def test_the_median_runs_through_the_participants_middle(journey: JourneyMap) -> None:
    scene = with_lines(lay_out_map(journey), journey, {TraceLine.MEDIAN})
    assert scene.axes is not None
    (line,) = _layer(scene, "median")
    assert isinstance(line, Polyline)
    point = len(journey.trace.position_s) // 3
    values = np.stack([session.valence for session in journey.sessions])[:, point]
    x = scene.axes.x_at(float(journey.trace.position_s[point]))
    own_x, own_y = np.array(line.points).T
    y = float(np.interp(x, own_x, own_y))
    assert scene.axes.valence_at(y) == pytest.approx(float(np.median(values)), abs=1.5)


def test_lines_that_are_shown_are_named_below_the_key_that_is_there(journey: JourneyMap) -> None:
    laid = lay_out_map(journey)
    scene = with_lines(laid, journey, set(TraceLine), shows_gaze_error=True)
    named = [item for item in _layer(scene, "key") if isinstance(item, Text)]
    assert [item.text for item in named] == ["median", "participant", "gaze error"]
    neither = next(i for i in laid.items if isinstance(i, Text) and i.text == "neither")
    places = [item.y for item in named]
    assert places[0] > neither.y and places == sorted(places)
    assert {item.x for item in named} == {neither.x}
    others = [i for i in laid.items if isinstance(i, Text) and i.x <= neither.x]
    assert all(abs(one.y - other.y) > 12 for one in named for other in others)


def test_without_the_mean_its_band_is_gone_too(journey: JourneyMap) -> None:
    scene = with_lines(lay_out_map(journey), journey, {TraceLine.MEDIAN})
    assert not _layer(scene, "mean") and not _layer(scene, "band")


def test_the_gaze_error_is_a_circle_of_its_size_on_each_heatmap(journey: JourneyMap) -> None:
    known = replace(
        journey,
        steps=tuple(
            step if step.heatmap is None else replace(step, gaze_error=0.05)
            for step in journey.steps
        ),
    )
    scene = with_lines(lay_out_map(known), known, {TraceLine.MEAN}, shows_gaze_error=True)
    densities = [item for item in scene.items if isinstance(item, Density)]
    circles = _layer(scene, "gaze error")
    assert len(circles) == len(densities) > 0
    for circle, density in zip(circles, densities, strict=True):
        assert isinstance(circle, Polyline)
        x, y = np.array(circle.points).T
        assert np.ptp(x) == pytest.approx(0.1 * density.width, rel=0.01)
        assert density.x - 0.1 <= x.min() and x.max() <= density.x + density.width + 0.1
        assert density.y - 0.1 <= y.min() and y.max() <= density.y + density.height + 0.1
