"""What a new study promises its participants."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from journeylab.errors import StudyError
from journeylab.study.privacy import Privacy, Purpose
from journeylab.study.study_key import LOSS_WARNING, check_passphrase
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import CheckBox, ComboBox

_PURPOSES = (
    (Purpose.RESEARCH, "Research with customers"),
    (Purpose.WORKPLACE, "In a workplace"),
    (Purpose.EDUCATION, "In education"),
)


class PrivacyForm(Card):
    """Purpose, retention, face video and encryption."""

    changed = Signal()

    def __init__(self, *, palette: Palette = DARK) -> None:
        super().__init__("Privacy", spacing_px=6)
        self.purpose = ComboBox(palette=palette)
        self.purpose.setAccessibleName("Where it takes place")
        for purpose, words in _PURPOSES:
            self.purpose.addItem(words, purpose)
        self.keep_until = QLineEdit()
        self.keep_until.setPlaceholderText("such as 2027-03-01")
        self.keep_until.setAccessibleName("Keep sessions until")
        self.features_only = CheckBox("Never store face video", palette=palette)
        self.blur_faces = CheckBox("Replays begin with the face blurred", palette=palette)
        self.observers = CheckBox("Observers may follow sessions", palette=palette)
        self.encrypts = CheckBox("Encrypt sessions", palette=palette)
        self.passphrase, self.again = _secret("Passphrase"), _secret("Once more")
        self._notice = Label("", role="small", wrap=True)
        self._warning = Label(LOSS_WARNING, role="small", wrap=True)
        self._secrets = QWidget()
        secrets = QHBoxLayout(self._secrets)
        secrets.setContentsMargins(0, 0, 0, 0)
        secrets.setSpacing(GAP_PX)
        secrets.addWidget(self.passphrase)
        secrets.addWidget(self.again)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(8)
        grid.addWidget(Label("Takes place", role="quiet"), 0, 0)
        grid.addWidget(self.purpose, 0, 1)
        grid.addWidget(Label("Keep until", role="quiet"), 0, 2)
        grid.addWidget(self.keep_until, 0, 3)
        grid.addWidget(self.features_only, 1, 1)
        grid.addWidget(self.observers, 1, 3)
        grid.addWidget(self.blur_faces, 2, 1)
        grid.addWidget(self.encrypts, 2, 3)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        for widget in (self._notice, self._secrets, self._warning):
            self.body.addWidget(widget)
        self.setTabOrder(self.passphrase, self.again)
        self.purpose.currentIndexChanged.connect(self._show)
        self.encrypts.toggled.connect(self._show)
        self.keep_until.textChanged.connect(self.changed)
        self.features_only.toggled.connect(self.changed)
        self.blur_faces.toggled.connect(self.changed)
        self.observers.toggled.connect(self.changed)
        self._show()

    def privacy(self) -> Privacy:
        """What was chosen.

        Raises
        ------
        StudyError
            When the day is none.
        """
        text = self.keep_until.text().strip()
        try:
            keep_until = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise StudyError(
                f'"{text}" is no day to keep the sessions until.', remedy="Write it as 2027-03-01."
            ) from error
        return Privacy(
            purpose=self.purpose.currentData(Qt.ItemDataRole.UserRole),
            keep_until=keep_until,
            features_only=self.features_only.isChecked(),
            blur_faces=self.blur_faces.isChecked(),
            observers=self.observers.isChecked(),
        )

    def show_privacy(self, privacy: Privacy) -> None:
        """Show what a study promises already; one that is encrypted stays so."""
        self.purpose.setCurrentIndex(self.purpose.findData(privacy.purpose))
        until = "" if privacy.keep_until is None else privacy.keep_until.isoformat()
        self.keep_until.setText(until)
        self.features_only.setChecked(privacy.features_only)
        self.blur_faces.setChecked(privacy.blur_faces)
        self.observers.setChecked(privacy.observers)
        self.encrypts.setVisible(not privacy.is_encrypted)

    def new_passphrase(self) -> str:
        """The passphrase of the study to be made; empty when it is not encrypted.

        Raises
        ------
        StudyError
            When it is too short, or was typed differently twice.
        """
        if not self.encrypts.isChecked():
            return ""
        passphrase = self.passphrase.text()
        check_passphrase(passphrase)
        if self.again.text() != passphrase:
            raise StudyError("The two passphrases differ.", remedy="Type the same twice.")
        return passphrase

    def _show(self) -> None:
        notice = Privacy(purpose=self.purpose.currentData(Qt.ItemDataRole.UserRole)).emotion_notice
        self._notice.show_text(notice)
        self._notice.setVisible(bool(notice))
        for widget in (self._secrets, self._warning):
            widget.setVisible(self.encrypts.isChecked())
        self.changed.emit()


def _secret(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field
