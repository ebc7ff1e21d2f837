"""What the command line records is what was agreed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeylab.app.record import DECLINABLE, RecordRequest, consent_of
from journeylab.clock import VirtualClock
from journeylab.errors import SessionError
from journeylab.session.consent import EMOTION_STREAMS, agreement, consent_text, storable_streams
from journeylab.streams import STREAMS
from journeylab.study.privacy import Privacy

STREAMS_OF = {
    "emotion_recognition": set(EMOTION_STREAMS),
    "face_video": {"camera"},
    "gaze": {"gaze", "landmarks"},
    "pointer": {"pointer"},
    "page": {"page", "pages", "aois"},
    "audio": {"microphone"},
    "screen": {"screen", "pages"},
}


def request(*declined: str, microphone: str = "default") -> RecordRequest:
    return RecordRequest(Path("study"), "P01", "simulated", microphone, True, {}, declined)


def stored(asked: RecordRequest) -> frozenset[str]:
    consent = consent_of(asked, privacy=Privacy())
    return storable_streams(agreement(consent, privacy=Privacy(), clock=VirtualClock()))


@pytest.mark.parametrize("key", DECLINABLE)
def test_what_was_declined_is_not_stored_and_the_rest_is(key: str) -> None:
    assert stored(request(key)) == set(STREAMS) - STREAMS_OF[key]


def test_without_a_microphone_nobody_agreed_to_sound() -> None:
    assert stored(request(microphone="none")) == set(STREAMS) - {"microphone"}


def test_the_record_holds_the_text_and_never_agrees_to_sharing() -> None:
    consent = consent_of(request(), privacy=Privacy())
    assert consent["text"] == consent_text(Privacy())
    assert consent["sharing"] == "no"
    assert consent["stated_by"] == "simulated"


def test_a_misspelt_refusal_is_not_taken_for_an_agreement() -> None:
    with pytest.raises(SessionError, match="face_video"):
        consent_of(request("video"), privacy=Privacy())


def test_on_a_terminal_each_is_asked_for_and_enter_alone_is_a_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "y" if "agreed to take part" in question or "mouse" in question else ""

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    by_hand = RecordRequest(Path("study"), "P01", "0", "default", True, {}, ("screen",))
    consent = consent_of(by_hand, privacy=Privacy())
    assert [key for key in DECLINABLE if consent[key] == "yes"] == ["pointer"]
    assert len(asked) == len(DECLINABLE)  # to take part, and all but what was declined already
    assert consent["stated_by"] == "moderator, command line"


def test_on_a_terminal_without_a_yes_to_take_part_there_is_no_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: "")
    with pytest.raises(SessionError, match="without consent"):
        consent_of(
            RecordRequest(Path("study"), "P01", "0", "default", True, {}, ()), privacy=Privacy()
        )
