"""Long sessions in the bundle's schema, made in a second each: what the map's speed is measured on.

Streams are written whole, as columns, by the layout's own declaration, and sealed; every reader
takes them for recorded ones. Face, action units, affect and gaze come 30 times a second, the
mouse 100 times a second in half of the time; mesh and face measures are there in their size,
though their content repeats, since no map reads it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader, header_to_json
from journeylab.bundle.packing import packed
from journeylab.bundle.schema import (
    ARRIVAL,
    FORMAT,
    FORMAT_VERSION,
    GZIP_LEVEL,
    LAYOUT,
    LIBRARY_VERSIONS,
    TEXT,
    TIME,
    StreamLayout,
    chunk_rows,
    is_checksummed,
    is_compressed,
)
from journeylab.bundle.seal import append_seal, chunk_ranges
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Aoi, Segment, Step, Stimulus, Study
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES, StimulusKind

RATE_HZ = 30
POINTER_HZ = 100
START_NS = 5 * NS_PER_S
SCREEN = ScreenGeometry(1920, 1080, 1.0, 344.0, 194.0)
N_STEPS = 8
Columns = dict[str, NDArray[Any]]


def long_study(folder: Path, *, minutes: float) -> StudyFolder:
    """An empty study of eight steps that last so long together."""
    planned_s = minutes * 60 / N_STEPS
    return save_study(
        folder,
        Study(
            id="long",
            title="Long sessions",
            segments=(Segment(name="device", values=("desktop", "mobile")),),
            steps=tuple(
                Step(
                    id=f"step-{k}",
                    title=f"Step {k}",
                    planned_s=planned_s,
                    stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Look around"),
                    aois=(
                        Aoi(name="left", box=(0, 0, 960, 1080)),
                        Aoi(name="button", box=(1200, 700, 300, 100)),
                    ),
                )
                for k in range(N_STEPS)
            ),
        ),
    )


def write_long_sessions(
    folder: StudyFolder, *, n: int, minutes: float, n_different: int = 10, has_mesh: bool = True
) -> None:
    """``n`` sessions of different participants; the content of one in ``n_different`` repeats."""
    folder.sessions_path.mkdir(exist_ok=True)
    made = min(n, n_different)
    write = partial(_write_different, folder, minutes=minutes, has_mesh=has_mesh)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(write, range(made)))
        list(pool.map(partial(_copy, folder), range(made, n), [k % made for k in range(made, n)]))


def _path(folder: StudyFolder, number: int) -> Path:
    return folder.sessions_path / f"P{number:03d}.h5"


def _header(folder: StudyFolder, number: int) -> SessionHeader:
    study = folder.study
    return SessionHeader(
        session_id=f"session-{number}",
        study_id=study.id,
        study_title=study.title,
        participant_id=f"P{number:03d}",
        created_utc="2026-11-22T09:30:00Z",
        app_version="0.1.0",
        steps=tuple(
            PlannedStep(step.id, step.title, step.stage, step.planned_s, step.stimulus.kind.value)
            for step in study.steps
        ),
        screen=SCREEN,
        segments={"device": ("desktop", "mobile")[number % 2]},
        simulated=True,
    )


def _write_different(folder: StudyFolder, number: int, *, minutes: float, has_mesh: bool) -> None:
    path = _path(folder, number)
    rng = np.random.default_rng(number)
    duration_s = minutes * 60 * rng.uniform(0.85, 1.15)
    streams = _content(rng, duration_s)
    header = _header(folder, number)
    with h5py.File(path, "w", libver=LIBRARY_VERSIONS) as file:
        for name, layout in LAYOUT.items():
            _write_stream(file.create_group(name), layout, streams.get(name, {}))
        if has_mesh:
            for name in ("landmarks", "face_measures"):
                _write_mesh(file[name], LAYOUT[name], streams["face"][TIME])
        for key, value in _attributes(header, duration_s).items():
            file.attrs[key] = value if isinstance(value, str) else np.int64(value)
    append_seal(path, checked_elsewhere=chunk_ranges(path))


def _copy(folder: StudyFolder, number: int, of: int) -> None:
    """The same content under another participant's name."""
    path = _path(folder, number)
    path.write_bytes(_path(folder, of).read_bytes())
    header = replace(_header(folder, number))
    with h5py.File(path, "r+", libver=LIBRARY_VERSIONS) as file:
        file.attrs["header"] = header_to_json(header)
        file.attrs["session_id"] = header.session_id
        file.attrs["participant_id"] = header.participant_id
    append_seal(path, checked_elsewhere=chunk_ranges(path))


def _attributes(header: SessionHeader, duration_s: float) -> dict[str, str | int]:
    names = ("session_id", "study_id", "participant_id", "created_utc", "app_version")
    return {name: getattr(header, name) for name in names} | {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "journal_id": header.session_id,
        "header": header_to_json(header),
        "simulated": int(header.simulated),
        "complete": 1,
        "recovered": 0,
        "start_ns": START_NS,
        "end_ns": START_NS + round(duration_s * NS_PER_S),
        "clock_t_ns": START_NS,
        "clock_wall_ns": 1_795_340_000_000_000_000,
        "clock_uncertainty_ns": 100,
        "records": 0,
        "records_lost": 0,
        "bytes_damaged": 0,
    }


def _write_stream(group: h5py.Group, layout: StreamLayout, columns: Columns) -> None:
    t_ns = columns.get(TIME, np.empty(0, dtype=np.int64))
    for column in layout.datasets:
        is_bytes = layout.blob is not None and column.name == layout.blob.name
        kind = h5py.string_dtype() if column.dtype == TEXT else np.dtype("<" + column.dtype)
        values = columns.get(column.name)
        if values is None and column.name == ARRIVAL:
            values = t_ns
        if values is None:
            rows = 0 if is_bytes or column.shape else len(t_ns)
            fill = "" if column.dtype == TEXT else 0
            values = np.full((rows, *column.shape), fill, dtype=object if fill == "" else kind)
        dataset = group.create_dataset(
            column.name,
            shape=values.shape,
            maxshape=(None, *column.shape),
            chunks=(chunk_rows(column), *column.shape),
            dtype=kind,
            fletcher32=is_checksummed(column),
            **(
                {"compression": "gzip", "compression_opts": GZIP_LEVEL, "shuffle": True}
                if is_compressed(column)
                else {}
            ),
        )
        if len(values):
            dataset[:] = values
        dataset.attrs["unit"] = column.unit
        dataset.attrs["description"] = column.description
        dataset.attrs["source"] = ""


def _write_mesh(group: h5py.Group, layout: StreamLayout, t_ns: NDArray[np.int64]) -> None:
    """A mesh for every frame, all chunks alike."""
    (column,) = layout.sample_columns
    rows = chunk_rows(column)
    chunk = _mesh_chunk(rows, column.shape)
    n_chunks = len(t_ns) // rows
    dataset = group[column.name]
    dataset.resize(n_chunks * rows, axis=0)
    for number in range(n_chunks):
        dataset.id.write_direct_chunk((number * rows,) + (0,) * len(column.shape), chunk)
    for name in (TIME, ARRIVAL):
        group[name].resize(n_chunks * rows, axis=0)
        group[name][:] = t_ns[: n_chunks * rows]


@cache
def _mesh_chunk(rows: int, shape: tuple[int, ...]) -> bytes:
    values = np.random.default_rng(0).integers(0, 2**15, (rows // 8, *shape)) / 2**15
    return packed(np.repeat(values.astype("<f4"), 8, axis=0))


def _content(rng: np.random.Generator, duration_s: float) -> dict[str, Columns]:
    n = round(duration_s * RATE_HZ)
    t_ns = START_NS + (np.arange(n) * NS_PER_S / RATE_HZ).astype(np.int64)
    share = np.arange(n) / n
    mood = np.interp(share, np.linspace(0, 1, 25), rng.normal(0, 35, 25))
    valence = np.clip(mood + rng.normal(0, 6, n), -100, 100)
    has_face = rng.random(n) < 0.985
    affect: Columns = {"valence": valence, "arousal": np.abs(valence) * 0.7}
    for name in STATES:
        sign = 1 if name in ("joy", "surprise") else -1
        affect[name] = np.clip(sign * mood / 60 + rng.normal(0, 0.1, n), 0, 1)
    units: Columns = {
        name: np.clip(
            (1 if name.startswith(("AU12", "AU06")) else -1) * mood / 70 + rng.normal(0, 0.05, n),
            0,
            1,
        )
        for name in ACTION_UNIT_COLUMNS
    }
    face: Columns = {
        column.name: rng.normal(0, 1, n) for column in LAYOUT["face"].sample_columns
    } | {
        "face": has_face,
        "quality": np.where(has_face, 0.9, 0.0),
        "blink": (np.arange(n) % 120) < 5,
        "head_z_mm": rng.normal(600, 8, n),
    }
    streams = {
        "face": face,
        "affect": {name: values[has_face] for name, values in affect.items()},
        "action_units": {name: values[has_face] for name, values in units.items()},
        "action_units_raw": {name: values[has_face] for name, values in units.items()},
        "gaze": {name: values[has_face] for name, values in _gaze(rng, n).items()},
    }
    for name, columns in streams.items():
        columns[TIME] = t_ns if name == "face" else t_ns[has_face]
    for name, columns in streams.items():
        for column in LAYOUT[name].sample_columns:
            if column.name in columns:
                columns[column.name] = columns[column.name].astype("<" + column.dtype)
    return streams | {
        "pointer": _pointer(rng, duration_s),
        "steps": _steps(rng, duration_s),
        "screen": _pictures(duration_s),
        "aois": _aois(duration_s),
    }


def _gaze(rng: np.random.Generator, n: int) -> Columns:
    """Rests of a quarter to a whole second each, with a webcam's noise."""
    lengths = rng.integers(8, 30, n // 8)
    rest = np.repeat(np.arange(len(lengths)), lengths)[:n]
    centre = rng.uniform((100, 100), (1800, 1000), (len(lengths), 2))
    drift = np.cumsum(rng.normal(0, 1.5, (n, 2)), axis=0) % 40
    px = centre[rest] + drift + rng.normal(0, 12, (n, 2))
    return {"x_px": px[:, 0], "y_px": px[:, 1], "uncertainty_px": rng.uniform(40, 60, n)}


def _pointer(rng: np.random.Generator, duration_s: float) -> Columns:
    n = round(duration_s * POINTER_HZ)
    t_ns = START_NS + (np.arange(n) * NS_PER_S / POINTER_HZ).astype(np.int64)
    moves = (np.arange(n) // (2 * POINTER_HZ)) % 2 == 0  # two seconds of moving, two of rest
    path = np.cumsum(rng.normal(0, 6, (n, 2)), axis=0) % (1900, 1060)
    action = np.zeros(n, dtype=np.uint8)
    action[rng.choice(n, n // 500, replace=False)] = 1
    return {
        TIME: t_ns[moves],
        "x_px": path[moves, 0].astype("<f4"),
        "y_px": path[moves, 1].astype("<f4"),
        "action": action[moves],
        "speed_px_s": rng.uniform(0, 900, int(moves.sum())).astype("<f4"),
    }


def _edges_ns(duration_s: float) -> NDArray[np.int64]:
    return START_NS + np.linspace(0, duration_s * NS_PER_S, N_STEPS + 1).astype(np.int64)


def _steps(_rng: np.random.Generator, duration_s: float) -> Columns:
    edges = _edges_ns(duration_s)
    times, ids, phases = [], [], []
    for k in range(N_STEPS):
        times += [edges[k], edges[k + 1] - 1]
        ids += [f"step-{k}"] * 2
        phases += ["start", "end"]
    return {
        TIME: np.array(times, dtype=np.int64),
        "step_id": np.array(ids, dtype=object),
        "phase": np.array(phases, dtype=object),
        "visit": np.ones(len(times), dtype=np.int32),
    }


def _aois(duration_s: float) -> Columns:
    boxes = {"left": (0, 0, 960, 1080), "button": (1200, 700, 300, 100)}
    rows = [
        (edge, f"step-{k}", name, *box)
        for k, edge in enumerate(_edges_ns(duration_s)[:-1])
        for name, box in boxes.items()
    ]
    t_ns, step_id, name, x, y, width, height = zip(*rows, strict=True)
    return {
        TIME: np.array(t_ns, dtype=np.int64),
        "step_id": np.array(step_id, dtype=object),
        "name": np.array(name, dtype=object),
        "x_px": np.array(x, dtype="<f4"),
        "y_px": np.array(y, dtype="<f4"),
        "width_px": np.array(width, dtype="<f4"),
        "height_px": np.array(height, dtype="<f4"),
    }


@cache
def _screen(number: int) -> bytes:
    image = np.full((SCREEN.height_px, SCREEN.width_px, 3), 245, np.uint8)
    rng = np.random.default_rng(number)
    for _ in range(60):
        x, y = (int(v) for v in rng.integers((0, 0), (1700, 1000)))
        colour = tuple(int(v) for v in rng.integers(60, 230, 3))
        cv2.rectangle(image, (x, y), (x + 180, y + 60), colour, -1)
        cv2.putText(image, "Bright Bikes", (x + 8, y + 36), 0, 0.8, (20, 20, 20), 2, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image)[1])


def _pictures(duration_s: float) -> Columns:
    """Three pictures a step."""
    edges = _edges_ns(duration_s)
    times, ids, data = [], [], []
    for k in range(N_STEPS):
        for part in range(3):
            times.append(edges[k] + 1 + part * (edges[k + 1] - edges[k]) // 4)
            ids.append(f"step-{k}")
            data.append(_screen(3 * k + part))
    sizes = np.array([len(one) for one in data])
    return {
        TIME: np.array(times, dtype=np.int64),
        "offset": np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.uint64),
        "size": sizes.astype(np.uint32),
        "crc": np.array([zlib.crc32(one) for one in data], dtype=np.uint32),
        "step_id": np.array(ids, dtype=object),
        "width_px": np.full(len(data), SCREEN.width_px, dtype=np.uint32),
        "height_px": np.full(len(data), SCREEN.height_px, dtype=np.uint32),
        "media_type": np.full(len(data), "image/jpeg", dtype=object),
        "data": np.frombuffer(b"".join(data), dtype=np.uint8),
    }


def each_path(folder: StudyFolder, numbers: Sequence[int]) -> list[Path]:
    """The bundles of these sessions."""
    return [_path(folder, number) for number in numbers]
