"""The dialog that asks for the passphrase of an encrypted study."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from journeylab.study.folder import StudyFolder
from journeylab.study.study_key import LOSS_WARNING, unlock_study
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.widgets.background import Background
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.notices import Banner

_WIDTH_PX = 520


class UnlockDialog(QDialog):
    """Unlocks a study and emits ``unlocked``; stays open, with a sentence, when it cannot."""

    unlocked = Signal()

    def __init__(
        self, folder: StudyFolder, parent: QWidget | None = None, *, palette: Palette = DARK
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Encrypted study")
        self.setFixedWidth(_WIDTH_PX)
        self._folder = folder
        self._background = Background(self)
        self.banner = Banner(can_dismiss=False, palette=palette)
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText("Passphrase")
        self.passphrase.setAccessibleName("Passphrase")
        self.unlock_button = QPushButton("Unlock")
        self.unlock_button.setProperty("role", "primary")
        self.unlock_button.setDefault(True)
        self.unlock_button.setEnabled(False)
        self.later_button = QPushButton("Not now")
        self.later_button.setAutoDefault(False)
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        acts.addStretch(1)
        acts.addWidget(self.later_button)
        acts.addWidget(self.unlock_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(GAP_PX)
        layout.addWidget(Label(folder.study.title, role="title", wrap=True))
        layout.addWidget(
            Label(
                "The sessions of this study are encrypted. Enter its passphrase to look at them; "
                "new sessions can be recorded without it.",
                wrap=True,
            )
        )
        layout.addWidget(self.banner)
        layout.addWidget(self.passphrase)
        layout.addWidget(Label(LOSS_WARNING, role="small", wrap=True))
        layout.addLayout(acts)
        self.passphrase.textChanged.connect(self._typed)
        self.unlock_button.clicked.connect(self.unlock)
        self.later_button.clicked.connect(self.reject)
        self.finished.connect(self._close)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as high as its words need at this width: Qt takes them to be narrower."""
        layout = self.layout()
        if layout is not None:
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def unlock(self) -> None:
        """Try what was typed, beside the window's own thread: it takes a second or two."""
        self.unlock_button.setEnabled(False)
        self.unlock_button.setText("Unlocking")
        self._background.run(
            partial(unlock_study, self._folder, self.passphrase.text()),
            done=self._opened,
            failed=self._refused,
        )

    def _opened(self, _: None) -> None:
        self.unlocked.emit()
        self.accept()

    def _refused(self, sentence: str) -> None:
        self.unlock_button.setText("Unlock")
        self.unlock_button.setEnabled(True)
        self.banner.say(sentence)
        self._fit()
        self.passphrase.selectAll()
        self.passphrase.setFocus()

    def _typed(self, text: str) -> None:
        self.unlock_button.setEnabled(bool(text))

    def _close(self) -> None:
        self.passphrase.clear()
        self._background.close()


def ask_for_passphrase(
    folder: StudyFolder,
    parent: QWidget,
    unlocked: Callable[[], object],
    *,
    palette: Palette = DARK,
) -> None:
    """Open the dialog over a window; nothing waits for it, and recording goes on without it."""
    dialog = UnlockDialog(folder, parent, palette=palette)
    dialog.unlocked.connect(unlocked)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
