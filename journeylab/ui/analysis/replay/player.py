"""Plays a session: keeps the playhead, and moves it with the clock while it plays."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_playhead import SPEEDS, Playhead
from journeylab.clock import NS_PER_S, Clock

_BEAT_MS: Final = 33


class Player(QObject):
    """Where the replay stands. ``moved`` goes out with every move, thirty times a second while
    playing; nothing moves before there is a session."""

    moved = Signal()
    sought = Signal()
    """It went elsewhere than time would have taken it."""
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self, *, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._track: ReplayTrack | None = None
        self._playhead = Playhead(0, 1, 0)
        self._beat = QTimer(self)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._move_on)

    @property
    def position_ns(self) -> int:
        """Session time of the playhead."""
        return self._playhead.position_ns(self._clock.now_ns())

    @property
    def is_playing(self) -> bool:
        """Whether it moves."""
        return self._playhead.is_playing

    @property
    def speed(self) -> float:
        """How fast it moves when it plays."""
        return self._playhead.speed

    def take(self, track: ReplayTrack | None, t_ns: int | None = None) -> None:
        """Stand still in another session, at its beginning or at a time of it."""
        self.pause()
        self._track = track
        if track is not None:
            at_ns = track.start_ns if t_ns is None else t_ns
            self._playhead = Playhead(track.start_ns, track.end_ns, at_ns, self.speed)
            self.moved.emit()

    def seek(self, t_ns: int) -> None:
        """Go to a session time; what plays goes on from there."""
        if self._track is not None:
            self._playhead = self._playhead.moved_to(t_ns, self._clock.now_ns())
            self.sought.emit()
            self.moved.emit()

    def seek_by(self, seconds: float) -> None:
        """Go on, or back where negative."""
        self.seek(self.position_ns + round(seconds * NS_PER_S))

    def step(self, n_frames: int) -> None:
        """Stand still and go on by frames, or back where negative."""
        if self._track is not None:
            self.pause()
            self.seek(self._track.frame_ns(self.position_ns, n_frames))

    def toggle(self) -> None:
        """Play, or stand still."""
        if self.is_playing:
            self.pause()
        elif self._track is not None:
            self._playhead = self._playhead.playing(self._clock.now_ns())
            self._beat.start()
            self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stand still."""
        if self.is_playing:
            self._beat.stop()
            self._playhead = self._playhead.still(self._clock.now_ns())
            self.playing_changed.emit(False)
            self.moved.emit()

    def set_speed(self, speed: float) -> None:
        """Play at another speed."""
        self._playhead = self._playhead.at_speed(speed, self._clock.now_ns())
        self.speed_changed.emit(speed)
        self.moved.emit()

    def change_speed(self, direction: int) -> None:
        """Play at the next higher or lower speed."""
        place = SPEEDS.index(self.speed) + direction
        self.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def _move_on(self) -> None:
        if self._playhead.is_at_end(self._clock.now_ns()):
            self.pause()
        else:
            self.moved.emit()
