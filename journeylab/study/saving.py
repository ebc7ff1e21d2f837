"""A study's way from its folder into the editor and back, with the stimuli it was given."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from journeylab.errors import StorageError, StudyChangedError, StudyError
from journeylab.study.document import changed_text, new_text
from journeylab.study.editing import slug, with_value
from journeylab.study.folder import SESSIONS_FOLDER, STUDY_FILE, StudyFolder, load_study
from journeylab.study.model import Study
from journeylab.study.problems import problems
from journeylab.vocabulary import StimulusKind

STIMULI: Final = "stimuli"
_LARGEST_SITE_BYTES: Final = 200_000_000
_MOST_SITE_FILES: Final = 2000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a study in editing comes from: its folder, and the text that was read there.

    ``folder`` is None for a study that began empty. A template's folder is one that is never
    written to. ``has_sessions`` tells that sessions know the steps by their ids already.
    """

    folder: Path | None = None
    text: str = ""
    has_sessions: bool = False

    def find(self, path: str) -> Path:
        """A stimulus file: chosen from anywhere (absolute), or in the study's folder.

        Raises
        ------
        StudyError
            When it is not there.
        """
        is_there = self.folder is not None and _is_file(self.folder / path)
        if not (_is_file(Path(path)) if Path(path).is_absolute() else is_there):
            raise StudyError(f"{path} is not there.", remedy="Choose it again.")
        if Path(path).is_absolute() or self.folder is None:
            return Path(path)
        return StudyFolder(self.folder, _NOTHING).stimulus_path(path)


_NOTHING: Final = Study.model_construct(id="study", title="", steps=())


def open_for_editing(path: Path) -> tuple[Study, Origin]:
    """A study as it lies on the disk.

    Raises
    ------
    StudyError
        When it cannot be read.
    """
    folder = load_study(path)
    text = _text_of(folder.path)
    return folder.study, Origin(folder.path, text, has_sessions=_has_sessions(folder))


def save_edited(
    study: Study, origin: Origin, target: Path, *, replaces_changes: bool = False
) -> tuple[StudyFolder, Origin]:
    """Write a study into ``target``, copying what it was given from elsewhere; comments stay.

    A page is copied with the folder it lies in, so that its pictures and scripts come along.

    Returns
    -------
    The study as it was written, and the origin of what is edited from now on.

    Raises
    ------
    StudyChangedError
        When the file was changed since it was read; ``replaces_changes`` writes over it.
    StudyError
        When something is wrong in the study; nothing was written then.
    StorageError
        When the folder cannot be written to.
    """
    found = problems(study, origin.find)
    if found:
        raise StudyError(found[0].sentence)
    file = target / STUDY_FILE
    base = origin.text
    if origin.folder == target:
        base = _text_of(target)
        if base != origin.text and not replaces_changes:
            raise StudyChangedError(
                f"{file} was changed by someone else since it was opened.",
                remedy="Save over it, or open it again and lose what you changed here.",
            )
        base = base or origin.text  # the file is gone: its comments are not
    elif file.exists():
        raise StudyError(f"There is a study in {target} already.", remedy="Choose another folder.")
    else:
        study = study.model_copy(update={"id": slug(study.title) or "study"})
    try:
        inside = _bring_in(study, origin, target)
        text = _text(base, Study.model_validate(inside.model_dump()))
        _write_whole(file, text)
    except (OSError, shutil.Error) as error:
        raise StorageError(
            f"The study cannot be written into {target} ({error}).",
            remedy="Choose a folder you may write to, or free some space.",
        ) from error
    folder = load_study(target)
    return folder, Origin(target, text, has_sessions=_has_sessions(folder))


def _text(base: str, study: Study) -> str:
    if not base.strip():
        return new_text(study)
    try:
        return changed_text(base, study)
    except ValueError:  # the file on the disk is no study any more: what is here replaces it
        return new_text(study)


def _text_of(folder: Path) -> str:
    try:
        return (folder / STUDY_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{folder / STUDY_FILE} cannot be read ({error}).") from error


def _has_sessions(folder: StudyFolder) -> bool:
    sessions = folder.path / SESSIONS_FOLDER
    return sessions.is_dir() and any(sessions.iterdir())


# -- files ----------------------------------------------------------------------------------------


def _bring_in(study: Study, origin: Origin, target: Path) -> Study:
    if origin.folder is not None and origin.folder != target:
        theirs = origin.folder / STIMULI
        if theirs.is_dir():
            shutil.copytree(theirs, target / STIMULI, dirs_exist_ok=True)
    for index, step in enumerate(study.steps):
        stimuli: list[tuple[tuple[str | int, ...], Any, str]] = [
            (("steps", index, "stimulus"), step.stimulus, step.id)
        ]
        stimuli += [
            (
                ("steps", index, "variants", n, "stimulus"),
                variant.stimulus,
                f"{step.id}-{variant.id}",
            )
            for n, variant in enumerate(step.variants)
        ]
        for place, stimulus, name in stimuli:
            bring = _Bringer(target, f"{STIMULI}/{name}")
            study = with_value(study, place, _with_files(stimulus, bring))
    return study


def _with_files(stimulus: Any, bring: Callable[..., str]) -> Any:
    changes: dict[str, Any] = {}
    if stimulus.path:
        is_page = stimulus.kind is StimulusKind.PAGE
        changes["path"] = bring(stimulus.path, with_its_folder=is_page)
    changes["screens"] = tuple(
        screen.model_copy(update={"path": bring(screen.path)}) for screen in stimulus.screens
    )
    changes["pictures"] = {name: bring(path) for name, path in stimulus.pictures.items()}
    return stimulus.model_copy(update=changes)


class _Bringer:
    """Copies files from elsewhere into one folder of the study, each under a name of its own."""

    def __init__(self, target: Path, relative: str) -> None:
        self._target = target
        self._relative = relative

    def __call__(self, path: str, *, with_its_folder: bool = False) -> str:
        source = Path(path)
        if not source.is_absolute():
            return path
        if source.resolve().is_relative_to(self._target.resolve()):
            return source.resolve().relative_to(self._target.resolve()).as_posix()
        folder = self._target / self._relative
        if with_its_folder:
            _check_size(source.parent)
            folder = _free(folder, source, is_folder=True)
            shutil.copytree(source.parent, folder, dirs_exist_ok=True)
            copied = folder / source.name
        else:
            folder.mkdir(parents=True, exist_ok=True)
            copied = _free(folder / source.name, source, is_folder=False)
            shutil.copy2(source, copied)
        return copied.relative_to(self._target).as_posix()


def _free(wanted: Path, source: Path, *, is_folder: bool) -> Path:
    """A name where nothing else lies: a file that is there already is never written over."""
    candidate, number = wanted, 2
    while candidate.exists() and not _is_the_same(candidate, source, is_folder=is_folder):
        name = f"{wanted.name}-{number}" if is_folder else f"{wanted.stem}-{number}{wanted.suffix}"
        candidate, number = wanted.with_name(name), number + 1
    return candidate


def _is_the_same(there: Path, source: Path, *, is_folder: bool) -> bool:
    if is_folder:
        return False
    return there.is_file() and there.read_bytes() == source.read_bytes()


def _check_size(site: Path) -> None:
    n_files, n_bytes = 0, 0
    for file in site.rglob("*"):
        if file.is_file():
            n_files += 1
            n_bytes += file.stat().st_size
        if n_files > _MOST_SITE_FILES or n_bytes > _LARGEST_SITE_BYTES:
            raise StudyError(
                f"The folder {site} holds too much to be copied with its page.",
                remedy="Put the page and what it needs into a folder of their own.",
            )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _write_whole(file: Path, text: str) -> None:
    """Replace a file in one go; it is on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and b"\r\n" in file.read_bytes():
        text = text.replace("\n", "\r\n")  # written on another system, and read there again
    partial = file.with_suffix(".toml.partial")
    partial.unlink(missing_ok=True)  # a link there would be written through
    with partial.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        partial.chmod(file.stat().st_mode & 0o777)
    partial.replace(file)
