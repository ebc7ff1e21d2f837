"""Expressions a reader knows the name of, and who showed them on a step.

A cue is an action unit above its threshold without a break for over half a second. Thin,
published rules: the threshold and the time stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.runs import runs_of
from journeylab.study.model import Expression

MIN_CUE_S: Final = 0.6
THIRDS: Final = ("first", "middle", "last")


@dataclass(frozen=True, slots=True)
class Cue:
    """One expression: its words in the plural and singular, the label and unit on a callout.

    ``is_own`` where the study defined it, by a formula.
    """

    name: str
    kind: str
    plural: str
    singular: str
    label: str
    threshold: float
    is_own: bool = False


CUES: Final = (
    Cue("AU12", "joy", "smile", "smiles", "Joy peak · AU12", 0.3),
    Cue("AU24", "negative", "press lips (AU24)", "presses lips (AU24)", "Frustration · AU24", 0.3),
    Cue(
        "AU14",
        "negative",
        "show contempt (AU14, one side)",
        "shows contempt (AU14, one side)",
        "Contempt · AU14",
        0.25,
    ),
    Cue(
        "AU15",
        "negative",
        "draw mouth corners down (AU15)",
        "draws mouth corners down (AU15)",
        "Low mood · AU15",
        0.35,
    ),
    Cue("AU04", "negative", "frown (AU4)", "frowns (AU4)", "Confusion · AU4", 0.3),
)
"""The telling ones first: most negative expressions lower the brow too, so that of cues shown by
equally many AU4 comes last."""


def own_cues(expressions: Sequence[Expression]) -> tuple[Cue, ...]:
    """The study's own expressions as cues."""
    return tuple(
        Cue(
            name=one.name,
            kind="neutral",
            plural=f"show {one.name}",
            singular=f"shows {one.name}",
            label=one.name,
            threshold=one.threshold,
            is_own=True,
        )
        for one in expressions
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A cue on one step: who showed it, of how many measured, in which third if in one."""

    cue: Cue
    participants: tuple[str, ...]
    n_measured: int
    third: str | None
    strongest_point: int

    @property
    def share(self) -> float:
        return len(self.participants) / max(self.n_measured, 1)


def cue_signal(session: AlignedSession, cue: Cue) -> NDArray[np.float32]:
    """(grid.size,) what the cue's threshold applies to; for AU14 how far the sides differ."""
    if cue.is_own:
        return session.expressions[cue.name]
    if cue.name == "AU14":
        return np.asarray(np.abs(session.signal("AU14L") - session.signal("AU14R")))
    return session.signal(cue.name)


def shown_on(sessions: Sequence[AlignedSession], cue: Cue, *, part: slice, step_id: str) -> Shown:
    """Who showed a cue on a step.

    Parameters
    ----------
    sessions
        Those that reached the step.
    part
        Where the step's points lie; ``strongest_point`` counts from its start.
    """
    n_points = part.stop - part.start
    participants: dict[str, NDArray[np.float64]] = {}
    measured: set[str] = set()
    together = np.zeros(n_points)
    for session in sessions:
        signal = cue_signal(session, cue)[part]
        if not np.isfinite(signal).any():
            continue
        name = session.summary.participant_id
        measured.add(name)
        point_s = session.point_s(step_id, n_points)
        holds = np.nan_to_num(signal, nan=-1.0) >= cue.threshold
        stretches = [
            (start, end) for start, end in runs_of(holds) if (end - start) * point_s >= MIN_CUE_S
        ]
        if not stretches:
            continue
        thirds = participants.setdefault(name, np.zeros(len(THIRDS)))
        for start, end in stretches:
            together[start:end] += signal[start:end]
            points = np.arange(start, end)
            thirds += np.bincount(points * len(THIRDS) // n_points, minlength=len(THIRDS))
    return Shown(
        cue=cue,
        participants=tuple(participants),
        n_measured=len(measured),
        third=_common_third(list(participants.values())),
        strongest_point=int(np.argmax(together)),
    )


def _common_third(times: list[NDArray[np.float64]]) -> str | None:
    """The third in which most of them show it most of the time, if there is one."""
    if not times:
        return None
    mainly = [int(np.argmax(time)) for time in times if time.max() >= 0.6 * time.sum()]
    for third, name in enumerate(THIRDS):
        if mainly.count(third) >= 0.6 * len(times):
            return name
    return None
