"""Dragging with a real mouse on a real X display: a step to its place, an area on its picture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_TRIAL = Path(__file__).with_name("drag_trial.py")


@pytest.mark.display
def test_a_step_is_dragged_and_an_area_drawn(xvfb: str, tmp_path: Path) -> None:
    trial = subprocess.run(
        [sys.executable, str(_TRIAL), str(tmp_path)],
        env={**os.environ, "DISPLAY": xvfb, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert trial.returncode == 0, trial.stderr
    moved, drawn = (json.loads(line) for line in trial.stdout.splitlines())
    assert moved["steps"][:4] == ["confirmed", "mail", "unboxing", "ad"]
    assert moved["chosen"] == 3
    assert drawn["box"] == pytest.approx([200, 100, 400, 300], abs=4)
