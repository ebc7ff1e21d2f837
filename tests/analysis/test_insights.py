"""Every sentence is followed back: its witnesses are those it counts, and show it at their time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.detectors.synthetic import Background, Effect, synthetic_study
from analysis.planted import PLAN, SCREEN, Bump, PlantedStudy, Recipe, six_recipes

from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.finding import Evidence, FindingKind
from journeylab.analysis.insights import StepEvidence, insight_of
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.signs import SignKind
from journeylab.clock import NS_PER_S
from journeylab.report.evidence import map_findings
from journeylab.streams import row

VISITS = tuple((plan[0], plan[3]) for plan in PLAN)


class Followed:
    """A map with the sessions it was made of."""

    def __init__(self, path: Path, recipes: Sequence[Recipe]) -> None:
        self.study = PlantedStudy(path, recipes)
        self.sessions = {
            session.header.session_id: session
            for session in (self.study.open(file) for file in self.study.folder.bundles())
        }

    def add(self, place: int, rows: Sequence[object]) -> None:
        """Samples besides the planted ones."""
        samples = list(self.sessions.values())[place]._samples
        samples += rows
        samples.sort(key=lambda sample: sample.t_ns)

    def map(self) -> JourneyMap:
        return build_journey_map(self.study.folder, open_bundle=self.study.open)

    def level(self, moment: Evidence, stream: str, column: str) -> float:
        """A column's value at a moment."""
        table = self.sessions[moment.session_id].table(stream, columns=(column,))
        return float(table[column][np.argmin(np.abs(table.t_ns - moment.t_ns))])

    def start_ns(self, place: int, step_id: str) -> int:
        table = list(self.sessions.values())[place].table("steps")
        return next(
            int(t) for t, one in zip(table.t_ns, table["step_id"], strict=True) if one == step_id
        )


def _insight(journey: JourneyMap, step_id: str):  # type: ignore[no-untyped-def]
    return next(step.insight for step in journey.steps if step.step_id == step_id)


def _counts(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"(\d+) of \d+", text)]


def _clauses(journey: JourneyMap, step_id: str) -> list[list[Evidence]]:
    """The moments of each clause of a step's sentence, by the numbers it tells."""
    insight = _insight(journey, step_id)
    counts, moments = _counts(insight.text), list(insight.evidence)
    assert sum(counts) == len(moments), insight
    return [[moments.pop(0) for _ in range(count)] for count in counts]


def _assert_witnesses(journey: JourneyMap, step_id: str) -> None:
    """Who is shown behind a sentence is who it counts."""
    insight = _insight(journey, step_id)
    found = next(
        one for one in map_findings(journey) if one.step.step_id == step_id and not one.is_callout
    )
    assert {one.participant_id for one in found.witnesses} == set(insight.participants)
    assert [one.choice.t_ns for one in found.witnesses] == [one.t_ns for one in insight.evidence]


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> tuple[Followed, JourneyMap]:
    followed = Followed(tmp_path_factory.mktemp("six"), six_recipes())
    return followed, followed.map()


def test_everybody_a_cue_counts_shows_it_then(six: tuple[Followed, JourneyMap]) -> None:
    followed, journey = six
    for step_id, unit in (("ad", "AU12"), ("confirmed", "AU12"), ("compare", "AU04")):
        _assert_witnesses(journey, step_id)
        for moment in _clauses(journey, step_id)[0]:
            assert followed.level(moment, "action_units", unit) >= 0.3


def test_who_clicks_repeatedly_is_shown_while_clicking(six: tuple[Followed, JourneyMap]) -> None:
    followed, journey = six
    _assert_witnesses(journey, "checkout")
    assert _insight(journey, "checkout").text.endswith("3 of 6 click repeatedly.")
    pressing, clicking = _clauses(journey, "checkout")
    assert all(followed.level(one, "action_units", "AU24") >= 0.3 for one in pressing)
    assert [one.participant_id for one in clicking] == ["P02", "P04", "P06"]
    for moment in clicking:
        pointer = followed.sessions[moment.session_id].table("pointer", columns=("action",))
        presses_ns = pointer.t_ns[np.asarray(pointer["action"]) == 1]
        assert np.sum(np.abs(presses_ns - moment.t_ns) <= 1.5 * NS_PER_S) >= 3


def test_what_no_test_stands_behind_says_so(six: tuple[Followed, JourneyMap]) -> None:
    _, journey = six
    flat = _insight(journey, "cart")
    assert flat.certainty == "Measured, not tested."
    joined = _insight(journey, "checkout")
    assert joined.certainty.startswith("Likely: ")
    assert joined.certainty.endswith("What stands second: counted, not tested.")


def test_a_refused_field_is_followed_to_its_second(tmp_path: Path) -> None:
    followed = Followed(tmp_path, [Recipe(f"P{n}", story=(), seed=n) for n in range(6)])
    told_ns = {}
    for place in (1, 4):
        told_ns[f"P{place}"] = followed.start_ns(place, "checkout") + 3 * NS_PER_S
        nowhere = {"page_x_px": 0.0, "page_y_px": 0.0, "scroll_x_px": 0.0, "scroll_y_px": 0.0}
        followed.add(
            place,
            [
                row(
                    "page",
                    told_ns[f"P{place}"],
                    kind="invalid",
                    url="checkout.html",
                    selector="#card",
                    detail="",
                    **nowhere,
                )
            ],
        )
    journey = followed.map()
    insight = _insight(journey, "checkout")
    assert insight.text.endswith("; 2 of 6 have a form field refused.")
    _assert_witnesses(journey, "checkout")
    assert {one.participant_id: one.t_ns for one in insight.evidence} == told_ns


def test_who_comes_back_is_shown_coming_back(tmp_path: Path) -> None:
    looping = tuple((step, 4.0) for step in ("ad", "product", "compare", "product", "cart"))
    once = tuple((step, 4.0) for step in ("ad", "product", "compare", "cart"))
    visits = (looping, looping, once, once)
    followed = Followed(
        tmp_path,
        [Recipe(f"P{n}", story=(), visits=own, seed=n) for n, own in enumerate(visits)],
    )
    journey = followed.map()
    insight = _insight(journey, "product")
    assert insight.text.endswith("; 2 of 4 come back to it.")
    assert insight.participants == ("P0", "P1")
    for moment in insight.evidence:
        steps = followed.sessions[moment.session_id].table("steps")
        at = list(steps.t_ns).index(moment.t_ns)
        assert (steps["step_id"][at], steps["phase"][at], steps["visit"][at]) == (
            "product",
            "start",
            2,
        )


def test_who_looks_beside_the_screen_does_so_then(tmp_path: Path) -> None:
    recipes = [Recipe(f"P{n}", story=(), visits=VISITS, seed=n, gaze=False) for n in range(4)]
    followed = Followed(tmp_path, recipes)
    for place in range(4):
        begin_ns = followed.start_ns(place, "cart")
        is_away = place in (0, 3)
        rows = []
        for k in range(60):
            beside = is_away and 20 <= k < 55
            x_px = SCREEN.width_px + 500.0 if beside else 600.0
            t_ns = begin_ns + k * NS_PER_S // 10
            rows.append(row("gaze", t_ns, x_px=x_px, y_px=400.0, uncertainty_px=40.0))
        followed.add(place, rows)
    journey = followed.map()
    insight = _insight(journey, "cart")
    assert insight.text.endswith("; 2 of 4 look beside the screen.")
    assert insight.participants == ("P0", "P3")
    assert all(followed.level(one, "gaze", "x_px") > SCREEN.width_px for one in insight.evidence)


def test_a_fallen_level_names_those_who_are_below(tmp_path: Path) -> None:
    low, high = (Bump("cart", 0.5, 0.8, -40.0),), (Bump("cart", 0.5, 0.8, 15.0),)
    recipes = [
        Recipe(f"P{n}", story=low if n < 4 else high, visits=VISITS, seed=n) for n in range(6)
    ]
    followed = Followed(tmp_path, recipes)
    journey = followed.map()
    insight = _insight(journey, "cart")
    assert re.fullmatch(
        r"Valence falls to −\d+, with 4 of 6 below neutral there\.", insight.text
    ), insight.text
    assert insight.participants == ("P0", "P1", "P2", "P3")
    assert insight.certainty == "Measured, not tested."
    assert all(followed.level(one, "affect", "valence") < 0 for one in insight.evidence)


def test_most_of_them_in_a_third_is_not_all_of_them(tmp_path: Path) -> None:
    late, early = (
        (Bump("ad", 0.85, 0.2, 50, {"AU12": 0.8}),),
        (Bump("ad", 0.15, 0.2, 50, {"AU12": 0.8}),),
    )
    recipes = [
        Recipe(f"P{n}", story=early if n == 0 else late, visits=VISITS, seed=n) for n in range(4)
    ]
    journey = Followed(tmp_path, recipes).map()
    assert _insight(journey, "ad").text == "4 of 4 smile, most of them in the last third."


def test_the_certainty_of_a_peak_elsewhere_is_not_lent_to_a_cue() -> None:
    """Some frown early on; the valley that was tested is of others, and late."""
    study = synthetic_study(
        24,
        [Effect(SignKind.PRESS, "product", 0.8, at=0.8)],
        background=Background(sway=1.0),
        jitter=0.01,
    )
    valley = next(one for one in find_findings(study) if one.kind is FindingKind.VALLEY)
    part = study.grid.part("product")
    evidence = StepEvidence(
        "product",
        part,
        tuple(_frowning_early(one, part, n) for n, one in enumerate(study.sessions)),
        study.mean[part],
        study.position_s[part],
        has_screen=False,
        findings=(valley,),
    )
    insight = insight_of(evidence)
    assert insight.text.startswith("6 of 24 frown (AU4)")
    assert insight.certainty == "Counted, not tested."
    assert {one.participant_id for one in insight.evidence} == set(insight.participants)
    assert len(insight.participants) == 6


def _frowning_early(session, part: slice, place: int):  # type: ignore[no-untyped-def]
    from journeylab.analysis.reading import SIGNALS

    signals = session.signals.copy()
    for name in ("AU04", "AU12", "AU14L", "AU14R", "AU15", "AU24"):
        signals[:, SIGNALS.index(name)] = 0.0
    if place < 6:
        early = slice(part.start + 4, part.start + 20)
        signals[early, SIGNALS.index("AU04")] = 0.8
    return replace(session, signals=signals)
