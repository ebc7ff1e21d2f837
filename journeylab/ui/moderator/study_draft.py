"""A study while it is being written, and its way to disk. No Qt."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from journeylab.errors import StorageError, StudyError
from journeylab.study.folder import STUDY_FILE, StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.study.privacy import Privacy
from journeylab.study.study_key import encrypt_study
from journeylab.vocabulary import StimulusKind

STAGES = ("awareness", "consideration", "decision", "onboarding", "advocacy")
FILE_KINDS = frozenset({StimulusKind.VIDEO, StimulusKind.IMAGE, StimulusKind.PAGE})
DEFAULT_SEGMENTS = (Segment(name="device", values=("desktop", "mobile")),)

_LARGEST_SITE_BYTES = 200_000_000
_MOST_SITE_FILES = 2000


@dataclass(frozen=True, slots=True)
class StepDraft:
    """One line of the form. ``source`` is a file, an address, or an instruction's text, by kind."""

    title: str = ""
    stage: str = ""
    planned_s: float = 30.0
    kind: StimulusKind = StimulusKind.INSTRUCTION
    source: str = ""


@dataclass(frozen=True, slots=True)
class StudyDraft:
    """The whole form. With a passphrase the study's sessions will be encrypted."""

    title: str
    goal: str
    steps: tuple[StepDraft, ...]
    privacy: Privacy = field(default_factory=Privacy)
    passphrase: str = field(default="", repr=False)


def write_study(draft: StudyDraft, folder: Path) -> StudyFolder:
    """Copy the stimuli into ``folder`` and write its study.toml.

    A page is copied with the folder it lies in, so that its pictures and scripts come along.

    Raises
    ------
    StudyError
        Naming the step and what is missing.
    StorageError
        When the folder cannot be written to.
    """
    if (folder / STUDY_FILE).exists():
        raise StudyError(
            f"There is a study in {folder} already.", remedy="Choose another folder for this one."
        )
    ids = _ids([step.title for step in draft.steps])
    planned = [_Plan(step, step_id) for step, step_id in zip(draft.steps, ids, strict=True)]
    study = _study(draft, planned)
    try:
        for plan in planned:
            plan.copy_into(folder)
    except (OSError, shutil.Error) as error:
        raise StorageError(
            f"The stimuli cannot be copied into {folder} ({error}).",
            remedy="Choose a folder you may write to.",
        ) from error
    saved = save_study(folder, study)
    return encrypt_study(saved, draft.passphrase) if draft.passphrase else saved


class _Plan:
    """What one step becomes: its stimulus, and the files to copy for it."""

    def __init__(self, draft: StepDraft, step_id: str) -> None:
        self.draft = draft
        self.step_id = step_id
        self._file: Path | None = None
        self._relative = ""
        if draft.kind in FILE_KINDS and not _is_address(draft.source):
            self._file = _existing(draft)
            # A folder of its own for each step: two pages may both be called index.html.
            self._relative = f"stimuli/{step_id}/{self._file.name}"

    def step(self) -> Step:
        draft = self.draft
        is_file = self._file is not None
        stimulus = Stimulus(
            kind=draft.kind,
            path=self._relative if is_file else None,
            url=draft.source.strip() if draft.kind in FILE_KINDS and not is_file else None,
            text=draft.source.strip() if draft.kind is StimulusKind.INSTRUCTION else None,
        )
        return Step(
            id=self.step_id,
            title=draft.title.strip(),
            stage=draft.stage.strip(),
            planned_s=draft.planned_s,
            stimulus=stimulus,
        )

    def copy_into(self, folder: Path) -> None:
        if self._file is None:
            return
        target = folder / self._relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.draft.kind is StimulusKind.PAGE:
            shutil.copytree(self._file.parent, target.parent, dirs_exist_ok=True)
        else:
            shutil.copy2(self._file, target)


def _study(draft: StudyDraft, planned: Sequence[_Plan]) -> Study:
    title = draft.title.strip()
    if not title:
        raise StudyError("The study has no title.", remedy="Give it one.")
    if not planned:
        raise StudyError("The study has no step.", remedy="Add the first step.")
    steps = []
    for number, plan in enumerate(planned, start=1):
        if not plan.draft.title.strip():
            raise StudyError(f"Step {number} has no title.", remedy="Give it one.")
        if plan.draft.planned_s <= 0:
            raise StudyError(
                f"Step {number}, {plan.draft.title}: no duration.", remedy="Plan its seconds."
            )
        try:
            steps.append(plan.step())
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise StudyError(f"Step {number}, {plan.draft.title}: {reason}.") from error
    try:
        return Study(
            id=_slug(title),
            title=title,
            goal=draft.goal.strip(),
            steps=tuple(steps),
            segments=DEFAULT_SEGMENTS,
            privacy=draft.privacy,
        )
    except ValidationError as error:
        raise StudyError(error.errors()[0]["msg"].removeprefix("Value error, ") + ".") from error


def _existing(draft: StepDraft) -> Path:
    name = draft.title.strip() or "a step without a title"
    if not draft.source.strip():
        raise StudyError(f"{name}: no {draft.kind} is chosen yet.", remedy="Choose its file.")
    file = Path(draft.source.strip()).expanduser()
    if not file.is_file():
        raise StudyError(f"{name}: the file {file} is missing.", remedy="Choose another file.")
    if draft.kind is StimulusKind.PAGE:
        _check_size(file.parent)
    return file


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


def _is_address(source: str) -> bool:
    return re.match(r"^https?://", source.strip()) is not None


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "study"


def _ids(titles: Sequence[str]) -> list[str]:
    ids: list[str] = []
    for title in titles:
        base = _slug(title) if title.strip() else "step"
        candidate, number = base, 2
        while candidate in ids:
            candidate, number = f"{base}-{number}", number + 1
        ids.append(candidate)
    return ids
