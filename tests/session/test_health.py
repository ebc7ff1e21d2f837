"""The health log, rates, the disk, and the watch over devices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_fakes import FakeSource, frame, pointer_move, sound

from journeylab.capture.source import Gap
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import SessionError
from journeylab.session import disk
from journeylab.session.disk import DiskLimits, DiskWatch
from journeylab.session.health import HealthKind, HealthLog, RateMeter
from journeylab.session.rows import health_row
from journeylab.session.sources import SourceRack
from journeylab.streams import Row, Sample


class Bench:
    """A log whose rows and sentences are kept."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.published: list[Sample] = []
        self.told: list[tuple[HealthKind, str]] = []
        self.log = HealthLog(
            self.published.append,
            clock=self.clock,
            tell=lambda kind, sentence: self.told.append((kind, sentence)),
        )

    @property
    def rows(self) -> list[tuple[object, ...]]:
        return [sample.values for sample in self.published if isinstance(sample, Row)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_fault_is_shown_until_it_is_over_and_both_are_written(bench: Bench) -> None:
    bench.log.fault("camera", "The camera is gone.")
    bench.log.fault("camera", "The camera is gone.")
    assert bench.log.faults == ("The camera is gone.",)
    bench.log.recover("camera", "The camera works again.")
    bench.log.recover("camera", "The camera works again.")
    assert bench.log.faults == ()
    assert bench.rows == [
        ("camera", "fault", 0, "The camera is gone."),
        ("camera", "recovered", 0, "The camera works again."),
    ]
    assert [kind for kind, _ in bench.told] == [HealthKind.FAULT, HealthKind.RECOVERED]


def test_what_is_wrong_when_recording_starts_is_written_into_it(bench: Bench) -> None:
    bench.log.fault("camera", "The camera is gone.")
    bench.log.warn("disk", "It fills.")  # noqa: PLE1205 - a health log, not a logger
    bench.log.gap("camera", count=3, detail="lost by the device")
    bench.published.clear()
    bench.log.begin()
    assert [values[:2] for values in bench.rows] == [("camera", "fault"), ("disk", "warning")]
    assert bench.log.lost_of("camera") == 0


def test_what_concerns_the_session_is_named_first(bench: Bench) -> None:
    bench.log.fault("camera", "The camera is gone.")
    bench.log.fault("session", "The disk is full.")
    assert bench.log.faults == ("The disk is full.", "The camera is gone.")


def test_losses_add_up_by_stream(bench: Bench) -> None:
    bench.log.drop("camera", count=3, detail="writing fell behind")
    bench.log.gap("camera", count=2, detail="lost by the device")
    assert bench.log.lost_of("camera") == 5
    assert bench.log.lost_of("pointer") == 0


def test_what_is_noted_while_stopping_lies_inside_the_session(bench: Bench) -> None:
    bench.log.end(100)
    bench.clock.advance_ns(NS_PER_S)
    bench.log.warn("session", "late")  # noqa: PLE1205 - a health log, not a logger
    assert bench.published[0].t_ns == 100


def test_a_rate_is_over_the_window_only() -> None:
    meter = RateMeter(window_s=3)
    assert math.isnan(meter.rate_hz("camera"))
    for quarter in range(80):  # ten seconds at 30 Hz, then ten of silence
        t_s = quarter / 4
        meter.read(round(t_s * NS_PER_S), {"camera": round(min(t_s, 10) * 30)})
        if t_s == 9:
            assert meter.rate_hz("camera") == pytest.approx(30, rel=0.02)
    assert meter.rate_hz("camera") == 0


def test_the_hours_left_follow_from_the_rate_of_writing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_disk_bytes", lambda _: 36_000_000_000)
    watch = DiskWatch(tmp_path, bench.log)
    watch.poll(0, None)
    assert watch.free_bytes == 36_000_000_000
    assert watch.hours_left is None
    for second in range(5):
        watch.poll(second * NS_PER_S, second * 1_000_000)
    assert watch.hours_left == pytest.approx(10)
    assert bench.log.warnings == ()


def test_a_disk_that_gets_full_is_a_warning_said_once(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_disk_bytes", lambda _: 4_000_000_000)
    watch = DiskWatch(tmp_path, bench.log)
    for second in range(3):
        watch.poll(second * NS_PER_S, None)
    assert len(bench.told) == 1
    assert "less than 5 GB" in bench.log.warnings[0]


def test_a_warning_of_the_disk_goes_when_room_was_made(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = DiskWatch(tmp_path, bench.log)
    for free in (4.9e9, 5.1e9, 4.9e9, 9e9):
        monkeypatch.setattr(disk, "free_disk_bytes", lambda _, free=free: int(free))
        watch.poll(0, None)
    assert [values[1] for values in bench.rows] == ["warning", "recovered"]
    assert bench.log.warnings == ()


def test_a_full_disk_stops_a_recording_once_and_a_preview_never(
    bench: Bench, tmp_path: Path
) -> None:
    stops: list[str] = []
    limits = DiskLimits(low_bytes=10**18, full_bytes=10**17)
    watch = DiskWatch(tmp_path, bench.log, limits=limits, on_full=stops.append)
    watch.poll(0, None)
    assert stops == []
    watch.poll(NS_PER_S, 100)
    watch.poll(2 * NS_PER_S, 200)
    assert len(stops) == 1
    assert "was stopped" in stops[0]
    assert bench.log.faults == (stops[0],)


def test_an_event_is_shown_for_a_minute_and_written_for_good(bench: Bench) -> None:
    bench.log.note(HealthKind.SUSPEND, "The computer slept.")
    assert bench.log.events(59 * NS_PER_S) == ("The computer slept.",)
    assert bench.log.events(61 * NS_PER_S) == ()
    assert bench.rows == [("session", "suspend", 0, "The computer slept.")]


def test_a_part_reports_how_it_fares_as_rows(bench: Bench) -> None:
    for kind in ("fault", "recovered", "warning"):
        told = health_row(0, "page", kind=kind, count=0, detail=f"{kind} of the page")
        bench.clock.advance_ns(NS_PER_S)
        bench.log.take(told)
    assert [values[1] for values in bench.rows] == ["fault", "recovered", "warning"]
    assert bench.log.warnings == ("warning of the page",)
    with pytest.raises(ValueError, match="not a gap"):
        bench.log.take(health_row(0, "page", kind="gap", count=1, detail=""))


def test_what_happened_to_the_whole_session_and_is_over_stands_for_a_minute(bench: Bench) -> None:
    for number in (1, 2):
        told = health_row(0, "session", kind="warning", count=0, detail=f"mistake {number}")
        bench.log.take(told)
    assert [values[:2] for values in bench.rows] == [("session", "warning")] * 2
    assert bench.log.warnings == ()
    assert bench.log.events(bench.clock.now_ns()) == ("mistake 2", "mistake 1")
    assert bench.log.events(bench.clock.now_ns() + 61 * NS_PER_S) == ()


class Devices:
    """A rack of three fake devices, polled by hand."""

    def __init__(self, bench: Bench) -> None:
        clock = bench.clock
        self.camera = FakeSource("camera", frame, rate_hz=30, clock=clock)
        self.pointer = FakeSource("pointer", lambda t, _: pointer_move(t), rate_hz=9, clock=clock)
        self.microphone = FakeSource("microphone", sound, rate_hz=100, clock=clock)
        for source in (self.camera, self.pointer, self.microphone):
            source.is_silent.set()  # counts are given by hand
        self.rack = SourceRack(
            [self.camera, self.pointer, self.microphone],
            publish=bench.published.append,
            log=bench.log,
            clock=clock,
        )


@pytest.fixture
def devices(bench: Bench) -> Iterator[Devices]:
    made = Devices(bench)
    yield made
    made.rack.stop()


def test_two_sources_of_one_stream_are_refused(bench: Bench) -> None:
    two = [FakeSource("camera", frame, rate_hz=1, clock=bench.clock) for _ in range(2)]
    with pytest.raises(SessionError, match="same stream"):
        SourceRack(two, publish=bench.published.append, log=bench.log, clock=bench.clock)


def test_each_source_starts_once_and_only_when_asked(devices: Devices) -> None:
    devices.rack.start({"camera"})
    devices.rack.start({"camera", "pointer"})
    assert (devices.camera.starts, devices.pointer.starts, devices.microphone.starts) == (1, 1, 0)
    assert set(devices.rack.started) == {"camera", "pointer"}


def test_a_stopped_rack_starts_nothing(devices: Devices) -> None:
    devices.rack.stop()
    devices.rack.start({"camera"})
    assert devices.camera.starts == 0


def test_a_device_that_dies_is_noted_and_the_others_are_left_alone(
    bench: Bench, devices: Devices
) -> None:
    devices.rack.start({"camera", "pointer"})
    devices.camera.fault = "The camera was unplugged."
    devices.rack.poll(1, {"camera": 1, "pointer": 1})
    devices.rack.poll(2, {"camera": 1, "pointer": 2})
    assert bench.rows == [("camera", "fault", 0, "The camera was unplugged.")]
    devices.camera.fault = None
    devices.rack.poll(3, {"camera": 2, "pointer": 3})
    assert bench.rows[1:] == [("camera", "recovered", 0, "fake camera works again.")]


def test_what_a_device_lost_is_a_gap_with_its_count(bench: Bench, devices: Devices) -> None:
    devices.rack.start({"camera"})
    devices.camera.lost = 4
    devices.rack.poll(1, {"camera": 10})
    devices.camera.lost = 6
    devices.rack.poll(2, {"camera": 20})
    assert [values[:3] for values in bench.rows] == [("camera", "gap", 4), ("camera", "gap", 2)]


def test_a_device_that_was_away_leaves_one_gap_with_its_begin_and_end(
    bench: Bench, devices: Devices
) -> None:
    devices.rack.start({"camera"})
    devices.rack.poll(0, {"camera": 5})
    devices.rack.poll(2_100_000_000, {"camera": 5})  # noticed by its silence first
    devices.camera.fault = "The camera was unplugged."
    devices.rack.poll(2_300_000_000, {"camera": 5})
    devices.camera.fault = None
    devices.camera.gaps = (Gap(10, 3_000_000_010, 89),)
    devices.camera.lost = 90
    devices.rack.poll(3_300_000_000, {"camera": 5})  # counted before its first frame came
    devices.rack.poll(3_500_000_000, {"camera": 9})
    assert [values[:3] for values in bench.rows] == [
        ("camera", "fault", 0),
        ("camera", "fault", 0),
        ("camera", "gap", 89),
        ("camera", "gap", 1),
        ("camera", "recovered", 0),
    ]
    assert bench.rows[2][3] == "no samples for 3.00 s, from 10 ns to 3000000010 ns"
    assert (bench.log.gaps_of("camera"), bench.log.lost_of("camera")) == (1, 90)


def test_a_camera_that_falls_silent_is_a_fault_until_it_speaks_again(
    bench: Bench, devices: Devices
) -> None:
    devices.rack.start({"camera", "pointer"})
    devices.rack.poll(0, {"camera": 5, "pointer": 5})
    devices.rack.poll(NS_PER_S // 2, {"camera": 5, "pointer": 5})
    assert bench.rows == []
    for tenths in (15, 25, 29):
        devices.rack.poll(tenths * NS_PER_S // 10, {"camera": 5, "pointer": 5})
    assert [values[:2] for values in bench.rows] == [("camera", "fault")]
    devices.rack.poll(3 * NS_PER_S, {"camera": 6, "pointer": 5})
    assert [values[:2] for values in bench.rows[1:]] == [("camera", "gap"), ("camera", "recovered")]
    assert bench.rows[1][3] == "no samples for 3.00 s, from 0 ns to 3000000000 ns"


def test_a_camera_may_take_its_time_for_the_first_frame(bench: Bench, devices: Devices) -> None:
    devices.rack.start({"camera"})
    devices.rack.poll(4 * NS_PER_S, {"camera": 0})
    assert bench.rows == []
    devices.rack.poll(6 * NS_PER_S, {"camera": 0})
    assert [values[:2] for values in bench.rows] == [("camera", "fault")]


def test_a_mouse_that_lies_still_is_no_fault(bench: Bench, devices: Devices) -> None:
    devices.rack.start({"pointer"})
    for second in range(10):
        devices.rack.poll(second * NS_PER_S, {"pointer": 5})
    assert bench.rows == []
