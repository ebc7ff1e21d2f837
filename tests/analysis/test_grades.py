"""How sessions are graded, and the reason in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis.planted import PLAN, PlantedSession, Recipe, header_of, samples_of, study_of

from journeylab.analysis.sessions import summarise, unreadable
from journeylab.streams import row

SHORT = tuple((plan[0], 2.0) for plan in PLAN)


def _summary(recipe: Recipe, *extra: object, **attributes: object):
    samples = [*samples_of(recipe), *extra]
    session = PlantedSession(
        Path("sessions/P01.h5"), header_of(recipe, study_of()), samples, **attributes
    )
    return summarise(session)


def test_a_whole_session_with_a_clear_face_is_an_a() -> None:
    summary = _summary(Recipe(visits=SHORT))
    assert summary.grade == "A"
    assert summary.duration_s == pytest.approx(16.0, abs=0.01)
    assert summary.steps_reached == tuple(plan[0] for plan in PLAN)
    assert summary.reason == "Face in 100 % of frames, quality 0.90, nothing lost."


@pytest.mark.parametrize(
    ("recipe", "grade", "words"),
    [
        (Recipe(visits=SHORT, face_share=0.84), "B", "a face in 90 % of frames is needed"),
        (Recipe(visits=SHORT, quality=0.5), "B", "a quality of 0.60 is needed"),
        (Recipe(visits=SHORT, face_share=0.62), "C", "a face in 75 % of frames is needed"),
        (Recipe(visits=SHORT, face_share=0.2), "excluded", "half of them are needed"),
        (Recipe(visits=(("ad", 1.0),)), "excluded", "lasted only 1.0 s"),
    ],
)
def test_a_grade_says_what_it_lacks(recipe: Recipe, grade: str, words: str) -> None:
    summary = _summary(recipe)
    assert summary.grade == grade
    assert words in summary.reason
    assert summary.is_usable == (grade != "excluded")


def test_lost_frames_cost_the_grade() -> None:
    lost = row("health", 6_000_000_000, of_stream="camera", kind="drop", count=5, detail="")
    late = row("health", 6_000_000_000, of_stream="display", kind="drop", count=900, detail="")
    assert _summary(Recipe(visits=SHORT), late).grade == "A"
    summary = _summary(Recipe(visits=SHORT), lost)
    assert (summary.grade, summary.lost) == ("B", 5)
    assert "5 samples lost" in summary.reason


def test_a_session_that_broke_off_is_no_a_and_a_recovered_one_says_so() -> None:
    assert _summary(Recipe(visits=SHORT), complete=False).grade == "B"
    assert "Recovered after a crash." in _summary(Recipe(visits=SHORT), recovered=1).reason


def test_without_frames_or_steps_a_session_is_excluded_in_words() -> None:
    header = header_of(Recipe(), study_of())
    assert "No camera frame" in summarise(PlantedSession(Path("x.h5"), header, [])).reason
    faces = [s for s in samples_of(Recipe(visits=SHORT)) if s.stream != "steps"]
    assert "no step markers" in summarise(PlantedSession(Path("x.h5"), header, faces)).reason


def test_an_unreadable_bundle_keeps_its_place_in_the_list() -> None:
    path = Path("/study/sessions/P04.h5")
    summary = unreadable(path, f"{path} cannot be read.")
    assert (summary.participant_id, summary.grade) == ("P04", "excluded")
    assert summary.reason == "P04.h5 cannot be read."
