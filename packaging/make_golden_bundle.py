"""Makes the golden bundle of the format's present version, which the tests read for ever after.

Run it once when the format's version is raised, with the folder to write to:
``python packaging/make_golden_bundle.py tests/golden``. It writes ``<version>.h5.gz`` and beside it
``<version>.json`` with every value as it was sent. It never replaces one that is there: a golden
bundle is what a version wrote, not what this one would write in its place.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.bundle.schema import FORMAT_VERSION
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.streams import (
    STREAMS,
    AudioBlock,
    Column,
    Frame,
    Picture,
    Row,
    Sample,
    StreamKind,
)

START_NS = 7 * NS_PER_S
TICK_NS = NS_PER_S // 25
TICKS = 6
RATE_HZ = 8000
_WORDS = ("Grüße", "", "你好 🙂", "=1+1", "<b>bold</b>", "two\nlines")


def header() -> SessionHeader:
    """Every field of the header with a value."""
    return SessionHeader(
        session_id="golden",
        study_id="golden-study",
        study_title="Täglicher Einkauf",
        participant_id="P01",
        created_utc="2025-03-01T09:30:00Z",
        app_version="0.1.0",
        steps=(PlannedStep("landing", "Landing", "awareness", 30.0, "page"),),
        screen=ScreenGeometry(1280, 720, 1.25, 293.5, None),
        segments={"device": "mobile"},
        devices={"camera": "made for the tests", "pointer": "made for the tests"},
        models={"affect": "made for the tests 1"},
        consent={"camera": "yes"},
        simulated=True,
        camera_width_px=48,
        camera_height_px=32,
        camera_rate_hz=25.0,
        microphone_rate_hz=RATE_HZ,
    )


def value(column: Column, tick: int, place: int) -> Any:
    """A value within the column's range, different in every tick; NaN in the fourth of floats."""
    if column.dtype == "text":
        return _WORDS[(tick + place) % len(_WORDS)]
    low = -50.0 if column.low is None else column.low
    high = low + 100.0 if column.high is None else column.high
    share = (tick * 7 + place * 3) % 11 / 10
    if column.shape:
        grid = np.arange(int(np.prod(column.shape))).reshape(column.shape) % 64
        return ((grid + tick) / 128).astype(np.float32)
    if column.dtype.startswith("f"):
        return float("nan") if tick == 3 else float(np.float32(low + share * (high - low)))
    return int(low + share * (high - low) + 0.5)


def samples(tick: int) -> list[Sample]:
    """One sample of every stream."""
    t_ns = START_NS + tick * TICK_NS
    image = np.full((32, 48, 3), 30 + 30 * tick, dtype=np.uint8)
    count = RATE_HZ // 25
    pcm = np.arange(tick * count, (tick + 1) * count).astype(np.int16)
    found: list[Sample] = [
        Frame(t_ns, tick, image, t_ns + 1_000_000),
        AudioBlock(t_ns, tick * count, pcm, RATE_HZ),
        Picture(t_ns, "landing", 4, 4, "image/png", bytes([tick]) * 40),
    ]
    for name, spec in STREAMS.items():
        if spec.kind is StreamKind.TABLE and name != "clock":
            values = tuple(value(c, tick, n) for n, c in enumerate(spec.columns))
            found.append(Row(name, t_ns, values, t_ns + 2_000_000))
    return found


def expected() -> dict[str, Any]:
    """Every value of the tables as it was sent, null for NaN; of the meshes one corner."""
    tables: dict[str, Any] = {}
    for name, spec in STREAMS.items():
        if spec.kind is StreamKind.TABLE and name != "clock":
            columns = {
                c.name: [value(c, tick, n) for tick in range(TICKS)]
                for n, c in enumerate(spec.columns)
            }
            tables[name] = {
                key: [v[:2].tolist() if isinstance(v, np.ndarray) else v for v in values]
                for key, values in columns.items()
            }
    return {
        "t_ns": [START_NS + tick * TICK_NS for tick in range(TICKS)],
        "frame_levels": [30 + 30 * tick for tick in range(TICKS)],
        "pcm_samples": TICKS * RATE_HZ // 25,
        "pictures": [[tick] * 40 for tick in range(TICKS)],
        "tables": tables,
    }


def _without_nan(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: _without_nan(inner) for key, inner in found.items()}
    if isinstance(found, list):
        return [_without_nan(inner) for inner in found]
    return None if isinstance(found, float) and np.isnan(found) else found


def make(folder: Path) -> Path:
    """Write the bundle and its expected values."""
    target = folder / f"{FORMAT_VERSION}.h5.gz"
    if target.exists():
        raise SystemExit(f"{target} is there already; raise FORMAT_VERSION first")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        clock = VirtualClock(start_ns=START_NS, wall_start_ns=1_700_000_000 * NS_PER_S)
        writer = BundleWriter(Path(scratch) / "golden.h5", header(), clock=clock)
        for tick in range(TICKS):
            writer.write(samples(tick))
            clock.advance_ns(TICK_NS)
        writer.close()
        data = finalise(writer.journal_path).read_bytes()
        target.write_bytes(gzip.compress(data, 9, mtime=0))  # most of it is empty chunks
    text = json.dumps(_without_nan(expected()), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / f"{FORMAT_VERSION}.json").write_text(text + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
