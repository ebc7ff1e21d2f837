"""In-test stand-ins for devices, the face model and the disk, with handles to break them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from journeylab.bundle.header import SessionHeader
from journeylab.capture.source import Emit, Gap, SourceStatus
from journeylab.clock import NS_PER_S, Clock, SessionClock
from journeylab.errors import StorageError
from journeylab.inference.gaze import GazeCalibration
from journeylab.inference.measures import FaceMeasures, Mesh, no_face
from journeylab.inference.neutral import NeutralFace
from journeylab.streams import N_FACE_MEASURES, AudioBlock, Frame, Row, Sample, row
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, EYE_FEATURE_COLUMNS, STATES

IMAGE = np.zeros((24, 32, 3), np.uint8)
MESH = Mesh(np.zeros((478, 3), np.float32), 32, 24)


def frame(t_ns: int, index: int = 0) -> Frame:
    return Frame(t_ns, index, IMAGE)


def pointer_move(t_ns: int, x_px: float = 1.0, *, speed_px_s: float = 0.0) -> Row:
    return row(
        "pointer",
        t_ns,
        x_px=x_px,
        y_px=2.0,
        action=0,
        button=0,
        scroll_dx=0.0,
        scroll_dy=0.0,
        speed_px_s=speed_px_s,
    )


def sound(t_ns: int, first: int = 0, *, amplitude: int = 1000, n: int = 480) -> AudioBlock:
    pcm = np.full(n, amplitude, np.int16)
    return AudioBlock(t_ns, first, pcm, 48_000)


def marker(t_ns: int, label: str = "delight") -> Row:
    return row("markers", t_ns, label=label, author="moderator")


def face_measures(
    t_ns: int,
    *,
    valence: float = 10.0,
    gaze_deg: Sequence[float] = (0.0, 0.0),
    gaze_px: Sequence[float] = (float("nan"), float("nan")),
    blink: bool = False,
) -> FaceMeasures:
    """Measures of a frame with a face, 600 mm away, whose line of sight has these yaw and pitch."""
    return replace(
        no_face(t_ns),
        mesh=MESH,
        quality=0.9,
        blink=blink,
        interocular_px=60.0,
        head_pose=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 600.0]),
        eye_features=np.array(
            [*[0.0] * (len(EYE_FEATURE_COLUMNS) - 2), *gaze_deg], dtype=np.float64
        ),
        gaze_px=np.array(gaze_px, dtype=np.float64),
        gaze_uncertainty_px=60.0,
        measures=np.zeros(N_FACE_MEASURES),
        action_units=np.zeros(len(ACTION_UNIT_COLUMNS)),
        action_units_raw=np.zeros(len(ACTION_UNIT_COLUMNS)),
        valence=valence,
        arousal=5.0,
        states=np.zeros(len(STATES)),
        confidence=0.9,
    )


class FakeSource:
    """A device on a thread of its own: calls ``make(t_ns, index)`` at an even rate."""

    def __init__(
        self,
        stream: str,
        make: Callable[[int, int], Sample],
        *,
        rate_hz: float,
        clock: Clock,
        simulated: bool = True,
    ) -> None:
        self.stream = stream
        self.label = f"fake {stream}"
        self.is_simulated = simulated
        self.width_px, self.height_px = 32, 24
        self.rate_hz = rate_hz
        self.given_ns: list[int] = []
        self.starts = 0
        self.lost = 0
        self.fault: str | None = None
        self.gaps: tuple[Gap, ...] = ()
        self.is_silent = threading.Event()
        self._make = make
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def given(self) -> int:
        return len(self.given_ns)

    def start(self, emit: Emit) -> None:
        self.starts += 1
        self._thread = threading.Thread(target=self._run, args=(emit,), name=self.label)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def status(self) -> SourceStatus:
        return SourceStatus(self.given, self.lost, self.fault, False, self.gaps)

    def _run(self, emit: Emit) -> None:
        start_ns, index = self._clock.now_ns(), 0
        while not self._stopping.is_set():
            due_ns = start_ns + round(index * NS_PER_S / self.rate_hz)
            if self._stopping.wait(max(0, due_ns - self._clock.now_ns()) / NS_PER_S):
                return
            if not self.is_silent.is_set() and self.fault is None:
                emit(self._make(due_ns, index))
                self.given_ns.append(due_ns)
            index += 1


class FakeAnalyser:
    """Finds the same face in every frame, after ``cost_s``; fails where told."""

    def __init__(self, *, cost_s: float = 0.0, valence: float = 10.0) -> None:
        self.models = {"face": "fake 1", "action_units": "fake 1", "gaze": "fake 1"}
        self.cost_s = cost_s
        self.valence = valence
        self.breaks_on: Callable[[int], bool] = lambda _: False
        self.analysed: list[int] = []
        self.neutral: NeutralFace | None = None
        self.calibration: GazeCalibration | None = None
        self.threads: set[str] = set()
        self.is_closed = False

    def analyse(self, image: np.ndarray, *, t_ns: int) -> FaceMeasures:  # noqa: ARG002
        self.threads.add(threading.current_thread().name)
        n = len(self.analysed)
        self.analysed.append(t_ns)
        if self.breaks_on(n):
            raise RuntimeError("the model choked")
        if self.cost_s:
            time.sleep(self.cost_s)
        return face_measures(t_ns, valence=self.valence)

    def set_neutral(self, neutral: NeutralFace | None) -> None:
        self.neutral = neutral

    def set_calibration(self, calibration: GazeCalibration | None) -> None:
        self.calibration = calibration

    def close(self) -> None:
        self.is_closed = True


class MemoryWriter:
    """Keeps what is written; may be slow, or full from a tick on."""

    def __init__(
        self, path: Path, header: SessionHeader | None = None, *, clock: Clock | None = None
    ) -> None:
        self.path = path
        self.header = header
        self.clock = clock
        self.journal_path = path.with_suffix(".journal")
        self.samples: list[Sample] = []
        self.ticks = 0
        self.full_from_tick: int | None = None
        self.slow = threading.Event()
        self.go_on = threading.Event()
        self.closed = 0
        self.threads: set[str] = set()

    @property
    def bytes_written(self) -> int:
        return 1000 * len(self.samples)

    def write(self, samples: Sequence[Sample]) -> None:
        self.threads.add(threading.current_thread().name)
        if self.slow.is_set():
            self.go_on.wait(10)
        self.ticks += 1
        if self.full_from_tick is not None and self.ticks >= self.full_from_tick:
            raise StorageError("The disk is full.")
        self.samples += samples

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.closed += 1

    def of(self, stream: str) -> list[Sample]:
        return [sample for sample in self.samples if sample.stream == stream]


def wait_until(condition: Callable[[], object], *, timeout_s: float = 5.0) -> None:
    """Fail unless the condition comes true in time."""
    clock = SessionClock()
    deadline_ns = clock.now_ns() + round(timeout_s * NS_PER_S)
    while not condition():
        assert clock.now_ns() < deadline_ns, "it did not happen in time"
        time.sleep(0.005)
