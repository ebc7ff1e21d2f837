"""The application: the moderator's window, the session it runs and the analysis beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.sessions import summarise
from journeylab.app.background import Background
from journeylab.app.demo import copy_demo_study
from journeylab.app.devices import DeviceRequest
from journeylab.app.discovery import FoundDevices, find_devices
from journeylab.app.display import require_display
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.bundle.reader import Bundle
from journeylab.bundle.recover import recover
from journeylab.clock import Clock, SessionClock
from journeylab.errors import JourneyLabError
from journeylab.study.folder import StudyFolder, load_study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.moderator.ports import DisplayOption, SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.style import apply_style


class Composition(QObject):
    """Answers the window's signals with sessions, devices and maps. GUI thread only.

    ``only`` is a session asked for on the command line: it starts as soon as its devices are
    open, and ``result`` holds its bundle, or a sentence, when the application leaves.
    """

    def __init__(self, *, clock: Clock, home: Path, only: SetupChoice | None = None) -> None:
        super().__init__()
        self._clock = clock
        self._home = home
        self._only = only
        self._choice: SetupChoice | None = None
        self._session: LiveSession | None = None
        self._background = Background(self)
        self.result: Path | str | None = None
        self.analysis = AnalysisPage()
        self.window = MainWindow(
            analysis=self.analysis,
            recents=RecentStudies(home / "recent-studies.json"),
            clock=clock,
            studies_folder=home,
        )
        self._connect()

    def _connect(self) -> None:
        window = self.window
        # studies
        window.study_opened.connect(self._study_opened)
        window.study_left.connect(self._close_session)
        window.demo_requested.connect(self._open_demo)
        # set-up
        window.preview_requested.connect(self._preview)
        window.calibrate_requested.connect(self._calibrate)
        window.start_requested.connect(self._start)
        # console
        window.next_requested.connect(self._next_step)
        window.previous_requested.connect(self._previous_step)
        window.marker_requested.connect(self._add_marker)
        window.note_requested.connect(self._add_note)
        window.stop_requested.connect(self._stop)
        # finish and analysis
        window.next_participant_requested.connect(self._close_session)
        window.analysis_requested.connect(self._show_bundle)
        self.analysis.record_asked.connect(window.show_setup)
        window.closed.connect(self._leave)

    # -- studies -----------------------------------------------------------------------------

    @Slot(object)
    def _study_opened(self, path: Path) -> None:
        self.analysis.set_study(self.window.folder)
        self._background.run(find_devices, done=self._show_devices, failed=self._say)
        self._background.run(lambda: recover(path), done=self._show_recovered, failed=self._say)

    def _show_devices(self, found: FoundDevices) -> None:
        displays = [
            DisplayOption(index, f"{screen.name()} · {_size(screen)}")
            for index, screen in enumerate(QGuiApplication.screens())
        ]
        self.window.set_devices(found.cameras, microphones=found.microphones, displays=displays)

    def _show_recovered(self, bundles: tuple[Path, ...]) -> None:
        if bundles:
            names = ", ".join(bundle.stem for bundle in bundles)
            self._say(f"Completed after a crash: {names}.")
            self.analysis.reload()

    @Slot()
    def _open_demo(self) -> None:
        folder = self._home / "demo-shop"
        self._background.run(
            lambda: folder if folder.is_dir() else copy_demo_study(folder).path,
            done=self.window.open_study,
            failed=self._say,
        )

    # -- set-up ------------------------------------------------------------------------------

    @Slot(object)
    def _preview(self, choice: SetupChoice) -> None:
        folder = self.window.folder
        if folder is None:
            return
        self._close_session()
        self._choice = self._only or choice
        session = LiveSession(
            folder, screen=_screen(self._choice.screen_index), clock=self._clock, parent=self
        )
        session.ready.connect(self._session_ready)
        session.calibrated.connect(self._say)
        session.notice.connect(self._say)
        session.started.connect(self._session_started)
        session.sample.connect(self.window.show_participant_sample)
        session.finalising.connect(self.window.show_progress)
        session.finished.connect(self._session_finished)
        session.failed.connect(self._session_failed)
        self._session = session
        session.open(
            DeviceRequest(
                self._choice.camera,
                self._choice.microphone,
                self._choice.segments.get("device", "desktop"),
                loops=self._only is None,
            ),
            with_preview=self._only is None,
        )

    @Slot()
    def _session_ready(self) -> None:
        if self._session is None:
            return
        self.window.set_session(self._session.controller)
        if self._only is not None:
            self._start(self._only)

    @Slot(object)
    def _calibrate(self, choice: SetupChoice) -> None:
        if self._session is not None:
            self._session.calibrate(device=choice.segments.get("device"))

    @Slot(object)
    def _start(self, choice: SetupChoice) -> None:
        if self._session is None:
            return
        self._choice = choice
        self._session.start(SessionRequest(choice.participant_id, choice.segments, choice.consent))

    @Slot()
    def _session_started(self) -> None:
        if self._choice is not None:
            self.window.show_console(self._choice)

    # -- console -----------------------------------------------------------------------------

    @Slot()
    def _next_step(self) -> None:
        if self._session is not None:
            if self._session.is_in_last_step:
                self._stop()
            else:
                self._session.next_step()

    @Slot()
    def _previous_step(self) -> None:
        if self._session is not None:
            self._session.previous_step()

    @Slot(str)
    def _add_marker(self, label: str) -> None:
        if self._session is not None:
            self._session.add_marker(label)

    @Slot(str)
    def _add_note(self, text: str) -> None:
        if self._session is not None:
            self._session.add_note(text)

    @Slot()
    def _stop(self) -> None:
        if self._session is not None:
            self._session.stop()
            self.window.show_finalising()

    # -- finish and analysis -----------------------------------------------------------------

    @Slot(object)
    def _session_finished(self, path: Path) -> None:
        self.result = path
        if self._only is not None:
            self.window.close()
            return
        self._background.run(
            lambda: _summary(path), done=self.window.show_summary, failed=self._say
        )
        self.analysis.reload()

    @Slot(str)
    def _session_failed(self, sentence: str) -> None:
        self.result = sentence
        if self._only is not None:
            self.window.close()
        elif self.window.page is self.window.setup:
            self.window.show_setup_problem(sentence)
        else:
            journal = self._session.journal_path if self._session is not None else None
            self.window.show_failure(sentence, journal=journal)

    @Slot(object)
    def _show_bundle(self, _path: Path) -> None:
        self.analysis.reload()

    @Slot()
    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self.window.set_session(None)
            session.close()
            session.deleteLater()

    @Slot()
    def _leave(self) -> None:
        self._close_session()
        self.analysis.shut_down()
        self._background.close()

    def _say(self, sentence: str) -> None:
        """Tell the moderator, where she is looking."""
        if self.window.page is self.window.setup:
            self.window.show_setup_problem(sentence)
        elif self.window.page is self.window.studies:
            self.window.studies.show_problem(sentence)


def run_app(*, analyse: Path | None = None) -> int:
    """Open the application; with ``analyse``, on that study's journey map. Returns an exit code.

    Raises
    ------
    DisplayError
        When there is no display.
    """
    application = _application()
    composition = Composition(clock=SessionClock(), home=_home())
    if analyse is not None:
        composition.analysis.set_study(load_study(analyse))
        composition.window.show_analysis()
    composition.window.show()
    return application.exec()


def record_with_console(folder: StudyFolder, choice: SetupChoice) -> Path:
    """Run one session in the moderator's console and return its bundle.

    Raises
    ------
    JourneyLabError
        When the devices cannot be opened, or the session was not finished.
    """
    application = _application()
    composition = Composition(clock=SessionClock(), home=_home(), only=choice)
    composition.window.show()
    if not composition.window.open_study(folder.path):
        raise JourneyLabError(f"{folder.path} cannot be opened.")
    application.exec()
    if isinstance(composition.result, Path):
        return composition.result
    raise JourneyLabError(composition.result or "The window was closed before the session ended.")


def _application() -> QApplication:
    require_display()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("JourneyLab")
    apply_style(application)
    return application


def _home() -> Path:
    """Where studies made in the app are offered to lie: ``JourneyLab`` among the documents."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "JourneyLab"


def _summary(path: Path) -> SessionSummary:
    with Bundle.open(path) as bundle:
        return summarise(bundle)


def _screen(index: int) -> QScreen:
    screens = QGuiApplication.screens()
    return screens[index] if 0 <= index < len(screens) else screens[0]


def _size(screen: QScreen) -> str:
    size = screen.geometry().size() * screen.devicePixelRatio()
    return f"{size.width()} × {size.height()}"
