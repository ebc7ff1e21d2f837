"""The simulated participant: a face, a hand and a temper, with a known truth behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import ScreenGeometry
from journeylab.capture.pointer.motion import PointerSample
from journeylab.simulation.acting import SetMarker, Stage, StepActs, act
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.simulation.expressions import action_units_over, resting_over
from journeylab.simulation.head_motion import gaze_angles_deg, head_over
from journeylab.simulation.pointing import PointerTrack, track_of
from journeylab.simulation.reactions import Reaction, reactions_to
from journeylab.simulation.scanpath import Fixation, blinks_over, gaze_over
from journeylab.simulation.screens import size_mm
from journeylab.simulation.tempers import Temper
from journeylab.simulation.voice import RATE_HZ, Voice
from journeylab.streams import Row
from journeylab.study.model import Study
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

AUDIO_RATE_HZ: Final = RATE_HZ
NEUTRAL_S: Final = 2.6
"""At the start the participant rests her face this long and looks at the screen's middle."""
POINT_S: Final = 1.1
"""Then she looks at each calibration point this long."""
_POINTS: Final = tuple((x, y) for y in (0.1, 0.5, 0.9) for x in (0.08, 0.5, 0.92))
_LATENCY_S: Final = 0.18
_TRUTH_HZ: Final = 100.0
_PX_PER_DEG_AT_MM: Final = 540.0


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A step as it was played, s from the session's start."""

    step_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class CalibrationTarget:
    """A calibration point as it is looked at, s from the session's start."""

    x_px: float
    y_px: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What the participant really does at one instant.

    ``action_units`` (22,) 0..1 in the order of ACTION_UNIT_COLUMNS, ``gaze_px`` (2,) on the
    screen's plane and so perhaps beside it, ``head_pose`` (6,) in the order of
    HEAD_POSE_COLUMNS, ``blink`` closure 0..1.
    """

    action_units: NDArray[np.float64]
    gaze_px: NDArray[np.float64]
    head_pose: NDArray[np.float64]
    blink: float


class SimulatedParticipant:
    """Plays one session of a study; everything follows from the arguments.

    Parameters
    ----------
    device
        Value of the segment device: desktop or mobile.
    pace
        Durations of the steps as a share of what was planned; the demo plays at half of it.
    """

    def __init__(
        self,
        study: Study,
        *,
        temper: Temper,
        device: str,
        seed: int,
        screen: ScreenGeometry,
        pace: float = 1.0,
        width_px: int = 640,
        height_px: int = 480,
    ) -> None:
        self.study, self.temper, self.device, self.seed = study, temper, device, seed
        self.screen = screen
        self.width_px, self.height_px = width_px, height_px
        self._looked_at: tuple[float, float] | None = None
        self._steps = self._plan(pace)
        self._targets = self._plan_targets()
        self._reactions = self._feel()
        self._acts = [self._act(step) for step in self._steps]
        self._truth = self._live()

    @property
    def duration_s(self) -> float:
        """Length of the session, calibration included."""
        return self._steps[-1].end_s + 0.3

    @property
    def neutral_s(self) -> tuple[float, float]:
        """Begin and end of the neutral face."""
        return (0.2, NEUTRAL_S)

    @property
    def calibration_s(self) -> float:
        """When neutral face and calibration are over and the first step begins."""
        return self._targets[-1].end_s + 0.4

    def step_times(self) -> tuple[PlayedStep, ...]:
        """The steps, in order."""
        return self._steps

    def calibration_targets(self) -> tuple[CalibrationTarget, ...]:
        """The nine points, in order."""
        return self._targets

    def reactions(self) -> Mapping[str, tuple[Reaction, ...]]:
        """What was felt on each step; times count from the step's start."""
        return dict(self._reactions)

    def page_events(self) -> tuple[Row, ...]:
        """Rows of the stream page, ``t_ns`` from the session's start."""
        return tuple(event for acts in self._acts for event in acts.page)

    def markers(self) -> tuple[SetMarker, ...]:
        """Markers a moderator sets for what she sees, of the labels the study has."""
        labels = {marker.label for marker in self.study.markers}
        marks = [mark for acts in self._acts for mark in acts.markers if mark.label in labels]
        return tuple(sorted(marks, key=lambda mark: mark.at_s))

    def truth_at(self, t_s: float) -> Truth:
        """The truth at a time, s; before the start and after the end that of the nearest."""
        at = float(np.clip(t_s * _TRUTH_HZ, 0, len(self._truth) - 1))
        low = min(int(at), len(self._truth) - 2)
        share = at - low
        values = self._truth[low] * (1 - share) + self._truth[low + 1] * share
        n = len(ACTION_UNIT_COLUMNS)
        return Truth(values[:n], values[n : n + 2], values[n + 2 : n + 8], float(values[n + 8]))

    def look_at(self, point_px: tuple[float, float] | None) -> None:
        """Look at a point of the screen from now on, with a relaxed face, whatever was planned;
        None to go on with that. From any thread."""
        self._looked_at = point_px

    def pose_at(self, t_s: float) -> AvatarPose:
        """The avatar's pose at a time, s."""
        truth, looked_at = self.truth_at(t_s), self._looked_at
        if looked_at is not None:
            relaxed = np.zeros_like(truth.action_units)
            truth = Truth(relaxed, np.array(looked_at), truth.head_pose, 0.0)
        yaw, pitch, roll, x, y, z = truth.head_pose.tolist()
        eyes = truth.head_pose[None, 3:]
        gaze = gaze_angles_deg(truth.gaze_px[None], eyes, screen=self.screen)[0].tolist()
        units = zip(ACTION_UNIT_COLUMNS, truth.action_units.tolist(), strict=True)
        # The unsided columns repeat the stronger side; drawn, they would move both.
        active = {c: v for c, v in units if v > 1e-3 and c not in ("AU12", "AU14")}
        return AvatarPose(active, yaw, pitch, roll, x, y, z, gaze[0], gaze[1], truth.blink)

    def frame_at(self, t_s: float) -> NDArray[np.uint8]:
        """What the camera sees at a time, s: (height, width, 3) BGR."""
        return self._avatar.render(self.pose_at(t_s))

    def pointer_between(self, t0_s: float, t1_s: float) -> list[PointerSample]:
        """What the mouse did from one time up to, not including, another, s."""
        return self._pointer.between(t0_s, t1_s)

    def audio_between(self, first: int, count: int) -> NDArray[np.int16]:
        """PCM (count,) from a sample on, at :data:`AUDIO_RATE_HZ`."""
        return self._voice.samples(first, count)

    @cached_property
    def _avatar(self) -> Avatar:
        identity = AvatarIdentity(self.seed)
        return Avatar(identity, width_px=self.width_px, height_px=self.height_px)

    @cached_property
    def _pointer(self) -> PointerTrack:
        aims = [aim for acts in self._acts for aim in acts.aims]
        start_px = (self.screen.width_px / 2, self.screen.height_px * 0.6)
        return track_of(aims, start_px=start_px, rng=self._rng(6))

    @cached_property
    def _voice(self) -> Voice:
        rng = self._rng(7)
        utterances = []
        for step in self._steps:
            for reaction in self._reactions[step.step_id]:
                begin_s = step.start_s + reaction.start_s + float(rng.uniform(0.5, 1.0))
                end_s = begin_s + float(rng.uniform(0.5, 1.4))
                if end_s < step.end_s and rng.uniform() < 0.7:
                    utterances.append((begin_s, end_s))
        return Voice(utterances, rng=rng)

    def _rng(self, purpose: int) -> np.random.Generator:
        """Each purpose draws from a stream of its own, so that one does not shift another."""
        return np.random.default_rng((self.seed, 100 + purpose))

    def _plan(self, pace: float) -> tuple[PlayedStep, ...]:
        rng = self._rng(1)
        now_s = NEUTRAL_S + len(_POINTS) * POINT_S + 0.4
        steps = []
        for step in self.study.steps:
            length_s = step.planned_s * pace * self.temper.pace * float(rng.uniform(0.9, 1.12))
            end_s = now_s + max(length_s, 1.0)
            steps.append(PlayedStep(step.id, now_s, end_s))
            now_s = end_s
        return tuple(steps)

    def _plan_targets(self) -> tuple[CalibrationTarget, ...]:
        order = self._rng(2).permutation(len(_POINTS))
        targets = []
        for number, index in enumerate(order.tolist()):
            x, y = _POINTS[index]
            start_s = NEUTRAL_S + number * POINT_S
            targets.append(
                CalibrationTarget(
                    x * self.screen.width_px,
                    y * self.screen.height_px,
                    start_s,
                    start_s + POINT_S,
                )
            )
        return tuple(targets)

    def _feel(self) -> dict[str, tuple[Reaction, ...]]:
        rng = self._rng(3)
        return {
            played.step_id: reactions_to(
                self.study.step(played.step_id),
                study=self.study,
                temper=self.temper,
                device=self.device,
                duration_s=played.end_s - played.start_s,
                rng=rng,
            )
            for played in self._steps
        }

    def _act(self, played: PlayedStep) -> StepActs:
        step = self.study.step(played.step_id)
        stage = Stage(step, played.start_s, played.end_s, self.device, self.screen)
        rng = np.random.default_rng((self.seed, 200, self._steps.index(played)))
        return act(stage, reactions=self._reactions[step.id], temper=self.temper, rng=rng)

    def _fixations(self) -> list[Fixation]:
        middle = (self.screen.width_px / 2, self.screen.height_px / 2)
        fixations = [Fixation(0.0, *middle)]
        for target in self._targets:
            fixations.append(Fixation(target.start_s + _LATENCY_S, target.x_px, target.y_px))
        for acts in self._acts:
            fixations += acts.fixations
        return fixations

    def _live(self) -> NDArray[np.float64]:
        """Action units, gaze, head pose and blink over the whole session, (n, 31)."""
        t_s = np.arange(int(self.duration_s * _TRUTH_HZ) + 2) / _TRUTH_HZ
        rng = self._rng(4)
        width_mm, _ = size_mm(self.screen)
        px_per_deg = _PX_PER_DEG_AT_MM * np.radians(1.0) * self.screen.width_px / width_mm
        gaze = gaze_over(t_s, self._fixations(), px_per_deg=float(px_per_deg))
        head = head_over(t_s, gaze, screen=self.screen, rng=rng)
        # A blink that begins with a point is over before the eyes have come to rest on it.
        spared = [(target.start_s + 0.1, target.end_s) for target in self._targets]
        blink = blinks_over(
            t_s, per_min=self.temper.blinks_per_min, spared=spared, rng=self._rng(5)
        )
        units = action_units_over(
            t_s,
            _in_session(self._steps, self._reactions),
            sneers_left=bool(rng.integers(0, 2)),
            rng=rng,
        )
        resting = resting_over(t_s, from_s=self.calibration_s, rng=self._rng(8))
        return np.column_stack((np.maximum(units, resting), gaze, head, blink))


def _in_session(
    steps: Sequence[PlayedStep], felt: Mapping[str, Sequence[Reaction]]
) -> list[Reaction]:
    """All reactions, with times from the session's start instead of each step's."""
    return [
        Reaction(
            reaction.feeling,
            step.start_s + reaction.start_s,
            step.start_s + reaction.end_s,
            reaction.strength,
        )
        for step in steps
        for reaction in felt[step.step_id]
    ]
