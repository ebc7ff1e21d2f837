"""Reads many bundles in several processes, where that pays.

They come of one process that imported everything once and does nothing else, so that it may be
forked; it starts with the first large study that is read, and ends with this one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from journeylab.bundle.inspector import INSPECTOR

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    from journeylab.analysis.study_sessions import Reading

_T = TypeVar("_T")

FROM_SESSIONS: Final = 8
FROM_BYTES: Final = 200 << 20
"""Starting processes takes a second: from so many sessions and bytes on it pays."""
MOST_PROCESSES: Final = 4
_BATCH: Final = 6
_PRELOADED: Final = (
    "journeylab.analysis.study_sessions",
    "journeylab.bundle.probe",
    "journeylab.bundle.reader",
    "journeylab.opencv",
)


class Readers:
    """A context manager; used from one thread at a time. Processes are started by the first call
    that is worth them, and end with the context."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def each(
        self, read: Callable[[Reading, Path], _T], paths: Sequence[Path]
    ) -> Iterator[tuple[Path, _T]]:
        """What a function of a module reads from each bundle, in any order.

        Once processes were started, all is read in them: they have imported what it takes.
        """
        done: set[Path] = set()
        if self._pool is None and _pays(self.reading, paths):
            self._pool = _started()
        if self._pool is not None:
            from concurrent.futures import as_completed
            from concurrent.futures.process import BrokenProcessPool

            # Without room for processes, or with one that a bundle has crashed: go on here.
            try:
                waiting = [
                    self._pool.submit(_read_some, read, self.reading, some)
                    for some in _batches(paths)
                ]
                for future in as_completed(waiting):
                    found = future.result()
                    done.update(path for path, _ in found)
                    yield from found
            except BrokenProcessPool:
                self._pool = None
        for path in paths:
            if path not in done:
                yield path, read(self.reading, path)


def _batches(paths: Sequence[Path]) -> list[Sequence[Path]]:
    """Some at a time, so that looking them over costs one child; no fewer than keep all busy."""
    each = max(1, min(_BATCH, len(paths) // (2 * _n_processes())))
    return [paths[first : first + each] for first in range(0, len(paths), each)]


def _read_some(
    read: Callable[[Reading, Path], _T], reading: Reading, paths: Sequence[Path]
) -> list[tuple[Path, _T]]:
    """In a process that reads: what is read of each."""
    if len(paths) > 1:
        INSPECTOR.look_ahead(paths, streams=reading.wanted)
    return [(path, read(reading, path)) for path in paths]


def _n_processes() -> int:
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def _pays(reading: Reading, paths: Sequence[Path]) -> bool:
    """Whether processes are worth their start.

    The key of an encrypted study never leaves this process.
    """
    if reading.open_bundle is not None or reading.folder.study.privacy.is_encrypted:
        return False
    if len(paths) < FROM_SESSIONS or (os.cpu_count() or 1) < 2:
        return False
    return sum(_size(path) for path in paths) >= FROM_BYTES


def _started() -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_all_start_methods, get_context

    # A fork of a process with windows and threads would not be sound.
    can_fork = "forkserver" in get_all_start_methods()
    context = get_context("forkserver" if can_fork else "spawn")
    if can_fork:
        context.set_forkserver_preload(list(_PRELOADED))
    return ProcessPoolExecutor(
        _n_processes(), mp_context=context, initializer=_begin, initargs=(can_fork,)
    )


def _begin(can_fork: bool) -> None:
    """At the begin of a process that reads: it looks bundles over by children of its own."""
    if can_fork:
        INSPECTOR.fork_from_here()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
