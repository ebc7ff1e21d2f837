"""The microphone before a session: off until it is wanted, and off at once after a no."""

from __future__ import annotations

import time

from session_bench import Bench
from session_fakes import FakeSource, sound

from journeylab.session.states import SessionState


def _another(bench: Bench) -> FakeSource:
    return FakeSource("microphone", lambda t, n: sound(t, 480 * n), rate_hz=100, clock=bench.clock)


def _heard(source: FakeSource) -> bool:
    before = source.given
    time.sleep(0.1)
    return source.given > before


def test_a_preview_leaves_the_microphone_off(bench: Bench) -> None:
    bench.controller.start_preview()
    assert not bench.controller.hearing.is_on
    assert not _heard(bench.microphone)


def test_it_runs_after_a_yes_stops_at_once_at_a_no_and_runs_again(bench: Bench) -> None:
    bench.controller.start_preview()
    hearing, second = bench.controller.hearing, _another(bench)
    hearing.begin(lambda: None)
    assert hearing.is_on
    assert _heard(bench.microphone)
    hearing.end()
    assert not _heard(bench.microphone)
    assert hearing.needs_another
    hearing.begin(lambda: second)
    assert _heard(second)
    writer = bench.record()
    time.sleep(0.1)
    bench.stop()
    assert writer.of("microphone")
    assert not _heard(second)


def test_a_microphone_that_stopped_and_was_not_opened_again_is_no_device_of_the_session(
    bench: Bench,
) -> None:
    bench.controller.start_preview()
    hearing = bench.controller.hearing
    hearing.begin(lambda: None)
    hearing.end()
    writer = bench.record()
    time.sleep(0.1)
    assert writer.header is not None
    assert "microphone" not in writer.header.devices
    assert not writer.of("microphone")


def test_nothing_turns_it_on_in_a_session_without_consent(bench: Bench) -> None:
    bench.controller.start_preview()
    bench.record(audio="no")
    assert bench.controller.state is SessionState.RECORDING
    bench.controller.hearing.begin(lambda: _another(bench))
    assert not bench.controller.hearing.is_on
    assert not _heard(bench.microphone)


def test_a_microphone_that_comes_after_the_end_is_closed(bench: Bench) -> None:
    bench.controller.start_preview()
    hearing, late = bench.controller.hearing, _another(bench)
    hearing.begin(lambda: None)
    hearing.end()

    def reopen() -> FakeSource:
        bench.controller.close()
        return late

    hearing.begin(reopen)
    assert late.starts == 0
    assert late._stopping.is_set()
