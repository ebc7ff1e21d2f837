"""Curves of studies whose saturation is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from analysis.journeys import journey_of

from journeylab.analysis.detectors.finding import Finding, FindingKind
from journeylab.analysis.saturation import ordinal, saturation_of


def _finding(*people: str) -> Finding:
    return Finding(
        FindingKind.VALLEY,
        "valley 1",
        "ad",
        0,
        1,
        2,
        "negative",
        "Valley",
        people,
        12,
        -30,
        "valence",
    )


def test_the_trace_settles_as_participants_are_added() -> None:
    found = saturation_of(journey_of({"ad": 20.0, "cart": -20.0}, n=24, seed=1))
    assert found.change.shape == (23,)
    assert found.change[0] > 3 * found.change[-1]
    assert np.all(found.change_low <= found.change + 1e-9)
    assert found.settled_at is not None
    assert 3 <= found.settled_at < 24


def test_people_who_are_all_alike_settle_at_once() -> None:
    journey = journey_of({"ad": 10.0}, n=6, seed=2)
    same = journey.sessions[0].valence
    journey = replace(journey, sessions=tuple(replace(s, valence=same) for s in journey.sessions))
    found = saturation_of(journey)
    assert found.change == pytest.approx(np.zeros(5), abs=1e-9)
    assert found.settled_at == 2


def test_an_insight_counts_from_its_second_participant_on() -> None:
    findings = (_finding("P01", "P02"), _finding("P03", "P05", "P06"))
    found = saturation_of(journey_of({"ad": 0.0}, n=8, seed=3, findings=findings))
    assert found.people == tuple(f"P{n:02d}" for n in range(1, 9))
    assert found.insights_here.tolist() == [0, 1, 1, 1, 2, 2, 2, 2]
    assert found.last_new == 5
    assert found.insights[-1] == found.n_insights == 2
    assert np.all(np.diff(found.insights) >= 0)
    assert "the last new insight came with the 5th" in found.words


def test_a_new_insight_with_the_last_participant_says_go_on() -> None:
    found = saturation_of(journey_of({"ad": 0.0}, n=4, seed=4, findings=(_finding("P01", "P04"),)))
    assert found.words.endswith("and brought a new insight: go on.")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_so_few_participants_are_told_as_too_few(n: int) -> None:
    found = saturation_of(journey_of({"ad": 0.0}, n=n))
    assert found.words.startswith("From three participants on")
    assert len(found.change) == max(n - 1, 0)
    assert len(found.insights) == n


def test_ordinals_read_as_they_are_said() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd",
    ]  # fmt: skip
