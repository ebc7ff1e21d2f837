"""The study editor's window: pages and steps at the left, the chosen one at the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.errors import StudyChangedError, StudyError
from journeylab.study.editing import Place, blank_study, slug
from journeylab.study.folder import StudyFolder
from journeylab.study.saving import Origin, open_for_editing, save_edited
from journeylab.study.study_key import encrypt_study
from journeylab.study.templates import templates
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import button
from journeylab.ui.moderator.study_editor.panels import AskBar, StartPage
from journeylab.ui.moderator.study_editor.side import Side
from journeylab.ui.moderator.study_editor.step_page import StepPage
from journeylab.ui.moderator.study_editor.stimulus_form import ChooseStimulus, ask_for_stimulus
from journeylab.ui.moderator.study_editor.study_pages import (
    ChooseFolder,
    PrivacyPart,
    ask_where,
    study_pages,
)
from journeylab.ui.moderator.words import plural, shown_path
from journeylab.ui.widgets.background import Background
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner

_SIZE_PX: Final = (1280, 720)
_MARGIN_PX: Final = 48
_OF_GOAL: Final = ("title", "goal", "hypothesis", "participants", "id")
_NAMES: Final = {"segments": "Segments", "markers": "Markers", "expressions": "Expressions",
                 "questions": "Questions at the end", "privacy": "Privacy",
                 "keep_until": "Privacy"}  # fmt: skip

Saved = tuple[StudyFolder, Origin]


class StudyEditor(QDialog):
    """Edits a study and emits its folder as ``saved``; stays open, with a sentence, when it
    cannot be saved. Without ``study`` it makes a new one, below ``where``.

    Raises
    ------
    StudyError
        When the study to be edited cannot be read.
    """

    saved = Signal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        where: Path,
        study: Path | None = None,
        choose_folder: ChooseFolder = ask_where,
        choose_file: ChooseStimulus = ask_for_stimulus,
        palette: Palette = DARK,
    ) -> None:
        # Read first: a study that cannot be read leaves no window behind.
        begun = (blank_study(), Origin()) if study is None else open_for_editing(study)
        super().__init__(parent)
        self._where, self._choose_folder, self._palette = where, choose_folder, palette
        self._is_new = study is None
        self._page, self._step = "Goal", -1
        self._told: Place | None = None  # the remark that was gone to last
        self._leaves = self._is_saving = False
        self._background = Background(self)
        self.finished.connect(self._stop_working)
        self.desk = Desk(*begun, palette=palette, parent=self)
        self.desk.is_patient = self._is_new
        self.setWindowTitle("New study" if self._is_new else "Edit study")
        self._fit(parent)
        self.start = StartPage(templates() if self._is_new else (), palette=palette)
        self.step_page = StepPage(self.desk, choose=choose_file)
        self.pages = study_pages(self.desk)
        self.side = Side(self.desk, list(self.pages))
        self.steps = self.side.steps
        self.undo_button = KeyButton("Undo", key="Ctrl Z", palette=palette)
        self.redo_button = KeyButton("Redo", key="Ctrl ⇧ Z", palette=palette)
        self.cancel_button = KeyButton("Cancel", key="Esc", palette=palette)
        words = "Create study" if self._is_new else "Save"
        self.save_button = KeyButton(words, key="Ctrl ⏎", primary=True, palette=palette)
        self.show_button = KeyButton("Show", key="F8", palette=palette)
        self.folder_button = button("Change…")
        self.folder = Label("", role="small")
        self.status = Label("", role="quiet")
        self.banner = Banner(palette=palette)
        self.ask_bar = AskBar()
        self._build()
        self._connect()
        self._refresh()
        if not self._is_new:
            self.side.pages.setFocus()  # in a field, a key pressed by chance would be an edit

    # -- building ------------------------------------------------------------------------------

    def _fit(self, parent: QWidget | None) -> None:
        """As large as what it is opened over, a little less; never smaller than is readable."""
        width, height = _SIZE_PX
        if parent is not None:
            window = parent.window()
            width = max(min(window.width() - _MARGIN_PX, 1500), 1100)
            height = max(min(window.height() - _MARGIN_PX, 960), 640)
        self.resize(width, height)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GAP_PX)
        top.addWidget(Label(self.windowTitle(), role="title"))
        top.addWidget(self.folder, 1, Qt.AlignmentFlag.AlignBottom)
        self.folder_button.setVisible(self._is_new)
        for widget in (self.folder_button, self.undo_button, self.redo_button):
            top.addWidget(widget)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.step_page)
        for page, _ in self.pages.values():
            self._stack.addWidget(page)
        body = QWidget()
        columns = QHBoxLayout(body)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(16)
        columns.addWidget(self.side)
        columns.addWidget(self._stack, 1)
        self._outer = QStackedWidget()
        self._outer.addWidget(self.start)
        self._outer.addWidget(body)
        self._outer.setCurrentIndex(0 if self._is_new else 1)
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        acts.addWidget(self.status)
        acts.addWidget(self.show_button)
        acts.addStretch(1)
        acts.addWidget(self.cancel_button)
        acts.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 18, 24, 16)
        layout.setSpacing(GAP_PX)
        layout.addLayout(top)
        layout.addWidget(self.banner)
        layout.addWidget(self.ask_bar)
        layout.addWidget(self._outer, 1)
        layout.addLayout(acts)

    def _connect(self) -> None:
        self.desk.changed.connect(self._refresh)
        self.start.chosen.connect(self.begin_with)
        self.side.pages.turned.connect(self.show_page)
        self.steps.chosen.connect(self.show_step)
        self.folder_button.clicked.connect(self._change_folder)
        for one, act, keys in (
            (self.undo_button, self.desk.undo, ("Ctrl+Z",)),
            (self.redo_button, self.desk.redo, ("Ctrl+Shift+Z", "Ctrl+Y")),
            (self.save_button, self.save, ("Ctrl+Return", "Ctrl+Enter", "Ctrl+S")),
            (self.show_button, self.show_next_remark, ("F8",)),
            (self.cancel_button, self.reject, ()),
        ):
            one.clicked.connect(act)
            for key in keys:  # Enter alone must not save: it is pressed at the end of every field
                QShortcut(QKeySequence(key), self).activated.connect(one.click)
        for one, key in ((self.steps.add_button, "Ctrl+N"), (self.steps.copy_button, "Ctrl+D")):
            QShortcut(QKeySequence(key), self).activated.connect(one.click)

    # -- going about ---------------------------------------------------------------------------

    def begin_with(self, template: StudyFolder | None) -> None:
        """Leave the first page with a template, or with an empty study."""
        if template is None:
            self.desk.begin(blank_study(), Origin())
        else:
            self.desk.begin(*open_for_editing(template.path))
        self._outer.setCurrentIndex(1)
        self.show_page("Goal")
        self.pages["Goal"][0].form.begin_typing()

    def show_page(self, name: str) -> None:
        """Show a page of the whole study."""
        self._page, self._step = name, -1
        self._refresh()

    def show_step(self, index: int) -> None:
        """Show a step by its number, from 0."""
        self._page, self._step = "", index
        self._refresh()

    def show_place(self, place: Place) -> None:
        """Show where a place of the study is edited."""
        if place[:1] == ("steps",) and len(place) > 1 and isinstance(place[1], int):
            self.show_step(place[1])
            self.step_page.show_place(place)
            self._refresh()
        elif place[:1] != ("steps",):
            self.show_page(_NAMES.get(str(place[0]), "Goal"))

    def show_next_remark(self) -> None:
        """Go to what is to be mended, or else to the hints, one after the other."""
        self.desk.is_patient = False
        found = self.desk.problems or self.desk.hints
        if found:
            places = [place for place, _ in found]
            last = places.index(self._told) if self._told in places else -1
            self._told = places[(last + 1) % len(places)]
            self.show_place(self._told)
            self._refresh()

    @property
    def target(self) -> Path:
        """The folder it is saved into; a new study's is named after its title."""
        origin = self.desk.origin
        if not self._is_new and origin.folder is not None:
            return origin.folder
        name = slug(self.desk.study.title) or "new-study"
        candidate, number = self._where / name, 2
        while candidate.exists():
            candidate, number = self._where / f"{name}-{number}", number + 1
        return candidate

    def _change_folder(self) -> None:
        path = self._choose_folder(self)
        if path is not None:
            self._where = path
            self._refresh()

    def _refresh(self) -> None:
        """Show what lies on the desk."""
        study, desk = self.desk.study, self.desk
        if self._page == "" and not study.steps:
            self._page = "Goal"
        shown = max(min(self._step, len(study.steps) - 1), 0) if self._page == "" else -1
        wrong = {_page_of(place) for place, _ in desk.problems if desk.is_told(place)}
        self.side.show_study(page=self._page, step=shown, wrong=sorted(wrong))
        if shown >= 0:
            self.step_page.show_at(("steps", shown))
            self._stack.setCurrentWidget(self.step_page)
        else:
            page, place = self.pages[self._page]
            page.show_at(place)
            self._stack.setCurrentWidget(page)
        self.folder.show_text(shown_path(self.target))
        self._show_status()

    def _show_status(self) -> None:
        n_problems, n_hints = len(self.desk.problems), len(self.desk.hints)
        has_begun = self._outer.currentIndex() == 1
        words = ""
        if n_problems:
            words = f"{plural(n_problems, 'thing')} to mend before it can be saved"
        elif n_hints:
            words = f"Ready to be saved, with {plural(n_hints, 'hint')}"
        self.status.show_text(words if has_begun else "")
        self.show_button.setVisible(bool(words) and has_begun)
        for one in (self.undo_button, self.redo_button, self.save_button, self.folder_button):
            one.setVisible(has_begun and (self._is_new or one is not self.folder_button))
        self.folder.setVisible(has_begun)
        history = self.desk.history
        self.undo_button.setEnabled(bool(history.undoes))
        self.redo_button.setEnabled(bool(history.redoes))
        self.undo_button.setAccessibleName(f"Undo {history.undoes}, key Ctrl Z")
        self.redo_button.setAccessibleName(f"Redo {history.redoes}, key Ctrl Shift Z")

    # -- saving and leaving --------------------------------------------------------------------

    def save(self, *, replaces_changes: bool = False) -> None:
        """Write it, beside the window's own thread: a video takes a while to copy."""
        if self._is_saving or self._outer.currentIndex() == 0:
            return
        self.banner.say("")
        try:
            passphrase = self._privacy_form.privacy.new_passphrase()
        except StudyError as error:
            self.show_page("Privacy")
            self.banner.say(str(error))
            return
        if self.desk.problems:
            self._told = None
            self.show_next_remark()
            return
        self._is_saving = True
        self.save_button.setEnabled(False)
        write = partial(
            save_edited,
            self.desk.study,
            self.desk.origin,
            self.target,
            replaces_changes=replaces_changes,
        )
        self._background.run(
            partial(_write, write, passphrase), done=self._written, failed=self._not_written
        )

    @property
    def _privacy_form(self) -> PrivacyPart:
        form = self.pages["Privacy"][0].form
        assert isinstance(form, PrivacyPart)
        return form

    def _written(self, result: Saved | StudyChangedError) -> None:
        self._is_saving = False
        self.save_button.setEnabled(True)
        if isinstance(result, StudyChangedError):
            self.ask_bar.ask(
                str(result),
                (
                    ("Open it again", self._open_again),
                    ("Save over it", partial(self.save, replaces_changes=True)),
                    ("Keep editing", self._keep_editing),
                ),
            )
            return
        folder, origin = result
        self.desk.note_saved(folder.study, origin)
        self._leaves = True
        self.saved.emit(folder.path)
        self.accept()

    def _not_written(self, sentence: str) -> None:
        self._is_saving = False
        self.save_button.setEnabled(True)
        self.banner.say(sentence)

    def _open_again(self) -> None:
        try:
            self.desk.begin(*open_for_editing(self.target))
        except StudyError as error:
            self.banner.say(str(error))

    def _keep_editing(self) -> None:
        self.save_button.setFocus()

    def reject(self) -> None:
        """Close without saving; asks first when something would be lost."""
        if self.desk.history.is_changed and not self._leaves:
            if self.ask_bar.isHidden():
                self.ask_bar.ask(
                    "Close without saving? What you changed would be lost.",
                    (("Discard changes", self._discard), ("Keep editing", self._keep_editing)),
                )
            else:
                self.ask_bar.hide()
            return
        super().reject()

    def _discard(self) -> None:
        self._leaves = True
        self.reject()

    def _stop_working(self) -> None:
        self.step_page.areas.scrubber.let_go()
        self._background.close()


def _page_of(place: Place) -> str:
    first = str(place[0])
    return "Goal" if first in _OF_GOAL else _NAMES.get(first, "")


def _write(write: Callable[[], Saved], passphrase: str) -> Saved | StudyChangedError:
    """Save, and encrypt the sessions to come when a passphrase was given."""
    try:
        folder, origin = write()
    except StudyChangedError as error:
        return error
    if passphrase:
        encrypt_study(folder, passphrase)
        assert origin.folder is not None
        study, origin = open_for_editing(origin.folder)
        folder = StudyFolder(folder.path, study)
    return folder, origin
