"""Action units: the networks on made measures, and what is set by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_faces import measures_with, rest_measures

from journeylab.inference.action_units import (
    CLOSURE,
    FITTED,
    FURROW,
    MODEL_VERSION,
    N_MEASURES,
    intensities,
    model,
    raw_action_units,
)
from journeylab.inference.shape import N_SHAPE, SHAPE_NAMES
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


def unit(measures: np.ndarray, code: str) -> float:
    return float(intensities(measures, rest_measures())[ACTION_UNIT_COLUMNS.index(code)])


def strongest(measures: np.ndarray) -> str:
    units = intensities(measures, rest_measures())[: ACTION_UNIT_COLUMNS.index("AU12L")]
    return ACTION_UNIT_COLUMNS[int(np.argmax(units))]


def test_the_shipped_model_is_of_this_version_and_these_measures() -> None:
    made = json.loads(model().made)
    assert made["version"] == MODEL_VERSION
    assert made["measures"] == list(SHAPE_NAMES)
    assert made["units"] == list(FITTED)
    assert model().resting.shape == (N_MEASURES,)


def test_the_neutral_face_has_no_action_units() -> None:
    assert intensities(rest_measures(), rest_measures()).max() < 0.02


@pytest.mark.parametrize("code", [c for c in FITTED if c not in ("AU07", "AU14", "AU25")])
def test_a_unit_alone_is_read_as_itself(code: str) -> None:
    assert strongest(measures_with(**{code: 1.0})) == code
    assert unit(measures_with(**{code: 1.0}), code) > 0.3


@pytest.mark.parametrize("code", ["AU01", "AU02", "AU04", "AU12", "AU15", "AU24", "AU26"])
def test_a_stronger_unit_reads_stronger(code: str) -> None:
    read = [unit(measures_with(**{code: value}), code) for value in (0.3, 0.6, 0.9)]
    assert read[0] < read[1] < read[2]


def test_who_one_is_does_not_matter_only_what_moved() -> None:
    other = rest_measures() + np.random.default_rng(3).normal(0, 0.05, N_MEASURES)
    moved = measures_with(AU12=0.8) - rest_measures()
    assert intensities(other + moved, other) == pytest.approx(
        intensities(measures_with(AU12=0.8), rest_measures())
    )


def test_a_smile_is_no_lip_press_and_a_smile_that_bares_the_teeth_is_no_sneer() -> None:
    assert unit(measures_with(AU12=1.0), "AU24") < 0.1
    toothy = measures_with(AU12=0.9, AU10=0.6, AU25=0.5)
    assert unit(toothy, "AU12") > 0.5
    assert unit(toothy, "AU10") < 0.3
    assert unit(toothy, "AU15") < 0.1


def test_speaking_is_no_emotion() -> None:
    speaking = measures_with(AU25=0.6, AU26=0.4)
    for code in ("AU01", "AU04", "AU09", "AU12", "AU15", "AU24"):
        assert unit(speaking, code) < 0.15, code


def test_wrinkles_between_the_brows_tell_of_a_furrow_the_mesh_does_not_follow() -> None:
    assert unit(measures_with(furrow=0.7), "AU04") > 0.6
    assert unit(measures_with(furrow=0.2), "AU04") < 0.02
    together = measures_with(furrow=0.7, AU04=0.5)
    assert unit(together, "AU04") > unit(measures_with(AU04=0.5), "AU04")


def test_one_side_is_told_from_the_other() -> None:
    right = rest_measures()
    right[:N_SHAPE] += model().typical[FITTED.index("AU12")]
    units = dict(zip(ACTION_UNIT_COLUMNS, intensities(right, rest_measures()), strict=True))
    assert units["AU12R"] > units["AU12L"] + 0.2


def test_closed_eyes_hide_what_the_lids_do() -> None:
    closed = measures_with(AU43=1.0, AU06=1.0, AU07=1.0)
    assert unit(closed, "AU43") == pytest.approx(1.0)
    assert unit(closed, "AU06") < 1e-9 and unit(closed, "AU07") < 1e-9


def test_many_faces_at_once_are_as_each_alone() -> None:
    measures = rest_measures() + np.random.default_rng(4).normal(0, 0.03, (6, N_MEASURES))
    raw, units = raw_action_units(measures), intensities(measures, rest_measures())
    for at, one in enumerate(measures):
        assert raw_action_units(one) == pytest.approx(raw[at])
        assert intensities(one, rest_measures()) == pytest.approx(units[at])


def test_a_lost_measure_stays_lost() -> None:
    lost = np.full(N_MEASURES, np.nan)
    assert np.isnan(intensities(lost, rest_measures())).all()
    assert np.isnan(raw_action_units(lost)).all()


def test_furrow_and_closure_are_the_last_measures() -> None:
    assert (FURROW, CLOSURE) == (2 * N_SHAPE, 2 * N_SHAPE + 1)
