"""Measures of the eyes on one step, and on each area of interest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.looking import Looking
from journeylab.analysis.runs import Span, runs_of, within
from journeylab.analysis.session_data import Columns
from journeylab.clock import NS_PER_S
from journeylab.streams import Column

COLUMNS: Final = (
    Column("gaze_s", "f8", "s", "time with a measured point of gaze", 0, None),
    Column("gaze_on_screen_s", "f8", "s", "of it on the screen, by two gaze errors", 0, None),
    Column("gaze_off_screen_s", "f8", "s", "of it beside the screen", 0, None),
    Column("gaze_on_screen_share", "f8", "1", "share of gaze_s on the screen", 0, 1),
    Column("gaze_error_px", "f8", "px", "gaze error of the session, per axis", 0, None),
    Column("fixations", "f8", "1", "fixations", 0, None),
    Column("fixations_per_s", "f8", "1/s", "fixations over gaze_s", 0, None),
    Column("fixation_mean_s", "f8", "s", "their mean duration", 0, None),
    Column("fixation_median_s", "f8", "s", "their median duration", 0, None),
    Column("saccade_mean_deg", "f8", "deg", "mean distance of neighbouring fixations", 0, None),
    Column("scanpath_deg", "f8", "deg", "way of the eyes from fixation to fixation", 0, None),
    Column("k", "f8", "1", "coefficient K: focal above 0, ambient below"),
    Column("blinks", "f8", "1", "blinks", 0, None),
    Column("blinks_per_min", "f8", "1/min", "blinks over time with a face", 0, None),
    Column("blink_mean_s", "f8", "s", "their mean duration", 0, None),
    Column("aoi_dwell_s", "f8", "s", "fixation time on any area of interest", 0, None),
    Column("aois_seen", "f8", "1", "areas of interest with a fixation", 0, None),
)
AOI_COLUMNS: Final = (
    Column("shown_s", "f8", "s", "time in which the area was on the screen", 0, None),
    Column("dwell_s", "f8", "s", "fixation time on it", 0, None),
    Column("dwell_share", "f8", "1", "share of the step's fixation time", 0, 1),
    Column("fixations", "f8", "1", "fixations on it", 0, None),
    Column("looks", "f8", "1", "how often the eyes came to it from elsewhere", 0, None),
    Column("first_fixation_s", "f8", "s", "time on step until the first fixation on it", 0, None),
    Column("first_fixation_duration_s", "f8", "s", "how long that one lasted", 0, None),
    Column("pointer_dwell_s", "f8", "s", "time the cursor rested or moved on it", 0, None),
    Column("clicks", "f8", "1", "presses of a button on it", 0, None),
)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """One area of interest on a step: from ``move_ns`` (m,) on it lies at ``boxes`` (m, 4), left,
    top, width and height in px; NaN while it is not shown."""

    name: str
    move_ns: NDArray[np.int64]
    boxes: NDArray[np.float64]

    def box_at(self, t_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, 4) where it lies at each time; NaN where it is not shown."""
        place = np.searchsorted(self.move_ns, t_ns, side="right") - 1
        boxes = np.where((place >= 0)[:, None], self.boxes[np.maximum(place, 0)], np.nan)
        return np.asarray(boxes, dtype=np.float64)

    def holds(self, t_ns: NDArray[np.int64], px: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) whether points (n, 2) lie on it at their times."""
        box = self.box_at(t_ns)
        inside = (px >= box[:, :2]) & (px < box[:, :2] + box[:, 2:])  # nothing lies in NaN
        return np.asarray(inside.all(axis=1), dtype=np.bool_)

    def shown_s(self, spans: Sequence[Span]) -> float:
        """How long it was shown within these times."""
        shown_ns = 0
        for start_ns, end_ns in spans:
            moves = np.clip(self.move_ns, start_ns, end_ns)
            lasts = np.diff(np.append(moves, end_ns))
            shown_ns += int(lasts[np.isfinite(self.boxes).all(axis=1)].sum())
        return shown_ns / NS_PER_S


def areas_of(rows: Columns) -> dict[str, tuple[Area, ...]]:
    """The areas of each step that the stream ``aois`` tells of, in the order of their first row."""
    names = ("x_px", "y_px", "width_px", "height_px")
    boxes = np.column_stack([np.asarray(rows[name], dtype=np.float64) for name in names])
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(rows["step_id"], rows["name"], strict=True)):
        places.setdefault((str(key[0]), str(key[1])), []).append(place)
    areas: dict[str, tuple[Area, ...]] = {}
    for (step_id, name), own in places.items():
        area = Area(name, rows.t_ns[own], boxes[own])
        areas[step_id] = (*areas.get(step_id, ()), area)
    return areas


def looking_measures(
    looking: Looking, step_id: str, spans: Sequence[Span], areas: Sequence[Area]
) -> dict[str, float]:
    """The measures of one step; NaN where no gaze, or no face, was measured."""
    measures = dict.fromkeys((column.name for column in COLUMNS), math.nan)
    eyes = looking.measures.get(step_id)
    if eyes is None:
        return measures
    if math.isfinite(eyes.blinks_per_min):  # a face was measured
        measures["blinks"] = float(eyes.n_blinks)
        measures["blinks_per_min"] = eyes.blinks_per_min
        measures["blink_mean_s"] = eyes.blink_s
    if eyes.gaze_s <= 0:
        return measures
    on = _fixated(looking, spans)
    durations_s = looking.fixations.duration_s[on]
    saccades = looking.saccades
    leap = saccades.amplitude_deg[on[saccades.before]] if len(saccades) else np.empty(0)
    on_areas = [area.holds(*_centres(looking)) & on for area in areas]
    return measures | {
        "gaze_s": eyes.gaze_s,
        "gaze_on_screen_s": eyes.gaze_s * eyes.on_screen_share,
        "gaze_off_screen_s": eyes.gaze_s * eyes.off_screen_share,
        "gaze_on_screen_share": eyes.on_screen_share,
        "gaze_error_px": looking.error_px,
        "fixations": float(on.sum()),
        "fixations_per_s": float(on.sum()) / eyes.gaze_s,
        "fixation_mean_s": float(durations_s.mean()) if len(durations_s) else math.nan,
        "fixation_median_s": float(np.median(durations_s)) if len(durations_s) else math.nan,
        "saccade_mean_deg": float(leap.mean()) if len(leap) else math.nan,
        "scanpath_deg": float(leap.sum()),
        "k": eyes.k,
        "aoi_dwell_s": _dwell_s(looking, np.any(on_areas, axis=0)) if areas else math.nan,
        "aois_seen": float(sum(each.any() for each in on_areas)) if areas else math.nan,
    }


def area_measures(
    looking: Looking,
    area: Area,
    spans: Sequence[Span],
    *,
    pointer_ns: NDArray[np.int64],
    pointer_px: NDArray[np.float64],
    is_press: NDArray[np.bool_],
    has_gaze: bool,
) -> dict[str, float]:
    """The measures of one area on one step.

    A fixation lies on it when its centre does, at its middle. Nothing is widened by the gaze
    error, which is told beside; so areas smaller than that say little.
    """
    measures = dict.fromkeys((column.name for column in AOI_COLUMNS), math.nan)
    measures["shown_s"] = area.shown_s(spans)
    if measures["shown_s"] <= 0:
        return measures
    if len(pointer_ns):
        measures |= _under_cursor(area, spans, pointer_ns, pointer_px, is_press)
    if not has_gaze:
        return measures
    on_step = _fixated(looking, spans)
    times_ns, centres_px = _centres(looking)
    on_area = area.holds(times_ns, centres_px) & on_step
    of_step_s = _dwell_s(looking, on_step)
    measures |= {
        "dwell_s": _dwell_s(looking, on_area),
        "dwell_share": _dwell_s(looking, on_area) / of_step_s if of_step_s > 0 else math.nan,
        "fixations": float(on_area.sum()),
        "looks": float(len(runs_of(on_area[on_step]))),
    }
    if on_area.any():
        first = int(np.argmax(on_area))
        onset_ns = int(looking.fixations.onset_ns[first])
        measures["first_fixation_s"] = time_on_step_s(onset_ns, spans)
        measures["first_fixation_duration_s"] = float(looking.fixations.duration_s[first])
    return measures


def time_on_step_s(t_ns: int, spans: Sequence[Span]) -> float:
    """Time spent on the step until then, all its stays laid end to end."""
    spent_ns = sum(min(max(t_ns, start_ns), end_ns) - start_ns for start_ns, end_ns in spans)
    return spent_ns / NS_PER_S


def _under_cursor(
    area: Area,
    spans: Sequence[Span],
    pointer_ns: NDArray[np.int64],
    pointer_px: NDArray[np.float64],
    is_press: NDArray[np.bool_],
) -> Mapping[str, float]:
    dwell_s = 0.0
    for start_ns, end_ns in spans:
        # Before its first row of the stay the cursor was where its last one before left it.
        first = max(0, int(np.searchsorted(pointer_ns, start_ns, side="right")) - 1)
        last = int(np.searchsorted(pointer_ns, end_ns))
        times_ns = np.maximum(pointer_ns[first:last], start_ns)
        rests_s = np.diff(np.append(times_ns, end_ns)) / NS_PER_S
        dwell_s += float(rests_s[area.holds(times_ns, pointer_px[first:last])].sum())
    on_area = within(pointer_ns, spans) & is_press
    clicks = area.holds(pointer_ns[on_area], pointer_px[on_area]).sum()
    return {"pointer_dwell_s": dwell_s, "clicks": float(clicks)}


def _centres(looking: Looking) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    fixations = looking.fixations
    return (fixations.onset_ns + fixations.offset_ns) // 2, fixations.centre_px


def _fixated(looking: Looking, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """(n,) the fixations whose middle lies on the step."""
    return within(_centres(looking)[0], spans)


def _dwell_s(looking: Looking, chosen: NDArray[np.bool_]) -> float:
    return float(looking.fixations.duration_s[chosen].sum())
