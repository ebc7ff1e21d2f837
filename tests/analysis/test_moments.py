"""From the map back to the seconds of a real bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis.planted import (
    SCREEN,
    START_NS,
    STORY,
    PlantedSession,
    Recipe,
    gaze_target,
    header_of,
    samples_of,
    study_of,
)
from analysis.planted_bundles import write_bundle

from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.moments import Moment, MomentChoice, moments_at, read_moment
from journeylab.analysis.replay import gaze_radius_of
from journeylab.analysis.sessions import summarise
from journeylab.bundle.reader import Bundle
from journeylab.clock import NS_PER_S
from journeylab.streams import Sample, row
from journeylab.study.folder import StudyFolder, save_study

VISITS = (("ad", 4.0), ("product", 5.0), ("compare", 5.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = save_study(tmp_path_factory.mktemp("study"), study_of())
    folder.prepare_for_writing()
    write_bundle(folder, Recipe("P01", visits=VISITS, frames=True))
    write_bundle(folder, Recipe("P02", visits=VISITS[::-1], seed=2, story=STORY[:2]))
    return folder


def _position_s(journey, step_id: str, share: float) -> float:
    step = next(step for step in journey.steps if step.step_id == step_id)
    return step.start_s + share * (step.end_s - step.start_s)


def test_the_session_nearest_to_the_click_comes_first(folder: StudyFolder) -> None:
    journey = build_journey_map(folder)
    at_s = _position_s(journey, "compare", 0.5)
    choices, first = moments_at(journey, at_s, valence=-60.0)
    assert [choice.summary.participant_id for choice in choices] == ["P02", "P01"]
    assert choices[first].summary.participant_id == "P01"
    _, first = moments_at(journey, at_s, valence=10.0)
    assert choices[first].summary.participant_id == "P02"
    only, _ = moments_at(journey, at_s, participants=("P02",))
    assert [choice.summary.participant_id for choice in only] == ["P02"]
    _, furthest = moments_at(journey, at_s)
    assert choices[furthest].summary.participant_id == "P01"


def test_a_moment_holds_the_face_and_screen_of_its_second(folder: StudyFolder) -> None:
    journey = build_journey_map(folder)
    choices, first = moments_at(journey, _position_s(journey, "compare", 0.5), valence=-60)
    choice = choices[first]
    assert choice.t_ns / NS_PER_S == pytest.approx(START_NS / NS_PER_S + 9 + 2.5, abs=0.1)
    with Bundle.open(choice.summary.path) as bundle:
        moment = read_moment(bundle, choice)
    assert moment.session_s == pytest.approx(11.5, abs=0.1)
    assert moment.valence == pytest.approx(-55, abs=6)
    assert moment.units[0][0] == "AU04"
    assert moment.units[0][1] == pytest.approx(0.7, abs=0.05)
    assert moment.face is not None
    assert moment.face.shape == (240, 320, 3)
    assert moment.screen is not None
    assert moment.gaze is not None
    target = np.array(gaze_target("compare", 0.5)) / (SCREEN.width_px, SCREEN.height_px)
    assert np.abs(np.array(moment.gaze) - target).max() < 0.06


def test_a_session_without_video_still_has_its_values(folder: StudyFolder) -> None:
    journey = build_journey_map(folder)
    choices, first = moments_at(journey, _position_s(journey, "ad", 0.55), participants=("P02",))
    with Bundle.open(choices[first].summary.path) as bundle:
        moment = read_moment(bundle, choices[first])
    assert moment.face is None
    assert moment.units[0][0] == "AU12"


def test_a_step_nobody_reached_has_no_moments(folder: StudyFolder) -> None:
    journey = build_journey_map(folder)
    choices, _ = moments_at(journey, _position_s(journey, "cart", 0.5), valence=0.0)
    assert choices == ()


def test_a_map_of_bundles_is_the_map_of_their_samples(folder: StudyFolder, tmp_path: Path) -> None:
    from analysis.planted import PlantedStudy

    planted = PlantedStudy(
        tmp_path,
        [
            Recipe("P01", visits=VISITS),
            Recipe("P02", visits=VISITS[::-1], seed=2, story=STORY[:2]),
        ],
    )
    real = build_journey_map(folder)
    synthetic = build_journey_map(planted.folder, open_bundle=planted.open)
    np.testing.assert_allclose(real.trace.mean, synthetic.trace.mean, atol=0.01)
    assert [s.insight for s in real.steps] == [s.insight for s in synthetic.steps]


def _moment_of(session: PlantedSession) -> Moment:
    t_ns = START_NS + 2 * NS_PER_S
    summary = summarise(session)
    return read_moment(session, MomentChoice(summary, "Ad", t_ns, 0.0, 1.0))  # type: ignore[arg-type]


class _Session(PlantedSession):
    """One without video."""

    def frame_at(self, _t_ns: int) -> None:
        return None


def _planted(*besides: Sample, gaze: bool = True) -> PlantedSession:
    recipe = Recipe("P05", visits=VISITS[:1], pictures=False, gaze=gaze)
    samples = sorted([*samples_of(recipe), *besides], key=lambda sample: sample.t_ns)
    return _Session(Path("P05.h5"), header_of(recipe, study_of()), samples)


def test_gaze_counts_in_the_pixels_of_the_display_of_that_time() -> None:
    usual = _moment_of(_planted())
    unknown = {"width_mm": float("nan"), "height_mm": float("nan")}
    larger = {"name": "other", "width_px": 2560, "height_px": 1600, "scale": 1.0, **unknown}
    moved = _moment_of(_planted(row("displays", START_NS + NS_PER_S, **larger)))
    assert usual.gaze is not None and moved.gaze is not None
    assert moved.gaze == pytest.approx((usual.gaze[0] / 2, usual.gaze[1] / 2))
    assert usual.gaze_spread == pytest.approx((45 / 1280, 45 / 800))


def test_where_no_sample_tells_its_error_the_halo_is_the_one_of_the_replay() -> None:
    samples = [
        row("gaze", START_NS + k * NS_PER_S // 10, x_px=600.0, y_px=400.0, uncertainty_px=np.nan)
        for k in range(40)
    ]
    session = _planted(*samples, gaze=False)
    moment = _moment_of(session)
    radius_px = gaze_radius_of(session)  # type: ignore[arg-type]
    assert np.isfinite(radius_px)
    assert moment.gaze_spread == pytest.approx((radius_px / 1280, radius_px / 800))
