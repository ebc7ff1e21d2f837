"""A frame analysed: what is seen in it, and what that means for this person.

The two halves are apart. ``observe`` looks at the image and knows no person; ``interpret`` is a
pure function of what was seen, the neutral face, the calibration and a small state. Live, one
follows the other; offline, all frames are observed first and interpreted once the neutral face is
known, without decoding twice. The same frames give the same numbers either way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.inference import action_units as au
from journeylab.inference import affect, gaze
from journeylab.inference.appearance import appearance
from journeylab.inference.blink import BlinkState
from journeylab.inference.eyes import eye_features
from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.gaze_filter import GazeFilter
from journeylab.inference.geometry import free_face, interocular_px
from journeylab.inference.head_pose import CameraIntrinsics, estimate_head_pose
from journeylab.inference.jitter import JitterState
from journeylab.inference.measures import FaceMeasures, Mesh, no_face
from journeylab.inference.mesh import FaceMeshModel, MeshDetector
from journeylab.inference.neutral import NeutralFace, RunningNeutral
from journeylab.inference.occlusion import MouthLook, MouthState, mouth_look
from journeylab.inference.quality import frame_quality
from journeylab.inference.shape import shape_measures
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

_AU43: Final = ACTION_UNIT_COLUMNS.index("AU43")
# What lids hide or pull at while they close.
_AROUND_EYES: Final = [
    ACTION_UNIT_COLUMNS.index(code)
    for code in ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09")
]
# Lids follow the eyes down: ln aperture falls by this much per unit of iris position, within the
# range gaze has on a screen; closed eyes push the iris beyond it.
_LID_PER_IRIS_Y: Final = 2.0
_IRIS_Y_REST: Final = -0.10
_IRIS_Y_RANGE: Final = 0.08
_LEAST_APERTURE: Final = 0.02
# Smaller leaps of the eyes than this are averaged like noise.
LEAST_LEAP_DEG: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What one frame shows, whoever it is. ``mesh`` is None without a face; the rest is NaN."""

    t_ns: int
    mesh: Mesh | None
    quality: float
    interocular_px: float
    head_pose: NDArray[np.float64]
    eye_features: NDArray[np.float64]
    measures: NDArray[np.float64]
    mouth: MouthLook

    @property
    def has_face(self) -> bool:
        return self.mesh is not None

    @property
    def action_units_raw(self) -> NDArray[np.float64]:
        """(22,) against the population's neutral face; NaN without a face."""
        return au.raw_action_units(self.measures)


@dataclass(frozen=True, slots=True, eq=False)
class AnalyserState:
    """What interpretation remembers from frame to frame; ``open_units`` (22,) are those of the
    last frame with open eyes."""

    neutral: RunningNeutral = field(default_factory=RunningNeutral.empty)
    blink: BlinkState = field(default_factory=BlinkState)
    mouth: MouthState = field(default_factory=MouthState)
    jitter: JitterState = field(default_factory=JitterState)
    affect: affect.AffectState = field(default_factory=affect.AffectState)
    gaze: GazeFilter = field(default_factory=GazeFilter)
    open_units: NDArray[np.float64] | None = None


def observe(
    image: NDArray[np.uint8],
    mesh: Mesh | None,
    *,
    t_ns: int,
    camera: CameraIntrinsics | None = None,
) -> Observation:
    """Measure one frame and its mesh.

    Parameters
    ----------
    image
        (height, width, 3) BGR uint8; a grey image does as well.
    mesh
        The face found in it, or None.
    t_ns
        Time of the frame.
    camera
        Estimated from the image's size when None.
    """
    lost = no_face(t_ns)
    nothing = Observation(
        t_ns=t_ns,
        mesh=None,
        quality=0.0,
        interocular_px=np.nan,
        head_pose=lost.head_pose,
        eye_features=lost.eye_features,
        measures=lost.measures,
        mouth=MouthLook(np.nan, np.nan),
    )
    if mesh is None:
        return nothing
    points_px = mesh.points_px()
    if camera is None:
        camera = CameraIntrinsics.estimated(mesh.width_px, mesh.height_px)
    pose = estimate_head_pose(points_px, camera)
    if pose is None:
        return nothing
    head_pose = pose.as_columns()
    eyes = eye_features(image, points_px, head_pose=head_pose, camera=camera)
    if not np.isfinite(eyes).all():
        return nothing
    size_px = interocular_px(points_px)
    look = appearance(image, points_px)
    furrow = float(np.log(max(look.furrow, 1e-3)))
    shape = shape_measures(free_face(points_px, pose, camera))
    measures = np.concatenate((shape, (furrow, lid_closure(eyes))))
    quality = frame_quality(
        interocular_px=size_px, head_pose=head_pose, misfit=pose.misfit, look=look
    )
    return Observation(
        t_ns=t_ns,
        mesh=mesh,
        quality=quality,
        interocular_px=size_px,
        head_pose=head_pose,
        eye_features=eyes,
        measures=measures,
        mouth=mouth_look(image, points_px),
    )


def lid_closure(eyes: NDArray[np.float64]) -> float:
    """Minus ln of the mean aperture of eye features (6,), freed of looking down or up."""
    aperture = max(float(eyes[4] + eyes[5]) / 2, _LEAST_APERTURE)
    down = float(np.clip((eyes[1] + eyes[3]) / 2 - _IRIS_Y_REST, -_IRIS_Y_RANGE, _IRIS_Y_RANGE))
    return -float(np.log(aperture)) - _LID_PER_IRIS_Y * down


def interpret(
    state: AnalyserState,
    seen: Observation,
    *,
    neutral: NeutralFace | None = None,
    calibration: GazeCalibration | None = None,
    infers_emotion: bool = True,
) -> tuple[AnalyserState, FaceMeasures]:
    """Measures of one frame for this person, and the state after it.

    Without a neutral face the running estimate from the frames so far stands in. During a blink
    the units around the eyes stay as they were before it: brows do not move for so long. With
    ``infers_emotion`` false the rules of affect are not run, and of the action units only the
    closing of the eyes serves, to tell a blink; none is given out.
    """
    if seen.mesh is None:
        return replace(state, open_units=None), no_face(seen.t_ns)
    mouth, clear = state.mouth.seen(seen.mouth, t_ns=seen.t_ns)
    jitter, steady = state.jitter.seen(seen.mesh, t_ns=seen.t_ns)
    quality = seen.quality * clear * steady
    running, raw = state.neutral, seen.action_units_raw
    if neutral is None:
        running = running.seen(seen.measures, raw, quality=quality, t_ns=seen.t_ns)
    rest = running.current if neutral is None else neutral.measures
    units = au.intensities(seen.measures, seen.measures if rest is None else rest)
    blink = state.blink.seen(float(units[_AU43]), t_ns=seen.t_ns)
    open_units = state.open_units
    if blink.closed_since_ns is None:
        open_units = units
    elif open_units is not None and blink.is_blink(seen.t_ns):
        units[_AROUND_EYES] = open_units[_AROUND_EYES]
    affect_state, feeling = state.affect, None
    if infers_emotion:
        affect_state, feeling = state.affect.seen(units, t_ns=seen.t_ns)
    # With the lids down the iris is guessed by the model, not seen.
    gaze_filter, point_px, deviation_px = state.gaze, np.full(2, np.nan), float("nan")
    if calibration is not None and blink.closed_since_ns is None:
        point_px, deviation_px = calibration.predict(seen.eye_features, seen.head_pose)
        gaze_filter, point_px = gaze_filter.seen(
            point_px,
            noise_px=calibration.noise_px,
            least_leap_px=LEAST_LEAP_DEG * calibration.px_per_deg,
            t_ns=seen.t_ns,
        )
    measures = FaceMeasures(
        t_ns=seen.t_ns,
        mesh=seen.mesh,
        quality=quality,
        blink=blink.is_blink(seen.t_ns),
        interocular_px=seen.interocular_px,
        head_pose=seen.head_pose,
        eye_features=seen.eye_features,
        action_units=units,
        measures=seen.measures,
        action_units_raw=raw,
        valence=float("nan") if feeling is None else feeling.valence,
        arousal=float("nan") if feeling is None else feeling.arousal,
        states=np.full(len(STATES), np.nan) if feeling is None else feeling.states,
        confidence=quality * (running.trust if neutral is None else 1.0),
        gaze_px=point_px,
        gaze_uncertainty_px=deviation_px,
    )
    if not infers_emotion:
        measures = measures.without_emotion()
    after = AnalyserState(
        running, blink, mouth, jitter, affect_state, gaze_filter, open_units=open_units
    )
    return after, measures


class FrameAnalyser:
    """Image in, measures out, for one session.

    Made where it is used: the detector tracks from frame to frame, so frames come in order and
    from one thread at a time. ``set_neutral`` and ``set_calibration`` take effect with the next
    frame and may be called from any thread.

    Parameters
    ----------
    neutral, calibration
        The person's, when known.
    detector
        Face Mesh when None; it is closed with the analyser.
    camera
        Intrinsics; estimated from the image's size when None.
    infers_emotion
        False where emotions must not be inferred: no action units, valence, arousal or states.
    """

    def __init__(
        self,
        *,
        neutral: NeutralFace | None = None,
        calibration: GazeCalibration | None = None,
        detector: MeshDetector | None = None,
        camera: CameraIntrinsics | None = None,
        infers_emotion: bool = True,
    ) -> None:
        self._infers_emotion = infers_emotion
        self._neutral = neutral
        self._calibration = calibration
        self._detector: MeshDetector = FaceMeshModel() if detector is None else detector
        self._camera = camera
        self._state = AnalyserState()

    @property
    def models(self) -> dict[str, str]:
        """What infers each derived stream, with version, for the session's header."""
        mesh = self._detector.name
        models = {"landmarks": mesh, "face": f"{mesh}, perspective pose", "gaze": gaze.VERSION}
        if self._infers_emotion:
            models["action_units"] = models["action_units_raw"] = au.MODEL_VERSION
            models["affect"] = affect.RULES_VERSION
        return models

    @property
    def state(self) -> AnalyserState:
        """What it remembers, after the last frame."""
        return self._state

    def analyse(self, image: NDArray[np.uint8], *, t_ns: int) -> FaceMeasures:
        """Measures of one frame; without a usable face, those of no face. Never raises for what
        an image may hold."""
        self._state, measures = interpret(
            self._state,
            self.observe(image, t_ns=t_ns),
            neutral=self._neutral,
            calibration=self._calibration,
            infers_emotion=self._infers_emotion,
        )
        return measures

    def observe(self, image: NDArray[np.uint8], *, t_ns: int) -> Observation:
        """Only what the frame shows, for interpreting later; the state is left as it is."""
        mesh = self._detector.detect(image, t_ns=t_ns)
        return observe(image, mesh, t_ns=t_ns, camera=self._camera)

    def set_neutral(self, neutral: NeutralFace | None) -> None:
        """Measure against this neutral face from the next frame on; None goes back to the
        running estimate."""
        self._neutral = neutral

    def set_calibration(self, calibration: GazeCalibration | None) -> None:
        """Map gaze by this calibration from the next frame on; None stops mapping."""
        self._calibration = calibration

    def close(self) -> None:
        """Free the model; twice is harmless."""
        self._detector.close()
