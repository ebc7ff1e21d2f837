"""What the moments' side asks for beside the window: immutable requests, made into work."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

from journeylab.analysis.alignment import grid_of
from journeylab.analysis.cache import cache_of
from journeylab.analysis.insight_edits import (
    EditAction,
    apply_edits,
    edit_of,
    read_edits,
    undone,
    with_edit,
    write_edits,
)
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moment_signs import SeenMoment, SessionSigns, seen_moments, signs_of
from journeylab.analysis.study_sessions import Reading, session_of
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.report.found_place import FoundPlace
from journeylab.study.folder import StudyFolder
from journeylab.ui.analysis.background import Progress, Work


def seen_work(folder: StudyFolder, place: FoundPlace, known: dict[Path, SessionSigns]) -> Work:
    """What was seen in each moment behind a place, the most severe first.

    The sessions come from the study's cache; one that is not there is read anew. What was read is
    put into ``known``, which belongs to one Background alone, and not read again.
    """

    def work(progress: Progress) -> tuple[SeenMoment, ...]:
        reading = Reading(folder, grid_of(folder.study.steps), {}, cache_of(folder))
        paths = list(dict.fromkeys(choice.summary.path for choice in place.choices))
        for done, path in enumerate(paths):
            progress(done / len(paths))
            session = None if path in known else session_of(reading, path)
            if session is not None and session.aligned is not None:
                known[path] = signs_of(session.aligned)
        found = [known[path] for path in paths if path in known]
        return seen_moments(place.choices, found, kind=place.kind)

    return work


def edit_work(
    folder: StudyFolder,
    journey: JourneyMap,
    step_id: str,
    action: EditAction | None,
    text: str,
) -> Work:
    """Change what a step's insight says, and keep it beside the study; None undoes the last edit.

    Comes back with the map as it is to be shown now.
    """

    def work(_progress: Progress) -> JourneyMap:
        edits = read_edits(folder)  # anew: somebody else may have written meanwhile
        if action is None:
            edits = undone(edits, step_id, journey.segment)
        else:
            insight = next(step.insight for step in journey.steps if step.step_id == step_id)
            now = datetime.fromtimestamp(SessionClock().wall_ns() / NS_PER_S, tz=UTC)
            edit = edit_of(
                action,
                insight,
                text,
                step_id=step_id,
                segment=journey.segment,
                author=researcher_name(),
                now_utc=now.isoformat(timespec="seconds"),
            )
            edits = with_edit(edits, edit)
        write_edits(folder, edits)
        return apply_edits(journey, edits)

    return work


def researcher_name() -> str:
    """Who works here, as the system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "researcher"
