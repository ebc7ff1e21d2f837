"""What may be stored, and what may not even start."""

from __future__ import annotations

from datetime import date

import pytest

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import SessionError
from journeylab.session.consent import (
    CONSENT_TEXT_VERSION,
    EMOTION_STREAMS,
    agreement,
    check_consent,
    consent_record,
    consent_text,
    may_start,
    storable_streams,
)
from journeylab.streams import STREAMS
from journeylab.study.privacy import Privacy, Purpose


def test_what_was_not_answered_was_not_agreed_to() -> None:
    assert check_consent({"stated_by": "moderator"}) == {
        "face_video": "no",
        "audio": "no",
        "screen": "no",
        "stated_by": "moderator",
    }
    assert storable_streams({}) == set(STREAMS) - {"camera", "microphone", "screen", "pages"}


def test_each_yes_lets_its_own_stream_in() -> None:
    assert storable_streams({"face_video": "yes"}) == set(STREAMS) - {
        "microphone",
        "screen",
        "pages",
    }
    assert storable_streams({"audio": "yes", "screen": "yes"}) == set(STREAMS) - {"camera"}


def test_a_no_to_emotion_recognition_keeps_action_units_and_affect_out() -> None:
    asked = {"face_video": "yes", "audio": "yes", "screen": "yes"}
    assert storable_streams(asked) == set(STREAMS)
    refused = set(STREAMS) - storable_streams({**asked, "emotion_recognition": "no"})
    assert refused == {"face_measures", "action_units", "action_units_raw", "affect"}


def test_the_camera_may_run_for_its_measures_but_a_microphone_needs_a_yes() -> None:
    assert may_start("camera", {"face_video": "no"})
    assert may_start("pointer", {})
    assert not may_start("microphone", {"audio": "no"})
    assert may_start("microphone", {"audio": "yes"})


def test_an_answer_in_other_words_is_refused() -> None:
    with pytest.raises(SessionError, match="audio"):
        check_consent({"audio": "maybe"})


ASKED = {"face_video": "yes", "audio": "yes", "screen": "yes", "emotion_recognition": "yes"}


def test_the_record_holds_the_whole_text_its_version_and_the_time() -> None:
    privacy = Privacy(keep_until=date(2027, 3, 1))
    record = consent_record(ASKED, privacy=privacy, stated_by="moderator")
    clock = VirtualClock(wall_start_ns=1_750_000_000 * NS_PER_S)
    agreed = agreement(record, privacy=privacy, clock=clock)
    assert agreed["text"] == consent_text(privacy)
    assert "emotion recognition" in agreed["text"]
    assert "2027-03-01" in agreed["text"]
    assert agreed["text_version"] == CONSENT_TEXT_VERSION
    assert agreed["stated_by"] == "moderator"
    assert agreed["stated_utc"] == "2025-06-15T15:06:40Z"
    assert agreed["sharing"] == "no"
    assert "limited_by" not in agreed


def test_the_participant_is_told_of_observers_where_a_study_allows_them() -> None:
    assert "Everything stays on this computer." in consent_text(Privacy())
    told = consent_text(Privacy(observers=True))
    assert "colleagues may follow" in told
    assert "stays on this computer" not in told


@pytest.mark.parametrize("purpose", [Purpose.WORKPLACE, Purpose.EDUCATION])
def test_where_emotions_must_not_be_inferred_no_consent_lets_them_in(purpose: Purpose) -> None:
    privacy = Privacy(purpose=purpose)
    agreed = agreement(ASKED, privacy=privacy, clock=VirtualClock())
    assert agreed["emotion_recognition"] == "no"
    assert "prohibited" in agreed["limited_by"]
    assert storable_streams(agreed) == set(STREAMS) - EMOTION_STREAMS
    assert "No emotions are estimated" in consent_text(privacy)


def test_features_only_keeps_face_video_out_whatever_was_agreed() -> None:
    privacy = Privacy(features_only=True)
    agreed = agreement(ASKED, privacy=privacy, clock=VirtualClock())
    assert storable_streams(agreed) == set(STREAMS) - {"camera"}
    assert "never face video" in agreed["limited_by"]
    assert "never stored" in consent_text(privacy)
