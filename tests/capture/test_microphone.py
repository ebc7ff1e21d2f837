"""A microphone on a real sound server: what is played is what is recorded, and when."""

from __future__ import annotations

import builtins
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from capture_bench import Collector, wait_until
from numpy.typing import NDArray
from sound_server import RATE_HZ, SoundServer

from journeylab.capture.audio.discovery import list_microphones, open_microphone
from journeylab.capture.audio.level import level_dbfs
from journeylab.capture.audio.portaudio import explain, load_portaudio
from journeylab.capture.audio.source import Microphone
from journeylab.clock import NS_PER_MS, NS_PER_S, SessionClock
from journeylab.errors import MicrophoneError
from journeylab.streams import AudioBlock


def _pcm(collector: Collector) -> NDArray[np.int16]:
    return np.concatenate([block.pcm for block in _blocks(collector)])


def _blocks(collector: Collector) -> list[AudioBlock]:
    return [sample for sample in list(collector.samples) if isinstance(sample, AudioBlock)]


def _time_of(blocks: list[AudioBlock], at: int) -> int:
    """Session time of the ``at``-th sample that was given, ns."""
    for block in blocks:
        if at < block.pcm.size:
            return block.t_ns + at * NS_PER_S // RATE_HZ
        at -= block.pcm.size
    raise AssertionError("the sample was never given")


def _speech(folder: Path) -> NDArray[np.int16]:
    """One second and a half of speech, 48 kHz."""
    if shutil.which("espeak-ng") is None or shutil.which("ffmpeg") is None:
        pytest.fail("espeak-ng or ffmpeg is missing: run make test, which installs them")
    spoken, raw = folder / "spoken.wav", folder / "spoken.raw"
    subprocess.run(
        ["espeak-ng", "-s", "200", "-w", spoken, "Is this the right basket?"], check=True
    )
    convert = ["-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1", str(raw)]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(spoken), *convert], check=True)
    return np.fromfile(raw, np.int16)


def _likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> tuple[float, int]:
    """Correlation with what was said where it fits best, and at which sample that is."""
    size = 1 << int(np.ceil(np.log2(heard.size + said.size)))
    spectrum = np.fft.rfft(heard.astype(float), size) * np.conj(
        np.fft.rfft(said.astype(float), size)
    )
    at = int(np.argmax(np.fft.irfft(spectrum, size)[: heard.size - said.size]))
    part = heard[at : at + said.size].astype(float)
    return float(part @ said / np.linalg.norm(part) / np.linalg.norm(said.astype(float))), at


def _play_and_hear(said: NDArray[np.int16], pulse: SoundServer) -> tuple[float, float]:
    """How alike the recording is, and how long after playing it is heard, s."""
    collector = Collector()
    microphone = open_microphone("mic", clock=SessionClock())
    microphone.start(collector)
    assert collector.wait_for(5)
    played_ns = SessionClock().now_ns()
    pulse.play(said)
    seconds = said.size / RATE_HZ + 1.0
    assert wait_until(lambda: _pcm(collector).size > seconds * RATE_HZ)
    microphone.stop()
    pulse.hush()
    likeness, at = _likeness(_pcm(collector), said)
    return likeness, (_time_of(_blocks(collector), at) - played_ns) / NS_PER_S


def test_speech_played_into_the_source_is_what_is_recorded(
    pulse: SoundServer, tmp_path: Path
) -> None:
    said = _speech(tmp_path)
    # A sound server that gets no processor time drops samples and misjudges its own delay.
    for _attempt in range(3):
        likeness, after_s = _play_and_hear(said, pulse)
        # The player fills its buffer before the first sample sounds; earlier it cannot.
        if likeness > 0.98 and 0 < after_s < 1:
            return
    pytest.fail(f"likeness {likeness:.3f}, heard {after_s:.3f} s after it was played")


def test_samples_the_sound_server_dropped_are_counted_as_lost(
    pulse: SoundServer, collector: Collector
) -> None:
    microphone = open_microphone("mic", clock=SessionClock())
    microphone.start(collector)
    assert collector.wait_for(50)
    microphone.stop()
    blocks = _blocks(collector)
    span = blocks[-1].first_sample - blocks[0].first_sample
    missing = span - sum(block.pcm.size for block in blocks[:-1])
    assert microphone.status().lost == pytest.approx(missing / blocks[0].pcm.size, abs=1)


@pytest.fixture(scope="module")
def recording(sound_server: SoundServer) -> Iterator[list[AudioBlock]]:
    """Silence, then a tone of 1 kHz at half of full scale, from the default source."""
    collector = Collector()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULSE_SERVER", sound_server.address)
        microphone = open_microphone("default", clock=SessionClock())
        microphone.start(collector)
        assert collector.wait_for(10)
        tone = 16384 * np.sin(np.arange(RATE_HZ) * 2 * np.pi * 1000 / RATE_HZ)
        sound_server.play(tone.astype(np.int16))
        assert collector.wait_for(75)
        microphone.stop()
        sound_server.hush()
    yield _blocks(collector)


def test_silence_reads_as_silence_and_a_tone_as_its_level(recording: list[AudioBlock]) -> None:
    levels_dbfs = [level_dbfs(block.pcm) for block in recording]
    assert levels_dbfs[0] == -96.0
    assert max(levels_dbfs) == pytest.approx(-9.03, abs=0.3)


def test_blocks_lie_evenly_on_the_session_clock(recording: list[AudioBlock]) -> None:
    steps_ms = np.diff([block.t_ns for block in recording]) / NS_PER_MS
    assert steps_ms == pytest.approx(np.full(steps_ms.size, 20.0), abs=5)
    behind_ms = [(b.arrived_ns - b.t_ns) / NS_PER_MS for b in recording if b.arrived_ns]
    assert 15 < np.median(behind_ms) < 350


def test_sources_of_the_sound_server_are_listed_and_loopbacks_are_not(pulse: SoundServer) -> None:
    assert pulse.process.poll() is None
    names = [microphone.name for microphone in list_microphones()]
    assert names[0] == "default"
    assert "mic" in names
    assert "pulse" in names
    assert "out.monitor" not in names


def test_an_unknown_microphone_is_refused_with_those_there_are(pulse: SoundServer) -> None:
    assert pulse.process.poll() is None
    with pytest.raises(MicrophoneError, match="no microphone called 'Yeti'") as caught:
        open_microphone("Yeti", clock=SessionClock())
    assert "mic" in caught.value.remedy


def test_the_environment_is_left_as_it_was(
    pulse: SoundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pulse.process.poll() is None
    monkeypatch.setenv("PULSE_SOURCE", "someone_elses")
    open_microphone("mic", clock=SessionClock()).stop()
    assert os.environ["PULSE_SOURCE"] == "someone_elses"


@pytest.fixture
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose sound server does not answer."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent/native")
    if load_portaudio().query_devices():
        load_portaudio()._terminate()
        load_portaudio()._initialize()
    if any(device["max_input_channels"] for device in load_portaudio().query_devices()):
        pytest.skip("this machine has a sound card")


@pytest.mark.usefixtures("no_sound")
def test_a_machine_without_a_microphone_says_so() -> None:
    assert list_microphones() == ()
    with pytest.raises(MicrophoneError, match="There is no microphone") as caught:
        open_microphone("default", clock=SessionClock())
    assert "--mic none" in caught.value.remedy
    with pytest.raises(MicrophoneError, match="There is no microphone"):
        Microphone(None, clock=SessionClock())


def test_a_missing_portaudio_library_is_said_with_the_line_that_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real_import = builtins.__import__

    def without_library(name: str, *args: object, **kwargs: object) -> object:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_library)
    with pytest.raises(MicrophoneError, match="PortAudio library is missing") as caught:
        load_portaudio()
    assert "apt install libportaudio2" in caught.value.remedy


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("Error opening InputStream: Device unavailable [PaErrorCode -9985]", "in use"),
        ("Error opening InputStream: Invalid sample rate [PaErrorCode -9997]", "at the rate"),
        ("Error querying device -1", "There is no microphone"),
        ("No input device matching 'Yeti'", "There is no microphone Yeti"),
        ("Unanticipated host error [PaErrorCode -9999]", "cannot be opened"),
    ],
)
def test_portaudios_errors_are_put_into_words(error: str, said: str) -> None:
    told = explain("microphone Yeti", RuntimeError(error))
    assert said in told.what
    assert told.remedy
