"""``journeylab erase``: everything a study holds of one participant, removed and listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeylab.analysis.exclusions import (
    EXCLUSIONS_FILE,
    forget_participant,
    read_decisions,
)
from journeylab.analysis.insight_edits import (
    are_naming,
    edits_path,
    forget_named,
    read_edits,
)
from journeylab.bundle.journal import sync_folder
from journeylab.bundle.journal_reader import JournalReader, is_being_written
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import BUNDLE_SUFFIX, JOURNAL_SUFFIX
from journeylab.errors import BundleError, SessionError, StorageError, StudyError
from journeylab.study.assignment_book import AssignmentBook
from journeylab.study.cache_folder import cached_files, concerns, owner_of
from journeylab.study.folder import BUNDLE_PATTERNS, StudyFolder, check_participant_id, load_study
from journeylab.study.key_file import KEY_FILE, KeyFile

# What a session is called: <participant>-<day>-<time>, with a number where two began at once.
_SESSION_NAME: Final = re.compile(r"(?P<id>.+)-\d{8}-\d{6}(-\d+)?")
_NAMED_AFTER_SESSION: Final = re.compile(r"(?P<id>.+?)-\d{8}-\d{6}(?!\d)([-_].*)?")
# Maps and decks show the participants' screens and faces; none can be taken out of them.
_PICTURED: Final = frozenset({".png", ".svg", ".pdf", ".pptx", ".html", ".jpg", ".jpeg", ".mp4"})
_UNSEARCHABLE: Final = frozenset({".parquet", ".xlsx", ".zip"})
_STIMULI: Final = "stimuli"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to go: files, the entry of the key file, and what must be made anew after."""

    participant_id: str
    files: tuple[Path, ...]
    is_in_key_file: bool
    to_remake: tuple[Path, ...]
    is_decided_about: bool = False
    """Whether a session of theirs was excluded or included by hand."""
    is_in_insights: bool = False
    """Whether their id stands in an insight that a researcher reworded."""
    is_in_book: bool = False
    """Whether it is kept beside the sessions which variants they were assigned."""

    @property
    def is_empty(self) -> bool:
        is_elsewhere = self.is_in_key_file or self.is_decided_about or self.is_in_insights
        return not self.files and not is_elsewhere and not self.is_in_book


def plan_erasure(study: Path, participant_id: str) -> tuple[StudyFolder, Erasure]:
    """Find what a study holds of a participant; nothing is changed.

    Bundles and journals are told by their header, and by their name where it cannot be read.
    Exports that show several people are all to be made anew; those with pictures are removed
    whole, since hers may be among them, and so are tables in which her id stands. What was
    computed of her sessions and kept goes too.

    Raises
    ------
    StudyError
        When the study cannot be read, or the id is unfit.
    AnalysisError
        When what was decided about its sessions, or made of its insights, cannot be read.
    SessionError
        When a session of the participant is running.
    """
    folder = load_study(study)
    check_participant_id(participant_id)
    found = {path: _participant_of(path) for path in _sessions(folder)}
    files = [path for path, whose in found.items() if whose == participant_id]
    others = set(found.values()) - {participant_id}
    for path in files:
        if path.suffix == JOURNAL_SUFFIX and is_being_written(path):
            raise SessionError(
                f"A session of {participant_id} is running or being written ({path.name}).",
                remedy="Stop it first.",
            )
    files += _annotations_of(folder, participant_id, {path.name.split(".", 1)[0] for path in files})
    is_in_key_file = participant_id in KeyFile(folder.path).people()
    to_remake: list[Path] = []
    for path in _exports(folder):
        if path in found:
            continue
        whose = _named_after(path, folder.exports_path, {participant_id, *others})
        if whose == participant_id:
            files.append(path)
        elif whose is not None:
            continue  # it is of one other participant
        elif files and _may_show(path, participant_id):
            files.append(path)
            to_remake.append(path)
        elif files:
            to_remake.append(path)
    files += _computed_of(folder, participant_id, [path.name for path in files])
    decisions = read_decisions(folder).decision
    is_decided_about = any(one.participant_id == participant_id for one in decisions)
    return folder, Erasure(
        participant_id,
        tuple(files),
        is_in_key_file,
        tuple(to_remake),
        is_decided_about,
        are_naming(read_edits(folder), participant_id),
        participant_id in AssignmentBook(folder).read(),
    )


def erase(folder: StudyFolder, erasure: Erasure) -> tuple[Path, ...]:
    """Remove what was planned; the files that went, the key file when it was changed.

    Raises
    ------
    StorageError
        Naming the first file that could not be removed, after all were tried.
    """
    removed: list[Path] = []
    failure: OSError | None = None
    for path in erasure.files:
        try:
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
            removed.append(path)
        except OSError as error:
            failure = failure or error
    if KeyFile(folder.path).forget(erasure.participant_id):
        removed.append(folder.path / KEY_FILE)
    if erasure.is_decided_about:
        forget_participant(folder, erasure.participant_id)
        removed.append(folder.path / EXCLUSIONS_FILE)
    if erasure.is_in_insights:
        forget_named(folder, erasure.participant_id)
        removed.append(edits_path(folder))
    book = AssignmentBook(folder)
    if erasure.is_in_book and book.forget(erasure.participant_id):
        removed.append(book.path)
    if failure is not None:
        raise StorageError(
            f"{failure.filename} could not be removed ({failure.strerror}); "
            f"{len(removed)} other files were.",
            remedy="Allow writing there, and erase again.",
        ) from failure
    return tuple(removed)


def run_erase(
    study: Path,
    participant_id: str,
    *,
    confirm: Callable[[Erasure], bool],
    say: Callable[[str], None],
) -> tuple[Path, ...]:
    """Plan, ask, remove and list.

    Raises
    ------
    StudyError
        When the study holds nothing of the participant, or the moderator says no.
    """
    folder, erasure = plan_erasure(study, participant_id)
    if erasure.is_empty:
        raise StudyError(
            f'The study "{folder.study.title}" holds nothing of {participant_id}.',
            remedy="Mind capital letters.",
        )
    for path in erasure.files:
        say(f"  {path}")
    if erasure.is_in_key_file:
        say(f"  the line of {participant_id} in {folder.path / KEY_FILE}")
    if erasure.is_decided_about:
        say(f"  what was decided about {participant_id} in {folder.path / EXCLUSIONS_FILE}")
    if erasure.is_in_insights:
        say(f"  the insights that name {participant_id} in {edits_path(folder)}")
    if erasure.is_in_book:
        say(f"  the versions {participant_id} was assigned in {AssignmentBook(folder).path}")
    if not confirm(erasure):
        raise StudyError("Nothing was erased.")
    removed = erase(folder, erasure)
    say(f"Erased {participant_id}: {len(removed)} files are gone or changed.")
    for path in erasure.to_remake:
        state = "was removed" if path in removed else "still counts this participant"
        say(f"To be made anew: {path} ({state}).")
    return removed


def _sessions(folder: StudyFolder) -> Iterator[Path]:
    """Everything a session leaves, and every bundle wherever in the study it was put."""
    seen: set[Path] = set()
    patterns = (*BUNDLE_PATTERNS, f"*{JOURNAL_SUFFIX}", "*.partial", "*.damaged", "*.damaged.age")
    for pattern in patterns:
        for path in sorted(folder.path.rglob(pattern)):
            is_stimulus = path.is_relative_to(folder.path / _STIMULI)
            if path.is_file() and path not in seen and not is_stimulus:
                seen.add(path)
                yield path


def _annotations_of(folder: StudyFolder, participant_id: str, sessions: set[str]) -> list[Path]:
    """What researchers wrote of a participant's sessions, also of those that are gone."""
    found = []
    for path in sorted(folder.annotations_path.glob("*")):
        name = path.name.split(".", 1)[0]
        match = _SESSION_NAME.fullmatch(name)
        if name in sessions or (match is not None and match["id"] == participant_id):
            found.append(path)
    return found


def _computed_of(folder: StudyFolder, participant_id: str, bundles: list[str]) -> list[Path]:
    """What was computed of these bundles, of earlier ones, and of all sessions together."""
    kept = cached_files(folder.path)
    earlier = [name for name in map(owner_of, kept) if _id_in(name) == participant_id]
    names = {*bundles, *earlier}
    return [path for path in kept if names and concerns(path, names)]


def _id_in(name: str) -> str | None:
    match = _SESSION_NAME.fullmatch(name.split(".", 1)[0])
    return match["id"] if match else None


def _exports(folder: StudyFolder) -> list[Path]:
    return sorted(path for path in folder.exports_path.rglob("*") if path.is_file())


def _participant_of(path: Path) -> str:
    try:
        return _participant_in(path)
    except BundleError:  # damaged, locked, or not yet whole: its name has to do
        name = path.name.split(".", 1)[0]
        match = _SESSION_NAME.fullmatch(name)
        return match["id"] if match else name


def _participant_in(path: Path) -> str:
    if path.suffix == JOURNAL_SUFFIX:
        with JournalReader(path) as reader:
            return reader.opening.header.participant_id
    if path.suffix not in (BUNDLE_SUFFIX, ".age"):
        raise BundleError(f"{path} is not whole.")
    with Bundle.open(path) as bundle:
        return bundle.header.participant_id


def _named_after(path: Path, exports: Path, known: set[str]) -> str | None:
    """Whose an export is by its name, or by its folder's; None where they tell nobody.

    What is named after a session, as clips are, is of exactly the participant whose session it is,
    be she known or not: "P01-b-20260101-100000-clip" is none of P01's. Else it is of the longest id
    it begins with.
    """
    for part in path.relative_to(exports).parts:
        name = part.split(".", 1)[0]
        match = _NAMED_AFTER_SESSION.fullmatch(name)
        if match is not None:
            return match["id"]
        fitting = [one for one in known if name == one or name.startswith((f"{one}-", f"{one}_"))]
        if fitting:
            return max(fitting, key=len)
    return None


def _may_show(path: Path, participant_id: str) -> bool:
    """Whether an export shows pictures of people, or names this participant."""
    suffix = path.suffix.lower()
    if suffix in _PICTURED or suffix in _UNSEARCHABLE:
        return True
    word = re.compile(rb"(?<![A-Za-z0-9_-])" + participant_id.encode() + rb"(?![A-Za-z0-9_-])")
    try:
        return word.search(path.read_bytes()) is not None
    except OSError:
        return True
