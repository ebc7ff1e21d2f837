"""The new-study dialog writes a study that can be run."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from journeylab.errors import StudyError
from journeylab.study.folder import load_study
from journeylab.ui.moderator.new_study import NewStudyDialog
from journeylab.ui.moderator.study_draft import StepDraft, StudyDraft, write_study
from journeylab.vocabulary import StimulusKind


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere" / "site"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<img src=photo.png>")
    (folder / "photo.png").write_bytes(b"png")
    return folder / "index.html"


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path, site: Path) -> NewStudyDialog:
    dialog = NewStudyDialog(where=tmp_path, choose_file=lambda _parent, _kind: site)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def _without_ad(qtbot: QtBot, dialog: NewStudyDialog) -> None:
    qtbot.mouseClick(dialog.steps[0].remove_button, Qt.MouseButton.LeftButton)


def test_a_study_made_with_the_mouse_loads(qtbot: QtBot, dialog: NewStudyDialog) -> None:
    left = Qt.MouseButton.LeftButton
    dialog.title.setText("First purchase, mobile")
    _without_ad(qtbot, dialog)
    qtbot.mouseClick(dialog.steps[0].choose_button, left)
    qtbot.mouseClick(dialog.add_button, left)
    dialog.steps[1].title.setText("Unboxing")
    dialog.steps[1].kind.setCurrentText("Camera only")
    dialog.steps[1].seconds.setText("60")
    qtbot.mouseClick(dialog.steps[1].up_button, left)
    with qtbot.waitSignal(dialog.created) as created:
        qtbot.mouseClick(dialog.create_button, left)
    folder = load_study(created.args[0])
    folder.check_stimuli()
    assert [step.title for step in folder.study.steps] == ["Unboxing", "Landing page"]
    assert folder.study.steps[0].planned_s == 60
    page = folder.stimulus_path(folder.study.steps[1].stimulus.path or "")
    assert page.with_name("photo.png").exists(), "a page comes with what it needs"
    assert folder.path.name == "first-purchase-mobile"


def test_the_keyboard_alone_creates(qtbot: QtBot, dialog: NewStudyDialog, site: Path) -> None:
    _without_ad(qtbot, dialog)
    qtbot.keyClicks(dialog.title, "Pilot")
    qtbot.keyClick(dialog.title, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Enter in a field is not the end of the form"
    qtbot.keyClicks(dialog.steps[0].source, str(site))
    with qtbot.waitSignal(dialog.created):
        qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_what_is_missing_is_said_and_nothing_is_lost(
    qtbot: QtBot, dialog: NewStudyDialog, tmp_path: Path
) -> None:
    dialog.title.setText("Pilot")
    before = set(tmp_path.iterdir())
    dialog.create_study()
    qtbot.waitUntil(dialog.banner.isVisible)
    assert dialog.banner.text == "Ad: no video is chosen yet. Choose its file."
    assert dialog.title.text() == "Pilot"
    assert dialog.create_button.isEnabled()
    assert set(tmp_path.iterdir()) == before


def test_a_second_study_of_the_same_title_gets_a_folder_of_its_own(
    dialog: NewStudyDialog, tmp_path: Path
) -> None:
    (tmp_path / "pilot").mkdir()
    dialog.title.setText("Pilot")
    assert dialog.target() == tmp_path / "pilot-2"


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (StudyDraft("", "", (StepDraft(title="A", source="x"),)), "no title"),
        (StudyDraft("T", "", ()), "no step"),
        (StudyDraft("T", "", (StepDraft(title="", source="x"),)), "Step 1 has no title"),
        (StudyDraft("T", "", (StepDraft(title="A"),)), "needs a text"),
        (StudyDraft("T", "", (StepDraft(title="A", source="x", planned_s=0),)), "no duration"),
    ],
)
def test_an_unfit_draft_is_refused_in_words(draft: StudyDraft, words: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=words):
        write_study(draft, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_an_existing_study_is_not_written_over(tmp_path: Path) -> None:
    draft = StudyDraft("T", "", (StepDraft(title="A", source="Hello"),))
    write_study(draft, tmp_path / "study")
    with pytest.raises(StudyError, match=r"a study in .* already"):
        write_study(draft, tmp_path / "study")


def test_steps_of_the_same_title_keep_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "picture.png").write_text(name)
    steps = tuple(
        StepDraft(title="Écran", kind=StimulusKind.IMAGE, source=str(tmp_path / n / "picture.png"))
        for n in ("one", "two")
    )
    folder = write_study(StudyDraft("T", "", steps), tmp_path / "study")
    ids = [step.id for step in folder.study.steps]
    assert ids == ["ecran", "ecran-2"]
    paths = [folder.stimulus_path(step.stimulus.path or "") for step in folder.study.steps]
    assert [path.read_text() for path in paths] == ["one", "two"]


def test_a_page_may_be_an_address(tmp_path: Path) -> None:
    steps = (StepDraft(title="Shop", kind=StimulusKind.PAGE, source="http://127.0.0.1:8000/"),)
    folder = write_study(StudyDraft("T", "", steps), tmp_path / "study")
    assert folder.study.steps[0].stimulus.url == "http://127.0.0.1:8000/"
