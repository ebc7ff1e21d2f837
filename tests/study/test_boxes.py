"""Boxes stay on their picture, whichever way they are pulled."""

from __future__ import annotations

import random

from journeylab.study.boxes import (
    between,
    edges_at,
    is_drawn,
    lies_on,
    moved_by,
    resized_by,
    touched,
)

SIZE = (400, 300)


def test_a_box_is_drawn_from_any_corner_and_cut_at_the_edge() -> None:
    assert between((10, 20), (110, 70), SIZE) == (10, 20, 100, 50)
    assert between((110, 70), (10, 20), SIZE) == (10, 20, 100, 50)
    assert between((-50, -50), (999, 999), SIZE) == (0, 0, 400, 300)
    assert not is_drawn(between((10, 10), (12, 90), SIZE))


def test_no_pull_takes_a_box_off_its_picture_or_turns_it_over() -> None:
    rng = random.Random(3)
    box = (50, 50, 100, 80)
    for _ in range(2000):
        dx, dy = rng.randint(-300, 300), rng.randint(-300, 300)
        edges = rng.choice(("", "l", "r", "t", "b", "lt", "rt", "lb", "rb"))
        old = box
        box = resized_by(box, edges, dx, dy, SIZE) if edges else moved_by(box, dx, dy, SIZE)
        assert lies_on(box, SIZE) and is_drawn(box)
        if not edges:
            assert box[2:] == old[2:]


def test_an_edge_is_taken_within_reach() -> None:
    box = (100, 100, 50, 50)
    assert edges_at(box, 98, 103, 5) == "lt"
    assert edges_at(box, 152, 125, 5) == "r"
    assert edges_at(box, 125, 125, 5) == ""
    assert edges_at(box, 90, 125, 5) is None


def test_of_boxes_over_each_other_the_smallest_is_touched() -> None:
    boxes = [(0, 0, 300, 300), (100, 100, 50, 50)]
    assert touched(boxes, 120, 120) == 1
    assert touched(boxes, 20, 20) == 0
    assert touched(boxes, 350, 20) is None


def test_a_box_larger_than_its_picture_is_moved_to_its_corner() -> None:
    assert moved_by((0, 0, 900, 10), 5, 5, SIZE) == (0, 5, 900, 10)
    assert not lies_on((0, 0, 900, 10), SIZE)
