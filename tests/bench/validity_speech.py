"""A neutral face that speaks, looks about and blinks: nothing of it may read as an expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from bench.validity_units import ACTIVE, NEUTRAL_S
from rich.table import Table

from journeylab.clock import NS_PER_S
from journeylab.inference.analyser import FrameAnalyser, interpret
from journeylab.inference.neutral import estimate_neutral
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

SPEAKERS: Final = (31, 32)
SPOKEN_S: Final = 60.0
RATE_HZ: Final = 30
SPOKEN: Final = ("AU25", "AU26")
"""What speaking is made of, and rightly reads as active."""
_SYLLABLE_S: Final = (0.14, 0.32)
_PAUSE_SHARE, _PRESSED_SHARE = 0.2, 0.15
_AU43: Final = ACTION_UNIT_COLUMNS.index("AU43")
_LOUD: Final = 12.0
"""Valence beyond which the trace is coloured."""


def mouth(rng: np.random.Generator, seconds: float) -> list[dict[str, float]]:
    """Action units of each frame of speech: syllables that open the jaw and stretch the lips by
    different amounts, lips pressed for a moment between some, and pauses."""
    frames: list[dict[str, float]] = []
    while len(frames) < seconds * RATE_HZ:
        n = round(rng.uniform(*_SYLLABLE_S) * RATE_HZ)
        shape = np.sin(np.pi * (np.arange(n) + 0.5) / n)
        if rng.random() < _PAUSE_SHARE:
            frames += [{}] * (2 * n)
            continue
        if rng.random() < _PRESSED_SHARE:
            frames += [{"AU24": 0.4}] * 2
        opened, stretched = rng.uniform(0.1, 0.55), rng.uniform(0.0, 0.2)
        frames += [
            {"AU25": opened * s, "AU26": 0.7 * opened * s, "AU20": stretched * s} for s in shape
        ]
    return frames


def poses(seed: int) -> Iterator[AvatarPose]:
    """A resting face for the neutral seconds, then one that speaks."""
    rng = np.random.default_rng(seed)
    resting = [{}] * round(NEUTRAL_S * RATE_HZ)
    gaze, look_at = np.zeros(2), 0
    blink_at = 60
    for at, units in enumerate([*resting, *mouth(rng, SPOKEN_S)]):
        if at >= look_at:
            gaze, look_at = rng.uniform((-14, -12), (14, 4)), at + rng.integers(8, 60)
        if at > blink_at + 4:
            blink_at = at + rng.integers(45, 150)
        t_s = at / RATE_HZ
        yield AvatarPose(
            action_units=units,
            head_yaw_deg=4 * np.sin(0.9 * t_s),
            head_pitch_deg=3 * np.sin(1.3 * t_s),
            head_roll_deg=2 * np.sin(0.7 * t_s),
            gaze_yaw_deg=float(gaze[0]),
            gaze_pitch_deg=float(gaze[1]),
            blink=max(0.0, 1.0 - abs(at - blink_at - 2) / 2),
        )


def speech_table() -> Table:
    """Share of frames in which each unit reads as active, and the trace as coloured."""
    shares, loud = [], []
    for seed in SPEAKERS:
        avatar = Avatar(AvatarIdentity(seed), width_px=640, height_px=480)
        analyser, rng = FrameAnalyser(), np.random.default_rng(seed)
        seen, is_open = [], []
        for at, pose in enumerate(poses(seed)):
            image = avatar.render(pose) + rng.normal(0, 1.5, (480, 640, 3))
            frame = np.clip(image, 0, 255).astype(np.uint8)
            seen.append(analyser.observe(frame, t_ns=at * NS_PER_S // RATE_HZ))
            is_open.append(pose.blink < 0.02)
        n_resting = round(NEUTRAL_S * RATE_HZ)
        rest, state, measures = estimate_neutral(seen[:n_resting]), analyser.state, []
        for one in seen:
            state, of_frame = interpret(state, one, neutral=rest)
            measures.append(of_frame)
        analyser.close()
        units = np.array([one.action_units for one in measures])[n_resting:]
        share = (units > ACTIVE).mean(axis=0)
        share[_AU43] = (units[is_open[n_resting:], _AU43] > ACTIVE).mean()
        shares.append(share)
        loud.append(float(np.mean(np.abs([one.valence for one in measures[n_resting:]]) > _LOUD)))
    table = Table(title="Falsely active (above 0.3) while a drawn neutral face speaks for a minute")
    for heading in ("", "share of frames", "worst speaker"):
        table.add_column(heading, justify="right" if heading else "left")
    for at, code in enumerate(ACTION_UNIT_COLUMNS):
        column = [share[at] for share in shares]
        what = f"{code} (spoken with)" if code in SPOKEN else code
        table.add_row(what, f"{np.mean(column):.1%}", f"{max(column):.1%}")
    table.add_row("valence beyond 12", f"{np.mean(loud):.1%}", f"{max(loud):.1%}", style="bold")
    return table
