"""Writes ``docs/bundle-format.md`` from the declaration of the format.

``python -m journeylab.bundle.documentation docs/bundle-format.md`` writes it anew; a test compares
the file with what this module says.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from journeylab.bundle.migrations import MIGRATIONS, Migration
from journeylab.bundle.schema import (
    BUNDLE_SUFFIX,
    DATASET_ATTRIBUTES,
    FORMAT,
    FORMAT_VERSION,
    GZIP_LEVEL,
    LANDMARK_GRID,
    LAYOUT,
    ROOT_ATTRIBUTES,
    TEXT,
    StreamLayout,
    chunk_rows,
    is_checksummed,
    is_compressed,
)
from journeylab.streams import Column

READ_WITH_H5PY: Final = """\
import h5py
with h5py.File("P01.h5") as bundle:
    t_s = (bundle["pointer/t_ns"][:] - bundle.attrs["start_ns"]) / 1e9
    x_px = bundle["pointer/x_px"][:]
    notes = bundle["notes/text"].asstr()[:]
"""
READ_WITH_PANDAS: Final = """\
import h5py, pandas
with h5py.File("P01.h5") as bundle:
    columns = {name: values[:] for name, values in bundle["affect"].items()}
affect = pandas.DataFrame(columns).set_index("t_ns")
print(affect["valence"].describe())
"""
H5DUMP: Final = ("h5dump -A P01.h5", "h5dump -d /affect/valence P01.h5")

_FRONT: Final = f"""\
# The bundle, format {FORMAT_VERSION}

<!-- Written by `python -m journeylab.bundle.documentation docs/bundle-format.md`. Change
journeylab/streams/declared.py or journeylab/bundle/schema.py instead of this file. -->

One session is one HDF5 file, `*{BUNDLE_SUFFIX}`, called a bundle. It has one group per stream, and
in it one dataset per column; every stream has its group in every bundle, empty where nothing came.
All times are nanoseconds of the session clock, which never goes back; the attributes `clock_t_ns`
and `clock_wall_ns` and the stream `clock` tie it to wall time. The first axis of every dataset is
time. Numbers are little-endian; a lost float is NaN; texts are UTF-8 of variable length.

## Reading it elsewhere
A bundle needs nothing but HDF5 1.10 or newer: no plugin, no filter beside gzip, shuffle and
fletcher32. HDF5 itself trusts what it reads, so before you open a bundle that somebody sent you,
run `journeylab verify` on it.

With the tools of HDF5:

```sh
{chr(10).join(H5DUMP)}
```

With h5py:

```python
{READ_WITH_H5PY}```

With pandas:

```python
{READ_WITH_PANDAS}```

`journeylab export P01.h5 --to csv --out DIR` (or `parquet`, `mp4`, `wav`) writes the streams for
programs that know no HDF5.

## Rules
- **Version.** `format` is `{FORMAT}`, `format_version` a semantic version. A newer minor version
  adds streams, columns or attributes, and is read without them; a newer major version is refused.
  Older versions are read as they are: the file is never rewritten, what changed since is undone
  while reading (`journeylab/bundle/migrations.py`).
- **Order.** Samples of a stream stand in the order of their time. `t_ns` says when it happened,
  `arrived_ns` when it reached the computer; the two are equal where only one is known.
- **Bytes.** Video, sound and pictures have one more dataset with all their bytes, or samples. Their
  columns index it without a hole. H.264 packets are stored as they left the encoder, with
  parameter sets before each keyframe.
- **Storage.** Hard links only; chunked datasets; no external storage, virtual dataset or other
  filter. gzip (level {GZIP_LEVEL}) with shuffle, except on bytes that are packed already;
  fletcher32 on all but texts. `libver=("earliest", "v110")`.
- **Meshes** lie on a grid of 1/{LANDMARK_GRID}, which compresses; the error is under 0.02 px.
- **Seal.** Behind the end of the HDF5 file, where other programs do not look: begin and end of all
  chunks that bear a checksum (pairs of u8), then the length of the HDF5 file (u8), the number of
  those ranges (u8), the CRC-32 of all bytes outside them (u4), the CRC-32 of the seal so far (u4),
  and `JLseal\\x001`. All little-endian.
"""


def document() -> str:
    """The whole text of docs/bundle-format.md."""
    parts = [_FRONT, *_attributes(), "## Streams\n"]
    for layout in LAYOUT.values():
        parts += _stream(layout)
    parts += _history(MIGRATIONS)
    return "\n".join(parts).rstrip() + "\n"


def _attributes() -> Iterator[str]:
    rows = [
        (f"`{a.name}`", "text" if a.kind == TEXT else "i8", _cell(a.description))
        for a in ROOT_ATTRIBUTES
    ]
    yield "## Attributes of the file\n"
    yield _table(("name", "type", "meaning"), rows)
    yield "## Attributes of a dataset\n"
    meanings = [(f"`{name}`", meaning) for name, meaning in DATASET_ATTRIBUTES.items()]
    yield _table(("name", "meaning"), meanings)


def _stream(layout: StreamLayout) -> Iterator[str]:
    spec = layout.spec
    kept = "never dropped" if spec.critical else "may be dropped under load, which is counted"
    yield f"### {spec.name}\n"
    yield f"{spec.description[:1].upper()}{spec.description[1:]}. Kind: {spec.kind}; {kept}.\n"
    headings = ("dataset", "type", "unit", "range", "filters, entries a chunk", "meaning")
    yield _table(headings, [_column(column) for column in layout.datasets])


def _column(column: Column) -> tuple[str, ...]:
    kind = column.dtype if not column.shape else f"{column.dtype} {column.shape}"
    bounds = ""
    if column.low is not None or column.high is not None:
        bounds = f"{_bound(column.low)} … {_bound(column.high)}"
    filters = ["gzip"] * is_compressed(column) + ["fletcher32"] * is_checksummed(column)
    stored = f"{' '.join(filters)}, {chunk_rows(column)}"
    return (f"`{column.name}`", kind, column.unit, bounds, stored, _cell(column.description))


def _bound(value: float | None) -> str:
    return "" if value is None or math.isinf(value) else f"{value:g}"


def _history(migrations: Sequence[Migration]) -> Iterator[str]:
    yield "## Versions\n"
    rows = [("1.0.0", "the first")]
    rows += [(str(m.version), "; ".join(map(_cell, map(str, m.changes)))) for m in migrations]
    yield _table(("version", "what changed"), rows)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
