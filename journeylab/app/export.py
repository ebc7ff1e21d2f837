"""``journeylab export``: the streams of a bundle, or of a study's bundles, for other programs."""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from journeylab.analysis.screens import may_be_shared
from journeylab.bundle.encryption import ENCRYPTED_SUFFIX
from journeylab.bundle.reader import Bundle, Table
from journeylab.bundle.remux import write_mp4
from journeylab.bundle.schema import BUNDLE_SUFFIX
from journeylab.clock import NS_PER_S
from journeylab.errors import AnalysisError, BundleError, JourneyLabError, StorageError
from journeylab.report.files import remedy_of, whole_file
from journeylab.report.table_files import csv_cells
from journeylab.streams import STREAMS
from journeylab.study.folder import STUDY_FILE, load_study

Progress = Callable[[float], None]

FORMATS: Final = ("csv", "parquet", "mp4", "wav")
_SHOWING: Final = frozenset({"mp4", "wav"})
_NOT_TO_BE_SHOWN: Final = (
    "the participant did not agree that others than the researchers see or hear it; keep it there."
)
_SPAN_ROWS: Final = 20_000
_LARGE_SPAN_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class ExportResult:
    """Files written, by bundle, and how many bundles could not be exported."""

    paths: tuple[Path, ...]
    failed: int


def run_export(
    path: Path,
    *,
    to: str,
    out: Path,
    progress: Progress | None = None,
    warn: Callable[[str], None] | None = None,
) -> ExportResult:
    """Write the streams of one bundle or of all of a study into a folder for each.

    Parameters
    ----------
    to
        ``csv`` (a table a stream; no meshes, whose 1434 columns no spreadsheet takes),
        ``parquet`` (the same with the meshes), ``mp4`` or ``wav``.
    out
        Folder to write to, made where missing; each bundle's files lie in a folder of its name.
    warn
        Told, in a sentence, what could not be exported or is not whole, what may not be shown to
        others, and that files of an encrypted session are plain.

    Raises
    ------
    AnalysisError
        For a format that cannot be written.
    BundleError
        When there is nothing to export at ``path``.
    """
    writer = _writer(to)
    bundles = _bundles_at(path)
    told = warn or (lambda _sentence: None)
    is_encrypted = any(bundle.name.endswith(ENCRYPTED_SUFFIX) for bundle in bundles)
    if is_encrypted:
        told("Written unencrypted. Only you may read the files of encrypted sessions.")
    written: list[Path] = []
    failed = 0
    for number, bundle_path in enumerate(bundles):
        try:
            with _in_words(out), Bundle.open(bundle_path) as bundle:
                target = out / bundle_path.stem
                target.mkdir(parents=True, exist_ok=True)
                if to in _SHOWING and not may_be_shared(bundle.header):
                    told(f"{bundle_path.name}: {_NOT_TO_BE_SHOWN}")
                made = writer(bundle, target, told)
                if is_encrypted:
                    for path_made in made:
                        path_made.chmod(0o600)
                written += made
        except JourneyLabError as error:
            if len(bundles) == 1:
                raise
            failed += 1
            told(f"{bundle_path.name} is left out: {error}")
        if progress is not None:
            progress((number + 1) / len(bundles))
    return ExportResult(tuple(written), failed)


def _writer(to: str) -> Callable[[Bundle, Path, Callable[[str], None]], list[Path]]:
    writers = {"csv": _write_csv, "parquet": _write_parquet, "mp4": _write_mp4, "wav": _write_wav}
    if to not in writers:
        raise AnalysisError(
            f'A session cannot be exported to "{to}".', remedy=f"Choose {', '.join(FORMATS)}."
        )
    return writers[to]


def _bundles_at(path: Path) -> tuple[Path, ...]:
    if path.is_file() and path.name != STUDY_FILE:
        return (path,)
    if path.is_dir() or path.name == STUDY_FILE:
        found = load_study(path).bundles()
        if not found:
            raise BundleError(f"The study {path} has no sessions yet.")
        return found
    raise BundleError(
        f"{path} does not exist.", remedy=f"Name a bundle (*{BUNDLE_SUFFIX}) or a study folder."
    )


@contextmanager
def _in_words(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or out} cannot be written ({error.strerror or error}).",
            remedy=remedy_of(error),
        ) from error


def _spans(bundle: Bundle, stream: str) -> Iterator[Table]:
    """All samples of a stream in parts that fit memory; one that is empty if there are none."""
    columns = STREAMS[stream].columns
    rows = _LARGE_SPAN_ROWS if any(c.shape for c in columns) else _SPAN_ROWS
    yield from bundle.table_parts(stream, rows=rows)


def _write_csv(bundle: Bundle, folder: Path, warn: Callable[[str], None]) -> list[Path]:
    written = []
    for stream in bundle.streams:
        if any(column.shape for column in STREAMS[stream].columns):
            warn(f"{bundle.path.name}: {stream} is left out of csv, it has too many columns.")
            continue
        target = folder / f"{stream}.csv"
        with whole_file(target) as partial, partial.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            for number, table in enumerate(_spans(bundle, stream)):
                if number == 0:
                    lines.writerow(["t_s", "t_ns", *table.columns])
                seconds = [f"{t / NS_PER_S:.6f}" for t in (table.t_ns - bundle.start_ns).tolist()]
                columns = [csv_cells(values) for values in table.columns.values()]
                lines.writerows(zip(seconds, table.t_ns.tolist(), *columns, strict=True))
        written.append(target)
    return written


def _write_parquet(bundle: Bundle, folder: Path, _warn: Callable[[str], None]) -> list[Path]:
    import pyarrow as pa
    from pyarrow import parquet

    written = []
    for stream in bundle.streams:
        target = folder / f"{stream}.parquet"
        writer: Any = None
        with whole_file(target) as partial:
            try:
                for table in _spans(bundle, stream):
                    columns = {
                        name: pa.array(list(values.reshape(len(values), -1)))
                        if values.ndim > 1
                        else pa.array(values)
                        for name, values in table.columns.items()
                    }
                    part = pa.table({"t_ns": table.t_ns, **columns})
                    writer = writer or parquet.ParquetWriter(str(partial), part.schema)
                    writer.write_table(part)
            finally:
                if writer is not None:
                    writer.close()
        written.append(target)
    return written


def _write_mp4(bundle: Bundle, folder: Path, warn: Callable[[str], None]) -> list[Path]:
    videos = write_mp4(bundle, folder / "camera.mp4")
    if not videos:
        warn(f"{bundle.path.name} holds no video.")
    left_out = sum(video.left_out for video in videos)
    if left_out:
        warn(f"{bundle.path.name}: {left_out} frames are damaged and left out.")
    return [video.path for video in videos if video.frames]


def _write_wav(bundle: Bundle, folder: Path, warn: Callable[[str], None]) -> list[Path]:
    """One file per sampling rate; it begins with the first sample, gaps are silence."""
    written: list[Path] = []
    parts = bundle.audio_parts()
    part = next(parts, None)
    if part is None:
        warn(f"{bundle.path.name} holds no sound.")
    while part is not None:
        run = part.run
        name = "microphone.wav" if run == 0 else f"microphone-{run + 1}.wav"
        with whole_file(folder / name) as partial, wave.open(str(partial), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(part.first.rate_hz)
            while part is not None and part.run == run:
                file.writeframesraw(part.pcm.astype("<i2", copy=False).tobytes())
                part = next(parts, None)
        written.append(folder / name)
    return written
