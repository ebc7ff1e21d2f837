"""The mouth seen or covered: a painted face, a hand over it, and the real clip with one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from journeylab.capture.camera.source import read_frames
from journeylab.clock import NS_PER_MS
from journeylab.inference.analyser import FrameAnalyser
from journeylab.inference.occlusion import MouthState, mouth_look
from journeylab.opencv import cv2
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose

STEP_NS = 33 * NS_PER_MS


def points_with_mouth() -> np.ndarray:
    """(478, 2) px: eye corners 100 px apart, lips as two ellipses below them."""
    points = np.zeros((478, 2))
    points[33], points[263] = (150, 150), (250, 150)
    outer = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39]
    outer += [40, 185]
    inner = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81]
    inner += [80, 191]
    for indices, width, height in ((outer, 30, 13), (inner, 24, 2)):
        angle = np.pi - np.linspace(0, 2 * np.pi, len(indices), endpoint=False)
        points[indices, 0] = 200 + width * np.cos(angle)
        points[indices, 1] = 240 + height * np.sin(angle)
    return points


def painted(*, is_covered: bool = False, is_grey: bool = False) -> np.ndarray:
    image = np.full((400, 400, 3), (130, 150, 190), np.uint8)
    cv2.ellipse(image, (200, 240), (30, 13), 0, 0, 360, (90, 90, 180), -1)
    if is_covered:
        cv2.rectangle(image, (120, 215), (205, 399), (100, 120, 160), -1)
        cv2.rectangle(image, (150, 235), (240, 399), (30, 40, 60), -1)
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if is_grey else image


@pytest.mark.parametrize("is_grey", [False, True])
def test_a_hand_over_the_mouth_is_told_and_forgotten_when_it_goes(is_grey: bool) -> None:
    points, state, seen = points_with_mouth(), MouthState(), []
    shown = [False] * 30 + [True] * 30 + [False] * 30
    for at, is_covered in enumerate(shown):
        look = mouth_look(painted(is_covered=is_covered, is_grey=is_grey), points)
        state, clear = state.seen(look, t_ns=at * STEP_NS)
        seen.append(clear)
    assert min(seen[:30]) == 1.0
    assert max(seen[31:60]) < 0.5
    assert min(seen[61:]) > 0.9


def test_lips_too_small_to_tell_are_not_judged() -> None:
    points = points_with_mouth()
    points[:, :2] = points[33] + (points - points[33]) * 0.0
    look = mouth_look(painted(), points)
    assert np.isnan(look.redness)
    assert MouthState().seen(look, t_ns=0) == (MouthState(), 1.0)


def test_a_smile_is_no_hand() -> None:
    avatar = Avatar(AvatarIdentity(seed=2), width_px=640, height_px=480)
    analyser = FrameAnalyser()
    qualities = []
    for at in range(24):
        smile = max(0, at - 8) / 15
        units = {"AU12": smile, "AU06": smile, "AU25": 0.5 * smile}
        image = avatar.render(AvatarPose(action_units=units))
        qualities.append(analyser.analyse(image, t_ns=at * STEP_NS).quality)
    analyser.close()
    assert min(qualities[2:]) > 0.75


@pytest.mark.real_face
def test_quality_falls_while_a_real_hand_covers_the_mouth(faces: Path) -> None:
    analyser = FrameAnalyser()
    clip = faces / "real" / "WolfgangLanger_Pexels.mp4"
    quality = [analyser.analyse(f.image, t_ns=f.t_ns).quality for f in read_frames(clip)]
    analyser.close()
    assert np.median(quality[80:136]) < 0.4  # by the clip's README: hand over mouth or nose
    assert np.median(quality[240:440]) > 0.7
