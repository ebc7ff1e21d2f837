"""The system's mouse on a real X display, moved by xdotool."""

from __future__ import annotations

import subprocess
import sys

import pytest
from capture_bench import Collector

from journeylab.capture.pointer.source import SystemPointer, wayland_warning
from journeylab.clock import SessionClock
from journeylab.errors import PointerError
from journeylab.streams import STREAMS, Row


@pytest.fixture
def display(xvfb: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The suite's display, on a desktop that is not Wayland."""
    monkeypatch.setenv("DISPLAY", xvfb)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    return xvfb


def _xdotool(*parts: str) -> None:
    subprocess.run(["xdotool", *parts], check=True)


def _values(row: object) -> dict[str, object]:
    assert isinstance(row, Row)
    names = [column.name for column in STREAMS["pointer"].columns]
    return dict(zip(names, row.values, strict=True))


@pytest.mark.usefixtures("display")
def test_moves_clicks_and_scrolls_arrive_as_they_were_made(collector: Collector) -> None:
    _xdotool("mousemove", "50", "60")
    pointer = SystemPointer(clock=SessionClock(), origin_px=(20, 30))
    pointer.start(collector)
    _xdotool("mousemove", "400", "300", "click", "1", "click", "3", "click", "4", "click", "5")
    assert collector.wait_for(8)
    pointer.stop()
    rows = [_values(sample) for sample in collector.samples]
    assert [(row["x_px"], row["y_px"]) for row in rows] == [(30, 30), *[(380, 270)] * 7]
    assert [row["action"] for row in rows] == [0, 0, 1, 2, 1, 2, 3, 3]
    assert [row["button"] for row in rows] == [0, 0, 1, 1, 2, 2, 0, 0]
    assert [row["scroll_dy"] for row in rows] == [0, 0, 0, 0, 0, 0, 1, -1]
    assert rows[0]["speed_px_s"] == 0
    assert rows[1]["speed_px_s"] == pytest.approx((350**2 + 240**2) ** 0.5 * 10, rel=0.01)


@pytest.mark.usefixtures("display")
def test_positions_are_counted_from_where_the_participants_screen_went(
    collector: Collector,
) -> None:
    _xdotool("mousemove", "50", "60")
    pointer = SystemPointer(clock=SessionClock(), origin_px=(0, 0))
    pointer.start(collector)
    assert collector.wait_for(1)
    pointer.set_origin_px((500, 0))
    _xdotool("mousemove", "600", "60")
    assert collector.wait_for(2)
    pointer.stop()
    last = _values(collector.samples[-1])
    assert (last["x_px"], last["y_px"], last["speed_px_s"]) == (100, 60, 0)


@pytest.mark.usefixtures("display")
def test_a_system_that_counts_in_points_gives_device_pixels(collector: Collector) -> None:
    _xdotool("mousemove", "150", "60")
    pointer = SystemPointer(clock=SessionClock(), origin_px=(100, 0), scale=2.0)
    pointer.start(collector)
    assert collector.wait_for(1)
    pointer.set_origin_px((0, 0), scale=1.0)
    _xdotool("mousemove", "160", "60")
    assert collector.wait_for(2)
    pointer.stop()
    rows = [_values(sample) for sample in collector.samples]
    assert [(row["x_px"], row["y_px"]) for row in rows] == [(100, 120), (160, 60)]


@pytest.mark.usefixtures("display")
def test_a_pointer_stops_without_waiting_for_the_next_event() -> None:
    for _ in range(10):
        pointer = SystemPointer(clock=SessionClock())
        pointer.start(Collector())
        before_ns = SessionClock().now_ns()
        pointer.stop()
        assert SessionClock().now_ns() - before_ns < 1_000_000_000


def test_no_display_is_said_in_words() -> None:
    # In a process of its own: pynput reaches for the display while it is being imported.
    script = (
        "from journeylab.capture.pointer.source import SystemPointer\n"
        "from journeylab.clock import SessionClock\n"
        "SystemPointer(clock=SessionClock())\n"
    )
    for display, said in (
        ("", "There is no display"),
        (":987", "cannot be watched on display :987"),
    ):
        ended = subprocess.run(
            [sys.executable, "-c", script],
            env={"DISPLAY": display, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (
            f"PointerError: {said}" in ended.stderr
            or f"PointerError: The mouse {said}" in ended.stderr
        )


def test_wayland_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(PointerError, match="XWayland") as caught:
        SystemPointer(clock=SessionClock())
    assert "participant's window" in caught.value.remedy
    assert "X11 session" in caught.value.remedy


@pytest.mark.usefixtures("display")
def test_an_x11_window_on_wayland_may_be_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    SystemPointer(clock=SessionClock(), accept_xwayland=True).stop()


@pytest.mark.parametrize(
    ("environ", "warns"),
    [
        ({"XDG_SESSION_TYPE": "x11", "DISPLAY": ":0"}, False),
        ({}, False),
        ({"XDG_SESSION_TYPE": "wayland"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, True),
    ],
)
def test_wayland_is_known_by_its_environment(environ: dict[str, str], warns: bool) -> None:
    assert (wayland_warning(environ) is not None) == warns
