"""The variants of a session that is about to begin, balanced against the sessions so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journeylab.bundle.reader import Bundle
from journeylab.errors import JourneyLabError
from journeylab.logs import logger
from journeylab.study.assignment import assign_variants
from journeylab.study.folder import StudyFolder

_log = logger(__name__)


def variants_of(
    folder: StudyFolder, participant_id: str, *, segments: Mapping[str, str]
) -> dict[str, str]:
    """The variants a participant meets, as segments; no bundle is opened without need."""
    if not any(step.variants for step in folder.study.steps):
        return {}
    return assign_variants(
        folder.study, participant_id, segments=segments, earlier=_earlier(folder)
    )


def _earlier(folder: StudyFolder) -> Iterator[Mapping[str, str]]:
    for path in folder.bundles():
        try:
            with Bundle.open(path) as bundle:
                yield bundle.header.segments
        except JourneyLabError as error:
            # Balance suffers a little; the session does not.
            _log.warning("%s counts for no variant: %s", path, error)
