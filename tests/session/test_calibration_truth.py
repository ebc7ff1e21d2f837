"""The validation error that is told against the true one, of participants whose gaze is known.

Two kinds of them: eyes played as numbers, with noise that is known; and drawn faces, whose eyes go
through the face model like anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from session_fakes import FakeAnalyser, face_measures

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.inference.analyser import FrameAnalyser
from journeylab.inference.gaze_record import PointKind
from journeylab.inference.measures import FaceMeasures
from journeylab.session.calibration_desk import CalibrationDesk
from journeylab.session.inference_worker import Analyser
from journeylab.session.panels import GazeAfterMove
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.simulation.head_motion import gaze_angles_deg, head_over
from journeylab.simulation.screens import camera_frame_mm
from journeylab.streams import Frame

SCREEN = ScreenGeometry(1920, 1080, width_mm=344.0, height_mm=194.0, name="eDP-1")
# The same panel at other resolutions, as a session may meet it halfway.
RESCALED = [
    replace(SCREEN, width_px=1280, height_px=720),
    replace(SCREEN, width_px=1366, height_px=768, scale=1.25),
    replace(SCREEN, width_px=3840, height_px=2160, scale=2.0),
]
GRID = [(x, y) for y in (0.1, 0.5, 0.9) for x in (0.1, 0.5, 0.9)]
# Where journeylab.app.calibrating shows its points.
MOVEMENT = (0.5, 0.4)
VALIDATION = [(0.26, 0.38), (0.74, 0.24), (0.5, 0.62), (0.24, 0.78), (0.78, 0.74)]
RATE_HZ = 10
AGREES_DEG = 0.2
NOISE_DEG = (0.1, 0.3, 0.6, 1.0, 1.5)


@dataclass
class Look:
    """What the participant did in one frame, and what was seen of it."""

    kind: PointKind | None
    point: int
    gaze_px: NDArray[np.float64]
    eyes_mm: NDArray[np.float64]
    measures: FaceMeasures


class Participant:
    """Looks where she is told, and sways; ``screen`` is what she sees now."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.clock = VirtualClock()
        self.screen = SCREEN
        self.analyser: Analyser = FakeAnalyser()
        self.desk = CalibrationDesk(
            screen=SCREEN,
            publish=lambda _sample: None,
            submit=lambda act: act(self.analyser),
            models=dict,
            clock=self.clock,
        )
        self.looks: list[Look] = []
        self._n_seen = 0
        self.heads = head_over(
            np.arange(3000) / RATE_HZ,
            np.tile(self.size_px / 2, (3000, 1)),
            screen=SCREEN,
            rng=self.rng,
        )

    @property
    def size_px(self) -> NDArray[np.float64]:
        return np.array((self.screen.width_px, self.screen.height_px), dtype=np.float64)

    def see(self, gaze_px: NDArray[np.float64], head: NDArray[np.float64]) -> FaceMeasures:
        raise NotImplementedError

    def look(self, at: tuple[float, float], kind: PointKind | None, *, seconds: float) -> None:
        """Look at a point while it is shown, drifting a little about it; ``kind`` is None for a
        place that nobody asked for."""
        target_px = np.array(at) * self.size_px
        if kind is not None:
            self.desk.gaze.begin_point(*target_px.tolist(), kind=kind)
        for n in range(round(seconds * RATE_HZ)):
            self.clock.advance_ns(NS_PER_S // RATE_HZ)
            head = self.heads[self._n_seen % len(self.heads)].copy()
            self._n_seen += 1
            if kind is PointKind.MOVEMENT:
                head[:2] += 9 * np.array((np.sin(2.1 * n / RATE_HZ), np.cos(1.3 * n / RATE_HZ)))
            gaze_px = target_px + self.rng.normal(0, 3, 2) * self.size_px[0] / 1920
            measures = self.see(gaze_px, head)
            frame = Frame(measures.t_ns, n, np.zeros((2, 2, 3), np.uint8))
            self.desk.take(frame, measures)
            point = int(target_px[0] * 10_000 + target_px[1])
            self.looks.append(Look(kind, point, gaze_px, head[3:], measures))
        self.desk.gaze.end_point()

    def calibrate(self) -> float:
        """Calibrate and validate; the error that is told, degrees."""
        for at in GRID:
            self.look(at, PointKind.CALIBRATION, seconds=1.4)
        self.look(MOVEMENT, PointKind.MOVEMENT, seconds=6.0)
        for at in VALIDATION:
            self.look(at, PointKind.VALIDATION, seconds=1.6)
        self.calibration = self.desk.gaze.finish_points()
        validation = self.calibration.validation
        assert validation is not None and validation.error_deg is not None
        return validation.error_deg

    def move_to(self, screen: ScreenGeometry) -> GazeAfterMove:
        """Her panel takes another resolution."""
        self.screen = screen
        self.looks.clear()
        return self.desk.gaze.move_to(screen)

    def look_about(self, places: list[tuple[float, float]]) -> float:
        """Look at places that were not asked for, each time in the same way; how far gaze is truly
        off there, degrees."""
        self.looks = [one for one in self.looks if one.kind is not None]
        self._n_seen, self.rng = 1500, np.random.default_rng(77)
        for at in places:
            self.look(at, None, seconds=1.6)
        return self.true_error_deg(None)

    def true_error_deg(self, kind: PointKind | None) -> float:
        """Median over the points of how far the point of gaze truly was from where she looked:
        the angle at her eyes, of all frames but those in which they were on their way."""
        by_point: dict[int, list[float]] = {}
        for one in self.looks:
            if one.kind is kind:
                by_point.setdefault(one.point, []).append(self._miss_deg(one))
        settled = round(0.4 * RATE_HZ) - 1  # the frame at 400 ms is used
        return float(np.median([np.nanmedian(miss[settled:]) for miss in by_point.values()]))

    def _miss_deg(self, look: Look) -> float:
        measures = look.measures
        calibration = self.desk.gaze.calibration
        assert calibration is not None
        found_px, _ = calibration.predict(measures.eye_features, measures.head_pose)
        points_px = np.stack((found_px, look.gaze_px))
        ways = camera_frame_mm(points_px, screen=self.screen) - look.eyes_mm
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        return float(np.degrees(np.arccos(np.clip(ways[0] @ ways[1], -1, 1))))


class PlayedEyes(Participant):
    """Her line of sight is known but for noise of ``noise_deg`` in each frame and axis.

    What is measured of it is hers: it is off by some degrees, and stretched.
    """

    def __init__(self, seed: int, *, noise_deg: float) -> None:
        super().__init__(seed)
        self.noise_deg = noise_deg
        own = np.random.default_rng(1000 + seed)
        self.off_deg, self.stretch = own.normal(0, 2, 2), own.uniform(0.85, 1.1, 2)

    def see(self, gaze_px: NDArray[np.float64], head: NDArray[np.float64]) -> FaceMeasures:
        way = camera_frame_mm(gaze_px[None], screen=self.screen)[0] - head[3:]
        true_deg = np.degrees(np.arctan(np.array((way[0], -way[1])) / head[5]))
        noise_deg = self.rng.normal(0, self.noise_deg, 2)
        seen_deg = self.off_deg + self.stretch * true_deg + noise_deg
        measures = face_measures(self.clock.now_ns(), gaze_deg=seen_deg.tolist())
        measures.head_pose[:] = head
        return measures


class DrawnFace(Participant):
    """A drawn face before the whole of the analysis, with noise of the camera in grey levels."""

    def __init__(self, seed: int, *, noise: float) -> None:
        super().__init__(seed)
        self.noise = noise
        self.avatar = Avatar(AvatarIdentity(seed), width_px=640, height_px=480)
        self.analyser = FrameAnalyser()

    def see(self, gaze_px: NDArray[np.float64], head: NDArray[np.float64]) -> FaceMeasures:
        yaw, pitch = gaze_angles_deg(gaze_px[None], head[None, 3:], screen=self.screen)[0]
        pose = AvatarPose({}, *head.tolist(), gaze_yaw_deg=yaw, gaze_pitch_deg=pitch)
        image = self.avatar.render(pose)
        noisy = image + self.rng.normal(0, self.noise, image.shape) if self.noise else image
        return self.analyser.analyse(
            np.clip(noisy, 0, 255).astype(np.uint8), t_ns=self.clock.now_ns()
        )


@pytest.mark.parametrize("noise_deg", NOISE_DEG)
@pytest.mark.parametrize("seed", range(12))
def test_the_error_told_of_played_eyes_is_the_true_one(seed: int, noise_deg: float) -> None:
    participant = PlayedEyes(seed, noise_deg=noise_deg)
    told_deg = participant.calibrate()
    true_deg = participant.true_error_deg(PointKind.VALIDATION)
    assert told_deg == pytest.approx(true_deg, abs=AGREES_DEG)


@pytest.mark.parametrize("noise_deg", [0.5, 2.0])
def test_over_many_participants_it_is_neither_flattered_nor_made_worse(noise_deg: float) -> None:
    differences = []
    for seed in range(12):
        participant = PlayedEyes(seed, noise_deg=noise_deg)
        told_deg = participant.calibrate()
        differences.append(told_deg - participant.true_error_deg(PointKind.VALIDATION))
    assert abs(np.mean(differences)) < 0.05 * (1 + noise_deg)


@pytest.mark.parametrize(("seed", "noise"), [(1, 0.0), (3, 6.0)])
def test_the_error_told_of_a_drawn_face_is_the_true_one(seed: int, noise: float) -> None:
    participant = DrawnFace(seed, noise=noise)
    try:
        told_deg = participant.calibrate()
        true_deg = participant.true_error_deg(PointKind.VALIDATION)
    finally:
        participant.analyser.close()
    assert 0.3 < true_deg < 4
    assert told_deg == pytest.approx(true_deg, abs=AGREES_DEG)


@pytest.mark.parametrize("noise_deg", [0.1, 0.3, 0.6, 1.0])
def test_it_holds_where_nobody_asked_her_to_look(noise_deg: float) -> None:
    """The error told beforehand is the one that a map made afterwards has to reckon with."""
    differences = []
    for seed in range(12):
        participant = PlayedEyes(seed, noise_deg=noise_deg)
        told_deg = participant.calibrate()
        places = np.random.default_rng(seed).uniform(0.15, 0.85, (12, 2)).tolist()
        differences.append(told_deg - participant.look_about(places))
    assert abs(np.mean(differences)) < AGREES_DEG
    assert np.median(np.abs(differences)) < AGREES_DEG


@pytest.mark.parametrize("screen", RESCALED, ids=lambda one: f"{one.width_px}x{one.height_px}")
@pytest.mark.parametrize("noise_deg", [0.1, 0.6])
@pytest.mark.parametrize("seed", range(4))
def test_gaze_goes_on_where_the_panel_takes_another_resolution(
    seed: int, noise_deg: float, screen: ScreenGeometry
) -> None:
    participant = PlayedEyes(seed, noise_deg=noise_deg)
    told_deg = participant.calibrate()
    before_deg = participant.look_about(VALIDATION)
    assert participant.move_to(screen) is GazeAfterMove.RESCALED
    after_deg = participant.look_about(VALIDATION)
    assert after_deg == pytest.approx(before_deg, abs=AGREES_DEG)
    # The same in pixels of the new resolution, and in degrees what it was.
    result = participant.desk.gaze.result
    assert result is not None and result.error_deg == told_deg
    by = screen.width_px / SCREEN.width_px
    assert result.error_px == pytest.approx(participant.calibration.error_px * by, rel=0.01)
    assert participant.move_to(SCREEN) is GazeAfterMove.RESCALED  # and back
    assert participant.look_about(VALIDATION) == pytest.approx(before_deg, abs=AGREES_DEG)


def test_a_drawn_face_is_followed_on_through_another_resolution() -> None:
    participant = DrawnFace(2, noise=3.0)
    try:
        participant.calibrate()
        before_deg = participant.look_about(VALIDATION)
        assert participant.move_to(RESCALED[0]) is GazeAfterMove.RESCALED
        after_deg = participant.look_about(VALIDATION)
    finally:
        participant.analyser.close()
    assert after_deg == pytest.approx(before_deg, abs=AGREES_DEG)
