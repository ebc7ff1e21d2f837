"""A simulated participant meets the variants that are written for her."""

from __future__ import annotations

import pytest

from journeylab.app.played import PlayedCast, script_of
from journeylab.assets import asset
from journeylab.simulation.tempers import TEMPERS
from journeylab.streams import Row
from journeylab.study.assignment import PREFIX
from journeylab.study.folder import StudyFolder, load_study
from journeylab.study.model import Stimulus, Variant


@pytest.fixture
def balanced() -> StudyFolder:
    """The demo study with another version of its first step."""
    folder = load_study(asset("demo-study"))
    other = Variant(id="b", stimulus=Stimulus(kind="page", url="http://127.0.0.1/other"))
    first, *rest = folder.study.steps
    steps = (first.model_copy(update={"variants": (other,)}), *rest)
    return StudyFolder(folder.path, folder.study.model_copy(update={"steps": steps}))


def test_each_simulated_participant_is_shown_the_variant_she_was_assigned(
    balanced: StudyFolder,
) -> None:
    own = balanced.study.steps[0]
    met = set()
    for number in range(8):
        cast = PlayedCast(f"P{number:02d}", next(iter(TEMPERS)), "desktop", seed=number)
        script = script_of(cast, folder=balanced, pace=0.2)
        assert script.assignment.segments["device"] == "desktop"
        onset = next(s for s in script.samples if isinstance(s, Row) and s.stream == "stimulus")
        variant = script.assignment.segments[PREFIX + own.id]
        shown = onset.values[2]
        assert shown == ("http://127.0.0.1/other" if variant == "b" else own.stimulus.path)
        met.add(variant)
    assert met == {"a", "b"}
