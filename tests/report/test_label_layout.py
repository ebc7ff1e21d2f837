"""Thirty labels beside a trace: none covers another, the trace, or a leader."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from journeylab.report.label_layout import (
    Box,
    LabelRequest,
    PlacedLabel,
    TraceObstacle,
    place_labels,
)

BOUNDS = Box(150, 300, 1740, 480)


def _trace(seed: int) -> TraceObstacle:
    rng = np.random.default_rng(seed)
    x = np.linspace(BOUNDS.x, BOUNDS.right, 900)
    u = np.linspace(0, 1, 900)
    waves = sum(
        rng.uniform(20, 60) * np.sin(2 * np.pi * (rng.uniform(1, 8) * u + rng.uniform()))
        for _ in range(4)
    )
    y = BOUNDS.y + BOUNDS.height / 2 + np.clip(waves, -200, 200) + rng.normal(0, 1.5, 900)
    return TraceObstacle(x, y, y - 14, y + 14)


def _thirty(trace: TraceObstacle, seed: int) -> list[LabelRequest]:
    rng = np.random.default_rng(seed + 1000)
    places = np.sort(rng.choice(np.arange(20, 880), size=30, replace=False))
    middle = BOUNDS.y + BOUNDS.height / 2
    return [
        LabelRequest(
            anchor=(float(trace.x[p]), float(trace.y[p])),
            width=float(rng.uniform(90, 150)),
            height=38,
            small_height=22,
            prefers_above=bool(trace.y[p] < middle),
        )
        for p in places
    ]


@pytest.fixture(scope="module", params=range(4))
def laid(request: pytest.FixtureRequest):
    trace = _trace(request.param)
    requests = _thirty(trace, request.param)
    placed = place_labels(requests, trace=trace, bounds=BOUNDS)
    pairs = [(r, p) for r, p in zip(requests, placed, strict=True) if p is not None]
    return trace, requests, pairs


def test_all_thirty_labels_find_room(laid) -> None:
    _, requests, pairs = laid
    assert len(requests) == 30
    assert len(pairs) == 30


def test_no_label_covers_another(laid) -> None:
    _, _, pairs = laid
    for (_, one), (_, other) in combinations(pairs, 2):
        assert not one.box.overlaps(other.box)


def test_no_label_covers_the_trace(laid) -> None:
    trace, _, pairs = laid
    for _, label in pairs:
        # Densely between the points too: a steep line passes every row in between.
        x = np.linspace(label.box.x, label.box.right, 400)
        y = np.interp(x, trace.x, trace.y)
        assert not ((y >= label.box.y) & (y <= label.box.bottom)).any()


def test_no_leader_runs_through_a_label(laid) -> None:
    _, _, pairs = laid
    for (request, label), (_, other) in combinations(pairs, 2):
        assert not other.box.meets_segment(request.anchor, label.leader_end)
    for (_, label), (request, other) in combinations(pairs, 2):
        assert not label.box.meets_segment(request.anchor, other.leader_end)


def test_labels_stay_inside_and_leaders_end_on_their_box(laid) -> None:
    _, _, pairs = laid
    for _, label in pairs:
        box = label.box
        assert box.x >= BOUNDS.x - 0.6
        assert box.right <= BOUNDS.right + 0.6
        assert box.y >= BOUNDS.y - 0.6
        assert box.bottom <= BOUNDS.bottom + 0.6
        x, y = label.leader_end
        assert box.x <= x <= box.right
        assert box.y <= y <= box.bottom
        assert x in (box.x, box.right) or y in (box.y, box.bottom)


def _flat() -> TraceObstacle:
    x = np.linspace(0, 1000, 500)
    y = np.full(500, 200.0)
    return TraceObstacle(x, y, y, y)


def _one(trace: TraceObstacle, bounds: Box, *, above: bool) -> PlacedLabel | None:
    request = LabelRequest((500.0, 200.0), 120, 38, 22, above)
    return place_labels([request], trace=trace, bounds=bounds)[0]


def test_a_lone_label_stands_centred_on_its_side() -> None:
    for above in (True, False):
        label = _one(_flat(), Box(0, 0, 1000, 400), above=above)
        assert label is not None
        assert (label.box.bottom < 200) == above
        assert label.box.x + 60 == pytest.approx(500, abs=1)


def test_a_label_without_room_in_full_is_small_and_without_any_is_given_up() -> None:
    small = _one(_flat(), Box(0, 155, 1000, 46), above=True)
    assert small is not None
    assert small.is_small
    assert _one(_flat(), Box(0, 190, 1000, 20), above=True) is None


def test_a_line_through_a_box_is_seen_from_any_side() -> None:
    box = Box(10, 10, 20, 10)
    assert box.meets_segment((0, 0), (40, 30))
    assert box.meets_segment((20, -5), (20, 50))
    assert box.meets_segment((15, 15), (16, 16))
    assert not box.meets_segment((0, 0), (40, 5))
    assert not box.meets_segment((0, 25), (9, 0))
