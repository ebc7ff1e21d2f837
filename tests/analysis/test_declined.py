"""What participants declined: the map, the replay and the summary stand without it, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import (
    PLAN,
    START_NS,
    PlantedStudy,
    Recipe,
    header_of,
    samples_of,
    study_of,
)

from journeylab.analysis.declined import declined_by, declined_words, why_absent
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.recap import recap_of
from journeylab.analysis.replay import read_track
from journeylab.analysis.sessions import summarise
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.report.export import export_scene
from journeylab.report.scene import Text
from journeylab.report.tables import map_tables
from journeylab.session.consent import AGREED_TO_ALL, CONSENT_KEYS, agreement, storable_streams
from journeylab.streams import Sample
from journeylab.study.privacy import Privacy

VISITS = tuple((plan[0], 3.0) for plan in PLAN)


def _recipe(participant_id: str = "P01", **declined: str) -> Recipe:
    consent = {**AGREED_TO_ALL, **declined}
    record = agreement(consent, privacy=Privacy(), clock=VirtualClock())
    return Recipe(participant_id, visits=VISITS, consent=record)


def _only_agreed(samples: list[Sample], consent: Mapping[str, str]) -> list[Sample]:
    streams = storable_streams(consent)
    return [sample for sample in samples if sample.stream in streams]


def _study(path: Path, *recipes: Recipe) -> PlantedStudy:
    """A study whose sessions hold what was agreed to, and nothing else."""
    study = PlantedStudy(path, recipes)
    for session in study._sessions.values():
        session._samples = _only_agreed(list(session._samples), session.header.consent)
    return study


def _written(study: PlantedStudy, recipe: Recipe) -> Path:
    """A real bundle of what was agreed to."""
    clock = VirtualClock(start_ns=START_NS)
    path = study.folder.sessions_path / f"{recipe.participant_id}.h5"
    writer = BundleWriter(path, header_of(recipe, study.folder.study), clock=clock)
    samples = _only_agreed(samples_of(recipe), recipe.consent)
    clock.sleep_until_ns(samples[-1].t_ns)
    writer.write(samples)
    writer.close()
    return finalise(writer.journal_path)


def _map(study: PlantedStudy) -> JourneyMap:
    return build_journey_map(study.folder, open_bundle=study.open)  # type: ignore[arg-type]


ALL_NO = dict.fromkeys(CONSENT_KEYS, "no")


@pytest.mark.parametrize(
    ("declined", "words"),
    [
        ({"emotion_recognition": "no"}, "Emotion recognition: declined by every participant."),
        ({"gaze": "no"}, "Gaze: declined by every participant."),
        ({"pointer": "no"}, "The mouse: declined by every participant."),
        ({"page": "no"}, "Declined by participants: page visits and clicks in 2 of 2 sessions."),
        ({"screen": "no"}, "Declined by participants: pictures of the screen in 2 of 2 sessions."),
        (ALL_NO, "Emotion recognition: declined by every participant."),
    ],
)
def test_the_map_stands_without_it_and_says_that_it_was_declined(
    tmp_path: Path, declined: dict[str, str], words: str
) -> None:
    study = _study(tmp_path / "s", _recipe("P01", **declined), _recipe("P02", **declined))
    journey = _map(study)
    assert words in journey.notes
    assert journey.n_usable == 2
    assert {session.summary.grade for session in journey.sessions} == {"A"}
    said = " ".join(journey.notes)
    for missing in ("was measured on any step", "No mouse was recorded", "was calibrated"):
        if declined is ALL_NO:
            assert missing not in said
    words_drawn = [item.text for item in export_scene(journey).items if isinstance(item, Text)]
    drawn = "gaze declined" if declined.get("gaze") == "no" else "no gaze measured"
    assert drawn in words_drawn or "gaze" not in declined


def test_one_of_three_who_declines_is_counted(tmp_path: Path) -> None:
    study = _study(
        tmp_path, _recipe("P01"), _recipe("P02", emotion_recognition="no"), _recipe("P03")
    )
    journey = _map(study)
    assert "Declined by participants: emotion recognition in 1 of 3 sessions." in journey.notes
    assert np.nanmax(journey.trace.n_people) == 2
    sessions = next(one for one in map_tables(journey) if one.name == "sessions")
    assert sorted(sessions.values["declined"]) == ["", "", "emotion_recognition"]


def test_the_replay_of_a_bundle_in_which_much_was_declined(tmp_path: Path) -> None:
    recipe = _recipe(gaze="no", emotion_recognition="no", pointer="no")
    study = PlantedStudy(tmp_path, [])
    with Bundle.open(_written(study, recipe)) as bundle:
        track = read_track(bundle)
        recap = recap_of(bundle, study.folder.study, has_sound=False)
    assert {"Gaze: declined.", "The mouse: declined.", "Emotion recognition: declined."} <= set(
        track.missing
    )
    assert not [one for one in recap.to_redo if "Gaze" in one or "camera" in one or "face" in one]


def test_a_session_without_a_face_that_nobody_agreed_to_is_as_good_as_it_is_whole(
    tmp_path: Path,
) -> None:
    study = _study(tmp_path, _recipe(**ALL_NO))
    (session,) = study._sessions.values()
    summary = summarise(session)  # type: ignore[arg-type]
    assert (summary.grade, summary.reason) == ("A", "Face and gaze: declined, and not judged.")
    assert summary.declined == tuple(CONSENT_KEYS)


def test_what_a_study_rules_out_is_not_said_to_be_declined() -> None:
    privacy = Privacy(features_only=True)
    record = agreement(AGREED_TO_ALL, privacy=privacy, clock=VirtualClock())
    header = header_of(Recipe(consent=record), study_of())
    assert declined_by(header) == ()
    assert why_absent(header, "face_video", otherwise="") == "Face video: ruled out by the study."


def test_a_session_that_was_asked_by_an_older_text_declined_nothing_it_was_not_asked() -> None:
    old = {"face_video": "yes", "audio": "no", "screen": "yes", "emotion_recognition": "yes"}
    header = header_of(Recipe(consent=old), study_of())
    assert declined_by(header) == ("audio",)
    assert declined_words([declined_by(header), ()]) == (
        "Declined by participants: voice in 1 of 2 sessions."
    )
