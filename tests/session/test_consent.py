"""What may be stored, and what may not even start."""

from __future__ import annotations

from datetime import date

import pytest

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import SessionError
from journeylab.session.consent import (
    AGREED_TO_ALL,
    CONSENT_KEYS,
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
        **dict.fromkeys(CONSENT_KEYS, "no"),
        "stated_by": "moderator",
    }
    refused = set(STREAMS) - storable_streams({})
    assert refused == {
        *EMOTION_STREAMS,
        "camera",
        "face",
        "gaze",
        "pointer",
        "page",
        "pages",
        "aois",
        "microphone",
        "screen",
    }


REFUSED_BY = {
    "emotion_recognition": set(EMOTION_STREAMS),
    "face_video": {"camera"},
    "gaze": {"gaze", "landmarks"},
    "pointer": {"pointer"},
    "page": {"page", "pages", "aois"},
    "audio": {"microphone"},
    "screen": {"screen", "pages"},
}


@pytest.mark.parametrize("key", CONSENT_KEYS)
def test_each_no_keeps_its_own_streams_out_and_no_others(key: str) -> None:
    assert storable_streams(AGREED_TO_ALL) == set(STREAMS)
    for declined in ({**AGREED_TO_ALL, key: "no"}, {k: "yes" for k in AGREED_TO_ALL if k != key}):
        assert set(STREAMS) - storable_streams(declined) == REFUSED_BY[key]


def test_a_face_nobody_agreed_to_measure_is_not_measured() -> None:
    declined = {**AGREED_TO_ALL, "emotion_recognition": "no", "gaze": "no"}
    assert "face" not in storable_streams(declined)
    assert may_start("camera", declined)  # for its video
    assert not may_start("camera", {**declined, "face_video": "no"})


def test_nothing_from_which_action_units_could_be_made_is_kept_after_a_no() -> None:
    declined = {**AGREED_TO_ALL, "emotion_recognition": "no", "face_video": "no"}
    assert not {"landmarks", "face_measures", "camera"} & storable_streams(declined)


def test_the_camera_may_run_for_its_measures_but_a_microphone_needs_a_yes() -> None:
    assert may_start("camera", {"face_video": "no"})
    assert may_start("pointer", {})
    assert not may_start("pointer", {"pointer": "no"})
    assert not may_start("microphone", {"audio": "no"})
    assert may_start("microphone", {"audio": "yes"})


def test_an_answer_in_other_words_is_refused() -> None:
    with pytest.raises(SessionError, match="audio"):
        check_consent({"audio": "maybe"})


ASKED = dict(AGREED_TO_ALL)


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


def test_the_participant_is_told_of_all_that_is_asked() -> None:
    text = consent_text(Privacy())
    for word in ("emotion recognition", "Where you look", "mouse", "pages", "voice", "screen"):
        assert word in text
    assert "What you decline below is not recorded" in text
