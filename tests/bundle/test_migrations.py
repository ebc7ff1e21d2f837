"""Versions in their order, and an older bundle read as if it were of today."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import h5py
import numpy as np
import pytest

from bundle.sent import START_NS, TICK_NS
from journeylab.bundle import audit as audit_module
from journeylab.bundle import inspector, migrations, stored
from journeylab.bundle.audit import audit
from journeylab.bundle.migrations import (
    CURRENT,
    MIGRATIONS,
    AttributeAdded,
    ColumnAdded,
    ColumnChanged,
    ColumnRemoved,
    Migration,
    StreamAdded,
    Version,
    stored_layout,
)
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import LAYOUT
from journeylab.bundle.seal import append_seal
from journeylab.errors import BundleError
from journeylab.streams import Column

# A made-up past. In 0.1.0 there was no gaze, the pointer had x in metres under another name and a
# "pressure", notes had no author, and valence was a share; 0.2.0 renamed x; 0.3.0 is like today.
METRES = Column("x_m", "f8", "m", "from the left edge")
RENAMED = Column("x_mm", "f8", "mm", "from the left edge")
SHARE = Column("valence", "f8", "1", "as a share")
PAST = (
    Migration(
        Version(0, 2, 0),
        (
            StreamAdded("gaze"),
            ColumnChanged("pointer", "x_mm", was=METRES, convert=lambda x: x * 1000.0),
            ColumnRemoved("pointer", "pressure"),
            ColumnAdded("notes", "author", "moderator"),
        ),
    ),
    Migration(
        Version(0, 3, 0),
        (
            ColumnChanged(
                "pointer", "x_px", was=RENAMED, convert=lambda x: (x * 4).astype(np.float32)
            ),
            ColumnChanged(
                "affect", "valence", was=SHARE, convert=lambda v: (v * 100).astype(np.float32)
            ),
            ColumnAdded("affect", "boredom", float("nan")),
            AttributeAdded("records_lost", 0),
        ),
    ),
)


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up migrations in force, and the audit in this process so that it knows them."""

    def layout(version: Version) -> migrations.StoredLayout:
        return stored_layout(version, migrations=PAST)

    def inspect(path: Path, **_: object) -> object:
        with h5py.File(path, "r") as file:
            return audit(path, file)

    monkeypatch.setattr(audit_module, "stored_layout", layout)
    monkeypatch.setattr(stored, "stored_layout", layout)
    monkeypatch.setattr(inspector.INSPECTOR, "inspect", inspect, raising=True)


def column(file: h5py.File, name: str, data: np.ndarray) -> None:
    file.create_dataset(name, data=data, chunks=(64,), maxshape=(None,), dtype=data.dtype)


def made_older(path: Path, version: str) -> Path:
    """Turns a bundle of today into one of the made-up past."""
    with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
        file.attrs["format_version"] = version
        del file.attrs["records_lost"]
        x = file["pointer/x_px"][:].astype("<f8") / 4
        valence = file["affect/valence"][:].astype("<f8") / 100
        del file["pointer/x_px"], file["affect/valence"], file["affect/boredom"]
        column(file, "affect/valence", valence)
        if version == "0.2.0":
            column(file, "pointer/x_mm", x)
        else:
            column(file, "pointer/x_m", x / 1000)
            column(file, "pointer/pressure", x)
            del file["gaze"], file["notes/author"]
    append_seal(path)
    return path


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_an_older_bundle_reads_as_one_of_today(
    copied: Path, finished: Path, past: None, version: str
) -> None:
    with Bundle.open(made_older(copied, version)) as old, Bundle.open(finished) as new:
        old_x, new_x = old.table("pointer")["x_px"], new.table("pointer")["x_px"]
        assert old_x.dtype == new_x.dtype
        np.testing.assert_allclose(old_x, new_x, rtol=1e-6)
        span = {"start_ns": START_NS + 10 * TICK_NS, "end_ns": START_NS + 20 * TICK_NS}
        affect = old.table("affect", **span)
        np.testing.assert_allclose(
            affect["valence"], new.table("affect", **span)["valence"], rtol=1e-6
        )
        assert np.isnan(affect["boredom"]).all() and len(affect) == 10
        assert old.attributes["records_lost"] == 0
        assert "pressure" not in old.table("pointer").columns
        assert set(old.table("notes").columns) == {"text", "author"}
        is_oldest = version == "0.1.0"
        assert len(old.table("gaze")) == (0 if is_oldest else 100)
        assert ("gaze" in old.streams) == (not is_oldest)
        author = old.table("notes")["author"][0]
        assert (author == "moderator") == is_oldest


def test_what_an_older_version_must_have_is_still_demanded(copied: Path, past: None) -> None:
    made_older(copied, "0.1.0")
    with h5py.File(copied, "r+") as file:
        del file["pointer/x_m"]
    append_seal(copied)
    with pytest.raises(BundleError, match="pointer/x_m is missing"):
        Bundle.open(copied)


def test_a_bundle_must_have_all_of_the_version_it_names(copied: Path, past: None) -> None:
    made_older(copied, "0.1.0")
    with h5py.File(copied, "r+") as file:
        file.attrs["format_version"] = "0.2.0"
    append_seal(copied)
    with pytest.raises(BundleError, match="gaze is missing"):
        Bundle.open(copied)


def test_migrations_stand_in_order_and_end_at_the_present_version() -> None:
    versions = [migration.version for migration in MIGRATIONS]
    assert versions == sorted(set(versions))
    assert not versions or versions[-1] == CURRENT
    # Each can be undone: it names what its version's layout has.
    stored_layout(Version(0, 0, 0))


def test_a_change_of_what_is_not_there_is_a_mistake() -> None:
    wrong = (Migration(Version(1, 0, 0), (ColumnAdded("notes", "colour", 0),)),)
    with pytest.raises(ValueError, match="notes has no column colour"):
        stored_layout(Version(0, 9, 0), migrations=wrong)


def test_versions_compare_as_numbers() -> None:
    assert Version.parse("1.10.0") > Version.parse("1.9.7")
    assert str(Version.parse("1.10.0")) == "1.10.0"
    for wrong in ("", "1", "1.0", "1.0.0.0", "a.b.c", "1.0.-1", "1.٢.0", "1. 2.0"):
        with pytest.raises(ValueError, match="is no version"):
            Version.parse(wrong)


def test_a_newer_minor_version_is_known_as_such_and_a_major_one_refused() -> None:
    assert stored_layout(replace(CURRENT, minor=CURRENT.minor + 1)).is_newer
    assert not stored_layout(replace(CURRENT, patch=9)).is_newer
    with pytest.raises(ValueError, match="is newer"):
        stored_layout(replace(CURRENT, major=CURRENT.major + 1))
    assert isinstance(stored_layout(CURRENT).streams, MappingProxyType)
    assert set(stored_layout(CURRENT).streams) == set(LAYOUT)
