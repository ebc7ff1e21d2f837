"""The demo study and one participant of it, made once."""

from __future__ import annotations

import pytest

from journeylab.app.played import SCREEN
from journeylab.assets import asset
from journeylab.simulation.participant import SimulatedParticipant
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.folder import StudyFolder, load_study


@pytest.fixture(scope="session")
def demo_study() -> StudyFolder:
    """The shipped study, to be read only."""
    return load_study(asset("demo-study"))


@pytest.fixture(scope="session")
def hurried(demo_study: StudyFolder) -> SimulatedParticipant:
    """A hurried participant on a phone, who rages at the checkout."""
    return SimulatedParticipant(
        demo_study.study,
        temper=TEMPERS["hurried"],
        device="mobile",
        seed=1,
        screen=SCREEN,
        pace=0.42,
    )
