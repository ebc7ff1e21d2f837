"""The validation error that is told against the true one, of participants whose gaze is known.

Two kinds of them: eyes played as numbers, with noise that is known; and drawn faces, whose eyes go
through the face model like anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.simulation.head_motion import gaze_angles_deg, head_over
from journeylab.simulation.screens import camera_frame_mm
from journeylab.streams import Frame

SCREEN = ScreenGeometry(1920, 1080, width_mm=344.0, height_mm=194.0)
SIZE_PX = np.array((1920.0, 1080.0))
GRID = [(x, y) for y in (0.1, 0.5, 0.9) for x in (0.1, 0.5, 0.9)]
# Where journeylab.app.calibrating shows its points.
MOVEMENT = (0.5, 0.4)
VALIDATION = [(0.26, 0.38), (0.74, 0.24), (0.5, 0.62), (0.24, 0.78), (0.78, 0.74)]
RATE_HZ = 10
AGREES_DEG = 0.2


@dataclass
class Look:
    """What the participant did in one frame, and what was seen of it."""

    kind: PointKind
    point: int
    gaze_px: NDArray[np.float64]
    eyes_mm: NDArray[np.float64]
    measures: FaceMeasures


class Participant:
    """Looks where she is told, and sways."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.clock = VirtualClock()
        self.analyser: Analyser = FakeAnalyser()
        self.desk = CalibrationDesk(
            screen=SCREEN,
            publish=lambda _sample: None,
            submit=lambda act: act(self.analyser),
            models=dict,
            clock=self.clock,
        )
        self.looks: list[Look] = []
        self.heads = head_over(
            np.arange(3000) / RATE_HZ, np.tile(SIZE_PX / 2, (3000, 1)), screen=SCREEN, rng=self.rng
        )

    def see(self, gaze_px: NDArray[np.float64], head: NDArray[np.float64]) -> FaceMeasures:
        raise NotImplementedError

    def look(self, at: tuple[float, float], kind: PointKind, *, seconds: float) -> None:
        """Look at a point while it is shown, drifting a little about it."""
        target_px = np.array(at) * SIZE_PX
        self.desk.gaze.begin_point(*target_px.tolist(), kind=kind)
        for n in range(round(seconds * RATE_HZ)):
            self.clock.advance_ns(NS_PER_S // RATE_HZ)
            head = self.heads[len(self.looks) % len(self.heads)].copy()
            if kind is PointKind.MOVEMENT:
                head[:2] += 9 * np.array((np.sin(2.1 * n / RATE_HZ), np.cos(1.3 * n / RATE_HZ)))
            gaze_px = target_px + self.rng.normal(0, 3, 2)
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

    def true_error_deg(self, kind: PointKind) -> float:
        """Median over the points of how far the point of gaze truly was from where she looked:
        the angle at her eyes, of all frames but those in which they were on their way."""
        by_point: dict[int, list[float]] = {}
        for one in self.looks:
            if one.kind is kind:
                by_point.setdefault(one.point, []).append(self._miss_deg(one))
        settled = round(0.4 * RATE_HZ)
        return float(np.median([np.nanmedian(miss[settled:]) for miss in by_point.values()]))

    def _miss_deg(self, look: Look) -> float:
        measures = look.measures
        found_px, _ = self.calibration.calibration.predict(
            measures.eye_features, measures.head_pose
        )
        ways = camera_frame_mm(np.stack((found_px, look.gaze_px)), screen=SCREEN) - look.eyes_mm
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        return float(np.degrees(np.arccos(np.clip(ways[0] @ ways[1], -1, 1))))


class PlayedEyes(Participant):
    """Her line of sight is known but for noise of ``noise_deg`` in each frame and axis."""

    def __init__(self, seed: int, *, noise_deg: float) -> None:
        super().__init__(seed)
        self.noise_deg = noise_deg

    def see(self, gaze_px: NDArray[np.float64], head: NDArray[np.float64]) -> FaceMeasures:
        way = camera_frame_mm(gaze_px[None], screen=SCREEN)[0] - head[3:]
        yaw, pitch = np.degrees(np.arctan(np.array((way[0], -way[1])) / head[5]))
        noise = self.rng.normal(0, self.noise_deg, 2)
        measures = face_measures(self.clock.now_ns(), gaze_deg=(yaw + noise[0], pitch + noise[1]))
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
        yaw, pitch = gaze_angles_deg(gaze_px[None], head[None, 3:], screen=SCREEN)[0]
        pose = AvatarPose({}, *head.tolist(), gaze_yaw_deg=yaw, gaze_pitch_deg=pitch)
        image = self.avatar.render(pose)
        noisy = image + self.rng.normal(0, self.noise, image.shape) if self.noise else image
        return self.analyser.analyse(
            np.clip(noisy, 0, 255).astype(np.uint8), t_ns=self.clock.now_ns()
        )


@pytest.mark.parametrize("noise_deg", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(6))
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
