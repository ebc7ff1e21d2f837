"""What a detector finds, and the published rule it follows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FindingKind(StrEnum):
    """What can be found; the value is the name of the rule that finds it."""

    GREEN_PEAK = "green_peak"
    VALLEY = "valley"
    COGNITIVE_LOAD = "cognitive_load"
    FRICTION = "friction"
    AHA = "aha"
    BOREDOM = "boredom"
    ENTRY_MOOD = "entry_mood"
    DISCONNECT = "disconnect"
    DELIGHT = "delight"
    DISAPPOINTMENT = "disappointment"
    FLOW = "flow"
    STRUGGLE = "struggle"


class Sureness(StrEnum):
    """How sure a finding is.

    SURE: tested at the 1 % level on at least 12 participants. LIKELY: tested at the 5 % level.
    SEEN: only counted, because nothing of it can be tested.
    """

    SURE = "sure"
    LIKELY = "likely"
    SEEN = "seen, not tested"


ALPHA: Final = 0.05
"""A finding that is tested is told when chance alone gives one anywhere in 5 % of studies."""
SURE_P: Final = 0.01
SURE_N: Final = 12


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a rule, with its unit; empty for counts and shares."""

    name: str
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A published rule: what must hold, in a sentence; its numbers, and where they come from.

    ``version`` rises whenever the same sessions may lead to other findings.
    """

    kind: FindingKind
    version: str
    sentence: str
    parameters: tuple[Parameter, ...]
    source: str

    def value(self, name: str) -> float:
        """One of its numbers; KeyError when there is none of that name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter.value
        raise KeyError(f"rule {self.kind} has no parameter {name}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One moment behind a finding: in whose session, and when on that session's clock."""

    participant_id: str
    session_id: str
    t_ns: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the screen: an area of interest, else an element of the page.

    ``n`` of those behind the finding were there, by gaze, else by cursor; x and y are shares of the
    screen, None where nothing was measured.
    """

    name: str
    by: str
    n: int
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentShare:
    """The value of a segment that a finding belongs to: ``n`` of its ``n_measured`` show it, fewer
    of the others, by a test with probability ``p``.

    ``sessions`` are those of the value in which they show it; a participant may have sessions of
    several values.
    """

    name: str
    value: str
    n: int
    n_measured: int
    p: float
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found on one step of the map.

    ``start_s``, ``position_s`` and ``end_s`` lie on the map's axis: where it begins, is strongest
    and ends. ``participants`` are behind it, of ``n_measured``. ``strength`` is in ``unit``.
    ``p`` is the probability that chance alone gives something as strong anywhere on the map; None
    where it is not tested; ``is_cluster`` where it was tested by cluster permutation, whose rule of
    interpretation goes with it. ``mood`` is joy, negative, warning or neutral.
    """

    kind: FindingKind
    rule: str
    step_id: str
    start_s: float
    position_s: float
    end_s: float
    mood: str
    title: str
    participants: tuple[str, ...]
    n_measured: int
    strength: float
    unit: str
    p: float | None = None
    is_cluster: bool = False
    place: Place | None = None
    segment: SegmentShare | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def share(self) -> float:
        """Of those measured, the share behind it, 0..1."""
        return len(self.participants) / max(self.n_measured, 1)

    @property
    def told_evidence(self) -> tuple[Evidence, ...]:
        """The moments of those its sentence counts: of the segment's where it belongs to one."""
        if self.segment is None or not self.segment.sessions:
            return self.evidence
        own = frozenset(self.segment.sessions)
        return tuple(one for one in self.evidence if one.session_id in own)

    @property
    def told_participants(self) -> tuple[str, ...]:
        """Those its sentence counts."""
        if self.segment is None or not self.segment.sessions:
            return self.participants
        return tuple(dict.fromkeys(one.participant_id for one in self.told_evidence))

    @property
    def sureness(self) -> Sureness:
        """How sure it is, by its test."""
        if self.p is None:
            return Sureness.SEEN
        is_sure = self.p <= SURE_P and self.n_measured >= SURE_N
        return Sureness.SURE if is_sure else Sureness.LIKELY

    @property
    def is_alarm(self) -> bool:
        """Whether it says that something happened; a neutral entry or a flowing set-up says that
        nothing did."""
        return self.mood != "neutral"
