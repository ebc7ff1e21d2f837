"""The application: the moderator's window, the session it runs and the analysis beside it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.recap import Recap, recap_of
from journeylab.analysis.sessions import summarise
from journeylab.app.acting import ActWiring
from journeylab.app.counting import ParticipantCounter
from journeylab.app.debriefing import DebriefWiring
from journeylab.app.demo import copy_demo_study
from journeylab.app.devices import DeviceRequest, screen_geometry
from journeylab.app.discovery import FoundDevices, find_devices
from journeylab.app.displays import display_options, screen_of
from journeylab.app.gaze_wiring import GazeWiring
from journeylab.app.leaving import LeavingSessions
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.app.observer_wiring import ObserverWiring
from journeylab.app.practice import practice_choice, practice_folder, remove_practice
from journeylab.app.preparing import CountWiring, PreparingWiring
from journeylab.app.recover import run_recover
from journeylab.app.replaying import ReplayWiring
from journeylab.app.studying import StudyWiring
from journeylab.bundle.reader import Bundle
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError
from journeylab.session.events import EventKind, SessionEvent
from journeylab.session.states import SessionState
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Study
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.moderator.appearance import (
    USUAL,
    Appearance,
    save_appearance,
)
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.background import Background
from journeylab.ui.widgets.health import Level

APPEARANCE_FILE: Final = "appearance.json"


class Composition(QObject):
    """Answers the window's signals with sessions, devices and maps. GUI thread only.

    ``only`` is a session asked for on the command line: it starts as soon as its devices are
    open, and ``result`` holds its bundle, or a sentence, when the application leaves. ``left``
    goes out when the window was closed and nothing runs any more.
    """

    left = Signal()

    def __init__(
        self,
        *,
        clock: Clock,
        home: Path,
        only: SetupChoice | None = None,
        appearance: Appearance = USUAL,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._home = home
        self._only = only
        self._at_once = only  # what starts by itself as soon as its devices are open
        self._choice: SetupChoice | None = None
        self._session: LiveSession | None = None
        self._others = LeavingSessions()
        self._are_devices_known = only is not None
        self._is_leaving = False
        self._background = Background(self)
        self.result: Path | str | None = None
        self.wears_another = False
        self.analysis = AnalysisPage(palette=appearance.analysis)
        self.replay = ReplayWiring(
            self.analysis,
            clock=clock,
            background=self._background,
            palette=appearance.analysis,
            parent=self,
        )
        self.study = StudyWiring(self.replay, clock=clock, palette=appearance.analysis, parent=self)
        self.window = MainWindow(
            analysis=self.study.views,
            recents=RecentStudies(home / "recent-studies.json"),
            clock=clock,
            studies_folder=home,
            appearance=appearance,
        )
        self._gaze = GazeWiring(self.window, parent=self)
        self._acts = ActWiring(self.window.console, session=lambda: self._session, parent=self)
        self._debrief = DebriefWiring(
            self.window, session=lambda: self._session, stop=self._stop, parent=self
        )
        self._observers = ObserverWiring(
            self.window, session=lambda: self._session, clock=clock, parent=self
        )
        self._preparing = PreparingWiring(self.window, parent=self)
        self._counter = ParticipantCounter()
        self._count = CountWiring(
            self.window, self._counter, background=self._background, parent=self
        )
        self._connect()

    def _connect(self) -> None:
        window = self.window
        # studies
        window.study_opened.connect(self._study_opened)
        window.study_left.connect(self._close_session)
        window.study_unlocked.connect(self.analysis.reload)
        window.demo_requested.connect(self._open_demo)
        window.navigation.appearance_chosen.connect(self._change_appearance)
        # set-up
        window.preview_requested.connect(self._preview)
        window.start_requested.connect(self._start)
        window.setup.practice_requested.connect(self._practise)
        # console
        window.next_requested.connect(self._next_step)
        window.previous_requested.connect(self._acts.go_back)
        window.note_requested.connect(self._acts.add_note)
        window.debrief.note_requested.connect(self._acts.add_last_note)
        window.stop_requested.connect(self._stop)
        # finish and analysis
        window.next_participant_requested.connect(self._close_session)
        window.analysis_requested.connect(self.analysis.reload)
        self.analysis.record_asked.connect(window.show_setup)
        window.closed.connect(self._leave)

    # -- studies -----------------------------------------------------------------------------

    @Slot(object)
    def _study_opened(self, path: Path) -> None:
        self.study.open_study(self.window.folder)
        nothing = FoundDevices((), ())
        self._background.run(
            find_devices,
            done=self._show_devices,
            failed=lambda sentence: self._show_devices(nothing, problem=sentence),
        )
        self._background.run(
            lambda: _complete(path), done=self._show_recovered, failed=self.window.say
        )

    def _show_devices(self, found: FoundDevices, *, problem: str = "") -> None:
        window = self.window
        displays = display_options(beside=window.screen())
        window.set_devices(found.cameras, microphones=found.microphones, displays=displays)
        self._are_devices_known = True
        if self._only is None and window.page is window.setup:
            asked, now = self._choice, window.setup.choice()
            if self._session is None or asked is None or _hardware(asked) != _hardware(now):
                window.setup.ask_for_preview()
        if problem:
            window.say(problem)

    def _show_recovered(self, outcome: tuple[list[Path], str]) -> None:
        bundles, problem = outcome
        if problem:
            self.window.say(problem)
        elif bundles:
            names = ", ".join(bundle.name.split(".", 1)[0] for bundle in bundles)
            self.window.say(f"Completed after a crash, and kept: {names}.", level=Level.GOOD)
        if bundles:
            self.analysis.reload()

    @Slot()
    def _open_demo(self) -> None:
        folder = self._home / "demo-shop"
        self._background.run(
            lambda: folder if folder.is_dir() else copy_demo_study(folder).path,
            done=self.window.open_study,
            failed=self.window.say,
        )

    @Slot(object)
    def _change_appearance(self, appearance: Appearance) -> None:
        """Close for :func:`run_app` to open the window anew; no bar, no change, while recording."""
        save_appearance(appearance, self._home / APPEARANCE_FILE)
        self.wears_another = True
        self.window.close()

    # -- set-up ------------------------------------------------------------------------------

    @Slot(object)
    def _preview(self, choice: SetupChoice) -> None:
        folder = self.window.folder
        if folder is None or not self._are_devices_known:
            return  # asked again as soon as it is known what there is to choose from
        self._at_once = self._only
        self._open_session(folder, self._only or choice)

    @Slot(object)
    def _practise(self, choice: SetupChoice) -> None:
        """Run a session with a simulated participant at once; nothing of it is kept."""
        folder = self.window.folder
        if folder is None:
            return
        self._at_once = practice_choice(
            folder.study, screen_index=choice.screen_index, segments=choice.segments
        )
        self._open_session(practice_folder(folder), self._at_once)

    def _open_session(self, folder: StudyFolder, choice: SetupChoice) -> None:
        self._close_session()
        self._choice = choice
        session = LiveSession(
            folder,
            screen=screen_of(choice.screen_index),
            counter=self._counter,
            clock=self._clock,
            parent=self,
        )
        session.closed.connect(partial(remove_practice, folder), Qt.ConnectionType.DirectConnection)
        self._listen_to(session)
        self._session = session
        session.open(
            DeviceRequest(
                choice.camera,
                choice.microphone,
                choice.segments.get("device", "desktop"),
                loops=self._at_once is None,
            ),
            with_preview=self._at_once is None,
            after=self._others.last_end,
        )

    def _listen_to(self, session: LiveSession) -> None:
        session.ready.connect(self._session_ready)
        session.trouble.connect(self.window.say)
        session.happened.connect(self._note_event)
        session.happened.connect(self._debrief.take_event)
        session.started.connect(self._session_started)
        session.sample.connect(self.window.show_participant_sample)
        session.finalising.connect(self.window.show_progress)
        session.finished.connect(partial(self._session_finished, session))
        session.failed.connect(partial(self._session_failed, session))

    @Slot()
    def _session_ready(self) -> None:
        if self._session is None:
            return
        self.window.set_session(self._session.controller)
        self._gaze.follow(self._session.interludes)
        self._preparing.follow(self._session.preparing)
        if self._session.steps is not None:
            self._session.steps.mouse_used.connect(self._take_the_keys)
        if self._at_once is not None:
            self._start(self._at_once)

    @Slot(object)
    def _start(self, choice: SetupChoice) -> None:
        if self._session is None:
            return
        self._choice = choice
        asked = choice.participant_id, choice.segments, choice.consent, choice.takes_neutral
        self._session.start(SessionRequest(*asked))

    @Slot()
    def _session_started(self) -> None:
        if self._choice is not None:
            size = screen_geometry(screen_of(self._choice.screen_index))
            screen_px = size.width_px, size.height_px
            self.window.show_console(self._choice, screen_px=screen_px)
            self._take_the_keys()

    @Slot(object)
    def _note_event(self, event: SessionEvent) -> None:
        if event.kind in (EventKind.STEP, EventKind.ASKING):
            # At once: what the new page tells must not be counted for the step before.
            self.window.console.refresh_text()
            self._take_the_keys()
            if event.kind is EventKind.STEP:
                self.window.modes.take_keyboard()
        elif event.kind is EventKind.RECOVERED:
            self.window.say(event.text, level=Level.GOOD)
        elif event.is_early_stop:
            self.window.show_finalising()
            self.window.finish.show_reason(event.text)

    def _take_the_keys(self) -> None:
        """Have the keyboard at the console, without covering the participant's window."""
        window, choice = self.window, self._choice
        if choice is None or window.isActiveWindow():
            return  # asking the window system for what one has costs milliseconds
        if window.screen() != screen_of(choice.screen_index):
            window.activateWindow()

    # -- console -----------------------------------------------------------------------------

    @Slot()
    def _next_step(self) -> None:
        if self._session is not None:
            controller = self._session.controller
            has_failed = controller is not None and controller.state is SessionState.FAILED
            if has_failed and self._session.is_in_last_step:
                self._stop()  # nothing but saving is left
            else:
                self._session.next_step()

    @Slot()
    def _stop(self) -> None:
        if self._session is not None:
            self.window.debrief.keep_typed()
            self._session.stop()
            self.window.show_finalising()

    # -- finish and analysis -----------------------------------------------------------------

    def _session_finished(self, session: LiveSession, path: Path) -> None:
        self.result = path
        if self._only is not None or self._is_leaving:
            self.window.close()
            return
        if session is self._session:
            # Her next key is for this window, which the participant's may have covered.
            self.window.raise_()
            self.window.activateWindow()
            self._background.run(
                lambda: _sum_up(path, session.folder.study),
                done=self._show_summary,
                failed=partial(self.window.finish.show_unread, path),
            )
        else:
            self._others.let_go(session)
        self.analysis.reload()

    def _show_summary(self, read: tuple[SessionSummary, Recap]) -> None:
        folder, (summary, recap) = self.window.folder, read
        if self._choice is not None and self._choice.is_practice and folder is not None:
            self.window.finish.show_practice(summary, n_steps=len(folder.study.steps))
        else:
            self.window.show_summary(summary)
        self.window.finish.show_recap(recap)

    def _session_failed(self, session: LiveSession, sentence: str) -> None:
        self.result = sentence
        if self._only is not None or self._is_leaving:
            self.window.close()
        elif session is not self._session:
            self._others.let_go(session)
            self.window.say(sentence)
        elif self.window.page is self.window.setup:
            self.window.show_setup_problem(sentence)
        else:
            self.window.show_failure(sentence, journal=session.journal_path)

    @Slot()
    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        self._preparing.follow(None)
        self.window.set_session(None)
        self._others.take(session)

    def interrupt(self) -> None:
        """Leave because the system asks to: a session that runs is stopped and written first."""
        self._is_leaving = True
        if self._session is not None and self._session.is_recording:
            self._stop()
        else:
            self.window.close()

    @Slot()
    def _leave(self) -> None:
        self.window.hide()
        self._close_session()
        self._others.close_all()
        self.study.shut_down()
        self._background.close().result()
        self.left.emit()


def _complete(study: Path) -> tuple[list[Path], str]:
    """Complete what was cut off; the bundles made, and what stood in the way of others."""
    bundles: list[Path] = []
    try:
        run_recover(study, done=bundles.append)
    except JourneyLabError as error:
        return bundles, str(error)
    return bundles, ""


def _sum_up(path: Path, study: Study) -> tuple[SessionSummary, Recap]:
    with Bundle.open(path) as bundle:
        has_sound = any(True for _ in bundle.audio_blocks())
        return summarise(bundle), recap_of(bundle, study, has_sound=has_sound)


def _hardware(choice: SetupChoice) -> tuple[str, str, int]:
    return choice.camera, choice.microphone, choice.screen_index
