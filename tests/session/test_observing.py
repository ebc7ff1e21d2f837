"""Who may watch, what she is shown and what she may write."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from session_bench import Bench
from session_fakes import wait_until

from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.session.observing import (
    CODE_DIGITS,
    CODE_LASTS_NS,
    LONGEST_NOTE,
    MOST_OBSERVERS,
    MOST_TRACE_POINTS,
    ObserverRoom,
    observed,
)
from journeylab.streams import Row

_WRONG = "0" * CODE_DIGITS


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start_ns=NS_PER_S)


@pytest.fixture
def room(bench: Bench, clock: VirtualClock) -> ObserverRoom:
    """The room of a session that records, on a clock of its own."""
    bench.record()
    return ObserverRoom(observed(bench.controller), clock=clock)


def _join(room: ObserverRoom, name: str = "Anna") -> str:
    answer = room.join(room.open_code(), name=name, address="10.0.0.7")
    assert answer.status == 200
    return answer.token


def _wrong(room: ObserverRoom, address: str = "10.0.0.9") -> int:
    code = _WRONG if room.code != _WRONG else "1" * CODE_DIGITS
    return room.join(code, name="Eve", address=address).status


def _notes(bench: Bench) -> list[tuple[object, ...]]:
    return [row.values for row in bench.writers[-1].of("notes") if isinstance(row, Row)]


def test_nobody_is_admitted_before_there_is_a_code(room: ObserverRoom) -> None:
    assert room.code == ""
    assert [room.join(code, name="A", address="x").status for code in ("", "-" * 8)] == [403, 403]
    assert not room.admits("")


def test_a_code_is_digits_good_once_and_read_with_spaces(room: ObserverRoom) -> None:
    code = room.open_code()
    assert re.fullmatch(rf"\d{{{CODE_DIGITS}}}", code)
    spoken = f" {code[:4]} {code[4:]} "
    first = room.join(spoken, name="Anna", address="x")
    assert first.status == 200 and room.admits(first.token)
    assert room.join(code, name="Ben", address="y").status == 403
    assert room.code == ""
    assert room.watching() == ("Anna",)


def test_a_code_is_void_when_a_new_one_is_made_or_old(
    room: ObserverRoom, clock: VirtualClock
) -> None:
    old = room.open_code()
    new = room.open_code()
    assert old == new or room.join(old, name="A", address="x").status == 403
    assert room.join(new, name="A", address="y").status == 200
    late = room.open_code()
    clock.advance_ns(CODE_LASTS_NS)
    assert room.join(late, name="A", address="z").status == 403


def test_wrong_codes_lock_their_address_for_a_minute_and_no_other(
    room: ObserverRoom, clock: VirtualClock
) -> None:
    code = room.open_code()
    assert [_wrong(room) for _ in range(5)] == [403] * 5
    answer = room.join(code, name="Eve", address="10.0.0.9")
    assert (answer.status, answer.sentence) == (
        429,
        "Too many wrong codes. Try again in 60 seconds.",
    )
    assert room.code == code
    clock.advance_ns(60 * NS_PER_S)
    assert room.join(code, name="Eve", address="10.0.0.9").status == 200


def test_a_code_guessed_at_from_many_addresses_is_withdrawn(room: ObserverRoom) -> None:
    code = room.open_code()
    for number in range(15):
        _wrong(room, address=f"10.0.1.{number}")
    assert room.join(code, name="Eve", address="10.0.2.1").status == 403


def test_names_are_given_told_apart_and_cleaned(room: ObserverRoom) -> None:
    assert room.join(room.open_code(), name=" \n ", address="x").status == 400
    assert room.code != ""  # a missing name does not use it up
    for name in ("Anna", "anna", "Be\x00n\u202e" + "n" * 60):
        _join(room, name)
    names = room.watching()
    assert names[:2] == ("Anna", "anna 2")
    assert names[2].startswith("Be n n") and len(names[2]) == 40


def test_there_is_an_end_to_how_many_watch(room: ObserverRoom) -> None:
    for number in range(MOST_OBSERVERS):
        _join(room, f"Observer {number}")
    answer = room.join(room.open_code(), name="One more", address="x")
    assert (answer.status, room.code != "") == (403, True)


def test_who_asks_no_more_is_not_watching(room: ObserverRoom, clock: VirtualClock) -> None:
    token = _join(room)
    clock.advance_ns(7 * NS_PER_S)
    assert room.watching() == ()
    assert room.admits(token)
    assert room.watching() == ("Anna",)


def test_nothing_is_good_any_more_once_it_is_closed(bench: Bench, room: ObserverRoom) -> None:
    token, code = _join(room), room.open_code()
    room.close()
    assert not room.admits(token)
    assert room.note(token, "late").status == 401
    assert room.join(code, name="B", address="x").status == 410
    assert (room.open_code(), room.watching()) == ("", ())
    bench.stop()
    assert _notes(bench) == []


def test_a_note_has_its_observer_as_author_never_the_moderator(
    bench: Bench, room: ObserverRoom
) -> None:
    anna, moderator = _join(room), _join(room, "moderator")
    assert room.note(anna, " She frowns\nat the price ").status == 200
    assert room.note(moderator, "<b>me</b>").status == 200
    assert room.note("made up", "x").status == 401
    bench.stop()
    assert _notes(bench) == [
        ("She frowns at the price", "observer Anna"),
        ("<b>me</b>", "observer moderator"),
    ]


def test_notes_are_limited_in_length_and_pace(room: ObserverRoom, clock: VirtualClock) -> None:
    token = _join(room)
    assert room.note(token, "  ").status == 400
    assert room.note(token, "x" * (LONGEST_NOTE + 1)).status == 413
    assert [room.note(token, "x" * LONGEST_NOTE).status for _ in range(6)] == [200] * 5 + [429]
    clock.advance_ns(10 * NS_PER_S)
    assert room.note(token, "again").status == 200


def test_a_note_after_the_recording_is_refused_in_words(bench: Bench, room: ObserverRoom) -> None:
    token = _join(room)
    bench.stop()
    answer = room.note(token, "late")
    assert answer.status == 409
    assert "cannot write a note" in answer.sentence


def test_the_state_tells_steps_and_markers_and_no_picture(bench: Bench, room: ObserverRoom) -> None:
    bench.controller.remarks.add_marker("delight")
    bench.controller.remarks.add_marker("confusion")
    bench.controller.remarks.withdraw_last()
    bench.controller.next_step()
    state = room.state()
    assert (state["study"], state["participant"], state["step"]) == ("Kettles", "P01", "Shop")
    assert state["planned"] == ["Ad", "Shop", "Unboxing"]
    assert [title for _, title in state["steps"]] == ["Ad", "Shop"]  # type: ignore[attr-defined]
    assert [label for _, label in state["markers"]] == ["delight"]  # type: ignore[attr-defined]
    bench.controller.course.pause()
    assert (room.state()["is_paused"], room.state()["is_running"]) == (True, True)
    assert not {"frame", "image", "video", "face", "mesh", "consent"} & set(
        json.dumps(state).split('"')
    )


def test_the_trace_comes_in_pieces_without_overlap(bench: Bench, room: ObserverRoom) -> None:
    wait_until(lambda: len(bench.controller.live.trace()[0]) > 20)
    first = room.trace(-1.0)["points"]
    assert isinstance(first, list) and len(first) > 20
    assert {value for _, value in first} == {10.0}
    wait_until(lambda: len(bench.controller.live.trace()[0]) > len(first) + 20)
    more = room.trace(first[-1][0])["points"]
    assert isinstance(more, list) and more[0][0] > first[-1][0]
    times = [t for t, _ in (*first, *more)]
    assert times == sorted(set(times))


def test_a_long_trace_is_thinned_and_a_gap_stays_one(bench: Bench, room: ObserverRoom) -> None:
    bench.camera.stop()
    live = bench.controller.live
    live.begin(0)
    for index in range(20 * MOST_TRACE_POINTS):
        value = np.nan if 4000 <= index < 8000 else 20.0
        live._valence.append(index / 30, value)
    points = room.trace(-1.0)["points"]
    assert isinstance(points, list)
    assert len(points) == MOST_TRACE_POINTS
    assert {value for _, value in points} == {20.0, None}
    json.dumps(points, allow_nan=False)


def test_without_consent_to_emotion_there_is_no_trace(bench: Bench, clock: VirtualClock) -> None:
    bench.record(emotion_recognition="no")
    room = ObserverRoom(observed(bench.controller), clock=clock)
    wait_until(lambda: len(bench.controller.live.trace()[0]) > 5)
    assert room.trace(-1.0) == {"points": []}
    assert room.state()["shows_emotion"] is False
