"""A rendered clip in which the participant leaves, comes back, and somebody sits down beside her;
and one face at the sizes of all cameras."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from journeylab.capture.camera.source import read_frames
from journeylab.inference.analyser import FrameAnalyser
from journeylab.opencv import cv2
from journeylab.vocabulary import ACTION_UNIT_COLUMNS

HEAD_X = 3
"""Column of the head pose: mm to image right."""


@pytest.mark.real_face
def test_the_participant_is_found_again_and_kept_beside_a_second_face(faces: Path) -> None:
    clip = faces / "dev" / "id01_techcheck.mp4"
    with clip.with_suffix(".csv").open(newline="") as file:
        truth = list(csv.DictReader(file))
    analyser = FrameAnalyser()
    seen: dict[str, list[tuple[bool, float]]] = {"absent": [], "two_faces": [], "good": []}
    for at, frame in enumerate(read_frames(clip)):
        of = truth[at]
        if at < 480 or at % 2:
            continue
        found = analyser.analyse(frame.image, t_ns=frame.t_ns)
        if of["condition"] in seen and of["transition"] == "0":
            off_mm = float(found.head_pose[HEAD_X]) - float(of["head_x_mm"])
            seen[of["condition"]].append((found.has_face, abs(off_mm)))
    analyser.close()
    assert np.mean([has_face for has_face, _ in seen["absent"]]) < 0.05
    for condition in ("two_faces", "good"):
        assert len(seen[condition]) > 60
        assert np.mean([has_face for has_face, _ in seen[condition]]) > 0.98
        assert max(off_mm for has_face, off_mm in seen[condition] if has_face) < 40


@pytest.mark.real_face
@pytest.mark.parametrize("size", [(160, 120), (320, 180), (3840, 2160)])
def test_a_face_is_measured_at_the_size_of_any_camera(faces: Path, size: tuple[int, int]) -> None:
    frames = list(islice(read_frames(faces / "real" / "single_face.mp4"), 6))
    analyser = FrameAnalyser()
    measured = [
        analyser.analyse(
            cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), t_ns=frame.t_ns
        )
        for frame in frames
    ]
    usual = FrameAnalyser()
    plain = [usual.analyse(frame.image, t_ns=frame.t_ns) for frame in frames]
    analyser.close()
    usual.close()
    assert all(one.has_face for one in measured)
    assert np.isfinite(measured[-1].action_units).all()
    if size[0] < 640:  # a small face tells less, and says so
        assert measured[-1].quality < plain[-1].quality
    else:
        units = list(ACTION_UNIT_COLUMNS)
        at = [units.index(code) for code in ("AU12", "AU25", "AU04")]
        assert measured[-1].action_units[at] == pytest.approx(plain[-1].action_units[at], abs=0.2)
