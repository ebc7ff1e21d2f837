"""The moderator's reading of a session: frozen, cheap, in words where words are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeylab.session.states import SessionState
from journeylab.vocabulary import TaskOutcome


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """How one stream fares.

    ``rate_hz`` is over the last seconds (single PCM samples for sound), ``samples`` since the
    preview began, ``lost`` all that was lost since recording began: by the device, in a queue, or
    skipped by inference; ``gaps`` how often the device was away. ``fault`` is a sentence while
    something is wrong, else None.
    """

    stream: str
    label: str
    rate_hz: float
    samples: int
    lost: int
    fault: str | None
    detail: str = ""
    gaps: int = 0

    @property
    def is_well(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class ConsoleView:
    """Everything the moderator's console shows as text.

    ``step_index`` is the running step of the study, None on an unplanned one and while paused;
    ``place`` the one entered last, ``step_title`` that of the running step, planned or not.
    ``step_id`` is the step that runs, is paused or ran last. ``outcomes`` tells how the tasks
    ended, by step id. ``step_durations_s`` is the time spent in
    each step so far, in the study's order, over all visits. ``dropped`` counts samples that
    were published but not written. Latencies are from a frame's capture to its measures, NaN
    before the first; ``inference_share`` is the share of frames that were analysed, NaN before
    the first. ``alert`` is the worst of what is wrong now in one sentence, ``faults`` and
    ``warnings`` all of it, ``events`` what happened to the whole session within the last minute
    and is over: sleep, clock steps. ``disk_hours_left`` is None until the rate of writing is
    known. ``asking`` is "Questions, 2 of 5" while the participant answers between two steps, and
    ``asks_next`` true where going on leads to questions. ``variants`` is the version of a step that
    this participant meets, by step id, of steps that have several.
    """

    state: SessionState
    participant_id: str | None
    elapsed_s: float
    step_index: int | None
    place: int | None
    step_title: str | None
    is_paused: bool
    outcomes: Mapping[str, TaskOutcome]
    step_elapsed_s: float
    step_durations_s: tuple[float, ...]
    marker_counts: Mapping[str, int]
    health: tuple[StreamHealth, ...]
    dropped: int
    free_disk_bytes: int | None
    disk_hours_left: float | None
    latency_ms: float
    latency_p50_ms: float
    inference_share: float
    alert: str | None
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    events: tuple[str, ...] = ()
    asking: str = ""
    asks_next: bool = False
    step_id: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
