"""How severe a moment is: the same for the replay's list and for the moments behind the map."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from journeylab.analysis.severity import (
    JOYFUL,
    RULE_VERSION,
    WEIGHTS,
    severity_of_moment,
    severity_of_sign,
    severity_of_valence,
    severity_words,
    together,
)
from journeylab.analysis.signs import SignKind


def test_every_sign_that_speaks_of_anything_has_a_weight() -> None:
    silent = {SignKind.SURPRISE, SignKind.FRICTION}
    assert {kind for kind in SignKind if kind.value not in WEIGHTS} == silent
    assert all(0 < weight < 1 for weight in WEIGHTS.values())
    assert RULE_VERSION == "2"


def test_an_expression_weighs_the_more_the_stronger_and_behaviour_always_the_same() -> None:
    faint, strong = (severity_of_sign("contempt", level) for level in (0.25, 0.9))
    assert 0 < faint < strong <= WEIGHTS["contempt"]
    assert severity_of_sign("burst", 4.0) == severity_of_sign("burst", 1.0) == WEIGHTS["burst"]
    assert severity_of_sign("surprise", 1.0) == 0.0


def test_valence_weighs_from_where_the_trace_is_drawn_in_colour() -> None:
    assert severity_of_valence(-11.9) == severity_of_valence(math.nan) == 0.0
    assert severity_of_valence(-12.0) == pytest.approx(0.15)
    assert severity_of_valence(-40.0) == severity_of_valence(40.0)
    assert severity_of_valence(-100.0) == pytest.approx(WEIGHTS["valence"])


def test_a_sign_that_comes_again_counts_once_and_another_kind_adds() -> None:
    assert together([("frown", 0.4), ("frown", 0.3)]) == pytest.approx(0.4)
    assert together([("frown", 0.4), ("press", 0.5)]) == pytest.approx(1 - 0.6 * 0.5)
    assert together([]) == 0.0


def test_a_mere_place_is_ranked_by_how_far_from_neutral_a_moment_is_on_either_side() -> None:
    smiles = severity_of_moment([("smile", 0.9)], 70.0, kind="")
    frowns = severity_of_moment([("frown", 0.9)], -70.0, kind="")
    nothing = severity_of_moment([], 3.0, kind="")
    assert smiles > 0.6 and frowns > 0.6 and nothing == 0.0
    assert smiles == severity_of_moment([("smile", 0.9)], 70.0, kind="joy")
    assert severity_of_moment([("smile", 0.9)], 70.0, kind="negative") == 0.0


def test_the_words_follow_the_figure() -> None:
    assert [severity_words(one) for one in (0.2, 0.5, 0.8)] == ["slight", "notable", "severe"]


def test_the_published_table_is_the_rule() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "severity.md").read_text()
    rows = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| ")][1:]
    told = {name.strip(): (float(weight), side.strip()) for name, weight, side in rows}
    assert {name: weight for name, (weight, _) in told.items()} == dict(WEIGHTS)
    assert {name for name, (_, side) in told.items() if side == "joy"} == JOYFUL
