"""Samples of every stream, the same for the same tick, and the check that they came back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import LANDMARK_GRID
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

TICK_NS = NS_PER_S // 30
START_NS = 5 * NS_PER_S
AUDIO_RATE_HZ = 3000
_TEXTS = ("", "plain", "grüße, 你好 🙂", "<b>x</b>\n\t'\"", "a" * 3000)


def a_header(**changes: object) -> SessionHeader:
    values = {
        "session_id": "6f0c",
        "study_id": "shop",
        "study_title": "Täglicher Einkauf",
        "participant_id": "P01",
        "created_utc": "2025-03-01T09:30:00Z",
        "app_version": "0.1.0",
        "steps": (PlannedStep("landing", "Landing", "awareness", 30.0, "page"),),
        "screen": ScreenGeometry(1280, 720, 1.25, 293.5, None),
        "segments": {"device": "mobile"},
        "devices": {"camera": "/dev/video0", "pointer": "X pointer"},
        "models": {"affect": "affect 1.2"},
        "consent": {"camera": "yes"},
        "camera_rate_hz": 30.0,
    }
    return SessionHeader(**(values | changes))


def image_of(k: int, *, width_px: int = 64, height_px: int = 48) -> np.ndarray:
    """A smooth picture whose brightness tells ``k``, coloured differently left and right."""
    x = np.linspace(0, 60, width_px)[None, :]
    y = np.linspace(0, 40, height_px)[:, None]
    level = 20 + (k * 7) % 120
    planes = (level + x + 0 * y, level + y + 0 * x, level + 60 - x + 0 * y)
    return np.stack(planes, axis=-1).astype(np.uint8)


def row_of(stream: str, k: int, *, t_ns: int) -> Row:
    """Values of all kinds: NaN, numpy scalars, bounds of the integers, texts."""
    rng = np.random.default_rng(k * 101 + len(stream))
    values = tuple(_value(column, k, rng) for column in STREAMS[stream].columns)
    return Row(stream, t_ns, values, t_ns + 4_000_000 if k % 2 else None)


def _value(column: Column, k: int, rng: np.random.Generator) -> object:
    if column.shape:
        return rng.normal(0.5, 0.2, column.shape).astype(np.float32)
    if column.dtype == "text":
        return _TEXTS[(k + len(column.name)) % len(_TEXTS)]
    if column.dtype.startswith("f"):
        number = rng.normal(0, 100)
        return (float("nan"), number, np.float32(number), np.float64(number), 3)[k % 5]
    info = np.iinfo(column.dtype)
    return (info.min, info.max, np.dtype(column.dtype).type(7), 1)[k % 4]


def tick_of(k: int) -> list[Sample]:
    """Everything one tick of a lively session brings."""
    t_ns = START_NS + k * TICK_NS
    n = AUDIO_RATE_HZ // 30
    pcm = np.arange(k * n, (k + 1) * n).astype(np.int16)
    samples: list[Sample] = [
        Frame(t_ns, k, image_of(k), t_ns + 2_000_000),
        AudioBlock(t_ns, k * n, pcm, AUDIO_RATE_HZ),
    ]
    samples += [row_of("pointer", k * 16 + i, t_ns=t_ns + i * 2_000_000) for i in range(16)]
    samples += [
        row_of(name, k, t_ns=t_ns)
        for name, spec in STREAMS.items()
        if spec.kind is StreamKind.TABLE and name not in ("pointer", "clock", "health")
    ]
    if k % 10 == 0:
        data = bytes(range(256)) * (1 + k % 3)
        samples.append(Picture(t_ns, f"step-{k}", 320, 200, "image/jpeg", data, t_ns + 1))
        samples.append(
            Picture(t_ns, f"step-{k}", 320, 2000, "image/png", data[::-1], stream="pages")
        )
    return samples


def journalled(path: Path, ticks: int, *, close: bool = True) -> BundleWriter:
    """A writer that was sent ``ticks`` ticks, on a clock that moved along."""
    clock = VirtualClock(start_ns=START_NS, wall_start_ns=1_700_000_000 * NS_PER_S)
    writer = BundleWriter(path, a_header(), clock=clock)
    for k in range(ticks):
        writer.write(tick_of(k))
        clock.advance_ns(TICK_NS)
    if close:
        writer.close()
    return writer


def assert_holds(bundle: Bundle, ticks: Sequence[list[Sample]]) -> None:
    """Every sample of these ticks is in the bundle, in order, and as it was sent."""
    samples = [sample for tick in ticks for sample in tick]
    for name, spec in STREAMS.items():
        sent = [sample for sample in samples if sample.stream == name]
        if spec.kind is StreamKind.TABLE and name not in ("clock", "health"):
            _assert_rows(bundle, name, sent)
    frames = [sample for sample in samples if isinstance(sample, Frame)]
    _assert_frames(list(bundle.frames())[: len(frames)], frames)
    blocks = [sample for sample in samples if isinstance(sample, AudioBlock)]
    for found, block in zip(bundle.audio_blocks(), blocks, strict=False):
        assert (found.t_ns, found.first_sample, found.rate_hz) == (
            block.t_ns,
            block.first_sample,
            block.rate_hz,
        )
        np.testing.assert_array_equal(found.pcm, block.pcm)
    assert len(list(bundle.audio_blocks())) >= len(blocks)
    for stream in ("screen", "pages"):
        pictures = [s for s in samples if isinstance(s, Picture) and s.stream == stream]
        for entry, picture in zip(bundle.pictures(stream), pictures, strict=False):
            found_picture = bundle.picture(entry)
            for field in ("t_ns", "step_id", "width_px", "height_px", "media_type", "data"):
                assert getattr(found_picture, field) == getattr(picture, field)
            assert found_picture.arrived_ns == picture.arrived_ns
        assert len(bundle.pictures(stream)) >= len(pictures)


def _assert_rows(bundle: Bundle, stream: str, sent: list[Row]) -> None:
    columns = [column.name for column in STREAMS[stream].columns]
    table = bundle.table(stream, columns=[*columns, "arrived_ns"])
    assert len(table) >= len(sent), stream
    n = len(sent)
    assert table.t_ns[:n].tolist() == [row.t_ns for row in sent]
    arrivals = [row.t_ns if row.arrived_ns is None else row.arrived_ns for row in sent]
    assert table["arrived_ns"][:n].tolist() == arrivals
    for index, column in enumerate(STREAMS[stream].columns):
        values = [row.values[index] for row in sent]
        found = table[column.name][:n]
        if column.dtype == "text":
            assert found.tolist() == values
            continue
        expected = np.array(values, dtype=column.dtype)
        assert found.dtype == expected.dtype
        if column.shape and n:
            expected = np.rint(expected * LANDMARK_GRID) / LANDMARK_GRID
        np.testing.assert_array_equal(found, expected, err_msg=f"{stream}/{column.name}")


def _assert_frames(found: list[Frame], sent: list[Frame]) -> None:
    assert len(found) == len(sent)
    for frame, original in zip(found, sent, strict=True):
        assert (frame.t_ns, frame.index) == (original.t_ns, original.index)
        assert frame.arrived_ns == original.arrived_ns
        assert frame.image.shape == original.image.shape
        assert psnr_db(frame.image, original.image) > 33


def psnr_db(image: np.ndarray, original: np.ndarray) -> float:
    error = np.mean((image.astype(float) - original.astype(float)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)
