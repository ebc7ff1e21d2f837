"""A session cut off before an update of the program is completed after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle.sent import a_header, journalled
from bundle.test_migrations import METRES, PAST, RENAMED, SHARE
from journeylab.bundle import journal as journal_module
from journeylab.bundle import older_rows
from journeylab.bundle.finalise import finalise
from journeylab.bundle.journal import (
    CONTROL_STREAM,
    FLAG_ARRIVED,
    META_LENGTH,
    JournalWriter,
    Record,
    opening_record,
)
from journeylab.bundle.journal_reader import JournalReader
from journeylab.bundle.migrations import CURRENT, MIGRATIONS, Version, stored_layout
from journeylab.bundle.reader import Bundle
from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import LAYOUT
from journeylab.clock import VirtualClock, read_clock_pair
from journeylab.errors import BundleError
from journeylab.streams import Column


def older_journal(journal: Path, version: str, *, spoil: str = "") -> Path:
    """Writes a journal anew as one of the made-up past would have."""
    changed: dict[str, tuple[list[Column], Callable[[dict[str, object]], list[object]]]] = {}

    def change(name: str, columns: list[Column], values: Callable[..., list[object]]) -> None:
        changed[name] = (columns, values)

    pointer, affect = (list(LAYOUT[name].sample_columns) for name in ("pointer", "affect"))
    x = METRES if version == "0.1.0" else RENAMED
    scale = 4000.0 if version == "0.1.0" else 4.0
    pressure = [Column("pressure", "f4", "1", "")] if version == "0.1.0" else []
    change(
        "pointer",
        [*pressure, x, *pointer[1:]],
        lambda v: [*[0.5 for _ in pressure], v["x_px"] / scale, *list(v.values())[1:]],
    )
    change(
        "affect",
        [SHARE, *[c for c in affect[1:] if c.name != "boredom"]],
        lambda v: [v["valence"] / 100, *[v[c.name] for c in affect[1:] if c.name != "boredom"]],
    )
    if version == "0.1.0":
        notes = [c for c in LAYOUT["notes"].sample_columns if c.name != "author"]
        change("notes", notes, lambda v: [v["text"]])
    gone = {"gaze"} if version == "0.1.0" else set()
    out = journal.with_name("older.journal")
    with JournalReader(journal) as reader:
        records = [record for record in reader.events() if isinstance(record, Record)]
        names = reader.opening.streams
        first = opening_record("an id", reader.opening.header, reader.opening.clock)
    values = json.loads(first.payload)
    kept = [name for name in names if name not in gone]
    values["format_version"] = version
    values["streams"] = [
        [name, [[c.name, c.dtype, list(c.shape)] for c in changed[name][0]]]
        if name in changed
        else next(one for one in values["streams"] if one[0] == name)
        for name in kept
    ]
    if spoil:
        values["streams"][kept.index(spoil)][1][0][1] = "f4" if spoil == "pointer" else "wrong"
    writer = JournalWriter(out)
    writer.append([first._replace(payload=json.dumps(values).encode())])
    for record in records:
        if record.stream == CONTROL_STREAM or names[record.stream] not in gone:
            writer.append([_as_older(record, names, kept, changed)])
    writer.close()
    journal.unlink()
    return out


def _as_older(record: Record, names: Any, kept: list[str], changed: dict[str, Any]) -> Record:
    if record.stream == CONTROL_STREAM:
        return record
    name = names[record.stream]
    payload = record.payload
    if name in changed:
        begin = 8 if record.flags & FLAG_ARRIVED else 0
        columns = LAYOUT[name].sample_columns
        found = RowCodec(name, columns).decode([payload[begin:]])
        values = {
            key: one[0].decode() if isinstance(one[0], bytes) else one[0].item()
            for key, one in ((c.name, found[c.name]) for c in columns)
        }
        old, row = changed[name]
        payload = payload[:begin] + RowCodec(name, old).encode(row(values))
    return record._replace(stream=kept.index(name), payload=payload)


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_session_cut_off_before_an_update_is_completed_after_it(
    tmp_path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(
        older_rows, "stored_layout", lambda version: stored_layout(version, migrations=PAST)
    )
    journal = journalled(tmp_path / "P01.h5", 100).journal_path
    older = older_journal(journal, version)
    older.write_bytes(older.read_bytes()[:-20])  # cut off
    with Bundle.open(finalise(older)) as old, Bundle.open(finished) as new:
        assert old.attributes["format_version"] == str(CURRENT)
        assert old.attributes["recovered"] == 1
        for stream in new.streams:
            was, now = old.table(stream), new.table(stream)
            if stream == "gaze" and version == "0.1.0":
                assert len(was) == 0
                continue
            np.testing.assert_array_equal(was.t_ns, now.t_ns)
            for name, values in now.columns.items():
                if (stream, name) == ("affect", "boredom"):
                    assert np.isnan(was[name]).all()
                elif (stream, name) == ("notes", "author") and version == "0.1.0":
                    assert set(was[name]) == {"moderator"}
                elif values.dtype == object:
                    assert was[name].tolist() == values.tolist()
                else:
                    np.testing.assert_allclose(was[name], values, rtol=1e-6)
        frame, same = old.frame_at(old.end_ns), new.frame_at(new.end_ns)
        assert frame is not None and same is not None
        np.testing.assert_array_equal(frame.image, same.image)
        assert old.table("health")["kind"].tolist() == ["recovered"]


@pytest.mark.parametrize("version", ["1.0.0", *(str(m.version) for m in MIGRATIONS[:-1])])
def test_the_journal_of_every_version_so_far_is_finished(tmp_path: Path, version: str) -> None:
    """What was added since is filled in; a version that changed a column needs a case above."""
    today = journalled(tmp_path / "P01.h5", 40).journal_path
    streams = stored_layout(Version.parse(version)).streams
    kept = [name for name in LAYOUT if streams[name].is_present]
    described, codecs, places = [], {}, {}
    for name in kept:
        columns = LAYOUT[name].sample_columns
        stored = [(n, streams[name].columns[c.name].stored) for n, c in enumerate(columns)]
        old = [column for _, column in stored if column is not None]
        described.append([name, [[c.name, c.dtype, list(c.shape)] for c in old]])
        codecs[name] = RowCodec(name, columns), RowCodec(name, old)
        places[name] = [columns[n].name for n, column in stored if column is not None]
    with JournalReader(today) as reader:
        records = [record for record in reader.events() if isinstance(record, Record)]
        names = reader.opening.streams
        first = opening_record("an id", reader.opening.header, reader.opening.clock)
    values = json.loads(first.payload) | {"format_version": version, "streams": described}
    writer = JournalWriter(tmp_path / "P02.journal")
    writer.append([first._replace(payload=json.dumps(values).encode())])
    for record in records:
        if record.stream == CONTROL_STREAM:
            writer.append([record])
        elif (name := names[record.stream]) in kept:
            moved = record._replace(stream=kept.index(name))
            writer.append([_without(moved, LAYOUT[name].blob, *codecs[name], places[name])])
    writer.close()
    with Bundle.open(finalise(today)) as new, Bundle.open(finalise(writer.path)) as old_bundle:
        for stream in new.streams:
            was, now = old_bundle.table(stream), new.table(stream)
            assert len(was) == (len(now) if stream in kept else 0)
            for name in places.get(stream, ()):
                np.testing.assert_array_equal(was[name], now[name], err_msg=f"{stream}/{name}")


def _without(
    record: Record, blob: Column | None, new: RowCodec, old: RowCodec, names: list[str]
) -> Record:
    """The record without the columns its version had not."""
    begin = 8 if record.flags & FLAG_ARRIVED else 0
    front, rest, tail = record.payload[:begin], record.payload[begin:], b""
    if blob is not None:
        (length,) = META_LENGTH.unpack_from(rest)
        rest, tail = rest[4 : 4 + length], rest[4 + length :]
    found = {name: column[0] for name, column in new.decode([rest]).items()}
    row = old.encode([v.decode() if isinstance(v := found[n], bytes) else v for n in names])
    meta = b"" if blob is None else META_LENGTH.pack(len(row))
    return record._replace(payload=front + meta + row + tail)


@pytest.mark.parametrize("spoil", ["pointer", "notes"])
def test_a_journal_that_is_not_what_its_version_says_is_left_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    monkeypatch.setattr(
        older_rows, "stored_layout", lambda version: stored_layout(version, migrations=PAST)
    )
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    older = older_journal(journal, "0.2.0", spoil=spoil)
    with pytest.raises(BundleError, match=r"laid out differently \(.*Open the study with that"):
        finalise(older)
    assert older.exists()


def test_a_journal_of_a_newer_version_is_left_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal_module, "FORMAT_VERSION", "1.999.0")
        patch.setattr(journal_module, "current_layout", lambda: (("later", []),))
        first = opening_record("an id", a_header(), read_clock_pair(VirtualClock()))
    writer = JournalWriter(tmp_path / "P01.journal")
    writer.append([first])
    writer.close()
    with pytest.raises(BundleError, match=r"format 1\.999\.0 is newer"):
        finalise(writer.path)
    assert writer.path.exists()
