"""A private PulseAudio: what is played into it is heard by a microphone."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48000


@dataclass
class SoundServer:
    """A PulseAudio of its own: what is played into its sink is heard by the source ``mic``."""

    address: str
    process: subprocess.Popen[bytes]
    players: list[subprocess.Popen[bytes]] = field(default_factory=list)
    listener: subprocess.Popen[bytes] | None = None

    def play(self, pcm: NDArray[np.int16]) -> None:
        """Play mono PCM at 48 kHz; returns at once."""
        player = subprocess.Popen(
            ["pacat", "--raw", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le"],
            stdin=subprocess.PIPE,
            env={"PULSE_SERVER": self.address, "PATH": "/usr/bin:/bin"},
            stderr=subprocess.DEVNULL,
        )
        self.players.append(player)

        def feed() -> None:
            assert player.stdin is not None
            with suppress(BrokenPipeError, ValueError):  # hushed while it was fed
                player.stdin.write(pcm.tobytes())
                player.stdin.close()

        threading.Thread(target=feed, name="feeder", daemon=True).start()

    def keep_awake(self) -> None:
        """Listen all the time: a sleeping sink takes two seconds to wake."""
        self.listener = subprocess.Popen(
            ["parec", "--raw", "--device=mic", "--latency-msec=20"],
            env={"PULSE_SERVER": self.address, "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def hush(self) -> None:
        """End all players."""
        for player in self.players:
            player.kill()
            player.wait()
            if player.stdin is not None:
                with suppress(BrokenPipeError):
                    player.stdin.close()
        self.players.clear()

    def kill(self) -> None:
        """The server is gone, as when a device is pulled."""
        self.process.kill()
        self.process.wait()
        if self.listener is not None:
            self.listener.kill()
            self.listener.wait()


def start_sound_server(folder: Path) -> SoundServer:
    """A sound server whose socket lies in the folder."""
    socket = folder / "native"
    process = subprocess.Popen(
        [
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            *("-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"),
            *("-L", f"module-null-sink sink_name=out rate={RATE_HZ}"),
            *("-L", "module-remap-source source_name=mic master=out.monitor"),
        ],
        env={"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = SoundServer(f"unix:{socket}", process)
    deadline_s = time.monotonic() + 15
    while time.monotonic() < deadline_s:
        listed = subprocess.run(
            ["pactl", "list", "sources", "short"],
            env={"PULSE_SERVER": server.address, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        if "\tmic\t" in listed.stdout:
            server.keep_awake()
            return server
        time.sleep(0.1)
    server.kill()
    raise RuntimeError("PulseAudio did not come up")
