"""Two studies, or two rounds of one, set against each other: which comes first, and their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journeylab.analysis.comparing import Comparison, compare_maps
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPair:
    """A comparison with both its maps, the first one first, and the studies they are of."""

    comparison: Comparison
    journeys: tuple[JourneyMap, JourneyMap]
    folders: tuple[StudyFolder, StudyFolder]


def compare_studies(
    folder: StudyFolder,
    other: StudyFolder,
    *,
    journey: JourneyMap | None = None,
    is_turned: bool = False,
    progress: Callable[[float], None] | None = None,
) -> ComparedPair:
    """Set a study against another one; the one recorded earlier comes first.

    Parameters
    ----------
    journey
        The map of ``folder`` where it is there already, of any segment; the other's is then of the
        same.
    is_turned
        The later one comes first instead.

    Raises
    ------
    AnalysisError
        When both are the same study, one has no usable session, or they share no step.
    StudyError
        When the other has no such segment.
    """
    if folder.path.resolve() == other.path.resolve():
        raise AnalysisError(
            "A study cannot be compared with itself.", remedy="Choose another study's folder."
        )
    told = progress or (lambda _share: None)
    if journey is None:
        journey = build_journey_map(folder, progress=lambda share: told(share / 2))
    there = build_journey_map(
        other, segment=journey.segment, progress=lambda share: told(0.5 + share / 2)
    )
    for one, of in ((journey, folder), (there, other)):
        if one.n_usable == 0:
            raise AnalysisError(
                f"The study in {of.path} has no usable session to compare.",
                remedy="Record one, or look at its study health for the reasons.",
            )
    names = names_of(folder, other)
    pair = [(there, other, names[1]), (journey, folder, names[0])]
    if (_last(there) > _last(journey)) != is_turned:
        pair.reverse()
    (first, first_of, first_name), (second, second_of, second_name) = pair
    comparison = compare_maps(first, second, names=(first_name, second_name))
    return ComparedPair(comparison, (first, second), (first_of, second_of))


def names_of(folder: StudyFolder, other: StudyFolder) -> tuple[str, str]:
    """What the two are called: by title, where both have the same with their folders' names."""
    titles = folder.study.title, other.study.title
    if titles[0] != titles[1]:
        return titles
    places = folder.path.resolve(), other.path.resolve()
    if places[0].name != places[1].name:
        return places[0].name, places[1].name
    return _beneath(places[0]), _beneath(places[1])


def _beneath(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _last(journey: JourneyMap) -> float:
    times = []
    for session in journey.sessions:
        try:
            times.append(datetime.fromisoformat(session.summary.created_utc).timestamp())
        except ValueError:
            continue
    return max(times, default=0.0)
