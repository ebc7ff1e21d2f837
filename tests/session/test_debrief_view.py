"""What there is to talk about at the end: the study's steps, and those that came between."""

from __future__ import annotations

import pytest
from session_bench import Bench

from journeylab.app.debriefing import debrief_view
from journeylab.session.debrief import begin_debrief
from journeylab.vocabulary import TaskOutcome


def test_unplanned_steps_stand_behind_the_study_s_with_time_marks_and_outcome(
    bench: Bench,
) -> None:
    bench.record()
    controller = bench.controller
    step = controller.course.enter_unplanned("Phone rings")
    controller.remarks.add_marker("quote")
    controller.course.set_outcome(TaskOutcome.ABANDONED)
    bench.clock.sleep_until_ns(bench.clock.now_ns() + 200_000_000)
    controller.course.enter_unplanned("Asks for water")
    begin_debrief(controller.course)
    view = debrief_view(controller)
    n_planned = len(controller.folder.study.steps)
    assert [line.title for line in view.lines[n_planned:]] == ["Phone rings", "Asks for water"]
    extra = view.lines[n_planned]
    assert (extra.step_id, extra.planned_s, extra.outcome, extra.marks) == (
        step.id,
        None,
        TaskOutcome.ABANDONED,
        ("quote",),
    )
    assert extra.spent_s == pytest.approx(0.2, abs=0.15)
    controller.course.set_outcome(TaskOutcome.SUCCESS, of_step=step.id)
    assert debrief_view(controller).lines[n_planned].outcome is TaskOutcome.SUCCESS
    bench.stop()
