"""One finished session for the tests that only read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bundle.sent import journalled
from journeylab.bundle.finalise import finalise


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of 100 ticks; not to be written to."""
    return finalise(journalled(tmp_path_factory.mktemp("finished") / "P01.h5", 100).journal_path)


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    """The same, to be tampered with."""
    return Path(shutil.copy(finished, tmp_path / "P01.h5"))
