"""Writes a clip of a replayed session as MP4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from journeylab.analysis.replay import ReplayTrack, read_track
from journeylab.analysis.replay_axis import time_words
from journeylab.analysis.replay_sound import placed_pcm
from journeylab.analysis.replay_view import ReplayReader
from journeylab.analysis.screens import may_show_screen
from journeylab.app.clip_picture import HEIGHT_PX, WIDTH_PX, ClipPicture
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import BUNDLE_SUFFIX
from journeylab.clock import NS_PER_S
from journeylab.errors import AnalysisError, VideoError
from journeylab.report.files import whole_file
from journeylab.study.folder import StudyFolder
from journeylab.ui.analysis.replay.clip_dialog import ClipChoice
from journeylab.ui.analysis.replay.stimulus_video import StimulusVideos

Progress = Callable[[float], None]

RATE_HZ: Final = 30
LONGEST_S: Final = 600.0
"""A clip is a passage to show; a whole session is exported as it was recorded."""
_CRF: Final = "21"
_SOUND_SAMPLES: Final = 1024


def clip_path(exports: Path, bundle: Path, choice: ClipChoice, *, start_ns: int) -> Path:
    """Where a clip is written: named after its session, so that it is erased with it."""
    name = bundle.name.split(BUNDLE_SUFFIX, 1)[0]
    first, last = (
        time_words((t - start_ns) / NS_PER_S).replace(":", "m") + "s"
        for t in (choice.start_ns, choice.end_ns)
    )
    recognisable = "" if choice.blurs else "-face"
    return exports / f"{name}-clip-{first}-{last}{recognisable}.mp4"


def write_clip(
    bundle_path: Path,
    path: Path,
    choice: ClipChoice,
    *,
    folder: StudyFolder | None = None,
    progress: Progress,
) -> Path:
    """Write a clip; it takes its name when it is whole.

    The screen is left out where the participant did not agree to have it shown. Videos that were
    watched come from the study's ``folder``.

    Raises
    ------
    AnalysisError
        When the span is empty or too long, or there is neither video nor screen.
    BundleError, VideoError, StorageError
        When the session cannot be read, or the clip not be made or written.
    """
    duration_s = (choice.end_ns - choice.start_ns) / NS_PER_S
    if not 0 < duration_s <= LONGEST_S:
        raise AnalysisError(
            f"A clip of {duration_s:.0f} s cannot be made.",
            remedy=f"Choose a span of at most {LONGEST_S / 60:.0f} minutes.",
        )
    with ExitStack() as stack:
        bundle = stack.enter_context(Bundle.open(bundle_path))
        track, videos = read_track(bundle), None
        if not may_show_screen(bundle.header):
            track = track.without_screen()
        elif folder is not None:
            videos = StimulusVideos(folder)
            stack.callback(videos.close)
        if not (track.has_video or track.has_screen):
            raise AnalysisError("There is neither face video nor a picture of the screen to show.")
        sound = _sound_of(bundle, choice) if choice.has_sound else None
        reader = ReplayReader(bundle, track, stimuli=videos)
        pictures = _pictures(reader, track, choice, progress)
        with whole_file(path) as partial:
            try:
                _encode(partial, pictures, sound)
            except FFmpegError as error:
                raise VideoError(f"{path} cannot be made ({error}).") from error
    return path


def _pictures(
    reader: ReplayReader, track: ReplayTrack, choice: ClipChoice, progress: Progress
) -> Iterator[NDArray[np.uint8]]:
    picture = ClipPicture(track, choice.start_ns, choice.end_ns)
    n_frames = max(1, round((choice.end_ns - choice.start_ns) / NS_PER_S * RATE_HZ))
    for number in range(n_frames):
        progress(number / n_frames)
        t_ns = choice.start_ns + number * NS_PER_S // RATE_HZ
        yield picture.of(reader.view(t_ns, blurs=choice.blurs))


def _sound_of(bundle: Bundle, choice: ClipChoice) -> tuple[NDArray[np.int16], int] | None:
    """Samples (n,) of the whole span and their rate, silence before the first; None without any."""
    span_ns = choice.start_ns, choice.end_ns
    block = bundle.audio(start_ns=choice.start_ns, end_ns=choice.end_ns)
    if block is None:
        return None
    return placed_pcm(block, *span_ns, rate_hz=block.rate_hz), block.rate_hz


def _encode(
    path: Path,
    pictures: Iterator[NDArray[np.uint8]],
    sound: tuple[NDArray[np.int16], int] | None,
) -> None:
    """Write pictures, and the sound that goes with each of them, in one pass."""
    with ExitStack() as stack:
        output: Any = stack.enter_context(av.open(str(path), "w", format="mp4"))
        video = output.add_stream("libx264", rate=RATE_HZ)
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        video.options = {"crf": _CRF, "preset": "veryfast"}
        voice: Any = None
        if sound is not None:
            voice = output.add_stream("aac", rate=sound[1], layout="mono")
        n_sent = 0
        for number, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE_HZ)
            output.mux(video.encode(frame))
            if sound is not None:
                until = round((number + 1) / RATE_HZ * sound[1])
                n_sent = _encode_sound(output, voice, sound, n_sent, until)
        output.mux(video.encode(None))
        if sound is not None:
            _encode_sound(output, voice, sound, n_sent, len(sound[0]) + _SOUND_SAMPLES)
            output.mux(voice.encode(None))


def _encode_sound(
    output: Any, voice: Any, sound: tuple[NDArray[np.int16], int], n_sent: int, until: int
) -> int:
    """Encode whole blocks up to a sample; how many samples are sent by now."""
    pcm, rate_hz = sound
    while n_sent + _SOUND_SAMPLES <= until and n_sent < len(pcm):
        part = np.zeros(_SOUND_SAMPLES, dtype=np.float32)
        taken = pcm[n_sent : n_sent + _SOUND_SAMPLES]
        part[: len(taken)] = taken / 32768
        frame = av.AudioFrame.from_ndarray(part[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, n_sent
        frame.time_base = Fraction(1, rate_hz)
        output.mux(voice.encode(frame))
        n_sent += _SOUND_SAMPLES
    return n_sent
