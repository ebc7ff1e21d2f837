"""The replay's sound: what the microphone heard, kept in step with the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QIODevice, QObject, QTimer

from journeylab.clock import NS_PER_S
from journeylab.ui.analysis.replay.player import Player
from journeylab.ui.analysis.replay.worker import ReplayWorker, Sound, SoundRequest

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioSink

_BEAT_MS: Final = 60
_PIECE_S: Final = 0.8
"""Sound is read in pieces of this length as they are heard, one ahead of the other."""
_AHEAD_S: Final = 1.2
_SINK_S: Final = 0.25
_MOST_OFF_S: Final = 0.2
"""Further off the playhead than this, it begins anew where the playhead is."""


class ReplaySound(QObject):
    """Plays along with the player while it is turned on; silent without a sound card.

    One run is what plays without a seek; a seek, another speed or a pause begins another.
    """

    def __init__(self, player: Player, worker: ReplayWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._player = player
        self._worker = worker
        self._is_on = False
        self._run = 0
        self._next_ns = 0
        self._begun_ns = 0
        self._is_asked = False
        self._waiting = bytearray()
        self._n_written = 0
        self._rate_hz = 0
        self._sink: QAudioSink | None = None
        self._device: QIODevice | None = None
        self._beat = QTimer(self)
        self._beat.setInterval(_BEAT_MS)
        self._beat.timeout.connect(self._go_on)
        player.playing_changed.connect(self._follow)
        player.speed_changed.connect(self._follow)
        player.sought.connect(self._follow)
        worker.sounded.connect(self._take)

    @property
    def n_written(self) -> int:
        """Samples given to the sound card in this run."""
        return self._n_written

    def turn(self, is_on: bool) -> None:
        """Turn sound on or off."""
        self._is_on = is_on
        self._follow()

    def _follow(self, *_: object) -> None:
        """Begin a run where the playhead is, or fall silent."""
        self._run += 1
        self._waiting.clear()
        self._n_written, self._is_asked = 0, False
        if self._sink is not None:
            self._sink.stop()
            self._sink.deleteLater()
            self._sink = self._device = None
        if self._is_on and self._player.is_playing:
            self._begun_ns = self._next_ns = self._player.position_ns
            self._ask()
            self._beat.start()
        else:
            self._beat.stop()

    def _ask(self) -> None:
        speed = self._player.speed
        end_ns = self._next_ns + round(_PIECE_S * speed * NS_PER_S)
        self._worker.ask_sound(SoundRequest(self._run, self._next_ns, end_ns, speed))
        self._next_ns = end_ns
        self._is_asked = True

    def _take(self, sound: Sound) -> None:
        if sound.request.run != self._run:
            return
        self._is_asked = False
        if self._device is None:
            self._open_sink(sound.rate_hz)
        self._waiting += sound.pcm.astype("<i2").tobytes()
        self._go_on()

    def _open_sink(self, rate_hz: int) -> None:
        # Here, where somebody wants to hear: it looks for the system's sound as it is imported.
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices

        output = QMediaDevices.defaultAudioOutput()
        if output.isNull():
            self._beat.stop()
            return
        form = QAudioFormat()
        form.setSampleRate(rate_hz)
        form.setChannelCount(1)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._rate_hz = rate_hz
        self._sink = QAudioSink(output, form, self)
        self._sink.setBufferSize(2 * round(_SINK_S * rate_hz))
        self._device = self._sink.start()

    def _go_on(self) -> None:
        """Give the sound card what it takes, and read ahead."""
        if self._sink is None or self._device is None:
            return
        room = min(self._sink.bytesFree(), len(self._waiting)) // 2 * 2
        if room > 0:
            written = self._device.write(bytes(self._waiting[:room]))
            del self._waiting[: max(written, 0)]
            self._n_written += max(written, 0) // 2
        if not self._is_asked and len(self._waiting) < 2 * _AHEAD_S * self._rate_hz:
            self._ask()
        heard_s = self._sink.processedUSecs() / 1e6
        passed_s = (self._player.position_ns - self._begun_ns) / NS_PER_S / self._player.speed
        if heard_s > 1.0 and abs(passed_s - heard_s) > _MOST_OFF_S:
            self._follow()
