"""The map as it was drawn last, until anything it rests on changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.cache import StudyCache, cache_of, content_of_study
from journeylab.analysis.journey import JourneyMap
from journeylab.study.folder import StudyFolder


@dataclass(frozen=True, slots=True)
class KeptMap:
    """The place of one map in its study's cache."""

    cache: StudyCache
    part: str
    content: str

    def get(self) -> JourneyMap | None:
        """The map; None where there is none, or another one."""
        journey = self.cache.get(None, self.part, self.content, JourneyMap)
        return journey if journey is not None and _is_consistent(journey) else None

    def put(self, journey: JourneyMap) -> None:
        """Keep it; not with a session that could not be opened, which may open next time."""
        if all(summary.session_id for summary in journey.excluded):
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


def _is_consistent(journey: JourneyMap) -> bool:
    """Whether the arrays are as long as each other."""
    trace, shape = journey.trace, journey.trace.position_s.shape
    own = (trace.mean, trace.low, trace.high, trace.n_sessions, trace.tone)
    sessions = [(each.valence, each.t_ns) for each in journey.sessions]
    return len(shape) == 1 and all(
        each.shape == shape for pair in (own, *sessions) for each in pair
    )
