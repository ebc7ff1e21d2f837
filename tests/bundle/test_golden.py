"""Every version of the format ever written is read, with the values that were sent."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from journeylab.bundle.migrations import MIGRATIONS, Version
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import FORMAT_VERSION
from journeylab.bundle.validate import validate

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
VERSIONS = sorted(path.name.removesuffix(".h5.gz") for path in GOLDEN.glob("*.h5.gz"))


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / "golden.h5"
    path.write_bytes(gzip.decompress((GOLDEN / f"{request.param}.h5.gz").read_bytes()))
    return path, json.loads((GOLDEN / f"{request.param}.json").read_text(encoding="utf-8"))


def test_the_present_version_and_all_that_a_migration_follows_have_a_golden_bundle() -> None:
    assert FORMAT_VERSION in VERSIONS, "run packaging/make_golden_bundle.py tests/golden"
    versions = [Version.parse(text) for text in VERSIONS]
    assert {m.version for m in MIGRATIONS} <= set(versions)
    assert all(path.stat().st_size < 150_000 for path in GOLDEN.iterdir())


def test_every_value_of_the_tables_comes_back(golden: tuple[Path, dict[str, Any]]) -> None:
    path, expected = golden
    with Bundle.open(path) as bundle:
        for stream, columns in expected["tables"].items():
            table = bundle.table(stream)
            assert table.t_ns.tolist() == expected["t_ns"], stream
            for name, values in columns.items():
                found = table[name]
                if found.ndim > 1:
                    found = found[:, :2]
                if found.dtype == object:
                    assert found.tolist() == values
                else:
                    sent = np.array(values, dtype=float)
                    np.testing.assert_array_equal(found.astype(float), sent, f"{stream}/{name}")
        assert bundle.attributes["recovered"] == 0
        assert bundle.header.study_title == "Täglicher Einkauf"
        assert bundle.header.screen.width_mm == 293.5


def test_its_video_sound_and_pictures_come_back(golden: tuple[Path, dict[str, Any]]) -> None:
    path, expected = golden
    with Bundle.open(path) as bundle:
        frames = list(bundle.frames())
        assert [frame.t_ns for frame in frames] == expected["t_ns"]
        levels = [float(frame.image.mean()) for frame in frames]
        np.testing.assert_allclose(levels, expected["frame_levels"], atol=3)
        sound = bundle.audio()
        assert sound is not None
        np.testing.assert_array_equal(sound.pcm, np.arange(expected["pcm_samples"]))
        pictures = [list(bundle.picture(entry).data) for entry in bundle.pictures()]
        assert pictures == expected["pictures"]


def test_it_is_valid(golden: tuple[Path, dict[str, Any]]) -> None:
    report = validate(golden[0])
    assert report.problems == ()
