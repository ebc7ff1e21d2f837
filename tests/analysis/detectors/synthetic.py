"""Synthetic aligned studies whose answer is known: signs and valence as they are planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import StepGrid, Visit, step_times_ns
from journeylab.analysis.detectors.aligned_study import AlignedStudy, StepSpan, align_study
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.reading import SIGNALS, AlignedSession
from journeylab.analysis.signs import Sign, SignKind, Spot
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import StimulusKind

STEPS = (
    ("ad", StimulusKind.VIDEO, 15.0),
    ("landing", StimulusKind.PAGE, 14.0),
    ("product", StimulusKind.PAGE, 18.0),
    ("compare", StimulusKind.PAGE, 22.0),
    ("checkout", StimulusKind.PAGE, 24.0),
    ("unboxing", StimulusKind.CAMERA_ONLY, 18.0),
)
POINTS = 72
VALENCE_OF = {
    SignKind.SMILE: 60.0,
    SignKind.AHA: 45.0,
    SignKind.FROWN: -45.0,
    SignKind.FRICTION: -50.0,
    SignKind.PRESS: -35.0,
    SignKind.CONTEMPT: -15.0,
    SignKind.LOW_MOOD: -25.0,
    SignKind.FEAR: -45.0,
}
"""Valence at the apex of a sign, where it moves it."""


@dataclass(frozen=True)
class Effect:
    """A sign planted in ``share`` of the participants (of one device, where given), around ``at``
    of a step, for ``lasts`` of it."""

    kind: SignKind
    step_id: str
    share: float
    at: float = 0.5
    lasts: float = 0.2
    device: str | None = None
    area: str = ""


@dataclass(frozen=True)
class Background:
    """What everybody does without a reason: signs a minute, and a wandering valence."""

    per_minute: dict[SignKind, float] = field(default_factory=dict)
    sway: float = 6.0
    bias: float = 0.0


RESTLESS = Background(
    {
        SignKind.SMILE: 0.8,
        SignKind.FROWN: 0.8,
        SignKind.FRICTION: 0.2,
        SignKind.PRESS: 0.6,
        SignKind.CONTEMPT: 0.3,
        SignKind.AHA: 0.2,
        SignKind.BOREDOM: 0.2,
        SignKind.FEAR: 0.2,
        SignKind.LOW_MOOD: 0.3,
    }
)


def synthetic_study(
    n: int,
    effects: Sequence[Effect] = (),
    *,
    seed: int = 1,
    background: Background = RESTLESS,
    jitter: float = 0.03,
) -> AlignedStudy:
    """``n`` participants, half of them on each device, with the effects planted."""
    rng = np.random.default_rng(seed)
    grid = StepGrid(tuple(step[0] for step in STEPS), (POINTS,) * len(STEPS))
    ends_s = np.cumsum([step[2] for step in STEPS])
    spans = [
        StepSpan(step_id, step_id.capitalize(), kind, float(end_s - length_s), float(end_s))
        for (step_id, kind, length_s), end_s in zip(STEPS, ends_s, strict=True)
    ]
    devices = [("desktop", "mobile")[place % 2] for place in range(n)]
    showing = [_drawn(effect, devices, rng) for effect in effects]
    sessions = [
        _session(
            place,
            devices[place],
            grid,
            [effect for effect, who in zip(effects, showing, strict=True) if place in who],
            background=background,
            jitter=jitter,
            rng=rng,
        )
        for place in range(n)
    ]
    positions_s = grid.positions_s([step[2] for step in STEPS])
    return align_study(sessions, grid, spans, position_s=positions_s)


def _drawn(effect: Effect, devices: Sequence[str], rng: np.random.Generator) -> set[int]:
    own = [p for p, device in enumerate(devices) if effect.device in (None, device)]
    return set(rng.choice(own, round(effect.share * len(own)), replace=False).tolist())


def _session(
    place: int,
    device: str,
    grid: StepGrid,
    effects: Sequence[Effect],
    *,
    background: Background,
    jitter: float,
    rng: np.random.Generator,
) -> AlignedSession:
    pace = float(rng.lognormal(0, 0.2))
    visits, t_ns = [], NS_PER_S
    for step_id, _, length_s in STEPS:
        end_ns = t_ns + round(length_s * pace * NS_PER_S)
        visits.append(Visit(step_id, t_ns, end_ns))
        t_ns = end_ns
    signs = [_planted(effect, visits, jitter, rng) for effect in effects]
    signs += _idle(visits, background, rng)
    times_ns = np.concatenate([step_times_ns(visits, s, n_points=POINTS) for s in grid.step_ids])
    signals = np.full((grid.size, len(SIGNALS)), np.nan, dtype=np.float32)
    signals[:, SIGNALS.index("valence")] = _valence(times_ns, signs, background, rng)
    return AlignedSession(
        summary=_summary(f"P{place + 1:02d}", device),
        visits=tuple(visits),
        durations_s={visit.step_id: visit.duration_s for visit in visits},
        signals=signals,
        t_ns=times_ns,
        signs=tuple(sorted(signs, key=lambda sign: sign.onset_ns)),
        **_unused(),
    )


def _unused() -> dict[str, Any]:
    """What the detectors do not look at."""
    return {
        "looking": None,
        "click_bursts": {},
        "refusals": {},
        "has_pointer": True,
        "expressions": {},
        "expression_measures": {},
    }


def _planted(
    effect: Effect, visits: Sequence[Visit], jitter: float, rng: np.random.Generator
) -> Sign:
    visit = next(visit for visit in visits if visit.step_id == effect.step_id)
    middle = float(np.clip(effect.at + rng.normal(0, jitter), 0.05, 0.95))
    half = effect.lasts / 2 * float(rng.uniform(0.8, 1.2))
    start, end = max(middle - half, 0.0), min(middle + half, 0.99)
    length_ns = visit.end_ns - visit.start_ns
    return Sign(
        effect.kind,
        effect.step_id,
        visit.start_ns + round(start * length_ns),
        visit.start_ns + round(end * length_ns),
        0.7,
        Spot(effect.area, "gaze", 0.5, 0.5) if effect.area else Spot(),
    )


def _idle(visits: Sequence[Visit], background: Background, rng: np.random.Generator) -> list[Sign]:
    found = []
    for visit in visits:
        for kind, per_minute in background.per_minute.items():
            for _ in range(rng.poisson(per_minute * visit.duration_s / 60)):
                onset_ns = int(rng.integers(visit.start_ns, visit.end_ns))
                lasts_ns = round(float(rng.uniform(0.6, 3.0)) * NS_PER_S)
                if kind is SignKind.BOREDOM:
                    lasts_ns += 4 * NS_PER_S
                offset_ns = min(onset_ns + lasts_ns, visit.end_ns - 1)
                found.append(Sign(kind, visit.step_id, onset_ns, offset_ns, 0.5))
    return found


def _valence(
    times_ns: NDArray[np.int64],
    signs: Sequence[Sign],
    background: Background,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    steps = rng.normal(0, background.sway * np.sqrt(1 - 0.9**2), len(times_ns))
    valence = np.empty(len(times_ns))
    level = float(rng.normal(0, background.sway))
    for place, step in enumerate(steps):
        level = 0.9 * level + step
        valence[place] = level
    valence += background.bias
    strength = float(rng.uniform(0.7, 1.1))
    for sign in signs:
        on = (times_ns >= sign.onset_ns) & (times_ns <= sign.offset_ns)
        valence[on] += VALENCE_OF.get(sign.kind, 0.0) * strength
    return np.clip(valence, -100, 100)


def _summary(participant_id: str, device: str) -> SessionSummary:
    return SessionSummary(
        path=Path(f"{participant_id}.h5"),
        session_id=f"{participant_id}-1",
        participant_id=participant_id,
        created_utc="",
        segments={"device": device},
        simulated=True,
        duration_s=100.0,
        face_share=1.0,
        mean_quality=0.9,
        lost=0,
        grade="A",
        reason="",
    )
