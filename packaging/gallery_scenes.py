"""What the moderator sees: studies, editor, set-up, a practice session, its end, the analysis."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from gallery_editor import editor_scenes
from photographing import Camera, Scenes

_REASON = "Looks confused for 6 s, no click, scroll or page for 9 s."
_OBSERVERS = ("Ada Berg", "Tom Lind")


def moderator_scenes(
    composition: Any, camera: Camera, *, demo: Path, study: Path, parts: Collection[str]
) -> Scenes:
    """The parts asked for, in the order in which a moderator meets them."""
    window = composition.window
    if "studies" in parts:
        yield from _studies(window, camera, demo=demo, study=study)
    if "editor" in parts:
        yield from editor_scenes(window, camera, study=study)
    if not {"setup", "session", "finish", "analysis", "versions"} & set(parts):
        return
    yield 0.3, lambda: window.open_study(demo)
    if "setup" in parts:
        yield from _setup(window, camera)
    if "session" in parts:
        yield from _session(composition, camera)
        yield from _end(composition, camera)
    if "finish" in parts:
        yield from _finish(window, camera, demo=demo)
    if "analysis" in parts:
        yield from _analysis(composition, camera)
    if "versions" in parts:
        yield from version_scenes(composition, camera, study=study)


def _studies(window: Any, camera: Camera, *, demo: Path, study: Path) -> Scenes:
    yield 0.8, lambda: camera.take(window, "studies-empty")
    yield 0.1, lambda: _remember(window, study, demo)
    yield 0.5, lambda: camera.take(window, "studies")
    yield (
        0.1,
        lambda: window.studies.show_problem(
            "The study holds no ad.mp4. Put the file back, or choose another in the editor."
        ),
    )
    yield 0.3, lambda: camera.take(window, "studies-problem")
    yield 0.1, lambda: window.studies.show_problem("")
    yield 0.1, lambda: _ask_for_passphrase(window, study)
    yield 0.5, lambda: camera.take_dialog("unlock")


def _remember(window: Any, *folders: Path) -> None:
    for folder in folders:
        window._recents.remember(folder)
    window._leave_study()


def _ask_for_passphrase(window: Any, study: Path) -> None:
    from journeylab.study.folder import load_study
    from journeylab.ui.moderator.unlock import ask_for_passphrase

    ask_for_passphrase(load_study(study), window, lambda: None, palette=window._palette)


def _setup(window: Any, camera: Camera) -> Scenes:
    setup = window.setup
    yield 0.5, lambda: camera.take(window, "setup-opening")
    yield 0.1, lambda: fill_in(setup)
    yield 2.0, lambda: None
    while window._session is None:
        yield 0.5, lambda: None  # until the devices are open
    yield 7.0, lambda: camera.take(window, "setup")
    yield 0.1, lambda: _scroll_down(setup)
    yield 0.5, lambda: camera.take(window, "setup-consent")
    yield 0.1, setup.checks.ask_for_delay
    yield 2.0, lambda: camera.take(window, "setup-flashing")
    yield 13.0, lambda: camera.take(window, "setup-delay")
    yield 0.1, setup.gaze.neutral.ask
    yield 4.5, lambda: camera.take(window, "setup-neutral")
    while setup.gaze.problem:
        yield 0.3, lambda: None  # until it is taken
    yield 1.5, lambda: camera.take(window, "setup-neutral-taken")
    yield 0.1, lambda: setup.calibrate_requested.emit(setup.choice())
    yield 4.0, lambda: camera.take(window, "setup-calibrating")
    yield 0.1, setup.gaze.broken_off.emit
    yield 1.0, lambda: camera.take(window, "setup-uncalibrated")


def fill_in(page: Any) -> None:
    """What a moderator types and ticks on the set-up page."""
    from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

    page.findChildren(QLineEdit)[0].setText("P07")
    for box in page.findChildren(QCheckBox):
        box.setChecked(True)
    for choice in page.findChildren(QComboBox):
        if choice.currentIndex() < 0:
            choice.setCurrentIndex(0)


def _scroll_down(page: Any) -> None:
    from PySide6.QtWidgets import QScrollArea

    for area in page.findChildren(QScrollArea):
        bar = area.verticalScrollBar()
        bar.setValue(bar.maximum())


def _session(composition: Any, camera: Camera) -> Scenes:
    window, console = composition.window, composition.window.console
    yield 0.5, lambda: composition._practise(window.setup.choice())
    while window.page is not console:
        yield 0.5, lambda: None  # until it records
    yield 6.0, lambda: console.marker_requested.emit("confusion", None)
    for _ in range(3):
        yield 4.0, composition._next_step
    yield 6.0, lambda: camera.take(window, "console")
    yield 0.1, console.key_sheet.toggle
    yield 0.4, lambda: camera.take(window, "console-keys")
    yield 0.1, console.key_sheet.toggle
    yield 0.1, console.observers.toggle
    yield 0.4, lambda: camera.take(window, "console-observers-off")
    yield 0.1, lambda: _photograph_observed(window, camera)
    yield 0.1, console.observers.toggle
    yield 0.1, partial(_publish_alert, composition)
    yield 1.6, lambda: camera.take(window, "console-alert")
    yield from _typed(console, partial(camera.take, window))
    yield 0.1, console.gaze_sheet.toggle
    yield 0.5, lambda: camera.take(window, "console-face-and-gaze")
    yield 0.1, console.gaze_sheet.toggle
    yield 0.1, console.gaze_check_requested.emit
    yield 5.0, lambda: camera.take(window, "console-gaze-check")
    yield 0.1, console.ask_to_stop
    yield 0.4, lambda: camera.take(window, "console-stop-question")
    yield 0.1, console.parts.header.withdraw_question
    yield 0.1, composition._session.controller.course.pause
    yield 1.5, lambda: camera.take(window, "console-paused")
    yield 0.1, composition._session.controller.course.resume
    yield 0.1, window.modes.toggle_strip
    yield 1.0, lambda: camera.take(window.modes.strip, "strip")
    yield 0.1, window.modes.toggle_strip


def _typed(console: Any, take: Callable[[str], None]) -> Scenes:
    """What is being typed into the console: a note, and the title of an unplanned step."""
    note, title = console.parts.markers.field, console.parts.course.title_field
    yield 0.1, console.parts.markers.begin_note
    yield 0.2, lambda: note.setText("Looks for delivery costs first")
    yield 0.4, lambda: take("console-note")
    yield 0.1, note.clear
    yield 0.1, note.clearFocus
    yield 0.1, console.parts.course.begin_title
    yield 0.2, lambda: title.setText("Calls a friend")
    yield 0.4, lambda: take("console-unplanned")
    yield 0.1, title.clear
    yield 0.1, title.clearFocus


def version_scenes(composition: Any, camera: Camera, *, study: Path) -> Scenes:
    """A step of which this participant meets one of several versions."""
    window, console = composition.window, composition.window.console
    yield 0.3, lambda: window.open_study(study)
    yield 2.0, lambda: fill_in(window.setup)
    while window._session is None:
        yield 0.5, lambda: None  # until the devices are open
    yield 0.5, lambda: composition._practise(window.setup.choice())
    while window.page is not console:
        yield 0.5, lambda: None  # until it records
    for _ in range(2):
        yield 3.0, composition._next_step
    yield 4.0, lambda: camera.take(window, "console-version")
    yield 0.1, composition._stop
    while not window.finish.next_button.isVisible():
        yield 0.5, lambda: None  # until it is written


def _photograph_observed(window: Any, camera: Camera) -> None:
    """What is said while observers watch; this machine's own address is not for pictures."""
    from journeylab.ui.moderator.observer_panel import ObserverView

    address = "192.168.0.12"
    window.console.observers.show_view(
        ObserverView((address,), f"http://{address}:8765", "482913", _OBSERVERS)
    )
    camera.take(window, "console-observers")


def _publish_alert(composition: Any) -> None:
    from journeylab.session.rows import alert_row

    controller = composition._session.controller
    now_ns = composition._clock.now_ns()
    row = alert_row(now_ns, "stuck", phase="start", reason=_REASON, step_id="compare")
    controller.publish(row)


def _end(composition: Any, camera: Camera) -> Scenes:
    """Through the steps that are left into the debrief, then to what the practice was like."""
    window = composition.window
    while window.page is not window.debrief:
        yield 0.4, composition._next_step
        yield 0.8, lambda: None  # until the session has told
    yield 1.0, lambda: window.debrief.field.setText("Did not see what delivery costs")
    yield 0.1, window.debrief.keep_typed
    yield 0.5, lambda: camera.take(window, "debrief")
    yield 0.1, composition._stop
    yield 0.3, lambda: camera.take(window, "finish-writing")
    while not window.finish.next_button.isVisible():
        yield 0.5, lambda: None  # until it is written
    yield 2.0, lambda: camera.take(window, "finish-practice")


def _finish(window: Any, camera: Camera, *, demo: Path) -> Scenes:
    from journeylab.analysis.recap import recap_of
    from journeylab.analysis.sessions import summarise
    from journeylab.bundle.reader import Bundle
    from journeylab.study.folder import load_study

    folder = load_study(demo)
    with Bundle.open(folder.bundles()[0]) as bundle:
        summary, recap = summarise(bundle), recap_of(bundle, folder.study, has_sound=True)
    yield 0.1, window.show_finalising
    yield 0.1, lambda: window.show_summary(summary)
    yield 0.1, lambda: window.finish.show_recap(recap)
    yield 0.5, lambda: camera.take(window, "finish")


def _analysis(composition: Any, camera: Camera) -> Scenes:
    window, analysis = composition.window, composition.analysis
    yield 0.1, window.show_analysis
    yield 2.0, lambda: None
    while analysis.is_loading or analysis.journey is None or not analysis.map.is_drawn:
        yield 0.5, lambda: None  # until the map stands
    yield 1.0, lambda: camera.take(window, "analysis")
    yield 0.1, lambda: analysis.open_moment(peak_of(analysis))
    yield 4.0, lambda: camera.take(window, "analysis-moment")
    yield from _map_views(window, analysis.views, camera)
    yield from _replay(composition, camera)
    yield from _study_views(composition, camera)


def _map_views(window: Any, views: Any, camera: Camera) -> Scenes:
    """What stands in the map's place: a step's heatmaps, the ways, segments side by side."""
    yield 0.1, lambda: views.open_heatmaps("compare")
    while views.heatmaps.heat is None:
        yield 0.5, lambda: None  # until they are read
    yield 2.0, lambda: camera.take(window, "analysis-heatmaps")
    yield 0.1, views.open_ways
    yield 1.0, lambda: camera.take(window, "analysis-ways")
    yield 0.1, lambda: views.open_segments("device", ("desktop", "mobile"))
    while views.segments.pair is None or not all(
        area.is_drawn for _, area in views.segments.shown_maps()
    ):
        yield 0.5, lambda: None  # until both maps stand
    yield 1.0, lambda: camera.take(window, "analysis-side-by-side")
    yield 0.1, views.show_map


def _study_views(composition: Any, camera: Camera) -> Scenes:
    from journeylab.ui.analysis.study_views import StudyView

    window, views = composition.window, composition.study.views
    earlier = earlier_round(composition.analysis.folder.path)
    yield 0.1, lambda: views.show_view(StudyView.HEALTH)
    yield 4.0, lambda: camera.take(window, "study-health")
    yield 0.1, lambda: views.show_view(StudyView.COMPARE)
    yield 0.5, lambda: camera.take(window, "compare")
    yield 0.1, lambda: composition.study.compared.compare_with(earlier)
    while views.compare.comparison is None:
        yield 0.5, lambda: None  # until both are read
    yield 2.0, lambda: camera.take(window, "compare-studies")
    yield 0.1, lambda: views.show_view(StudyView.EXPECTED)
    yield 1.5, lambda: camera.take(window, "expected-map")
    yield 0.1, lambda: views.show_view(StudyView.MAP)


def earlier_round(demo: Path) -> Path:
    """The same study with half its sessions, to be compared with."""
    earlier = shutil.copytree(demo, demo.with_name("demo-shop-first-round"), dirs_exist_ok=True)
    for bundle in sorted((earlier / "sessions").glob("*.h5"))[2:]:
        bundle.unlink()
    return earlier


def _replay(composition: Any, camera: Camera) -> Scenes:
    from journeylab.ui.analysis.replay.target import ReplayTarget

    wiring = composition.replay
    target = ReplayTarget(composition.analysis.folder.bundles()[0])
    yield 0.1, lambda: wiring.open(target)
    yield 2.0, lambda: None
    while not wiring.page.side.events.rows:
        yield 0.5, lambda: None  # until its events are listed
    yield 1.0, lambda: camera.take(composition.window, "replay")
    yield 0.1, wiring.page.ask_for_clip
    yield 0.5, lambda: camera.take_dialog("replay-clip")
    yield 0.1, wiring.leave


def peak_of(analysis: Any) -> Any:
    """The highest point of the trace."""
    import numpy as np

    from journeylab.report.scene import MomentTarget

    trace = analysis.journey.trace
    place = int(np.nanargmax(trace.mean))
    return MomentTarget(
        position_s=float(trace.position_s[place]),
        valence=float(trace.mean[place]),
        participants=(),
    )
