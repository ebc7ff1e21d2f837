"""The journey map as a frozen record: what the sessions of a study say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import TimeBasis
from journeylab.analysis.detectors.finding import Evidence, Finding
from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expressions import ExpressionMeasure
from journeylab.analysis.eye_measures import EyeMeasures


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session of a study, as listed in the analysis tab.

    ``grade`` is A, B or C for usable sessions and "excluded" otherwise; ``reason`` says why in a
    sentence. ``face_share`` is the share of frames with a face, ``lost`` counts dropped samples.
    """

    path: Path
    session_id: str
    participant_id: str
    created_utc: str
    segments: dict[str, str]
    simulated: bool
    duration_s: float
    face_share: float
    mean_quality: float
    lost: int
    grade: str
    reason: str
    steps_reached: tuple[str, ...] = ()
    decision: str = ""
    """The researcher's decision that gave it this grade, in a sentence; empty where none did."""
    own_grade: str = ""
    """With a decision, the grade it would have by itself."""
    is_of_other_study: bool = False
    declined: tuple[str, ...] = ()
    """What the participant did not let be recorded, by the keys of the consent record."""
    start_ns: int | None = None
    """When it begins on its own clock; None where that is not known."""

    @property
    def is_usable(self) -> bool:
        return self.grade != "excluded"


@dataclass(frozen=True, slots=True)
class InsightMark:
    """What the researcher did to an insight: ``state`` is edited, hidden or outdated.

    ``measured`` is the sentence as it is measured now, of ``measured_kind``; ``text`` is the
    researcher's, empty where it was hidden. An outdated edit is of another claim than today's, and
    not applied.
    """

    state: str
    measured: str
    measured_kind: str
    text: str
    author: str
    edited_utc: str
    is_older: bool = False
    """Whether the measured sentence had other numbers when it was edited."""


@dataclass(frozen=True, slots=True)
class Insight:
    """One plain sentence about a step, and what it rests on.

    ``kind`` is joy, negative or neutral, ``participants`` those behind it, ``position_s`` where
    on the map's axis the evidence is strongest, None where there is nothing to look at.
    ``certainty`` says in words how sure it is, empty for what is only counted; ``evidence`` are
    the moments behind it. ``mark`` tells of the researcher's edit, None where there is none.
    """

    text: str
    kind: str
    participants: tuple[str, ...] = ()
    position_s: float | None = None
    certainty: str = ""
    evidence: tuple[Evidence, ...] = ()
    mark: InsightMark | None = None
    about: tuple[str, ...] = ()
    """What its clauses are of, without their numbers, such as ``friction`` or ``cue AU12``."""


@dataclass(frozen=True, slots=True)
class EyesOnStep:
    """What the eyes did on a step: medians over the participants with gaze, ``n`` of them.

    ``n_fixations`` of ``fixation_s`` each; ``k`` above 0 focal, below 0 ambient against the rest of
    the same participants' sessions; ``on_screen_share`` 0..1; ``blinks_per_min`` of all with a
    face. NaN where nobody has a value.
    """

    n: int
    n_fixations: float
    fixation_s: float
    k: float
    on_screen_share: float
    blinks_per_min: float


@dataclass(frozen=True, slots=True)
class ExpressionOnStep:
    """One of the study's own expressions on a step.

    ``participants`` showed it, of ``n_measured``; ``share_above`` is the mean share of time above
    the threshold; ``peak`` the highest intensity 0..1, of ``peak_participant``, at ``position_s``
    on the map's axis. NaN and None where no face was measured.
    """

    name: str
    participants: tuple[str, ...]
    n_measured: int
    share_above: float
    peak: float
    peak_participant: str | None
    position_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class MapStep:
    """One column of the map, from ``start_s`` to ``end_s`` on the map's axis of time on task.

    ``screen`` is BGR uint8 (h, w, 3) or None; ``heatmap`` is gaze density 0..1 (h, w) on the
    same screen or None; ``device`` is the segment value the screen belongs to, empty where the
    study has no such segment. A step nobody reached has its planned duration on the axis.
    """

    step_id: str
    title: str
    stage: str
    kind: str
    start_s: float
    end_s: float
    n_reached: int
    screen: NDArray[np.uint8] | None
    heatmap: NDArray[np.float32] | None
    n_gaze: int
    insight: Insight
    device: str = ""
    eyes: EyesOnStep | None = None
    expressions: tuple[ExpressionOnStep, ...] = ()
    gaze_error: float = float("nan")
    """Median standard deviation of the heatmap's points of gaze, as a share of the screen's width;
    NaN without a heatmap."""
    variant: str = ""
    """The version of the step that the screen and the heatmap are of; empty without versions."""
    touchpoint: str = ""
    channel: str = ""
    owner: str = ""
    """What is met there, where, and who in the team answers for it; empty where not said."""
    declined: tuple[str, ...] = ()
    """What everybody who reached it declined, by the keys of the consent record."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The emotional trace: mean over participants, aligned within steps, with its band.

    All arrays (n,): ``position_s`` on the map's axis, ``mean``, ``low`` and ``high`` in valence
    -100..+100, ``n_people`` participants behind each point, ``tone`` +1 joy, -1 negative state, 0
    neither.
    """

    position_s: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n_people: NDArray[np.int64]
    tone: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class SessionTrace:
    """One session's valence on the map's axis, and the session time behind each position.

    ``valence`` (n,) and ``t_ns`` (n,) share the positions of the map's trace; NaN and -1 where
    the session did not reach the step. ``eyes`` are by step; ``expressions``, the study's own, by
    name and then step. ``path`` are the steps in the order they were entered.
    """

    summary: SessionSummary
    valence: NDArray[np.float64]
    t_ns: NDArray[np.int64]
    eyes: Mapping[str, EyeMeasures] = field(default_factory=dict)
    expressions: Mapping[str, Mapping[str, ExpressionMeasure]] = field(default_factory=dict)
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Callout:
    """A label on the trace: ``kind`` is joy, negative, neutral or warning.

    ``start_s`` and ``end_s`` bound the stretch it stands for, where it stands for more than a
    point; ``participants`` are those behind it. ``certainty`` and ``evidence`` as of an insight.
    ``beside`` is what was found at the same place, or on the same full step, and has no label.
    """

    position_s: float
    valence: float
    title: str
    detail: str
    kind: str
    start_s: float | None = None
    end_s: float | None = None
    participants: tuple[str, ...] = ()
    certainty: str = ""
    evidence: tuple[Evidence, ...] = ()
    beside: tuple[Callout, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class JourneyMap:
    """Everything the five rows show."""

    study_title: str
    goal: str
    created: str
    steps: tuple[MapStep, ...]
    trace: Trace
    sessions: tuple[SessionTrace, ...]
    excluded: tuple[SessionSummary, ...]
    callouts: tuple[Callout, ...]
    median_time_on_task_s: float
    segment: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What is missing, in sentences: no gaze, a step nobody reached, one participant only."""
    findings: tuple[Finding, ...] = ()
    """What the detectors found, in the order of the map's axis."""
    expected: Expectation | None = None
    """What the team expected, against this map; None where it drew nothing."""
    basis: TimeBasis = TimeBasis.SHARE
    """What time within a step is."""

    @property
    def n_usable(self) -> int:
        return len(self.sessions)

    @property
    def n_simulated(self) -> int:
        """How many of the usable sessions were simulated."""
        return sum(session.summary.simulated for session in self.sessions)

    @property
    def n_all(self) -> int:
        return len(self.sessions) + len(self.excluded)
