"""The short run of `make faults` over damaged and hostile bundles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(300)
def test_a_hostile_bundle_is_refused_or_read_and_opens_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hostile.py")), "--short"],
        check=False,
        capture_output=True,
        text=True,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "NOT HELD" not in done.stdout
    assert "hostile files opened" in done.stdout
