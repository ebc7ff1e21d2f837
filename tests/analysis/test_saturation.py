"""Curves of studies whose saturation is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysis.detectors.synthetic import Background, Effect, synthetic_study
from analysis.journeys import journey_of
from analysis.planted import Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.saturation import FoundBySize, ordinal, saturation_of
from journeylab.analysis.saturation_found import found_by_size, found_of, sizes_tried
from journeylab.analysis.signs import SignKind
from journeylab.study.folder import save_study


def test_the_trace_settles_as_participants_are_added() -> None:
    found = saturation_of(journey_of({"ad": 20.0, "cart": -20.0}, n=24, seed=1))
    assert found.change.shape == (23,)
    assert found.change[0] > 3 * found.change[-1]
    assert np.all(found.change_low <= found.change + 1e-9)
    assert found.settled_at is not None
    assert 3 <= found.settled_at < 24


def test_people_who_are_all_alike_settle_at_once() -> None:
    journey = journey_of({"ad": 10.0}, n=6, seed=2)
    same = journey.sessions[0].valence
    journey = replace(journey, sessions=tuple(replace(s, valence=same) for s in journey.sessions))
    found = saturation_of(journey)
    assert found.change == pytest.approx(np.zeros(5), abs=1e-9)
    assert found.settled_at == 2


def test_findings_are_those_the_detectors_find_on_fewer_participants() -> None:
    study = synthetic_study(
        12, [Effect(SignKind.FROWN, "compare", 0.85)], background=Background(), jitter=0.01
    )
    found = found_by_size(study, study.people)
    assert found.sizes.tolist() == sizes_tried(12)
    wanted = [one for one in find_findings(study) if one.is_alarm]
    assert found.n_findings == len(wanted) >= 2
    assert found.here[-1] == found.drawn[-1] == found.n_findings
    for size, n in zip(found.sizes, found.here, strict=True):
        alone = study.of_people(study.people[:size])
        kinds = {(o.kind, o.step_id, o.mood) for o in find_findings(alone) if o.is_alarm}
        assert n == sum((one.kind, one.step_id, one.mood) in kinds for one in wanted)
    load = next(place for place, one in enumerate(wanted) if one.kind == "cognitive_load")
    assert found.stays_from[load] <= 6  # ten of twelve frown


def test_what_takes_all_of_them_says_go_on_and_what_came_early_that_it_is_enough() -> None:
    journey = journey_of({"ad": 0.0}, n=24, seed=3)
    sizes, flat = np.array([3, 12, 24]), np.zeros(3)
    late = FoundBySize(sizes, np.array([0, 1, 2]), flat, np.array([12, 24]))
    early = replace(late, stays_from=np.array([3, 12]))
    none = replace(late, stays_from=np.empty(0, dtype=np.int64))
    assert saturation_of(journey, found=late).words.endswith(
        "; fewer would not have brought all 2 findings: go on."
    )
    words = saturation_of(journey, found=early).words
    assert "; the first 12 bring all 2 findings by themselves: " in words
    assert words.endswith("more participants like these would add little.")
    assert saturation_of(journey, found=none).words.endswith(
        "nothing was found that could come sooner."
    )
    assert saturation_of(journey, found=early).last_new == 12


def test_without_any_valence_nothing_is_called_settled() -> None:
    journey = journey_of({"ad": 10.0}, n=6, seed=2)
    nothing = np.full_like(journey.sessions[0].valence, np.nan)
    journey = replace(
        journey, sessions=tuple(replace(one, valence=nothing) for one in journey.sessions)
    )
    found = saturation_of(journey)
    assert np.isnan(found.change).all()
    assert found.settled_at is None
    assert found.words.startswith("No valence was measured")


def test_what_was_tried_is_kept_until_a_session_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journeylab.analysis import saturation_found

    folder = save_study(tmp_path / "study", study_of())
    folder.sessions_path.mkdir()
    for number in range(3):
        write_bundle(folder, Recipe(f"P0{number}", visits=(("ad", 3.0),), seed=number))
    journey = build_journey_map(folder)
    shares: list[float] = []
    first = found_of(folder, journey, progress=shares.append)
    assert shares == sorted(shares)
    assert len(first.sizes) == 1
    monkeypatch.setattr(saturation_found, "found_by_size", None)
    assert found_of(folder, journey).sizes.tolist() == first.sizes.tolist()


def test_trying_can_be_stopped() -> None:
    study = synthetic_study(12, [Effect(SignKind.FROWN, "compare", 0.85)])

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found_by_size(study, study.people, progress=stop)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_so_few_participants_are_told_as_too_few(n: int) -> None:
    found = saturation_of(journey_of({"ad": 0.0}, n=n))
    assert found.words.startswith("From three participants on")
    assert len(found.change) == max(n - 1, 0)
    assert len(found.people) == n


def test_ordinals_read_as_they_are_said() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd",
    ]  # fmt: skip
