"""Ways through the steps: expected, skipped, back, again, broken off."""

from __future__ import annotations

from journeylab.analysis.alignment import Visit
from journeylab.analysis.paths import ENTRY, WayKind, path_of, paths_of

STEPS = ("ad", "landing", "cart", "pay")


def test_a_path_is_what_was_entered_and_a_pause_is_no_entering() -> None:
    visits = (
        Visit("ad", 0, 10),
        Visit("ad", 20, 30),
        Visit("cart", 30, 40),
        Visit("ad", 40, 50, 2),
        Visit("ad", 50, 60, 3),
    )
    assert path_of(visits) == ("ad", "cart", "ad", "ad")


def test_ways_are_counted_by_participants() -> None:
    paths = paths_of(
        [
            ("P01", STEPS),
            ("P02", ("ad", "cart", "landing", "cart", "landing", "cart", "pay")),
            ("P03", ("ad", "landing", "landing")),
            ("P01", STEPS),
            ("P04", ("something else",)),
        ],
        STEPS,
    )
    ways = {(way.start, way.end): way for way in paths.ways}
    assert ways["ad", "landing"].participants == ("P01", "P03")
    assert (ways["ad", "cart"].kind, ways["ad", "cart"].n) == (WayKind.SKIP, 1)
    assert (ways["cart", "landing"].kind, ways["cart", "landing"].participants) == (
        WayKind.BACK,
        ("P02",),
    )
    assert ways["landing", "landing"].kind is WayKind.AGAIN
    assert ways["landing", ENTRY].kind is WayKind.EARLY_END
    assert ways["pay", ENTRY].kind is WayKind.EXPECTED
    assert ways[ENTRY, "ad"].n == 3
    assert (paths.as_expected, paths.n) == (("P01",), 4)


def test_who_goes_another_way_once_did_not_go_as_expected() -> None:
    assert paths_of([("P01", STEPS), ("P01", STEPS[::-1])], STEPS).as_expected == ()


def test_nobody_leaves_no_ways() -> None:
    assert paths_of([], STEPS).ways == ()
