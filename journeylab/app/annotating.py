"""Keeps the researcher's annotations beside the study: one file a session, never in its bundle."""

from __future__ import annotations

import getpass
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_annotations import (
    Annotation,
    AnnotationDocument,
    AnnotationState,
    Change,
    History,
    added,
    applied,
    deleted,
    moved,
    reworded,
)
from journeylab.app.annotation_file import AnnotationFile
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import JourneyLabError
from journeylab.logs import logger
from journeylab.study.folder import StudyFolder
from journeylab.ui.widgets.background import Background

_log = logger(__name__)
_TRIED_AGAIN = "What you wrote is kept here and tried again with the next change."


@dataclass(frozen=True, slots=True)
class _Task:
    """Something to do to a file of annotations: a change, or without one to read it."""

    file: AnnotationFile
    change: Change | None = None

    def run(self) -> AnnotationDocument:
        """Read, or change, which reads anew as well."""
        return self.file.read() if self.change is None else self.file.change(self.change)


class AnnotationDesk(QObject):
    """Answers what the replay's page asks of annotations; GUI thread only.

    Reads and writes beside the window, one change after the other. ``changed`` brings an
    AnnotationState: the document, what can be undone, and a sentence where something failed. A
    change that could not be written is kept, and tried again before the next one.
    """

    changed = Signal(object)

    def __init__(self, *, clock: Clock, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._background = background
        self._file: AnnotationFile | None = None
        self._state = AnnotationState()
        self._waiting: deque[_Task] = deque()
        self._unwritten: list[_Task] = []
        self._is_busy = False
        self._author = researcher_name()

    def open(self, folder: StudyFolder, track: ReplayTrack) -> None:
        """Read the annotations of a session."""
        self._file = AnnotationFile(folder, track.path, track.session_id)
        self._state = AnnotationState(AnnotationDocument(track.session_id))
        self._do(_Task(self._file))

    def leave(self) -> None:
        """Forget the session; what was asked for is still written."""
        self._file = None
        self._state = AnnotationState()
        self._try_again()
        self._go_on()

    def finish(self) -> None:
        """Write what waits, here and now; before the application leaves."""
        self._file = None
        self._state = AnnotationState()
        self._try_again()
        while self._waiting:
            try:
                self._waiting.popleft().run()
            except JourneyLabError as error:
                _log.error("an annotation was lost: %s", error)

    def add(self, t_ns: int, text: str) -> None:
        """Add an annotation."""
        new_id = uuid.uuid4().hex
        change = added(t_ns, text, author=self._author, now_utc=self._now_utc(), new_id=new_id)
        self._change(change, self._state.history.after(change))

    def move(self, annotation_id: str, t_ns: int) -> None:
        """Move an annotation to another time."""
        self._change_one(annotation_id, lambda one: moved(one, t_ns, now_utc=self._now_utc()))

    def reword(self, annotation_id: str, text: str) -> None:
        """Give an annotation another text."""
        self._change_one(annotation_id, lambda one: reworded(one, text, now_utc=self._now_utc()))

    def delete(self, annotation_id: str) -> None:
        """Delete an annotation."""
        self._change_one(annotation_id, deleted)

    def undo(self) -> None:
        """Undo the last change made here."""
        change, history = self._state.history.undo()
        if change is not None:
            self._change(change, history)

    def redo(self) -> None:
        """Do again what was undone last."""
        change, history = self._state.history.redo()
        if change is not None:
            self._change(change, history)

    def _change_one(self, annotation_id: str, make: Callable[[Annotation], Change]) -> None:
        annotation = self._state.document.find(annotation_id)
        if annotation is not None:
            change = make(annotation)
            self._change(change, self._state.history.after(change))

    def _change(self, change: Change, history: History) -> None:
        if self._file is None or self._state.is_closed:
            return
        # Shown at once; what the file says comes after.
        document = applied(self._state.document, change)
        self._state = replace(self._state, document=document, history=history)
        self.changed.emit(self._state)
        self._do(_Task(self._file, change))

    def _do(self, task: _Task) -> None:
        self._try_again()
        self._waiting.append(task)
        self._go_on()

    def _try_again(self) -> None:
        """Put what could not be written before all that came after it."""
        self._waiting.extendleft(reversed(self._unwritten))
        self._unwritten = []

    def _go_on(self) -> None:
        if self._is_busy or not self._waiting:
            return
        self._is_busy = True
        task = self._waiting.popleft()
        self._background.run(
            task.run, done=partial(self._take, task), failed=partial(self._fail, task)
        )

    def _take(self, task: _Task, document: AnnotationDocument) -> None:
        self._is_busy = False
        if self._is_of_session(task) and not self._waiting:
            for kept in self._unwritten:
                if kept.change is not None and self._is_of_session(kept):
                    document = applied(document, kept.change)
            problem = self._state.problem if self._unwritten else ""
            self._state = replace(self._state, document=document, problem=problem)
            self.changed.emit(self._state)
        self._go_on()

    def _fail(self, task: _Task, sentence: str) -> None:
        self._is_busy = False
        if task.change is not None:
            self._keep(task)
            sentence = f"{sentence} {_TRIED_AGAIN}"
        if self._is_of_session(task):
            is_closed = self._state.is_closed or task.change is None
            self._state = replace(self._state, problem=sentence, is_closed=is_closed)
            self.changed.emit(self._state)
        elif task.change is not None:
            _log.warning("an annotation is not written yet: %s", sentence)
        self._go_on()

    def _keep(self, task: _Task) -> None:
        """Keep what could not be written, and all that was to follow it in the same file: a later
        change must never be written before an earlier one."""
        path = task.file.path
        later = [one for one in self._waiting if one.file.path == path and one.change is not None]
        self._unwritten += [task, *later]
        self._waiting = deque(one for one in self._waiting if one not in later)

    def _is_of_session(self, task: _Task) -> bool:
        return self._file is not None and task.file.path == self._file.path

    def _now_utc(self) -> str:
        now = datetime.fromtimestamp(self._clock.wall_ns() / NS_PER_S, tz=UTC)
        return now.isoformat(timespec="seconds")


def researcher_name() -> str:
    """Who works here, as the system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "researcher"
