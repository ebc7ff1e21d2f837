"""How many of a study's findings the detectors find with fewer participants.

They run anew on the first so many, in the order in which these came and in a few drawn orders. A
finding is found when one of its kind and mood is found on its step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cache import cache_of, content_of_study
from journeylab.analysis.detectors.aligned_study import AlignedStudy
from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.finding import Finding
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import aligned_study
from journeylab.analysis.saturation import FoundBySize, people_as_they_came
from journeylab.study.folder import StudyFolder

FEWEST: Final = 3
MOST_SIZES: Final = 8
N_DRAWN: Final = 3
_MANY: Final = 60
_N_DRAWN_OF_MANY: Final = 1
_PART: Final = "saturation"
_SEED: Final = 20_261_127
_READING_SHARE: Final = 0.1

Progress = Callable[[float], None]


def found_of(
    folder: StudyFolder, journey: JourneyMap, *, progress: Progress | None = None
) -> FoundBySize:
    """The findings of a study's whole map with fewer participants; kept in the study's cache.

    Parameters
    ----------
    progress
        Called with the share done, 0..1; what it raises ends the search.
    """
    told = progress or (lambda _share: None)
    cache, content = cache_of(folder), content_of_study(folder)
    kept = None if cache is None else cache.get(None, _PART, content, FoundBySize)
    if kept is not None:
        return kept
    study = aligned_study(folder, progress=lambda share: told(_READING_SHARE * share))
    found = found_by_size(
        study,
        people_as_they_came(journey),
        progress=lambda share: told(_READING_SHARE + (1 - _READING_SHARE) * share),
    )
    if cache is not None:
        cache.put(None, _PART, content, found)
    return found


def found_by_size(
    study: AlignedStudy,
    people: Sequence[str],
    *,
    seed: int = _SEED,
    progress: Progress | None = None,
) -> FoundBySize:
    """The findings of a study with fewer of its participants.

    Parameters
    ----------
    people
        In the order in which they came.
    progress
        As of :func:`found_of`.
    """
    n = len(people)
    sizes = sizes_tried(n)
    rng = np.random.default_rng(seed)
    n_drawn = N_DRAWN if n <= _MANY else _N_DRAWN_OF_MANY
    orders = [list(people), *([people[i] for i in rng.permutation(n)] for _ in range(n_drawn))]
    wanted = _alarms(find_findings(study)) if n else []
    is_found = np.ones((len(orders), len(sizes), len(wanted)), dtype=np.bool_)
    n_runs, done = max(len(orders) * (len(sizes) - 1), 1), 0
    for place, order in enumerate(orders):
        # With all of them it is what was wanted.
        for at, size in enumerate(sizes[:-1] if wanted else ()):
            findings = find_findings(study.of_people(order[:size]))
            found = Counter(_key(one) for one in _alarms(findings))
            is_found[place, at] = list(_each_found(wanted, found))
            done += 1
            if progress is not None:
                progress(done / n_runs)
    counts = is_found.sum(axis=2)
    return FoundBySize(
        sizes=np.array(sizes, dtype=np.int64),
        here=counts[0].astype(np.int64),
        drawn=counts[1:].mean(axis=0),
        stays_from=np.array(
            [_stays_from(is_found[0, :, one], sizes) for one in range(len(wanted))], dtype=np.int64
        ),
    )


def sizes_tried(n: int) -> list[int]:
    """Numbers of participants the detectors run on, of n: all of them last."""
    if n < FEWEST:
        return [n] if n else []
    steps = np.linspace(FEWEST, n, min(MOST_SIZES, n - FEWEST + 1))
    return [int(size) for size in np.unique(steps.round())]


def _alarms(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.is_alarm and one.participants]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.kind, finding.step_id, finding.mood


def _each_found(wanted: Sequence[Finding], found: Counter[tuple[str, str, str]]) -> Iterator[bool]:
    """Which of those wanted are found; two of one kind on a step need two."""
    for one in wanted:
        is_there = found[_key(one)] > 0
        found[_key(one)] -= is_there
        yield is_there


def _stays_from(is_found: NDArray[np.bool_], sizes: Sequence[int]) -> int:
    missed = np.flatnonzero(~is_found)
    return sizes[int(missed[-1]) + 1] if len(missed) else sizes[0]
