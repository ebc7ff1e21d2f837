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
from journeylab.analysis.replay_moments import (
    ReplayMoment,
    is_joyful,
    rank_moments,
    read_expressions,
    valleys,
)
from journeylab.analysis.severity import SEVERE
from journeylab.clock import NS_PER_S
from journeylab.streams import Sample, row
from journeylab.vocabulary import PointerAction

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
    steps = read_steps(session)
    return rank_moments(
        read_events(session),
        steps,
        t_ns=affect.t_ns,
        valence=affect["valence"],
        expressions=read_expressions(session, steps),
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
    assert {"burst", "press", "valence"} == {sign.key for sign in worst.signs}
    assert "clicked again and again" in worst.words


def test_contempt_is_a_sign_and_the_dimpler_of_either_side_an_event() -> None:
    story = (Bump("compare", 0.5, 0.3, -5, {"AU14L": 0.8, "AU14": 0.4}, {"contempt": 0.9}),)
    session = _session(story=story)
    (moment,) = _moments(session)
    assert [sign.key for sign in moment.signs] == ["contempt"]
    assert "contempt (AU14)" in moment.words
    (event,) = read_events(session).of(EventKind.UNIT)
    assert (event.key, event.words) == ("AU14L", "AU14L dimpler")


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


def test_a_valley_ends_with_a_pause_and_with_its_step() -> None:
    minute_ns = 60 * NS_PER_S
    before = np.arange(0, 2 * NS_PER_S, NS_PER_S // 30)
    t_ns = np.concatenate((before, before + 10 * minute_ns))
    low = np.full(len(t_ns), -50.0)
    parted = valleys(t_ns, low)
    assert [round((one.end_ns - one.start_ns) / NS_PER_S) for one in parted] == [2, 2]
    steps = (ReplayStep("a", "A", 0, NS_PER_S, 1), ReplayStep("b", "B", NS_PER_S, 2 * NS_PER_S, 1))
    by_step = valleys(before, low[: len(before)], steps)
    assert [round((one.end_ns - one.start_ns) / NS_PER_S) for one in by_step] == [1, 1]


@pytest.mark.parametrize(
    ("label", "is_joy"),
    [
        ("delight", True),
        ("very happy", True),
        ("Aha!", True),
        ("unhappy", False),
        ("no joy at all", False),
        ("not happy", False),
        ("confusion", False),
    ],
)
def test_joy_is_told_by_whole_words(label: str, is_joy: bool) -> None:
    assert is_joyful(label) is is_joy


def test_clicks_scrolls_and_answers_are_events() -> None:
    def at(seconds: float) -> int:
        return START_NS + round(seconds * NS_PER_S)

    def mouse(seconds: float, action: PointerAction, dy: float = 0.0) -> Sample:
        button = 1 if action is PointerAction.PRESS else 0
        place = {"x_px": 640.0, "y_px": 400.0, "speed_px_s": 0.0}
        turn = {"scroll_dx": 0.0, "scroll_dy": dy}
        return row("pointer", at(seconds), action=action, button=button, **place, **turn)

    def page(seconds: float, kind: str, selector: str, scroll_y: float = 0.0) -> Sample:
        nowhere = dict.fromkeys(("page_x_px", "page_y_px", "scroll_x_px"), 0.0)
        nowhere["scroll_y_px"] = scroll_y
        words = {"url": "https://shop.test/", "selector": selector, "detail": ""}
        return row("page", at(seconds), kind=kind, **words, **nowhere)

    session = _session(
        mouse(2.0, PointerAction.PRESS),
        page(2.05, "click", "#buy"),
        mouse(4.0, PointerAction.PRESS),
        page(6.0, "click", "#menu"),  # by a key: no mouse
        *(mouse(8.0 + k / 10, PointerAction.SCROLL, -1.0) for k in range(5)),
        mouse(12.0, PointerAction.SCROLL, -1.0),
        mouse(12.2, PointerAction.SCROLL, 1.0),
        page(8.3, "scroll", "", 300.0),  # by the wheel
        page(20.0, "scroll", "", 900.0),  # by a key
        row("answers", at(15), step_id="compare", question_id="ease", value="6"),
        row("answers", at(16), step_id="compare", question_id="gone", value="no"),
        pointer=False,
    )
    index = read_events(session, {("compare", "ease"): "How easy was it?"})
    clicks = index.of(EventKind.CLICK)
    assert [one.detail for one in clicks] == ["#buy", "at 640, 400 px", "#menu"]
    scrolls = index.of(EventKind.SCROLL)
    times = [(round((one.t_ns - START_NS) / NS_PER_S, 1), one.words) for one in scrolls]
    assert times == [
        (8.0, "Scrolled down"),
        (12.0, "Scrolled down"),
        (12.2, "Scrolled up"),
        (20.0, "Scrolled down"),
    ]
    assert [(one.words, one.detail) for one in index.of(EventKind.ANSWER)] == [
        ("Answered: How easy was it?", "6"),
        ("Answered: gone", "no"),
    ]


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
