"""Frames of real people labelled by eye: what must hold for them, as ``make validity`` measures."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.validity import unit_clip
from bench.validity_units import real_table

LEAST_AUC = {
    "smile": 0.95,
    "brow raise": 0.96,
    "furrow": 0.92,
    "open mouth": 0.96,
    "mouth down": 0.90,
    "closed eyes": 0.98,
}


@pytest.mark.real_face
def test_labelled_frames_of_real_people_are_told_apart(faces: Path) -> None:
    clips = [unit_clip(path, peer=None) for path in sorted((faces / "real").glob("*.mp4"))]
    _, shown, n_frames, ours, _ = (list(one.cells) for one in real_table(clips).columns)
    assert set(shown) == set(LEAST_AUC)
    for measure, n, auc in zip(shown, n_frames, ours, strict=True):
        assert int(str(n)) > 60
        assert float(str(auc)) >= LEAST_AUC[str(measure)], measure
