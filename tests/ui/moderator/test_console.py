"""The console shows what a session's view says and asks for what the moderator wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from journeylab.clock import NS_PER_S
from journeylab.session.rows import alert_row, marker_row, withdrawal_row
from journeylab.streams import row
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Expression, MarkerKey
from journeylab.ui.moderator.console import ConsolePage
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.widgets.health import Level


@pytest.fixture
def page(qtbot: QtBot, played, folder: StudyFolder, choice: SetupChoice) -> ConsolePage:
    page = ConsolePage(clock=played.clock)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    page.activateWindow()
    page.show_session(folder, choice, played)
    qtbot.waitUntil(page.isActiveWindow)
    return page


@pytest.fixture
def asked(page: ConsolePage) -> list[object]:
    asked: list[object] = []
    page.next_requested.connect(lambda: asked.append("next"))
    page.previous_requested.connect(lambda: asked.append("previous"))
    page.stop_requested.connect(lambda: asked.append("stop"))
    page.marker_requested.connect(lambda label, _ns: asked.append(("marker", label)))
    page.note_requested.connect(lambda text, _ns: asked.append(("note", text)))
    return asked


def test_the_view_is_shown_in_words(page: ConsolePage, played) -> None:
    for index in range(60):
        played.see_face(index / 30, valence=-38.0, AU04=0.72)
    page.refresh_curves()
    page.refresh_text()
    parts = page.parts
    assert parts.header.title_text == "First purchase · P07"
    assert parts.header.elapsed_text == "2:08"
    assert parts.steps.texts == (
        ("Ad", "0:15"),
        ("Landing", "0:34 · 0:10 over"),
        ("Cart", "0:20 planned"),
    )
    assert parts.steps.current == 1
    assert parts.step.text == "0:34 of 0:24 0:10 over plan, step 2 of 3"
    assert parts.valence_figure.text() == "−38"
    assert parts.valence_figure.property("tone") == "negative"
    assert parts.bars.figures[0] == "0.72"
    assert parts.camera.caption == "30 fps · quality .94"
    assert [one.count_text for one in parts.markers.rows] == ["×1", "", "×2", ""]
    assert parts.guide.text == "Wait."
    assert parts.health.texts == {
        "camera": "camera 30.0 fps",
        "mesh": "mesh 100 %",
        "gaze": "gaze not calibrated",
        "mouse": "mouse 125 Hz",
        "microphone": "mic –",
        "dropped": "dropped 0",
        "disk": "disk 212 GB, 9 h left",
    }


def test_an_alert_is_shown_with_its_reason_and_goes_when_it_is_over(
    page: ConsolePage, played
) -> None:
    played.set(alert="The camera has given no frame for 3 s. Check its cable.")
    page.refresh_text()
    assert page.parts.alert.isVisible()
    assert "no frame for 3 s" in page.parts.alert.text
    played.set(alert=None)
    page.refresh_text()
    assert not page.parts.alert.isVisible()


def test_keys_alone_run_a_session(
    qtbot: QtBot, page: ConsolePage, played, asked: list[object]
) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_1, Qt.Key.Key_4):
        qtbot.keyClick(page, key)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.is_asking_to_stop
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.is_asking_to_stop
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert asked == [
        "next",
        "next",
        "previous",
        ("marker", "confusion"),
        ("marker", "quote"),
        "stop",
    ]


def test_the_mouse_alone_runs_a_session(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    header, left = page.parts.header, Qt.MouseButton.LeftButton
    qtbot.mouseClick(header.next, left)
    qtbot.mouseClick(header.back, left)
    qtbot.mouseClick(page.parts.markers.rows[2], left)
    qtbot.mouseClick(header.stop, left)
    qtbot.mouseClick(header.keep_going, left)
    qtbot.mouseClick(header.stop, left)
    qtbot.mouseClick(header.confirm, left)
    assert asked == ["next", "previous", ("marker", "delight"), "stop"]


def test_a_note_is_typed_with_digits_and_enter_without_moving_the_session(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_N)
    field = page.parts.markers.field
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "1 no price n")
    qtbot.keyClick(field, Qt.Key.Key_Left)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert asked == [("note", "1 no price n")]
    assert not field.hasFocus()
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert asked[-1] == "next"


def test_function_keys_and_alt_act_while_a_note_is_typed(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_N)
    field = page.parts.markers.field
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "1 s")
    qtbot.keyClick(field, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(field, Qt.Key.Key_F12)
    assert page.key_sheet.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert asked == [("marker", "delight"), "next"]
    assert field.text() == "1 s" and field.hasFocus()


def test_a_note_that_is_refused_is_not_lost(page: ConsolePage) -> None:
    page.remarks.give_back_note("She looks puzzled", 7)
    assert page.parts.markers.field.text() == "She looks puzzled"
    assert page.parts.markers.said == ""


def test_escape_leaves_a_note_before_it_asks_to_stop(
    qtbot: QtBot, page: ConsolePage, asked: list[object]
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_N)
    field = page.parts.markers.field
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not page.is_asking_to_stop
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.is_asking_to_stop
    assert asked == []


def test_after_the_last_step_the_way_on_is_to_finish(
    qtbot: QtBot, page: ConsolePage, played, asked: list[object]
) -> None:
    played.set(step_index=2)
    page.refresh_text()
    assert page.parts.header.next.text() == "Finish"
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert page.is_asking_to_stop
    assert asked == []


def test_there_is_no_way_back_from_the_first_step(
    qtbot: QtBot, page: ConsolePage, played, asked: list[object]
) -> None:
    played.set(step_index=0)
    page.refresh_text()
    qtbot.keyClick(page, Qt.Key.Key_Left)
    assert asked == []
    assert not page.parts.header.back.isEnabled()


def test_a_marker_is_confirmed_once_the_session_has_it_and_not_before(
    qtbot: QtBot, page: ConsolePage
) -> None:
    said: list[str] = []
    page.said.connect(lambda words, _level: said.append(words))
    qtbot.keyClick(page, Qt.Key.Key_2)
    assert not page.parts.markers.rows[1].is_lit
    assert page.parts.markers.said == ""
    page.remarks.confirm_marker("frustration")
    assert page.parts.markers.rows[1].is_lit
    assert page.parts.markers.said == "frustration marked"
    assert said == ["2 marked"], "the participant may read it"


def test_page_events_are_counted_within_their_step(page: ConsolePage, played) -> None:
    for kind in ("load", "click", "click", "invalid"):
        page.take_page_event(
            row(
                "page",
                0,
                kind=kind,
                url="http://127.0.0.1/shop/compare.html?a=1",
                selector="a",
                page_x_px=1.0,
                page_y_px=1.0,
                scroll_x_px=0.0,
                scroll_y_px=640.0,
                detail="",
            )
        )
    page.refresh_text()
    assert page.parts.page.text == "2 clicks compare.html, scrolled 640 px, 1 refused"
    played.set(step_index=2)
    page.refresh_text()
    page.refresh_text()
    assert page.parts.page.text.startswith("0 clicks")


def test_an_alert_says_for_how_long_and_why_and_goes_when_it_is_over(
    page: ConsolePage, played
) -> None:
    live, clock = played.live, played.clock
    banner = page.parts.said_alert
    page.refresh_curves()
    assert not banner.isVisible()
    clock.advance_ns(100 * NS_PER_S)
    reason = "Brow lowered for 6 s, no click, scroll or page for 14 s."
    live.take(alert_row(92 * NS_PER_S, "stuck", phase="start", reason=reason, step_id="landing"))
    page.refresh_curves()
    assert banner.isVisible()
    assert banner.text == f"Confused, no progress · 0:08 {reason}"
    live.take(
        alert_row(
            95 * NS_PER_S, "off_screen", phase="start", reason="No face for 4 s.", step_id="landing"
        )
    )
    page.refresh_curves()
    assert banner.text == "Looking away · 0:05 No face for 4 s. Also: confused, no progress."
    for kind in ("stuck", "off_screen"):
        live.take(alert_row(99 * NS_PER_S, kind, phase="end", reason=reason, step_id="landing"))
    page.refresh_curves()
    assert not banner.isVisible()


def test_the_last_page_events_are_listed_and_a_refusal_is_marked(page: ConsolePage, played) -> None:
    played.clock.advance_ns(60 * NS_PER_S)
    for t_s, kind in ((50, "load"), (55, "click"), (58, "invalid")):
        page.take_page_event(
            row(
                "page",
                t_s * NS_PER_S,
                kind=kind,
                url="http://127.0.0.1/form.html",
                selector="#mail",
                page_x_px=1.0,
                page_y_px=1.0,
                scroll_x_px=0.0,
                scroll_y_px=0.0,
                detail="",
            )
        )
    page.refresh_text()
    assert page.parts.happenings.texts == (
        "0:02 ago  form refused #mail",
        "0:05 ago  clicked #mail",
        "0:10 ago  loaded form.html",
    )


def test_withdrawn_markers_vanish_from_the_trace_and_the_counts(page: ConsolePage, played) -> None:
    played.live.take(marker_row(5 * NS_PER_S, "confusion", author="moderator"))
    page.refresh_text()
    assert len(page.parts.valence.label_boxes()) == 1
    played.live.take(
        withdrawal_row(6 * NS_PER_S, "markers", of_t_ns=5 * NS_PER_S, author="moderator")
    )
    page.refresh_text()
    assert page.parts.valence.label_boxes() == []


def test_the_screen_copy_is_what_the_participant_sees(page: ConsolePage) -> None:
    image = QImage(192, 108, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    page.show_screen(image, screen_px=(1920, 1080))
    copy = page.parts.screen_copy
    shown = copy.grab().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() // 2) == QColor(10, 200, 30)


def test_another_session_starts_with_an_empty_console(
    qtbot: QtBot, page: ConsolePage, played, folder: StudyFolder, choice: SetupChoice
) -> None:
    played.see_face(1.0, valence=40.0)
    page.refresh_curves()
    played.live.begin(round(2 * NS_PER_S))
    page.show_session(folder, choice, played)
    assert not page.parts.camera.has_frame
    assert not page.parts.screen_copy.has_picture
    asked: list[str] = []
    page.marker_requested.connect(lambda label, _ns: asked.append(label))
    qtbot.keyClick(page, Qt.Key.Key_1)
    assert asked == ["confusion"], "a marker key must not act twice after a second session"


def test_the_study_s_own_expressions_move_live(
    qtbot: QtBot, page: ConsolePage, played, folder: StudyFolder, choice: SetupChoice
) -> None:
    assert len(page.parts.bars.labels) == 6
    own = Expression(name="delight", formula="min(AU06, AU12)")
    study = folder.study.model_copy(update={"expressions": (own,)})
    page.show_session(replace(folder, study=study), choice, played)
    played.see_face(1.0, valence=30.0, AU06=0.5, AU12=0.8)
    page.refresh_curves()
    page.refresh_text()
    bars = page.parts.bars
    assert dict(zip(bars.labels, bars.figures, strict=True))["delight"] == "0.50"
    qtbot.waitUntil(lambda: bars.height() == bars.sizeHint().height())


def test_measures_on_the_screen_know_how_old_they_are(page: ConsolePage, played) -> None:
    played.see_face(1.0, valence=10.0)
    page.refresh_curves()
    played.clock.advance_ns(40_000_000)
    page.note_painted()
    page.note_painted()
    assert list(page.screen_latencies_ms) == [40.0]


def test_a_fault_is_shown_by_shape_as_well_as_colour(page: ConsolePage, played) -> None:
    camera = played.reading.health[0]
    broken = type(camera)("camera", "camera", 0.0, 900, 3, "The camera stopped.")
    played.set(health=(broken, *played.reading.health[1:]), dropped=3)
    page.refresh_text()
    rows = page.parts.health.rows
    assert rows["camera"].level is Level.FAULT
    assert rows["dropped"].level is Level.FAULT


def test_everything_fits_a_small_display_even_with_two_banners(
    qtbot: QtBot, page: ConsolePage, played
) -> None:
    reason = "Brow lowered for 6 s, no click, scroll or page for 14 s."
    played.live.take(alert_row(0, "stuck", phase="start", reason=reason, step_id="landing"))
    played.set(alert="The camera has given no frame for 3 s. Check its cable.", is_paused=True)
    page.refresh_curves()
    page.refresh_text()
    qtbot.wait(50)
    assert page.minimumSizeHint().height() <= 768
    assert page.minimumSizeHint().width() <= 1366
    assert page.parts.paused.isVisible()
    assert page.parts.alert.isVisible()
    assert page.parts.said_alert.isVisible()


def _with_own_markers(folder: StudyFolder) -> StudyFolder:
    own = (MarkerKey(key="1", label="box open"), MarkerKey(key="x", label="first touch"))
    steps = list(folder.study.steps)
    steps[1] = steps[1].model_copy(update={"markers": own})
    return replace(folder, study=folder.study.model_copy(update={"steps": tuple(steps)}))


def test_a_step_s_own_markers_come_first_while_it_runs(
    qtbot: QtBot,
    page: ConsolePage,
    played,
    folder: StudyFolder,
    choice: SetupChoice,
    asked: list[object],
) -> None:
    played.set(step_index=0, step_title="Ad")
    page.show_session(_with_own_markers(folder), choice, played)
    usual = ["confusion", "frustration", "delight", "quote"]
    labels = lambda: [row.marker.label for row in page.parts.markers.rows]  # noqa: E731
    assert labels() == usual
    qtbot.keyClick(page, Qt.Key.Key_1)
    played.set(step_index=1, step_title="Landing")
    page.refresh_text()
    assert labels() == ["box open", "first touch", "frustration", "delight", "quote"]
    assert page.key_sheet.texts["1"] == "box open" and page.key_sheet.texts["x"] == "first touch"
    qtbot.keyClick(page, Qt.Key.Key_1)
    qtbot.keyClick(page, Qt.Key.Key_X)
    qtbot.keyClick(page, Qt.Key.Key_2)
    played.set(is_paused=True, step_index=None, step_title=None)
    page.refresh_text()
    assert labels()[0] == "box open", "paused, it is the same step"
    played.set(is_paused=False, step_title="Phone rings", step_id="unplanned-1")
    page.refresh_text()
    assert labels() == usual, "a step the study does not have has none of its own"
    played.set(step_index=2, step_title="Cart")
    page.refresh_text()
    qtbot.keyClick(page, Qt.Key.Key_1)
    labels_asked = [one[1] for one in asked if isinstance(one, tuple) and one[0] == "marker"]
    assert labels_asked == ["confusion", "box open", "first touch", "frustration", "confusion"]
