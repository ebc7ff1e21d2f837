"""From a point of the map back to the seconds of a session behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.eye_measures import EyeMeasures
from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.replay import gaze_radius_of, screen_px_at, screens_of
from journeylab.analysis.screens import decode
from journeylab.analysis.session_data import MomentData
from journeylab.analysis.signed import MINUS
from journeylab.clock import NS_PER_S
from journeylab.vocabulary import ACTION_UNIT_NAMES, ACTION_UNITS, StimulusKind

WINDOW_S: Final = 0.25
"""Values of a moment are means over a quarter of a second to either side of it."""
TOP_UNITS: Final = 4
FOCAL: Final = 0.2
"""Coefficient K is called focal above this and ambient below its negative: nearer to 0 it is
neither."""
FRAME_REACH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class MomentChoice:
    """One session's moment behind a point of the map, before anything is read of it.

    ``eyes`` are those of the step the moment lies in; None where the step has no screen to look at.
    """

    summary: SessionSummary
    step_title: str
    t_ns: int
    valence: float
    position_s: float
    eyes: EyeMeasures | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a session holds at one moment.

    ``face`` and ``screen`` are BGR (h, w, 3) or None; ``gaze`` is the point of gaze as a share
    of the screen's width and height, ``gaze_spread`` the radius likewise that holds the truth with
    68 %; ``units`` are the strongest action units, strongest first. ``blurred`` is the face made
    unrecognisable.
    """

    choice: MomentChoice
    session_s: float
    face: NDArray[np.uint8] | None
    screen: NDArray[np.uint8] | None
    gaze: tuple[float, float] | None
    gaze_spread: tuple[float, float] | None
    valence: float
    units: tuple[tuple[str, float], ...]
    blurred: NDArray[np.uint8] | None = None


def moments_at(
    journey: JourneyMap,
    position_s: float,
    *,
    valence: float | None = None,
    participants: Sequence[str] = (),
) -> tuple[tuple[MomentChoice, ...], int]:
    """The sessions behind a point of the map, from the highest valence to the lowest.

    Parameters
    ----------
    position_s
        On the map's axis.
    valence
        Where the reader clicked; the session nearest to it comes up first. Without it, the one
        furthest from neutral.
    participants
        Only these, where given.

    Returns
    -------
    The choices, and the index of the one to show first. Sessions that did not reach the step
    are left out; one without a face at that moment comes last.
    """
    if len(journey.trace.position_s) == 0:
        return (), 0
    point = int(np.argmin(np.abs(journey.trace.position_s - position_s)))
    step = next((step for step in journey.steps if position_s < step.end_s), None)
    has_screen = step is not None and step.kind != StimulusKind.CAMERA_ONLY
    choices = [
        MomentChoice(
            each.summary,
            "" if step is None else step.title,
            int(each.t_ns[point]),
            float(each.valence[point]),
            float(journey.trace.position_s[point]),
            each.eyes.get(step.step_id) if step is not None and has_screen else None,
        )
        for each in journey.sessions
        if each.t_ns[point] >= 0
        and (not participants or each.summary.participant_id in participants)
    ]
    choices.sort(key=lambda choice: (not np.isfinite(choice.valence), -choice.valence))
    measured = [index for index, choice in enumerate(choices) if np.isfinite(choice.valence)]
    if not measured:
        return tuple(choices), 0
    if valence is None:
        first = max(measured, key=lambda index: abs(choices[index].valence))
    else:
        first = min(measured, key=lambda index: abs(choices[index].valence - valence))
    return tuple(choices), first


def read_moment(bundle: MomentData, choice: MomentChoice) -> Moment:
    """Read face, screen, gaze and values of one moment."""
    # It decodes pictures, which a process that only lists moments does not.
    from journeylab.analysis.replay_windows import FaceBlur

    t_ns = choice.t_ns
    span = (t_ns - round(WINDOW_S * NS_PER_S), t_ns + round(WINDOW_S * NS_PER_S))
    affect = bundle.table("affect", columns=("valence",), start_ns=span[0], end_ns=span[1])
    units = bundle.table("action_units", columns=ACTION_UNITS, start_ns=span[0], end_ns=span[1])
    levels = [(code, _mean(units[code])) for code in ACTION_UNITS]
    known = [(code, level) for code, level in levels if np.isfinite(level) and level >= 0.05]
    frame = bundle.frame_at(t_ns)
    if frame is not None and abs(frame.t_ns - t_ns) > FRAME_REACH_S * NS_PER_S:
        frame = None
    picture = bundle.picture_at(t_ns)
    gaze, spread = _gaze(bundle, t_ns, span)
    blurred = None if frame is None else FaceBlur(bundle).blurred(frame.image, frame.t_ns)
    return Moment(
        choice=choice,
        session_s=(t_ns - bundle.start_ns) / NS_PER_S,
        face=None if frame is None else frame.image,
        screen=None if picture is None else decode(picture.data),
        gaze=gaze,
        gaze_spread=spread,
        valence=_mean(affect["valence"]),
        units=tuple(sorted(known, key=lambda each: -each[1])[:TOP_UNITS]),
        blurred=blurred,
    )


def unit_words(code: str) -> str:
    """An action unit as written beside its bar: AU4 brow lowerer, AU14L dimpler."""
    return f"AU{int(code[2:4])}{code[4:]} {ACTION_UNIT_NAMES[code[:4]]}"


def eye_words(eyes: EyeMeasures) -> str:
    """What the eyes did on a step, as written under a moment; empty without gaze and face."""
    parts = []
    if eyes.n_fixations:
        plural = "fixation" if eyes.n_fixations == 1 else "fixations"
        parts.append(f"{eyes.n_fixations} {plural} of {eyes.fixation_s:.2f} s")
    if np.isfinite(eyes.k):
        kind = "focal " if eyes.k >= FOCAL else "ambient " if eyes.k <= -FOCAL else ""
        parts.append(f"{kind}K {eyes.k:+.1f}".replace("-", MINUS).replace(f"{MINUS}0.0", "0.0"))
    if np.isfinite(eyes.on_screen_share):
        parts.append(f"{eyes.on_screen_share * 100:.0f} % on the screen")
    if np.isfinite(eyes.blinks_per_min):
        parts.append(f"{eyes.blinks_per_min:.0f} blinks/min")
    return " · ".join(parts)


def _gaze(
    bundle: MomentData, t_ns: int, span: tuple[int, int]
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    gaze = bundle.table(
        "gaze", columns=("x_px", "y_px", "uncertainty_px"), start_ns=span[0], end_ns=span[1]
    )
    width_px, height_px = screen_px_at(screens_of(bundle), t_ns)
    x, y = _median(gaze["x_px"]) / width_px, _median(gaze["y_px"]) / height_px
    if not (0 <= x <= 1 and 0 <= y <= 1):
        return None, None
    radius_px = _median(gaze["uncertainty_px"])
    if not np.isfinite(radius_px):
        radius_px = gaze_radius_of(bundle)  # as the replay draws it
    return (x, y), (radius_px / width_px, radius_px / height_px)


def _mean(values: NDArray[np.floating]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _median(values: NDArray[np.floating]) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")
