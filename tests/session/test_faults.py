"""Faults while a session is recorded: on real parts, down to the bundle that comes of it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from session_fakes import FakeAnalyser, FakeSource, pointer_move, wait_until

from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.capture.camera.device import DeviceCamera
from journeylab.capture.camera.v4l2 import NodeState
from journeylab.clock import NS_PER_S, SessionClock
from journeylab.inference.measures import FaceMeasures
from journeylab.opencv import cv2
from journeylab.session import disk
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.controller import SessionController
from journeylab.session.disk import DiskLimits
from journeylab.session.events import EventKind, SessionEvent
from journeylab.session.rows import health_row
from journeylab.session.states import SessionState
from journeylab.streams import Sample
from journeylab.study.folder import StudyFolder

ALL = dict(AGREED_TO_ALL)
_RATE_HZ = 30.0


class Plug:
    """OpenCV's handle on a camera whose cable is in the test's hands."""

    def __init__(self) -> None:
        self.is_in = True
        self._image = np.zeros((48, 64, 3), np.uint8)

    def isOpened(self) -> bool:  # noqa: N802
        return self.is_in

    def grab(self) -> bool:
        time.sleep(1 / _RATE_HZ)
        return self.is_in

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, self._image

    def get(self, prop: int, /) -> float:
        return _RATE_HZ if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, _prop: int, _value: float, /) -> bool:
        return True

    def release(self) -> None:
        pass


class ShiftingClock(SessionClock):
    """The computer's clock, which the test can put to sleep or set."""

    def __init__(self) -> None:
        self.slept_ns = 0
        self.set_ns = 0

    def wall_ns(self) -> int:
        return super().wall_ns() + self.slept_ns + self.set_ns

    def boot_ns(self) -> int | None:
        return self.now_ns() + self.slept_ns


@dataclass
class Bench:
    """A session on a real camera class and a real journal."""

    folder: StudyFolder
    limits: DiskLimits = field(default_factory=lambda: DiskLimits(0, 0))

    def __post_init__(self) -> None:
        self.clock = ShiftingClock()
        self.plug = Plug()
        self.analyser = FakeAnalyser()
        self.events: list[SessionEvent] = []
        camera = DeviceCamera(
            0, clock=self.clock, open_capture=lambda _: self.plug, probe=lambda _: NodeState.READY
        )
        pointer = FakeSource(
            "pointer", lambda t_ns, _: pointer_move(t_ns), rate_hz=100, clock=self.clock
        )
        self.controller = SessionController(
            self.folder,
            sources=(camera, pointer),
            analyser_factory=lambda: self.analyser,
            clock=self.clock,
            screen=ScreenGeometry(1920, 1080),
            write_bundle=finalise,
            disk_limits=self.limits,
        )
        self.controller.add_listener(self.events.append)

    def record(self) -> None:
        self.controller.start_recording("P01", segments={"device": "mobile"}, consent=ALL)

    def fault(self) -> str:
        return self.controller.view().alert or ""

    def stop(self) -> Bundle:
        if self.controller.state is SessionState.RECORDING:
            self.controller.stop_recording()
        return Bundle.open(self.controller.finalise())


def health(bundle: Bundle) -> list[tuple[str, str, int, str]]:
    table = bundle.table("health")
    columns = (table["of_stream"], table["kind"], table["count"], table["detail"])
    return [(str(a), str(b), int(c), str(d)) for a, b, c, d in zip(*columns, strict=True)]


@pytest.fixture
def bench(folder: StudyFolder) -> Iterator[Bench]:
    made = Bench(folder)
    yield made
    made.controller.close()


def test_an_unplugged_camera_leaves_one_marked_gap_and_the_rest_goes_on(bench: Bench) -> None:
    bench.record()
    wait_until(bench.controller.live.latest_frame)
    time.sleep(0.3)
    bench.plug.is_in = False
    wait_until(lambda: "stopped giving images" in bench.fault())
    time.sleep(0.3)
    bench.plug.is_in = True
    wait_until(lambda: not bench.controller.view().faults)
    assert bench.controller.view().health[0].gaps == 1
    time.sleep(0.2)
    with bench.stop() as bundle:
        # A frame that came late on a busy machine is a loss of its own, and not what is asked.
        rows = [row for row in health(bundle) if row[0] == "camera" and "lost by" not in row[3]]
        assert [row[1] for row in rows] == ["fault", "gap", "recovered"]
        begin_ns, end_ns = (int(n) for n in re.findall(r"(\d+) ns", rows[1][3]))
        frames_ns = bundle.frame_times_ns()
        widest = int(np.argmax(np.diff(frames_ns)))
        assert (begin_ns, end_ns) == (frames_ns[widest], frames_ns[widest + 1])
        expected = (end_ns - begin_ns) * _RATE_HZ / NS_PER_S - 1
        assert rows[1][2] == pytest.approx(expected, abs=3)
        pointer_ns = bundle.table("pointer").t_ns
        assert np.diff(pointer_ns).max() < 0.5 * NS_PER_S  # its neighbour noticed nothing
        assert np.all(np.diff(frames_ns) > 0)


def test_sleep_and_a_set_clock_are_events_in_the_bundle_and_lines_on_the_console(
    bench: Bench,
) -> None:
    bench.record()
    wait_until(lambda: bench.controller.view().health)
    bench.clock.slept_ns = 40 * NS_PER_S
    wait_until(lambda: "slept for 40.0 s" in bench.fault())
    bench.clock.set_ns = -3 * NS_PER_S
    wait_until(lambda: "set back by 3.00 s" in bench.fault())
    assert len(bench.controller.view().events) == 2
    with bench.stop() as bundle:
        rows = [row[:2] for row in health(bundle) if row[0] == "session"]
        assert rows == [("session", "suspend"), ("session", "clock_step")]
        clock = bundle.table("clock")
        ahead_s = np.diff(clock["wall_ns"] - clock.t_ns) / NS_PER_S
        assert ahead_s.sum() == pytest.approx(37.0, abs=0.01)
        assert np.all(np.diff(bundle.frame_times_ns()) < NS_PER_S)
    assert [e.kind for e in bench.events if e.text and "slept" in e.text] == [EventKind.WARNING]


def test_a_full_disk_stops_the_session_cleanly_and_all_of_it_is_in_the_bundle(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_bytes = 4_000_000_000
    monkeypatch.setattr(disk, "free_disk_bytes", lambda _: free_bytes)
    bench = Bench(folder, DiskLimits())
    try:
        bench.record()
        wait_until(lambda: bench.controller.view().warnings)
        assert "less than 5 GB" in bench.fault()
        assert bench.controller.state is SessionState.RECORDING
        time.sleep(0.5)
        free_bytes = 900_000_000
        wait_until(lambda: any(e.is_early_stop for e in bench.events))
        (why,) = [e.text for e in bench.events if e.is_early_stop]
        assert "less than 1 GB" in why
        with bench.stop() as bundle:
            told = [row[1] for row in health(bundle) if row[0] == "session"]
            assert told == ["warning", "fault"]
            steps = bundle.table("steps")
            assert steps["phase"].tolist() == ["start", "end"]
            assert steps.t_ns[-1] == bench.controller.end_ns
            assert bundle.attributes["complete"]
            assert not bundle.attributes["recovered"]
            assert len(bundle.frame_times_ns()) > 10
    finally:
        bench.controller.close()


def test_frames_are_recorded_while_the_analysis_is_started_again(bench: Bench) -> None:
    bench.record()
    wait_until(bench.controller.live.latest_measures)
    first, bench.analyser = bench.analyser, FakeAnalyser()
    first.breaks_on = lambda _: True
    wait_until(lambda: bench.analyser.analysed, timeout_s=8)
    wait_until(lambda: not bench.controller.view().faults)
    with bench.stop() as bundle:
        rows = [row for row in health(bundle) if row[0] == "face" and row[1] != "drop"]
        assert [row[1] for row in rows] == ["fault", "fault", "recovered"]
        assert "started again" in rows[1][3]
        frames_ns = bundle.frame_times_ns()
        assert np.diff(frames_ns).max() < 0.5 * NS_PER_S
        assert len(frames_ns) - len(bundle.table("face").t_ns) >= 25


def test_a_model_that_hangs_is_a_fault_in_the_bundle_and_the_frames_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = bench.controller._engine.worker
    assert worker is not None
    monkeypatch.setattr(worker, "_hang_s", 0.5)
    let_go = threading.Event()
    bench.record()
    wait_until(bench.controller.live.latest_measures)
    first, bench.analyser = bench.analyser, FakeAnalyser()
    first.breaks_on = lambda _: not let_go.wait(20)
    try:
        told = lambda: [e.text for e in bench.events if e.kind is EventKind.FAULT]  # noqa: E731
        wait_until(lambda: any("does not come back" in text for text in told()))
        wait_until(lambda: not bench.controller.view().faults)
        time.sleep(0.2)
    finally:
        let_go.set()
    wait_until(lambda: first.is_closed)
    with bench.stop() as bundle:
        rows = [row for row in health(bundle) if row[0] == "face" and row[1] != "drop"]
        assert [row[1] for row in rows] == ["fault", "recovered"]
        frames_ns = bundle.frame_times_ns()
        assert np.diff(frames_ns).max() < 0.5 * NS_PER_S
        faces_ns = bundle.table("face").t_ns
        assert np.all(np.diff(faces_ns) > 0)
        assert np.diff(faces_ns).max() > 0.4 * NS_PER_S  # no face is claimed while it hung


def test_gaze_is_unknown_from_the_moment_the_participants_display_changed(bench: Bench) -> None:
    calibration = json.loads('{"made": "up"}')
    desk, analyse = bench.controller._engine.desk, bench.analyser.analyse

    def with_gaze(image: np.ndarray, *, t_ns: int) -> FaceMeasures:
        known = bench.analyser.calibration is not None
        point_px = np.full(2, 400.0 if known else np.nan)
        return replace(analyse(image, t_ns=t_ns), gaze_px=point_px)

    bench.analyser.analyse = with_gaze  # type: ignore[method-assign]
    bench.record()
    desk.gaze._submit(lambda analyser: analyser.set_calibration(calibration))
    desk.gaze._result = SimpleNamespace(calibration=None)  # type: ignore[assignment]
    desk.gaze._ledger.put_in_force("gaze", json.dumps(calibration))
    wait_until(lambda: (m := bench.controller.live.latest_measures()) and np.isfinite(m.gaze_px[0]))
    time.sleep(0.2)
    bench.controller.move_to(ScreenGeometry(1280, 1024))
    assert any("another display" in text for text in bench.controller.view().warnings)
    time.sleep(0.3)
    with bench.stop() as bundle:
        rows = bundle.table("calibrations")
        assert rows["kind"].tolist() == ["gaze", "gaze_withdrawn"]
        assert json.loads(rows["data"][0]) == calibration
        gaze = bundle.table("gaze")
        is_after = gaze.t_ns > rows.t_ns[1]
        assert np.isnan(gaze["x_px"][is_after]).all()
        assert is_after.sum() > 3
        assert np.isfinite(gaze["x_px"][~is_after]).sum() > 3
        assert ("gaze", "warning") in [row[:2] for row in health(bundle)]
        assert len(bundle.table("face").t_ns) == len(gaze.t_ns)  # all else goes on


def test_a_live_view_that_fails_harms_no_device(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_sample: Sample) -> None:
        raise RuntimeError("no paint")

    monkeypatch.setattr(bench.controller.live, "take", fail)
    bench.controller.add_listener(lambda _: fail(health_row(0, "", kind="", count=0, detail="")))
    bench.record()
    time.sleep(0.5)
    view = bench.controller.view()
    assert view.faults == ()
    assert "live view" in view.warnings[0]
    with bench.stop() as bundle:
        assert len(bundle.frame_times_ns()) > 8
        assert len(bundle.table("pointer").t_ns) > 30


def test_what_the_participants_window_reports_is_written_and_shown(bench: Bench) -> None:
    bench.record()
    told = health_row(0, "page", kind="fault", count=0, detail="The page broke down.")
    bench.controller.publish(told)
    assert bench.fault() == "The page broke down."
    over = health_row(0, "page", kind="recovered", count=0, detail="The page is back.")
    bench.controller.publish(over)
    assert bench.controller.view().alert is None
    with bench.stop() as bundle:
        told_of_page = [row[1] for row in health(bundle) if row[0] == "page"]
        assert told_of_page == ["fault", "recovered"]


def test_the_journal_of_a_session_stopped_by_a_full_disk_is_where_it_was(
    folder: StudyFolder,
) -> None:
    bench = Bench(folder, DiskLimits(low_bytes=10**18, full_bytes=10**18))
    try:
        bench.record()  # a real disk, and a limit it cannot meet
        wait_until(lambda: bench.controller.state is SessionState.STOPPING)
        journal: Path | None = bench.controller.journal_path
        assert journal is not None
        assert journal.exists()
    finally:
        bench.controller.close()
