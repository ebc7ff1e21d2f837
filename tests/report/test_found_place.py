"""What has no label of its own is reached from its neighbour's, and stands in every table."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis.planted import PlantedStudy, six_recipes

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.report.evidence import map_findings
from journeylab.report.found_place import place_of
from journeylab.report.map_trace import callout_target


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> JourneyMap:
    study = PlantedStudy(Path(tmp_path_factory.mktemp("found")), six_recipes())
    return build_journey_map(study.folder, open_bundle=study.open)


def test_a_valley_beside_high_load_is_listed_with_its_own_moments(journey: JourneyMap) -> None:
    label = next(one for one in journey.callouts if one.title == "High Cognitive Load")
    assert [one.title for one in label.beside] == ["Valley · AU4"]
    place = place_of(journey, callout_target(label))
    (beside,) = place.beside
    assert beside.title == "Valley · AU4"
    assert [one.t_ns for one in beside.choices] == [one.t_ns for one in label.beside[0].evidence]
    assert [one.t_ns for one in place.choices] == [one.t_ns for one in label.evidence]


def test_exports_list_it_after_its_neighbour(journey: JourneyMap) -> None:
    found = [one for one in map_findings(journey) if one.is_callout]
    titles = [one.title for one in found]
    at = titles.index("High Cognitive Load")
    assert titles[at + 1] == "Valley · AU4"
    assert found[at + 1].text.endswith(", beside “High Cognitive Load” on the map")
    assert found[at + 1].witnesses
    assert all(
        sum(callout_target(one) == each.target for one in journey.callouts) <= 1 for each in found
    )


def test_a_joy_peak_says_from_when_to_when(journey: JourneyMap) -> None:
    peaks = [one for one in map_findings(journey) if one.is_callout and one.kind == "joy"]
    assert peaks
    assert all(", from " in one.when and " to " in one.when for one in peaks)
