"""``journeylab verify``: whether bundles and study folders are whole, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import BUNDLE_SUFFIX, JOURNAL_SUFFIX
from journeylab.bundle.validate import validate
from journeylab.clock import SessionClock
from journeylab.errors import BundleError, JourneyLabError
from journeylab.study.folder import BUNDLE_PATTERNS, STUDY_FILE, StudyFolder, load_study
from journeylab.study.privacy import today

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at one path: wrong if it has problems; remarks are worth knowing."""

    path: Path
    summary: str = ""
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def run_verify(
    paths: Sequence[Path],
    *,
    say: Callable[[Verdict], None] | None = None,
    progress: Progress | None = None,
) -> tuple[Verdict, ...]:
    """Check bundles, and the study file, stimuli and bundles of study folders.

    Parameters
    ----------
    say
        Told each verdict as soon as it is there.

    Raises
    ------
    BundleError
        When no path was given.
    """
    if not paths:
        raise BundleError("Nothing was named to verify.", remedy="Name bundles or study folders.")
    verdicts: list[Verdict] = []

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        if say is not None:
            say(verdict)

    work: list[tuple[Path, StudyFolder | None]] = []
    for path in paths:
        if path.is_dir() or path.name == STUDY_FILE:
            work += _study_work(path, tell)
        else:
            work.append((path, None))
    for number, (path, folder) in enumerate(work):
        tell(_verdict_of(path, folder, _part(progress, number, len(work))))
    return tuple(verdicts)


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    if progress is None:
        return None
    return lambda share: progress((number + share) / count)


def _study_work(
    path: Path, tell: Callable[[Verdict], None]
) -> list[tuple[Path, StudyFolder | None]]:
    """Tells of the study itself; the bundles in it, which are still to be checked."""
    root = path.parent if path.name == STUDY_FILE else path
    folder: StudyFolder | None = None
    try:
        folder = load_study(root)
        folder.check_stimuli()
        problems: tuple[str, ...] = ()
    except JourneyLabError as error:
        problems = (error.what,)
        if not (root / STUDY_FILE).exists():
            found = sorted(root.glob(f"*{BUNDLE_SUFFIX}"))
            if found:  # a plain folder of bundles
                return [(bundle, None) for bundle in found]
    sessions = root / "sessions"
    journals = sorted(sessions.glob(f"*{JOURNAL_SUFFIX}"))
    remarks = tuple(
        f"{journal.name} is not finished: journeylab recover completes it" for journal in journals
    )
    bundles = sorted(path for pattern in BUNDLE_PATTERNS for path in sessions.glob(pattern))
    if folder is not None and (due := folder.study.privacy.retention_notice(today(SessionClock()))):
        remarks = (*remarks, due)
    steps = f"{len(folder.study.steps)} steps, " if folder is not None else ""
    tell(Verdict(root, f"study, {steps}{len(bundles)} sessions", problems, remarks))
    return [(bundle, folder) for bundle in bundles]


def _verdict_of(path: Path, folder: StudyFolder | None, progress: Progress | None) -> Verdict:
    report = validate(path, progress=progress)
    summary = ""
    remarks = report.remarks
    if report.duration_s is not None:
        minutes, seconds = divmod(round(report.duration_s), 60)
        summary = f"{minutes}:{seconds:02d}, {report.n_streams} streams, format {report.version}"
        remarks += _strangers(path, folder) if report.is_sound else ()
    return Verdict(path, summary, report.problems, remarks)


def _strangers(path: Path, folder: StudyFolder | None) -> tuple[str, ...]:
    if folder is None:
        return ()
    with Bundle.open(path) as bundle:
        study_id = bundle.header.study_id
    if study_id == folder.study.id:
        return ()
    return (f'it belongs to the study "{study_id}", not to "{folder.study.id}"',)
