"""On an axis of real seconds nothing is stretched: who left is missing, and is counted so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis.planted import START_NS, Bump, PlantedStudy, Recipe, header_of, samples_of, study_of
from analysis.planted import PlantedSession as Session
from analysis.planted_bundles import write_bundle

from journeylab.analysis import real_time
from journeylab.analysis.alignment import MAX_POINTS, TimeBasis
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.real_time import read_seconds, seconds_axis
from journeylab.clock import NS_PER_S
from journeylab.study.folder import StudyFolder, save_study

PLAN = (("ad", "Ad", "One", 6.0), ("cart", "Cart", "One", 10.0))
STUDY = study_of(PLAN)


def map_of(path: Path, recipes: list[Recipe]) -> JourneyMap:
    study = PlantedStudy(path, recipes, study=STUDY)
    return build_journey_map(study.folder, open_bundle=study.open, basis=TimeBasis.SECONDS)


def recipe(person: str, *visits: tuple[str, float], seed: int = 1, **changes: object) -> Recipe:
    values = {"story": (), "noise": 0.0} | changes
    return Recipe(person, visits=visits, seed=seed, **values)  # type: ignore[arg-type]


def test_who_has_left_is_behind_no_later_point(tmp_path: Path) -> None:
    recipes = [recipe(f"P{n}", ("ad", 4.0 + 2 * n), ("cart", 5.0), seed=n) for n in range(4)]
    journey = map_of(tmp_path, recipes)
    assert journey.basis is TimeBasis.SECONDS
    ad = journey.steps[0]
    assert ad.end_s - ad.start_s == 10
    behind = journey.trace.n_people
    position_s = journey.trace.position_s
    for until_s, n in ((4, 4), (6, 3), (8, 2), (10, 1)):
        inside = (position_s > until_s - 1.9) & (position_s < until_s - 0.1)
        assert (behind[inside] == n).all()
    assert np.diff(position_s) == pytest.approx(0.25)


def test_an_expression_stands_at_its_second_for_quick_and_slow(tmp_path: Path) -> None:
    def smiling(person: str, stay_s: float, seed: int) -> Recipe:
        # Three seconds in, whatever the length of the stay.
        story = (Bump("ad", 3 / stay_s, 2 / stay_s, 60, {"AU12": 0.8}, {"joy": 0.9}),)
        return recipe(person, ("ad", stay_s), ("cart", 5.0), seed=seed, story=story)

    recipes = [smiling(f"P{n}", 6.0 + 3 * n, n) for n in range(4)]
    trace = map_of(tmp_path, recipes).trace
    top = int(np.nanargmax(trace.mean))
    assert trace.position_s[top] == pytest.approx(3, abs=0.3)
    assert trace.mean[top] > 50
    study = PlantedStudy(tmp_path / "shares", recipes, study=STUDY)
    stretched = build_journey_map(study.folder, open_bundle=study.open).trace
    assert np.nanmax(stretched.mean) < trace.mean[top]


def test_loops_run_on_and_skips_are_missing(tmp_path: Path) -> None:
    recipes = [
        recipe("P0", ("ad", 3.0), ("cart", 2.0), ("ad", 3.0)),
        recipe("P1", ("cart", 3.0), seed=2),
    ]
    journey = map_of(tmp_path, recipes)
    ad, cart = journey.steps
    assert (ad.n_reached, cart.n_reached) == (1, 2)
    assert ad.end_s - ad.start_s == pytest.approx(6)
    looping, skipping = journey.sessions
    on_ad = journey.trace.position_s < ad.end_s
    assert (skipping.t_ns[on_ad] == -1).all()
    assert np.isnan(skipping.valence[on_ad]).all()
    seconds = (looping.t_ns[on_ad] - START_NS) / NS_PER_S
    assert (seconds[:12] < 3).all()
    assert (seconds[12:] > 5).all()
    assert np.isfinite(looping.valence[on_ad]).all()


def test_one_who_slept_is_not_the_axis(tmp_path: Path) -> None:
    recipes = [recipe(f"P{n}", ("ad", 4.0), ("cart", 4.0), seed=n) for n in range(11)]
    recipes.append(recipe("P99", ("ad", 40.0), ("cart", 4.0), seed=99))
    journey = map_of(tmp_path, recipes)
    assert journey.steps[0].end_s == pytest.approx(4)
    assert "One long stay is cut where nine of ten had left the step." in journey.notes


def test_a_long_step_has_no_more_points_than_can_be_drawn() -> None:
    axis = seconds_axis([{"ad": 3600.0}], STUDY.steps)
    assert axis.grid.n_points[0] <= MAX_POINTS
    assert axis.factors[0] * axis.grid.n_points[0] / 4 == axis.lengths_s[0] >= 3600
    # Nobody reached the cart: it keeps its plan.
    assert axis.lengths_s[1] == pytest.approx(10)


def test_points_of_a_long_step_are_means_of_their_seconds(tmp_path: Path) -> None:
    one = recipe("P0", ("ad", 200.0), ("cart", 4.0))
    session = Session(tmp_path / "x.h5", header_of(one, STUDY), samples_of(one))
    signals = read_seconds(session, ())
    assert signals.n_points == {"ad": 800, "cart": 16}
    journey = map_of(tmp_path / "study", [one])
    assert len(journey.trace.mean) == 400 + 16
    assert np.isfinite(journey.sessions[0].valence).all()


def test_nobody_and_an_empty_study_stand(tmp_path: Path) -> None:
    journey = map_of(tmp_path, [])
    assert [step.end_s - step.start_s for step in journey.steps] == [6, 10]
    assert np.isnan(journey.trace.mean).all()


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    folder = save_study(tmp_path / "study", STUDY)
    folder.sessions_path.mkdir()
    for number in range(2):
        write_bundle(folder, recipe(f"P{number}", ("ad", 4.0), ("cart", 4.0), seed=number))
    return folder


def test_both_axes_are_kept(folder: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    in_seconds = build_journey_map(folder, basis=TimeBasis.SECONDS)
    in_shares = build_journey_map(folder)
    assert len(in_seconds.trace.mean) != len(in_shares.trace.mean)

    def never(*_: object) -> None:
        raise AssertionError("a bundle was read again")

    monkeypatch.setattr(real_time, "read_seconds", never)
    again = build_journey_map(folder, basis=TimeBasis.SECONDS)
    np.testing.assert_array_equal(again.trace.mean, in_seconds.trace.mean)
    for file in (folder.path / ".cache").glob("study.*"):
        file.unlink()
    again = build_journey_map(folder, basis=TimeBasis.SECONDS)
    np.testing.assert_array_equal(again.trace.mean, in_seconds.trace.mean)
