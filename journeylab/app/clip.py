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

from journeylab.analysis.replay import read_track
from journeylab.analysis.replay_axis import time_words
from journeylab.analysis.replay_events import (
    NO_QUESTIONS,
    EventIndex,
    questions_of,
    read_events,
)
from journeylab.analysis.replay_sound import placed_pcm
from journeylab.analysis.replay_view import ReplayReader
from journeylab.analysis.screens import may_show_screen
from journeylab.app.clip_picture import HEIGHT_PX, WIDTH_PX, ClipPicture
from journeylab.bundle.reader import Bundle
from journeylab.bundle.schema import BUNDLE_SUFFIX
from journeylab.clock import NS_PER_S
from journeylab.errors import AnalysisError, VideoError
from journeylab.report.files import keep_private, whole_file
from journeylab.study.folder import StudyFolder
from journeylab.ui.analysis.replay.clip_dialog import NOT_SHARED, ClipChoice, too_long
from journeylab.ui.analysis.replay.stimulus_video import StimulusVideos

Progress = Callable[[float], None]

RATE_HZ: Final = 30
_CRF: Final = "21"
_SOUND_SAMPLES: Final = 1024


def clip_path(exports: Path, bundle: Path, choice: ClipChoice, *, start_ns: int) -> Path:
    """Where a clip is written: named after its session, so that it is erased with it."""
    name = bundle.name.split(BUNDLE_SUFFIX, 1)[0]
    first, last = (_time_in_name(t - start_ns) for t in (choice.start_ns, choice.end_ns))
    shows = {
        "face": not choice.blurs,
        "sound": choice.has_sound,
        "events": choice.tells_events,
        "page": choice.whole_page,
        "named": choice.names_participant,
    }
    parts = [name, "clip", first, last, *(word for word, is_shown in shows.items() if is_shown)]
    return exports / f"{'-'.join(parts)}.mp4"


def _time_in_name(t_ns: int) -> str:
    """Minutes, seconds and milliseconds: clips of one second may differ by a frame."""
    words = time_words(t_ns / NS_PER_S).replace(":", "m")
    return f"{words}s{t_ns % NS_PER_S // 1_000_000:03d}"


def write_clip(
    bundle_path: Path,
    path: Path,
    choice: ClipChoice,
    *,
    folder: StudyFolder | None = None,
    progress: Progress,
) -> Path:
    """Write a clip; it takes its name when it is whole.

    There is none of a participant who did not agree that others than the researchers see seconds
    of the session. Videos that were watched come from the study's ``folder``.

    Raises
    ------
    AnalysisError
        When the span is empty or too long, the participant did not agree, or there is neither
        video nor screen.
    BundleError, VideoError, StorageError
        When the session cannot be read, or the clip not be made or written.
    """
    duration_s = (choice.end_ns - choice.start_ns) / NS_PER_S
    if too_long(duration_s):
        raise AnalysisError(
            f"A clip of {duration_s:.0f} s cannot be made.", remedy=too_long(duration_s)
        )
    with ExitStack() as stack:
        bundle = stack.enter_context(Bundle.open(bundle_path))
        track, videos = read_track(bundle), None
        if not track.may_be_shared:
            raise AnalysisError(NOT_SHARED)
        if not may_show_screen(bundle.header):
            track = track.without_screen()
        elif folder is not None:
            videos = StimulusVideos(folder)
            stack.callback(videos.close)
        if not (track.has_video or track.has_screen):
            raise AnalysisError("There is neither face video nor a picture of the screen to show.")
        sound = _sound_of(bundle, choice) if choice.has_sound else None
        reader = ReplayReader(bundle, track, stimuli=videos)
        events = EventIndex()
        if choice.tells_events:
            questions = NO_QUESTIONS if folder is None else questions_of(folder.study)
            events = read_events(bundle, questions)
        picture = ClipPicture(track, choice, events)
        pictures = _pictures(reader, picture, choice, progress)
        with whole_file(path) as partial:
            try:
                _encode(partial, pictures, sound)
            except FFmpegError as error:
                raise VideoError(f"{path} cannot be made ({error}).") from error
            if folder is not None:
                keep_private(partial, folder)
    return path


def _pictures(
    reader: ReplayReader, picture: ClipPicture, choice: ClipChoice, progress: Progress
) -> Iterator[NDArray[np.uint8]]:
    n_frames = max(1, round((choice.end_ns - choice.start_ns) / NS_PER_S * RATE_HZ))
    for number in range(n_frames):
        progress(number / n_frames)
        t_ns = choice.start_ns + number * NS_PER_S // RATE_HZ
        yield picture.of(reader.view(t_ns, blurs=choice.blurs, whole_page=choice.whole_page))


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
