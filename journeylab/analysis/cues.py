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

from journeylab.analysis.detectors.finding import Evidence
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.runs import runs_of
from journeylab.study.model import Expression

MIN_CUE_S: Final = 0.6
THIRDS: Final = ("first", "middle", "last")
MAIN_SHARE: Final = 0.6
"""So much of the time, or of the people, lies mainly in one third."""


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
    """A cue on one step: who showed it, of how many measured, and where.

    ``third`` is the part of the step in which most of them show it, None where they do not agree;
    ``is_all_in_third`` where all do. ``evidence`` has each one's strongest stretch.
    """

    cue: Cue
    participants: tuple[str, ...]
    n_measured: int
    third: str | None
    strongest_point: int
    evidence: tuple[Evidence, ...] = ()
    is_all_in_third: bool = False

    @property
    def share(self) -> float:
        return len(self.participants) / max(self.n_measured, 1)


@dataclass(slots=True)
class _Person:
    """How one participant shows a cue: for how many points of each third, and where in each it is
    strongest."""

    thirds: NDArray[np.float64]
    best: dict[int, tuple[float, Evidence]]

    @property
    def main_third(self) -> int | None:
        """The third with most of it, if that is six tenths or more."""
        third = int(np.argmax(self.thirds))
        return third if self.thirds[third] >= MAIN_SHARE * self.thirds.sum() else None

    def moment(self, third: int | None) -> Evidence:
        """Where it is strongest, in that third if it is shown there."""
        if third is not None and third in self.best:
            return self.best[third][1]
        return max(self.best.values(), key=lambda each: each[0])[1]


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
    people: dict[str, _Person] = {}
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
        for start, end in runs_of(holds):
            if (end - start) * point_s < MIN_CUE_S:
                continue
            together[start:end] += signal[start:end]
            person = people.setdefault(name, _Person(np.zeros(len(THIRDS)), {}))
            _add_stretch(person, session, signal, part=part, stretch=(start, end))
    mainly = [person.main_third for person in people.values()]
    third = _common_third(mainly)
    return Shown(
        cue=cue,
        participants=tuple(people),
        n_measured=len(measured),
        third=None if third is None else THIRDS[third],
        strongest_point=int(np.argmax(together)),
        evidence=tuple(person.moment(third) for person in people.values()),
        is_all_in_third=third is not None and all(one == third for one in mainly),
    )


def _add_stretch(
    person: _Person,
    session: AlignedSession,
    signal: NDArray[np.float32],
    *,
    part: slice,
    stretch: tuple[int, int],
) -> None:
    points = np.arange(*stretch)
    thirds = points * len(THIRDS) // len(signal)
    person.thirds += np.bincount(thirds, minlength=len(THIRDS))
    for third in set(thirds.tolist()):
        own = points[thirds == third]
        peak = int(own[np.argmax(signal[own])])
        level = float(signal[peak])
        if third not in person.best or level > person.best[third][0]:
            summary, t_ns = session.summary, int(session.t_ns[part][peak])
            moment = Evidence(summary.participant_id, summary.session_id, t_ns)
            person.best[third] = (level, moment)


def _common_third(mainly: Sequence[int | None]) -> int | None:
    """The third in which most of them show it most of the time, if there is one."""
    for third in range(len(THIRDS)):
        if mainly and mainly.count(third) >= MAIN_SHARE * len(mainly):
            return third
    return None
