"""One live session: devices, controller and the participant's window, held together.

The moderator's console and ``journeylab record`` both drive a session through this one object.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QScreen

from journeylab.app.asking import StepTasks
from journeylab.app.counting import ParticipantCounter
from journeylab.app.devices import (
    DeviceRequest,
    OpenedDevices,
    open_devices,
    pointer_scale,
    reopen_microphone,
    screen_geometry,
    screen_origin_px,
)
from journeylab.app.interludes import Interludes
from journeylab.app.listening import Listening
from journeylab.app.participant_screen import ParticipantScreen
from journeylab.app.preparing import PreparingTasks
from journeylab.app.settled_memory import release_memory, settle_memory
from journeylab.app.window_pointer import WindowPointer
from journeylab.capture.pointer.source import SystemPointer
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError
from journeylab.inference.analyser import FrameAnalyser
from journeylab.inference.mesh import import_face_mesh
from journeylab.session.auto_advance import AutoAdvance
from journeylab.session.consent import allows_emotion
from journeylab.session.controller import SessionController
from journeylab.session.events import EventKind, SessionEvent
from journeylab.session.rows import display_row
from journeylab.session.states import SessionState
from journeylab.streams import Sample
from journeylab.study.folder import StudyFolder
from journeylab.ui.widgets.background import Background

_AUTO_POLL_MS = 10
_THANKS_MS = 1500


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """Everything that must be known to run a session, which may begin with the neutral face."""

    participant_id: str
    segments: dict[str, str]
    consent: dict[str, str]
    takes_neutral: bool = False


class LiveSession(QObject):
    """Runs one session from opening the devices to the finished bundle. GUI thread only.

    Signals: ``ready`` when the preview runs; ``started`` when recording begins; ``happened`` with
    each :class:`SessionEvent`; ``sample`` with what the participant's window gave;
    ``finalising`` with a share 0..1; ``finished`` with the bundle's path; ``failed`` with a
    sentence; ``notice`` with a sentence for the moderator, and ``trouble`` with those of them that
    the session's own health does not tell; ``closed`` when all devices and threads are gone.
    """

    ready = Signal()
    started = Signal()
    happened = Signal(object)
    sample = Signal(object)
    finalising = Signal(float)
    finished = Signal(object)
    failed = Signal(str)
    notice = Signal(str)
    trouble = Signal(str)
    closed = Signal()

    _event_came = Signal(object)
    _progress_came = Signal(float)

    def __init__(
        self,
        folder: StudyFolder,
        *,
        screen: QScreen,
        clock: Clock,
        counter: ParticipantCounter | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self._counter = counter or ParticipantCounter()
        self.controller: SessionController | None = None
        self.interludes: Interludes | None = None
        self.preparing: PreparingTasks | None = None
        self.steps: StepTasks | None = None
        self.listening: Listening | None = None
        self._screen = screen
        self._geometry = screen_geometry(screen)
        self._clock = clock
        self._background = Background(self)
        self._window = ParticipantScreen(
            folder,
            screen=screen,
            clock=clock,
            take=self._take_sample,
            complain=self._complain,
            moved=self._follow_screen,
        )
        self._devices: OpenedDevices | None = None
        self._window_pointer: WindowPointer | None = None
        self._auto: AutoAdvance | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance_when_due)
        self._event_came.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._progress_came.connect(self.finalising, Qt.ConnectionType.QueuedConnection)

    def open(
        self,
        devices: DeviceRequest,
        *,
        with_preview: bool = True,
        after: Future[None] | None = None,
    ) -> None:
        """Open the devices and begin the preview; ``ready`` or ``failed`` follows.

        Without a preview, devices start with the recording: a video file from its first frame.
        ``after`` is the end of a session that may hold the same devices.
        """
        geometry = self._geometry = screen_geometry(self._screen)
        origin_px, scale = screen_origin_px(self._screen), pointer_scale(self._screen)

        def work() -> OpenedDevices:
            if after is not None:
                after.result()
            self.folder.check_stimuli()
            import_face_mesh()  # now, and not when frames are waiting for it
            self._devices = open_devices(
                devices,
                self.folder.study,
                clock=self._clock,
                screen=geometry,
                origin_px=origin_px,
                scale=scale,
            )
            return self._devices

        self._background.run(
            work, done=partial(self._opened, devices, with_preview=with_preview), failed=self._fail
        )

    def start(self, request: SessionRequest, *, is_automatic: bool = False) -> None:
        """Open the participant's window and record; ``started`` or ``failed`` follows."""
        controller = self._controller()
        self._window.open(request.segments.get("device"))
        if self.steps is not None:
            self.steps.prepare_next()

        def work() -> None:
            settle_memory()
            if self.listening is not None:
                self.listening.wait()  # what runs is then as the consent says
            controller.start_recording(
                request.participant_id,
                segments=request.segments,
                consent=request.consent,
                enter_first_step=False,
            )

        def done(_: None) -> None:
            if is_automatic:
                self._auto = AutoAdvance(controller, clock=self._clock)
                self._timer.start(_AUTO_POLL_MS)
            self.started.emit()
            if self.interludes is not None:
                with_neutral = request.takes_neutral and allows_emotion(request.consent)
                self.interludes.begin(self.next_step, with_neutral=with_neutral)

        self._background.run(work, done=done, failed=self._fail)

    @Slot()
    def next_step(self) -> None:
        """On to questions, the next step, or after the last of them the debrief."""
        if self.interludes is not None:
            self.interludes.begin_at_once()
        if self.steps is not None:
            self.steps.go_on()

    @Slot()
    def previous_step(self) -> None:
        """Enter the step before once more, or the one that is asked about."""
        if self.steps is not None:
            self.steps.go_back()

    @Slot(str, object)
    def add_note(self, text: str, at_ns: int | None = None) -> None:
        """Store a note, stamped now or with the time at which it was begun."""
        self._attempt(lambda: self._controller().remarks.add_note(text, at_ns=at_ns))

    @Slot()
    def stop(self) -> None:
        """End recording and write the bundle; ``finalising`` and ``finished`` follow."""
        controller = self._controller()
        if controller.state not in (SessionState.RECORDING, SessionState.FAILED):
            return
        self._timer.stop()
        self._give_screen_back()
        self._window.show_thanks()
        if self._attempt(controller.stop_recording):
            self._write_bundle(controller)

    def _give_screen_back(self) -> None:
        """Take away what lies over what the participant sees in the session."""
        if self.interludes is not None:
            self.interludes.end()

    def _write_bundle(self, controller: SessionController) -> None:
        self._background.run(
            lambda: controller.finalise(self._progress_came.emit),
            done=self._finished,
            failed=self._fail,
        )

    def close(self) -> Future[None]:
        """Close the participant's window, then all devices and threads; returns at once.

        The threads are waited for elsewhere: that takes up to a second. A recording is kept, and
        a bundle that is being written is finished. ``closed`` follows; the future is done then.
        """
        self._timer.stop()
        self._window.close()
        if self._window_pointer is not None:
            self._window_pointer.stop()
        return self._background.close(self._let_go)

    @property
    def is_in_last_step(self) -> bool:
        """True while the journey's last step runs."""
        return self.controller is not None and self.controller.course.is_in_last_step

    @property
    def journal_path(self) -> Path | None:
        """The journal a bundle could not be made of; that of practice is not kept."""
        is_kept = self.controller is not None and self.folder.practice_path is None
        return self.controller.journal_path if self.controller and is_kept else None

    @property
    def is_recording(self) -> bool:
        """True from the start of recording until the bundle is written."""
        return self.controller is not None and self.controller.state in (
            SessionState.RECORDING,
            SessionState.STOPPING,
            SessionState.FINALISING,
        )

    def _controller(self) -> SessionController:
        if self.controller is None:
            raise RuntimeError("the devices are not open yet")
        return self.controller

    def _opened(
        self, request: DeviceRequest, devices: OpenedDevices, *, with_preview: bool
    ) -> None:
        sources, self._window.look_at = list(devices.sources), devices.look_at
        if devices.needs_window_pointer:
            self._window_pointer = WindowPointer(clock=self._clock)
            sources.append(self._window_pointer)
            self._complain("The mouse is followed over the participant's window only.")
        privacy = self.folder.study.privacy
        self.controller = SessionController(
            self.folder,
            sources=sources,
            analyser_factory=partial(FrameAnalyser, infers_emotion=privacy.infers_emotion),
            earlier=self._counter.held,
            clock=self._clock,
            screen=self._geometry,
        )
        geometry = self._geometry
        self.interludes = Interludes(
            self.controller,
            screen=self._window,
            geometry=geometry,
            clock=self._clock,
            background=self._background,
            say=self.notice.emit,
            parent=self,
        )
        self.listening = Listening(
            self.controller.hearing,
            reopen=partial(
                reopen_microphone,
                request,
                self.folder.study,
                clock=self._clock,
                screen=geometry,
            ),
            background=self._background,
            parent=self,
        )
        self.listening.failed.connect(self._complain)
        self.preparing = PreparingTasks(
            self.controller,
            screen=self._window,
            privacy=privacy,
            background=self._background,
            listening=self.listening,
            parent=self,
        )
        self.steps = StepTasks(
            self.controller, screen=self._window, attempt=self._attempt, parent=self
        )
        self.controller.add_listener(self._event_came.emit)
        if with_preview:
            self.controller.start_preview()
        self.ready.emit()

    def _let_go(self) -> None:
        """The last that is done, on a thread of its own."""
        release_memory()
        if self.controller is not None:
            self.controller.close()
        elif self._devices is not None:
            # Opened, but closed before a session could be made of them.
            for source in self._devices.sources:
                source.stop()
        self.closed.emit()

    @Slot(object)
    def _take_sample(self, sample: Sample) -> None:
        if self.controller is not None:
            self.controller.publish(sample)
        self.sample.emit(sample)

    def _follow_screen(self, screen: QScreen) -> None:
        """The participant's window is on another display, or hers is another size, scale or place:
        the mouse is counted from there, and gaze is not known on it."""
        self._screen = screen
        before, self._geometry = self._geometry, screen_geometry(screen)
        if self._geometry != before:
            if self.controller is not None:
                self.controller.move_to(self._geometry)
            if self.interludes is not None:
                self.interludes.move_to(self._geometry)
            self.sample.emit(display_row(self._clock.now_ns(), self._geometry))
        for source in () if self._devices is None else self._devices.sources:
            if isinstance(source, SystemPointer):
                source.set_origin_px(screen_origin_px(screen), scale=pointer_scale(screen))

    @Slot(object)
    def _on_event(self, event: SessionEvent) -> None:
        if self.steps is not None:
            self.steps.take_event(event)
        if event.kind is EventKind.STEP and event.step is not None:
            self._window.show_step(event.step)
        elif event.kind is EventKind.PAUSED:
            self._window.pause()
        elif event.kind is EventKind.RESUMED:
            self._give_screen_back()
            self._window.resume()
        if event.kind in (EventKind.FAULT, EventKind.WARNING, EventKind.RECOVERED):
            self.notice.emit(event.text)
        if event.is_early_stop:  # it said why: what there is is saved all the same
            self._timer.stop()
            self._window.show_thanks()
            self._write_bundle(self._controller())
        self.happened.emit(event)

    def _advance_when_due(self) -> None:
        if self._auto is not None and not self._auto.poll():
            self.stop()

    def _attempt(self, act: Callable[[], object]) -> bool:
        """Do it, or tell the moderator why not."""
        try:
            act()
        except JourneyLabError as error:
            self._complain(str(error))
            return False
        return True

    @Slot(str)
    def _complain(self, sentence: str) -> None:
        self.notice.emit(sentence)
        self.trouble.emit(sentence)

    def _finished(self, path: Path) -> None:
        self.finished.emit(path)
        QTimer.singleShot(_THANKS_MS, self, self._window.close)

    def _fail(self, sentence: str) -> None:
        self._timer.stop()
        self._window.close()
        self.failed.emit(sentence)
