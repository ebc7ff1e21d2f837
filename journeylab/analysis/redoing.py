"""What went wrong on single steps of a session, in sentences that say what to do.

A step is named where its stimulus did not come on, where the camera, the face or the gaze was
lost for a good part of it, where it was skipped, and where it was not reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit, time_on_steps_s
from journeylab.analysis.session_data import Columns, SessionData
from journeylab.clock import NS_PER_S
from journeylab.study.assignment import as_assigned
from journeylab.study.model import Step, Study
from journeylab.vocabulary import StimulusKind

FACE_LOST_SHARE: Final = 0.25
"""Of a step, from which it is named; a blink, a hand at the chin and a look aside are less."""
GAZE_LOST_SHARE: Final = 0.5
"""Higher, since blinks and looks aside have no gaze either."""
SHORTEST_S: Final = 2.0
"""What was lost for a shorter time is named on no step."""
_GAP_S: Final = 1.0
_ON_SCREEN: Final = frozenset(
    {StimulusKind.VIDEO, StimulusKind.IMAGE, StimulusKind.SCREENS, StimulusKind.PAGE}
)
_LONGEST_DETAIL: Final = 80


def steps_to_redo(
    session: SessionData, study: Study, visits: Sequence[Visit], *, skipped: set[str]
) -> list[str]:
    """Sentences about single steps, the gravest first; empty when each went well.

    Parameters
    ----------
    visits
        The session's stays at steps.
    skipped
        Ids of the steps whose last visit was skipped.
    """
    steps = as_assigned(study.steps, session.header.segments)
    stays = {step.id: [visit for visit in visits if visit.step_id == step.id] for step in steps}
    failed = _not_shown(session, [step for step in steps if stays[step.id]], stays)
    said = list(failed.values())
    reached = [step for step in steps if stays[step.id] and step.id not in {*skipped, *failed}]
    said += _lost(
        _face_lost(session, reached, stays),
        "No face for {}: see that the camera has the face in its picture before these steps, and "
        "run them again.",
        "No face for {}: see that the camera has the face in its picture before this step, and run "
        "it again.",
    )
    said += _lost(
        _gaze_lost(session, reached, stays),
        "Gaze was lost for {}: check it with F8 before these steps, and calibrate again where it "
        "is off.",
        "Gaze was lost for {}: check it with F8 before this step, and calibrate again where it is "
        "off.",
    )
    said += _without_pictures(session, reached, stays)
    said += _left_out(study, visits, skipped - set(failed))
    return said


def _not_shown(
    session: SessionData, steps: Sequence[Step], stays: Mapping[str, Sequence[Visit]]
) -> dict[str, str]:
    """By step, what is said of a stimulus that failed and did not come on later in the step."""
    rows = session.table("stimulus", columns=("step_id", "what", "detail"))
    said = {}
    for step in steps:
        end_ns = max(visit.end_ns for visit in stays[step.id])
        own = [n for n in range(len(rows)) if str(rows["step_id"][n]) == step.id]
        own = [n for n in own if str(rows["what"][n]) in ("onset", "failure")]
        own = [n for n in own if int(rows.t_ns[n]) <= end_ns]
        if own and str(rows["what"][own[-1]]) == "failure":
            detail = " ".join(str(rows["detail"][own[-1]]).split())[:_LONGEST_DETAIL]
            why = f" ({detail})" if detail else ""
            said[step.id] = (
                f"“{step.title}” could not be shown{why}: choose its file or address again in the "
                "study, try it in practice, and run the step again."
            )
    return said


def _face_lost(
    session: SessionData, steps: Sequence[Step], stays: Mapping[str, Sequence[Visit]]
) -> list[tuple[str, float]]:
    face = session.table("face", columns=("face",))
    is_lost = np.asarray(face["face"], dtype=np.float64) == 0
    return _shares(face, is_lost, steps, stays, least=FACE_LOST_SHARE)


def _gaze_lost(
    session: SessionData, steps: Sequence[Step], stays: Mapping[str, Sequence[Visit]]
) -> list[tuple[str, float]]:
    """Steps on the screen without gaze though it was calibrated, or that lost its calibration."""
    rows = session.table("calibrations", columns=("kind",))
    kinds = [str(kind) for kind in rows["kind"]]
    fitted = [int(t) for t, kind in zip(rows.t_ns, kinds, strict=True) if kind.startswith("gaze")]
    if not fitted:
        return []  # it was not calibrated at all, which is told for the session
    gaze = session.table("gaze", columns=("x_px",), start_ns=fitted[0])
    face = session.table("face", columns=("face",), start_ns=fitted[0])
    faceless_ns = face.t_ns[np.asarray(face["face"], dtype=np.float64) == 0]
    # Where there is no face either, that is told already.
    is_lost = np.isnan(np.asarray(gaze["x_px"], dtype=np.float64))
    is_lost &= ~np.isin(gaze.t_ns, faceless_ns)
    on_screen = [step for step in steps if step.stimulus.kind in _ON_SCREEN]
    return _shares(gaze, is_lost, on_screen, stays, least=GAZE_LOST_SHARE)


def _shares(
    rows: Columns,
    is_lost: NDArray[np.bool_],
    steps: Sequence[Step],
    stays: Mapping[str, Sequence[Visit]],
    *,
    least: float,
) -> list[tuple[str, float]]:
    """Title and lost share of each step that lost as much."""
    found = []
    for step in steps:
        is_here = np.zeros(len(rows), dtype=np.bool_)
        for visit in stays[step.id]:
            is_here |= (rows.t_ns >= visit.start_ns) & (rows.t_ns < visit.end_ns)
        if not is_here.any():
            continue
        share = float(np.mean(is_lost[is_here]))
        seconds = share * sum(visit.duration_s for visit in stays[step.id])
        if share >= least and seconds >= SHORTEST_S:
            found.append((step.title, share))
    return found


def _lost(found: Sequence[tuple[str, float]], several: str, one: str) -> list[str]:
    if not found:
        return []
    words = [f"{100 * share:.0f} % of “{title}”" for title, share in found]
    return [(one if len(found) == 1 else several).format(_listed(words))]


def _without_pictures(
    session: SessionData, steps: Sequence[Step], stays: Mapping[str, Sequence[Visit]]
) -> list[str]:
    """Steps in which the camera itself was away."""
    face = session.table("face", columns=("face",))
    if len(face) < 2:
        return []  # told for the session
    away = []
    for step in steps:
        lost_s = sum(_longest_gap_s(face.t_ns, visit) for visit in stays[step.id])
        if lost_s >= SHORTEST_S:
            away.append(f"{lost_s:.0f} s of “{step.title}”")
    if not away:
        return []
    return [
        f"The camera gave nothing for {_listed(away)}: see to its cable, close other programs, and "
        f"run {'it' if len(away) == 1 else 'them'} again."
    ]


def _longest_gap_s(times_ns: NDArray[Any], visit: Visit) -> float:
    here = times_ns[(times_ns >= visit.start_ns) & (times_ns < visit.end_ns)]
    edges = np.concatenate([[visit.start_ns], here, [visit.end_ns]])
    gaps_s = np.diff(edges) / NS_PER_S
    return float(gaps_s[gaps_s > _GAP_S].sum())


def _left_out(study: Study, visits: Sequence[Visit], skipped: set[str]) -> list[str]:
    said = []
    spent_s = time_on_steps_s(visits)
    passed = [
        f"“{step.title}” after {spent_s.get(step.id, 0.0):.0f} s"
        for step in study.steps
        if step.id in skipped
    ]
    if passed:
        said.append(
            f"Skipped: {_listed(passed)}. The map lacks this participant there; after a skip by "
            "mistake ← leads back while the session runs."
        )
    missing = [
        step.title for step in study.steps if step.id not in spent_s and step.id not in skipped
    ]
    if missing and spent_s:
        said.append(
            f"{_listed([f'“{one}”' for one in missing])} {'was' if len(missing) == 1 else 'were'} "
            "not reached: plan more time, or leave steps out."
        )
    return said


def _listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
