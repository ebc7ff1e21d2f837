"""The planted story: who feels what, where, on which device."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.simulation.reactions import Feeling, reactions_to
from journeylab.simulation.tempers import TEMPERS
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind


def _share(folder: StudyFolder, step_id: str, device: str, feeling: Feeling) -> float:
    """Share of many participants of all tempers who feel it on the step."""
    hits = [
        any(
            reaction.feeling is feeling
            for reaction in reactions_to(
                folder.study.step(step_id),
                study=folder.study,
                temper=temper,
                device=device,
                duration_s=10.0,
                rng=np.random.default_rng(seed),
            )
        )
        for seed in range(40)
        for temper in TEMPERS.values()
    ]
    return float(np.mean(hits))


@pytest.mark.parametrize(
    ("step_id", "device", "feeling"),
    [
        ("ad", "desktop", Feeling.JOY),
        ("product", "mobile", Feeling.AHA),
        ("compare", "desktop", Feeling.CONFUSION),
        ("checkout", "mobile", Feeling.FRUSTRATION),
        ("confirmed", "desktop", Feeling.JOY),
    ],
)
def test_most_people_feel_what_was_planted(
    demo_study: StudyFolder, step_id: str, device: str, feeling: Feeling
) -> None:
    assert _share(demo_study, step_id, device, feeling) > 0.75


@pytest.mark.parametrize(
    ("step_id", "device", "feeling"),
    [
        ("landing", "desktop", Feeling.JOY),
        ("compare", "mobile", Feeling.CONFUSION),
        ("checkout", "desktop", Feeling.FRUSTRATION),
        ("cart", "desktop", Feeling.JOY),
    ],
)
def test_few_feel_what_was_not(
    demo_study: StudyFolder, step_id: str, device: str, feeling: Feeling
) -> None:
    assert _share(demo_study, step_id, device, feeling) < 0.35


def test_unboxing_is_mixed(demo_study: StudyFolder) -> None:
    assert 0.2 < _share(demo_study, "unboxing", "desktop", Feeling.CONTEMPT) < 0.7
    assert 0.2 < _share(demo_study, "unboxing", "desktop", Feeling.JOY) < 0.7


def test_reactions_lie_inside_their_step(demo_study: StudyFolder) -> None:
    for step in demo_study.study.steps:
        for seed in range(30):
            for reaction in reactions_to(
                step,
                study=demo_study.study,
                temper=TEMPERS["anxious"],
                device="mobile",
                duration_s=6.0,
                rng=np.random.default_rng(seed),
            ):
                assert 0 < reaction.start_s < reaction.end_s < 6.0
                assert 0 < reaction.strength <= 1


def test_any_other_study_gets_reactions_of_its_own_that_all_share() -> None:
    steps = tuple(
        Step(id=f"page-{i}", title="Page", stimulus=Stimulus(kind=StimulusKind.PAGE, path="a.html"))
        for i in range(12)
    )
    study = Study(id="other", title="Other", steps=steps)

    def felt(seed: int) -> list[set[Feeling]]:
        rng = np.random.default_rng(seed)
        return [
            {
                reaction.feeling
                for reaction in reactions_to(
                    step,
                    study=study,
                    temper=TEMPERS["delighted"],
                    device="",
                    duration_s=10.0,
                    rng=rng,
                )
            }
            for step in steps
        ]

    by_step = [
        set().union(*feelings) for feelings in zip(*(felt(s) for s in range(20)), strict=True)
    ]
    assert all(len(feelings) <= 1 for feelings in by_step), "one tendency a step"
    assert len(set().union(*by_step)) >= 3, "and not the same on all"
