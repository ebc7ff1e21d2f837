"""Every window and dialog at the sizes of lab laptops, light and dark: no word is cut off, no
widget sticks out, and words have colours that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from ui.clipping import clipped
from ui.inks import strange_inks

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.recap import AnswerLine, Recap, StepRecap
from journeylab.session.view import StreamHealth
from journeylab.study.folder import StudyFolder
from journeylab.study.privacy import Privacy
from journeylab.study.questions import Question, items_of
from journeylab.study.templates import templates
from journeylab.theme import LIGHT, Palette
from journeylab.ui.moderator.appearance import Appearance
from journeylab.ui.moderator.debrief_page import DebriefLine, DebriefView
from journeylab.ui.moderator.observer_panel import ObserverView
from journeylab.ui.moderator.ports import DeviceOption, DisplayOption, SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.study_editor.dialog import StudyEditor
from journeylab.ui.moderator.unlock import UnlockDialog
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.participant.consent_stage import ConsentStage
from journeylab.ui.participant.question_stage import QuestionStage
from journeylab.ui.participant.window import ParticipantWindow
from journeylab.ui.widgets.health import Level, Reading
from journeylab.ui.widgets.style import apply_style
from journeylab.vocabulary import QuestionKind, TaskOutcome

SIZES = ((1366, 768), (1920, 1080))
SMALLEST = (1180, 700)
ADDRESS = "192.168.100.112"
OBSERVED = ObserverView(
    (ADDRESS,), f"http://{ADDRESS}:48765", "482913", ("Ada Berg", "Tom Lind", "Maximiliane")
)
BUSY = (
    StreamHealth("camera", "camera", 30.0, 900, 0, None, gaps=12),
    StreamHealth("pointer", "mouse", 125.0, 900, 0, None),
    StreamHealth("microphone", "microphone", 48_000.0, 900, 0, None, gaps=12),
)
WARNING = "Only 22.3 frames a second. Add light, or close other programs: many slow down. "
_LONG = "Compare the four kettles in the table of the shop and choose one of them"
_TEXT = AnswerLine("What would you change first?", "The price of the delivery. " * 12, True)
RECAP = Recap(
    tuple(
        StepRecap(_LONG, 94.0, 45.0, "abandoned", True, (AnswerLine("Ease", "3 of 7"), _TEXT))
        for _ in range(8)
    ),
    (AnswerLine("Usability (SUS)", "72.5 of 100"), _TEXT),
    n_markers=12,
    n_notes=3,
    to_redo=("Only 14 pictures of the face a second, 20 are needed: more light, please.",),
)
DEBRIEF = DebriefView(
    "P07",
    tuple(
        DebriefLine(
            _LONG, 94.0, 45.0, TaskOutcome.ABANDONED, ("confusion", "confusion", "frustration")
        )
        for _ in range(12)
    ),
    "People leave at the costs of the delivery because they come only after the address.",
)
SUMMARY = SessionSummary(
    path=Path("P07-20261122-101500.h5"),
    session_id="s",
    participant_id="P07",
    created_utc="2026-11-22T10:15:00Z",
    segments={"device": "mobile"},
    simulated=False,
    duration_s=640.0,
    face_share=0.98,
    mean_quality=0.84,
    lost=3,
    grade="A",
    reason="Face found in 98 % of frames.",
    steps_reached=("ad", "landing", "cart"),
)
LOOKS = (Appearance(), Appearance(is_light=True))


@pytest.fixture(params=LOOKS, ids=["dark", "light"])
def window(
    request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, played, tmp_path: Path
) -> MainWindow:
    apply_style(qapp, request.param.console)
    window = MainWindow(
        analysis=QWidget(),
        recents=RecentStudies(tmp_path / "recents.json"),
        clock=played.clock,
        studies_folder=tmp_path,
        appearance=request.param,
    )
    qtbot.addWidget(window, before_close_func=lambda _: window._places.go_to(window.studies))
    window.set_devices(
        (DeviceOption("0", "Integrated camera HD"),),
        microphones=(DeviceOption("default", "The system's microphone"),),
        displays=(DisplayOption(0, "HDMI-1 · 1920 × 1080"),),
    )
    window.show()
    qtbot.waitExposed(window)
    return window


def _assert_fits(window: QWidget, page: str) -> None:
    for width, height in SIZES:
        window.resize(width, height)
        assert clipped(window) == [], f"{page} at {width}x{height}"
    assert strange_inks(window, _palette_of(window)) == [], page


def _palette_of(window: QWidget) -> Palette:
    """The moderator's windows have the palette that was chosen, the participant's is light."""
    return LIGHT if isinstance(window, ParticipantWindow) else window._palette  # type: ignore[attr-defined]


def _begin(window: MainWindow, folder: StudyFolder, played, choice: SetupChoice) -> None:
    window.open_study(folder.path)
    window.set_session(played)
    window.show_console(choice)


def test_no_word_is_cut_off(
    window: MainWindow, folder: StudyFolder, played, choice: SetupChoice, qtbot: QtBot
) -> None:
    _assert_fits(window, "no study")
    window.open_study(folder.path)
    window._leave_study()
    _assert_fits(window, "studies")

    window.open_study(folder.path)
    window.set_session(played)
    window.setup.refresh_text()
    _assert_fits(window, "set-up")
    window.setup.gaze.show_neutral_taken("Neutral face taken, from 148 of 150 pictures")
    window.setup.gaze.show_failure("The eyes did not follow the points. " * 4, has_previous=True)
    _assert_fits(window, "set-up, not calibrated")

    window.show_console(choice)
    played.set(alert="The camera gives 12 frames a second instead of 30.", faults=("x",))
    window.console.refresh_text()
    window.console.refresh_curves()
    _assert_fits(window, "console")
    window.console.gaze_sheet.toggle()
    _assert_fits(window, "face and gaze")
    card = window.console.gaze_sheet.card
    card.show_neutral_failed("No neutral face: the face was found in 12 of 150 pictures only. " * 2)
    card.show_failure("The eyes did not follow the points. " * 4, has_previous=True)
    _assert_fits(window, "face and gaze, failed")
    window.console.gaze_sheet.toggle()

    window.debrief.show_session(DEBRIEF)
    for note in ("A note.", "Another one that is so long that it takes more than a line. " * 4):
        qtbot.keyClicks(window.debrief.field, note)
        qtbot.keyClick(window.debrief.field, Qt.Key.Key_Return)
    window.say("The camera gives no pictures any more.")
    _assert_fits(window, "debrief")

    window.show_finalising()
    window.show_progress(0.4)
    _assert_fits(window, "finalising")
    window.show_summary(SUMMARY)
    _assert_fits(window, "finish")
    window.finish.show_recap(RECAP)
    _assert_fits(window, "recap")


def test_a_set_up_page_full_of_warnings_cuts_no_word(
    window: MainWindow, folder: StudyFolder, played
) -> None:
    window.open_study(folder.path)
    window.set_session(played)
    setup = window.setup
    for row in setup.checks.rows.values():
        row.show_reading(Reading(Level.WARNING, WARNING))
    setup.checks.show_no_delay(WARNING * 2)
    setup.gaze.show_failure(WARNING * 2, has_previous=True)
    setup.banner.say(WARNING)
    _assert_fits(window, "set-up with warnings")
    window.resize(*SMALLEST)
    assert clipped(window) == []


def test_what_lies_over_the_console_is_whole(
    window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    _begin(window, folder, played, choice)
    console = window.console
    console.key_sheet.toggle()
    _assert_fits(window, "key sheet")
    console.key_sheet.toggle()

    console.observers.show_view(ObserverView((ADDRESS, "10.20.30.40")))
    console.observers.toggle()
    _assert_fits(window, "observers, off")
    console.observers.show_view(OBSERVED)
    _assert_fits(window, "observers, on")
    console.observers.toggle()

    console.ask_to_stop()
    _assert_fits(window, "question before stopping")
    console.parts.header.withdraw_question()

    window.modes.toggle_strip()
    assert clipped(window.modes.strip) == []
    played.set(is_paused=True)
    console.refresh_text()
    console.ask_to_stop()
    assert clipped(window.modes.strip) == []
    window.modes.toggle_strip()


def test_the_smallest_window_holds_a_full_health_bar(
    window: MainWindow, folder: StudyFolder, played, choice: SetupChoice
) -> None:
    _begin(window, folder, played, choice)
    played.set(health=BUSY, dropped=1200, latency_ms=238.0, disk_hours_left=120.0)
    window.console.observers.show_view(OBSERVED)
    window.console.refresh_text()
    window.resize(*SMALLEST)
    assert clipped(window) == []
    assert (window.width(), window.height()) == SMALLEST


def test_the_editor_fits_on_each_of_its_pages(window: MainWindow, qtbot: QtBot) -> None:
    new = StudyEditor(window, where=window._studies_folder, palette=window._palette)
    qtbot.addWidget(new, before_close_func=StudyEditor._discard)
    new.show()
    _assert_fits(new, "new study")
    new.begin_with(None)
    new.save()
    _assert_fits(new, "new study with what it lacks")
    for template in templates():
        editor = StudyEditor(
            window, where=window._studies_folder, study=template.path, palette=window._palette
        )
        qtbot.addWidget(editor, before_close_func=StudyEditor._discard)
        editor.show()
        for page in editor.pages:
            editor.show_page(page)
            _assert_fits(editor, f"{template.study.title}, {page}")
        kinds = {step.stimulus.kind: index for index, step in enumerate(template.study.steps)}
        for kind, index in kinds.items():
            editor.show_step(index)
            for number, tab in enumerate(editor.step_page.tabs):
                editor.step_page.show_tab(number)
                _assert_fits(editor, f"{template.study.title}, {kind}, {tab}")
        editor.desk.put(("title",), "Another title", "title")
        editor.reject()
        _assert_fits(editor, "question before leaving")


def test_the_passphrase_dialog_fits(window: MainWindow, folder: StudyFolder, qtbot: QtBot) -> None:
    dialog = UnlockDialog(folder, window, palette=window._palette)
    qtbot.addWidget(dialog)
    dialog.show()
    layout = dialog.layout()
    assert layout is not None
    assert dialog.height() == layout.totalHeightForWidth(dialog.width()), "holes between its words"
    dialog._refused("This is not the passphrase of the study.")
    assert clipped(dialog) == []


QUESTIONS = tuple(
    Question(
        id=str(kind),
        kind=kind,
        text="" if kind is QuestionKind.SUS else f"{_LONG}: how did that go for you?",
        low="not at all easy for me",
        high="as easy as it could be",
        choices=tuple(f"{_LONG}, {n}" for n in range(5)) if kind is QuestionKind.CHOICE else (),
    )
    for kind in QuestionKind
)


@pytest.fixture
def participant(qtbot: QtBot, folder: StudyFolder, played) -> ParticipantWindow:
    window = ParticipantWindow(folder, clock=played.clock)
    qtbot.addWidget(window, before_close_func=ParticipantWindow.close_for_good)
    window.show()
    return window


def test_the_consent_page_fits(participant: ParticipantWindow) -> None:
    participant.show_consent(Privacy())
    assert isinstance(participant.stage, ConsentStage)
    _assert_fits(participant, "consent")
    for line in participant.stage.lines.values():
        line.give("no")
    _assert_fits(participant, "consent, answered")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.kind))
def test_a_question_of_each_kind_fits(
    participant: ParticipantWindow, qtbot: QtBot, question: Question
) -> None:
    items = items_of(question)
    participant.show_questions("ad", items)
    stage = participant.stage
    assert isinstance(stage, QuestionStage)
    for item in items:
        qtbot.waitUntil(lambda: not stage._awaits_onset)
        assert stage.item == item
        _assert_fits(participant, item.id)
        assert stage.field is not None
        stage.field.set_value(item.choices[0] if item.choices else str(item.first or 1))
        stage.field.changed.emit()
        stage.next.click()
