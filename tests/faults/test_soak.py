"""The long session of `make faults`, two minutes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_long_session_keeps_its_times_and_its_memory() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("soak.py")), "--short"],
        check=False,
        capture_output=True,
        text=True,
        timeout=170,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "microphone: error at the end" in done.stdout
