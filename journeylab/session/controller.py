"""One live session, from preview to finished bundle. No Qt; every method from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from journeylab.bundle.finalise import finalise_in_subprocess
from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.bundle.writer import BundleWriter
from journeylab.capture.source import Source
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError, SessionError
from journeylab.inference.gaze_record import PointKind
from journeylab.inference.neutral import NeutralFace
from journeylab.session.asking import SessionAsking
from journeylab.session.bundling import writer_for
from journeylab.session.calibration import CalibrationResult
from journeylab.session.consent import agreement, check_consent, may_start
from journeylab.session.console import read_console
from journeylab.session.course import SessionCourse
from journeylab.session.disk import DiskLimits
from journeylab.session.engine import SessionEngine
from journeylab.session.events import Announcer, EventKind, Listener
from journeylab.session.flash_test import ScreenDelay
from journeylab.session.gaze_desk import GazeDesk
from journeylab.session.health import NEEDED_DISK_BYTES, SESSION
from journeylab.session.hearing import Hearing
from journeylab.session.inference_worker import Analyser
from journeylab.session.neutral_desk import NeutralDesk
from journeylab.session.opening import OpenWriter, open_recording
from journeylab.session.remarks import SessionRemarks
from journeylab.session.rows import check_columns
from journeylab.session.states import Act, SessionState, StateCell
from journeylab.session.stopping import Stopper, WriteBundle, stop_early
from journeylab.session.view import ConsoleView
from journeylab.streams import Row, Sample
from journeylab.study.assignment import assign_in
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.quotas import HeldSession


class SessionController:
    """Runs one session; a coordinator of :class:`SessionEngine`, states and steps.

    The usual life: ``start_preview``, calibrations, ``start_recording`` (which enters the first
    step), what ``course`` and ``remarks`` offer, ``stop_recording``, ``finalise``, ``close``.
    Nothing is stored before ``start_recording``, and only what the participant agreed to. Sources
    are opened by whoever makes the controller; it starts, stops and closes them.

    Parameters
    ----------
    folder, sources
        The study, and where its sessions lie; at most one source per stream.
    analyser_factory
        Called once, on the inference thread.
    screen
        The participant's screen.
    earlier
        Gives the study's sessions so far, oldest first; asked, on the thread that starts the
        recording, only where steps have variants to be balanced.
    """

    def __init__(
        self,
        folder: StudyFolder,
        *,
        sources: Sequence[Source],
        analyser_factory: Callable[[], Analyser],
        clock: Clock,
        screen: ScreenGeometry,
        open_writer: OpenWriter = BundleWriter,
        write_bundle: WriteBundle = finalise_in_subprocess,
        disk_limits: DiskLimits | None = None,
        earlier: Callable[[StudyFolder], Sequence[HeldSession]] = lambda _: (),
    ) -> None:
        self.folder = folder
        self._earlier = earlier
        self._clock = clock
        self._screen = screen
        self._open_writer = open_writer
        self._write_bundle = writer_for(folder, write_bundle)
        self._lock = threading.RLock()
        self._cell = StateCell()
        self._announcer = Announcer(self._cell, clock=clock, current_step=lambda: self.current_step)
        self._engine = SessionEngine(
            folder.path,
            sources=sources,
            analyser_factory=analyser_factory,
            clock=clock,
            screen=screen,
            tell=self._announcer.tell_health,
            tell_calibration=self._announcer.tell_calibration,
            disk_limits=disk_limits,
            on_full=partial(stop_early, self.stop_recording),
        )
        self.live = self._engine.live
        self.picture = self._engine.picture
        publish = self._engine.fanout.publish
        self.course = SessionCourse(
            folder.study.steps,
            cell=self._cell,
            lock=self._lock,
            clock=clock,
            publish=publish,
            announcer=self._announcer,
            hold=self._engine.hold,
        )
        self.asking = SessionAsking(
            self.course,
            questions=folder.study.questions,
            lock=self._lock,
            announcer=self._announcer,
        )
        self.remarks = SessionRemarks(
            self.course,
            cell=self._cell,
            lock=self._lock,
            clock=clock,
            publish=publish,
            announcer=self._announcer,
        )
        self.hearing = Hearing(self._engine.rack, cell=self._cell)
        self.header: SessionHeader | None = None
        self.start_ns: int | None = None
        self.end_ns: int | None = None
        self._stopper: Stopper | None = None

    @property
    def state(self) -> SessionState:
        return self._cell.state

    @property
    def step_index(self) -> int | None:
        """Position of the running step in the study; None when none of the study's runs."""
        return self.course.log.index

    @property
    def current_step(self) -> Step | None:
        """The running step, as this participant meets it."""
        return self.course.current_step

    @property
    def gaze(self) -> GazeDesk:
        """Calibration, validation, checks and shifts of gaze; it acts on what comes in."""
        return self._engine.desk.gaze

    @property
    def neutral(self) -> NeutralDesk:
        """The neutral face: how far its capture is, and ending it."""
        return self._engine.desk.neutral

    @property
    def journal_path(self) -> Path | None:
        """Where the recording is journalled; None before there is one."""
        recorder = self._engine.recorder
        return None if recorder is None else recorder.journal_path

    def add_listener(self, listener: Listener) -> None:
        """Call ``listener`` with each event, on the thread that acts."""
        self._announcer.add(listener)

    def start_preview(self, *, consent: Mapping[str, str] | None = None) -> None:
        """Start the sources and the analysis; nothing is stored. Returns at once.

        A microphone only starts with consent, here or in :meth:`start_recording`, or where its
        level is watched before (``hearing``). SessionError when it was started before.
        """
        said = consent or {}
        check_consent(said)
        with self._lock:
            self._cell.require(Act.PREVIEW)
            streams = [name for name in self._engine.rack.streams if may_start(name, said)]
            self._engine.start_preview(streams)
            self._cell.move(SessionState.PREVIEW)
        self._announcer.tell(EventKind.STATE)

    def start_recording(
        self,
        participant_id: str,
        *,
        segments: Mapping[str, str],
        consent: Mapping[str, str],
        enter_first_step: bool = True,
    ) -> None:
        """Begin to store what ``consent`` (CONSENT_KEYS, yes or no) allows.

        Waits for the face model where it is still being loaded. With ``enter_first_step`` false
        no step runs until :meth:`next_step`.

        Raises
        ------
        SessionError, StudyError
            When the state, the consent, the id or the segments are unfit.
        StorageError
            When the folder is not writable or the disk has less than 1 GB free.
        InferenceError
            When the face model cannot be loaded.
        """
        self._cell.require(Act.RECORD)
        assignment = assign_in(
            self.folder, participant_id, segments=segments, earlier=self._earlier
        )
        agreed = agreement(consent, privacy=self.folder.study.privacy, clock=self._clock)
        self.folder.prepare_for_writing(free_bytes_needed=NEEDED_DISK_BYTES)
        with self._lock:
            if self._cell.state is SessionState.IDLE:
                # Without sources: a video file must not play while the model is being loaded.
                self._engine.start_preview(())
                self._cell.move(SessionState.PREVIEW)
        self._engine.wait_for_model()
        with self._lock:
            self._cell.require(Act.RECORD)
            self.header, self.start_ns = open_recording(
                self._engine,
                self.folder,
                assignment,
                consent=agreed,
                screen=self._screen,
                open_writer=self._open_writer,
                clock=self._clock,
                on_fault=self._announcer.fail,
            )
            self.course.assign(assignment)
            self._cell.move(SessionState.RECORDING)
        if self._engine.recorder_has_failed:
            # It failed before this session was recording, when there was nothing to fail yet.
            self._announcer.fail("The recorder failed as it started.")
            return
        self._announcer.tell(EventKind.STATE)
        if enter_first_step:
            self.next_step()

    def next_step(self) -> Step:
        """Enter the next step, as :meth:`SessionCourse.go` does: without its questions."""
        return self.course.go(1)

    def publish(self, sample: Sample) -> None:
        """Take a sample of the participant's window in, health rows of its own included.

        Raises
        ------
        ValueError
            When a row does not have its stream's columns, or the stream is not declared.
        """
        check_columns(sample)
        if isinstance(sample, Row) and sample.stream == "health":
            self._engine.log.take(sample)
        else:
            self._engine.fanout.publish(sample)

    def begin_calibration_point(
        self, x_px: float, y_px: float, *, kind: PointKind = PointKind.CALIBRATION
    ) -> None:
        """The participant now sees a point there, px from her screen's top-left corner.

        Raises
        ------
        SessionError
            When the session neither previews nor records.
        """
        self._cell.require(Act.CALIBRATE)
        self._engine.desk.gaze.begin_point(x_px, y_px, kind=kind)
        if self._cell.move_from(SessionState.PREVIEW, SessionState.CALIBRATING):
            self._announcer.tell(EventKind.STATE)

    def abandon_calibration(self) -> None:
        """Break off; no calibration is in force then, until one is kept or made."""
        self._engine.desk.gaze.abandon_points()
        if self._cell.move_from(SessionState.CALIBRATING, SessionState.PREVIEW):
            self._announcer.tell(EventKind.STATE)

    def finish_calibration(self) -> CalibrationResult:
        """Fit gaze to the points shown; the fit is in force from the next frame on.

        Raises
        ------
        SessionError
            When no point was shown.
        InferenceError
            When the samples do not allow a fit; no calibration is in force then.
        """
        self._cell.require(Act.CALIBRATE)
        try:
            return self._engine.desk.gaze.finish_points()
        finally:
            if self._cell.move_from(SessionState.CALIBRATING, SessionState.PREVIEW):
                self._announcer.tell(EventKind.STATE)

    def move_to(self, screen: ScreenGeometry) -> None:
        """The participant's window is on another screen from now on, in any state.

        A gaze calibration is counted over to the same panel's new pixels, and lost on another.
        """
        with self._lock:
            self._screen = screen
        self._engine.move_to(screen)

    def capture_neutral(self, seconds: float) -> Future[NeutralFace]:
        """Take the face of the next seconds as neutral; returns at once, the future resolves.

        SessionError when the session neither previews nor records, or is capturing already.
        """
        self._cell.require(Act.CAPTURE_NEUTRAL)
        return self._engine.desk.neutral.capture(seconds)

    def keep_screen_delay(self, delay: ScreenDelay) -> None:
        """Write the delay from screen to camera into the session, at the latest as it starts."""
        self._engine.desk.keep_screen_delay(delay.to_json())

    def stop_recording(self, *, reason: str = "") -> None:
        """End the last step and the recording; the rest happens in the background.

        Sources stop, waiting frames are analysed, the journal is closed; :meth:`finalise` waits
        for that. Listeners get the ``reason``, a sentence, where nobody asked for the stop.

        Raises
        ------
        SessionError
            When nothing is recorded.
        """
        now_ns = self._clock.now_ns()
        with self._lock:
            before = self._cell.require(Act.STOP)
            if self.start_ns is None or self._stopper is not None:
                raise SessionError("There is no recording to stop.")
            self.course.leave(now_ns)
            self.end_ns = now_ns
            if before is SessionState.RECORDING:
                self._cell.move(SessionState.STOPPING)
            self._stopper = Stopper(self._engine, end_ns=now_ns, fail=self._announcer.fail)
            self._stopper.start()
        self._announcer.tell(EventKind.STATE, reason)

    def finalise(self, progress: Callable[[float], None] | None = None) -> Path:
        """Write the bundle of the stopped recording; ``progress`` gets 0..1. Blocks.

        Raises
        ------
        SessionError
            When there is no stopped recording.
        StorageError, BundleError
            When the bundle cannot be written; the journal stays, and it may be tried again.
        """
        self._cell.require(Act.FINALISE)
        recorder, stopper = self._engine.recorder, self._stopper
        if recorder is None or stopper is None:
            raise SessionError("There is no stopped recording to write.")
        stopper.join()
        self._cell.move(SessionState.FINALISING)
        self._announcer.tell(EventKind.STATE)
        try:
            path = self._write_bundle(recorder.journal_path, progress=progress)
        except JourneyLabError as error:
            self._engine.log.fault(SESSION, str(error))
            self._announcer.fail(str(error))
            raise
        self._cell.move(SessionState.DONE)
        self._announcer.tell(EventKind.STATE, str(path))
        return path

    def view(self) -> ConsoleView:
        """A frozen reading for the console."""
        # Without the session's lock: the console must not wait while a recording is opened.
        return read_console(
            self._engine,
            self.course,
            self.asking,
            state=self._cell.state,
            participant_id=None if self.header is None else self.header.participant_id,
            start_ns=self.start_ns,
            now_ns=self.end_ns or self._clock.now_ns(),
        )

    def close(self) -> None:
        """Stop all threads and devices; a recording that runs is ended, its journal kept.

        May be called twice, in any state.
        """
        with self._lock:
            # Before its parts end: a start that still waits for the model must not begin now.
            for state in (SessionState.IDLE, SessionState.PREVIEW, SessionState.CALIBRATING):
                self._cell.move_from(state, SessionState.CLOSED)
        if self._cell.state is SessionState.RECORDING:
            self.stop_recording()
        if self._stopper is not None:
            self._stopper.join()
        self._engine.stop(self._clock.now_ns())
        if self._cell.state not in (SessionState.FINALISING, SessionState.CLOSED):
            self._cell.move(SessionState.CLOSED)
