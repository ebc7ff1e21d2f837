"""Two hours of one session in virtual time: is memory flat, and are all times true at the end?

    python tests/faults/soak.py [--hours 2] [--out DIR] [--short]

Real source classes, fan-out, health monitor, live board, journal and finaliser, on a clock that
jumps from event to event. The camera runs at 29.97 Hz and is unplugged once, the microphone's
crystal is 100 ppm slow, wall time drifts by 20 ppm, is set once, and the computer sleeps once. A
played face gives the rows of the analysis. The bundle that comes out is compared with the truth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "session"))

from session_fakes import FakeAnalyser

from faults.printed import Line, show
from faults.virtual_devices import DrivenCamera, DrivenMicrophone, EventClock, Usb, number_of
from journeylab.bundle.finalise import finalise_in_subprocess
from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.session.disk import DiskLimits
from journeylab.session.fanout import FanOut
from journeylab.session.health import HealthLog
from journeylab.session.live import LIVE_STREAMS, LiveBoard
from journeylab.session.monitor import TICK_S as LOOK_S
from journeylab.session.monitor import HealthMonitor
from journeylab.session.recorder import TICK_S, WAITING
from journeylab.session.rows import marker_row, step_row
from journeylab.session.sources import SourceRack
from journeylab.streams import Frame, Sample
from journeylab.vocabulary import StepPhase

RATE_HZ = 29.97
SKEW_PPM = 100.0
_WALL_START_NS = 1_750_000_000 * NS_PER_S
_DRIFT_PPM = 20.0
_SLEPT_NS = 90 * NS_PER_S
_SET_NS = 400 * NS_PER_MS
_POINTER_NS = NS_PER_S // 125
_LIMIT_MS = 20.0
_MOST_GROWTH_MB = 40.0


@dataclass
class Soak:
    """One session of ``duration_s`` of virtual time."""

    folder: Path
    duration_s: float
    frames_ns: list[int] = field(default_factory=list)  # true instants of the frames given
    memory_mb: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(7)
        self.clock = clock = EventClock(wall_start_ns=_WALL_START_NS)
        self.start_ns = clock.now_ns()
        self.end_ns = self.start_ns + round(self.duration_s * NS_PER_S)
        away_ns = self.at_share(0.5)
        self.usb = Usb(clock, rng, RATE_HZ, self.end_ns, (away_ns, away_ns + 20 * NS_PER_S))
        self.camera = DrivenCamera(self.usb)
        self.microphone = DrivenMicrophone(clock, rng, skew_ppm=SKEW_PPM, end_ns=self.end_ns)
        self.fanout = FanOut()
        self.log = HealthLog(self.fanout.publish, clock=clock)
        self.live = LiveBoard(clock=clock)
        self.rack = SourceRack(
            [self.camera, self.microphone], publish=self.fanout.publish, log=self.log, clock=clock
        )
        self.writer = BundleWriter(self.folder / "soak.h5", _header(), clock=clock)
        self.monitor = HealthMonitor(
            self.fanout,
            self.rack,
            None,
            folder=self.folder,
            bytes_written=lambda: self.writer.bytes_written,
            clock=clock,
            log=self.log,
            disk_limits=DiskLimits(0, 0),
        )
        self._queue = self.fanout.subscribe("recorder", WAITING)
        self._analyser = FakeAnalyser()
        self._speed = PointerSpeed()
        self._minutes = 0

    def at_share(self, share: float) -> int:
        """The instant after that share of the session."""
        return self.start_ns + round(share * self.duration_s * NS_PER_S)

    def run(self) -> Path:
        """Record and finalise; the bundle's path."""
        clock = self.clock
        self.fanout.tap(self.live.take, LIVE_STREAMS)
        self.fanout.tap(self._analyse, ("camera",))
        self.live.begin(self.start_ns)
        for period_ns, act in self._rhythms():
            clock.every(period_ns, act)
        clock.at(self.at_share(0.3), lambda: clock.step_wall_ns(_SET_NS))
        clock.at(self.at_share(0.7), lambda: clock.suspend_ns(_SLEPT_NS))
        self.rack.start(("camera", "microphone"))
        self.camera.drive()
        self._write()
        self.writer.close()
        self.rack.stop()
        return finalise_in_subprocess(self.writer.journal_path)

    def _rhythms(self) -> tuple[tuple[int, Callable[[], None]], ...]:
        return (
            (round(TICK_S * NS_PER_S), self._write),
            (round(LOOK_S * NS_PER_S), self.monitor.look),
            (_POINTER_NS, self._move),
            (NS_PER_S, lambda: self.clock.step_wall_ns(round(NS_PER_S * _DRIFT_PPM * 1e-6))),
            (min(60, max(5, round(self.duration_s / 20))) * NS_PER_S, self._pass_time),
        )

    def _analyse(self, sample: Sample) -> None:
        if isinstance(sample, Frame):
            self.frames_ns.append(self.usb.taken_ns)
            measures = self._analyser.analyse(sample.image, t_ns=sample.t_ns)
            self._analyser.analysed.clear()
            for row in measures.rows(arrived_ns=self.clock.now_ns()):
                if row.stream != "landmarks":  # 5 kB a frame, and nothing of their own in time
                    self.fanout.publish(row)
            self.live.take_result(sample, measures)

    def _move(self) -> None:
        now_ns = self.clock.now_ns()
        if now_ns > self.end_ns:
            return
        moved = PointerSample(now_ns, (now_ns // _POINTER_NS) % 1000, 300.0)
        self.fanout.publish(pointer_row(moved, self._speed))

    def _write(self) -> None:
        samples = self._queue.pop_all()
        if samples:
            self.writer.write(samples)

    def _pass_time(self) -> None:
        self._minutes += 1
        now_ns = self.clock.now_ns()
        visit = step_row(now_ns, "browse", phase=StepPhase.START, visit=self._minutes)
        self.fanout.publish(visit)
        self.fanout.publish(marker_row(now_ns, "delight", author="moderator"))
        self.live.trace(last_s=60)
        passed_s = (now_ns - self.start_ns) / NS_PER_S
        self.memory_mb.append((passed_s, psutil.Process().memory_info().rss / 1e6))


def _header() -> SessionHeader:
    return SessionHeader(
        session_id="soak",
        study_id="soak",
        study_title="Soak",
        participant_id="P01",
        created_utc="2025-06-15T15:06:40Z",
        app_version="soak",
        steps=(),
        screen=ScreenGeometry(1920, 1080),
        camera_width_px=160,
        camera_height_px=120,
        camera_rate_hz=RATE_HZ,
        microphone_rate_hz=48000,
        simulated=True,
    )


def growth_mb(memory_mb: list[tuple[float, float]]) -> tuple[float, float]:
    """How much memory grew after the first quarter, and its slope, MB an hour."""
    later = np.array(memory_mb[len(memory_mb) // 4 :])
    slope = np.polyfit(later[:, 0] / 3600, later[:, 1], 1)[0]
    return float(later[-1, 1] - later[0, 1]), float(slope)


def audio_errors_ms(soak: Soak, bundle: Bundle, *, from_ns: int) -> NDArray[np.float64]:
    """Error of the first sample of each tenth of a second, by the number its PCM value is."""
    block = bundle.audio(start_ns=from_ns)
    assert block is not None
    every = block.rate_hz // 10
    at = np.arange(0, block.pcm.size, every)
    t_ns = block.t_ns + at * NS_PER_S / block.rate_hz
    told = number_of(block.pcm[at])
    sample_ns = soak.microphone.true_ns(1) - soak.microphone.true_ns(0)
    near = np.round((t_ns - soak.microphone.true_ns(0)) / sample_ns).astype(np.int64)
    number = near + ((told - near + (1 << 15)) % (1 << 16) - (1 << 15))
    true_ns = soak.microphone.true_ns(0) + number * sample_ns
    return (t_ns - true_ns) / NS_PER_MS


def compare(soak: Soak, bundle: Bundle) -> list[Line]:
    """Every stream's times in the session's last minute (or quarter) against the truth."""
    from_ns = max(soak.at_share(0.75), soak.end_ns - 60 * NS_PER_S)
    frames_ns, true_ns = bundle.frame_times_ns(), np.array(soak.frames_ns)
    late = frames_ns >= from_ns
    face_ns = bundle.table("face", columns=["face"]).t_ns
    pointer_ns = bundle.table("pointer", columns=["x_px"]).t_ns
    clock = bundle.table("clock")
    wall_ns = clock["wall_ns"][-1] + (soak.clock.now_ns() - clock.t_ns[-1])
    errors_ms = {
        "camera": (frames_ns - true_ns)[late] / NS_PER_MS,
        "face": (face_ns - true_ns)[face_ns >= from_ns] / NS_PER_MS,
        "microphone": audio_errors_ms(soak, bundle, from_ns=from_ns),
        "pointer": ((pointer_ns - soak.start_ns) % _POINTER_NS)[pointer_ns >= from_ns] / NS_PER_MS,
        "wall time": np.array([wall_ns - soak.clock.wall_ns()]) / NS_PER_MS,
    }
    lines = []
    for name, error_ms in errors_ms.items():
        worst = float(np.abs(error_ms).max())
        figure = f"{np.median(error_ms):+.2f} ms, at most {worst:.2f}"
        lines.append(Line(f"{name}: error at the end", figure, "20 ms", worst <= _LIMIT_MS))
    return lines + counts(soak, bundle)


def counts(soak: Soak, bundle: Bundle) -> list[Line]:
    """Nothing lost but what the fault took, nothing out of order, each fault told once."""
    health = bundle.table("health")
    kinds = sorted(
        f"{stream} {kind}" for stream, kind in zip(health["of_stream"], health["kind"], strict=True)
    )
    wanted = ["camera fault", "camera gap", "camera recovered"]
    wanted += ["session clock_step", "session suspend"]
    n_frames, n_pointer = len(bundle.frame_times_ns()), len(bundle.table("pointer").t_ns)
    due = round((soak.end_ns - soak.start_ns) / _POINTER_NS)
    is_ordered = all(np.all(np.diff(bundle.table(name).t_ns) >= 0) for name in bundle.streams)
    return [
        Line("frames given and kept", f"{n_frames}", f"{len(soak.frames_ns)}",
             n_frames == len(soak.frames_ns)),
        Line("pointer samples", f"{n_pointer}", f"{due} ± 2", abs(n_pointer - due) <= 2),
        Line("times in order, all streams", f"{is_ordered}", "True", is_ordered),
        Line("faults told", ", ".join(kinds), "each once", kinds == wanted),
    ]  # fmt: skip


def main() -> int:
    """Run, compare and print; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--short", action="store_true", help="two minutes of virtual time")
    parser.add_argument("--out", type=Path, help="where the bundle is made; else it is removed")
    asked = parser.parse_args()
    duration_s = 120.0 if asked.short else asked.hours * 3600
    with tempfile.TemporaryDirectory(prefix="jl-soak-") as made:
        soak = Soak(asked.out or Path(made), duration_s)
        began_s = time.monotonic()
        path = soak.run()
        took_s = time.monotonic() - began_s
        growth, slope = growth_mb(soak.memory_mb)
        lines = [
            Line("virtual time, and what it took", f"{duration_s:.0f} s in {took_s:.0f} s"),
            Line("bundle", f"{path.stat().st_size / 1e6:.0f} MB"),
            Line("memory at the end", f"{soak.memory_mb[-1][1]:.0f} MB"),
            Line("memory, growth after the first quarter", f"{growth:+.1f} MB ({slope:+.1f} MB/h)",
                 f"{_MOST_GROWTH_MB:.0f} MB", growth <= _MOST_GROWTH_MB),
        ]  # fmt: skip
        with Bundle.open(path) as bundle:
            lines += compare(soak, bundle)
    return show("One long session, virtual time", lines)


if __name__ == "__main__":
    raise SystemExit(main())
