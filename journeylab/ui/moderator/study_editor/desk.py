"""What lies on the editor's desk: the study, its history, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from journeylab.study.editing import History, Place, with_value
from journeylab.study.hints import hints
from journeylab.study.model import Study
from journeylab.study.problems import problems
from journeylab.study.saving import Origin
from journeylab.theme import DARK, Palette


class Desk(QObject):
    """Forms give their changes to it and show what it holds; ``changed`` tells them to."""

    changed = Signal()

    def __init__(
        self,
        study: Study,
        origin: Origin,
        *,
        palette: Palette = DARK,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.palette = palette
        self._history = History(study)
        self._origin = origin
        self.is_patient = False
        """Whether what a new study lacks from the start goes unsaid for now."""
        self._lacks: frozenset[Place] = frozenset()
        self._unread: dict[str, str] = {}
        self._problems: dict[Place, str] = {}
        self._hints: dict[Place, str] = {}
        self._look()
        self._lacks = frozenset(self._problems)

    @property
    def study(self) -> Study:
        """The study as it stands."""
        return self._history.now

    @property
    def history(self) -> History:
        """Its states."""
        return self._history

    @property
    def origin(self) -> Origin:
        """Where it comes from."""
        return self._origin

    def find(self, path: str) -> Path:
        """A stimulus file; raises StudyError when it is not there."""
        return self._origin.find(path)

    def begin(self, study: Study, origin: Origin) -> None:
        """Take another study onto the desk; the history begins anew."""
        self._history, self._origin = History(study), origin
        self._unread.clear()
        self._look()
        self._lacks = frozenset(self._problems)
        self.changed.emit()

    def note_saved(self, study: Study, origin: Origin) -> None:
        """The study was written, and its files were copied."""
        self._origin = origin
        self._history.note_saved(study)
        self._tell()

    def do(self, study: Study, act: str, *, run: str = "") -> None:
        """Take a change; ``act`` says in words what it was."""
        if self._history.do(study, act, run=run):
            self._tell()

    def put(self, place: Place, value: Any, act: str, *, run: str = "") -> None:
        """Put a value at a place."""
        self.do(with_value(self.study, place, value), act, run=run)

    def undo(self) -> None:
        """Take the last change back."""
        if self._history.undo():
            self._tell()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._history.redo():
            self._tell()

    def break_run(self) -> None:
        """A field was left: what is typed into it next is a change of its own."""
        self._history.break_run()

    # -- what there is to say ------------------------------------------------------------------

    def note_unread(self, name: str, sentence: str) -> None:
        """What stands in a field and cannot be read as a value; empty when it can."""
        if self._unread.get(name, "") != sentence:
            self._unread[name] = sentence
            self._tell()

    @property
    def problems(self) -> tuple[tuple[Place, str], ...]:
        """All that keeps the study from being saved."""
        return (
            *self._problems.items(),
            *(((name,), words) for name, words in self._unread.items() if words),
        )

    def is_told(self, place: Place) -> bool:
        """Whether a problem is shown at its place already."""
        return not (self.is_patient and place in self._lacks)

    @property
    def hints(self) -> tuple[tuple[Place, str], ...]:
        """Advice that keeps nobody from saving."""
        return tuple(self._hints.items())

    def remark(self, place: Place) -> tuple[str, bool]:
        """What is said of a place or of something in it, and whether it is a problem."""
        unread: dict[Place, str] = {(name,): words for name, words in self._unread.items() if words}
        for found, is_problem in ((self._problems | unread, True), (self._hints, False)):
            for where, sentence in found.items():
                if where[: len(place)] == place and (not is_problem or self.is_told(where)):
                    return sentence, is_problem
        return "", False

    def remarks_beside(self, place: Place, claimed: Collection[Place]) -> list[tuple[str, bool]]:
        """What is said within a place that no field there shows."""
        result = []
        for found, is_problem in ((self._problems, True), (self._hints, False)):
            for where, sentence in found.items():
                is_shown = any(where[: len(one)] == one for one in claimed)
                is_told = not is_problem or self.is_told(where)
                if where[: len(place)] == place and is_told and not is_shown:
                    result.append((sentence, is_problem))
        return result

    def _look(self) -> None:
        self._problems, self._hints = {}, {}
        for found, into in (
            (problems(self.study, self.find), self._problems),
            (hints(self.study), self._hints),
        ):
            for one in found:
                into.setdefault(one.place, one.sentence)

    def _tell(self) -> None:
        self._look()
        self.changed.emit()
