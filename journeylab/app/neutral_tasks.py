"""Taking the neutral face: the page on the participant's screen, the seconds, and the result."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from journeylab.app.interlude import Interlude
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import JourneyLabError
from journeylab.inference.neutral import NeutralFace
from journeylab.session.consent import allows_emotion
from journeylab.session.controller import SessionController
from journeylab.session.neutral_desk import NeutralReading
from journeylab.ui.moderator.ports import NeutralProgress

NEUTRAL_S: Final = 5.0
READING_S: Final = 2.5
"""Two short sentences are read by then; only after that the seconds count."""
_PATIENCE_S: Final = 10.0  # without a picture; a model that is still being loaded takes a while
_TICK_MS: Final = 50
_THANKS_MS: Final = 900
_REASON: Final = "neutral face"
_DECLINED: Final = "Emotion recognition was declined: there is no neutral face to take."


class NeutralTasks(QObject):
    """Takes the neutral face in one session, before it or while it is recorded. GUI thread only.

    ``progressed`` with a :class:`NeutralProgress` while it runs; then ``taken`` or ``failed`` with
    a sentence, and ``ended`` when the participant's screen is given back. ``refused`` with a
    sentence when it cannot be now.
    """

    progressed = Signal(object)
    taken = Signal(str)
    failed = Signal(str)
    refused = Signal(str)
    ended = Signal()

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        interlude: Interlude,
        clock: Clock,
        seconds: float = NEUTRAL_S,
        reading_s: float = READING_S,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._screen = screen
        self._interlude = interlude
        self._clock = clock
        self._seconds = seconds
        self._reading_s = reading_s
        self._has_opened = False
        self._begun_ns = 0
        self._heard_ns = 0
        self._future: Future[NeutralFace] | None = None
        self._reading = NeutralReading(0.0, 0, 0)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._go_on)
        self._thanks = QTimer(self)
        self._thanks.setSingleShot(True)
        self._thanks.setInterval(_THANKS_MS)
        self._thanks.timeout.connect(self._end)

    @property
    def is_running(self) -> bool:
        """True until the result is there."""
        return self._timer.isActive()

    def take(self, *, device: str | None = None) -> bool:
        """Show the page and take the face; whether it began."""
        header = self._controller.header
        if header is not None and not allows_emotion(header.consent):
            self.refused.emit(_DECLINED)
            return False
        try:
            self._interlude.begin(_REASON)
        except JourneyLabError as error:
            self.refused.emit(str(error))
            return False
        self._has_opened = not self._interlude.is_in_session
        if self._has_opened:
            self._screen.open(device)
        self._future, self._reading = None, NeutralReading(0.0, 0, 0)
        self._begun_ns = self._clock.now_ns()
        self._screen.show_neutral(self._seconds)
        self.progressed.emit(NeutralProgress(0.0, self._seconds, 0, 0, is_reading=True))
        self._timer.start()
        return True

    @Slot()
    def break_off(self) -> None:
        """End it without a new neutral face; one that was taken before stays in force."""
        if self._thanks.isActive():
            self._end()
        elif self._timer.isActive():
            self._controller.neutral.abandon("It was broken off.")
            self._fail("The neutral face was broken off.")

    def _go_on(self) -> None:
        if not self._screen.is_open:
            self._timer.stop()  # the session is being closed
            return
        now_ns = self._clock.now_ns()
        if self._future is None:
            if now_ns - self._begun_ns >= self._reading_s * NS_PER_S:
                self._begin_capture(now_ns)
            return
        if self._future.done():
            self._finish(self._future)
            return
        self._show_progress(now_ns)

    def _begin_capture(self, now_ns: int) -> None:
        try:
            self._future = self._controller.capture_neutral(self._seconds)
        except JourneyLabError as error:
            self._fail(str(error))
            return
        self._heard_ns = now_ns
        self._screen.count_neutral(self._seconds)

    def _show_progress(self, now_ns: int) -> None:
        reading = self._controller.neutral.reading()
        if reading is None:
            return  # it ends at this moment
        if reading.n_frames > self._reading.n_frames:
            self._heard_ns = now_ns
        elif now_ns - self._heard_ns > _PATIENCE_S * NS_PER_S:
            self._controller.neutral.abandon("No picture came from the camera. Look after it.")
            return
        self._reading = reading
        left_s = (1 - reading.share) * self._seconds
        self._screen.count_neutral(left_s)
        self.progressed.emit(
            NeutralProgress(
                reading.share * self._seconds, self._seconds, reading.n_frames, reading.n_seen
            )
        )

    def _finish(self, future: Future[NeutralFace]) -> None:
        try:
            neutral = future.result()
        except JourneyLabError as error:
            self._fail(f"No neutral face: {_begun_small(str(error))}")
            return
        self._timer.stop()
        n_frames = max(self._reading.n_frames, neutral.n_frames)
        self._screen.thank_for_neutral()
        self._thanks.start()
        self.taken.emit(f"Neutral face taken, from {neutral.n_frames} of {n_frames} pictures")

    def _fail(self, sentence: str) -> None:
        self._timer.stop()
        self.failed.emit(sentence)
        self._end()

    def _end(self) -> None:
        self._thanks.stop()
        self._screen.hide_dot()
        if self._has_opened:
            self._screen.hide()
        self._interlude.end()
        self.ended.emit()


def _begun_small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
