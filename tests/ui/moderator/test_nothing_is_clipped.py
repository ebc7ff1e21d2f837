"""Every page of the moderator's window at the sizes of lab laptops, light and dark: no word is
cut off, no widget sticks out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from ui.clipping import clipped

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.recap import AnswerLine, Recap, StepRecap
from journeylab.study.folder import StudyFolder
from journeylab.ui.moderator.appearance import Appearance
from journeylab.ui.moderator.debrief_page import DebriefLine, DebriefView
from journeylab.ui.moderator.ports import DeviceOption, DisplayOption, SetupChoice
from journeylab.ui.moderator.recents import RecentStudies
from journeylab.ui.moderator.window import MainWindow
from journeylab.ui.widgets.style import apply_style
from journeylab.vocabulary import TaskOutcome

SIZES = ((1366, 768), (1920, 1080))
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


def _assert_fits(window: MainWindow, page: str) -> None:
    for width, height in SIZES:
        window.resize(width, height)
        assert clipped(window) == [], f"{page} at {width}x{height}"


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

    window.show_console(choice)
    played.set(alert="The camera gives 12 frames a second instead of 30.", faults=("x",))
    window.console.refresh_text()
    window.console.refresh_curves()
    _assert_fits(window, "console")

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
