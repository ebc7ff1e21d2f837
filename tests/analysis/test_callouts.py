"""Findings become labels and sentences: one label a place, with who, where and how sure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from journeylab.analysis.callouts import callouts_of
from journeylab.analysis.detectors.finding import (
    Evidence,
    Finding,
    FindingKind,
    Place,
    SegmentShare,
)
from journeylab.analysis.detectors.peaks import peaks_of
from journeylab.analysis.detectors.words import certainty_of, in_short, sentence_of
from journeylab.analysis.journey import Trace
from journeylab.analysis.reading import click_bursts_ns
from journeylab.clock import NS_PER_S

LOAD = Finding(
    kind=FindingKind.COGNITIVE_LOAD,
    rule="cognitive_load 2",
    step_id="compare",
    start_s=10.0,
    position_s=12.0,
    end_s=14.0,
    mood="negative",
    title="High Cognitive Load · AU4",
    participants=tuple(f"P{n:02d}" for n in range(1, 12)),
    n_measured=30,
    strength=11 / 30,
    unit="share of participants",
    p=0.002,
    place=Place("Comparison table", "gaze", 9),
    segment=SegmentShare("device", "desktop", 11, 15, 0.0004),
)
VALLEY = replace(
    LOAD,
    kind=FindingKind.VALLEY,
    start_s=9.0,
    end_s=21.0,
    title="Valley · AU4",
    strength=-47.6,
    unit="valence",
    is_cluster=True,
)


def _trace() -> Trace:
    position_s = np.arange(40.0)
    mean = np.linspace(0, -39, 40)
    nothing = np.full(40, np.nan)
    return Trace(position_s, mean, nothing, nothing, np.full(40, 30), np.zeros(40, dtype=np.int8))


def test_the_telling_one_of_two_findings_at_a_place_is_labelled() -> None:
    labels = callouts_of([VALLEY, LOAD], _trace())
    assert [label.title for label in labels] == ["High Cognitive Load"]
    assert labels[0].detail == "11 of 15 desktop · Comparison table"
    assert labels[0].valence == pytest.approx(-12)
    assert (labels[0].start_s, labels[0].end_s) == (10.0, 14.0)


def test_findings_of_another_mood_or_time_have_labels_of_their_own() -> None:
    aha = replace(LOAD, kind=FindingKind.AHA, mood="joy", title="Aha")
    later = replace(VALLEY, start_s=25.0, position_s=30.0, end_s=33.0)
    labels = callouts_of([LOAD, aha, later], _trace())
    assert {label.title for label in labels} == {"High Cognitive Load", "Aha", "Valley · AU4"}
    assert [label.position_s for label in labels] == [12.0, 12.0, 30.0]


def test_desktops_confusion_and_mobiles_friction_at_one_moment_are_both_labelled() -> None:
    friction = replace(
        LOAD,
        kind=FindingKind.FRICTION,
        title="Friction / Rage Click Risk · AU24",
        segment=SegmentShare("device", "mobile", 9, 15, 0.001),
    )
    labels = callouts_of([LOAD, friction], _trace())
    assert {label.title for label in labels} == {
        "High Cognitive Load",
        "Friction / Rage Click Risk",
    }


def test_what_has_no_label_stands_beside_its_neighbour() -> None:
    everybodys = replace(VALLEY, segment=None)
    (label,) = callouts_of([everybodys, LOAD], _trace())
    assert label.title == "High Cognitive Load"
    assert [(one.title, one.detail) for one in label.beside] == [("Valley · AU4", "11 of 30 · −48")]
    apart = [
        replace(LOAD, start_s=at, position_s=at, end_s=at + 1, segment=None)
        for at in (2.0, 12.0, 22.0, 32.0)
    ]
    labels = callouts_of(apart, _trace())
    assert [label.position_s for label in labels] == [2.0, 12.0, 22.0]
    assert [one.position_s for one in labels[-1].beside] == [32.0]


def test_joy_spans_a_stretch_as_well() -> None:
    (label,) = callouts_of([replace(LOAD, kind=FindingKind.AHA, mood="joy")], _trace())
    assert (label.start_s, label.end_s) == (10.0, 14.0)


def test_those_a_label_counts_are_behind_it_and_no_others() -> None:
    moments = tuple(Evidence(f"P{n:02d}", f"S{n:02d}", n) for n in range(1, 12))
    own = SegmentShare("device", "desktop", 2, 15, 0.001, ("S01", "S02"))
    (label,) = callouts_of([replace(LOAD, evidence=moments, segment=own)], _trace())
    assert label.detail == "2 of 15 desktop · Comparison table"
    assert label.participants == ("P01", "P02")
    assert label.evidence == moments[:2]


def test_a_sentence_says_who_what_and_where() -> None:
    assert sentence_of(LOAD) == (
        "11 of 15 desktop frown (AU4) at “Comparison table”: high cognitive load"
    )
    everybody = replace(VALLEY, segment=None, place=None)
    assert sentence_of(everybody) == (
        "11 of 30 are well below neutral: valence falls to −48, for 12 s"
    )


def test_a_certainty_keeps_to_what_was_tested() -> None:
    assert certainty_of(LOAD) == (
        "Sure: chance alone gives as much in less than 1 % of studies, with 30 measured. "
        "Desktop against the others: p below .001."
    )
    cluster = replace(VALLEY, segment=None, p=0.03)
    assert certainty_of(cluster) == (
        "Likely: chance alone gives as much in 3 % of studies, with 30 measured. "
        "A cluster says that there is a difference, not exactly where it begins and ends."
    )
    few = replace(LOAD, p=None, n_measured=3, segment=None)
    assert certainty_of(few) == "Seen, not tested: 3 participants are too few for a test."
    assert [in_short(certainty_of(one)) for one in (LOAD, cluster, few)] == [
        "sure",
        "likely",
        "not tested",
    ]
    assert in_short("Counted, not tested.") == in_short("Measured, not tested.") == "not tested"
    assert in_short("") == ""


def test_prominence_is_the_fall_to_the_higher_of_both_sides() -> None:
    level = np.array([0, 10, 4, 30, 20, 25, 1, 0], dtype=float)
    assert dict(peaks_of(level)) == {1: 6.0, 3: 30.0, 5: 5.0}


def test_a_journey_that_begins_high_has_its_peak_there() -> None:
    assert dict(peaks_of(np.array([40.0, 30.0, 5.0]))) == {0: 40.0}


def test_a_plateau_counts_once() -> None:
    assert peaks_of(np.array([0.0, 20.0, 20.0, 20.0, 0.0])) == [(2, 20.0)]


def test_three_quick_presses_on_one_spot_are_one_burst() -> None:
    t_s = np.array([1.0, 1.3, 1.6, 5.0, 5.4, 9.0, 9.3, 9.6])
    place = np.array([[10, 10]] * 5 + [[10, 10], [400, 10], [10, 300]], dtype=float)
    times = click_bursts_ns((t_s * NS_PER_S).astype(np.int64), place)
    assert times.tolist() == [1 * NS_PER_S]
