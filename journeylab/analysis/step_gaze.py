"""Which version of a step's screen is shown on the map, and where they looked on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.heatmap import normalise
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.reading import AlignedSession
from journeylab.study.assignment_book import PREFIX
from journeylab.study.model import Step

DEVICE: Final = "device"


class Version(NamedTuple):
    """What a step looked like: on which device, in which variant; empty where there is one only.

    Pictures of different versions do not lie on each other, nor does the gaze on them.
    """

    device: str
    variant: str


def version_of(summary: SessionSummary, step_id: str) -> Version:
    """The version of a step that a session met."""
    segments = summary.segments
    return Version(segments.get(DEVICE, ""), segments.get(PREFIX + step_id, ""))


def version_shown(sessions: Sequence[AlignedSession], step_id: str) -> Version:
    """The version most sessions of a step met; of equally common ones the first."""
    versions = [version_of(session.summary, step_id) for session in sessions]
    return max(dict.fromkeys(versions), key=versions.count, default=Version("", ""))


def as_met(step: Step, variant: str) -> Step:
    """A step as the participants of a variant met it; as it is where there is no such variant."""
    return step.as_variant(variant) if variant in step.variant_ids else step


def gaze_on(
    sessions: Sequence[AlignedSession], step_id: str, version: Version
) -> tuple[NDArray[np.float32] | None, int]:
    """Where they looked on one version of a step, 0..1 of its peak (rows, columns), and how many
    participants did; None of none.

    Each participant weighs the same, however long the stay and however often she came.
    """
    by_person: dict[str, NDArray[np.float64]] = {}
    for session in _looking(sessions, step_id, version):
        seconds = np.asarray(session.looking.densities[step_id], dtype=np.float64)
        name = session.summary.participant_id
        by_person[name] = by_person[name] + seconds if name in by_person else seconds
    if not by_person:
        return None, 0
    total = sum(seconds / max(float(seconds.sum()), 1e-9) for seconds in by_person.values())
    return normalise(np.asarray(total)), len(by_person)


def gaze_error_on(sessions: Sequence[AlignedSession], step_id: str, version: Version) -> float:
    """Median over the sessions behind the heatmap, as a share of the width; NaN of nobody."""
    errors = [
        session.looking.error_px / session.looking.viewing.screen_px[0]
        for session in _looking(sessions, step_id, version)
    ]
    return float(np.median(errors)) if errors else float("nan")


def _looking(
    sessions: Sequence[AlignedSession], step_id: str, version: Version
) -> list[AlignedSession]:
    return [
        session
        for session in sessions
        if step_id in session.looking.densities and version_of(session.summary, step_id) == version
    ]
