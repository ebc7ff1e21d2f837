"""What is done before a session: counts, consent on the participant's screen, its delay."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from journeylab.app.counting import ParticipantCounter
from journeylab.app.listening import Listening
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.session.controller import SessionController
from journeylab.session.flash_test import ScreenDelay, fit_face_or_picture, flash_plan
from journeylab.session.states import SessionState
from journeylab.study.privacy import Privacy
from journeylab.study.quotas import StudyTally
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.background import Background

DECLINED_TEXT: Final = "Thank you. You do not take part, and nothing of you was recorded."
_DECLINED_MS: Final = 4000
_SETTLE_MS: Final = 600  # a window needs some frames to fill its display


class CountWiring(QObject):
    """Counts the open study's participants whenever its set-up page is shown. GUI thread only."""

    def __init__(
        self,
        window: MainWindow,
        counter: ParticipantCounter,
        *,
        background: Background,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._background = background
        self._counter = counter
        window.preview_requested.connect(self._count)
        window.study_unlocked.connect(self._count)

    @Slot()
    def _count(self) -> None:
        folder = self._window.folder
        if folder is not None:
            self._background.run(
                partial(self._counter.count, folder),
                done=partial(self._show, folder.path),
                failed=self._window.say,
            )

    def _show(self, study: Path, tally: StudyTally) -> None:
        folder = self._window.folder
        if folder is not None and folder.path == study:  # no other was opened meanwhile
            self._window.setup.participant.show_tally(tally)


class PreparingTasks(QObject):
    """Asks for consent, watches the microphone's level and measures the screen's delay, in one
    session while it previews.

    ``consented`` goes out with the answers by key, or None when she takes no part; ``measured``
    with a :class:`ScreenDelay`, or ``failed`` with a sentence. GUI thread only.
    """

    consented = Signal(object)
    measured = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        privacy: Privacy,
        background: Background,
        listening: Listening | None = None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._listening = listening
        self._screen = screen
        self._privacy = privacy
        self._background = background
        self._is_asking = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._flash)
        self._goodbye = QTimer(self)
        self._goodbye.setSingleShot(True)
        self._goodbye.timeout.connect(screen.hide)
        screen.hear_before(consented=self._take_consent, flashed=self._take_flashes)

    def ask_consent(self, *, device: str | None) -> bool:
        """Show the consent page; whether there is a session to show it in."""
        if not self._begin(device):
            return False
        self._is_asking = True
        self._screen.ask_consent(self._privacy)
        return True

    def hear(self, is_on: bool) -> None:
        """Have the microphone run, its level watched and nothing kept, or stop it at once."""
        if self._listening is not None:
            self._listening.turn(is_on)

    def take_back(self) -> None:
        """The moderator asks no more."""
        if self._is_asking:
            self._is_asking = False
            self._screen.hide()

    def measure_delay(self, *, device: str | None) -> bool:
        """Flash the screen and find the delay; whether there is a session to do it in."""
        if not self._begin(device):
            return False
        self._screen.say("")
        self._later.start(_SETTLE_MS)
        return True

    def _begin(self, device: str | None) -> bool:
        if self._controller.state is not SessionState.PREVIEW:
            return False
        self._goodbye.stop()
        self._screen.open(device)
        return True

    def _take_consent(self, answers: dict[str, str] | None) -> None:
        if not self._is_asking:
            return
        self._is_asking = False
        if answers is None:
            self._screen.say(DECLINED_TEXT)
            self._goodbye.start(_DECLINED_MS)
        else:
            self._screen.hide()
        self.consented.emit(answers)

    def _flash(self) -> None:
        self._controller.picture.begin_series()
        # Unseeded: the plan is no result, and need not be the same again.
        self._screen.flash(flash_plan(np.random.default_rng()))

    def _take_flashes(self, paints: list[tuple[int, float]]) -> None:
        series = self._controller.picture.end_series()
        self._screen.hide()
        self._background.run(
            partial(fit_face_or_picture, paints, series),
            done=self._keep_delay,
            failed=self.failed.emit,
        )

    def _keep_delay(self, delay: ScreenDelay) -> None:
        self._controller.keep_screen_delay(delay)
        self.measured.emit(delay)


class PreparingWiring(QObject):
    """Connects the set-up page to the preparing tasks of whatever session is open."""

    def __init__(self, window: MainWindow, *, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._setup = window.setup
        self._tasks: PreparingTasks | None = None
        self._setup.consent.asked.connect(self._ask)
        self._setup.consent.taken_back.connect(self._take_back)
        self._setup.checks.delay_asked.connect(self._measure)
        self._setup.sound_wanted.connect(self._hear)

    def follow(self, tasks: PreparingTasks | None) -> None:
        """Serve another session, or none."""
        self._tasks = tasks
        if tasks is not None:
            tasks.consented.connect(self._show_consent)
            tasks.measured.connect(self._setup.checks.show_delay)
            tasks.failed.connect(self._setup.checks.show_no_delay)
            tasks.hear(self._setup.sound.is_wanted)

    @property
    def _device(self) -> str | None:
        return self._setup.choice().segments.get("device")

    @Slot()
    def _ask(self) -> None:
        if self._tasks is not None and self._tasks.ask_consent(device=self._device):
            self._setup.consent.show_asking()

    @Slot()
    def _take_back(self) -> None:
        if self._tasks is not None:
            self._tasks.take_back()
        self._setup.consent.show_taken_back()

    @Slot(bool)
    def _hear(self, is_on: bool) -> None:
        if self._tasks is not None:
            self._tasks.hear(is_on)

    @Slot()
    def _measure(self) -> None:
        if self._tasks is not None and self._tasks.measure_delay(device=self._device):
            self._setup.checks.show_measuring()

    @Slot(object)
    def _show_consent(self, answers: dict[str, str] | None) -> None:
        self._setup.consent.show_answers(answers)
        window = self._window
        window.raise_()
        window.activateWindow()
