"""Skipping, doing again, unplanned steps, pauses, outcomes, and taking back what was said."""

from __future__ import annotations

import math

import pytest
from session_bench import Bench
from session_fakes import MemoryWriter, pointer_move, wait_until

from journeylab.analysis.alignment import visits_of
from journeylab.bundle.reader import Bundle
from journeylab.bundle.validate import validate
from journeylab.errors import SessionError
from journeylab.session.events import EventKind
from journeylab.streams import Picture, Row, row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Stimulus, Variant
from journeylab.vocabulary import StimulusKind, TaskOutcome


def _rows(writer: MemoryWriter, stream: str) -> list[tuple[object, ...]]:
    return [row.values for row in writer.of(stream) if isinstance(row, Row)]


def _page(t_ns: int, kind: str) -> Row:
    places = dict.fromkeys(("page_x_px", "page_y_px", "scroll_x_px", "scroll_y_px"), 0.0)
    return row("page", t_ns, kind=kind, url="shop", selector="", detail="", **places)


def test_a_skipped_step_is_left_and_named(bench: Bench) -> None:
    writer = bench.record()
    assert bench.controller.course.skip("no login").id == "shop"
    bench.stop()
    assert _rows(writer, "acts") == [("skip", "ad", 1, "no login", "moderator")]


def test_the_last_step_can_be_skipped_and_has_ended_then(bench: Bench) -> None:
    writer = bench.record()
    course = bench.controller.course
    bench.controller.next_step()
    bench.controller.next_step()
    assert course.skip("no time") is None
    assert course.is_between and course.is_last_skipped
    assert bench.controller.live.skipped_steps() == {"unboxing"}
    assert course.skip() is None, "it has ended: nothing is left to skip"
    assert course.redo().id == "unboxing" and not course.is_last_skipped
    bench.stop()
    assert _rows(writer, "acts") == [
        ("skip", "unboxing", 1, "no time", "moderator"),
        ("redo", "unboxing", 1, "", "moderator"),
    ]
    assert ("unboxing", "end", 1) in _rows(writer, "steps")


def test_doing_a_step_again_is_another_visit(bench: Bench) -> None:
    writer = bench.record()
    bench.controller.course.redo()
    bench.stop()
    assert ("ad", "start", 2) in _rows(writer, "steps")
    assert _rows(writer, "acts") == [("redo", "ad", 1, "", "moderator")]
    steps = [event.step.id for event in bench.events if event.kind is EventKind.STEP and event.step]
    assert steps == ["ad", "ad"]


def test_an_unplanned_step_comes_between_and_the_way_goes_on_behind_it(bench: Bench) -> None:
    writer = bench.record()
    step = bench.controller.course.enter_unplanned(" She opens her mail ")
    assert (step.id, step.title) == ("unplanned-1", "She opens her mail")
    view = bench.controller.view()
    assert (view.step_index, view.place, view.step_title) == (None, 0, "She opens her mail")
    assert bench.controller.next_step().id == "shop"
    bench.controller.course.enter_unplanned("Phone")
    assert bench.controller.course.go(-1).id == "shop"
    bench.stop()
    assert ("unplanned-2", "end", 1) in _rows(writer, "steps")
    assert [values[0] for values in _rows(writer, "acts")] == ["unplanned", "unplanned"]


def test_an_unplanned_step_needs_a_title(bench: Bench) -> None:
    bench.record()
    with pytest.raises(SessionError, match="needs a title"):
        bench.controller.course.enter_unplanned("  ")


def test_nothing_of_the_participant_is_kept_in_a_pause(bench: Bench) -> None:
    writer = bench.record()
    wait_until(lambda: len(writer.of("camera")) > 5)
    bench.controller.course.pause("She takes a call.")
    assert bench.controller.view().is_paused
    pauses = [event.kind for event in bench.events]
    assert EventKind.PAUSED in pauses
    n_taken = bench.camera.given
    wait_until(lambda: bench.camera.given > n_taken + 20)
    bench.controller.remarks.add_note("a call")
    bench.controller.course.resume()
    wait_until(lambda: bench.controller.live.latest_frame() is not None)
    n_taken = bench.camera.given
    wait_until(lambda: bench.camera.given > n_taken + 20)
    bench.stop()
    acts = [row for row in writer.of("acts") if isinstance(row, Row)]
    begin_ns, end_ns = (row.t_ns for row in acts)
    assert [row.values[0] for row in acts] == ["pause", "resume"]
    for stream in ("camera", "pointer", "microphone", "face", "affect"):
        times_ns = [sample.t_ns for sample in writer.of(stream)]
        assert times_ns[0] < begin_ns and end_ns < times_ns[-1], stream
        assert not [t for t in times_ns if begin_ns <= t < end_ns], stream
    assert _rows(writer, "notes") == [("a call", "moderator")]
    assert _rows(writer, "steps") == [
        ("ad", "start", 1),
        ("ad", "end", 1),
        ("ad", "start", 1),
        ("ad", "end", 1),
    ]
    assert len(bench.controller.live.step_marks()) == 1


def test_what_is_in_force_after_a_pause_is_in_the_bundle(bench: Bench) -> None:
    writer, controller = bench.record(), bench.controller
    controller.course.pause()
    controller.capture_neutral(0.5).result(10)
    now_ns = bench.clock.now_ns()
    area = {"x_px": 1.0, "y_px": 2.0, "width_px": 3.0, "height_px": 4.0}
    controller.publish(row("aois", now_ns, step_id="ad", name="price", **area))
    shown = {"step_id": "ad", "what": "onset", "detail": "ad.png", "media_s": math.nan}
    controller.publish(row("stimulus", now_ns, **shown))
    for kind in ("load", "url", "scroll", "picture", "change", "click"):
        controller.publish(_page(now_ns, kind))
    whole = Picture(now_ns, "ad", 4, 9, "image/jpeg", b"seen before", stream="pages")
    controller.publish(whole)
    controller.course.resume()
    bench.stop()
    assert [values[0] for values in _rows(writer, "calibrations")] == ["neutral"]
    assert [values[1] for values in _rows(writer, "aois")] == ["price"]
    assert [values[1] for values in _rows(writer, "stimulus")] == ["onset"]
    kinds = [values[0] for values in _rows(writer, "page")]
    assert kinds == ["load", "url", "scroll", "picture"]
    assert writer.of("pages") == [whole]


def test_a_mouse_that_rests_after_a_pause_is_where_it_was_moved_to_in_it(bench: Bench) -> None:
    writer, controller = bench.record(), bench.controller
    wait_until(lambda: controller.live.pointer_px() is not None)
    bench.pointer.is_silent.set()
    controller.course.pause()
    controller.publish(pointer_move(bench.clock.now_ns(), 777.0))
    wait_until(lambda: controller.live.pointer_px() == (777.0, 2.0))
    controller.course.resume()
    bench.stop()
    resumed_ns = writer.of("acts")[-1].t_ns
    last = writer.of("pointer")[-1]
    assert isinstance(last, Row)
    assert (last.t_ns, last.values[:3]) == (resumed_ns, (777.0, 2.0, 0))


def test_a_paused_session_takes_no_step_until_it_is_resumed(bench: Bench) -> None:
    bench.record()
    bench.controller.course.pause()
    for act in (bench.controller.next_step, bench.controller.course.redo):
        with pytest.raises(SessionError, match="Resume it first"):
            act()
    bench.controller.course.resume()
    with pytest.raises(SessionError, match="not paused"):
        bench.controller.course.resume()
    assert bench.controller.next_step().id == "shop"


def test_the_bundle_of_a_paused_session_is_sound(folder: StudyFolder) -> None:
    bench = Bench(folder, is_on_disk=True)
    try:
        bench.start()
        course = bench.controller.course
        wait_until(lambda: bench.camera.given > 60)
        course.pause()
        n_taken = bench.camera.given
        wait_until(lambda: bench.camera.given > n_taken + 60)
        course.resume()
        n_taken = bench.camera.given
        wait_until(lambda: bench.camera.given > n_taken + 60)
        path = bench.stop()
    finally:
        bench.controller.close()
    assert validate(path).problems == ()
    with Bundle.open(path) as bundle:
        visits = visits_of(bundle.table("steps"), end_ns=bundle.end_ns)
        acts = bundle.table("acts")
        assert [visit.step_id for visit in visits] == ["ad", "ad"]
        assert visits[1].start_ns - visits[0].end_ns == acts.t_ns[1] - acts.t_ns[0]
        sound = bundle.audio()
        assert sound is not None and len(list(bundle.frame_times_ns())) > 100


def test_the_latest_outcome_holds_and_can_be_taken_back(bench: Bench) -> None:
    writer = bench.record()
    course, remarks = bench.controller.course, bench.controller.remarks
    course.set_outcome(TaskOutcome.FAILED)
    course.set_outcome(TaskOutcome.PARTIAL)
    assert bench.controller.view().outcomes == {"ad": TaskOutcome.PARTIAL}
    assert remarks.withdraw_last() == "partial"
    assert bench.controller.view().outcomes == {"ad": TaskOutcome.FAILED}
    bench.stop()
    outcomes = [row for row in writer.of("acts") if isinstance(row, Row)]
    assert _rows(writer, "withdrawals") == [("acts", outcomes[1].t_ns, "moderator")]


def test_the_outcome_of_an_earlier_step_is_corrected_and_taken_back(bench: Bench) -> None:
    writer, controller = bench.record(), bench.controller
    course, first = controller.course, controller.course.steps[0].id
    course.set_outcome(TaskOutcome.FAILED)
    second = controller.next_step().id
    course.set_outcome(TaskOutcome.SUCCESS, of_step=first)
    assert course.outcomes.by_step() == {first: TaskOutcome.SUCCESS}
    controller.remarks.withdraw_outcomes(first)
    assert course.outcomes.by_step() == {}, "not the word before comes back: nothing was said"
    with pytest.raises(SessionError, match="not reached"):
        course.set_outcome(TaskOutcome.SUCCESS, of_step="another")
    course.set_outcome(TaskOutcome.PARTIAL, of_step=second)
    bench.stop()
    said = [row for row in writer.of("acts") if isinstance(row, Row) and row.values[0] == "outcome"]
    assert [row.values[1] for row in said] == [first, first, second]
    taken_back = [values[1] for values in _rows(writer, "withdrawals")]
    assert taken_back == [row.t_ns for row in said[:2]]


def test_the_last_marker_is_taken_back_first_and_observers_keep_theirs(bench: Bench) -> None:
    bench.record()
    remarks = bench.controller.remarks
    remarks.add_marker("confusion")
    remarks.add_marker("delight")
    remarks.add_marker("quote", author="Ada")
    assert remarks.withdraw_last() == "delight"
    assert bench.controller.view().marker_counts == {"confusion": 1, "quote": 1}
    assert remarks.withdraw_last() == "confusion"
    with pytest.raises(SessionError, match="no marker to take back"):
        remarks.withdraw_last()


def test_a_marker_carries_the_time_its_key_went_down(bench: Bench) -> None:
    writer = bench.record()
    pressed_ns = bench.clock.now_ns()
    wait_until(lambda: bench.clock.now_ns() > pressed_ns + 50_000_000)
    bench.controller.remarks.add_marker("delight", at_ns=pressed_ns)
    bench.stop()
    assert [sample.t_ns for sample in writer.of("markers")] == [pressed_ns]


def test_the_participant_meets_the_variant_that_the_header_names(folder: StudyFolder) -> None:
    words = Stimulus(kind=StimulusKind.INSTRUCTION, text="another")
    first = folder.study.steps[0].model_copy(
        update={"variants": (Variant(id="b", stimulus=words),)}
    )
    study = folder.study.model_copy(update={"steps": (first, *folder.study.steps[1:])})
    bench = Bench(save_study(folder.path, study))
    try:
        writer = bench.record()
        assert writer.header is not None
        variant = writer.header.segments["variant.ad"]
        step = bench.controller.current_step
        assert step is not None
        assert (step.stimulus.text == "another") == (variant == "b")
        assert bench.controller.view().variants == {"ad": variant}
        bench.stop()
    finally:
        bench.controller.close()
