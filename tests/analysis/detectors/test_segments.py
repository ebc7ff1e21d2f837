"""Findings of one value of a segment: how many stand behind them, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

from analysis.detectors.synthetic import Background, Effect, synthetic_study

from journeylab.analysis.detectors.aligned_study import AlignedStudy, align_study
from journeylab.analysis.detectors.detect import find_findings
from journeylab.analysis.detectors.finding import Finding, FindingKind, Sureness
from journeylab.analysis.reading import AlignedSession
from journeylab.analysis.signs import SignKind

FROWN = Effect(SignKind.FROWN, "compare", 1.0)


def _again(study: AlignedStudy, sessions: list[AlignedSession]) -> AlignedStudy:
    return align_study(sessions, study.grid, study.steps, position_s=study.position_s)


def _in(session: AlignedSession, **segments: str) -> AlignedSession:
    return replace(session, summary=replace(session.summary, segments=segments))


def _loads(study: AlignedStudy) -> list[Finding]:
    return [one for one in find_findings(study) if one.kind is FindingKind.COGNITIVE_LOAD]


def _few_among_many(**others: str) -> AlignedStudy:
    """Five of 32 frown, and no others; they are the older ones."""
    plain = synthetic_study(32, background=Background())
    frowning = synthetic_study(32, [FROWN], background=Background())
    sessions = []
    for place, (one, other) in enumerate(zip(plain.sessions, frowning.sessions, strict=True)):
        is_older = place in (0, 2, 4, 6, 8)
        age = "65+" if is_older else "18-64"
        sessions.append(_in(other if is_older else one, age=age, **others))
    return _again(plain, sessions)


def test_five_people_are_five_measured_and_not_sure() -> None:
    (load,) = _loads(_few_among_many())
    assert load.segment is not None and load.segment.value == "65+"
    assert load.n_measured == 5
    assert load.sureness is Sureness.LIKELY


def test_the_probability_is_that_of_all_values_that_were_looked_through() -> None:
    (of_one_field,) = _loads(_few_among_many())
    study = _few_among_many()
    sessions = [
        _in(one, **one.summary.segments, place=("town", "land", "coast")[place % 3])
        for place, one in enumerate(study.sessions)
    ]
    found = _loads(_again(study, sessions))
    assert of_one_field.p is not None and of_one_field.p <= 0.05
    for one in found:
        assert one.p is not None and one.p > of_one_field.p


def test_everybody_on_both_devices_is_told_by_device() -> None:
    """Twelve people come twice, and frown at the table on the desktop only."""
    plain = synthetic_study(12, background=Background())
    frowning = synthetic_study(12, [FROWN], background=Background())
    sessions = []
    for one, other in zip(frowning.sessions, plain.sessions, strict=True):
        sessions.append(_in(one, device="desktop"))
        again = replace(other.summary, session_id=f"{other.summary.participant_id}-2")
        sessions.append(_in(replace(other, summary=again), device="mobile"))
    study = _again(plain, sessions)
    assert len(study.people) == 12
    assert {len(values) for values in study.segments().values()} == {24}
    load = _loads(study)[0]
    assert load.segment is not None
    assert (load.segment.value, load.segment.n, load.segment.n_measured) == ("desktop", 12, 12)
    assert {one.session_id for one in load.told_evidence} == {f"P{n:02d}-1" for n in range(1, 13)}


def test_a_value_by_itself_is_set_against_others_who_show_the_same() -> None:
    """Half of all frown, as often on either device: it is nobody's own."""
    effect = Effect(SignKind.FROWN, "compare", 0.25)
    for seed in range(6):
        study = synthetic_study(24, [effect], background=Background(), seed=seed)
        assert all(one.segment is None for one in _loads(study))


def test_two_values_may_each_have_a_finding_of_one_kind_on_a_step() -> None:
    """Desktops frown early at the table, mobiles late."""
    early = Effect(SignKind.FROWN, "compare", 1.0, at=0.2, lasts=0.15, device="desktop")
    late = Effect(SignKind.FROWN, "compare", 1.0, at=0.8, lasts=0.15, device="mobile")
    study = synthetic_study(24, [early, late], background=Background(), jitter=0.01)
    loads = _loads(study)
    assert [one.segment.value for one in loads if one.segment] == ["desktop", "mobile"]
    assert loads[0].end_s < loads[1].start_s
