"""What a study promises its participants: purpose, retention, what is never stored."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from journeylab.clock import NS_PER_S, Clock

REMIND_DAYS: Final = 30

_AI_ACT: Final = "EU AI Act, Art. 5(1)(f)"


def today(clock: Clock) -> date:
    """The day it is here."""
    return datetime.fromtimestamp(clock.wall_ns() / NS_PER_S).astimezone().date()


class Purpose(StrEnum):
    """Where the study takes place; it decides whether emotions may be inferred at all."""

    RESEARCH = "research"
    WORKPLACE = "workplace"
    EDUCATION = "education"


_PLACE: Final = {Purpose.WORKPLACE: "the workplace", Purpose.EDUCATION: "education"}


class Privacy(BaseModel):
    """The table ``[privacy]`` of study.toml.

    ``keep_until`` is the last day the sessions may be kept; ``features_only`` never stores face
    video; ``blur_faces`` has replays begin with the face blurred; ``observers`` lets others follow
    a session's measures on screens of their own, which its participants are then told;
    ``encrypt_to`` is the study's public age key, to which each bundle is encrypted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose = Purpose.RESEARCH
    keep_until: date | None = None
    features_only: bool = False
    blur_faces: bool = False
    observers: bool = False
    encrypt_to: str | None = Field(default=None, pattern=r"^age1[0-9a-z]{58}$")

    @property
    def infers_emotion(self) -> bool:
        """False where the law forbids to infer emotions."""
        return self.purpose is Purpose.RESEARCH

    @property
    def is_encrypted(self) -> bool:
        return self.encrypt_to is not None

    @property
    def emotion_notice(self) -> str:
        """Why emotions are not inferred, in a sentence; empty where they are."""
        place = _PLACE.get(self.purpose)
        if place is None:
            return ""
        return (
            f"Emotions are not inferred in this study: it takes place in {place}, where that is "
            f"prohibited ({_AI_ACT}). Gaze, pointer and pages are measured as usual."
        )

    @property
    def observer_notice(self) -> str:
        """Why nobody may follow its sessions, and what to do; empty where somebody may."""
        if self.observers:
            return ""
        return (
            "This study lets nobody follow its sessions: its participants are not told of it. "
            "Allow observers on the page Privacy of the study's editor first."
        )

    def retention_notice(self, today: date) -> str:
        """A reminder when the sessions are due, or soon will be; else empty."""
        if self.keep_until is None:
            return ""
        days = (self.keep_until - today).days
        if days < 0:
            return f"To be erased: its sessions were to be kept until {self.keep_until} only."
        if days > REMIND_DAYS:
            return ""
        left = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
        return f"Its sessions are to be erased {left}: kept until {self.keep_until}."
