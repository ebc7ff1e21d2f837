"""What recording and finishing cost, and how large a bundle becomes.

    python tests/faults/cost.py [--minutes 30] [--long 120] [--video CLIP.mp4] [--out DIR] [--short]

Recording is measured on a session without video: sound, a 500 Hz pointer, a 30 Hz face with mesh,
action units and affect. Then a journal of the asked length is made of a few seconds of encoded
1280x720 video with sensor noise (or of a clip), repeated, and finished in a process of its own;
once more at four times the length, to see that memory does not follow it. The first bundle is then
opened and read as the app does it, plain and encrypted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bundle.sent import a_header

from faults.printed import Line, show
from faults.reading import reading_lines
from journeylab.bundle.video import GOP_FRAMES, FrameEncoder, Packet
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.opencv import cv2
from journeylab.streams import STREAMS, AudioBlock, Frame, Row, Sample

RATE_HZ = 30
_WIDTH_PX, _HEIGHT_PX = 1280, 720
_TABLES = ("face", "action_units", "action_units_raw", "affect", "gaze")
_GOPS = 4
MB = 1e6

MOST_CORE = 0.01
LEAST_SPEED = 60.0
_LEAST_SPEED_SHORT = 20.0  # the start of the process counts for more
MOST_MEMORY_MB = 300.0
MOST_LANDMARKS_MB_MIN = 150 / 30
MOST_VIDEO_MB_MIN = 12.7


class Content:
    """A lively session's samples, tick by tick."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        # A face that rests and moves: the mesh as a whole, each point with the fit's jitter.
        self._shape = self._rng.random((478, 3)).astype(np.float32)
        self._jitter = self._rng.normal(0, 0.0004, (64, 478, 3)).astype(np.float32)
        self._pcm = (self._rng.normal(0, 400, (16, 1600))).astype(np.int16)
        self._values = self._rng.random((16384, 32))

    def tick(self, k: int) -> list[Sample]:
        """All but video, of one thirtieth of a second."""
        t_ns = k * NS_PER_S // RATE_HZ
        values = self._values[k % 16384]
        samples: list[Sample] = [
            Row(name, t_ns, _values(name, values), t_ns + 9_000_000) for name in _TABLES
        ]
        sway = np.float32(0.05 * np.sin(k / 70.0))
        mesh = self._shape + sway + self._jitter[k % 64]
        samples.append(Row("landmarks", t_ns, (mesh,), t_ns + 9_000_000))
        samples.append(AudioBlock(t_ns, k * 1600, self._pcm[k % 16], 48_000))
        for n in range(17):
            at_ns = t_ns + n * 2_000_000
            x_px = 640 + 300 * np.sin(k / 40 + n / 600)
            pointer = (x_px, 360.0 + n, 0, 0, 0.0, 0.0, float(values[n]) * 900)
            samples.append(Row("pointer", at_ns, pointer, at_ns + 300_000))
        return samples


def _values(stream: str, values: np.ndarray) -> tuple[object, ...]:
    return tuple(
        int(values[place] * 2) if column.dtype == "u1" else float(values[place])
        for place, column in enumerate(STREAMS[stream].columns)
    )


def noisy_frames(n: int) -> Iterator[np.ndarray]:
    """A head that sways before a wall, as a webcam in a dim room sees it."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 2.5, (8, _HEIGHT_PX, _WIDTH_PX, 3)).astype(np.float32)
    wall = np.linspace(70, 140, _WIDTH_PX, dtype=np.float32)[None, :, None]
    for k in range(n):
        image = np.broadcast_to(wall, (_HEIGHT_PX, _WIDTH_PX, 3)).copy()
        centre = (640 + round(40 * np.sin(k / 15)), 370 + round(12 * np.sin(k / 9)))
        cv2.ellipse(image, centre, (170, 230), 0, 0, 360, (120, 150, 200), -1)
        for side in (-70, 70):
            cv2.circle(image, (centre[0] + side, centre[1] - 60), 22, (60, 60, 70), -1)
        cv2.ellipse(image, (centre[0], centre[1] + 110), (60, 20), 0, 0, 180, (80, 80, 160), 6)
        yield np.clip(image + noise[k % 8], 0, 255).astype(np.uint8)


def clip_frames(path: Path, n: int) -> Iterator[np.ndarray]:
    """Frames of a clip, at 1280x720."""
    from journeylab.capture.camera.source import read_frames

    for _, frame in zip(range(n), read_frames(path), strict=False):
        yield cv2.resize(frame.image, (_WIDTH_PX, _HEIGHT_PX))


def encoded(frames: Iterator[np.ndarray]) -> list[Packet]:
    """Packets that can be repeated: they begin with a keyframe."""
    encoder = FrameEncoder()
    packets = [
        packet for k, image in enumerate(frames) for packet in encoder.encode(Frame(k, k, image))
    ]
    return packets[: len(packets) // GOP_FRAMES * GOP_FRAMES]


def recording_share(folder: Path, seconds: int) -> float:
    """Share of a core that writing takes without video."""
    content, clock = Content(), VirtualClock()
    writer = BundleWriter(folder / "share.h5", a_header(), clock=clock)
    cost_s = 0.0
    for k in range(seconds * RATE_HZ):
        tick = content.tick(k)
        began_s = time.thread_time()
        writer.write(tick)
        cost_s += time.thread_time() - began_s
        clock.advance_ns(NS_PER_S // RATE_HZ)
    writer.close()
    writer.journal_path.unlink()
    return cost_s / seconds


def make_journal(path: Path, minutes: float, packets: list[Packet]) -> Path:
    """A journal of that many minutes, whose video repeats the packets."""
    content, clock = Content(), VirtualClock()
    writer = BundleWriter(path, a_header(), clock=clock)
    for k in range(round(minutes * 60 * RATE_HZ)):
        t_ns = k * NS_PER_S // RATE_HZ
        packet = replace(packets[k % len(packets)], t_ns=t_ns, arrived_ns=None, frame=k)
        writer.write(content.tick(k))
        writer._append([writer._packet_record("camera", packet)])
        clock.advance_ns(NS_PER_S // RATE_HZ)
    writer.close()
    return writer.journal_path


def finish(journal: Path) -> tuple[float, float, float]:
    """Seconds, seconds of a core, and MB of memory that finishing takes in its process."""
    program = (
        "import re, sys, time\n"
        "from pathlib import Path\n"
        "from journeylab.bundle.finalise import _main\n"
        "code = _main(sys.argv[1:])\n"
        # Not getrusage, whose maximum is at least the memory of whoever started the process.
        "status = Path('/proc/self/status').read_text()\n"
        "print(time.process_time())\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
        "sys.exit(code)\n"
    )
    began_s = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", program, str(journal)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert "done" in json.loads(told[-3])
    return time.monotonic() - began_s, float(told[-2]), int(told[-1]) / 1024


def stream_sizes(bundle: Path) -> dict[str, int]:
    """Bytes that each stream takes in a bundle."""
    with h5py.File(bundle) as file:
        return {
            name: sum(dataset.id.get_storage_size() for dataset in group.values())
            for name, group in file.items()
        }


def _size_lines(bundle: Path, minutes: float) -> list[Line]:
    limits = {"landmarks": MOST_LANDMARKS_MB_MIN, "camera": MOST_VIDEO_MB_MIN}
    lines = []
    for name, size in sorted(stream_sizes(bundle).items(), key=lambda item: -item[1]):
        per_minute = size / MB / minutes
        if per_minute < 0.001:
            continue
        limit = limits.get(name)
        lines.append(
            Line(
                f"  {name}",
                f"{per_minute:.3f} MB/min",
                "" if limit is None else f"<= {limit:.1f} MB/min",
                limit is None or per_minute <= limit,
            )
        )
    whole = bundle.stat().st_size / MB
    return [Line("bundle", f"{whole:.0f} MB, {whole / minutes:.1f} MB/min"), *lines]


def measure(
    folder: Path, *, minutes: float, long: float, packets: list[Packet], least: float
) -> list[Line]:
    """All rows of the table."""
    share = recording_share(folder, 60)
    lines = [
        Line(
            "writing without video",
            f"{share:.2%} of a core",
            f"< {MOST_CORE:.0%}",
            share < MOST_CORE,
        )
    ]
    sizes: list[Line] = []
    sessions = folder / "sessions"  # the folder is a study, so that a session can be encrypted
    sessions.mkdir()
    for length in (minutes, long):
        if not length:
            continue
        journal = make_journal(sessions / f"{length:g}.h5", length, packets)
        size = journal.stat().st_size
        seconds, core_s, memory_mb = finish(journal)
        speed = length * 60 / seconds
        what = f"finishing {length:g} min of 720p, {size / MB:.0f} MB"
        lines += [
            Line(
                what,
                f"{seconds:.1f} s, {speed:.0f} x real time",
                f">= {least:.0f} x",
                speed >= least,
            ),
            Line("  its time on a core", f"{core_s:.1f} s, {length * 60 / core_s:.0f} x"),
            Line(
                "  its memory",
                f"{memory_mb:.0f} MB",
                f"< {MOST_MEMORY_MB:.0f} MB",
                memory_mb < MOST_MEMORY_MB,
            ),
        ]
        bundle = journal.with_suffix(".h5")
        if not sizes:
            sizes = _size_lines(bundle, length)
            lines += reading_lines(bundle)
        bundle.unlink(missing_ok=True)
    return lines + sizes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--long", type=float, default=120, help="0 leaves it out")
    parser.add_argument("--video", type=Path)
    parser.add_argument("--out", type=Path, help="where there is room, instead of /tmp")
    parser.add_argument("--short", action="store_true", help="2 minutes, nothing longer")
    arguments = parser.parse_args()
    minutes, long = (2, 0) if arguments.short else (arguments.minutes, arguments.long)
    least = _LEAST_SPEED_SHORT if arguments.short else LEAST_SPEED
    n = _GOPS * GOP_FRAMES
    frames = noisy_frames(n) if arguments.video is None else clip_frames(arguments.video, n)
    packets = encoded(frames)
    with tempfile.TemporaryDirectory(prefix="journeylab-cost-", dir=arguments.out) as name:
        lines = measure(Path(name), minutes=minutes, long=long, packets=packets, least=least)
    return show("What a session costs", lines)


if __name__ == "__main__":
    sys.exit(main())
