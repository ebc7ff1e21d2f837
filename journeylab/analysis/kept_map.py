"""The map as it was drawn last, until anything it rests on changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.cache import StudyCache, cache_of, content_of_study
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.study_sessions import Reading, read_one
from journeylab.bundle.encryption import is_encrypted
from journeylab.study.folder import StudyFolder


@dataclass(frozen=True, slots=True)
class KeptMap:
    """The place of one map in its study's cache."""

    cache: StudyCache
    part: str
    content: str

    def get(self, reading: Reading) -> JourneyMap | None:
        """The map; None where there is none, or another one.

        A bundle that could not be opened is tried again: what is damaged stays so while its content
        is the same, but a file may have been locked, or the machine short of memory.
        """
        journey = self.cache.get(None, self.part, self.content, JourneyMap)
        if journey is None or not _is_consistent(journey):
            return None
        return None if any(_opens(reading, path) for path in _unread(journey)) else journey

    def put(self, journey: JourneyMap) -> None:
        """Keep it; not one of a study that is locked, over the one of when it was open."""
        if not any(is_encrypted(path) for path in _unread(journey)):
            self.cache.put(None, self.part, self.content, journey)


def kept_map(
    folder: StudyFolder, segment: Mapping[str, str], basis: TimeBasis = TimeBasis.SHARE
) -> KeptMap | None:
    """Where the map of a segment, on that axis, is kept; None where nothing is."""
    cache = cache_of(folder)
    if cache is None:
        return None
    cache.tidy(folder.bundles())
    digest = hashlib.sha256(json.dumps([basis, sorted(segment.items())]).encode()).hexdigest()
    return KeptMap(cache, f"map-{digest[:16]}", content_of_study(folder))


def _unread(journey: JourneyMap) -> list[Path]:
    return [summary.path for summary in journey.excluded if not summary.session_id]


def _opens(reading: Reading, path: Path) -> bool:
    session = read_one(reading, path)
    return session is None or bool(session.summary.session_id)


def _is_consistent(journey: JourneyMap) -> bool:
    """Whether the arrays are as long as each other."""
    trace, shape = journey.trace, journey.trace.position_s.shape
    own = (trace.mean, trace.low, trace.high, trace.n_people, trace.tone)
    sessions = [(each.valence, each.t_ns) for each in journey.sessions]
    return len(shape) == 1 and all(
        each.shape == shape for pair in (own, *sessions) for each in pair
    )
