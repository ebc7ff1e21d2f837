"""What the participant was told and agreed to, and which streams that allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import SessionError
from journeylab.streams import STREAMS
from journeylab.study.privacy import Privacy

CONSENT_KEYS: Final = MappingProxyType(
    {
        "face_video": frozenset({"camera"}),
        "audio": frozenset({"microphone"}),
        "screen": frozenset({"screen", "pages"}),
    }
)
"""Each key of the consent record and the streams it allows to be stored."""

EMOTION_KEY: Final = "emotion_recognition"
EMOTION_STREAMS: Final = frozenset({"face_measures", "action_units", "action_units_raw", "affect"})
"""What a no to emotion recognition keeps out; sessions that do not ask are not affected."""

SHARING_KEY: Final = "sharing"
"""Whether seconds of this session may be shown to others than the researchers."""

NEEDS_CONSENT_TO_START: Final = frozenset({"microphone"})
"""Sources that do not even start without consent. The camera may run for its measures alone."""

CONSENT_TEXT_VERSION: Final = "3"

_FACE: Final = (
    "A camera watches your face, and software estimates emotions from it (emotion recognition)."
)
_FACE_ONLY: Final = (
    "A camera watches your face for where you look and how you hold your head. No emotions are "
    "estimated from it."
)
_STAYS: Final = "Everything stays on this computer."
_OBSERVED: Final = (
    "Everything is kept on this computer only. While you take part, colleagues may follow on "
    "screens of their own what is measured and noted, never your picture or voice."
)
_RIGHTS: Final = (
    "You may decline any recording below, stop at any time, and have your session erased."
)
_UNTIL: Final = "Your session is kept until {day} at the latest."
_NO_VIDEO: Final = "The video of your face is measured at once and never stored."


def consent_text(privacy: Privacy) -> str:
    """What the participant of such a study is told, in full."""
    parts = [_FACE if privacy.infers_emotion else _FACE_ONLY]
    if privacy.features_only:
        parts.append(_NO_VIDEO)
    parts += [_OBSERVED if privacy.observers else _STAYS, _RIGHTS]
    if privacy.keep_until is not None:
        parts.append(_UNTIL.format(day=privacy.keep_until))
    return " ".join(parts)


def asked_of(privacy: Privacy) -> tuple[str, ...]:
    """The keys such a study asks a yes or no for; what it rules out is not asked."""
    return (
        *((EMOTION_KEY,) if privacy.infers_emotion else ()),
        *(() if privacy.features_only else ("face_video",)),
        *("audio", "screen", SHARING_KEY),
    )


def consent_record(
    answers: Mapping[str, str], *, privacy: Privacy, stated_by: str
) -> dict[str, str]:
    """The record to store: the answers, the full text they were given to, and who stated them.

    Raises
    ------
    SessionError
        When an answer is neither yes nor no.
    """
    known = {key: answers.get(key, "no") for key in (*CONSENT_KEYS, EMOTION_KEY, SHARING_KEY)}
    return check_consent(
        {
            **known,
            "text": consent_text(privacy),
            "text_version": CONSENT_TEXT_VERSION,
            "stated_by": stated_by,
        }
    )


def check_consent(consent: Mapping[str, str]) -> dict[str, str]:
    """Return the record with every key answered; a missing answer is a no.

    Raises
    ------
    SessionError
        When an answer is neither yes nor no.
    """
    for key in (*CONSENT_KEYS, EMOTION_KEY, SHARING_KEY):
        answer = consent.get(key, "no")
        if answer not in ("yes", "no"):
            raise SessionError(
                f'The consent for {key} is "{answer}".', remedy='It must be "yes" or "no".'
            )
    return {**dict.fromkeys(CONSENT_KEYS, "no"), **consent}


def agreement(consent: Mapping[str, str], *, privacy: Privacy, clock: Clock) -> dict[str, str]:
    """The checked record of a session that begins now, within what its study allows at all.

    What the study rules out is answered with no, whatever was asked, and ``limited_by`` says why;
    ``stated_utc`` is the time the record was made.

    Raises
    ------
    SessionError
        When an answer is neither yes nor no.
    """
    record = check_consent(consent)
    limits = []
    if not privacy.infers_emotion:
        record[EMOTION_KEY] = "no"
        limits.append(privacy.emotion_notice)
    if privacy.features_only:
        record["face_video"] = "no"
        limits.append("This study stores features only, never face video.")
    if limits:
        record["limited_by"] = " ".join(limits)
    stated = datetime.fromtimestamp(clock.wall_ns() / NS_PER_S, tz=UTC)
    record.setdefault("stated_utc", stated.isoformat(timespec="seconds").replace("+00:00", "Z"))
    return record


def allows_emotion(consent: Mapping[str, str]) -> bool:
    """Whether what is inferred of emotions may be stored and shown."""
    return consent.get(EMOTION_KEY) != "no"


def storable_streams(consent: Mapping[str, str]) -> frozenset[str]:
    """The streams that may be stored under a consent record."""
    refused: set[str] = set()
    for key, streams in CONSENT_KEYS.items():
        if consent.get(key) != "yes":
            refused |= streams
    if not allows_emotion(consent):
        refused |= EMOTION_STREAMS
    return frozenset(STREAMS) - refused


def may_start(stream: str, consent: Mapping[str, str]) -> bool:
    """Whether a source of that stream may run at all."""
    return stream not in NEEDS_CONSENT_TO_START or stream in storable_streams(consent)
