"""What is not in a session because its participant declined it, or its study rules it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from journeylab.bundle.header import SessionHeader

EMOTION: Final = "emotion_recognition"
FACE_VIDEO: Final = "face_video"
GAZE: Final = "gaze"
POINTER: Final = "pointer"
PAGE: Final = "page"
VOICE: Final = "audio"
SCREEN: Final = "screen"

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        EMOTION: "emotion recognition",
        FACE_VIDEO: "face video",
        GAZE: "gaze",
        POINTER: "the mouse",
        PAGE: "page visits and clicks",
        VOICE: "voice",
        SCREEN: "pictures of the screen",
    }
)
"""Keys of the consent record, as they are said."""

_RULED_OUT: Final = {EMOTION: "Emotions are not inferred", FACE_VIDEO: "features only"}


def is_absent(header: SessionHeader, *keys: str) -> bool:
    """Whether consent was asked for all of these, and the answer was no each time.

    Sessions of an older text were not asked for each of them, and have what they have.
    """
    return all(header.consent.get(key) == "no" for key in keys)


def declined_by(header: SessionHeader) -> tuple[str, ...]:
    """The keys the participant declined, without what her study rules out."""
    limits = header.consent.get("limited_by", "")
    return tuple(
        key
        for key in NAMES
        if is_absent(header, key) and not (key in _RULED_OUT and _RULED_OUT[key] in limits)
    )


def why_absent(header: SessionHeader, key: str, *, otherwise: str) -> str:
    """Why a session has nothing of a kind, in a sentence; ``otherwise`` where it was agreed to."""
    if not is_absent(header, key):
        return otherwise
    name = NAMES[key]
    how = "declined" if key in declined_by(header) else "ruled out by the study"
    return f"{name[:1].upper()}{name[1:]}: {how}."


def declined_words(declined: Sequence[Sequence[str]]) -> str:
    """What was declined in how many of these sessions, in a sentence; empty where nothing was."""
    counts = Counter(key for keys in declined for key in keys)
    said = [f"{NAMES[key]} in {counts[key]}" for key in NAMES if counts[key]]
    if not said:
        return ""
    return f"Declined by participants: {', '.join(said)} of {len(declined)} sessions."


def declined_by_all(declined: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What was declined in each of these sessions; nothing where there are none."""
    return tuple(key for key in NAMES if declined and all(key in keys for keys in declined))
