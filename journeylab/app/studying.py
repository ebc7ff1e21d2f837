"""Joins the analysis tab's views of a study: health, comparison and what the team expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Slot

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
from journeylab.analysis.journey import JourneyMap, SessionSummary
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.saturation import Saturation, saturation_of
from journeylab.analysis.saturation_found import found_of
from journeylab.analysis.study_health import StudyHealth, study_health
from journeylab.app.annotating import researcher_name
from journeylab.app.comparing import CompareWiring
from journeylab.app.replaying import ReplayWiring
from journeylab.clock import NS_PER_S, Clock
from journeylab.study.folder import StudyFolder
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
        self._gone: frozenset[str] = frozenset()
        self.views = StudyViews(replay.rooms, palette=palette)
        self._health = Background("reading the study's health", self)
        self._fewer = Background("trying the detectors on fewer participants", self)
        self._decisions = Background("keeping the decision", self)
        self.compared = CompareWiring(self.views.compare, palette=palette, parent=self)
        self.compared.page.replay_asked.connect(self._replay.open)
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
        health.stop_asked.connect(self._stop_health)
        self._health.progressed.connect(health.progress.advance)
        self._health.finished.connect(self._show_health)
        self._health.failed.connect(self._tell_health_failure)
        health.trying_stop_asked.connect(self._stop_fewer)
        self._fewer.progressed.connect(health.trying.advance)
        self._fewer.finished.connect(health.show_saturation)
        self._fewer.failed.connect(lambda _words: health.trying.end())
        self._decisions.finished.connect(self._take_decision)
        self._decisions.failed.connect(lambda words: health.say(words, tone="negative"))
        # expected
        expected = views.expected
        expected.lock_asked.connect(self._lock)
        expected.stop_asked.connect(self._stop_expected)
        self._expected.progressed.connect(expected.progress.advance)
        self._expected.finished.connect(self._show_expected)
        self._expected.failed.connect(self._tell_expected_failure)
        self._locks.finished.connect(self._take_locked)
        self._locks.failed.connect(lambda words: expected.say(words, tone="negative"))

    def open_study(self, folder: StudyFolder | None) -> None:
        """Show another study, its map first; a replay of the one before is left."""
        self._replay.leave()
        self._analysis.set_study(folder)
        for background in (self._health, self._fewer, self._expected):
            background.cancel()
        self._folder = folder
        self.compared.open_study(folder)
        self.views.expected.set_study(folder.study if folder is not None else None)
        self.views.show_view(StudyView.MAP)

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        for background in (
            self._health,
            self._fewer,
            self._decisions,
            self._expected,
            self._locks,
        ):
            background.close()
        self.compared.shut_down()
        self._replay.shut_down()
        self._analysis.shut_down()

    @Slot()
    def read_health(self) -> None:
        """Read the study's health anew."""
        if self._folder is not None:
            self._fewer.cancel()
            self.views.health.trying.end()
            self.views.health.begin_reading()
            self._health.run(_health_work(self._folder))

    @Slot(int)
    def _read_for(self, view: int) -> None:
        if self._folder is None:
            return
        if view == StudyView.HEALTH:
            self.read_health()
        elif view == StudyView.EXPECTED:
            self._read_expected()

    # -- health ------------------------------------------------------------------------------

    def _show_health(self, health: StudyHealth) -> None:
        self._gone = frozenset(one.session_id for one in health.of_gone)
        self.views.health.show_health(health)
        if self._folder is not None and len(health.saturation.people) >= 3:
            self.views.health.trying.begin()
            self._fewer.run(_fewer_work(self._folder, health.journey))

    @Slot()
    def _stop_health(self) -> None:
        self._health.cancel()
        self.views.health.say("Reading was stopped.", can_retry=True)

    @Slot()
    def _stop_fewer(self) -> None:
        self._fewer.cancel()
        self.views.health.trying.end()

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

    # -- expected ----------------------------------------------------------------------------

    def _read_expected(self) -> None:
        if self._folder is not None:
            self.views.expected.progress.begin()
            self._expected.run(_expected_work(self._folder))

    @Slot()
    def _stop_expected(self) -> None:
        self._expected.cancel()
        self.views.expected.progress.end()
        self.views.expected.say("Reading was stopped; what was locked is in force all the same.")

    def _show_expected(self, found: _Expected) -> None:
        self.views.expected.show_document(found.document)
        self.views.expected.show_expectation(found.expectation)

    def _tell_expected_failure(self, words: str) -> None:
        self.views.expected.progress.end()
        self.views.expected.say(words, tone="negative")

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
            self._read_expected()
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


def _fewer_work(folder: StudyFolder, journey: JourneyMap) -> Work:
    """Run the detectors on fewer participants; the curves with what they find."""

    def work(progress: Progress) -> Saturation:
        return saturation_of(journey, found=found_of(folder, journey, progress=progress))

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
