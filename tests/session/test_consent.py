"""What may be stored, and what may not even start."""

from __future__ import annotations

import pytest

from journeylab.errors import SessionError
from journeylab.session.consent import check_consent, may_start, storable_streams
from journeylab.streams import STREAMS


def test_what_was_not_answered_was_not_agreed_to() -> None:
    assert check_consent({"stated_by": "moderator"}) == {
        "face_video": "no",
        "audio": "no",
        "screen": "no",
        "stated_by": "moderator",
    }
    assert storable_streams({}) == set(STREAMS) - {"camera", "microphone", "screen"}


def test_each_yes_lets_its_own_stream_in() -> None:
    assert storable_streams({"face_video": "yes"}) == set(STREAMS) - {"microphone", "screen"}
    assert storable_streams({"audio": "yes", "screen": "yes"}) == set(STREAMS) - {"camera"}


def test_a_no_to_emotion_recognition_keeps_action_units_and_affect_out() -> None:
    asked = {"face_video": "yes", "audio": "yes", "screen": "yes"}
    assert storable_streams(asked) == set(STREAMS)
    refused = set(STREAMS) - storable_streams({**asked, "emotion_recognition": "no"})
    assert refused == {"action_units", "action_units_raw", "affect"}


def test_the_camera_may_run_for_its_measures_but_a_microphone_needs_a_yes() -> None:
    assert may_start("camera", {"face_video": "no"})
    assert may_start("pointer", {})
    assert not may_start("microphone", {"audio": "no"})
    assert may_start("microphone", {"audio": "yes"})


def test_an_answer_in_other_words_is_refused() -> None:
    with pytest.raises(SessionError, match="audio"):
        check_consent({"audio": "maybe"})
