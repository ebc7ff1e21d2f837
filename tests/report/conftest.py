"""A planted journey to draw."""

from __future__ import annotations

import pytest
from analysis.planted import PlantedStudy, six_recipes

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> JourneyMap:
    """The journey of six planted participants."""
    study = PlantedStudy(tmp_path_factory.mktemp("planted"), six_recipes())
    return build_journey_map(study.folder, open_bundle=study.open)
