"""The runs of `make faults`, as short as they go: each fails when something did not hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parent


def run_short(script: str) -> str:
    """Run a script of this folder; what it printed, which a test that fails shows."""
    done = subprocess.run(
        [sys.executable, str(_FOLDER / script), "--short"],
        check=False,
        capture_output=True,
        text=True,
        timeout=170,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    return done.stdout


def test_killed_sessions_finalisers_and_encryptions_lose_nothing_but_the_last_moment() -> None:
    told = run_short("kills.py")
    assert "recordings killed" in told
    assert "killed while encrypted" in told


def test_a_disk_that_fills_up_is_told_and_loses_nothing_that_was_written() -> None:
    told = run_short("full_disk.py")
    if "SKIPPED" in told:
        pytest.skip(told.strip())
    assert "disks filled" in told


def test_writing_finishing_and_reading_cost_little() -> None:
    told = run_short("cost.py")
    assert "writing without video" in told
    assert "encrypted, a moment clicked on the map" in told
