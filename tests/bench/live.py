"""What a live session costs, with both windows open: losses, latencies, ticks, memory.

    python tests/bench/live.py [--seconds 300] [--video CLIP.mp4] [--out DIR]

A 1280x720 clip at 30 frames/s is the camera. The moderator's console and the participant's
screen are open on two monitors of a display of the bench's own (Xvfb), the pointer moves, the
steps go on, and the bundle that comes out is read back.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent))

MB = 1e6
_MEMORY_EVERY_S = 5
_WARM_UP_S = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the printed table."""

    what: str
    figure: str
    limit: str
    held: bool


@contextmanager
def two_monitors() -> Iterator[str]:
    """An X display with two monitors side by side."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "3200x900x24", "-noreset"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = ":" + pipe.readline().strip()
    environment = {**os.environ, "DISPLAY": name}
    for monitor in ("L 1600/423x900/238+0+0 screen", "R 1600/423x900/238+1600+0 none"):
        command = ["xrandr", "--setmonitor", *monitor.split()]
        subprocess.run(command, env=environment, check=False, capture_output=True)
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def moving_pointer() -> Iterator[None]:
    """A hand on the mouse, twice a second, in a process of its own."""
    moves = "x=0; while :; do x=$(( (x + 23) % 1200 )); "
    moves += "xdotool mousemove $((1800 + x)) 400; sleep 0.5; done"
    hand = subprocess.Popen(["sh", "-c", moves], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        hand.terminate()
        hand.wait(10)


def run_session(study: Path, clip: Path, seconds: float) -> tuple[Path, dict[str, np.ndarray]]:
    """Record one session with the console open; its bundle and what was measured meanwhile."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication

    from journeylab.app.application import open_application
    from journeylab.app.window import Composition
    from journeylab.clock import SessionClock
    from journeylab.session.consent import AGREED_TO_ALL
    from journeylab.ui.moderator.ports import SetupChoice

    application = open_application()
    choice = SetupChoice(
        participant_id="BENCH",
        segments={"device": "desktop"},
        camera=str(clip),
        microphone="none",
        screen_index=len(QGuiApplication.screens()) - 1,
        consent={**AGREED_TO_ALL, "audio": "no", "stated_by": "bench"},
    )
    composition = Composition(clock=SessionClock(), home=study.parent / "home", only=choice)
    window = composition.window
    window.setGeometry(0, 0, 1600, 900)
    window.show()
    window.open_study(study)
    steps = len(window.folder.study.steps)
    process = psutil.Process()
    memory: list[float] = []

    def step() -> None:
        session = composition._session
        if session is not None and session.is_in_last_step:
            composition._stop()  # without the debrief, which waits for a person
        else:
            composition._next_step()

    timers = []
    for act, every_s in (
        (lambda: memory.append(process.memory_info().rss / MB), _MEMORY_EVERY_S),
        (step, seconds / steps),
    ):
        timer = QTimer()
        timer.timeout.connect(act)
        timer.start(round(every_s * 1000))
        timers.append(timer)
    cpu_before = process.cpu_times()
    with moving_pointer():
        application.exec()
    cpu_after = process.cpu_times()
    if not isinstance(composition.result, Path):
        raise SystemExit(f"the session failed: {composition.result}")
    busy_s = sum(cpu_after[:2]) - sum(cpu_before[:2])
    measured = {
        "latency_ms": np.array(window.console.screen_latencies_ms),
        "tick_ms": np.array(window.heartbeat.durations_s) * 1000,
        "memory_mb": np.array(memory),
        "cores": np.array([busy_s / seconds]),
    }
    bundle = composition.result
    application.shutdown()  # lets go of the display before its server ends
    return bundle, measured


def judge(bundle_path: Path, measured: dict[str, np.ndarray]) -> list[Line]:
    """The table's rows: each figure beside what it must hold."""
    from journeylab.bundle.reader import Bundle
    from journeylab.session.inference_worker import NOT_ANALYSED

    with Bundle.open(bundle_path) as bundle:
        frames_ns = bundle.frame_times_ns()
        faces = len(bundle.table("face", columns=["face"]))
        health = bundle.table("health")
        # What the model skipped is on disk as a frame; it has a line of its own.
        is_lost = np.isin(health["kind"], ["drop", "gap"]) & (health["detail"] != NOT_ANALYSED)
        dropped = int(health["count"][is_lost].sum())
    gaps = np.diff(frames_ns) / 1e9
    missing = int(np.round(gaps * 30 - 1).clip(0).sum())
    share = faces / len(frames_ns)
    latency = float(np.percentile(measured["latency_ms"], 95))
    tick = float(np.percentile(measured["tick_ms"], 95))
    memory = measured["memory_mb"][round(_WARM_UP_S / _MEMORY_EVERY_S) :]
    growth = 0.0
    if len(memory) > 3:
        minutes = np.arange(len(memory)) * _MEMORY_EVERY_S / 60
        growth = float(np.polyfit(minutes, memory, 1)[0])
    return [
        Line("frames in the bundle", f"{len(frames_ns)}", "", True),
        Line("frames missing between them", f"{missing}", "0", missing == 0),
        Line("samples noted as lost on the way to disk", f"{dropped}", "0", dropped == 0),
        Line("frames analysed", f"{100 * share:.2f} %", ">= 99 %", share >= 0.99),
        Line(
            "trace on screen after capture, p95", f"{latency:.0f} ms", "<= 100 ms", latency <= 100
        ),
        Line("tick of the console, p95", f"{tick:.1f} ms", "<= 25 ms", tick <= 25),
        Line("memory growth after a minute", f"{growth:.1f} MB/min", "<= 2", growth <= 2),
        Line("memory at the end", f"{measured['memory_mb'][-1]:.0f} MB", "", True),
        Line("cores used by the app", f"{measured['cores'][0]:.2f}", "", True),
    ]


def prepare_study(folder: Path, seconds: float) -> Path:
    """The demo study, its steps sharing the time evenly."""
    from journeylab.assets import asset
    from journeylab.study.folder import load_study, save_study

    shutil.copytree(asset("demo-study"), folder)
    study = load_study(folder).study
    planned_s = seconds / len(study.steps)
    steps = tuple(step.model_copy(update={"planned_s": planned_s}) for step in study.steps)
    return save_study(folder, study.model_copy(update={"steps": steps})).path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--video", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=None, help="keep the bundle there")
    options = parser.parse_args()
    from clips import hd_clip

    with tempfile.TemporaryDirectory() as scratch, two_monitors() as display:
        os.environ.update(DISPLAY=display, QT_QPA_PLATFORM="xcb")
        if os.geteuid() == 0:
            os.environ["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        clip = hd_clip(
            Path(scratch) / "camera.mp4", video=options.video, seconds=options.seconds + 30
        )
        study = prepare_study(Path(scratch) / "study", options.seconds)
        bundle, measured = run_session(study, clip, options.seconds)
        lines = judge(bundle, measured)
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            shutil.copy(bundle, options.out)
    table = Table(title=f"live session, 1280x720 at 30 frames/s, {options.seconds:.0f} s")
    for heading in ("", "measured", "must hold", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for line in lines:
        table.add_row(*dataclasses.astuple(line)[:3], "" if line.held else "NOT HELD")
    Console().print(table)
    return 0 if all(line.held for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
