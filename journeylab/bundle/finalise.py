"""Makes the bundle of a journal. May be killed at any point and run again.

As a program, ``python -m journeylab.bundle.finalise JOURNAL [--recovered]`` prints one JSON
object a line: ``{"progress": 0.5}``, at last ``{"done": "x.h5"}`` or ``{"error": …}``.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Final

import h5py

from journeylab.bundle.assembly import BundleAssembler, Checksum
from journeylab.bundle.inspector import INSPECTOR
from journeylab.bundle.journal import Opening, storage_error, sync_folder
from journeylab.bundle.journal_reader import JournalReader, is_being_written
from journeylab.bundle.readback import content_checksums
from journeylab.bundle.reserve import set_aside
from journeylab.bundle.schema import (
    BUNDLE_SUFFIX,
    DAMAGED_SUFFIX,
    LIBRARY_VERSIONS,
    PARTIAL_SUFFIX,
)
from journeylab.bundle.seal import append_seal, check_seal, chunk_ranges
from journeylab.errors import BundleError, JourneyLabError, StorageError
from journeylab.logs import logger

Progress = Callable[[float], None]

_log = logger(__name__)

_WRITING_SHARE: Final = 0.8  # of the whole progress; reading back is the rest
_PROGRESS_STEP: Final = 0.01
_PROGRESS_RECORDS: Final = 64
_CACHE_BYTES: Final = 256 << 10
_PACKING_THREADS: Final = 2
_KEPT: Final = "Free some space and finish it again; the journal is kept."
_SPARE_BYTES: Final = 4 << 20  # what an empty bundle takes, and room for the folder


def finalise(journal: Path, *, progress: Progress | None = None, recovered: bool = False) -> Path:
    """Turn a journal into its bundle, read that back, and delete the journal.

    Idempotent: killed at any point, the next call completes it; once it is done, it only
    returns the bundle's path.

    Parameters
    ----------
    journal
        ``x.journal``; its bundle will be ``x.h5`` beside it.
    progress
        Called with shares from 0 to 1.
    recovered
        Mark the bundle as recovered, which is done anyway when the journal has no end.

    Raises
    ------
    BundleError
        When there is no such journal, it is still being written, or cannot be understood.
    StorageError
        When the disk is too full or the folder cannot be written to. The journal stays.
    """
    bundle = journal.with_suffix(BUNDLE_SUFFIX)
    report = _Report(progress)
    if not journal.exists():
        return _bundle_or_error(journal, bundle)
    with JournalReader(journal) as reader:
        if not journal.exists():  # another finaliser was quicker, and let the lock go
            return _bundle_or_error(journal, bundle)
        try:
            if not _is_made(bundle, reader.opening):
                _make(reader, bundle, report, recovered=recovered)
            journal.unlink()
            sync_folder(journal.parent)
        except OSError as error:
            raise storage_error(bundle, error) from error
    report.share(1.0)
    return bundle


def _bundle_or_error(journal: Path, bundle: Path) -> Path:
    if bundle.exists():
        return bundle
    raise BundleError(f"There is neither the journal {journal} nor its bundle.")


def _is_made(bundle: Path, opening: Opening) -> bool:
    """Whether the bundle is there already; BundleError when another session's is in its place.

    Who put it there is not known, so it is looked over as any bundle from elsewhere.
    """
    if not bundle.exists():
        return False
    try:
        if not bundle.is_file():
            raise BundleError(f"{bundle} is no file.")  # to open a pipe would be to wait for ever
        check_seal(bundle)
        made_from = INSPECTOR.inspect(bundle).attributes["journal_id"]
    except BundleError as error:
        # The journal holds everything; what is in the way is nobody's to delete.
        aside = _put_aside(bundle)
        _log.warning("%s It is kept as %s, and the bundle made anew.", error.what, aside.name)
        return False
    if made_from == opening.journal_id:
        return True
    raise BundleError(
        f"{bundle} is there already and belongs to another session.",
        remedy="Move or rename it, and finish the journal again.",
    )


def _put_aside(bundle: Path) -> Path:
    """Rename what cannot be used, over nothing else; its new name."""
    for number in count(1):
        stem = bundle.stem if number == 1 else f"{bundle.stem}-{number}"
        aside = bundle.with_name(stem + DAMAGED_SUFFIX)
        if not aside.exists():
            return bundle.rename(aside)
    raise AssertionError("count never ends")


def _make(reader: JournalReader, bundle: Path, report: _Report, *, recovered: bool) -> None:
    partial = bundle.with_suffix(PARTIAL_SUFFIX)
    _check_room(reader, partial)
    with ExitStack() as on_failure:
        on_failure.callback(partial.unlink, missing_ok=True)
        try:
            written = _write(reader, partial, report, recovered=recovered)
            _check_readback(partial, written, report.part(_WRITING_SHARE, 1.0))
            set_aside(partial, partial.stat().st_size + _SPARE_BYTES)
            with h5py.File(partial, "r+", libver=LIBRARY_VERSIONS) as file:
                file.attrs.modify("complete", 1)
            append_seal(partial, checked_elsewhere=chunk_ranges(partial))
            os.truncate(partial, partial.stat().st_size)
        except (OSError, RuntimeError) as error:
            raise _failure(reader, bundle, error) from error
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        partial.replace(bundle)
        sync_folder(bundle.parent)
        on_failure.pop_all()


def _failure(reader: JournalReader, bundle: Path, error: OSError | RuntimeError) -> JourneyLabError:
    """What HDF5 could not do, in words; why the disk refused, it tells only in its message."""
    number = re.search(r"errno = (\d+)", str(error))
    code = int(number[1]) if number else getattr(error, "errno", None)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return _no_room(reader, bundle.parent)
    if code is not None:
        return storage_error(bundle, OSError(code, os.strerror(code)))
    return BundleError(
        f"{bundle} cannot be made from its journal ({error}).", remedy="The journal is kept."
    )


def _no_room(reader: JournalReader, folder: Path) -> StorageError:
    return StorageError(_too_little(folder, reader.path.name, _needed_bytes(reader)), remedy=_KEPT)


def _too_little(folder: Path, name: str, needed: int) -> str:
    free = shutil.disk_usage(folder).free
    return (
        f"The disk of {folder} has {free / 1e6:.0f} MB free; to finish {name} it needs "
        f"{needed / 1e6:.0f} MB."
    )


def _needed_bytes(reader: JournalReader) -> int:
    """Room for the bundle beside its journal, which is never smaller."""
    return reader.size + _SPARE_BYTES


def _check_readback(partial: Path, written: dict[str, Checksum], progress: Progress) -> None:
    read: dict[str, Checksum] = {}
    reason = ""
    try:
        with h5py.File(partial, "r") as file:
            read = content_checksums(file, progress=progress)
    except (OSError, RuntimeError, KeyError) as error:
        reason = f" ({error})"
    if read != written:
        raise BundleError(
            f"{partial} does not read back as it was written{reason}.",
            remedy="The journal is kept. Check the disk, then finish it again.",
        )


def _write(
    reader: JournalReader, partial: Path, report: _Report, *, recovered: bool
) -> dict[str, Checksum]:
    writing = report.part(0.0, _WRITING_SHARE)
    _begin(partial, _needed_bytes(reader))
    # Whole chunks are written, which nobody reads again: HDF5's cache, of 8 MB for each of a
    # hundred datasets, would only make memory follow the session's length.
    with (
        ThreadPoolExecutor(_PACKING_THREADS, thread_name_prefix="packing") as pool,
        h5py.File(partial, "r+", libver=LIBRARY_VERSIONS, rdcc_nbytes=_CACHE_BYTES) as file,
    ):
        assembler = BundleAssembler(file, reader.opening, pool=pool)
        for number, event in enumerate(reader.events()):
            assembler.add(event)
            if number % _PROGRESS_RECORDS == 0:
                writing(reader.position / reader.size)
        return assembler.finish(
            is_recovered=recovered or not reader.was_closed,
            records_lost=reader.records_lost,
            bytes_damaged=reader.bytes_damaged,
        )


def _begin(partial: Path, n_bytes: int) -> None:
    """Make an empty HDF5 file with its room set aside.

    libhdf5 crashes when a disk fills up under it, so it is only let near one that cannot. It
    gives back what was set aside when it makes and closes a file: hence before and after.
    """
    set_aside(partial, n_bytes)
    h5py.File(partial, "w", libver=LIBRARY_VERSIONS).close()
    set_aside(partial, n_bytes)


def _check_room(reader: JournalReader, partial: Path) -> None:
    """Refuse early where there is not enough room."""
    with suppress(OSError):
        partial.unlink()
    with suppress(OSError):
        os.truncate(reader.path, reader.size)  # what a killed writer had set aside behind its end
    if shutil.disk_usage(partial.parent).free < _needed_bytes(reader):
        raise _no_room(reader, partial.parent)


class _Report:
    """Passes progress on, in steps worth showing."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._last = -1.0

    def share(self, share: float) -> None:
        if self._progress is not None and (share - self._last >= _PROGRESS_STEP or share >= 1.0):
            self._last = share
            self._progress(share)

    def part(self, begin: float, end: float) -> Progress:
        """A progress of its own, mapped into a part of the whole."""
        return lambda share: self.share(min(begin + share * (end - begin), 0.999))


def finalise_in_subprocess(journal: Path, *, progress: Progress | None = None) -> Path:
    """Do :func:`finalise` in a process of its own, so that HDF5 cannot harm this one.

    Raises
    ------
    BundleError, StorageError
        As :func:`finalise`; BundleError also when that process dies. The journal stays.
    """
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    with subprocess.Popen(
        [sys.executable, "-m", "journeylab.bundle.finalise", str(journal)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        text=True,
        encoding="utf-8",
        errors="replace",
        process_group=0,  # Ctrl-C in a terminal goes to the whole group, and must not end this
    ) as process:
        outcome: dict[str, str] = {}
        other = ""
        for line in process.stdout or ():
            message = _message(line)
            if "progress" in message:
                if progress is not None:
                    progress(float(message["progress"]))
            elif message:
                outcome = message
            else:
                other = line.strip() or other
        code = process.wait()
    if "done" in outcome:
        return Path(outcome["done"])
    if "error" in outcome:
        kind = StorageError if outcome["error"] == "storage" else BundleError
        raise kind(outcome["what"], remedy=outcome["remedy"])
    needed = _room_missing(journal)
    if needed:
        raise StorageError(needed, remedy=_KEPT)
    reason = signal.Signals(-code).name if code < 0 else other or f"code {code}"
    raise BundleError(
        f"Finishing {journal.name} stopped before its end ({reason}).",
        remedy="The journal is kept; it is finished at the next start.",
    )


def _room_missing(journal: Path) -> str:
    """What room is missing, in words, after a finaliser died; empty when that was not why.

    On disks that cannot set room aside, a full one brings libhdf5 down.
    """
    with suppress(OSError):
        if is_being_written(journal):
            return ""
        journal.with_suffix(PARTIAL_SUFFIX).unlink(missing_ok=True)
        needed = journal.stat().st_size + _SPARE_BYTES
        if shutil.disk_usage(journal.parent).free < needed:
            return _too_little(journal.parent, journal.name, needed)
    return ""


def _message(line: str) -> dict[str, str]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _say(**message: object) -> None:
    # Whoever asked may be gone; the bundle is finished all the same.
    with suppress(BrokenPipeError):
        print(json.dumps(message), flush=True)


def _main(arguments: list[str]) -> int:
    journal = Path(next(argument for argument in arguments if not argument.startswith("--")))
    try:
        bundle = finalise(
            journal,
            progress=lambda share: _say(progress=round(share, 3)),
            recovered="--recovered" in arguments,
        )
    except JourneyLabError as error:
        kind = "storage" if isinstance(error, StorageError) else "bundle"
        _say(error=kind, what=error.what, remedy=error.remedy)
        return 1
    _say(done=str(bundle))
    return 0


if __name__ == "__main__":
    # Not sys.exit: after a failed write HDF5 may bring the interpreter down on its way out.
    os._exit(_main(sys.argv[1:]))
