"""The participant's window of one session: opened once, shown when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from journeylab.app.uncaught import UNCAUGHT, Uncaught
from journeylab.clock import Clock
from journeylab.session.health import SESSION
from journeylab.session.rows import health_row
from journeylab.streams import Sample
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.privacy import Privacy
from journeylab.study.questions import Item
from journeylab.ui.participant.cover import PauseCover
from journeylab.ui.participant.window import ParticipantWindow


class ParticipantScreen:
    """Opens the window on a display and keeps it: a browser takes half a second to start.

    ``take`` gets each sample the window gives, ``complain`` a sentence when a stimulus fails,
    ``moved`` the display the window is on: when it opens, when its own was pulled or is back, and
    when that changed its size, scale or place. While it is open, exceptions that nobody caught are
    given to ``take`` as rows of stream health. ``look_at`` is told of the dot she is to look
    at, px, or None: a simulated participant does. GUI thread only; without an open window nothing
    is shown.
    """

    def __init__(
        self,
        folder: StudyFolder,
        *,
        screen: QScreen,
        clock: Clock,
        take: Callable[[Sample], None],
        complain: Callable[[str], None],
        moved: Callable[[QScreen], None],
    ) -> None:
        self._folder = folder
        self._screen = screen
        self._clock = clock
        self._take = take
        self._complain = complain
        self._moved = moved
        self._window: ParticipantWindow | None = None
        self._cover: PauseCover | None = None
        self._device: str | None = None
        self._told: set[str] = set()
        self.look_at: Callable[[tuple[float, float] | None], None] = lambda _: None
        self._through: Callable[[], None] = lambda: None
        self._item_shown: Callable[[int], None] = lambda _: None
        self._mouse_used: Callable[[], None] = lambda: None
        self._consented: Callable[[dict[str, str] | None], None] = lambda _: None
        self._flashed: Callable[[list[tuple[int, float]]], None] = lambda _: None

    @property
    def is_open(self) -> bool:
        """True from :meth:`open` to :meth:`close`, hidden or not."""
        return self._window is not None

    def open(self, device: str | None) -> None:
        """Fill the display; the window of the calibration serves the recording too."""
        if self._window is None or self._device != device:
            self.close()
            UNCAUGHT.add(self._note_uncaught)
            window = ParticipantWindow(self._folder, clock=self._clock, device=device)
            window.sample.connect(self._take, Qt.ConnectionType.DirectConnection)
            window.failed.connect(self._complain)
            window.display.moved.connect(self._follow)
            window.answered.connect(self._through)
            window.item_shown.connect(self._item_shown)
            window.mouse_used.connect(self._mouse_used)
            window.consented.connect(self._consented)
            window.flashed.connect(self._flashed)
            self._window, self._device = window, device
            self._cover = PauseCover(window)
        if not shiboken6.isValid(self._screen):
            # Pulled while there was no window to notice it.
            self._follow(QGuiApplication.screens()[-1])
        self._window.show_on(self._screen)
        self._moved(self._screen)  # it may be another size than when it was chosen

    def _follow(self, screen: QScreen) -> None:
        self._screen = screen
        self._moved(screen)

    def hear_answers(
        self,
        *,
        through: Callable[[], None],
        item_shown: Callable[[int], None],
        mouse_used: Callable[[], None],
    ) -> None:
        """Call these from the next opening on, as the window's signals ``answered``,
        ``item_shown`` and ``mouse_used``."""
        self._through, self._item_shown, self._mouse_used = through, item_shown, mouse_used

    def come_back(self) -> None:
        """Fill the display again, where another window was brought over it."""
        if self._window is not None:
            self._window.show_on(self._screen)

    def hear_before(
        self,
        *,
        consented: Callable[[dict[str, str] | None], None],
        flashed: Callable[[list[tuple[int, float]]], None],
    ) -> None:
        """Call these from the next opening on: with the answers of the consent page, or None for
        no part at all; and with the times of flashes, ns, and their levels."""
        self._consented, self._flashed = consented, flashed

    def ask_consent(self, privacy: Privacy) -> None:
        """Show the consent page."""
        if self._window is not None:
            self._window.show_consent(privacy)

    def flash(self, stays_s: Sequence[float]) -> None:
        """Turn white and black in turn."""
        if self._window is not None:
            self._window.show_flashes(stays_s)

    def say(self, sentence: str) -> None:
        """Show quiet words to the participant."""
        if self._window is not None:
            self._window.show_waiting(sentence)

    def show_questions(self, step_id: str, items: Sequence[Item]) -> None:
        """Ask between steps."""
        if self._window is not None:
            self._window.show_questions(step_id, items)

    def show_step(self, step: Step) -> None:
        """Show a step's stimulus, before anything else is drawn: the console can wait."""
        if self._window is not None:
            self._window.show_step(step)
            self._window.stage.repaint()

    def prepare_step(self, step: Step | None) -> None:
        """Read ahead what the step that comes next shows first."""
        if self._window is not None and step is not None:
            self._window.prepare_step(step)

    def pause(self) -> None:
        """Cover the step with quiet words, without leaving it."""
        if self._cover is not None and self._window is not None:
            self._cover.lay()
            self._window.over.stay_on_top()  # what the session is held for

    def resume(self) -> None:
        """Go on with what is beneath the cover."""
        if self._cover is not None:
            self._cover.lift()

    def show_point(self, x_px: float, y_px: float) -> None:
        """Show the dot to look at."""
        if self._window is not None:
            self._window.show_calibration_point(x_px, y_px)
            self.look_at((x_px, y_px))

    def show_dot(self, x_px: float, y_px: float) -> None:
        """Lay a dot to look at over whatever is shown, which goes on beneath."""
        if self._window is not None:
            self._window.show_dot(x_px, y_px)
            self.look_at((x_px, y_px))

    def hide_dot(self) -> None:
        """Take away what lies over the screen."""
        if self._window is not None and self._window.over.shown is not None:
            self._window.hide_dot()
            self.look_at(None)
            if self._cover is not None and not self._cover.isHidden():
                self._cover.setFocus()  # what is beneath must not hear the keys

    def show_neutral(self, seconds: float) -> None:
        """Lay the page for the neutral face over whatever is shown."""
        if self._window is not None:
            self._window.over.show_neutral(seconds)
            size = self._window.size() * self._window.devicePixelRatioF()
            self.look_at((size.width() / 2, size.height() / 2))

    def count_neutral(self, left_s: float) -> None:
        """Say how long the neutral face still takes."""
        if self._window is not None:
            self._window.over.neutral.show_left(left_s)

    def thank_for_neutral(self) -> None:
        """Say that the neutral face is taken."""
        if self._window is not None:
            self._window.over.neutral.show_thanks()

    def show_thanks(self) -> None:
        """Show that it is over."""
        self.hide_dot()
        self.resume()
        if self._window is not None:
            self._window.show_thanks()

    def hide(self) -> None:
        """Give the display back, and keep the window for later."""
        if self._window is not None:
            had_the_keyboard = self._window.isActiveWindow()
            self._window.show_waiting()
            self._window.hide()
            self.look_at(None)
            if had_the_keyboard:
                _hand_the_keyboard_on()

    def close(self) -> None:
        """Close the window for good."""
        if self._window is not None:
            self._window.close_for_good()
            self._window = self._cover = None
            UNCAUGHT.remove(self._note_uncaught)

    def _note_uncaught(self, uncaught: Uncaught) -> None:
        if uncaught.place in self._told:
            return  # once: it may come with every frame that is painted
        self._told.add(uncaught.place)
        now_ns = self._clock.now_ns()
        sentence = uncaught.sentence
        self._take(health_row(now_ns, SESSION, kind="warning", count=0, detail=sentence))


def _hand_the_keyboard_on() -> None:
    """Give it to the moderator's window: what hides with it leaves it to nobody, or to whatever
    program comes next."""
    for window in QApplication.topLevelWidgets():
        if window.isVisible() and window.windowType() is Qt.WindowType.Window:
            window.activateWindow()
            return
