"""All sessions of a study, each read once: from the cache, else from its bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from journeylab.analysis.alignment import StepGrid, visits_of
from journeylab.analysis.cache import StudyCache, content_of
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.read_once import ReadOnce
from journeylab.analysis.reading import SIGNALS, AlignedSession, read_session
from journeylab.analysis.screens import may_show_screen
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.sessions import EXCLUDED, summarise, unreadable
from journeylab.bundle.header import SessionHeader
from journeylab.bundle.inspector import INSPECTOR
from journeylab.errors import BundleError
from journeylab.study.folder import StudyFolder

PART: Final = "session"
STREAMS_READ: Final = (
    "face",
    "affect",
    "action_units",
    "gaze",
    "pointer",
    "page",
    "aois",
    "steps",
    "screen",
    "calibrations",
    "health",
)
"""What a map reads of a bundle, and therefore all that is looked over of it."""
_FROM_SESSIONS: Final = 8
_FROM_BYTES: Final = 200 << 20
"""Starting processes takes over a second: from so many sessions and bytes on it pays."""
_MOST_PROCESSES: Final = 4

OpenBundle: TypeAlias = Callable[[Path], AbstractContextManager[SessionData]]
Progress: TypeAlias = Callable[[float], None]


@dataclass(frozen=True, slots=True, eq=False)
class ReadSession:
    """What the map keeps of one session.

    ``aligned`` is None where nothing of it can be placed on the map; a session may be left out of
    the map all the same, as its summary says. ``pictures`` tells by step when its last picture of
    the screen was taken, where it may be shown.
    """

    summary: SessionSummary
    aligned: AlignedSession | None
    pictures: dict[str, int]

    @property
    def is_usable(self) -> bool:
        """Whether the map is made of it."""
        return self.aligned is not None and self.summary.is_usable

    def with_summary(self, summary: SessionSummary) -> ReadSession:
        """The same under another summary, such as one with another grade."""
        aligned = self.aligned and replace(self.aligned, summary=summary)
        return replace(self, summary=summary, aligned=aligned)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the sessions of a study are read; sent to the processes that read them.

    ``segment`` leaves out the sessions with other values; ``open_bundle`` is the bundle's own
    reader where None.
    """

    folder: StudyFolder
    grid: StepGrid
    segment: Mapping[str, str]
    cache: StudyCache | None
    open_bundle: OpenBundle | None = None

    def opened(self, path: Path) -> AbstractContextManager[SessionData]:
        """The bundle, open; BundleError as its reader raises it."""
        if self.open_bundle is not None:
            return self.open_bundle(path)
        from journeylab.bundle.reader import Bundle

        return Bundle.open(path, streams=STREAMS_READ)


def read_all(reading: Reading, *, progress: Progress | None = None) -> tuple[ReadSession, ...]:
    """All sessions of the study that belong to the segment, in the order of their names.

    A bundle that cannot be opened is among them, excluded. ``progress`` is called with the share
    done; what it raises ends the reading.
    """
    paths = reading.folder.bundles()
    found: dict[Path, ReadSession] = {}
    for path in paths:
        kept = _from_cache(reading, path)
        if kept is not None:
            found[path] = kept
    to_read = [path for path in paths if path not in found]
    for path, session in _from_bundles(reading, to_read):
        if progress is not None:
            progress(len(found) / len(paths))
        if session is not None:
            found[path] = session
    if progress is not None:
        progress(1.0)
    sessions = (found[path] for path in paths if path in found)
    return tuple(one for one in sessions if _belongs(one.summary.segments, one, reading.segment))


def session_of(reading: Reading, path: Path) -> ReadSession | None:
    """One session, from the cache where it is there, else from its bundle."""
    return _from_cache(reading, path) or read_one(reading, path)


def read_one(reading: Reading, path: Path) -> ReadSession | None:
    """One session from its bundle, kept in the cache; None for one of another segment.

    A damaged bundle is told of as excluded, and not kept: it may be mended.
    """
    try:
        with reading.opened(path) as bundle:
            segments = bundle.header.segments
            if any(segments.get(name) != value for name, value in reading.segment.items()):
                return None
            session = _read(reading, ReadOnce(bundle))
    except BundleError as error:
        return ReadSession(unreadable(path, str(error)), None, {})
    if reading.cache is not None:
        reading.cache.put(path, PART, content_of(path), session)
    return session


def _belongs(segments: Mapping[str, str], session: ReadSession, wanted: Mapping[str, str]) -> bool:
    """Whether a session is of the segment; one that cannot be opened may be."""
    is_unknown = not session.summary.session_id
    return is_unknown or all(segments.get(name) == value for name, value in wanted.items())


def _from_cache(reading: Reading, path: Path) -> ReadSession | None:
    if reading.cache is None:
        return None
    kept = reading.cache.get(path, PART, content_of(path), ReadSession)
    if kept is None or not _fits(kept, reading.grid):
        return None
    return kept.with_summary(replace(kept.summary, path=path))


def _fits(session: ReadSession, grid: StepGrid) -> bool:
    aligned = session.aligned
    if aligned is None:
        return True
    return aligned.signals.shape == (grid.size, len(SIGNALS)) and aligned.t_ns.shape == (grid.size,)


def _read(reading: Reading, bundle: SessionData) -> ReadSession:
    summary = _of_study(summarise(bundle), bundle.header, reading.folder)
    is_of_study = bundle.header.study_id == reading.folder.study.id
    if not is_of_study or not summary.steps_reached or not summary.face_share > 0:
        return ReadSession(summary, None, {})
    aligned = read_session(
        bundle,
        summary=summary,
        grid=reading.grid,
        expressions=reading.folder.study.expressions,
    )
    return ReadSession(summary, aligned, _last_pictures(bundle))


def _of_study(
    summary: SessionSummary, header: SessionHeader, folder: StudyFolder
) -> SessionSummary:
    """The summary, excluded where the session was recorded in another study: equal ids of steps
    would not mean equal steps."""
    if header.study_id == folder.study.id:
        return summary
    reason = (
        f'It was recorded in the study "{header.study_id}", this one is "{folder.study.id}". '
        "Move it into that study's sessions."
    )
    return replace(summary, grade=EXCLUDED, reason=reason, is_of_other_study=True)


def _last_pictures(bundle: SessionData) -> dict[str, int]:
    """By step, when the last picture was taken that its last stay with one ended on."""
    if not may_show_screen(bundle.header):
        return {}
    steps = bundle.table("steps", columns=("step_id", "phase", "visit"))
    pictures = bundle.table("screen", columns=("step_id",))
    found: dict[str, int] = {}
    for visit in reversed(visits_of(steps, end_ns=bundle.end_ns)):
        if visit.step_id in found:
            continue
        place = int(np.searchsorted(pictures.t_ns, visit.end_ns, side="right")) - 1
        if place >= 0 and str(pictures["step_id"][place]) == visit.step_id:
            found[visit.step_id] = int(pictures.t_ns[place])
    return found


def _from_bundles(
    reading: Reading, paths: Sequence[Path]
) -> Iterator[tuple[Path, ReadSession | None]]:
    """Each session as it is read, in any order."""
    n_processes = _processes(reading, paths)
    done: set[Path] = set()
    if n_processes > 1:
        from concurrent.futures.process import BrokenProcessPool

        try:
            for path, session in _in_processes(reading, paths, n_processes):
                done.add(path)
                yield path, session
        except BrokenProcessPool:
            pass  # a machine without room for them: go on here
    for path in paths:
        if path not in done:
            yield path, read_one(reading, path)


def _in_processes(
    reading: Reading, paths: Sequence[Path], n_processes: int
) -> Iterator[tuple[Path, ReadSession | None]]:
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_all_start_methods, get_context

    # A fork of a process with windows and threads would not be sound; one of a process that does
    # nothing else and imported everything once is, and costs little.
    can_fork = "forkserver" in get_all_start_methods()
    context = get_context("forkserver" if can_fork else "spawn")
    if can_fork:
        context.set_forkserver_preload([__name__, "journeylab.bundle.probe"])
    pool = ProcessPoolExecutor(
        n_processes, mp_context=context, initializer=_start, initargs=(can_fork,)
    )
    try:
        waiting = {pool.submit(read_one, reading, path): path for path in paths}
        for future in as_completed(waiting):
            yield waiting.pop(future), future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(can_fork: bool) -> None:
    """At the begin of a process that reads: it looks bundles over by children of its own."""
    if can_fork:
        INSPECTOR.fork_from_here()


def _processes(reading: Reading, paths: Sequence[Path]) -> int:
    """How many processes are worth starting; 1 for none but this.

    The key of an encrypted study never leaves this process.
    """
    import os

    if reading.open_bundle is not None or reading.folder.study.privacy.is_encrypted:
        return 1
    if len(paths) < _FROM_SESSIONS or sum(_size(path) for path in paths) < _FROM_BYTES:
        return 1
    return min(os.cpu_count() or 1, _MOST_PROCESSES)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
