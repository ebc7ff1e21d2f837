"""Two maps set against each other: what was planted shows, what was not does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis.journeys import journey_of

from journeylab.analysis.comparing import compare_maps, holm, step_means
from journeylab.analysis.comparing_words import (
    headline_of,
    notes_of_comparison,
    sentences_of,
    verdict_of,
)
from journeylab.errors import AnalysisError

NAMES = ("Round 1", "Round 2")


def test_a_planted_difference_is_found_on_its_step_and_on_no_other() -> None:
    levels = {"ad": 20.0, "checkout": -40.0, "done": 30.0}
    first = journey_of(levels, n=14, seed=1)
    second = journey_of({**levels, "checkout": 5.0}, n=15, seed=2)
    found = compare_maps(first, second, names=NAMES)
    assert [step.step_id for step in found.better] == ["checkout"]
    assert found.worse == ()
    (checkout,) = found.better
    assert checkout.difference == pytest.approx(45, abs=8)
    assert checkout.low < checkout.difference < checkout.high
    assert verdict_of(checkout) == "better, sure"
    words = sentences_of(found)
    assert words[0].text.startswith("Checkout is better in Round 2: valence ")
    assert words[0].sure.startswith("Sure: chance alone gives as much in less than 1 %")
    assert words[-1].text == "No difference beyond chance on Ad and Done."
    assert headline_of(found) == "Round 2 is better on 1 of 3 steps."


def test_turning_the_two_around_turns_better_into_worse() -> None:
    first = journey_of({"ad": 20.0, "cart": 0.0}, n=12, seed=3)
    second = journey_of({"ad": 20.0, "cart": -35.0}, n=12, seed=4)
    assert [step.step_id for step in compare_maps(first, second, names=NAMES).worse] == ["cart"]
    assert [step.step_id for step in compare_maps(second, first, names=NAMES).better] == ["cart"]


def test_maps_of_the_same_people_differ_by_chance_only_as_rarely_as_is_claimed() -> None:
    levels = dict.fromkeys(("a", "b", "c", "d"), 0.0)
    alarms = 0
    for seed in range(60):
        one = journey_of(levels, n=6, seed=2 * seed + 100)
        other = journey_of(levels, n=6, seed=2 * seed + 101)
        found = compare_maps(one, other, names=NAMES, seed=seed)
        alarms += bool(found.better or found.worse)
    assert alarms <= 7  # 3 expected at 5 %, 8 and more in less than 1 % of runs


def test_steps_are_matched_by_id_whatever_their_length_and_order() -> None:
    first = journey_of({"ad": 10.0, "old": 0.0, "cart": -20.0}, n=6, seed=5)
    second = journey_of({"cart": -20.0, "ad": 10.0, "new": 0.0}, n=6, seed=6, seconds=17.0)
    found = compare_maps(first, second, names=NAMES)
    assert [step.step_id for step in found.steps] == ["cart", "ad"]
    assert (found.only_first, found.only_second) == (("Old",), ("New",))
    assert found.is_reordered
    assert found.position_s.shape == found.difference.shape == found.first.mean.shape
    assert np.all(np.diff(found.position_s) > 0)
    notes = " ".join(notes_of_comparison(found))
    assert "Old is only in Round 1 and not compared" in notes
    assert "another order in Round 1" in notes


def test_studies_without_a_shared_step_are_refused_with_both_lists() -> None:
    with pytest.raises(AnalysisError, match=r"no step in common.*ad there, cart here"):
        compare_maps(journey_of({"ad": 0.0}, n=3), journey_of({"cart": 0.0}, n=3), names=NAMES)


def test_small_groups_are_marked_and_those_too_small_are_not_tested() -> None:
    first, second = journey_of({"ad": -60.0}, n=3, seed=7), journey_of({"ad": 60.0}, n=3, seed=8)
    (step,) = compare_maps(first, second, names=NAMES).steps
    assert step.is_small
    assert step.p == pytest.approx(0.1)  # two of the twenty ways to share six people out
    assert verdict_of(step) == "few"
    alone = compare_maps(journey_of({"ad": -60.0}, n=1), second, names=NAMES)
    assert alone.steps[0].p is None
    assert headline_of(alone) == "Too few participants to test any step."


def test_a_study_without_sessions_can_stand_on_either_side() -> None:
    empty, full = journey_of({"ad": 0.0}, n=0), journey_of({"ad": 5.0}, n=4)
    for pair in ((empty, full), (full, empty)):
        found = compare_maps(*pair, names=NAMES)
        assert found.steps[0].p is None
        assert not np.isfinite(found.difference).any()
        assert any("no usable session" in note for note in notes_of_comparison(found))


def test_a_participant_counts_once_however_many_sessions() -> None:
    journey = journey_of({"ad": 10.0}, n=4, seed=9, people=("P01", "P01", "P02", "P03"))
    assert len(step_means(journey, journey.steps[0])) == 3


def test_holm_raises_by_rank_and_leaves_out_what_was_not_tested() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.06),
        pytest.approx(0.06),
    ]


def test_the_number_reaching_a_step_is_compared() -> None:
    first = journey_of({"ad": 0.0, "done": 0.0}, n=12, seed=10)
    second = journey_of({"ad": 0.0, "done": 0.0}, n=12, seed=11, reached={"done": 3})
    told = [
        one for one in sentences_of(compare_maps(first, second, names=NAMES)) if "reach" in one.text
    ]
    assert [one.text for one in told] == ["Fewer reach Done in Round 2: 3 of 12, against 12 of 12."]
    assert Path(first.sessions[0].summary.path).suffix == ".h5"


def test_the_probability_is_that_of_a_known_library() -> None:
    from scipy.stats import permutation_test

    first, second = journey_of({"ad": 0.0}, n=5, seed=12), journey_of({"ad": 8.0}, n=5, seed=13)
    (step,) = compare_maps(first, second, names=NAMES).steps
    before, after = (step_means(journey, journey.steps[0]) for journey in (first, second))
    known = permutation_test((before, after), lambda a, b: np.mean(a) - np.mean(b))
    assert step.p == pytest.approx(known.pvalue)
