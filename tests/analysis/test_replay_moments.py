"""Events by time and moments by severity, on sessions whose trouble is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis.planted import START_NS, Bump, PlantedSession, Recipe, header_of, samples_of, study_of

from journeylab.analysis.replay_events import (
    EventIndex,
    EventKind,
    ReplayEvent,
    ReplayStep,
    read_events,
    read_steps,
)
from journeylab.analysis.replay_moments import SEVERE, ReplayMoment, rank_moments, valleys
from journeylab.clock import NS_PER_S
from journeylab.streams import Sample, row

VISITS = (("landing", 10.0), ("compare", 10.0), ("checkout", 10.0))
TROUBLE = (
    Bump("compare", 0.5, 0.3, -40, {"AU04": 0.8}, {"confusion": 0.9}),
    Bump("checkout", 0.5, 0.3, -70, {"AU24": 0.9, "AU04": 0.5}, {"frustration": 0.9}),
)


def _session(*more: Sample, story: tuple[Bump, ...] = (), **changes: object) -> PlantedSession:
    recipe = Recipe("P01", visits=VISITS, story=story, **changes)  # type: ignore[arg-type]
    samples = sorted([*samples_of(recipe), *more], key=lambda sample: sample.t_ns)
    return PlantedSession(Path("P01.h5"), header_of(recipe, study_of()), samples)


def _moments(session: PlantedSession) -> tuple[ReplayMoment, ...]:
    affect = session.table("affect", columns=("valence",))
    return rank_moments(
        read_events(session), read_steps(session), t_ns=affect.t_ns, valence=affect["valence"]
    )


def _marker(seconds: float, label: str) -> Sample:
    return row("markers", START_NS + round(seconds * NS_PER_S), label=label, author="moderator")


def test_the_worst_moment_is_first_and_lies_where_it_was_planted() -> None:
    moments = _moments(_session(story=TROUBLE, click_burst_on="checkout"))
    assert [moment.step_title for moment in moments] == ["Checkout", "Compare"]
    worst, other = moments
    assert worst.severity > SEVERE > 0.3 and worst.severity > other.severity
    assert (worst.apex_ns - START_NS) / NS_PER_S == pytest.approx(25, abs=1.0)
    assert worst.start_ns < worst.apex_ns < worst.end_ns
    assert {"clicks", "AU24", "AU04", "valence"} == {sign.key for sign in worst.signs}
    assert "clicked again and again" in worst.words


def test_a_calm_session_has_no_moments() -> None:
    assert _moments(_session()) == ()


def test_joy_is_no_trouble_and_neither_is_a_marker_that_says_so() -> None:
    happy = (Bump("landing", 0.5, 0.5, 70, {"AU12": 0.9}, {"joy": 0.9}),)
    assert _moments(_session(_marker(5, "delight"), story=happy)) == ()
    marked = _moments(_session(_marker(5, "confusion"), story=happy))
    assert [moment.words for moment in marked] == ["marker confusion"]


def test_signs_of_different_kinds_weigh_more_than_one_that_comes_again() -> None:
    step = (ReplayStep("a", "A", 0, 100 * NS_PER_S, 1),)

    def event(seconds: float, kind: EventKind) -> ReplayEvent:
        t_ns = round(seconds * NS_PER_S)
        return ReplayEvent(t_ns, kind, "x", t_ns, t_ns)

    nothing = {"t_ns": np.empty(0, np.int64), "valence": np.empty(0)}
    again = EventIndex(tuple(event(10 + k, EventKind.CLICKS) for k in range(5)))
    both = EventIndex((event(10, EventKind.CLICKS), event(11, EventKind.REFUSAL)))
    once = EventIndex((event(10, EventKind.CLICKS),))
    severities = [rank_moments(one, step, **nothing)[0].severity for one in (again, both, once)]
    assert severities[0] == pytest.approx(severities[2])
    assert severities[1] == pytest.approx(1 - (1 - 0.6) * (1 - 0.5))


def test_what_is_far_apart_or_in_two_steps_makes_two_moments() -> None:
    steps = tuple(ReplayStep(n, n, k * NS_PER_S, (k + 1) * NS_PER_S, 1) for k, n in enumerate("ab"))
    times_ns = (NS_PER_S - 10, NS_PER_S + 10)
    events = EventIndex(tuple(ReplayEvent(t, EventKind.CLICKS, "x", t, t) for t in times_ns))
    found = rank_moments(events, steps, t_ns=np.empty(0, np.int64), valence=np.empty(0))
    assert sorted(moment.step_title for moment in found) == ["a", "b"]


def test_a_valley_is_found_with_its_depth_and_a_short_dip_is_not() -> None:
    t_ns = np.arange(0, 10 * NS_PER_S, NS_PER_S // 30)
    valence = np.zeros(len(t_ns))
    valence[90:150] = -50.0  # two seconds from the third on
    valence[210:216] = -90.0  # a fifth of a second
    valence[10:20] = np.nan
    (sign,) = valleys(t_ns, valence)
    assert sign.start_ns / NS_PER_S == pytest.approx(3.0, abs=0.3)
    assert sign.end_ns / NS_PER_S == pytest.approx(5.0, abs=0.3)
    assert sign.words == "valence down to −50"


def test_events_are_in_order_without_what_was_taken_back() -> None:
    taken = _marker(4, "wrong")
    session = _session(
        _marker(8, "confusion"),
        taken,
        row(
            "withdrawals",
            START_NS + 5 * NS_PER_S,
            of_stream="markers",
            of_t_ns=taken.t_ns,
            author="m",
        ),
        row("notes", START_NS + 6 * NS_PER_S, text="She laughs", author="m"),
        *(
            row(
                "alerts",
                START_NS + s * NS_PER_S,
                kind="stuck",
                phase=p,
                reason="no click",
                step_id="x",
            )
            for s, p in ((12, "start"), (15, "end"), (27, "start"))
        ),
        story=TROUBLE,
    )
    index = read_events(session)
    times = [event.t_ns for event in index.events]
    assert times == sorted(times)
    assert [event.words for event in index.of(EventKind.MARKER)] == ["confusion"]
    first, last = index.of(EventKind.ALERT)
    assert first.end_ns - first.t_ns == 3 * NS_PER_S
    assert last.end_ns == session.end_ns  # it was never ended
    unit = next(event for event in index.of(EventKind.UNIT) if event.key == "AU04")
    assert unit.t_ns < unit.apex_ns < unit.end_ns and unit.level == pytest.approx(0.8, abs=0.05)
    note = index.of(EventKind.NOTE)[0]
    assert index.between(note.t_ns, note.t_ns + 1) == (note,)
    before, after = index.before(note.t_ns), index.after(note.t_ns)
    assert before is None or before.t_ns < note.t_ns
    assert after is not None and after.t_ns > note.t_ns
