"""A session in virtual time: a played participant through the real analysis and the real journal.

What a live session spreads over threads happens here in one loop, frame by frame, as fast as the
machine allows: the same analyser, pointer speed, step rows, calibrations and writer, so a bundle
made here has the layout of one recorded live.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.writer import BundleWriter
from journeylab.capture.pointer.motion import PointerSpeed, pointer_row
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import InferenceError, StudyError
from journeylab.inference.neutral import NeutralFace
from journeylab.session.bundling import writer_for
from journeylab.session.calibration import CalibrationResult
from journeylab.session.calibration_desk import NEUTRAL, CalibrationDesk
from journeylab.session.calibration_ledger import OF_GAZE
from journeylab.session.consent import agreement, allows_emotion, allows_gaze, storable_streams
from journeylab.session.header import build_header, bundle_path
from journeylab.session.health import NEEDED_DISK_BYTES, HealthKind
from journeylab.session.inference_worker import Analyser
from journeylab.session.lockstep_script import LockstepScript, ScriptedMarker
from journeylab.session.opening import OpenWriter
from journeylab.session.recorder import Writer
from journeylab.session.rows import display_row, health_row, marker_row
from journeylab.session.steps import StepLog
from journeylab.session.stopping import WriteBundle
from journeylab.streams import AudioBlock, Frame, Sample
from journeylab.study.folder import StudyFolder
from journeylab.study.study_key import check_key_is_there

Progress: TypeAlias = Callable[[float], None]

_AUTHOR: Final = "moderator"
_FINALISING_SHARE: Final = 0.05  # of the progress; the rest is playing


@dataclass(frozen=True, slots=True)
class _Doing:
    """Something done at an instant; ``rank`` orders what falls on the same one."""

    at_s: float
    rank: int
    act: Callable[[], None]


class LockstepSession:
    """Plays one script into one bundle, on the calling thread.

    The analyser is used, not closed. The header always says simulated.
    """

    def __init__(
        self,
        folder: StudyFolder,
        script: LockstepScript,
        *,
        analyser: Analyser,
        clock: VirtualClock,
        screen: ScreenGeometry,
        open_writer: OpenWriter = BundleWriter,
        write_bundle: WriteBundle = finalise,
    ) -> None:
        self._folder = folder
        self._script = script
        self._analyser = analyser
        self._clock = clock
        self._screen = screen
        self._open_writer = open_writer
        self._write_bundle = writer_for(folder, write_bundle)
        self._start_ns = clock.now_ns()
        self._steps = StepLog([step.id for step in folder.study.steps])
        self._speed = PointerSpeed()
        self._audio_given = 0
        self._tick: list[Sample] = []
        self._may_infer_emotion = True
        self._may_measure_gaze = True
        self._neutral: Future[NeutralFace] | None = None
        self._desk = CalibrationDesk(
            screen=screen,
            publish=self._give,
            submit=lambda act: act(analyser),
            models=lambda: analyser.models,
            clock=clock,
        )
        self.calibration: CalibrationResult | None = None

    def run(self, *, progress: Progress | None = None) -> Path:
        """Play, write and finalise; the bundle's path. ``progress`` gets shares from 0 to 1.

        Raises
        ------
        StudyError
            When a step is not the study's, or its key file is missing.
        StorageError
            When the folder cannot be written to or the disk is too full.

        A calibration that fails becomes a warning in the bundle, as it would live.
        """
        script = self._script
        assignment = script.assignment
        privacy = self._folder.study.privacy
        consent = agreement(script.consent, privacy=privacy, clock=self._clock)
        self._may_infer_emotion = allows_emotion(consent)
        self._may_measure_gaze = allows_gaze(consent)
        if not self._may_infer_emotion:
            self._desk.keep_out(NEUTRAL)
        for kind in () if self._may_measure_gaze else OF_GAZE:
            self._desk.keep_out(kind)
        check_key_is_there(self._folder)
        self._folder.prepare_for_writing(free_bytes_needed=NEEDED_DISK_BYTES)
        timeline = self._timeline()
        path = bundle_path(self._folder, assignment.participant_id, clock=self._clock)
        height_px, width_px = script.frame_at(0.0).shape[:2]
        header = build_header(
            self._folder.study,
            assignment.participant_id,
            segments=assignment.segments,
            consent=consent,
            devices=script.devices,
            models=self._analyser.models,
            screen=self._screen,
            simulated=True,
            clock=self._clock,
            camera_size_px=(width_px, height_px),
            camera_rate_hz=script.frame_rate_hz,
            microphone_rate_hz=None if script.audio_between is None else script.audio_rate_hz,
        )
        writer = self._open_writer(path, header, clock=self._clock)
        try:
            self._play(writer, timeline, storable_streams(consent), progress)
        finally:
            writer.close()
        done = self._write_bundle(writer.journal_path)
        if progress is not None:
            progress(1.0)
        return done

    def _timeline(self) -> list[_Doing]:
        """All that is done at one instant, in order of time; at the same one, ends come first."""
        script, doings = self._script, []
        indices = {step.id: index for index, step in enumerate(self._folder.study.steps)}
        for step in script.steps:
            if step.step_id not in indices:
                title = self._folder.study.title
                raise StudyError(f'The study "{title}" has no step "{step.step_id}".')
            index = indices[step.step_id]
            doings.append(_Doing(step.end_s, 0, self._leave_step))
            doings.append(_Doing(step.start_s, 1, partial(self._enter_step, index)))
        for marker in script.markers:
            doings.append(_Doing(marker.at_s, 2, partial(self._set_marker, marker)))
        if script.neutral_s is not None:
            begin_s, end_s = script.neutral_s
            doings.append(_Doing(begin_s, 2, partial(self._begin_neutral, end_s - begin_s)))
        for target in script.targets:
            show = partial(self._desk.gaze.begin_point, target.x_px, target.y_px)
            doings.append(_Doing(target.start_s, 2, show))
            doings.append(_Doing(target.end_s, 0, self._desk.gaze.end_point))
        if script.targets:
            last_s = max(target.end_s for target in script.targets)
            doings.append(_Doing(last_s, 1, self._fit_gaze))
        for sample in script.samples:
            at_s = sample.t_ns / NS_PER_S
            doings.append(_Doing(at_s, 2, partial(self._give_shifted, sample)))
        return sorted(doings, key=lambda doing: (doing.at_s, doing.rank))

    def _play(
        self,
        writer: Writer,
        timeline: list[_Doing],
        streams: frozenset[str],
        progress: Progress | None,
    ) -> None:
        script = self._script
        self._give(display_row(self._start_ns, self._screen))
        n_frames = max(1, int(script.duration_s * script.frame_rate_hz))
        done = 0
        asked_s = 0.0
        for index in range(n_frames):
            at_s = index / script.frame_rate_hz
            while done < len(timeline) and timeline[done].at_s <= at_s:
                self._do(timeline[done])
                done += 1
            self._clock.sleep_until_ns(self._time_ns(at_s))
            self._give_devices(asked_s, at_s)
            self._give_frame(index)
            asked_s = at_s
            self._write(writer, streams)
            if progress is not None:
                progress((index + 1) / n_frames * (1 - _FINALISING_SHARE))
        for doing in timeline[done:]:
            if doing.at_s <= script.duration_s:
                self._do(doing)
        self._clock.sleep_until_ns(self._time_ns(script.duration_s))
        self._give_devices(asked_s, script.duration_s)
        for row in self._steps.leave(t_ns=self._clock.now_ns()):
            self._give(row)
        self._write(writer, streams)

    def _do(self, doing: _Doing) -> None:
        self._clock.sleep_until_ns(self._time_ns(doing.at_s))
        doing.act()

    def _write(self, writer: Writer, streams: frozenset[str]) -> None:
        agreed = [sample for sample in self._tick if sample.stream in streams]
        self._tick.clear()
        if agreed:
            writer.write(agreed)

    def _give(self, sample: Sample) -> None:
        self._tick.append(sample)

    def _give_shifted(self, sample: Sample) -> None:
        self._give(replace(sample, t_ns=self._start_ns + sample.t_ns))

    def _give_devices(self, from_s: float, to_s: float) -> None:
        script = self._script
        if script.pointer_between is not None and to_s > from_s:
            for sample in script.pointer_between(from_s, to_s):
                row = pointer_row(sample, self._speed, offset_ns=self._start_ns)
                self._give(row)
                self._desk.gaze.take_pointer(row)
        count = int(to_s * script.audio_rate_hz) - self._audio_given
        if script.audio_between is not None and count > 0:
            first, self._audio_given = self._audio_given, self._audio_given + count
            t_ns = self._time_ns(first / script.audio_rate_hz)
            pcm = script.audio_between(first, count)
            self._give(AudioBlock(t_ns, first, pcm, script.audio_rate_hz))

    def _give_frame(self, index: int) -> None:
        at_s = index / self._script.frame_rate_hz
        frame = Frame(self._clock.now_ns(), index, self._script.frame_at(at_s))
        self._give(frame)
        measures = self._analyser.analyse(frame.image, t_ns=frame.t_ns)
        told = measures if self._may_measure_gaze else measures.without_gaze()
        for row in told.rows():
            self._give(row)
        self._desk.take(frame, measures)
        if self._neutral is not None and self._neutral.done():
            error = self._neutral.exception()
            self._neutral = None
            if error is not None:
                self._warn(str(error))

    def _enter_step(self, index: int) -> None:
        for row in self._steps.enter(index, t_ns=self._clock.now_ns()):
            self._give(row)

    def _leave_step(self) -> None:
        for row in self._steps.leave(t_ns=self._clock.now_ns()):
            self._give(row)

    def _set_marker(self, marker: ScriptedMarker) -> None:
        self._give(marker_row(self._clock.now_ns(), marker.label, author=_AUTHOR))

    def _begin_neutral(self, seconds: float) -> None:
        if self._may_infer_emotion:  # what a neutral face is for
            self._neutral = self._desk.neutral.capture(seconds)

    def _fit_gaze(self) -> None:
        try:
            self.calibration = self._desk.gaze.finish_points()
        except InferenceError as error:
            self._warn(str(error))

    def _warn(self, sentence: str) -> None:
        warning = health_row(
            self._clock.now_ns(), "face", kind=HealthKind.WARNING, count=0, detail=sentence
        )
        self._give(warning)

    def _time_ns(self, at_s: float) -> int:
        return self._start_ns + round(at_s * NS_PER_S)
