"""One session's eyes, read from its bundle: fixations, blinks, and where they rested by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.blinks import Blinks, blinks_of
from journeylab.analysis.eye_measures import (
    EyeMeasures,
    EyeSamples,
    eye_measures,
    seconds_on,
    spans_of,
)
from journeylab.analysis.fixations import Fixations, Saccades, find_fixations
from journeylab.analysis.gaze_error import gaze_error_px
from journeylab.analysis.heatmap import fixation_density
from journeylab.analysis.runs import Span
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.viewing import Viewing, viewing_of

WHOLE = ""
"""Key of the whole session among the steps' measures."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What a map keeps of the eyes of one session.

    ``error_px`` is one standard deviation of its point of gaze; ``measures`` are by step, with
    those of the whole session under ``WHOLE``; ``densities`` are seconds of fixation per cell of
    the screen by step, only where there were any.
    """

    viewing: Viewing
    error_px: float
    measures: dict[str, EyeMeasures]
    densities: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Looking:
    """What the eyes of one session did, fixation by fixation."""

    fixations: Fixations
    saccades: Saccades
    blinks: Blinks
    kept: Looked

    @property
    def viewing(self) -> Viewing:
        return self.kept.viewing

    @property
    def error_px(self) -> float:
        return self.kept.error_px

    @property
    def measures(self) -> dict[str, EyeMeasures]:
        return self.kept.measures

    @property
    def densities(self) -> dict[str, NDArray[np.float32]]:
        return self.kept.densities


def read_looking(bundle: SessionData, visits: Sequence[Visit]) -> Looking:
    """Read gaze, face and calibrations of a session; all empty where there is no gaze."""
    face = bundle.table("face", columns=("face", "blink", "head_z_mm"))
    gaze = bundle.table("gaze", columns=("x_px", "y_px", "uncertainty_px"))
    calibrations = bundle.table("calibrations", columns=("kind", "data"))
    has_face = np.asarray(face["face"]) > 0
    distance_mm = np.asarray(face["head_z_mm"], dtype=np.float64)
    viewing = viewing_of(bundle.header.screen, distance_mm[has_face])
    flags = np.asarray(face["blink"], dtype=np.int64)
    blinks = blinks_of(face.t_ns, flags, has_face)
    gaze_px = np.column_stack([gaze["x_px"], gaze["y_px"]]).astype(np.float64)
    # Eyes that stayed closed are no blink, but look nowhere either.
    gaze_px[_is_one_of(gaze.t_ns, face.t_ns[flags > 0])] = np.nan
    error_px = gaze_error_px(
        calibrations, np.asarray(gaze["uncertainty_px"], dtype=np.float64), viewing=viewing
    )
    fixations, saccades = find_fixations(gaze.t_ns, gaze_px, viewing=viewing, blinks=blinks)
    spans = spans_of(visits)
    everywhere: list[Span] = [(bundle.start_ns, bundle.end_ns + 1)]
    samples = EyeSamples(gaze.t_ns, gaze_px, error_px, face.t_ns[has_face])
    measures = eye_measures(
        {WHOLE: everywhere, **spans}, samples, fixations, saccades, blinks, viewing=viewing
    )
    # Over a whole session its own z-scores cancel: K would be 0 for everyone.
    measures[WHOLE] = replace(measures[WHOLE], k=math.nan)
    densities = {}
    for step_id, own in spans.items():
        density = fixation_density(
            fixations.centre_px,
            seconds_on(fixations, own),
            screen_px=viewing.screen_px,
            sigma_px=error_px,
        )
        if density is not None:
            densities[step_id] = density.astype(np.float32)
    kept = Looked(viewing, error_px, measures, densities)
    return Looking(fixations, saccades, blinks, kept)


def _is_one_of(t_ns: NDArray[np.int64], of_ns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which of the times are among others, both sorted."""
    if not len(of_ns):
        return np.zeros(len(t_ns), dtype=np.bool_)
    place = np.minimum(np.searchsorted(of_ns, t_ns), len(of_ns) - 1)
    return np.asarray(of_ns[place] == t_ns, dtype=np.bool_)
