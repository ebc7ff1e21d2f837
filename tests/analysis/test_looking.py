"""The eyes and the study's own expressions, from planted sessions to the map's records."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import (
    PLAN,
    SCREEN,
    Bump,
    PlantedSession,
    PlantedStudy,
    PlantedTable,
    Recipe,
    header_of,
    samples_of,
    study_of,
)

from journeylab.analysis.alignment import visits_of
from journeylab.analysis.gaze_error import ASSUMED_DEG, gaze_error_px
from journeylab.analysis.journey import JourneyMap, MapStep
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.looking import WHOLE, Looking, read_looking
from journeylab.analysis.moments import eye_words, moments_at
from journeylab.analysis.viewing import Viewing
from journeylab.streams import STREAMS, Row, Sample
from journeylab.study.model import Expression

VISITS = tuple((plan[0], plan[3] * 0.6) for plan in PLAN)
VIEWING = Viewing((1280, 800), 40.0)
RADIUS_68 = np.sqrt(-2 * np.log(0.32))
"""What holds 68 % of errors in a plane, in deviations of one axis."""
DELIGHT = Expression(name="delight", formula="min(AU06, AU12) - 0.5 * AU04", threshold=0.4)
_X = [column.name for column in STREAMS["gaze"].columns].index("x_px")


def _session(
    recipe: Recipe, change: Callable[[Sample], Iterator[Sample]] | None = None
) -> PlantedSession:
    samples = samples_of(recipe)
    if change is not None:
        samples = [changed for sample in samples for changed in change(sample)]
    return PlantedSession(Path("P01.h5"), header_of(recipe, study_of()), samples)


def _looking(session: PlantedSession) -> Looking:
    return read_looking(session, visits_of(session.table("steps"), end_ns=session.end_ns))


def _map(
    path: Path, recipes: list[Recipe], *expressions: Expression
) -> tuple[JourneyMap, dict[str, MapStep]]:
    study = study_of().model_copy(update={"expressions": expressions})
    planted = PlantedStudy(path, recipes, study=study)
    journey = build_journey_map(planted.folder, open_bundle=planted.open)
    return journey, {step.step_id: step for step in journey.steps}


def _calibrations(*rows: tuple[str, str]) -> PlantedTable:
    kinds, data = (np.array([row[at] for row in rows], dtype=object) for at in (0, 1))
    return PlantedTable(np.arange(len(rows), dtype=np.int64), {"kind": kinds, "data": data})


def test_the_eyes_are_measured_on_each_step_and_over_the_session() -> None:
    looking = _looking(_session(Recipe(visits=VISITS)))
    steps = {name: eyes for name, eyes in looking.measures.items() if name != WHOLE}
    assert set(steps) == {plan[0] for plan in PLAN}
    for step_id, eyes in steps.items():
        if step_id != "unboxing":
            assert eyes.n_fixations >= 1
            assert eyes.on_screen_share == pytest.approx(1.0)
    whole = looking.measures[WHOLE]
    assert sum(eyes.n_fixations for eyes in steps.values()) == whole.n_fixations
    assert whole.blinks_per_min == 0.0
    assert math.isnan(whole.k)
    assert looking.error_px == pytest.approx(45.0 / RADIUS_68)
    assert looking.viewing.is_assumed


def test_without_gaze_all_is_empty_and_nothing_fails() -> None:
    looking = _looking(_session(Recipe(visits=VISITS, gaze=False)))
    assert len(looking.fixations) == len(looking.saccades) == 0
    assert looking.densities == {}
    assert looking.measures["ad"].gaze_s == 0.0
    assert eye_words(looking.measures["ad"]) == "0 blinks/min"


def test_gaze_error_is_of_the_validation_else_of_the_stream_else_assumed() -> None:
    told = np.array([30.0, np.nan, 50.0])
    validated = json.dumps({"validation": {"error_px": 94.2}})
    rows = (("neutral", "{}"), ("gaze", validated), ("gaze", '{"no": 1}'))
    found = gaze_error_px(_calibrations(*rows), told, viewing=VIEWING)
    assert found == pytest.approx(80.0, abs=0.1)
    unvalidated = gaze_error_px(_calibrations(*rows[:1]), told, viewing=VIEWING)
    assert unvalidated == pytest.approx(40.0 / RADIUS_68)
    nothing = np.array([np.nan])
    assert gaze_error_px(_calibrations(), nothing, viewing=VIEWING) == ASSUMED_DEG * 40


def test_an_error_counted_over_to_another_resolution_is_told_in_the_sessions_own_pixels() -> None:
    before = {"screen_px": [1280, 800], "validation": {"error_px": 94.2}}
    after = {"screen_px": [640, 400], "validation": {"error_px": 47.1}}
    rows = (("gaze", json.dumps(before)), ("gaze_rescaled", "{}"), ("gaze", json.dumps(after)))
    found = gaze_error_px(_calibrations(*rows), np.array([np.nan]), viewing=VIEWING)
    assert found == pytest.approx(80.0, abs=0.1)


@pytest.mark.parametrize(
    "data",
    ["", "nonsense", "[1]", "null", '{"error_px": "x"}', '{"error_px": NaN}', '{"error_px": -3}'],
)
def test_a_calibration_that_is_not_understood_counts_for_nothing(data: str) -> None:
    rows = _calibrations(("gaze", data), ("validation", data))
    assert gaze_error_px(rows, np.array([12.0]), viewing=VIEWING) == pytest.approx(12.0 / RADIUS_68)


def test_each_step_tells_medians_over_its_participants(tmp_path: Path) -> None:
    recipes = [Recipe(f"P{n}", visits=VISITS, seed=n, gaze=n < 2) for n in range(3)]
    journey, steps = _map(tmp_path, recipes)
    eyes = steps["compare"].eyes
    assert eyes is not None
    assert eyes.n == 2
    assert eyes.n_fixations >= 1
    assert eyes.blinks_per_min == 0.0
    unboxing = steps["unboxing"].eyes
    assert unboxing is not None
    assert (unboxing.n, unboxing.blinks_per_min) == (0, 0.0)
    assert math.isnan(unboxing.on_screen_share)
    assert set(journey.sessions[0].eyes) == {WHOLE, *(plan[0] for plan in PLAN)}
    choices, _ = moments_at(journey, steps["compare"].start_s + 0.1)
    assert {choice.eyes is not None for choice in choices} == {True}
    choices, _ = moments_at(journey, steps["unboxing"].end_s - 0.1)
    assert {choice.eyes for choice in choices} == {None}


def test_a_step_nobody_reached_has_no_eyes(tmp_path: Path) -> None:
    _, steps = _map(tmp_path, [Recipe(visits=VISITS[:2])], DELIGHT)
    assert steps["cart"].eyes is None
    assert steps["cart"].expressions[0].n_measured == 0
    assert math.isnan(steps["cart"].expressions[0].peak)


def test_looking_beside_the_screen_is_told_of_a_flat_step(tmp_path: Path) -> None:
    def beside(sample: Sample) -> Iterator[Sample]:
        if isinstance(sample, Row) and sample.stream == "gaze":
            values = list(sample.values)
            values[_X] = SCREEN.width_px + 400.0
            sample = replace(sample, values=tuple(values))
        yield sample

    recipes = [Recipe(f"P{n}", visits=VISITS, seed=n, story=()) for n in range(4)]
    planted = PlantedStudy(tmp_path, recipes)
    for path in planted.folder.bundles()[:3]:
        session = planted.open(path)
        session._samples = [changed for one in session._samples for changed in beside(one)]
    journey = build_journey_map(planted.folder, open_bundle=planted.open)
    insights = {step.step_id: step.insight for step in journey.steps}
    assert insights["compare"].text.endswith("; 3 of 4 look beside the screen.")
    assert insights["compare"].participants == ("P0", "P1", "P2")
    assert "beside" not in insights["unboxing"].text


def test_an_own_expression_has_measures_and_becomes_the_insight(tmp_path: Path) -> None:
    story = (Bump("product", 0.5, 0.4, 50, {"AU06": 0.8, "AU12": 0.9}, {"joy": 0.9}),)
    recipes = [
        Recipe(f"P{n}", story=story if n < 3 else (), visits=VISITS, seed=n) for n in range(4)
    ]
    journey, steps = _map(tmp_path, recipes, DELIGHT)
    insight = steps["product"].insight
    assert insight.text == "3 of 4 show delight in the middle third."
    assert insight.participants == ("P0", "P1", "P2")
    assert insight.kind == "joy"
    delight = steps["product"].expressions[0]
    assert (delight.name, delight.participants, delight.n_measured) == (
        "delight",
        ("P0", "P1", "P2"),
        4,
    )
    assert delight.peak == pytest.approx(0.79, abs=0.03)
    assert delight.peak_participant in delight.participants
    middle_s = (steps["product"].start_s + steps["product"].end_s) / 2
    assert delight.position_s == pytest.approx(middle_s, abs=0.8)
    assert 0.1 < delight.share_above < 0.4
    of_one = journey.sessions[0].expressions["delight"]
    assert of_one["product"].share_above > 0.3
    assert of_one["landing"].share_above == 0.0
    assert of_one["landing"].peak < 0.05
    assert "delight" not in steps["landing"].insight.text


def test_an_expression_that_is_nowhere_measured_is_said_nowhere(tmp_path: Path) -> None:
    story = tuple(Bump(plan[0], 0.5, 9.0, 10, {"AU12": math.nan}) for plan in PLAN)
    never = Expression(name="broken", formula="AU06 / (AU04 - AU04)")
    _, steps = _map(tmp_path, [Recipe(visits=VISITS, story=story)], never)
    assert steps["ad"].expressions[0].n_measured == 0
    assert "broken" not in " ".join(step.insight.text for step in steps.values())
