"""Each detector finds what was planted for it, where it was planted, and is silent otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from analysis.detectors.synthetic import Background, Effect, synthetic_study

from journeylab.analysis.detectors.aligned_study import align_study
from journeylab.analysis.detectors.detect import RULES, find_findings
from journeylab.analysis.detectors.finding import Finding, FindingKind, Sureness
from journeylab.analysis.signs import SignKind

CASES = {
    FindingKind.GREEN_PEAK: Effect(SignKind.SMILE, "checkout", 0.8),
    FindingKind.VALLEY: Effect(SignKind.PRESS, "product", 0.8),
    FindingKind.COGNITIVE_LOAD: Effect(SignKind.FROWN, "compare", 0.6, area="Table"),
    FindingKind.FRICTION: Effect(SignKind.FRICTION, "checkout", 0.5, area="Card number"),
    FindingKind.AHA: Effect(SignKind.AHA, "product", 0.5, area="Photo"),
    FindingKind.BOREDOM: Effect(SignKind.BOREDOM, "landing", 0.6, lasts=0.4),
    FindingKind.ENTRY_MOOD: Effect(SignKind.SMILE, "ad", 0.8, lasts=0.6),
    FindingKind.DISCONNECT: Effect(SignKind.SMILE, "ad", 0.8, lasts=0.6),
    FindingKind.DELIGHT: Effect(SignKind.SMILE, "unboxing", 0.8, lasts=0.3),
    FindingKind.DISAPPOINTMENT: Effect(SignKind.CONTEMPT, "unboxing", 0.5),
    FindingKind.STRUGGLE: Effect(SignKind.FROWN, "unboxing", 0.7),
}
STEP_OF = {FindingKind.DISCONNECT: "landing"}


def _alarms(findings: tuple[Finding, ...]) -> list[tuple[FindingKind, str]]:
    return [(one.kind, one.step_id) for one in findings if one.is_alarm]


@pytest.mark.parametrize("kind", CASES, ids=str)
def test_what_was_planted_is_found_where_it_was_planted(kind: FindingKind) -> None:
    effect = CASES[kind]
    findings = find_findings(synthetic_study(24, [effect], seed=3))
    found = [one for one in findings if one.kind is kind and one.is_alarm]
    assert [one.step_id for one in found] == [STEP_OF.get(kind, effect.step_id)]
    finding = found[0]
    assert finding.sureness is Sureness.SURE
    assert finding.p is not None
    assert len(finding.participants) >= 0.8 * effect.share * 24
    assert finding.n_measured == 24
    assert {one.participant_id for one in finding.evidence} == set(finding.participants)
    if effect.area:
        assert finding.place is not None
        assert finding.place.name == effect.area


@pytest.mark.parametrize("n", [1, 2, 3, 6, 24])
def test_still_faces_raise_no_alarm(n: int) -> None:
    study = synthetic_study(n, background=Background(bias=-3.0))
    assert _alarms(find_findings(study)) == []


def test_a_cluster_lies_where_its_participants_frowned() -> None:
    effect = Effect(SignKind.FROWN, "compare", 0.6, at=0.4, lasts=0.2)
    study = synthetic_study(24, [effect], seed=5)
    load = next(o for o in find_findings(study) if o.kind is FindingKind.COGNITIVE_LOAD)
    start_s = 15 + 14 + 18
    assert load.start_s == pytest.approx(start_s + 0.3 * 22, abs=1.5)
    assert load.position_s == pytest.approx(start_s + 0.4 * 22, abs=1.5)
    assert load.end_s == pytest.approx(start_s + 0.5 * 22, abs=1.5)


def test_the_moments_behind_a_finding_lie_in_the_signs_behind_it() -> None:
    study = synthetic_study(12, [CASES[FindingKind.AHA]], seed=7)
    aha = next(one for one in find_findings(study) if one.kind is FindingKind.AHA)
    sessions = {session.summary.participant_id: session for session in study.sessions}
    for moment in aha.evidence:
        signs = [s for s in sessions[moment.participant_id].signs if s.kind is SignKind.AHA]
        assert any(sign.onset_ns <= moment.t_ns <= sign.offset_ns for sign in signs)


def test_depth_and_length_of_a_valley() -> None:
    effect = Effect(SignKind.PRESS, "product", 1.0, lasts=0.4)
    quiet = Background(sway=1.0)
    study = synthetic_study(24, [effect], background=quiet, jitter=0.0)
    valley = next(one for one in find_findings(study) if one.kind is FindingKind.VALLEY)
    assert valley.strength == pytest.approx(-31.5, abs=4)
    assert valley.end_s - valley.start_s == pytest.approx(0.4 * 18, abs=1.5)


@pytest.mark.parametrize("n", [6, 24])
def test_a_finding_of_one_device_names_it_and_one_of_all_does_not(n: int) -> None:
    of_one = Effect(SignKind.FRICTION, "checkout", 1.0, device="mobile")
    of_all = Effect(SignKind.FROWN, "compare", 0.67)
    quiet = Background()
    findings = find_findings(synthetic_study(n, [of_one, of_all], background=quiet, seed=4))
    friction = next(one for one in findings if one.kind is FindingKind.FRICTION)
    assert friction.segment is not None
    assert (friction.segment.name, friction.segment.value) == ("device", "mobile")
    assert (friction.segment.n, friction.segment.n_measured) == (n // 2, n // 2)
    load = next(one for one in findings if one.kind is FindingKind.COGNITIVE_LOAD)
    assert load.segment is None


def test_what_a_small_segment_shows_is_not_lost_among_the_others() -> None:
    study = synthetic_study(32, background=Background())
    own = {"P01", "P03", "P05", "P07", "P09"}
    effect = Effect(SignKind.FROWN, "compare", 1.0)
    with_effect = synthetic_study(32, [effect], background=Background())
    sessions = []
    for plain, frowning in zip(study.sessions, with_effect.sessions, strict=True):
        session = frowning if plain.summary.participant_id in own else plain
        age = "65+" if plain.summary.participant_id in own else "18-64"
        sessions.append(replace(session, summary=replace(session.summary, segments={"age": age})))
    mixed = _realigned(study, sessions)
    loads = [o for o in find_findings(mixed) if o.kind is FindingKind.COGNITIVE_LOAD]
    assert len(loads) == 1
    assert loads[0].segment is not None
    assert (loads[0].segment.value, loads[0].segment.n) == ("65+", 5)
    assert set(loads[0].participants) == own


def test_one_extreme_face_makes_no_peak() -> None:
    study = synthetic_study(12, background=Background())
    extreme = study.sessions[0]
    signals = extreme.signals.copy()
    signals[100:140, 0] = 100
    mixed = _realigned(study, [replace(extreme, signals=signals), *study.sessions[1:]])
    assert _alarms(find_findings(mixed)) == []


def test_small_groups_are_found_by_what_comes_together() -> None:
    effect = Effect(SignKind.SMILE, "checkout", 1.0)
    findings = find_findings(synthetic_study(6, [effect], background=Background()))
    peak = next(one for one in findings if one.kind is FindingKind.GREEN_PEAK)
    assert peak.sureness is Sureness.LIKELY


def test_a_fearful_ad_is_high_anxiety_and_a_dull_one_is_told_without_alarm() -> None:
    fearful = find_findings(synthetic_study(12, [Effect(SignKind.FEAR, "ad", 0.8, lasts=0.6)]))
    mood = next(one for one in fearful if one.kind is FindingKind.ENTRY_MOOD)
    assert (mood.title, mood.mood) == ("Entry: high anxiety", "negative")
    dull = find_findings(synthetic_study(12, background=Background()))
    assert [(o.title, o.is_alarm) for o in dull if o.kind is FindingKind.ENTRY_MOOD] == [
        ("Entry: neutral", False)
    ]


def test_set_up_flows_where_nobody_struggles() -> None:
    findings = find_findings(synthetic_study(12, background=Background()))
    flow = next(one for one in findings if one.kind is FindingKind.FLOW)
    assert len(flow.participants) == 12
    assert not flow.is_alarm


def test_the_same_sessions_give_the_same_findings() -> None:
    study = synthetic_study(8, [CASES[FindingKind.FRICTION]])
    assert find_findings(study) == find_findings(study)


def test_a_study_without_faces_or_without_people_has_no_findings() -> None:
    study = synthetic_study(3, background=Background())
    nothing = np.full_like(study.sessions[0].signals, np.nan)
    blind = _realigned(study, [replace(one, signals=nothing, signs=()) for one in study.sessions])
    assert find_findings(blind) == ()
    assert find_findings(_realigned(study, [])) == ()


def test_every_rule_says_what_it_rests_on() -> None:
    assert {rule.kind for rule in RULES} == set(FindingKind)
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.source
        assert rule.parameters


def _realigned(study, sessions):  # type: ignore[no-untyped-def]
    from journeylab.analysis.detectors.aligned_study import align_study

    return align_study(sessions, study.grid, study.steps, position_s=study.position_s)


def test_a_refused_element_is_called_as_the_studys_area() -> None:
    study = synthetic_study(24, [CASES[FindingKind.FRICTION]], seed=3)
    sessions = [
        replace(
            one,
            signs=tuple(
                replace(sign, spot=replace(sign.spot, name="#card-number"))
                if sign.spot.name == "Card number"
                else sign
                for sign in one.signs
            ),
        )
        for one in study.sessions
    ]
    areas = {"checkout": {"#card-number": "The card's number"}}
    named = align_study(sessions, study.grid, study.steps, position_s=study.position_s, areas=areas)
    friction = next(one for one in find_findings(named) if one.kind is FindingKind.FRICTION)
    assert friction.place is not None and friction.place.name == "The card's number"


def test_a_disconnect_is_shown_where_the_mood_is_gone() -> None:
    study = synthetic_study(24, [CASES[FindingKind.DISCONNECT]], seed=3)
    found = next(one for one in find_findings(study) if one.kind is FindingKind.DISCONNECT)
    sessions = {session.summary.session_id: session for session in study.sessions}
    assert {one.participant_id for one in found.evidence} == set(found.participants)
    for moment in found.evidence:
        session = sessions[moment.session_id]
        valence = session.signal("valence")
        ad = float(valence[study.grid.part("ad")].mean())
        now = float(valence[int(np.argmin(np.abs(session.t_ns - moment.t_ns)))])
        assert ad - now >= 10
