"""The running parts of one session and the order they start and stop in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from journeylab.bundle.header import ScreenGeometry
from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.capture.source import Source
from journeylab.clock import Clock
from journeylab.session.alert_desk import WATCHED, AlertDesk
from journeylab.session.alerts import ALERT_RULES_VERSION
from journeylab.session.calibration_desk import NEUTRAL, POINTER, CalibrationDesk
from journeylab.session.calibration_ledger import GAZE, OF_GAZE
from journeylab.session.disk import DiskLimits
from journeylab.session.fanout import FanOut
from journeylab.session.health import SESSION, HealthKind, HealthLog
from journeylab.session.inference_worker import Analyser, InferenceWorker
from journeylab.session.live import LIVE_STREAMS, LiveBoard
from journeylab.session.monitor import HealthMonitor
from journeylab.session.panels import GazeAfterMove
from journeylab.session.recorder import Recorder, Writer
from journeylab.session.rows import display_row
from journeylab.session.sound_check import MICROPHONE, SoundWatch
from journeylab.session.sources import SourceRack
from journeylab.session.tech_check import PictureWatch
from journeylab.streams import Sample

MODEL_TIMEOUT_S: Final = 60.0
_ANALYSIS_TIMEOUT_S: Final = 5.0
_MONITOR_TIMEOUT_S: Final = 5.0
_WRITING_TIMEOUT_S: Final = 30.0


class SessionEngine:
    """Sources, fan-out, inference, monitor and recorder. Knows no states and no steps.

    ``tell`` hears of faults, recoveries and warnings; ``tell_calibration`` of calibrations;
    ``on_full``, once, that a recording must stop for want of room on the disk. Without a camera
    there is no inference.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sources: Sequence[Source],
        analyser_factory: Callable[[], Analyser],
        clock: Clock,
        screen: ScreenGeometry,
        tell: Callable[[HealthKind, str], None],
        tell_calibration: Callable[[str], None],
        disk_limits: DiskLimits | None = None,
        on_full: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._screen = screen
        self.fanout = FanOut()
        self.live = LiveBoard(clock=clock)
        self.log = HealthLog(self.fanout.publish, clock=clock, tell=tell)
        self.rack = SourceRack(sources, publish=self.fanout.publish, log=self.log, clock=clock)
        self.desk = CalibrationDesk(
            screen=screen,
            publish=self.fanout.publish,
            submit=self._submit,
            models=lambda: self.models,
            clock=clock,
            tell=tell_calibration,
            in_force=self._settle_gaze,
        )
        self.picture = PictureWatch(self.log)
        self.sound = SoundWatch(self.log)
        self.alerts = AlertDesk(self.fanout.publish, screen=screen)
        self.worker: InferenceWorker | None = None
        if self.rack.camera is not None:
            self.worker = InferenceWorker(
                self.fanout,
                analyser_factory,
                clock=clock,
                log=self.log,
                consumers=(
                    self.live.take_result,
                    self.desk.take,
                    self.picture.take,
                    self.alerts.take_face,
                ),
            )
        self.recorder: Recorder | None = None
        self.monitor = HealthMonitor(
            self.fanout,
            self.rack,
            self.worker,
            folder=folder,
            bytes_written=self._bytes_written,
            clock=clock,
            log=self.log,
            disk_limits=disk_limits,
            on_full=on_full,
        )
        self._is_running = False
        self._is_stopped = False

    @property
    def models(self) -> dict[str, str]:
        """Derived stream to model and version, as far as the model is loaded."""
        if self.worker is None:
            return {}
        return {**self.worker.models, "alerts": ALERT_RULES_VERSION}

    @property
    def recorder_has_failed(self) -> bool:
        return self.recorder is not None and self.recorder.has_failed

    @property
    def inference_share(self) -> float:
        """Share of frames analysed since recording began (or since the preview, before)."""
        if self.worker is None:
            return float("nan")
        return self.worker.counts().share

    def start_preview(self, streams: Collection[str]) -> None:
        """Start inference, the monitor and the sources of those streams. Called once."""
        self._is_running = True
        self.fanout.tap(self._show_live, LIVE_STREAMS)
        self.fanout.tap(self.desk.gaze.take_pointer, (POINTER,))
        self.fanout.tap(self.alerts.take, WATCHED)
        self.fanout.tap(self.sound.take, (MICROPHONE,))
        if self.worker is not None:
            self.worker.start()
        self.monitor.start()
        self.rack.start(streams)

    def wait_for_model(self) -> None:
        """Return when the face model is loaded.

        Raises
        ------
        InferenceError
            When it cannot be loaded.
        """
        if self.worker is not None:
            self.worker.wait_ready(MODEL_TIMEOUT_S)

    def start_recording(
        self,
        open_writer: Callable[[], Writer],
        *,
        streams: Collection[str],
        on_fault: Callable[[str], None],
    ) -> int:
        """Begin to journal the streams; the instant recording started, ns.

        Raises
        ------
        StorageError
            When the journal cannot be opened.
        """
        recorder = Recorder(
            self.fanout,
            open_writer,
            streams=streams,
            clock=self._clock,
            log=self.log,
            on_fault=on_fault,
            first_samples=self._resting_pointer,
        )
        start_ns = recorder.start()
        self.recorder = recorder
        if self.worker is not None:
            self.worker.forget_counts()
        self.log.begin()
        self.live.begin(start_ns)
        self.picture.begin()
        self.sound.begin()
        self.desk.write_in_force()
        self.fanout.publish(display_row(start_ns, self._screen))
        return start_ns

    def hold(self, is_paused: bool, t_ns: int) -> None:
        """A pause begins or ends at that instant: nothing of the participant is kept in it."""
        self.live.hold(is_paused)
        if self.recorder is not None and is_paused:
            self.recorder.pause(t_ns)
        elif self.recorder is not None:
            self.recorder.resume(t_ns)
            for sample in self._resting_pointer(t_ns):
                self.fanout.publish(sample)

    def withhold_emotion(self) -> None:
        """Show nothing that is inferred of emotions, and write no neutral face."""
        self.live.withhold_emotion()
        self.alerts.withhold_emotion()
        self.desk.keep_out(NEUTRAL)

    def withhold_gaze(self) -> None:
        """Show and write nothing of where she looks, and no calibration of it."""
        if self.worker is not None:
            self.worker.withhold_gaze()
        self.live.withhold_gaze()
        self.alerts.withhold_gaze()
        for kind in OF_GAZE:
            self.desk.keep_out(kind)

    def move_to(self, screen: ScreenGeometry) -> None:
        """The participant sees another screen from now on: gaze goes on where the panel is the
        same, else it is unknown till calibrated."""
        self._screen = screen
        self.alerts.move_to(screen)
        self.fanout.publish(display_row(self._clock.now_ns(), screen))
        after = self.desk.gaze.move_to(screen)
        if after is GazeAfterMove.LOST:
            self.log.warn(
                GAZE,
                "Gaze was calibrated for another display than the participant sees now: none is "
                "recorded until it is calibrated again.",
            )
        elif after is GazeAfterMove.RESCALED:
            self.log.note(
                HealthKind.WARNING,
                f"Gaze goes on: its calibration was counted over to {screen.width_px} × "
                f"{screen.height_px} px on the same display. Check it with a dot.",
            )

    def _settle_gaze(self) -> None:
        self.log.settle(GAZE, "Gaze is calibrated for the display the participant sees.")

    def stop(self, end_ns: int) -> bool:
        """Stop everything in the order the samples flow; whether all ended in time.

        What was published until ``end_ns`` is analysed and written first. May be called twice.
        """
        if self._is_stopped:
            return True
        self._is_stopped = True
        in_time: list[bool] = []
        with ExitStack() as stack:
            # Last in, first out. A stack, so that what follows is stopped even when one raises.
            if self.recorder is not None:
                self.recorder.end(end_ns)
                recorder = self.recorder
                stack.callback(lambda: in_time.append(recorder.finish(_WRITING_TIMEOUT_S)))
            self.log.end(end_ns)
            stack.callback(self.desk.close)
            if self.worker is not None and self._is_running:
                worker = self.worker
                stack.callback(lambda: in_time.append(worker.finish(_ANALYSIS_TIMEOUT_S)))
            stack.callback(self.rack.stop)
            if self._is_running:
                # First to end: it takes a last look at the devices while they still run.
                stack.callback(lambda: in_time.append(self.monitor.finish(_MONITOR_TIMEOUT_S)))
        if not all(in_time):
            self.log.fault(SESSION, "A part of the session did not end in time.")
        return all(in_time)

    def _show_live(self, sample: Sample) -> None:
        try:
            self.live.take(sample)
        except Exception as error:  # noqa: BLE001 - a view that fails must not end a device's thread
            self.log.warn(SESSION, f"The live view of {sample.stream} failed ({error!r}).")

    def _resting_pointer(self, t_ns: int) -> Sequence[Sample]:
        """Where the cursor lies as recording starts, or goes on after a pause: a mouse that rests
        says nothing itself."""
        position_px = self.live.pointer_px()
        if position_px is None:
            return ()
        sample = PointerSample(t_ns, *position_px)
        return (pointer_row(sample, PointerSpeed()),)

    def _submit(self, act: Callable[[Analyser], None]) -> None:
        if self.worker is not None:
            self.worker.submit(act)

    def _bytes_written(self) -> int | None:
        return None if self.recorder is None else self.recorder.bytes_written
