"""Action units: the table of rules, and intensities against the neutral face."""

from __future__ import annotations

import numpy as np
import pytest
from made_faces import raw_with, rest_raw

from journeylab.inference.action_units import RULES, TERM_NAMES, intensities, raw_action_units
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


def unit(raw: np.ndarray, code: str) -> float:
    return float(intensities(raw, rest_raw())[ACTION_UNIT_COLUMNS.index(code)])


def test_every_action_unit_has_one_rule_in_known_terms() -> None:
    assert sorted(rule.code for rule in RULES) == sorted(ACTION_UNIT_COLUMNS)
    for rule in RULES:
        assert set(rule.terms) <= set(TERM_NAMES)
        assert set(rule.less) <= set(ACTION_UNIT_COLUMNS) - {rule.code}
        assert rule.full_scale > 0 and 0 <= rule.dead_band < 0.6 and rule.why


def test_the_neutral_face_has_no_action_units() -> None:
    assert intensities(rest_raw(), rest_raw()).max() == 0


@pytest.mark.parametrize("code", [c for c in ACTION_UNIT_COLUMNS if c not in ("AU14", "AU43")])
def test_a_unit_shows_as_strong_as_it_is(code: str) -> None:
    assert unit(raw_with(**{code: 0.7}), code) == pytest.approx(0.7, abs=0.01)


def test_one_sided_dimple_is_a_dimple() -> None:
    assert unit(raw_with(AU14L=0.8), "AU14") == pytest.approx(0.8, abs=0.01)


def test_half_a_dead_band_is_noise() -> None:
    raw = rest_raw()
    for at, code in enumerate(ACTION_UNIT_COLUMNS):
        rule = next(rule for rule in RULES if rule.code == code)
        raw[at] += 0.4 * rule.dead_band * rule.full_scale
    assert intensities(raw, rest_raw()).max() < 0.1


def test_a_smile_is_no_lip_press_and_no_lip_stretch() -> None:
    raw = raw_with(AU12=1.0)
    at = ACTION_UNIT_COLUMNS.index("AU24")
    raw[at] += 0.25 * next(rule for rule in RULES if rule.code == "AU24").full_scale
    assert unit(raw, "AU12") > 0.95
    assert unit(raw, "AU24") == 0
    assert unit(raw, "AU20") == 0


def test_closed_eyes_hide_what_the_lids_do() -> None:
    raw = raw_with(AU43=1.0, AU06=1.0, AU07=1.0)
    assert unit(raw, "AU43") == pytest.approx(1.0)
    assert unit(raw, "AU06") < 1e-9 and unit(raw, "AU07") < 1e-9


def test_many_faces_at_once_are_as_each_alone() -> None:
    terms = np.random.default_rng(4).normal(size=(6, len(TERM_NAMES)))
    together = raw_action_units(terms)
    for one, row in zip(terms, together, strict=True):
        assert raw_action_units(one) == pytest.approx(row)
    units = intensities(together, rest_raw())
    assert intensities(together[2], rest_raw()) == pytest.approx(units[2])


def test_a_lost_measure_stays_lost() -> None:
    raw = np.full(len(ACTION_UNIT_COLUMNS), np.nan)
    assert np.isnan(intensities(raw, rest_raw())).all()
