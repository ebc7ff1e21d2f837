"""One simulated participant through the real pipeline, in virtual time, into one bundle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S, SessionClock, VirtualClock
from journeylab.inference.analyser import FrameAnalyser
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.lockstep import LockstepSession
from journeylab.session.lockstep_script import LockstepScript
from journeylab.simulation.areas import areas_on
from journeylab.simulation.participant import AUDIO_RATE_HZ, SimulatedParticipant
from journeylab.simulation.screens import screen_picture
from journeylab.simulation.tempers import TEMPERS
from journeylab.streams import Sample, row
from journeylab.study.assignment import assign
from journeylab.study.folder import StudyFolder
from journeylab.vocabulary import StimulusKind

SCREEN: Final = ScreenGeometry(1920, 1080, scale=1.0, width_mm=345.0, height_mm=194.0)
"""A 15.6" laptop's."""
FRAME_RATE_HZ: Final = 20.0
"""Of the played camera: drawing and measuring its frames is nearly all of the demo's time, and 20
a second still show every blink and every rise of a smile."""
_CONSENT: Final = {**AGREED_TO_ALL, "stated_by": "simulated"}


@dataclass(frozen=True, slots=True)
class PlayedCast:
    """Who takes part: ``temper`` names one of TEMPERS."""

    participant_id: str
    temper: str
    device: str
    seed: int


def play(
    folder: StudyFolder,
    cast: PlayedCast,
    *,
    pace: float,
    progress: Callable[[float], None] | None = None,
) -> Path:
    """Play one participant's whole session; the path of the bundle.

    Parameters
    ----------
    pace
        Share of the planned durations that the steps take.
    """
    analyser = FrameAnalyser(infers_emotion=folder.study.privacy.infers_emotion)
    try:
        session = LockstepSession(
            folder,
            script_of(cast, folder=folder, pace=pace),
            analyser=analyser,
            clock=VirtualClock(wall_start_ns=SessionClock().wall_ns()),
            screen=SCREEN,
        )
        return session.run(progress=progress)
    finally:
        analyser.close()


def script_of(cast: PlayedCast, *, folder: StudyFolder, pace: float) -> LockstepScript:
    """What one of the cast does, at a pace as in :func:`play`, for a lockstep session to play."""
    study = folder.study
    has_device = any(segment.name == "device" for segment in study.segments)
    segments = {"device": cast.device} if has_device else {}
    # Who was played before counts for nothing, as simulated sessions do everywhere.
    assignment = assign(study, cast.participant_id, segments=segments, earlier=tuple)
    participant = SimulatedParticipant(
        study.model_copy(update={"steps": assignment.steps}),
        temper=TEMPERS[cast.temper],
        device=cast.device,
        seed=cast.seed,
        screen=SCREEN,
        pace=pace,
    )
    label = f"simulated participant ({participant.temper.name})"
    return LockstepScript(
        assignment=assignment,
        duration_s=participant.duration_s,
        frame_at=participant.frame_at,
        frame_rate_hz=FRAME_RATE_HZ,
        steps=participant.step_times(),
        consent=_CONSENT,
        devices={"camera": label, "pointer": "simulated mouse", "microphone": label},
        pointer_between=participant.pointer_between,
        audio_between=participant.audio_between,
        audio_rate_hz=AUDIO_RATE_HZ,
        markers=participant.markers(),
        samples=_shown(participant, folder),
        neutral_s=participant.neutral_s,
        targets=participant.calibration_targets(),
    )


def _shown(participant: SimulatedParticipant, folder: StudyFolder) -> list[Sample]:
    """What the participant's screen would have written, in order of time."""
    samples: list[Sample] = list(participant.page_events())
    for played in participant.step_times():
        step = participant.study.step(played.step_id)
        start_ns, end_ns = round(played.start_s * NS_PER_S), round(played.end_s * NS_PER_S)
        stimulus = step.stimulus
        detail = stimulus.path or stimulus.url or str(stimulus.kind)
        is_video = stimulus.kind is StimulusKind.VIDEO
        onset = row(
            "stimulus",
            start_ns,
            step_id=step.id,
            what="onset",
            detail=detail,
            media_s=0.0 if is_video else math.nan,
        )
        samples.append(onset)
        if is_video:
            media_s = (end_ns - start_ns) / NS_PER_S
            samples.append(
                row(
                    "stimulus",
                    end_ns - 1,
                    step_id=step.id,
                    what="end",
                    detail=detail,
                    media_s=media_s,
                )
            )
        samples += [
            row(
                "aois",
                start_ns,
                step_id=step.id,
                name=name,
                x_px=box.left_px,
                y_px=box.top_px,
                width_px=box.width_px,
                height_px=box.height_px,
            )
            for name, box in areas_on(step, device=participant.device, screen=participant.screen)
        ]
        picture = screen_picture(
            folder, step, device=participant.device, screen=participant.screen, t_ns=start_ns
        )
        if picture is not None:
            samples.append(picture)
    return sorted(samples, key=lambda sample: sample.t_ns)
