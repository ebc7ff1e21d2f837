"""Variants are balanced within each segment, drawn, and the same whenever they are asked for."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from journeylab.errors import StudyError
from journeylab.study.assignment import as_assigned, assign_variants, check_filter
from journeylab.study.model import Step, Stimulus, Study, Variant
from journeylab.study.quotas import HeldSession
from journeylab.vocabulary import StimulusKind


def _words(text: str) -> Stimulus:
    return Stimulus(kind=StimulusKind.INSTRUCTION, text=text)


def _study(n_variants: int = 2) -> Study:
    others = tuple(
        Variant(id="bcdefgh"[n], stimulus=_words(f"variant {n}")) for n in range(n_variants - 1)
    )
    steps = (
        Step(id="landing", title="Landing", stimulus=_words("own"), variants=others),
        Step(id="cart", title="Cart", stimulus=_words("cart")),
    )
    return Study(id="s", title="S", steps=steps)


def _run(study: Study, n: int, *, devices: tuple[str, ...] = ("desktop",)) -> list[dict[str, str]]:
    sessions: list[HeldSession] = []
    for number in range(n):
        segments = {"device": devices[number % len(devices)]}
        met = assign_variants(study, f"P{number:02d}", segments=segments, earlier=sessions)
        sessions.append(_held(f"P{number:02d}", segments | met))
    return [dict(session.segments) for session in sessions]


def _held(
    participant_id: str,
    segments: dict[str, str],
    *,
    simulated: bool = False,
    usable: bool = True,
) -> HeldSession:
    return HeldSession(participant_id, segments, is_usable=usable, is_simulated=simulated)


def test_groups_differ_by_one_at_most_at_every_point() -> None:
    for n_variants in (2, 3, 5):
        sessions = _run(_study(n_variants), 31)
        for n in range(1, 32):
            counts = Counter(session["variant.landing"] for session in sessions[:n])
            met = [counts[v] for v in _study(n_variants).steps[0].variant_ids]
            assert max(met) - min(met) <= 1


def test_each_device_is_balanced_by_itself() -> None:
    sessions = _run(_study(), 24, devices=("desktop", "desktop", "mobile"))
    for device in ("desktop", "mobile"):
        counts = Counter(s["variant.landing"] for s in sessions if s["device"] == device)
        assert abs(counts["a"] - counts["b"]) <= 1


_SEGMENTS = {
    "device": ("desktop", "mobile", "tablet"),
    "visitor": ("new", "returning"),
    "age": ("18-24", "25-34", "35-54", "55+"),
}


@pytest.mark.parametrize("seed", range(12))
def test_many_small_cells_do_not_add_up_to_uneven_groups(seed: int) -> None:
    """24 combinations of segments and 30 participants: most hold one or two of them."""
    rng = random.Random(seed)
    sessions: list[HeldSession] = []
    for number in range(30):
        own = {name: rng.choice(values) for name, values in _SEGMENTS.items()}
        met = assign_variants(_study(), f"P{number:02d}", segments=own, earlier=sessions)
        sessions.append(_held(f"P{number:02d}", own | met))
        assert _difference(sessions) <= 2
    for name, values in _SEGMENTS.items():
        for value in values:
            assert _difference([s for s in sessions if s.segments[name] == value]) <= 4


def test_over_many_studies_the_groups_are_nearly_even_on_every_margin() -> None:
    overall, margins = [], []
    for seed in range(100):
        rng = random.Random(1000 + seed)
        sessions: list[HeldSession] = []
        for number in range(40):
            own = {name: rng.choice(values) for name, values in _SEGMENTS.items()}
            who = f"P{seed}-{number}"
            met = assign_variants(_study(), who, segments=own, earlier=sessions)
            sessions.append(_held(who, own | met))
        overall.append(_difference(sessions))
        margins += [
            _difference([s for s in sessions if s.segments[name] == value])
            for name, values in _SEGMENTS.items()
            for value in values
        ]
    assert max(overall) <= 2
    assert sum(margins) / len(margins) < 1.2, "a coin would leave 3 and more"


def _difference(sessions: list[HeldSession]) -> int:
    counts = Counter(one.segments["variant.landing"] for one in sessions)
    return abs(counts["a"] - counts["b"])


def test_what_was_excluded_or_is_too_poor_is_met_by_somebody_else() -> None:
    earlier = [_held(f"P1{n}", {"variant.landing": "a"}, usable=False) for n in range(4)]
    earlier += [_held("P20", {"variant.landing": "b"}), _held("P21", {"variant.landing": "b"})]
    for number in range(10):
        met = assign_variants(_study(), f"P3{number}", segments={}, earlier=earlier)
        assert met == {"variant.landing": "a"}
    own = assign_variants(_study(), "P10", segments={}, earlier=earlier)
    assert own == {"variant.landing": "a"}, "what she met she met, usable or not"


def test_the_order_is_drawn_and_not_always_the_same() -> None:
    firsts = Counter(
        assign_variants(_study(), f"P{n}", segments={}, earlier=())["variant.landing"]
        for n in range(200)
    )
    assert 70 <= firsts["a"] <= 130


def test_the_same_participant_gets_the_same_again() -> None:
    assert _run(_study(), 9) == _run(_study(), 9)


@pytest.mark.parametrize("own", ["a", "b"])
def test_who_comes_again_meets_what_she_met_before(own: str) -> None:
    earlier = [_held("P01", {"variant.landing": own})]
    earlier += [_held(f"P1{n}", {"variant.landing": own}) for n in range(5)]
    again = assign_variants(_study(), "P01", segments={}, earlier=earlier)
    assert again == {"variant.landing": own}


def test_a_variant_that_is_gone_is_drawn_anew() -> None:
    earlier = [_held("P01", {"variant.landing": "gone"})]
    again = assign_variants(_study(), "P01", segments={}, earlier=earlier)
    assert again["variant.landing"] in ("a", "b")


def test_two_sessions_of_one_person_count_once_and_simulated_ones_not_at_all() -> None:
    earlier = [
        _held("P01", {"variant.landing": "a"}),
        _held("P01", {"variant.landing": "a"}),
        _held("P02", {"variant.landing": "b"}),
        _held("P03", {"variant.landing": "b"}),
        *(_held(f"S{n}", {"variant.landing": "a"}, simulated=True) for n in range(9)),
    ]
    for number in range(10, 20):
        met = assign_variants(_study(), f"P{number}", segments={}, earlier=earlier)
        assert met == {"variant.landing": "a"}


def test_a_study_without_variants_assigns_nothing() -> None:
    assert _run(_study(1), 3) == [{"device": "desktop"}] * 3


def test_the_participant_meets_what_was_assigned() -> None:
    study = _study()
    met = as_assigned(study.steps, {"variant.landing": "b", "variant.cart": "b"})
    assert met[0].stimulus.text == "variant 0"
    assert met[1] is study.steps[1]
    assert as_assigned(study.steps, {"variant.landing": "gone"}) == study.steps


def test_sessions_can_be_chosen_by_a_variant_that_exists() -> None:
    assert check_filter(_study(), {"variant.landing": "b"}) == {"variant.landing": "b"}
    with pytest.raises(StudyError, match=r'no variant "c" of "landing".*landing=a, b'):
        check_filter(_study(), {"variant.landing": "c"})
    with pytest.raises(StudyError, match='no segment "device"'):
        check_filter(_study(), {"device": "mobile"})
