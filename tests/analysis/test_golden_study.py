"""Thirty planted participants, written as real bundles, and what the map finds in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis.planted_golden import (
    TRUTHS,
    cast_of,
    golden_folder,
    golden_map,
    missed,
    not_planted,
    write_golden_bundle,
)

from journeylab.analysis.detectors.finding import FindingKind, Sureness
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map

pytestmark = pytest.mark.timeout(900)  # thirty sessions are synthesised and written


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> JourneyMap:
    folder = golden_folder(tmp_path_factory.mktemp("golden"))
    for person in cast_of(30, seed=1):
        write_golden_bundle(folder, person)
    return build_journey_map(folder)


def test_every_planted_truth_is_found_in_its_step_segment_and_area(journey: JourneyMap) -> None:
    assert missed(journey.findings) == []


def test_at_most_one_finding_was_not_planted(journey: JourneyMap) -> None:
    assert len(not_planted(journey.findings)) <= 1


def test_each_truth_is_told_on_the_map_with_who_when_and_how_sure(journey: JourneyMap) -> None:
    insights = {step.step_id: step.insight for step in journey.steps}
    for truth in TRUTHS:
        insight = insights[truth.step_id]
        assert insight.participants
        assert {one.participant_id for one in insight.evidence} <= set(insight.participants)
        assert insight.evidence
        assert insight.certainty.startswith("Sure: chance alone gives as much in ")
        if truth.area is not None and truth.kind is not FindingKind.GREEN_PEAK:
            assert truth.area in insight.text
        if truth.segment is not None:
            assert truth.segment in insight.text


def test_every_moment_of_the_evidence_lies_in_its_session(journey: JourneyMap) -> None:
    sessions = {one.summary.session_id: one for one in journey.sessions}
    for finding in journey.findings:
        assert finding.sureness in (Sureness.SURE, Sureness.LIKELY) or not finding.is_alarm
        for moment in finding.evidence:
            known_ns = sessions[moment.session_id].t_ns
            known_ns = known_ns[known_ns >= 0]
            assert known_ns.min() - 1e9 <= moment.t_ns <= known_ns.max() + 1e9


def test_where_nothing_was_planted_at_most_one_thing_is_found(tmp_path: Path) -> None:
    found = golden_map(tmp_path, cast_of(30, seed=101, story=())).findings
    assert sum(one.is_alarm for one in found) <= 1
