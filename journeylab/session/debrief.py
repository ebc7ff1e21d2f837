"""The debrief: the participant is through, and only the moderator's notes are still kept.

It is a pause of the session that only the end or a way back ends, so that what is said between
two people after the test is no part of the data, and a note still has its time.
"""

from __future__ import annotations

from typing import Final

from journeylab.session.course import SessionCourse
from journeylab.session.events import EventKind
from journeylab.study.model import Step

DEBRIEF: Final = "debrief"
"""The reason of the pause, as the bundle holds it."""


def begin_debrief(course: SessionCourse) -> None:
    """End the running step; nothing of the participant is kept from now on.

    Raises
    ------
    SessionError
        When the session is paused, or no step has run yet.
    """
    if not course.is_between:
        course.end_step()
    course.pause(DEBRIEF, tells=EventKind.DEBRIEF)


def leave_debrief(course: SessionCourse) -> Step:
    """Record again, in the step that ended last, as another visit to it."""
    course.resume()
    return course.go(-1)
