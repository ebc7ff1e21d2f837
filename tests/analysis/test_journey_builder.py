"""Planted journeys come out of the map; what is missing is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis.planted import PLAN, STORY, Bump, PlantedStudy, Recipe, six_recipes

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import SESSIONS_SHARE, build_journey_map
from journeylab.errors import StudyError
from journeylab.streams import row

VISITS = tuple((plan[0], plan[3] * 0.6) for plan in PLAN)
EDGES = tuple((plan[0], 3.0) for plan in PLAN)


def _map(path: Path, recipes: list[Recipe], **arguments: object) -> JourneyMap:
    study = PlantedStudy(path, recipes)
    return build_journey_map(study.folder, open_bundle=study.open, **arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> JourneyMap:
    return _map(tmp_path_factory.mktemp("study"), six_recipes())


def _insights(journey: JourneyMap) -> dict[str, str]:
    return {step.step_id: step.insight.text for step in journey.steps}


def test_each_planted_expression_is_told_on_its_step_and_nowhere_else(
    journey: JourneyMap,
) -> None:
    insights = _insights(journey)
    assert insights["ad"] == "6 of 6 smile in the middle third."
    assert insights["compare"] == "6 of 6 frown (AU4): high cognitive load."
    assert insights["checkout"].startswith("3 of 3 mobile press lips (AU24): friction")
    assert insights["checkout"].endswith("3 of 6 click repeatedly.")
    assert insights["landing"] == insights["cart"] == "Flat: valence within ±8 of neutral."


def test_callouts_stand_at_the_planted_peaks_and_valleys(journey: JourneyMap) -> None:
    def step_of(position_s: float) -> str:
        return next(s.step_id for s in journey.steps if position_s < s.end_s)

    found = {(step_of(c.position_s), c.kind) for c in journey.callouts}
    planted = {(b.step_id, "joy" if b.valence > 0 else "negative") for b in STORY}
    assert found == planted
    confusion = next(c for c in journey.callouts if step_of(c.position_s) == "compare")
    assert confusion.title == "High Cognitive Load"
    assert confusion.detail == "6 of 6"
    assert confusion.certainty.startswith("Likely: chance alone gives as much in ")
    assert [one.participant_id for one in confusion.evidence] == [f"P{n:02d}" for n in range(1, 7)]
    assert confusion.start_s is not None
    assert confusion.end_s is not None
    assert confusion.start_s < confusion.position_s < confusion.end_s


def test_the_trace_is_coloured_where_the_expression_was_planted(journey: JourneyMap) -> None:
    trace = journey.trace
    for step, tone in (("ad", 1), ("compare", -1), ("checkout", -1), ("confirmed", 1)):
        part = next(s for s in journey.steps if s.step_id == step)
        within = (trace.position_s > part.start_s) & (trace.position_s < part.end_s)
        assert set(np.unique(trace.tone[within])) == {0, tone}
    flat = next(s for s in journey.steps if s.step_id == "cart")
    within = (trace.position_s > flat.start_s) & (trace.position_s < flat.end_s)
    assert (trace.tone[within] == 0).all()
    assert (trace.n_people == 6).all()


def test_gaze_and_screen_belong_to_one_device(journey: JourneyMap) -> None:
    product = next(s for s in journey.steps if s.step_id == "product")
    assert product.screen is not None
    assert product.heatmap is not None
    assert product.heatmap.max() == pytest.approx(1.0)
    assert (product.device, product.n_gaze) == ("desktop", 3)
    assert journey.steps[-1].heatmap is None


def test_a_segment_holds_only_its_sessions(tmp_path: Path) -> None:
    journey = _map(tmp_path, six_recipes(visits=EDGES), segment={"device": "mobile"})
    assert {s.summary.segments["device"] for s in journey.sessions} == {"mobile"}
    assert journey.n_all == 3
    with pytest.raises(StudyError, match="segment"):
        _map(tmp_path, [], segment={"device": "watch"})


def test_the_map_is_the_same_every_time(tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, six_recipes(visits=EDGES)[:3])
    one = build_journey_map(study.folder, open_bundle=study.open)
    two = build_journey_map(study.folder, open_bundle=study.open)
    np.testing.assert_array_equal(one.trace.low, two.trace.low)


def test_one_third_and_one_verb_per_sentence(tmp_path: Path) -> None:
    story = (Bump("ad", 0.85, 0.25, 50, {"AU12": 0.8}),)
    recipes = [
        Recipe(f"P{n}", story=story if n < 4 else (), visits=VISITS, seed=n) for n in range(6)
    ]
    insight = _map(tmp_path, recipes).steps[0].insight
    assert insight.text == "4 of 6 smile in the last third."
    assert insight.participants == ("P0", "P1", "P2", "P3")
    assert insight.kind == "joy"


def test_a_single_smile_among_six_is_no_finding(tmp_path: Path) -> None:
    story = (Bump("ad", 0.5, 0.4, 60, {"AU12": 0.9}),)
    recipes = [
        Recipe(f"P{n}", story=story if n == 0 else (), visits=VISITS, seed=n) for n in range(6)
    ]
    journey = _map(tmp_path, recipes)
    assert journey.steps[0].insight.text.startswith("Flat")
    assert journey.callouts == ()


def test_an_unplanned_step_is_on_no_map_and_takes_nothing_from_the_others(tmp_path: Path) -> None:
    plain = tuple((plan[0], plan[3]) for plan in PLAN)
    recipes = [Recipe("P01"), Recipe("P02", visits=(*plain[:2], ("unplanned-1", 9.0), *plain[2:]))]
    journey = _map(tmp_path, recipes)
    assert [step.step_id for step in journey.steps] == [plan[0] for plan in PLAN]
    assert [step.n_reached for step in journey.steps] == [2] * len(PLAN)
    reasons = {session.summary.reason for session in journey.sessions}
    assert len(reasons) == 1, reasons


def test_loops_and_skips_stand_together(tmp_path: Path) -> None:
    looping = tuple((s, 4.0) for s in ("ad", "product", "compare", "product", "cart"))
    skipping = tuple((s, 4.0) for s in ("ad", "cart"))
    recipes = [
        Recipe("P01", visits=looping),
        Recipe("P02", visits=skipping, seed=2),
        Recipe("P03", visits=looping, seed=3),
    ]
    journey = _map(tmp_path, recipes)
    by_id = {step.step_id: step for step in journey.steps}
    assert by_id["product"].n_reached == 2
    assert by_id["product"].end_s - by_id["product"].start_s == pytest.approx(8.0)
    assert "2 of 2 come back to it" in by_id["product"].insight.text
    assert by_id["unboxing"].insight.text == "Nobody reached this step."
    assert any(note.startswith("Nobody reached Landing") for note in journey.notes)
    assert journey.trace.n_people.max() == 3
    skipper = next(s for s in journey.sessions if s.summary.participant_id == "P02")
    n = journey.trace.n_people
    assert (skipper.t_ns[n == 2] == -1).all()


def test_an_empty_study_still_has_its_steps(tmp_path: Path) -> None:
    journey = _map(tmp_path, [])
    assert journey.notes == ("No session has been recorded yet.",)
    assert len(journey.steps) == len(PLAN)
    assert np.isnan(journey.trace.mean).all()
    assert np.isnan(journey.median_time_on_task_s)


def test_a_damaged_bundle_is_excluded_and_named(tmp_path: Path) -> None:
    study = PlantedStudy(tmp_path, [Recipe(visits=EDGES)])
    (study.folder.sessions_path / "P09.h5").write_bytes(b"damaged")
    journey = build_journey_map(study.folder, open_bundle=study.open)
    assert [summary.participant_id for summary in journey.excluded] == ["P09"]
    assert "1 session is left out (1: the file cannot be opened)." in journey.notes


def test_one_participant_has_neither_band_nor_callouts(tmp_path: Path) -> None:
    journey = _map(tmp_path, [Recipe(visits=VISITS)])
    assert np.isnan(journey.trace.low).all()
    assert journey.callouts == ()
    assert any(note.startswith("One participant only") for note in journey.notes)
    assert journey.steps[0].insight.text == "1 of 1 smiles in the middle third."


def test_pressed_lips_are_told_before_the_lowered_brow_that_comes_with_them(
    tmp_path: Path,
) -> None:
    story = (Bump("checkout", 0.5, 0.5, -70, {"AU04": 0.9, "AU24": 0.8}, {"frustration": 0.9}),)
    recipes = [Recipe(f"P{n}", story=story, visits=VISITS, seed=n) for n in range(4)]
    journey = _map(tmp_path, recipes)
    assert [callout.title for callout in journey.callouts] == ["Valley · AU24"]
    checkout = next(step for step in journey.steps if step.step_id == "checkout")
    assert checkout.insight.text.startswith("4 of 4 press lips (AU24)")


def test_gaze_beside_a_step_without_a_screen_is_no_heatmap(tmp_path: Path) -> None:
    visits = (("ad", 3.0), ("unboxing", 3.0))
    study = PlantedStudy(tmp_path, [Recipe(visits=visits)])
    path = next(iter(study.folder.bundles()))
    session = study.open(path)
    for t_ns in range(session.start_ns, session.end_ns, 100_000_000):
        session._samples.append(row("gaze", t_ns, x_px=600.0, y_px=400.0, uncertainty_px=40.0))
    session._samples.sort(key=lambda sample: sample.t_ns)
    journey = build_journey_map(study.folder, open_bundle=study.open)
    assert journey.steps[0].heatmap is not None
    assert journey.steps[-1].heatmap is None


def test_no_gaze_and_no_mouse_are_said(tmp_path: Path) -> None:
    recipes = [Recipe(f"P{n}", visits=EDGES, gaze=False, pointer=False) for n in range(2)]
    journey = _map(tmp_path, recipes)
    assert "No point of gaze: no session was calibrated." in journey.notes
    assert "No mouse was recorded." in journey.notes
    assert all(step.heatmap is None for step in journey.steps)


def test_valence_that_is_nan_throughout_is_said_and_the_map_stands(tmp_path: Path) -> None:
    story = tuple(Bump(b.step_id, b.at, b.width, float("nan")) for b in STORY)
    everywhere = tuple(Bump(plan[0], 0.5, 1.0, float("nan")) for plan in PLAN)
    journey = _map(tmp_path, [Recipe(story=story + everywhere, visits=EDGES)])
    assert "No valence was measured on any step." in journey.notes
    assert np.isnan(journey.trace.mean).all()
    assert journey.steps[0].insight.text == "No face was measured on this step."


def test_a_screen_is_shown_only_with_consent(tmp_path: Path) -> None:
    refused = Recipe(visits=EDGES, simulated=False, consent={"screen": "no"})
    journey = _map(tmp_path, [refused])
    assert all(step.screen is None for step in journey.steps)
    agreed = {"screen": "yes", "sharing": "yes"}
    allowed = Recipe("P02", visits=EDGES, simulated=False, consent=agreed)
    assert _map(tmp_path, [refused, allowed]).steps[0].screen is not None


@pytest.mark.parametrize("sharing", [{"sharing": "no"}, {}])
def test_a_screen_that_may_not_be_shown_to_others_is_on_no_map(
    tmp_path: Path, sharing: dict[str, str]
) -> None:
    own = Recipe(visits=EDGES, simulated=False, consent={"screen": "yes", **sharing})
    assert all(step.screen is None for step in _map(tmp_path, [own]).steps)
    other = Recipe("P02", visits=EDGES, seed=2)
    assert _map(tmp_path, [own, other]).steps[0].screen is not None  # another's stands for it


def test_progress_rises_and_what_it_raises_ends_the_building(tmp_path: Path) -> None:
    shares: list[float] = []
    _map(tmp_path, [Recipe(visits=EDGES), Recipe("P02", visits=EDGES)], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[:3] == [0.0, SESSIONS_SHARE / 2, SESSIONS_SHARE]
    assert shares[-1] == 1.0
    # Once while sessions are read, once while detectors run on what was read.
    for from_share in (0.0, SESSIONS_SHARE + 0.01):

        def stop(share: float, *, least: float = from_share) -> None:
            if share >= least:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            _map(tmp_path, [Recipe(visits=EDGES)], progress=stop)


def test_who_came_twice_is_one_of_those_behind_a_point(tmp_path: Path) -> None:
    recipes = [Recipe(visits=EDGES), Recipe(visits=EDGES, seed=2), Recipe("P02", visits=EDGES)]
    journey = _map(tmp_path, recipes)
    assert journey.n_usable == 3
    assert (journey.trace.n_people == 2).all()
    assert journey.steps[0].n_gaze == 2
