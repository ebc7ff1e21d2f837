"""Speed of the cursor, and rows of the pointer stream."""

from __future__ import annotations

import pytest

from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.clock import NS_PER_MS, NS_PER_S
from journeylab.streams import STREAMS
from journeylab.vocabulary import PointerAction, PointerButton


@pytest.mark.parametrize("interval_ms", [1, 4, 7, 8, 16, 33, 40])
def test_even_motion_reads_its_true_speed_at_any_report_rate(interval_ms: int) -> None:
    speed = PointerSpeed()
    read = 0.0
    for k in range(400 // interval_ms):
        read = speed.add(
            k * interval_ms * NS_PER_MS, x_px=0.6 * k * interval_ms, y_px=0.8 * k * interval_ms
        )
    assert read == pytest.approx(1000.0, rel=1e-9)


def test_a_resting_cursor_has_no_speed() -> None:
    speed = PointerSpeed()
    speed.add(0, x_px=0, y_px=0)
    speed.add(10 * NS_PER_MS, x_px=100, y_px=0)
    assert speed.at(20 * NS_PER_MS) > 0
    assert speed.at(110 * NS_PER_MS) == 0
    assert speed.at(10 * NS_PER_S) == 0


def test_a_move_after_a_long_rest_is_not_spread_over_the_rest() -> None:
    speed = PointerSpeed()
    speed.add(0, x_px=0, y_px=0)
    assert speed.add(5 * NS_PER_S, x_px=30, y_px=40) == pytest.approx(500.0)


def test_speed_is_causal() -> None:
    early, late = PointerSpeed(), PointerSpeed()
    for k in range(20):
        early.add(k * 8 * NS_PER_MS, x_px=k, y_px=0)
        late.add(k * 8 * NS_PER_MS, x_px=k, y_px=0)
    before = early.at(19 * 8 * NS_PER_MS)
    late_read = late.at(19 * 8 * NS_PER_MS)
    late.add(20 * 8 * NS_PER_MS, x_px=900, y_px=0)
    assert late_read == before


def test_a_click_without_motion_adds_no_speed() -> None:
    speed = PointerSpeed()
    for k in range(3):
        assert speed.add(k * NS_PER_MS, x_px=5, y_px=5) == 0


def test_a_row_has_the_streams_columns_in_order() -> None:
    sample = PointerSample(
        7, 11.0, 12.0, PointerAction.SCROLL, PointerButton.NONE, scroll_dx=0.0, scroll_dy=-1.0
    )
    row = pointer_row(sample, PointerSpeed(), offset_ns=100, arrived_ns=120)
    values = dict(zip([c.name for c in STREAMS["pointer"].columns], row.values, strict=True))
    assert (row.t_ns, row.arrived_ns) == (107, 120)
    assert values == {
        "x_px": 11.0,
        "y_px": 12.0,
        "action": 3,
        "button": 0,
        "scroll_dx": 0.0,
        "scroll_dy": -1.0,
        "speed_px_s": 0.0,
    }
