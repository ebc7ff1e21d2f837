"""Moments by what was seen in them and how severe that is."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from analysis.planted import PlantedStudy, Recipe

from journeylab.analysis.alignment import Visit, grid_of
from journeylab.analysis.moment_signs import (
    into_step_s,
    seen_moments,
    severity_of,
    signs_of,
    words_of,
)
from journeylab.analysis.moments import MomentChoice
from journeylab.analysis.reading import AlignedSession, read_session
from journeylab.analysis.sessions import summarise
from journeylab.analysis.severity import severity_of_sign, severity_of_valence, together
from journeylab.analysis.signs import Sign, SignKind, Spot
from journeylab.clock import NS_PER_S


def _sign(kind: SignKind, at_s: float, strength: float, name: str = "") -> Sign:
    at_ns = round(at_s * NS_PER_S)
    return Sign(kind, "compare", at_ns, at_ns + NS_PER_S, strength, Spot(name))


def _sessions(tmp_path: Path, signs: dict[str, tuple[Sign, ...]]) -> list[AlignedSession]:
    study = PlantedStudy(tmp_path, [Recipe(name, seed=n) for n, name in enumerate(signs)])
    found = []
    for path, own in zip(study.folder.bundles(), signs.values(), strict=True):
        bundle = study.open(path)
        session = read_session(
            bundle, summary=summarise(bundle), grid=grid_of(study.folder.study.steps)
        )
        found.append(replace(session, signs=own))
    return found


def _choice(session: AlignedSession, at_s: float, valence: float) -> MomentChoice:
    return MomentChoice(session.summary, "Compare", round(at_s * NS_PER_S), valence, 1.0)


def test_the_most_severe_moment_comes_first_with_what_was_seen(tmp_path: Path) -> None:
    sessions = _sessions(
        tmp_path,
        {
            "P01": (_sign(SignKind.FROWN, 10, 0.5),),
            "P02": (_sign(SignKind.FROWN, 10, 0.9, "Comparison table"),),
            "P03": (_sign(SignKind.FROWN, 30, 0.9),),
        },
    )
    choices = [_choice(one, 10.5, -40.0) for one in sessions]
    seen = seen_moments(choices, [signs_of(one) for one in sessions], kind="negative")
    assert [one.choice.summary.participant_id for one in seen] == ["P02", "P01", "P03"]
    assert seen[0].words == "frown (AU4) .90 · at Comparison table"
    assert seen[2].words == "no sign held; valence −40"
    frown, valence = severity_of_sign("frown", 0.9), severity_of_valence(-40.0)
    assert seen[0].severity == pytest.approx(1 - (1 - frown) * (1 - valence))


def test_on_a_peak_of_joy_a_mere_point_shows_who_smiled_first(tmp_path: Path) -> None:
    sessions = _sessions(
        tmp_path,
        {
            "P01": (),
            "P02": (_sign(SignKind.SMILE, 10, 0.9),),
            "P03": (_sign(SignKind.SMILE, 10, 0.4),),
        },
    )
    valences = (2.0, 80.0, 40.0)
    choices = [_choice(one, 10.5, valence) for one, valence in zip(sessions, valences, strict=True)]
    seen = seen_moments(choices, [signs_of(one) for one in sessions], kind="")
    assert [one.choice.summary.participant_id for one in seen] == ["P02", "P03", "P01"]


def test_for_joy_smiles_count_and_frowns_do_not() -> None:
    smile, frown = _sign(SignKind.SMILE, 1, 0.8), _sign(SignKind.FROWN, 1, 0.9)
    happy = together([("smile", severity_of_sign("smile", 0.8)), ("v", severity_of_valence(50.0))])
    assert severity_of([smile, frown], 50.0, kind="joy") == pytest.approx(happy)
    trouble = severity_of([smile, frown], 50.0, kind="negative")
    assert trouble == pytest.approx(severity_of_sign("frown", 0.9))


def test_surprise_speaks_for_neither_and_clicks_in_vain_at_full_strength() -> None:
    assert severity_of([_sign(SignKind.SURPRISE, 1, 1.0)], 0.0, kind="") == 0.0
    assert severity_of([_sign(SignKind.BURST, 1, 4.0)], math.nan, kind="") == pytest.approx(0.6)
    assert words_of([_sign(SignKind.BURST, 1, 4.0)], math.nan) == "clicks in vain"


def test_without_face_and_sign_it_says_so() -> None:
    assert words_of((), math.nan) == "no face measured"


def test_the_time_into_a_step_counts_from_its_first_entering() -> None:
    visits = (
        Visit("ad", 0, 10 * NS_PER_S),
        Visit("cart", 10 * NS_PER_S, 20 * NS_PER_S),
        Visit("ad", 20 * NS_PER_S, 30 * NS_PER_S, 2),
    )
    assert into_step_s(visits, 12 * NS_PER_S) == 2.0
    assert into_step_s(visits, 21 * NS_PER_S) == 21.0
    assert math.isnan(into_step_s(visits, 40 * NS_PER_S))
