"""Who counts for a study, once, and where its quotas stand."""

from __future__ import annotations

from journeylab.study.model import Segment, Step, Study
from journeylab.study.quotas import HeldSession, tally
from journeylab.study.stimulus import Stimulus
from journeylab.vocabulary import StimulusKind


def _study(*, participants: int | None = 12, **quotas: int) -> Study:
    step = Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Look."))
    device = Segment(name="device", values=("desktop", "mobile"), quotas=quotas)
    return Study(
        id="s",
        title="S",
        steps=(step,),
        participants=participants,
        segments=(device, Segment(name="age", values=("young", "old"))),
    )


def _held(participant_id: str, device: str = "mobile", *, usable: bool = True) -> HeldSession:
    return HeldSession(participant_id, {"device": device}, usable)


def test_a_quota_counts_the_usable_participants_of_its_value() -> None:
    sessions = [_held("P1"), _held("P2"), _held("P3", "desktop"), _held("P4", usable=False)]
    found = tally(_study(mobile=8), sessions)
    (mobile,) = found.quotas_of("device")
    assert mobile.words == "mobile 2 of 8"
    assert not mobile.is_full
    assert found.quotas_of("age") == ()
    assert (found.usable, found.too_poor, found.wanted) == (3, 1, 12)


def test_a_participant_with_two_sessions_counts_once_and_by_her_usable_one() -> None:
    sessions = [_held("P1", usable=False), _held("P1", "desktop"), _held("P2", usable=False)]
    found = tally(_study(mobile=1, desktop=1), sessions)
    assert (found.usable, found.too_poor) == (1, 1)
    assert [quota.words for quota in found.quotas] == ["desktop 1 of 1", "mobile 0 of 1"]


def test_only_a_full_quota_of_her_own_value_is_gone_beyond() -> None:
    found = tally(_study(mobile=1, desktop=0), [_held("P1")])
    assert [quota.value for quota in found.full_among({"device": "mobile"})] == ["mobile"]
    assert [quota.value for quota in found.full_among({"device": "desktop"})] == ["desktop"]
    assert found.full_among({"age": "old"}) == ()
    assert tally(_study(mobile=2), [_held("P1")]).full_among({"device": "mobile"}) == ()


def test_simulated_sessions_are_of_nobody() -> None:
    simulated = HeldSession("P9", {"device": "mobile"}, True, is_simulated=True)
    found = tally(_study(mobile=1, participants=None), [simulated], unread=2)
    assert (found.usable, found.too_poor, found.simulated, found.unread) == (0, 0, 1, 2)
    assert found.wanted is None
    assert not found.quotas[0].is_full
