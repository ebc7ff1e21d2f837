"""What inference says about one frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.streams import N_FACE_MEASURES, Row, row
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    EYE_FEATURE_COLUMNS,
    HEAD_POSE_COLUMNS,
    STATES,
)

_APERTURES: Final = ("left_aperture", "right_aperture")


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A face mesh: ``xyz`` (478, 3) float32, x and y as shares of the image's width and height,
    z on x's scale, of an image of ``width_px`` by ``height_px``."""

    xyz: NDArray[np.float32]
    width_px: int
    height_px: int

    def points_px(self) -> NDArray[np.float64]:
        """(478, 3) in pixels; z in pixels too, towards the camera negative."""
        scale = np.array([self.width_px, self.height_px, self.width_px], dtype=np.float64)
        return np.asarray(self.xyz, dtype=np.float64) * scale


@dataclass(frozen=True, slots=True, eq=False)
class FaceMeasures:
    """All measures of one frame. Without a face every number is NaN, and quality is 0.

    Arrays follow the column orders of :mod:`journeylab.vocabulary`: head pose (6,), eye features
    (6,), action units and raw action units (22,), states (10,); point of gaze (2,) px. ``measures``
    (N_MEASURES,) is what the action units are read from. ``confidence`` 0..1 is how far valence,
    arousal and states can be trusted: quality of the frame, and of the neutral face behind them.
    """

    t_ns: int
    mesh: Mesh | None
    quality: float
    blink: bool
    interocular_px: float
    head_pose: NDArray[np.float64]
    eye_features: NDArray[np.float64]
    measures: NDArray[np.float64]
    action_units: NDArray[np.float64]
    action_units_raw: NDArray[np.float64]
    valence: float
    arousal: float
    states: NDArray[np.float64]
    confidence: float
    gaze_px: NDArray[np.float64]
    gaze_uncertainty_px: float

    @property
    def has_face(self) -> bool:
        return self.mesh is not None

    def action_unit(self, code: str) -> float:
        """Intensity 0..1 of one action unit, such as ``AU12``."""
        return float(self.action_units[ACTION_UNIT_COLUMNS.index(code)])

    def without_emotion(self) -> FaceMeasures:
        """The same frame with nothing inferred of emotions: action units and states are NaN."""
        lost = no_face(self.t_ns)
        return replace(
            self,
            measures=lost.measures,
            action_units=lost.action_units,
            action_units_raw=lost.action_units_raw,
            valence=lost.valence,
            arousal=lost.arousal,
            states=lost.states,
            confidence=lost.confidence,
        )

    def without_gaze(self) -> FaceMeasures:
        """The same frame with nothing of where the person looked: head, eyes and point of gaze are
        NaN. Only how far the eyes are open is kept, of which blinks are made."""
        lost = no_face(self.t_ns)
        eyes = lost.eye_features
        for column in _APERTURES:
            place = EYE_FEATURE_COLUMNS.index(column)
            eyes[place] = self.eye_features[place]
        return replace(
            self,
            head_pose=lost.head_pose,
            eye_features=eyes,
            gaze_px=lost.gaze_px,
            gaze_uncertainty_px=lost.gaze_uncertainty_px,
        )

    def rows(self, *, arrived_ns: int | None = None) -> tuple[Row, ...]:
        """The samples of the derived streams, all with the time of the frame."""
        face = row(
            "face",
            self.t_ns,
            arrived_ns=arrived_ns,
            face=int(self.has_face),
            quality=self.quality,
            blink=int(self.blink),
            interocular_px=self.interocular_px,
            **dict(zip(HEAD_POSE_COLUMNS, self.head_pose.tolist(), strict=True)),
            **dict(zip(EYE_FEATURE_COLUMNS, self.eye_features.tolist(), strict=True)),
        )
        if self.mesh is None:
            return (face,)
        t_ns = self.t_ns
        affect = (self.valence, self.arousal, *self.states.tolist(), self.confidence)
        gaze = (*self.gaze_px.tolist(), self.gaze_uncertainty_px)
        return (
            face,
            Row("landmarks", t_ns, (self.mesh.xyz,), arrived_ns),
            Row("face_measures", t_ns, (self.measures.astype(np.float32),), arrived_ns),
            Row("action_units", t_ns, tuple(self.action_units.tolist()), arrived_ns),
            Row("action_units_raw", t_ns, tuple(self.action_units_raw.tolist()), arrived_ns),
            Row("affect", t_ns, affect, arrived_ns),
            Row("gaze", t_ns, gaze, arrived_ns),
        )


def no_face(t_ns: int) -> FaceMeasures:
    """The measures of a frame without a face."""
    nan = float("nan")

    def lost(n: int) -> NDArray[np.float64]:
        return np.full(n, nan)

    return FaceMeasures(
        t_ns=t_ns,
        mesh=None,
        quality=0.0,
        blink=False,
        interocular_px=nan,
        head_pose=lost(len(HEAD_POSE_COLUMNS)),
        eye_features=lost(len(EYE_FEATURE_COLUMNS)),
        measures=lost(N_FACE_MEASURES),
        action_units=lost(len(ACTION_UNIT_COLUMNS)),
        action_units_raw=lost(len(ACTION_UNIT_COLUMNS)),
        valence=nan,
        arousal=nan,
        states=lost(len(STATES)),
        confidence=nan,
        gaze_px=lost(2),
        gaze_uncertainty_px=nan,
    )
