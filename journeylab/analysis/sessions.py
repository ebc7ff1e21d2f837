"""How far a session can be trusted: its grade, and the reason in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.analysis.alignment import Visit, time_on_steps_s, visits_of
from journeylab.analysis.declined import EMOTION, GAZE, declined_by, is_absent
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.session_data import SessionData
from journeylab.clock import NS_PER_S

EXCLUDED: Final = "excluded"
GRADES: Final = ("A", "B", "C", EXCLUDED)
MIN_FACE_SHARE: Final = 0.5
MIN_DURATION_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class GradeRule:
    """What a session needs for a grade: share of frames with a face, mean quality, share lost."""

    grade: str
    face_share: float
    quality: float
    lost_share: float


RULES: Final = (GradeRule("A", 0.90, 0.60, 0.01), GradeRule("B", 0.75, 0.40, 0.05))
"""First rule that holds gives the grade; else C. Below half the frames nothing is usable."""


@dataclass(frozen=True, slots=True)
class _Facts:
    n_frames: int
    face_share: float
    quality: float
    lost: int
    duration_s: float
    n_steps: int
    is_complete: bool
    is_faceless: bool
    """Nobody agreed to her face being measured: it is no fault that it was not."""

    @property
    def lost_share(self) -> float:
        if self.is_faceless:
            return 0.0  # of frames that nobody was to measure
        return self.lost / max(self.n_frames + self.lost, 1)


def summarise(bundle: SessionData) -> SessionSummary:
    """Grade one session from its face, health and step streams."""
    steps = bundle.table("steps", columns=("step_id", "phase", "visit"))
    visits = visits_of(steps, end_ns=bundle.end_ns)
    planned = {step.step_id for step in bundle.header.steps}
    face = bundle.table("face", columns=("face", "quality"))
    has_face = np.asarray(face["face"], dtype=np.float64) > 0
    quality = np.asarray(face["quality"], dtype=np.float64)[has_face]
    quality = quality[np.isfinite(quality)]
    facts = _Facts(
        n_frames=len(face),
        face_share=float(has_face.mean()) if len(face) else 0.0,
        quality=float(quality.mean()) if len(quality) else 0.0,
        lost=_lost_samples(bundle),
        duration_s=_duration_s(bundle, visits),
        n_steps=len(time_on_steps_s(visits).keys() & planned),
        is_complete=bool(bundle.attributes.get("complete", True)),
        is_faceless=is_absent(bundle.header, EMOTION, GAZE),
    )
    grade, reason = _grade(facts)
    if bundle.attributes.get("recovered", False):
        reason += " Recovered after a crash."
    header = bundle.header
    return SessionSummary(
        path=bundle.path,
        session_id=header.session_id,
        participant_id=header.participant_id,
        created_utc=header.created_utc,
        segments=dict(header.segments),
        simulated=header.simulated,
        duration_s=facts.duration_s,
        face_share=facts.face_share,
        mean_quality=facts.quality,
        lost=facts.lost,
        grade=grade,
        reason=reason,
        steps_reached=tuple(time_on_steps_s(visits)),
        start_ns=bundle.start_ns,
        declined=declined_by(bundle.header),
    )


def unreadable(path: Path, reason: str) -> SessionSummary:
    """The summary of a bundle that could not be opened."""
    return SessionSummary(
        path=path,
        session_id="",
        participant_id=path.stem,
        created_utc="",
        segments={},
        simulated=False,
        duration_s=0.0,
        face_share=0.0,
        mean_quality=0.0,
        lost=0,
        grade=EXCLUDED,
        reason=reason.replace(str(path), path.name),
    )


def _grade(facts: _Facts) -> tuple[str, str]:
    if facts.n_frames == 0 and not facts.is_faceless:
        return EXCLUDED, "No camera frame was analysed."
    if facts.n_steps == 0:
        return EXCLUDED, "It has no step markers, so nothing can be placed on the map."
    if facts.duration_s < MIN_DURATION_S:
        return EXCLUDED, f"It lasted only {facts.duration_s:.1f} s."
    if facts.is_faceless:
        return _grade_without_face(facts)
    if facts.face_share < MIN_FACE_SHARE:
        return EXCLUDED, (
            f"A face in only {_percent(facts.face_share)} of frames; half of them are needed."
        )
    for rule in RULES:
        if not _failings(facts, rule):
            break
    else:
        rule = GradeRule("C", MIN_FACE_SHARE, 0.0, 1.0)
    measured = f"Face in {_percent(facts.face_share)} of frames, quality {facts.quality:.2f}"
    lost = "nothing lost" if facts.lost == 0 else f"{facts.lost} samples lost"
    reason = f"{measured}, {lost}."
    if rule.grade != "A":
        above = RULES[0] if rule.grade == "B" else RULES[1]
        reason += f" Not {above.grade}: {', '.join(_failings(facts, above))}."
    return rule.grade, reason


def _grade_without_face(facts: _Facts) -> tuple[str, str]:
    """What was agreed to can be trusted as far as it is whole."""
    if facts.is_complete:
        return "A", "Face and gaze: declined, and not judged."
    return "B", "Face and gaze: declined, and not judged. Not A: the session broke off."


def _failings(facts: _Facts, rule: GradeRule) -> list[str]:
    failings = []
    if facts.face_share < rule.face_share:
        failings.append(f"a face in {_percent(rule.face_share)} of frames is needed")
    if facts.quality < rule.quality:
        failings.append(f"a quality of {rule.quality:.2f} is needed")
    if facts.lost_share > rule.lost_share:
        failings.append(f"more than {_percent(rule.lost_share)} of samples lost")
    if not facts.is_complete and rule.grade == "A":
        failings.append("the session broke off")
    return failings


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _lost_samples(bundle: SessionData) -> int:
    health = bundle.table("health", columns=("of_stream", "kind", "count"))
    return sum(
        int(count)
        for stream, kind, count in zip(
            health["of_stream"], health["kind"], health["count"], strict=True
        )
        # Pictures shown late on the moderator's screen cost the map nothing.
        if str(kind) in ("drop", "gap") and str(stream) in ("camera", "face", "session")
    )


def _duration_s(bundle: SessionData, visits: tuple[Visit, ...]) -> float:
    if visits:
        return sum(visit.duration_s for visit in visits)
    return max(bundle.end_ns - bundle.start_ns, 0) / NS_PER_S
