"""What recording and finishing cost: figures printed, and held to generous bounds."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from bundle.sent import a_header
from journeylab.bundle.finalise import finalise
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.streams import STREAMS, AudioBlock, Row, Sample

_SESSION_S = 20


def samples_of(k: int, mesh: np.ndarray, pcm: np.ndarray) -> list[Sample]:
    """A tick at 30 Hz: a face with its measures, a 500 Hz mouse, sound."""
    t_ns = k * NS_PER_S // 30
    streams = ("action_units", "action_units_raw", "affect", "gaze", "face")
    samples: list[Sample] = [
        Row(name, t_ns, tuple(1 for _ in STREAMS[name].columns), t_ns + 9) for name in streams
    ]
    samples += [Row("landmarks", t_ns, (mesh,)), AudioBlock(t_ns, k * 1600, pcm, 48_000)]
    pointer = (k * 0.37, 5.0, 0, 0, 0.0, 0.0, 33.0)
    return samples + [Row("pointer", t_ns + n * 2_000_000, pointer) for n in range(17)]


def test_recording_without_video_costs_under_one_percent_of_a_core(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    meshes = rng.random((50, 478, 3)).astype(np.float32)
    pcm = rng.integers(-300, 300, 1600).astype(np.int16)
    clock = VirtualClock()
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=clock)
    cost_s = 0.0
    for k in range(_SESSION_S * 30):
        tick = samples_of(k, meshes[k % 50], pcm)
        began_s = time.thread_time()
        writer.write(tick)
        cost_s += time.thread_time() - began_s
        clock.advance_ns(NS_PER_S // 30)
    writer.close()
    share = cost_s / _SESSION_S
    began_s = time.process_time()
    finalise(writer.journal_path)
    speed = _SESSION_S / (time.process_time() - began_s)
    print(f"writing: {share:.2%} of a core; finishing: {speed:.0f} times real time")
    assert share < 0.01
    assert speed > 10
