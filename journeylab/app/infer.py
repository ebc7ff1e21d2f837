"""``journeylab infer``: a video file to a table with one row per frame."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.app.gaze_targets import GazeTarget, read_gaze_targets
from journeylab.capture.camera.source import read_frames
from journeylab.capture.camera.video import VideoReader
from journeylab.clock import NS_PER_S
from journeylab.errors import InferenceError, StorageError
from journeylab.inference.action_units import intensities
from journeylab.inference.analyser import (
    AnalyserState,
    FrameAnalyser,
    Observation,
    interpret,
)
from journeylab.inference.gaze import GazeCalibration, GazeSample
from journeylab.inference.gaze_fit import fit_gaze
from journeylab.inference.measures import FaceMeasures
from journeylab.inference.neutral import NeutralFace, estimate_neutral
from journeylab.streams import Frame
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, HEAD_POSE_COLUMNS, STATES

COLUMNS: Final = (
    "frame",
    "timestamp_s",
    "face",
    "quality",
    *ACTION_UNIT_COLUMNS,
    "valence",
    "arousal",
    *STATES,
    *HEAD_POSE_COLUMNS,
    "gaze_x_px",
    "gaze_y_px",
    "blink",
)
"""The columns of the table; scripts rely on them."""

# Decoded frames waiting for the model: enough to bridge a key frame, little memory even in 4K.
_AHEAD: Final = 6
# After a target appears the eyes need 200 ms to start and 50 ms to arrive.
_SETTLING_S: Final = 0.3
_CLOSED: Final = 0.4
_AU43: Final = ACTION_UNIT_COLUMNS.index("AU43")

Progress = Callable[[float], None]
"""Told the share of the work done, 0..1."""


@dataclass(frozen=True, slots=True)
class InferSummary:
    """What a run did.

    ``neutral`` says in words where the neutral face came from; ``gaze_samples`` is used and all
    samples of the calibration, None without one.
    """

    out: Path
    n_frames: int
    n_faces: int
    mean_quality: float
    duration_s: float
    elapsed_s: float
    neutral: str
    gaze_samples: tuple[int, int] | None


def run_infer(
    video: Path,
    *,
    out: Path,
    neutral: tuple[float, float] | None,
    gaze_targets: Path | None,
    progress: Progress | None = None,
) -> InferSummary:
    """Analyse a video and write the table.

    The video is decoded once. What each frame shows is kept, the neutral face and the gaze
    calibration are found from that, then every frame is interpreted as it would have been live.

    Parameters
    ----------
    video
        Any file FFmpeg reads.
    out
        CSV to write; an existing one is replaced when all went well.
    neutral
        From and to, in seconds: the person's neutral face; estimated from the whole clip when
        None.
    gaze_targets
        CSV of t_start_s, t_end_s, x_px, y_px; no gaze when None.
    progress
        Told the share done.

    Raises
    ------
    VideoError
        The video cannot be read.
    InferenceError
        The neutral range or the targets are malformed, or do not suit the video.
    StorageError
        The table cannot be written.
    """
    started = time.perf_counter()
    _check_range(neutral)
    targets = None if gaze_targets is None else read_gaze_targets(gaze_targets)
    VideoReader(video).close()  # before the face model is loaded, which takes seconds
    _check_out(out, inputs=(video, gaze_targets))
    seen = _observe_all(video, progress=progress)
    rest, rest_from = _neutral_face(seen, video, neutral)
    calibration = None
    if targets is not None and gaze_targets is not None:
        calibration = _calibrate(seen, targets, rest, gaze_targets)
    measures = _interpret_all(seen, rest, calibration)
    _write(out, measures)
    faces = [one for one in measures if one.has_face]
    return InferSummary(
        out=out,
        n_frames=len(measures),
        n_faces=len(faces),
        mean_quality=float(np.mean([one.quality for one in measures])) if measures else 0.0,
        duration_s=seen[-1].t_ns / NS_PER_S if seen else 0.0,
        elapsed_s=time.perf_counter() - started,
        neutral=rest_from,
        gaze_samples=None if calibration is None else (calibration.n_used, calibration.n_all),
    )


def _check_range(neutral: tuple[float, float] | None) -> None:
    if neutral is None:
        return
    start_s, end_s = neutral
    if not (math.isfinite(start_s) and math.isfinite(end_s) and 0 <= start_s < end_s):
        raise InferenceError(
            f"The neutral range {start_s:g}:{end_s:g} is not a stretch of time.",
            remedy="Give it as A:B in seconds from the video's start, A before B: --neutral 0:5.",
        )


def _check_out(out: Path, *, inputs: Sequence[Path | None]) -> None:
    """See that the table can be written, before minutes are spent on what goes into it."""
    if not out.parent.is_dir():
        is_file = out.parent.exists()
        raise StorageError(
            f"{out.parent} is a file, not a folder."
            if is_file
            else f"There is no folder {out.parent}.",
            remedy="Choose a folder with --out." if is_file else "Create it first.",
        )
    if out.is_dir():
        raise StorageError(
            f"{out} is a folder.", remedy=f"Name a file in it: --out {out / 'face.csv'}"
        )
    if out.exists() and any(one is not None and one.samefile(out) for one in inputs):
        raise StorageError(
            f"{out} is what is read, and would be written over.", remedy="Choose another --out."
        )
    partial = _partial(out)
    try:
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise _unwritable(out, error) from error


def _partial(out: Path) -> Path:
    return out.with_name(out.name + ".partial")


def _unwritable(out: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{out} cannot be written ({error.strerror}).",
        remedy="Free space or choose another folder with --out.",
    )


def _observe_all(video: Path, *, progress: Progress | None) -> list[Observation]:
    duration_s = _duration_s(video)
    analyser = FrameAnalyser()
    try:
        seen = []
        for frame in _decoded_ahead(video):
            seen.append(analyser.observe(frame.image, t_ns=frame.t_ns))
            if progress is not None and duration_s > 0 and len(seen) % 10 == 0:
                progress(min(frame.t_ns / NS_PER_S / duration_s, 1.0))
    finally:
        analyser.close()
    if progress is not None:
        progress(1.0)
    return seen


def _duration_s(video: Path) -> float:
    """Length as the container states it, 0 when it does not; read_frames tells what is wrong."""
    import av

    try:
        with av.open(str(video)) as container:
            return float((container.duration or 0) / av.time_base)
    except (OSError, av.FFmpegError):
        return 0.0


def _decoded_ahead(video: Path) -> Iterator[Frame]:
    """Frames of the video, decoded in another thread while the model works.

    Both release the interpreter's lock, so on two cores decoding costs no time of its own.
    """
    waiting: queue.Queue[Frame | BaseException | None] = queue.Queue(_AHEAD)
    is_abandoned = threading.Event()

    def put(item: Frame | BaseException | None) -> bool:
        while not is_abandoned.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def decode() -> None:
        try:
            for frame in read_frames(video):
                if not put(frame):
                    return
            put(None)
        except Exception as error:  # noqa: BLE001 - raised again where the frames are used
            put(error)

    thread = threading.Thread(target=decode, name="decode", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_abandoned.set()
        thread.join()


def _neutral_face(
    seen: Sequence[Observation], video: Path, neutral: tuple[float, float] | None
) -> tuple[NeutralFace | None, str]:
    """The neutral face, and in words where it came from."""
    if neutral is None:
        try:
            return estimate_neutral(seen), "estimated from the whole video"
        except InferenceError:
            return None, "running estimate: hardly a face in the video"
    start_s, end_s = neutral
    length_s = seen[-1].t_ns / NS_PER_S if seen else 0.0
    within = [one for one in seen if start_s <= one.t_ns / NS_PER_S <= end_s]
    if start_s > length_s or not within:
        raise InferenceError(
            f"The neutral range {start_s:g}:{end_s:g} lies outside {video.name}, which lasts "
            f"{length_s:.1f} s.",
            remedy="Choose a stretch inside the video, or leave --neutral out.",
        )
    try:
        rest = estimate_neutral(within)
    except InferenceError as error:
        raise InferenceError(
            f"{video.name}, neutral range {start_s:g}:{end_s:g}: {error.what}",
            remedy=error.remedy,
        ) from error
    return rest, f"seconds {start_s:g} to {end_s:g}"


def _calibrate(
    seen: Sequence[Observation],
    targets: Sequence[GazeTarget],
    rest: NeutralFace | None,
    path: Path,
) -> GazeCalibration:
    times_s = np.array([one.t_ns / NS_PER_S for one in seen])
    if rest is None:
        is_open = np.array([one.has_face for one in seen])
    else:
        measures = np.array([one.measures for one in seen])
        is_open = intensities(measures, rest.measures)[:, _AU43] < _CLOSED
    samples = []
    for target in targets:
        lasts_s = target.end_s - target.start_s
        from_s = target.start_s + min(_SETTLING_S, lasts_s / 2)
        within = is_open & (times_s >= from_s) & (times_s < target.end_s)
        point_px = np.array([target.x_px, target.y_px])
        samples += [
            GazeSample(seen[at].eye_features, seen[at].head_pose, point_px)
            for at in np.flatnonzero(within).tolist()
        ]
    width_px = math.ceil(max(target.x_px for target in targets))
    height_px = math.ceil(max(target.y_px for target in targets))
    try:
        return fit_gaze(samples, screen_px=(width_px, height_px))
    except InferenceError as error:
        raise InferenceError(f"{path}: {error.what}", remedy=error.remedy) from error


def _interpret_all(
    seen: Sequence[Observation], rest: NeutralFace | None, calibration: GazeCalibration | None
) -> list[FaceMeasures]:
    state = AnalyserState()
    measures = []
    for one in seen:
        state, measured = interpret(state, one, neutral=rest, calibration=calibration)
        measures.append(measured)
    return measures


def _write(out: Path, measures: Sequence[FaceMeasures]) -> None:
    partial = _partial(out)
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            file.write(",".join(COLUMNS) + "\n")
            file.writelines(_line(at, one) for at, one in enumerate(measures))
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _unwritable(out, error) from error


def _line(at: int, one: FaceMeasures) -> str:
    numbers = (
        *one.action_units.tolist(),
        one.valence,
        one.arousal,
        *one.states.tolist(),
        *one.head_pose.tolist(),
        *one.gaze_px.tolist(),
    )
    # NaN differs from itself, and is written empty.
    cells = ",".join(f"{number:.4f}" if number == number else "" for number in numbers)  # noqa: PLR0124
    blink = str(int(one.blink)) if one.has_face else ""
    start = f"{at},{one.t_ns / NS_PER_S:.6f},{int(one.has_face)},{one.quality:.4f}"
    return f"{start},{cells},{blink}\n"
