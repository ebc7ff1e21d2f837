"""What the participant agreed to, and which streams that allows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from journeylab.errors import SessionError
from journeylab.streams import STREAMS

CONSENT_KEYS: Final = MappingProxyType(
    {"face_video": "camera", "audio": "microphone", "screen": "screen"}
)
"""Each key of the consent record and the stream it allows to be stored."""

EMOTION_KEY: Final = "emotion_recognition"
EMOTION_STREAMS: Final = frozenset({"action_units", "action_units_raw", "affect"})
"""What a no to emotion recognition keeps out; sessions that do not ask are not affected."""

NEEDS_CONSENT_TO_START: Final = frozenset({"microphone"})
"""Sources that do not even start without consent. The camera may run for its measures alone."""


def check_consent(consent: Mapping[str, str]) -> dict[str, str]:
    """Return the record with every key answered; a missing answer is a no.

    Raises
    ------
    SessionError
        When an answer is neither yes nor no.
    """
    for key in (*CONSENT_KEYS, EMOTION_KEY):
        answer = consent.get(key, "no")
        if answer not in ("yes", "no"):
            raise SessionError(
                f'The consent for {key} is "{answer}".', remedy='It must be "yes" or "no".'
            )
    return {**dict.fromkeys(CONSENT_KEYS, "no"), **consent}


def storable_streams(consent: Mapping[str, str]) -> frozenset[str]:
    """The streams that may be stored under a consent record."""
    refused = {stream for key, stream in CONSENT_KEYS.items() if consent.get(key) != "yes"}
    if consent.get(EMOTION_KEY) == "no":
        refused |= EMOTION_STREAMS
    return frozenset(STREAMS) - refused


def may_start(stream: str, consent: Mapping[str, str]) -> bool:
    """Whether a source of that stream may run at all."""
    return stream not in NEEDS_CONSENT_TO_START or stream in storable_streams(consent)
