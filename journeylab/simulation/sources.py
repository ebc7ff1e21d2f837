"""A simulated participant in real time: camera, mouse and microphone like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeylab.capture.audio.simulated import SimulatedMicrophone
from journeylab.capture.camera.simulated import SimulatedCamera
from journeylab.capture.pointer.motion import PointerSample
from journeylab.capture.pointer.simulated import SimulatedPointer
from journeylab.capture.source import Source
from journeylab.clock import NS_PER_S, Clock
from journeylab.simulation.participant import AUDIO_RATE_HZ, SimulatedParticipant

CAMERA_RATE_HZ: Final = 30.0


def simulated_sources(
    participant: SimulatedParticipant, *, clock: Clock, from_s: float = 0.0
) -> tuple[Source, Source, Source]:
    """Camera, pointer and microphone that play a participant at the pace of the clock.

    Each plays from its own start; a session starts all its sources at once.

    Parameters
    ----------
    from_s
        Where in the participant's session they begin; ``participant.calibration_s`` is the first
        step. After its end the participant rests with a neutral face.
    """
    return (
        simulated_camera(participant, clock=clock, from_s=from_s),
        simulated_pointer(participant, clock=clock, from_s=from_s),
        simulated_microphone(participant, clock=clock, from_s=from_s),
    )


def simulated_camera(
    participant: SimulatedParticipant, *, clock: Clock, from_s: float = 0.0
) -> SimulatedCamera:
    """The participant's face at 30 frames a second."""

    def render(t_ns: int) -> NDArray[np.uint8]:
        return participant.frame_at(from_s + t_ns / NS_PER_S)

    return SimulatedCamera(
        render,
        clock=clock,
        width_px=participant.width_px,
        height_px=participant.height_px,
        rate_hz=CAMERA_RATE_HZ,
        label=f"simulated participant ({participant.temper.name})",
    )


def simulated_pointer(
    participant: SimulatedParticipant, *, clock: Clock, from_s: float = 0.0
) -> SimulatedPointer:
    """The participant's mouse."""
    shift_ns = round(from_s * NS_PER_S)

    def events(t0_ns: int, t1_ns: int) -> Sequence[PointerSample]:
        samples = participant.pointer_between(
            (t0_ns + shift_ns) / NS_PER_S, (t1_ns + shift_ns) / NS_PER_S
        )
        if shift_ns == 0:
            return samples
        return [
            PointerSample(
                sample.t_ns - shift_ns, sample.x_px, sample.y_px, sample.action, sample.button
            )
            for sample in samples
        ]

    return SimulatedPointer(events, clock=clock)


def simulated_microphone(
    participant: SimulatedParticipant, *, clock: Clock, from_s: float = 0.0
) -> SimulatedMicrophone:
    """The participant's voice."""
    first_of_all = round(from_s * AUDIO_RATE_HZ)

    def samples(first: int, count: int) -> NDArray[np.int16]:
        return participant.audio_between(first_of_all + first, count)

    return SimulatedMicrophone(samples, clock=clock, rate_hz=AUDIO_RATE_HZ)
