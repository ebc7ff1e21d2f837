"""What the participant does for a session beside its steps: neutral face, gaze, one at a time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from journeylab.app.gaze_tasks import GazeTasks
from journeylab.app.interlude import Interlude
from journeylab.app.neutral_tasks import NeutralTasks
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import Clock
from journeylab.session.controller import SessionController
from journeylab.session.panels import size_px
from journeylab.ui.widgets.background import Background


class Interludes(QObject):
    """``neutral`` and ``gaze`` of one session. GUI thread only.

    ``say`` gets what came of the neutral face, a sentence.
    """

    def __init__(
        self,
        controller: SessionController,
        *,
        screen: ParticipantScreen,
        geometry: ScreenGeometry,
        clock: Clock,
        background: Background,
        say: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        interlude = Interlude(controller)
        self.gaze = GazeTasks(
            controller,
            screen=screen,
            size_px=size_px(geometry),
            interlude=interlude,
            background=background,
            parent=self,
        )
        self.neutral = NeutralTasks(
            controller, screen=screen, interlude=interlude, clock=clock, parent=self
        )
        self._then: Callable[[], None] | None = None
        self.neutral.ended.connect(self._go_on)
        for told in (self.neutral.taken, self.neutral.failed, self.neutral.refused):
            told.connect(say)

    def begin(self, then: Callable[[], None], *, with_neutral: bool) -> None:
        """Begin the steps with ``then``, where wanted and needed after the neutral face, whatever
        comes of it."""
        self._then = then
        is_needed = self._controller.folder.study.privacy.infers_emotion
        if not (with_neutral and is_needed and self.neutral.take()):
            self._go_on()

    def begin_at_once(self) -> None:
        """Somebody goes on without waiting for the neutral face the steps begin after."""
        if self._then is not None:
            self._then = None
            self.neutral.break_off()

    def move_to(self, geometry: ScreenGeometry) -> None:
        """The participant sees another screen, or another resolution."""
        self.gaze.set_size_px(size_px(geometry))

    def end(self) -> None:
        """Break off what runs; nothing follows it."""
        self._then = None
        self.gaze.break_off()
        self.neutral.break_off()

    @Slot()
    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
