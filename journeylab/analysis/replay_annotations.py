"""The researcher's annotations of a session: a document of its own, never part of the bundle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import TypeAdapter, ValidationError

from journeylab.errors import AnalysisError

FORMAT: Final = "1"
LONGEST_TEXT: Final = 4000
MOST_UNDONE: Final = 200


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text at an instant of the session.

    ``t_ns`` is session time; ``created_utc`` and ``changed_utc`` (ISO 8601) say when ``author``
    wrote it and when it was last moved or reworded.
    """

    id: str
    t_ns: int
    text: str
    author: str
    created_utc: str
    changed_utc: str


@dataclass(frozen=True, slots=True)
class AnnotationDocument:
    """All annotations of one session by all researchers, in the order of their times."""

    session_id: str
    annotations: tuple[Annotation, ...] = ()
    format: str = FORMAT

    def find(self, annotation_id: str) -> Annotation | None:
        """The one of that id; None when it is not there (any more)."""
        return next((one for one in self.annotations if one.id == annotation_id), None)


@dataclass(frozen=True, slots=True)
class Change:
    """One act of a researcher: ``before`` becomes ``after``. None before: added; after: deleted."""

    before: Annotation | None
    after: Annotation | None

    @property
    def inverse(self) -> Change:
        """What undoes it."""
        return Change(self.after, self.before)

    @property
    def words(self) -> str:
        """What it did."""
        if self.before is None:
            return "Annotation added"
        if self.after is None:
            return "Annotation deleted"
        return "Annotation moved" if self.before.text == self.after.text else "Annotation reworded"


@dataclass(frozen=True, slots=True)
class History:
    """What was done here and can be undone, and what was undone and can be done again."""

    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()

    def after(self, change: Change) -> History:
        """With one more act; what was undone is forgotten."""
        return History((*self.done, change)[-MOST_UNDONE:], ())

    def undo(self) -> tuple[Change | None, History]:
        """The change that undoes the last act, and the history after it."""
        if not self.done:
            return None, self
        last = self.done[-1]
        return last.inverse, History(self.done[:-1], (*self.undone, last))

    def redo(self) -> tuple[Change | None, History]:
        """The change that does again what was undone last, and the history after it."""
        if not self.undone:
            return None, self
        last = self.undone[-1]
        return last, History((*self.done, last), self.undone[:-1])


def applied(document: AnnotationDocument, change: Change) -> AnnotationDocument:
    """The document after a change.

    It may have been changed by somebody else since: what is not concerned stays as it is found,
    and an annotation deleted elsewhere comes back when it is changed here.
    """
    gone = {one.id for one in (change.before, change.after) if one is not None}
    kept = [one for one in document.annotations if one.id not in gone]
    if change.after is not None:
        kept.append(change.after)
    return replace(document, annotations=tuple(sorted(kept, key=lambda one: (one.t_ns, one.id))))


def added(t_ns: int, text: str, *, author: str, now_utc: str, new_id: str) -> Change:
    """Add an annotation; ValueError when there is no text, or too much of it."""
    return Change(
        None, Annotation(new_id, t_ns, _checked(text), author, created_utc=now_utc, changed_utc="")
    )


def moved(annotation: Annotation, t_ns: int, *, now_utc: str) -> Change:
    """Move an annotation to another time."""
    return Change(annotation, replace(annotation, t_ns=t_ns, changed_utc=now_utc))


def reworded(annotation: Annotation, text: str, *, now_utc: str) -> Change:
    """Give an annotation another text; ValueError when there is none, or too much of it."""
    return Change(annotation, replace(annotation, text=_checked(text), changed_utc=now_utc))


def deleted(annotation: Annotation) -> Change:
    """Delete an annotation."""
    return Change(annotation, None)


def document_to_text(document: AnnotationDocument) -> str:
    """The document as readable JSON; :func:`document_from_text` gives it back equal."""
    data = TypeAdapter(AnnotationDocument).dump_json(document, indent=2)
    return data.decode("utf-8") + "\n"


def document_from_text(text: str, *, session_id: str, name: str) -> AnnotationDocument:
    """Read a document, checking every type: a file may have been edited by hand.

    Raises
    ------
    AnalysisError
        When the file ``name`` is none, or belongs to another session.
    """
    try:
        document = TypeAdapter(AnnotationDocument).validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"]) or "file"
        raise AnalysisError(
            f"The annotations in {name} cannot be read ({key}: {problem['msg']}).",
            remedy="Correct the file, or move it away; it is not written over.",
        ) from error
    if document.format != FORMAT or document.session_id != session_id:
        raise AnalysisError(
            f"The annotations in {name} belong to another session, or to another version.",
            remedy="Move the file away; it is not written over.",
        )
    ordered = sorted(document.annotations, key=lambda one: (one.t_ns, one.id))
    return replace(document, annotations=tuple(ordered))


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST_TEXT:
        raise ValueError(f"an annotation has 1 to {LONGEST_TEXT} characters, not {len(words)}")
    return words


@dataclass(frozen=True, slots=True)
class AnnotationState:
    """What the annotations' panel shows: the document, what can be undone, and what went wrong.

    With ``is_closed`` nothing may be written: the file cannot be read, and is not written over.
    """

    document: AnnotationDocument = field(default_factory=lambda: AnnotationDocument(""))
    history: History = field(default_factory=History)
    problem: str = ""
    is_closed: bool = False
