"""One session as it is replayed: what there is of it, and what is shown at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.declined import (
    EMOTION,
    FACE_VIDEO,
    GAZE,
    PAGE,
    POINTER,
    SCREEN,
    VOICE,
    is_absent,
    why_absent,
)
from journeylab.analysis.gaze_error import TOLD_IN_DEVIATIONS, gaze_error_px
from journeylab.analysis.replay_events import ReplayStep, read_steps
from journeylab.analysis.screens import may_be_shared
from journeylab.analysis.session_data import MomentData, SessionData
from journeylab.analysis.viewing import viewing_of
from journeylab.bundle.reader import PictureEntry
from journeylab.streams import AudioBlock, Picture


class ReplayData(MomentData, Protocol):
    """One session whose frames, pictures and sound can be asked for by time."""

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams with at least one sample."""
        ...

    def frame_times_ns(self) -> NDArray[np.int64]:
        """(n,) times of all camera frames."""
        ...

    def pictures(self, stream: str = "screen") -> tuple[PictureEntry, ...]:
        """Pictures of the screen by time, without their bytes."""
        ...

    def picture(self, entry: PictureEntry) -> Picture:
        """Read one picture."""
        ...

    def audio(self, *, start_ns: int | None = None, end_ns: int | None = None) -> AudioBlock | None:
        """Sound of a span, None without any."""
        ...

    def audio_blocks(
        self, *, start_ns: int | None = None, end_ns: int | None = None
    ) -> Iterator[AudioBlock]:
        """Sound of a span in the blocks it came in."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ReplayTrack:
    """All of a session that is shown as a whole, read once when it is opened.

    ``t_ns`` and ``valence`` (n,) are the trace, NaN where lost; ``frame_t_ns`` (m,) the camera's
    frames; ``screens_px`` the size of the participant's screen from each time on;
    ``gaze_radius_px`` holds the truth with 68 % where a sample does not tell; ``missing`` says in
    sentences what was not recorded. ``may_be_shared`` tells whether seconds of it may be shown to
    others than the researchers.
    """

    path: Path
    session_id: str
    title: str
    start_ns: int
    end_ns: int
    steps: tuple[ReplayStep, ...]
    t_ns: NDArray[np.int64]
    valence: NDArray[np.float32]
    frame_t_ns: NDArray[np.int64]
    screens_px: tuple[tuple[int, tuple[int, int]], ...]
    gaze_radius_px: float
    has_screen: bool
    has_gaze: bool
    has_pointer: bool
    has_sound: bool
    missing: tuple[str, ...]
    is_face_blurred: bool = False
    has_pages: bool = False
    may_be_shared: bool = True

    @property
    def has_video(self) -> bool:
        """Whether there is face video."""
        return len(self.frame_t_ns) > 0

    def without_screen(self) -> ReplayTrack:
        """The same without pictures of the screen."""
        return replace(self, has_screen=False, has_pages=False)

    def step_at(self, t_ns: int) -> ReplayStep | None:
        """The stay at a step that a time lies in; between two, None."""
        place = bisect_right(self.steps, t_ns, key=lambda step: step.start_ns) - 1
        if place < 0 or t_ns >= self.steps[place].end_ns:
            return None
        return self.steps[place]

    def screen_px_at(self, t_ns: int) -> tuple[int, int]:
        """Width and height of the participant's screen, px."""
        return screen_px_at(self.screens_px, t_ns)

    def frame_ns(self, t_ns: int, n_frames: int) -> int:
        """The time ``n_frames`` frames on, or back where negative; without video a thirtieth of a
        second is a frame."""
        if not self.has_video:
            return min(max(t_ns + n_frames * 33_333_333, self.start_ns), self.end_ns)
        here = int(np.searchsorted(self.frame_t_ns, t_ns, side="right")) - 1
        place = min(max(here + n_frames, 0), len(self.frame_t_ns) - 1)
        return int(self.frame_t_ns[place])


def read_track(session: ReplayData) -> ReplayTrack:
    """Read what is shown of a session as a whole; no column but the trace is read in full."""
    affect = session.table("affect", columns=("valence",))
    header = session.header
    streams = session.streams
    frame_t_ns = session.frame_times_ns()
    has_gaze = "gaze" in streams
    return ReplayTrack(
        path=session.path,
        session_id=header.session_id,
        title=" · ".join(
            [
                header.participant_id,
                *header.segments.values(),
                *(["simulated"] if header.simulated else []),
            ]
        ),
        start_ns=session.start_ns,
        end_ns=max(session.end_ns, session.start_ns + 1),
        steps=read_steps(session),
        t_ns=affect.t_ns,
        valence=np.asarray(affect["valence"], dtype=np.float32),
        frame_t_ns=frame_t_ns,
        screens_px=screens_of(session),
        gaze_radius_px=gaze_radius_of(session) if has_gaze else float("nan"),
        has_screen="screen" in streams,
        has_gaze=has_gaze,
        has_pointer="pointer" in streams,
        has_sound="microphone" in streams,
        has_pages="pages" in streams,
        may_be_shared=may_be_shared(header),
        missing=_missing(session, streams),
        is_face_blurred="blurred" in header.redacted,
    )


def _missing(session: ReplayData, streams: tuple[str, ...]) -> tuple[str, ...]:
    """What the replay cannot show, in sentences; empty when there is everything."""
    said, header = [], session.header
    if "camera" not in streams:
        why = why_absent(header, FACE_VIDEO, otherwise="No face video was recorded.")
        said.append(header.redacted or why)
    if "screen" not in streams:
        otherwise = "No picture of the screen was recorded."
        said.append(why_absent(header, SCREEN, otherwise=otherwise))
    if "gaze" not in streams:
        otherwise = "No point of gaze: gaze was not calibrated."
        said.append(why_absent(header, GAZE, otherwise=otherwise))
    if "pointer" not in streams:
        said.append(why_absent(header, POINTER, otherwise="No mouse was recorded."))
    if "affect" not in streams:
        said.append(why_absent(header, EMOTION, otherwise="No valence was measured."))
    if is_absent(header, PAGE):
        said.append(why_absent(header, PAGE, otherwise=""))
    if is_absent(header, VOICE):
        said.append(why_absent(header, VOICE, otherwise=""))
    if "steps" not in streams:
        said.append("No step markers.")
    if not bool(session.attributes.get("complete", True)):
        said.append("The session broke off.")
    return tuple(said)


def screens_of(session: SessionData) -> tuple[tuple[int, tuple[int, int]], ...]:
    """Width and height of the participant's screen, px, from each time on."""
    screen = session.header.screen
    rows = session.table("displays", columns=("width_px", "height_px"))
    later = [
        (int(t_ns), (int(width), int(height)))
        for t_ns, width, height in zip(rows.t_ns, rows["width_px"], rows["height_px"], strict=True)
        if width > 0 and height > 0
    ]
    first = (session.start_ns, (max(1, screen.width_px), max(1, screen.height_px)))
    return (first, *later)


def screen_px_at(screens_px: tuple[tuple[int, tuple[int, int]], ...], t_ns: int) -> tuple[int, int]:
    """The size of the screen at a time, of what :func:`screens_of` gives."""
    place = bisect_right(screens_px, t_ns, key=lambda one: one[0]) - 1
    return screens_px[max(0, place)][1]


def gaze_radius_of(session: SessionData) -> float:
    """Radius, px, that holds the truth with 68 %: by the last validation, else as assumed."""
    calibrations = session.table("calibrations", columns=("kind", "data"))
    viewing = viewing_of(session.header.screen, np.empty(0))
    error_px = gaze_error_px(calibrations, np.empty(0), viewing=viewing)
    return error_px * TOLD_IN_DEVIATIONS
