"""The picture each step is shown by: of the best session's screen, decoded and small."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cache import content_of
from journeylab.analysis.readers import Readers
from journeylab.analysis.screens import decode
from journeylab.analysis.sessions import GRADES
from journeylab.analysis.step_gaze import Version, version_of
from journeylab.analysis.study_sessions import Reading, ReadSession, last_pictures
from journeylab.errors import BundleError

_PART: Final = "pictures"


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Decoded pictures of one session by the step they show; BGR uint8 (h, w, 3)."""

    by_step: dict[str, NDArray[np.uint8]]


class StepScreens:
    """Pictures of the sessions that were read; each bundle's are read once, when asked for."""

    def __init__(self, by_step: dict[tuple[str, Version], NDArray[np.uint8]]) -> None:
        self._by_step = by_step

    def screen(self, step_id: str, version: Version) -> NDArray[np.uint8] | None:
        """BGR picture of a version of a step, or None."""
        return self._by_step.get((step_id, version))


def read_screens(readers: Readers, sessions: Sequence[ReadSession]) -> StepScreens:
    """The pictures of each version of a step, of the session with the best grade that has one.

    A session whose pictures are damaged gives its place to the next.
    """
    # The best grade first; of equal ones, the first name.
    ranked = sorted(
        (each for each in sessions if each.is_usable and each.pictures),
        key=lambda each: GRADES.index(each.summary.grade),
    )
    found: dict[tuple[str, Version], NDArray[np.uint8]] = {}
    while ranked:
        asked, ranked = _fewest(ranked, found)
        if not asked:
            break
        by_path = _pictures_of(readers, [each.summary.path for each in asked])
        for session in asked:
            pictures = by_path[session.summary.path].by_step
            for key in _versions(session):
                if key not in found and key[0] in pictures:
                    found[key] = pictures[key[0]]
    return StepScreens(found)


def _fewest(
    ranked: Sequence[ReadSession], found: Collection[tuple[str, Version]]
) -> tuple[list[ReadSession], list[ReadSession]]:
    """The first sessions that have, together, all that is not found yet; and the others."""
    have = set(found)
    asked: list[ReadSession] = []
    others: list[ReadSession] = []
    for session in ranked:
        keys = _versions(session)
        (others if have.issuperset(keys) else asked).append(session)
        have.update(keys)
    return asked, others


def read_pictures(reading: Reading, path: Path) -> Pictures:
    """All pictures of a bundle that a map may show, kept in the cache.

    All at once: to open a bundle costs more than to decode them. None of a bundle that cannot be
    opened.
    """
    found: dict[str, NDArray[np.uint8]] = {}
    try:
        with reading.opened(path) as bundle:
            for step_id, t_ns in last_pictures(bundle).items():
                try:
                    picture = bundle.picture_at(t_ns)
                except BundleError:
                    continue  # one damaged picture does not cost the others their place
                image = None if picture is None else decode(picture.data)
                if image is not None:
                    found[step_id] = image
    except BundleError:
        return Pictures(found)
    if reading.cache is not None:
        reading.cache.put(path, _PART, content_of(path), Pictures(found))
    return Pictures(found)


def _versions(session: ReadSession) -> list[tuple[str, Version]]:
    """The steps a session has pictures of, each in the version it met."""
    return [(step_id, version_of(session.summary, step_id)) for step_id in session.pictures]


def _pictures_of(readers: Readers, paths: Sequence[Path]) -> dict[Path, Pictures]:
    cache = readers.reading.cache
    known: dict[Path, Pictures] = {}
    for path in paths:
        kept = None if cache is None else cache.get(path, _PART, content_of(path), Pictures)
        if kept is not None and all(_is_picture(each) for each in kept.by_step.values()):
            known[path] = kept
    missing = [path for path in paths if path not in known]
    return known | dict(readers.each(read_pictures, missing))


def _is_picture(values: NDArray[Any]) -> bool:
    return values.ndim == 3 and values.shape[2] == 3 and values.size > 0
