"""The rules that draw the moderator's attention: on made series whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from session_fakes import face_measures, pointer_move

from journeylab.clock import NS_PER_S
from journeylab.inference.measures import FaceMeasures, no_face
from journeylab.session.alerts import AlertChange, AlertKind, AlertRules, AlertWatch
from journeylab.streams import Row, row
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES, StimulusKind

_RATE = 30
_RULES = AlertRules()


def _face(
    t_s: float,
    *,
    confusion: float = 0.0,
    frustration: float = 0.0,
    yaw_deg: float = 0.0,
    pitch_deg: float = 0.0,
    gaze_px: tuple[float, float] = (960.0, 540.0),
    **units: float,
) -> FaceMeasures:
    measures = face_measures(round(t_s * NS_PER_S), gaze_px=gaze_px)
    states = np.zeros(len(STATES))
    states[STATES.index("confusion")] = confusion
    states[STATES.index("frustration")] = frustration
    action_units = np.zeros(len(ACTION_UNIT_COLUMNS))
    for code, value in units.items():
        action_units[ACTION_UNIT_COLUMNS.index(code)] = value
    pose = np.array([yaw_deg, pitch_deg, 0.0, 0.0, 0.0, 600.0])
    return replace(measures, states=states, action_units=action_units, head_pose=pose)


def _page(t_s: float, kind: str, detail: str = "") -> Row:
    return row(
        "page",
        round(t_s * NS_PER_S),
        kind=kind,
        url="http://shop/",
        selector="a",
        page_x_px=1.0,
        page_y_px=1.0,
        scroll_x_px=0.0,
        scroll_y_px=0.0,
        detail=detail,
    )


def _press(t_s: float, *, x_px: float = 100.0) -> Row:
    moved = pointer_move(round(t_s * NS_PER_S), x_px)
    return Row(moved.stream, moved.t_ns, (*moved.values[:2], 1, 1, *moved.values[4:]))


def _play(
    watch: AlertWatch, make: object, *, begin_s: float, end_s: float, rows: tuple[Row, ...] = ()
) -> list[AlertChange]:
    """Frames at 30 Hz from ``make(t_s)``, with rows at their own times."""
    waiting = sorted(rows, key=lambda one: one.t_ns)
    changes: list[AlertChange] = []
    for n in range(round(begin_s * _RATE), round(end_s * _RATE)):
        t_s = n / _RATE
        while waiting and waiting[0].t_ns <= t_s * NS_PER_S:
            watch.take_row(waiting.pop(0))
        changes += watch.take_face(make(t_s))  # type: ignore[operator]
    return changes


@pytest.fixture
def watch() -> AlertWatch:
    """A step that began at 0, with a head that has looked straight for 3 s."""
    watch = AlertWatch((1920, 1080))
    watch.begin_step(0)
    assert _play(watch, _face, begin_s=0, end_s=3) == []
    return watch


def test_confusion_without_progress_is_told_once_and_with_its_reason(watch: AlertWatch) -> None:
    changes = _play(
        watch, lambda t: _face(t, confusion=0.8, AU04=0.6), begin_s=3, end_s=20, rows=()
    )
    (stuck,) = changes
    assert (stuck.kind, stuck.is_start) == (AlertKind.STUCK, True)
    # Confused from 3 s on for 5 s, and no act since the step began at 0 s: 8 s.
    assert stuck.t_ns / NS_PER_S == pytest.approx(8.0, abs=0.1)
    assert stuck.reason == "Brow lowered for 5 s, no click, scroll, page or entry for 8 s."
    (over,) = _play(watch, _face, begin_s=20, end_s=25)
    assert not over.is_start
    # The break that is allowed, then the time an alert stands on.
    assert over.t_ns / NS_PER_S == pytest.approx(20 + _RULES.break_s + _RULES.ends_s, abs=0.1)


@pytest.mark.parametrize("kind", ["click", "scroll", "load", "url", "input", "focus"])
def test_who_gets_on_is_not_stuck(watch: AlertWatch, kind: str) -> None:
    acts = tuple(_page(t, kind) for t in (6.0, 12.0, 18.0))
    make = lambda t: _face(t, confusion=0.9, AU04=0.8)  # noqa: E731
    assert _play(watch, make, begin_s=3, end_s=20, rows=acts) == []


def test_who_fills_in_a_form_with_a_lowered_brow_gets_on(watch: AlertWatch) -> None:
    """Thinking while typing lowers the brow: nobody is stuck who types."""
    entries = tuple(_page(3.0 + n, "input", "typing") for n in range(30))
    chosen = (_page(36.0, "change", "field: option 2"), _page(41.0, "focus", "input text"))
    make = lambda t: _face(t, confusion=0.9, AU04=0.8)  # noqa: E731
    assert _play(watch, make, begin_s=3, end_s=48.9, rows=entries + chosen) == []
    (stuck,) = _play(watch, make, begin_s=48.9, end_s=52)
    assert stuck.t_ns / NS_PER_S == pytest.approx(49.0, abs=0.1), "8 s after the last of it"


def test_what_a_page_changes_by_itself_is_no_progress(watch: AlertWatch) -> None:
    ticking = tuple(
        _page(t, "change", "page: 1 added, 1 removed, 0 restyled") for t in np.arange(3, 12, 0.3)
    )
    make = lambda t: _face(t, confusion=0.9)  # noqa: E731
    assert len(_play(watch, make, begin_s=3, end_s=12, rows=ticking)) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (StimulusKind.VIDEO, "Looks confused for 12 s while the video plays."),
        (StimulusKind.IMAGE, "Looks confused for 12 s while looking at the picture."),
        (StimulusKind.INSTRUCTION, "Looks confused for 12 s while reading."),
        (StimulusKind.QUESTIONS, "Looks confused for 12 s over the questions."),
        (StimulusKind.CAMERA_ONLY, "Looks confused for 12 s at what is done off the screen."),
    ],
)
def test_where_nothing_is_to_be_done_on_the_screen_confusion_must_hold_for_longer(
    kind: StimulusKind, words: str
) -> None:
    watch = AlertWatch((1920, 1080))
    watch.begin_step(0, kind)
    make = lambda t: _face(t, confusion=0.8)  # noqa: E731
    (told,) = _play(watch, make, begin_s=0, end_s=20)
    assert (told.kind, told.reason) == (AlertKind.STUCK, words)
    assert told.t_ns / NS_PER_S == pytest.approx(_RULES.puzzled_s, abs=0.1)


def test_screenshots_are_clicked_and_no_more_is_said_of_them() -> None:
    watch = AlertWatch((1920, 1080))
    watch.begin_step(0, StimulusKind.SCREENS)
    (told,) = _play(watch, lambda t: _face(t, confusion=0.8), begin_s=0, end_s=9)
    assert told.reason == "Looks confused for 8 s, no click for 8 s."


def test_a_mouse_that_only_moves_is_no_progress_and_the_moderator_s_clicks_are_none(
    watch: AlertWatch,
) -> None:
    moves = tuple(pointer_move(round(t * NS_PER_S)) for t in np.arange(3, 12, 0.1))
    elsewhere = (_press(7.0, x_px=-400.0), _press(7.5, x_px=2500.0))
    make = lambda t: _face(t, confusion=0.9)  # noqa: E731
    (stuck,) = _play(watch, make, begin_s=3, end_s=12, rows=(*moves, *elsewhere))
    assert stuck.reason.startswith("Looks confused")
    assert stuck.t_ns / NS_PER_S == pytest.approx(8.0, abs=0.1)


def test_short_or_weak_confusion_says_nothing(watch: AlertWatch) -> None:
    flicker = lambda t: _face(t, confusion=0.9 if t % 4 < 2 else 0.0)  # noqa: E731
    assert _play(watch, flicker, begin_s=3, end_s=30) == []
    weak = lambda t: _face(t, confusion=0.45)  # noqa: E731
    assert _play(watch, weak, begin_s=30, end_s=60) == []


def test_a_blink_does_not_end_confusion(watch: AlertWatch) -> None:
    blinking = lambda t: _face(t, confusion=0.0 if t % 3 < 0.3 else 0.9)  # noqa: E731
    changes = _play(watch, blinking, begin_s=3, end_s=20)
    assert [one.is_start for one in changes] == [True]


def test_frustration_that_holds_is_told(watch: AlertWatch) -> None:
    make = lambda t: _face(t, frustration=0.7)  # noqa: E731
    (told,) = _play(watch, make, begin_s=3, end_s=10)
    assert told.kind is AlertKind.FRUSTRATED
    assert told.t_ns / NS_PER_S == pytest.approx(6.0, abs=0.1)
    assert told.reason == "Looks frustrated for 3 s."


def test_pressed_lips_with_rage_clicks_are_frustration(watch: AlertWatch) -> None:
    clicks = tuple(_press(5 + 0.3 * n) for n in range(5))
    seen_by_the_page = tuple(_page(5.05 + 0.3 * n, "click") for n in range(5))
    pressed = lambda t: _face(t, AU24=0.5)  # noqa: E731
    (told,) = _play(watch, pressed, begin_s=3, end_s=6.5, rows=clicks + seen_by_the_page)
    assert told.reason == "Lips pressed, 4 clicks within 2 s."
    calm = AlertWatch()
    calm.begin_step(0)
    assert _play(calm, _face, begin_s=0, end_s=8, rows=clicks) == []


def test_pressed_lips_with_a_form_that_refuses_twice_are_frustration(watch: AlertWatch) -> None:
    refused = (_page(4.0, "invalid"), _page(9.0, "invalid"))
    pressed = lambda t: _face(t, AU24=0.4)  # noqa: E731
    (told,) = _play(watch, pressed, begin_s=3, end_s=10, rows=refused)
    assert told.reason == "Lips pressed, form refused 2 times."
    assert told.t_ns / NS_PER_S == pytest.approx(9.0, abs=0.1)
    once = AlertWatch()
    once.begin_step(0)
    assert _play(once, pressed, begin_s=0, end_s=10, rows=refused[:1]) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda t: no_face(round(t * NS_PER_S)), "No face for 4 s."),
        (lambda t: _face(t, yaw_deg=45.0), "Head turned away for 4 s."),
        (lambda t: _face(t, pitch_deg=-40.0), "Head turned away for 4 s."),
        (lambda t: _face(t, gaze_px=(2400.0, 500.0)), "Looks beside the screen for 4 s."),
    ],
)
def test_who_is_away_is_told_and_who_comes_back_too(
    watch: AlertWatch, make: object, words: str
) -> None:
    (told,) = _play(watch, make, begin_s=3, end_s=12)
    assert (told.kind, told.reason) == (AlertKind.OFF_SCREEN, words)
    assert told.t_ns / NS_PER_S == pytest.approx(7.0, abs=0.1)
    (back,) = _play(watch, _face, begin_s=12, end_s=16)
    assert not back.is_start


def test_a_head_that_always_points_aside_is_not_away() -> None:
    watch = AlertWatch()
    watch.begin_step(0)
    aside = lambda t: _face(t, yaw_deg=28.0 + 8 * np.sin(t), pitch_deg=-20.0)  # noqa: E731
    assert _play(watch, aside, begin_s=0, end_s=60) == []


def test_gaze_that_is_not_calibrated_says_nothing(watch: AlertWatch) -> None:
    unknown = lambda t: _face(t, gaze_px=(float("nan"), float("nan")))  # noqa: E731
    assert _play(watch, unknown, begin_s=3, end_s=20) == []


def test_nothing_of_emotion_is_told_of_who_declined_it(watch: AlertWatch) -> None:
    watch.withhold_emotion()
    clicks = tuple(_press(5 + 0.2 * n) for n in range(8))
    make = lambda t: _face(t, confusion=1.0, frustration=1.0, AU24=0.9)  # noqa: E731
    assert _play(watch, make, begin_s=3, end_s=20, rows=clicks) == []
    gone = lambda t: no_face(round(t * NS_PER_S))  # noqa: E731
    assert [one.kind for one in _play(watch, gone, begin_s=20, end_s=26)] == [AlertKind.OFF_SCREEN]


def test_a_step_s_end_ends_its_alerts_and_nothing_is_told_until_the_next(
    watch: AlertWatch,
) -> None:
    make = lambda t: _face(t, confusion=0.9)  # noqa: E731
    (begun,) = _play(watch, make, begin_s=3, end_s=10)
    (ended,) = watch.end_step(10 * NS_PER_S)
    assert (ended.kind, ended.is_start, ended.reason) == (AlertKind.STUCK, False, begun.reason)
    assert _play(watch, make, begin_s=10, end_s=60) == []
    watch.begin_step(60 * NS_PER_S)
    (again,) = _play(watch, make, begin_s=60, end_s=70)
    assert again.t_ns / NS_PER_S == pytest.approx(68.0, abs=0.1)


def test_an_alert_that_ended_rests_before_it_may_begin_again(watch: AlertWatch) -> None:
    away = lambda t: no_face(round(t * NS_PER_S))  # noqa: E731
    _play(watch, away, begin_s=3, end_s=9)
    (ended,) = _play(watch, _face, begin_s=9, end_s=11.5)
    changes = _play(watch, away, begin_s=11.5, end_s=20)
    assert [one.is_start for one in changes] == [True]
    assert changes[0].t_ns - ended.t_ns >= _RULES.rests_s * NS_PER_S
