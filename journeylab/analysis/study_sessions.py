"""All sessions of a study, each read once: from the cache, else from its bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from journeylab.analysis.alignment import StepGrid, visits_of
from journeylab.analysis.cache import StudyCache, content_of
from journeylab.analysis.declined import EMOTION, GAZE, is_absent
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.read_once import ReadOnce
from journeylab.analysis.readers import Readers
from journeylab.analysis.reading import (
    SIGNALS,
    STATES_READ,
    UNITS,
    AlignedSession,
    read_session,
)
from journeylab.analysis.screens import may_show_screen
from journeylab.analysis.session_data import SessionData
from journeylab.analysis.sessions import EXCLUDED, summarise, unreadable
from journeylab.bundle.header import SessionHeader
from journeylab.errors import BundleError
from journeylab.study.folder import StudyFolder

PART: Final = "session"
COLUMNS_READ: Final[Mapping[str, tuple[str, ...] | None]] = {
    "face": ("face", "quality", "blink", "head_z_mm"),
    "affect": ("valence", *STATES_READ, "boredom"),
    "action_units": UNITS,
    "gaze": ("x_px", "y_px", "uncertainty_px"),
    "pointer": ("x_px", "y_px", "action"),
    "page": ("kind", "selector"),
    "aois": None,
    "steps": None,
    "screen": None,
    "calibrations": ("kind", "data"),
    "health": ("of_stream", "kind", "count"),
}
"""What a map reads of a bundle, and therefore all that is looked over of it; None for all of a
stream. A study with expressions of its own reads all action units."""

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

    @property
    def wanted(self) -> Mapping[str, tuple[str, ...] | None]:
        """What is looked over of a bundle."""
        if not self.folder.study.expressions:
            return COLUMNS_READ
        return {**COLUMNS_READ, "action_units": None}

    def opened(self, path: Path) -> AbstractContextManager[SessionData]:
        """The bundle, open; BundleError as its reader raises it."""
        if self.open_bundle is not None:
            return self.open_bundle(path)
        from journeylab.bundle.reader import Bundle

        return Bundle.open(path, streams=self.wanted)


def read_all(readers: Readers, *, progress: Progress | None = None) -> tuple[ReadSession, ...]:
    """All sessions of the study that belong to the segment, in the order of their names.

    A bundle that cannot be opened is among them, excluded. ``progress`` is called with the share
    done; what it raises ends the reading.
    """
    reading = readers.reading
    paths = reading.folder.bundles()
    found: dict[Path, ReadSession] = {}
    for path in paths:
        kept = _from_cache(reading, path)
        if kept is not None:
            found[path] = kept
    to_read = [path for path in paths if path not in found]
    for path, session in readers.each(read_one, to_read):
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
    # Without a face there is nothing to align, unless nobody agreed to its being measured.
    has_any = summary.face_share > 0 or is_absent(bundle.header, EMOTION, GAZE)
    if not (is_of_study and summary.steps_reached and has_any):
        return ReadSession(summary, None, {})
    aligned = read_session(
        bundle,
        summary=summary,
        grid=reading.grid,
        expressions=reading.folder.study.expressions,
    )
    return ReadSession(summary, aligned, last_pictures(bundle))


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


def last_pictures(bundle: SessionData) -> dict[str, int]:
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
