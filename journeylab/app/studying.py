"""Joins the analysis tab's views of a study: health, comparison and what the team expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from journeylab.analysis.compared_studies import compare_studies
from journeylab.analysis.comparing import Comparison
from journeylab.analysis.exclusions import (
    decide,
    decision_about,
    forget_sessions,
    read_decisions,
)
from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expected import (
    ExpectedDocument,
    ExpectedPoint,
    expectation_of,
    lock_expected,
    read_expected,
)
from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.study_health import StudyHealth, study_health
from journeylab.app.annotating import researcher_name
from journeylab.app.compare import comparison_stem
from journeylab.app.replaying import ReplayWiring
from journeylab.clock import NS_PER_S, Clock
from journeylab.report.comparison_export import ComparisonExport, write_comparison
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder, load_study
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background, Progress, Work
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.analysis.study_views import StudyView, StudyViews


@dataclass(frozen=True, slots=True, eq=False)
class _Expected:
    """What is kept of the team's expectation, and how it fits what was measured."""

    document: ExpectedDocument
    expectation: Expectation | None


class StudyWiring(QObject):
    """Answers the views of a study; GUI thread only, all reading and writing beside it.

    ``views`` holds the map with its replay and the other pages, and is what the window shows as its
    analysis tab.
    """

    def __init__(
        self,
        replay: ReplayWiring,
        *,
        clock: Clock,
        palette: Palette = LIGHT,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._replay = replay
        self._analysis = replay.analysis
        self._clock = clock
        self._folder: StudyFolder | None = None
        self._other: Path | None = None
        self._is_turned = False
        self._gone: frozenset[str] = frozenset()
        self.views = StudyViews(replay.rooms, palette=palette)
        self._health = Background("reading the study's health", self)
        self._decisions = Background("keeping the decision", self)
        self._comparison = Background("comparing the studies", self)
        self._exports = Background("writing the comparison", self)
        self._expected = Background("reading what was expected", self)
        self._locks = Background("keeping what is expected", self)
        self._connect()

    def _connect(self) -> None:
        views = self.views
        views.shown.connect(self._read_for)
        # health
        health = views.health
        health.decision_asked.connect(self._decide)
        health.forget_asked.connect(self._forget)
        health.replay_asked.connect(self._replay_session)
        health.retry_asked.connect(self.read_health)
        self._health.progressed.connect(health.show_progress)
        self._health.finished.connect(self._show_health)
        self._health.failed.connect(self._tell_health_failure)
        self._decisions.finished.connect(self._take_decision)
        self._decisions.failed.connect(lambda words: health.say(words, tone="negative"))
        # comparison
        compare = views.compare
        compare.choose_asked.connect(self._choose_other)
        compare.turn_asked.connect(self._turn)
        compare.stop_asked.connect(self._stop_comparing)
        compare.export.asked.connect(self._export)
        compare.export.stopped.connect(self._stop_export)
        self._comparison.progressed.connect(compare.show_progress)
        self._comparison.finished.connect(compare.show_comparison)
        self._comparison.failed.connect(compare.show_failure)
        self._exports.progressed.connect(compare.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._tell_export_failure)
        # expected
        expected = views.expected
        expected.lock_asked.connect(self._lock)
        self._expected.finished.connect(self._show_expected)
        self._expected.failed.connect(lambda words: expected.say(words, tone="negative"))
        self._locks.finished.connect(self._take_locked)
        self._locks.failed.connect(lambda words: expected.say(words, tone="negative"))

    def open_study(self, folder: StudyFolder | None) -> None:
        """Show another study, its map first; a replay of the one before is left."""
        self._replay.leave()
        self._analysis.set_study(folder)
        for background in (self._health, self._comparison, self._expected):
            background.cancel()
        self._folder, self._other, self._is_turned = folder, None, False
        self.views.compare.show_nothing()
        self.views.expected.set_study(folder.study if folder is not None else None)
        self.views.show_view(StudyView.MAP)

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        for background in (
            self._health,
            self._decisions,
            self._comparison,
            self._exports,
            self._expected,
            self._locks,
        ):
            background.close()
        self._replay.shut_down()
        self._analysis.shut_down()

    @Slot()
    def read_health(self) -> None:
        """Read the study's health anew."""
        if self._folder is not None:
            self.views.health.show_progress(0.0)
            self._health.run(_health_work(self._folder))

    def compare_with(self, path: Path) -> None:
        """Set the study that is open against the one in another folder."""
        self._other, self._is_turned = path, False
        self._compare()

    @Slot(int)
    def _read_for(self, view: int) -> None:
        if self._folder is None:
            return
        if view == StudyView.HEALTH:
            self.read_health()
        elif view == StudyView.EXPECTED:
            self._expected.run(_expected_work(self._folder))

    # -- health ------------------------------------------------------------------------------

    def _show_health(self, health: StudyHealth) -> None:
        self._gone = frozenset(one.session_id for one in health.of_gone)
        self.views.health.show_health(health)

    def _tell_health_failure(self, words: str) -> None:
        self.views.health.say(words, tone="negative", can_retry=True)

    @Slot(object, bool, str)
    def _decide(self, summary: SessionSummary, is_excluded: bool, reason: str) -> None:
        folder, author, now = self._folder, researcher_name(), self._now_utc()
        if folder is None:
            return

        def work(_progress: Progress) -> object:
            return decide(
                folder,
                decision_about(
                    summary, is_excluded=is_excluded, reason=reason, author=author, now_utc=now
                ),
            )

        self._decisions.run(work)

    @Slot()
    def _forget(self) -> None:
        folder, gone = self._folder, self._gone
        if folder is not None:
            self._decisions.run(lambda _progress: forget_sessions(folder, gone))

    def _take_decision(self, _decisions: object) -> None:
        self.read_health()
        self._analysis.reload()

    def _replay_session(self, summary: SessionSummary) -> None:
        self._replay.open(ReplayTarget(summary.path))

    # -- comparison --------------------------------------------------------------------------

    @Slot()
    def _choose_other(self) -> None:
        if self._folder is None:
            return
        start = self._other or self._folder.path.parent
        chosen = QFileDialog.getExistingDirectory(
            self.views, "Choose the study to compare with", str(start)
        )
        if chosen:
            self.compare_with(Path(chosen))

    @Slot()
    def _turn(self) -> None:
        self._is_turned = not self._is_turned
        self._compare()

    def _compare(self) -> None:
        if self._folder is None or self._other is None:
            return
        self.views.compare.show_loading(str(self._other))
        self._comparison.run(_comparison_work(self._folder, self._other, self._is_turned))

    @Slot()
    def _stop_comparing(self) -> None:
        self._comparison.cancel()
        self.views.compare.show_nothing()

    @Slot(object)
    def _export(self, choice: ExportChoice) -> None:
        comparison, folder = self.views.compare.comparison, self._folder
        if comparison is None or folder is None:
            return
        self.views.compare.export.begin()
        self.views.compare.say("Writing …")
        export = ComparisonExport(
            comparison, folder.exports_path, comparison_stem(folder, comparison, {})
        )
        self._exports.run(
            lambda progress: write_comparison(export, choice.formats, progress=progress)
        )

    def _tell_exported(self, paths: list[Path]) -> None:
        self.views.compare.export.end()
        where = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        self.views.compare.say(f"{where} in exports/", tone="joy")

    def _tell_export_failure(self, words: str) -> None:
        self.views.compare.export.end()
        self.views.compare.say(words, tone="negative")

    def _stop_export(self) -> None:
        self._exports.cancel()
        self.views.compare.export.end()
        self.views.compare.say("Export stopped")

    # -- expected ----------------------------------------------------------------------------

    def _show_expected(self, found: _Expected) -> None:
        self.views.expected.show_document(found.document)
        self.views.expected.show_expectation(found.expectation)

    @Slot(object, str)
    def _lock(self, points: tuple[ExpectedPoint, ...], authors: str) -> None:
        folder, now = self._folder, self._now_utc()
        if folder is not None:
            self._locks.run(
                lambda _progress: lock_expected(folder, points, authors=authors, now_utc=now)
            )

    def _take_locked(self, document: ExpectedDocument) -> None:
        self.views.expected.show_document(document)
        if self._folder is not None:
            self._expected.run(_expected_work(self._folder))
            self._analysis.reload()

    def _now_utc(self) -> str:
        now = datetime.fromtimestamp(self._clock.wall_ns() / NS_PER_S, tz=UTC)
        return now.isoformat(timespec="seconds")


def _health_work(folder: StudyFolder) -> Work:
    """Read the study's sessions and decisions."""

    def work(progress: Progress) -> StudyHealth:
        decisions = read_decisions(folder)
        journey = build_journey_map(folder, progress=progress)
        return study_health(folder.study, journey, decisions)

    return work


def _comparison_work(folder: StudyFolder, other: Path, is_turned: bool) -> Work:
    """Read both studies and set them against each other."""

    def work(progress: Progress) -> Comparison:
        there = load_study(other)
        return compare_studies(folder, there, is_turned=is_turned, progress=progress)

    return work


def _expected_work(folder: StudyFolder) -> Callable[[Progress], _Expected]:
    """Read what was expected, and how it fits what was measured."""

    def work(progress: Progress) -> _Expected:
        document = read_expected(folder)
        if document.newest is None:
            return _Expected(document, None)
        journey = build_journey_map(folder, progress=progress)
        return _Expected(document, expectation_of(journey, document))

    return work
