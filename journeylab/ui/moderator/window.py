"""The moderator's window: pages in a stack, one timer, and the wiring between them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QImage
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from journeylab.analysis.journey import SessionSummary
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError
from journeylab.streams import Picture, Row, Sample
from journeylab.study.folder import StudyFolder, load_study
from journeylab.study.privacy import today
from journeylab.study.study_key import is_locked
from journeylab.ui.moderator.appearance import USUAL, Appearance
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.console_modes import ConsoleModes
from journeylab.ui.moderator.debrief_page import DebriefPage
from journeylab.ui.moderator.finish_page import FinishPage
from journeylab.ui.moderator.heartbeat import Heartbeat
from journeylab.ui.moderator.navigation import NavigationBar
from journeylab.ui.moderator.places import Places
from journeylab.ui.moderator.ports import DeviceOption, DisplayOption, SessionPort, SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.setup_page import SetupPage
from journeylab.ui.moderator.studies_page import StudiesPage
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.moderator.unlock import ask_for_passphrase
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.style import apply_style


class MainWindow(QMainWindow):
    """Studies, set-up, console, finish; and the analysis beside them.

    It opens no device and runs no session. Whoever composes the application listens to its
    signals and calls its slots, all on the GUI thread:

    ================================ ========================================================
    signal                           when, and what is expected
    ================================ ========================================================
    ``study_opened(Path)``           a study was opened (or made) and its set-up page shown:
                                     call :meth:`set_devices`, give it to the analysis page
    ``study_created(Path)``          a new study was written; ``study_opened`` follows
    ``study_left()``                 the set-up page was left for the list of studies: close
                                     the preview
    ``study_unlocked()``             its passphrase was entered: read its bundles again
    ``demo_requested()``             build or find the demo, then :meth:`open_study`
    ``preview_requested(SetupChoice)`` devices were chosen: close the session before, open
                                     these, then :meth:`set_session` or
                                     :meth:`show_setup_problem`. It goes out with every
                                     opening of the set-up page, after ``study_opened``
    ``calibrate_requested(SetupChoice)`` run the calibration with the session in preview
    ``start_requested(SetupChoice)`` start recording, then :meth:`show_console`; or
                                     :meth:`show_setup_problem`
    ``next_requested()`` ``previous_requested()``
    ``note_requested(str, int)``     acts of the console, for the session's controller; markers
                                     and the other acts are signals of ``console`` itself
    ``stop_requested()``             stop; then :meth:`show_finalising`,
                                     :meth:`show_progress`, :meth:`show_summary` or
                                     :meth:`show_failure`
    ``debrief.note_requested(str, int)`` ``debrief.save_requested()`` ``debrief.back_requested()``
                                     acts of the debrief, which :meth:`DebriefPage.show_session`
                                     opens
    ``next_participant_requested()`` after a session; ``preview_requested`` follows
    ``analysis_requested(Path)``     show the analysis of this bundle; the window has gone
                                     to the analysis tab already
    ``analysis_shown()``             the analysis tab was opened by hand
    ``closed()``                     the window was closed, never while recording
    ================================ ========================================================

    Two more slots: :meth:`show_participant_sample` takes what the participant's window emits
    (pictures of the screen, page events), and :meth:`say` a sentence, wherever she looks.
    ``heartbeat.durations_s`` and ``console.screen_latencies_ms`` hold what a bench asks for.
    """

    study_opened = Signal(object)
    study_created = Signal(object)
    study_left = Signal()
    study_unlocked = Signal()
    demo_requested = Signal()
    preview_requested = Signal(object)
    calibrate_requested = Signal(object)
    start_requested = Signal(object)
    next_requested = Signal()
    previous_requested = Signal()
    note_requested = Signal(str, object)
    stop_requested = Signal()
    next_participant_requested = Signal()
    analysis_requested = Signal(object)
    analysis_shown = Signal()
    closed = Signal()

    def __init__(
        self,
        *,
        analysis: QWidget,
        recents: RecentStudies,
        clock: Clock,
        studies_folder: Path,
        appearance: Appearance = USUAL,
    ) -> None:
        super().__init__()
        palette = appearance.console
        self.setWindowTitle("JourneyLab")
        room = self.screen().availableGeometry().size()
        self.resize(QSize(1440, 860).boundedTo(room))
        self.setMinimumSize(1180, 700)
        self._palette = palette
        self._recents = recents
        self._clock = clock
        self._studies_folder = studies_folder
        self._folder: StudyFolder | None = None
        self._session: SessionPort | None = None
        self._screen_px: tuple[int, int] | None = None
        self.navigation = NavigationBar(appearance)
        self.studies = StudiesPage(palette=palette)
        self.setup = SetupPage(palette=palette)
        self.console = ConsolePage(clock=clock, palette=palette)
        self.modes = ConsoleModes(
            self, self.console, memory=studies_folder / "console-window.json", palette=palette
        )
        self.debrief = DebriefPage(clock=clock, palette=palette)
        self.finish = FinishPage(palette=palette)
        self.analysis = analysis
        apply_style(analysis, appearance.analysis)  # it is read, not watched: light, as in print
        self._places = Places(self.navigation, analysis=analysis)
        self._places.add_page(self.studies)
        self._places.add_page(self.setup)
        self._places.add_page(self.console, has_navigation=False)
        self._places.add_page(self.debrief, has_navigation=False)
        self._places.add_page(self.finish)
        frame = QWidget()
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.navigation)
        layout.addWidget(self._places, 1)
        self.setCentralWidget(frame)
        self._connect()
        self.navigation.show_study("")
        self.studies.show_listings(recents.listings(day=today(clock)))
        self._places.go_to(self.studies)

    def _connect(self) -> None:
        # navigation
        self.navigation.sessions_chosen.connect(self._show_sessions)
        self.navigation.analysis_chosen.connect(self.show_analysis)
        # studies
        self.studies.study_chosen.connect(self.open_study)
        self.studies.new_study_requested.connect(self.edit_study)
        self.studies.edit_requested.connect(self.edit_study)
        self.studies.demo_requested.connect(self.demo_requested)
        # set-up
        self.setup.preview_requested.connect(self.preview_requested)
        self.setup.calibrate_requested.connect(self.calibrate_requested)
        self.setup.start_requested.connect(self.start_requested)
        self.setup.left.connect(self._leave_study)
        self.setup.edit_requested.connect(self.edit_study)
        # console
        self.console.next_requested.connect(self.next_requested)
        self.console.previous_requested.connect(self.previous_requested)
        self.console.note_requested.connect(self.note_requested)
        self.console.stop_requested.connect(self.stop_requested)
        self._places.currentChanged.connect(self.modes.follow_page)
        # debrief
        self.debrief.opened.connect(partial(self._places.go_to, self.debrief))
        self.debrief.closed.connect(partial(self._places.go_to, self.console))
        # finish
        self.finish.analysis_requested.connect(self._open_analysis)
        self.finish.next_participant_requested.connect(self._next_participant)
        # the one timer
        for page in (self.setup, self.console):
            self._places.poll(page, curves=page.refresh_curves, text=page.refresh_text)
        self.heartbeat.painted.connect(self.console.note_painted)

    # -- studies -----------------------------------------------------------------------------

    def open_study(self, path: Path) -> bool:
        """Open a study folder and show its set-up page; False, with a sentence, when unfit."""
        try:
            folder = load_study(path)
            folder.check_stimuli()
        except JourneyLabError as error:
            self.studies.show_problem(str(error))
            self._places.go_to(self.studies)
            return False
        self.studies.show_problem("")
        self._folder = folder
        self._recents.remember(folder.path)
        self.navigation.show_study(folder.study.title)
        self.study_opened.emit(folder.path)
        self.show_setup()
        if is_locked(folder) and folder.bundles():
            ask_for_passphrase(folder, self, self.study_unlocked.emit, palette=self._palette)
        return True

    def edit_study(self, path: Path | None = None) -> None:
        """Open the editor for a study, or for a new one; not modal, nothing waits for it."""
        try:
            editor = StudyEditor(
                self, study=path, where=self._studies_folder, palette=self._palette
            )
        except JourneyLabError as error:
            self.say(str(error))
            return
        editor.saved.connect(partial(self._study_saved, path is None))
        editor.finished.connect(editor.deleteLater)
        editor.open()

    def _study_saved(self, is_new: bool, path: Path) -> None:
        if is_new:
            self.study_created.emit(path)
        if is_new or self.page is self.setup:
            self.open_study(path)
        else:
            self.studies.show_listings(self._recents.listings(day=today(self._clock)))

    def _leave_study(self) -> None:
        self.set_session(None)
        self.studies.show_listings(self._recents.listings(day=today(self._clock)))
        self._places.go_to(self.studies)
        self.study_left.emit()

    @property
    def folder(self) -> StudyFolder | None:
        """The open study."""
        return self._folder

    # -- set-up ------------------------------------------------------------------------------

    def set_devices(
        self,
        cameras: Sequence[DeviceOption],
        *,
        microphones: Sequence[DeviceOption],
        displays: Sequence[DisplayOption],
    ) -> None:
        """Show what this machine has. Call it whenever that changes."""
        self.setup.set_devices(cameras, microphones=microphones, displays=displays)

    def show_setup(self) -> None:
        """Show a new form for the open study and ask for a preview."""
        if self._folder is not None:
            taken = [_participant_of(bundle) for bundle in self._folder.bundles()]
            self.setup.show_study(self._folder, taken=taken)
            self._places.go_to(self.setup)
            self.setup.ask_for_preview()

    def set_session(self, session: SessionPort | None) -> None:
        """Read this session from now on, on set-up page and console; None before it is closed."""
        self._session = session
        self.setup.set_session(session)
        if session is None:
            self.console.leave_session()

    def say(self, sentence: str, *, level: Level = Level.FAULT) -> None:
        """Say a sentence on the page that is shown; on finish and analysis there is no need."""
        if self.page is self.setup:
            self.setup.show_message(sentence, level=level)
        elif self.page is self.console:
            self.console.show_notice(sentence, level=level)
        elif self.page is self.debrief:
            self.debrief.banner.say(sentence, level=level)
        elif self.page is self.studies and level is not Level.GOOD:
            self.studies.show_problem(sentence)

    def show_setup_problem(self, sentence: str) -> None:
        """Say on the set-up page why there is no preview or why recording did not start."""
        self.setup.show_problem(sentence)

    # -- console -----------------------------------------------------------------------------

    def show_console(
        self, choice: SetupChoice, *, screen_px: tuple[int, int] | None = None
    ) -> None:
        """Recording has started, on a participant's screen of that size: show the console."""
        self._screen_px = screen_px
        if self._folder is not None and self._session is not None:
            self.console.show_session(self._folder, choice, self._session)
            self._places.go_to(self.console)
            self.console.setFocus()
            self.modes.begin_session()

    def show_participant_sample(self, sample: Sample) -> None:
        """Take in what the participant's window emits: pictures of its screen, page events."""
        # Whole pages are for the map: the console shows what is seen.
        if isinstance(sample, Picture) and sample.stream == "screen":
            image = QImage.fromData(sample.data)
            if not image.isNull():
                # Pictures may be smaller than the screen, whose pixels gaze and mouse count in.
                size = self._screen_px or (sample.width_px, sample.height_px)
                self.console.show_screen(image, screen_px=size)
        elif isinstance(sample, Row) and sample.stream == "page":
            self.console.take_page_event(sample)
        elif isinstance(sample, Row) and sample.stream == "displays":
            _, width_px, height_px, *_ = sample.values
            self._screen_px = int(str(width_px)), int(str(height_px))

    # -- finish ------------------------------------------------------------------------------

    def show_finalising(self) -> None:
        """Recording has stopped and the bundle is being written."""
        self.set_session(None)
        self.finish.show_finalising()
        self._places.go_to(self.finish)

    def show_progress(self, share: float) -> None:
        """How much of the bundle is written, 0 to 1."""
        self.finish.show_progress(share)

    def show_summary(self, summary: SessionSummary) -> None:
        """The bundle is written."""
        n_steps = 0 if self._folder is None else len(self._folder.study.steps)
        self.finish.show_summary(summary, n_steps=n_steps)

    def show_failure(self, sentence: str, *, journal: Path | None = None) -> None:
        """The bundle could not be written."""
        self.finish.show_failure(sentence, journal=journal)

    def _next_participant(self) -> None:
        self.next_participant_requested.emit()
        self.show_setup()

    # -- places ------------------------------------------------------------------------------

    def show_analysis(self) -> None:
        """Go to the analysis tab."""
        self._places.go_to(self.analysis)
        self.analysis_shown.emit()

    def _open_analysis(self, path: Path) -> None:
        self._places.go_to(self.analysis)
        self.analysis_requested.emit(path)

    def _show_sessions(self) -> None:
        self.studies.show_listings(self._recents.listings(day=today(self._clock)))
        self._places.go_to(self._places.sessions_page or self.studies)

    @property
    def heartbeat(self) -> Heartbeat:
        """The one timer; its ``durations_s`` say what the ticks cost."""
        return self._places.heartbeat

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._places.page

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.page is self.console:
            self.console.ask_to_stop()
            event.ignore()
            return
        if self.page is self.debrief:
            self.debrief.ask_to_save()
            event.ignore()
            return
        self.heartbeat.stop()
        self.closed.emit()
        super().closeEvent(event)


def _participant_of(bundle: Path) -> str:
    """Participant id from a bundle's name, ``<participant>-<YYYYMMDD>-<HHMMSS>``."""
    return bundle.stem.rsplit("-", 2)[0]
