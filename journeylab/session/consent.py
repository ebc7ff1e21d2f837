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

EMOTION_KEY: Final = "emotion_recognition"
GAZE_KEY: Final = "gaze"
POINTER_KEY: Final = "pointer"
PAGE_KEY: Final = "page"

EMOTION_STREAMS: Final = frozenset(
    {"landmarks", "face_measures", "action_units", "action_units_raw", "affect"}
)
"""What a no to emotion recognition keeps out: all that is inferred, and all it could still be
inferred from afterwards, the points of the face included."""

CONSENT_KEYS: Final = MappingProxyType(
    {
        EMOTION_KEY: EMOTION_STREAMS,
        "face_video": frozenset({"camera"}),
        # The points of the face hold the irises: they lead back to where she looked.
        GAZE_KEY: frozenset({"gaze", "landmarks"}),
        POINTER_KEY: frozenset({"pointer"}),
        # Where areas lie on the screen tells how a page was scrolled; a page's picture is of an
        # address she went to.
        PAGE_KEY: frozenset({"page", "pages", "aois"}),
        "audio": frozenset({"microphone"}),
        "screen": frozenset({"screen", "pages"}),
    }
)
"""Each key of the consent record and the streams it allows to be stored. A stream that stands with
several keys needs a yes to each."""

SHARING_KEY: Final = "sharing"
"""Whether seconds of this session may be shown to others than the researchers."""

AGREED_TO_ALL: Final = MappingProxyType(dict.fromkeys(CONSENT_KEYS, "yes"))
"""The answers of one who lets everything be recorded, as a simulated participant does."""

_MEASURED_FACE: Final = "face"
_OF_CAMERA: Final = (EMOTION_KEY, "face_video", GAZE_KEY)

CONSENT_TEXT_VERSION: Final = "4"

_FACE: Final = (
    "This session uses emotion recognition: software estimates emotions from the points and "
    "movements of your face."
)
_FACE_ONLY: Final = "No emotions are estimated from your face."
_REST: Final = (
    "Where you look, mouse, pages, voice and screen can be recorded, too. What you decline below "
    "is not recorded."
)
_STAYS: Final = "Everything stays on this computer."
_OBSERVED: Final = (
    "Everything is kept on this computer only. Meanwhile colleagues may follow what is measured "
    "and noted on screens of their own, never your picture or voice."
)
_RIGHTS: Final = "You may skip questions, stop at any time, and have your session erased."
_UNTIL: Final = "Your session is kept until {day} at the latest."
_NO_VIDEO: Final = "The video of your face is measured at once and never stored."


def consent_text(privacy: Privacy) -> str:
    """What the participant of such a study is told, in full."""
    parts = [_FACE if privacy.infers_emotion else _FACE_ONLY, _REST]
    if privacy.features_only:
        parts.append(_NO_VIDEO)
    parts += [_OBSERVED if privacy.observers else _STAYS, _RIGHTS]
    if privacy.keep_until is not None:
        parts.append(_UNTIL.format(day=privacy.keep_until))
    return " ".join(parts)


def asked_of(privacy: Privacy) -> tuple[str, ...]:
    """The keys such a study asks a yes or no for; what it rules out is not asked."""
    ruled_out = set()
    if not privacy.infers_emotion:
        ruled_out.add(EMOTION_KEY)
    if privacy.features_only:
        ruled_out.add("face_video")
    return tuple(key for key in (*CONSENT_KEYS, SHARING_KEY) if key not in ruled_out)


def consent_record(
    answers: Mapping[str, str], *, privacy: Privacy, stated_by: str
) -> dict[str, str]:
    """The record to store: the answers, the full text they were given to, and who stated them.

    Raises
    ------
    SessionError
        When an answer is neither yes nor no.
    """
    known = {key: answers.get(key, "no") for key in (*CONSENT_KEYS, SHARING_KEY)}
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
    for key in (*CONSENT_KEYS, SHARING_KEY):
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


def allows_gaze(consent: Mapping[str, str]) -> bool:
    """Whether eyes, head and point of gaze may be stored and shown."""
    return consent.get(GAZE_KEY) != "no"


def storable_streams(consent: Mapping[str, str]) -> frozenset[str]:
    """The streams that may be stored under a consent record; a missing answer is a no."""
    declined = {key for key in CONSENT_KEYS if consent.get(key) != "yes"}
    refused = frozenset().union(*(CONSENT_KEYS[key] for key in declined))
    if {EMOTION_KEY, GAZE_KEY} <= declined:
        refused |= {_MEASURED_FACE}  # nobody agreed to her face being measured at all
    return frozenset(STREAMS) - refused


def may_start(stream: str, consent: Mapping[str, str]) -> bool:
    """Whether a source of that stream may run at all.

    A microphone needs a yes. What else runs before anybody was asked, camera and mouse, is
    stopped by a no; the camera by a no to all it is for.
    """
    if stream == "microphone":
        return consent.get("audio") == "yes"
    if stream == "camera":
        return any(consent.get(key) != "no" for key in _OF_CAMERA)
    return stream != "pointer" or consent.get(POINTER_KEY) != "no"
