"""What the eyes did on each step: fixations, ambient or focal looking, blinks, time on screen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.alignment import Visit
from journeylab.analysis.blinks import Blinks
from journeylab.analysis.fixations import Fixations, Saccades
from journeylab.analysis.runs import Span, dwell_s, runs_of, within
from journeylab.analysis.viewing import Viewing
from journeylab.clock import NS_PER_S

MIN_PAIRS: Final = 5
"""Fixations with their saccade below which K is not told: it would be one glance's."""
ON_SCREEN_ERRORS: Final = 2.0
"""Gaze counts as off the screen beyond this many standard deviations of its error."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeSamples:
    """What fixations and shares are made of.

    ``t_ns`` (n,) and ``gaze_px`` (n, 2), NaN where not measured; ``error_px`` is one standard
    deviation of this session's point of gaze; ``face_t_ns`` (m,) the times of frames with a face.
    """

    t_ns: NDArray[np.int64]
    gaze_px: NDArray[np.float64]
    error_px: float
    face_t_ns: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EyeMeasures:
    """The eyes over one step of one session, all its visits together, or over the whole session.

    ``gaze_s`` is the time gaze was measured; ``n_fixations`` those whose middle lies in it, on
    the screen or beside it, and ``fixation_s`` their mean duration. ``k`` is coefficient K,
    positive where looking is focal (long fixations, short saccades), negative where it is
    ambient; it compares steps of one session, so a whole session has none. ``on_screen_share`` is
    of ``gaze_s``, with a margin of two standard deviations of the gaze error. ``blinks_per_min``
    is over the time with a face, ``blink_s`` their mean duration. What could not be measured is
    NaN.
    """

    gaze_s: float
    n_fixations: int
    fixation_s: float
    k: float
    on_screen_share: float
    n_blinks: int
    blinks_per_min: float
    blink_s: float
    away_ns: int | None = None
    """The middle of the longest look beside the screen, in session time; None without any."""

    @property
    def off_screen_share(self) -> float:
        return 1.0 - self.on_screen_share


def eye_measures(
    spans: Mapping[str, Sequence[Span]],
    samples: EyeSamples,
    fixations: Fixations,
    saccades: Saccades,
    blinks: Blinks,
    *,
    viewing: Viewing,
) -> dict[str, EyeMeasures]:
    """The measures of every step, by its id; a step without a face or gaze has NaN in them."""
    k = k_values(fixations, saccades)
    gaze_dwell_s = dwell_s(samples.t_ns)
    face_dwell_s = dwell_s(samples.face_t_ns)
    on_screen = is_on_screen(
        samples.gaze_px, viewing=viewing, margin_px=ON_SCREEN_ERRORS * samples.error_px
    )
    is_known = np.isfinite(samples.gaze_px).all(axis=1)
    middle_ns = (fixations.onset_ns + fixations.offset_ns) // 2
    measures = {}
    for name, own in spans.items():
        here = within(samples.t_ns, own) & is_known
        gaze_s = float(gaze_dwell_s[here].sum())
        on_s = float(gaze_dwell_s[here & on_screen].sum())
        face_s = float(face_dwell_s[within(samples.face_t_ns, own)].sum())
        looked = within(middle_ns, own)
        blinked = within(blinks.onset_ns, own)
        measures[name] = EyeMeasures(
            gaze_s=gaze_s,
            n_fixations=int(looked.sum()),
            fixation_s=_mean(fixations.duration_s[looked]),
            k=_mean_k(k[looked]),
            on_screen_share=on_s / gaze_s if gaze_s > 0 else math.nan,
            n_blinks=int(blinked.sum()),
            blinks_per_min=60 * float(blinked.sum()) / face_s if face_s > 0 else math.nan,
            blink_s=_mean(blinks.duration_s[blinked]),
            away_ns=_longest_middle_ns(samples.t_ns, here & ~on_screen),
        )
    return measures


def spans_of(visits: Sequence[Visit]) -> dict[str, list[Span]]:
    """The stays at each step, by its id."""
    spans: dict[str, list[Span]] = {}
    for visit in visits:
        spans.setdefault(visit.step_id, []).append((visit.start_ns, visit.end_ns))
    return spans


def k_values(fixations: Fixations, saccades: Saccades) -> NDArray[np.float64]:
    """(n,) what each fixation adds to coefficient K; NaN where no saccade followed it in sight.

    Duration minus amplitude of the following saccade, both as z-scores over the session (Krejtz,
    Duchowski, Krejtz, Szarkowska & Chen, "Discerning ambient/focal attention with coefficient K",
    ACM TAP 13(3), 2016). The mean over a stretch is its K. At 30 Hz and with webcam noise short
    saccades go unseen, so compare K between steps and sessions of one set-up only.
    """
    values = np.full(len(fixations), np.nan)
    if len(saccades) < MIN_PAIRS:
        return values
    duration_s = fixations.duration_s[saccades.before]
    spread = duration_s.std(), saccades.amplitude_deg.std()
    if min(spread) <= 0:
        return values
    z_duration = (duration_s - duration_s.mean()) / spread[0]
    z_amplitude = (saccades.amplitude_deg - saccades.amplitude_deg.mean()) / spread[1]
    values[saccades.before] = z_duration - z_amplitude
    return values


def is_on_screen(
    gaze_px: NDArray[np.floating], *, viewing: Viewing, margin_px: float
) -> NDArray[np.bool_]:
    """(n,) whether gaze (n, 2) lies on the screen or no further beside it than the margin, px.

    False where gaze is NaN.
    """
    size = np.array(viewing.screen_px)
    return np.asarray(((gaze_px >= -margin_px) & (gaze_px < size + margin_px)).all(axis=1))


def seconds_on(fixations: Fixations, spans: Sequence[Span]) -> NDArray[np.float64]:
    """(n,) how long each fixation lasted within the spans."""
    overlap_ns = np.zeros(len(fixations), dtype=np.int64)
    for start_ns, end_ns in spans:
        joint = np.minimum(fixations.offset_ns, end_ns) - np.maximum(fixations.onset_ns, start_ns)
        overlap_ns += np.maximum(joint, 0)
    return np.asarray(overlap_ns / NS_PER_S)


def _longest_middle_ns(t_ns: NDArray[np.int64], holds: NDArray[np.bool_]) -> int | None:
    """The sample in the middle of the longest stretch over which something holds."""
    stretches = runs_of(holds)
    if not stretches:
        return None
    ends = [(start, end - 1) for start, end in stretches]
    first, last = max(ends, key=lambda each: int(t_ns[each[1]] - t_ns[each[0]]))
    return int(t_ns[(first + last) // 2])


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _mean_k(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) >= MIN_PAIRS else math.nan
