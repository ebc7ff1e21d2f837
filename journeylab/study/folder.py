"""The study folder: study.toml, stimuli/, sessions/*.h5, exports/."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from journeylab.errors import StorageError, StudyError
from journeylab.study.document import new_text
from journeylab.study.model import Study
from journeylab.study.pictures import misplaced, placed_boxes

STUDY_FILE = "study.toml"
SESSIONS_FOLDER = "sessions"
_MAX_STUDY_BYTES = 4 << 20
BUNDLE_PATTERNS = ("*.h5", "*.h5.age")
_NUMBER = "a number is expected"
# In the words of someone who writes the file, by pydantic's name of the mistake.
_EXPECTED = {
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "string_type": "a text is expected",
    "tuple_type": "a list is expected",
    "model_type": "a table of keys is expected",
    "dict_type": "a table of keys is expected",
    "string_pattern_mismatch": "small letters, digits, - and _ are expected",
    "date_from_datetime_parsing": "a day such as 2027-03-01 is expected",
    "date_type": "a day such as 2027-03-01 is expected",
    "bool_parsing": "true or false is expected",
}
_PARTICIPANT_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")
# What a session is called: <participant>-<day>-<time>, with a number where two began at once.
_SESSION_NAME = re.compile(r"(?P<id>.+)-\d{8}-\d{6}(-\d+)?")


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """A study and the folder it lies in.

    With ``practice_path`` its sessions lie there instead of among those of participants.
    """

    path: Path
    study: Study
    practice_path: Path | None = None

    @property
    def sessions_path(self) -> Path:
        return self.practice_path or self.path / SESSIONS_FOLDER

    @property
    def exports_path(self) -> Path:
        return self.path / "exports"

    @property
    def annotations_path(self) -> Path:
        """Where researchers' annotations lie, one file a session."""
        return self.path / "annotations"

    def bundles(self) -> tuple[Path, ...]:
        """All finished bundles, encrypted ones too, oldest name first."""
        found: list[Path] = []
        for pattern in BUNDLE_PATTERNS:
            found += self.sessions_path.glob(pattern)
        # While one is being encrypted both may be there for a moment: it is one session.
        return tuple(sorted(path for path in found if path.with_suffix("") not in found))

    def stimulus_path(self, relative: str) -> Path:
        """Absolute path of a stimulus file.

        Raises
        ------
        StudyError
            When it is missing or would lie outside the study folder.
        """
        root = self.path.resolve()
        try:
            # Links are followed first, so that none leads out of the folder.
            path = (root / relative).resolve()
            is_file = path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, a loop of links
            raise StudyError(
                f'{self.path / STUDY_FILE}: the stimulus "{relative[:80]}" is no file name.',
                remedy="Change the step's path.",
            ) from None
        if not path.is_relative_to(root):
            raise StudyError(
                f'{self.path / STUDY_FILE}: the stimulus "{relative}" lies outside the study '
                "folder.",
                remedy="Copy it into stimuli/ and name it from there.",
            )
        if not is_file:
            raise StudyError(
                f"{self.path / STUDY_FILE}: the stimulus file {path} is missing.",
                remedy="Put it there, or change the step's path.",
            )
        return path

    def check_stimuli(self) -> None:
        """Raise StudyError for the first stimulus file that is missing or outside, and for the
        first AOI or hotspot that lies off its picture."""
        for step in self.study.steps:
            for stimulus in (step.stimulus, *(variant.stimulus for variant in step.variants)):
                for file in stimulus.files:
                    self.stimulus_path(file)
            for placed in placed_boxes(step):
                if sentence := misplaced(placed, self.stimulus_path):
                    raise StudyError(
                        f'{self.path / STUDY_FILE}: step "{step.title}": {sentence}',
                        remedy="Draw it anew, or give the picture it was drawn on.",
                    )

    def prepare_for_writing(self, *, free_bytes_needed: int = 0) -> None:
        """Make sessions/ and exports/ and see that they can be written to.

        Raises
        ------
        StorageError
            When the folder is not writable or the disk has too little room.
        """
        for folder in (self.sessions_path, self.exports_path):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                probe = folder / f".write-check-{os.getpid()}"
                probe.write_bytes(b"journeylab")
                probe.unlink()
            except OSError as error:
                raise StorageError(
                    f"The folder {folder} cannot be written to ({error.strerror or error}).",
                    remedy="Allow writing there, free some space, or move the study elsewhere.",
                ) from error
        free_bytes = free_disk_bytes(self.path)
        if free_bytes < free_bytes_needed:
            raise StorageError(
                f"The disk of {self.path} has {free_bytes / 1e9:.1f} GB free, and a session needs "
                f"at least {free_bytes_needed / 1e9:.1f} GB.",
                remedy="Free some space or move the study to another disk.",
            )


def participant_of(session: Path) -> str:
    """Whose session a file is, by its name alone; empty when it is not named as sessions are."""
    match = _SESSION_NAME.fullmatch(session.name.split(".", 1)[0])
    return "" if match is None else match["id"]


def free_disk_bytes(path: Path) -> int:
    """Bytes a process without privileges may still write on the disk of ``path``."""
    figures = os.statvfs(path)
    return figures.f_bavail * figures.f_frsize


def check_participant_id(participant_id: str) -> str:
    """Return the id, or raise StudyError saying what an id looks like."""
    if not _PARTICIPANT_ID.fullmatch(participant_id):
        raise StudyError(
            f'"{participant_id}" cannot be a participant id.',
            remedy="Use 1 to 32 letters, digits, - or _, such as P01; never a name.",
        )
    return participant_id


def check_segments(study: Study, segments: dict[str, str]) -> dict[str, str]:
    """Return the segments, or raise StudyError for an unknown field or value."""
    allowed = {segment.name: segment.values for segment in study.segments}
    for name, value in segments.items():
        if name not in allowed:
            raise StudyError(
                f'The study "{study.title}" has no segment "{name}".',
                remedy=f"It has: {', '.join(allowed) or 'none'}.",
            )
        if value not in allowed[name]:
            raise StudyError(
                f'The segment "{name}" cannot be "{value}".',
                remedy=f"It may be: {', '.join(allowed[name])}.",
            )
    return segments


def load_study(path: Path) -> StudyFolder:
    """Read a study from its folder, or from the study.toml in it.

    Raises
    ------
    StudyError
        Naming the file, the key and what was expected.
    """
    folder = path.parent if path.name == STUDY_FILE else path
    file = folder / STUDY_FILE
    try:
        _check_study_file(file)
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StudyError(
            f"There is no {STUDY_FILE} in {folder}.",
            remedy='Choose a study folder, or make one with "New study" in the app.',
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise StudyError(
            f"{file} cannot be read ({reason}).",
            remedy="Allow reading it, or save it again as a text file in UTF-8.",
        ) from error
    try:
        values = _parsed(text)
    except TOMLKitError as error:
        raise StudyError(
            f"{file} is not valid TOML: {error}.",
            remedy='Look at that line: texts stand in "quotes", lists in [brackets].',
        ) from error
    try:
        study = Study.model_validate(values)
    except ValidationError as error:
        raise StudyError(
            _explain(file, error), remedy="Correct it there; nothing was changed."
        ) from error
    return StudyFolder(folder, study)


def _parsed(text: str) -> dict[str, Any]:
    """The values of a TOML text. The quick parser reads what is right; the one that keeps
    comments tells what is wrong, in words people are used to."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return tomlkit.parse(text).unwrap()


def _check_study_file(file: Path) -> None:
    """Not a pipe, which would never end, nor larger than anyone can write by hand."""
    about = file.stat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > _MAX_STUDY_BYTES:
        raise StudyError(f"{file} is no study file: it is no text file, or one of over 4 MB.")


def save_study(folder: Path, study: Study) -> StudyFolder:
    """Write study.toml as text a person may edit, replacing it in one go.

    Raises
    ------
    StorageError
        When the folder cannot be written to.
    """
    text = new_text(study)
    file = folder / STUDY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".toml.partial")
        partial.unlink(missing_ok=True)  # a link there would be written through
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written ({error.strerror or error}).",
            remedy="Choose a folder you may write to.",
        ) from error
    return StudyFolder(folder, study)


def _explain(file: Path, error: ValidationError) -> str:
    lines = []
    for problem in error.errors()[:5]:
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
        expected = _EXPECTED.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
        found = problem["input"]
        shown = "" if isinstance(found, dict | list | tuple) else f", not {found!r}"
        if problem["type"] == "extra_forbidden":
            lines.append(f"{key}: there is no such key, check its spelling")
        elif problem["type"] == "missing":
            lines.append(f"{key}: is missing and must be given")
        else:
            lines.append(f"{key}: {expected[:1].lower()}{expected[1:]}{shown}")
    return f"{file}: " + "; ".join(lines) + "."
