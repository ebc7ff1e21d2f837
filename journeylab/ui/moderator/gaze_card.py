"""The card in which the neutral face is taken and gaze calibrated: before, meanwhile, after."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from journeylab.inference.gaze_record import GazeValidation, PointError, PointKind
from journeylab.session.calibration import CalibrationResult
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.neutral_line import NOT_TAKEN, NeutralLine
from journeylab.ui.moderator.ports import (
    GazeChoice,
    GazePoint,
    GazeProgress,
    NeutralProgress,
)
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.gaze_points import GazePoints, ShownError
from journeylab.ui.widgets.health import HealthRow, Level, Reading
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.keys import KeyButton

_GOOD_DEG, _POOR_DEG = 2.5, 4.0
# Where the screen's size is unknown: shares of its diagonal that are about as much on a laptop.
_GOOD_SHARE, _POOR_SHARE = 0.07, 0.11
_PACES: Final = ("Goes on by itself", "Goes on with Space")
_BEFORE: Final = (
    "The participant follows {n} dots, turns the head at one, and looks at five more that tell the "
    "error: half a minute."
)
_RUNNING: Final = "Gaze is being calibrated."
_MEANWHILE: Final = {
    PointKind.CALIBRATION: "The participant follows the dot: {place} of {of}",
    PointKind.MOVEMENT: "Say: keep looking at the dot, and turn your head left, right, up and down",
    PointKind.VALIDATION: "How far is gaze off? The participant follows the dot: {place} of {of}",
    PointKind.CHECK: "The participant looks at the dot",
}


class _Words(Label):
    """Quiet words that take no room while there are none."""

    def __init__(self) -> None:
        super().__init__("", role="quiet", wrap=True)
        self.hide()

    def show_text(self, text: str) -> None:
        super().show_text(text)
        self.setVisible(bool(text))


class GazeCard(Card):
    """Asks for neutral face and calibration, shows them run, and takes the moderator's answers.

    ``asked`` when a calibration is wanted (see :meth:`choice`), ``advanced`` for the next dot,
    ``broken_off`` for whatever runs, ``accepted``, ``redo_asked`` with a :class:`GazePoint`,
    ``keep_asked`` for the calibration before. What is asked of the neutral face goes out of
    ``neutral``. ``keys`` are those shown for neutral face and calibration; Esc is listened to only
    with ``hears_escape``. ``is_calibrated`` while one is shown that is in force; ``changed`` goes
    out when that, or :attr:`problem`, may have become another.
    """

    asked = Signal()
    advanced = Signal()
    broken_off = Signal()
    accepted = Signal()
    redo_asked = Signal(object)
    keep_asked = Signal()
    changed = Signal()

    def __init__(
        self,
        *,
        keys: tuple[str, str] = ("F8", "F9"),
        hears_escape: bool = True,
        palette: Palette = DARK,
    ) -> None:
        super().__init__("Face and gaze", spacing_px=8)
        self._problem = ""
        self._is_open = False
        self._is_accepted = False
        self.is_calibrated = False
        self.is_declined = False  # by the participant: there is nothing to calibrate for
        self._hears_escape = hears_escape
        self.neutral = NeutralLine(key=keys[0], palette=palette)
        self._shown: tuple[GazePoint, ...] = ()
        self._errors: tuple[PointError, ...] = ()
        self.verdict = HealthRow(tinted=False, wrap=True, palette=palette)
        self._detail, self._point = _Words(), _Words()
        self.points = GazePoints(palette=palette)
        self.n_points = ComboBox()
        self.n_points.addItems(["5 points", "9 points", "13 points"])
        self.n_points.setCurrentIndex(1)
        self.n_points.setAccessibleName("Points of the calibration")
        self.pace = ComboBox()
        self.pace.addItems(_PACES)
        self.pace.setAccessibleName("Pace of the calibration")
        self.pace.setMinimumContentsLength(max(len(pace) for pace in _PACES))
        self.calibrate_button = KeyButton("Calibrate gaze", key=keys[1], palette=palette)
        self.next_button = KeyButton("Next dot", key="Space", palette=palette)
        self.break_button = KeyButton("Break off", key="Esc", palette=palette)
        self.accept_button = QPushButton("Accept")
        self.redo_button = QPushButton("Redo this point")
        self.keep_button = QPushButton("Keep the earlier one")
        self._build()
        self._connect()
        self.show_none()

    def _build(self) -> None:
        self.body.addWidget(self.neutral)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.verdict)
        words.addWidget(self._detail)
        words.addWidget(self._point)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(GAP_PX)
        top.addLayout(words, 1)
        top.addWidget(self.points)
        self.body.addLayout(top)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for choice in (self.n_points, self.pace):
            acts.addWidget(choice)
        acts.addStretch(1)
        for button in self._buttons():
            acts.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(acts)

    def _buttons(self) -> tuple[QWidget, ...]:
        return (
            self.keep_button,
            self.redo_button,
            self.break_button,
            self.next_button,
            self.calibrate_button,
            self.accept_button,
        )

    def _connect(self) -> None:
        self.calibrate_button.clicked.connect(self.ask)
        self.next_button.clicked.connect(self.advanced)
        self.break_button.clicked.connect(self.broken_off)
        self.accept_button.clicked.connect(self._accept)
        self.redo_button.clicked.connect(self._redo)
        self.keep_button.clicked.connect(self.keep_asked)
        self.points.chosen.connect(self._point_chosen)
        self.n_points.currentIndexChanged.connect(self._say_what_comes)
        # The participant's window has the keyboard while dots are shown.
        self._space = QShortcut(QKeySequence("Space"), self)
        self._space.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._space.activated.connect(self.advanced)
        self._escape = QShortcut(QKeySequence("Esc"), self)
        self._escape.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._escape.activated.connect(self.broken_off)

    def choice(self) -> GazeChoice:
        """What is chosen now."""
        return GazeChoice((5, 9, 13)[self.n_points.currentIndex()], self.pace.currentIndex() == 1)

    @property
    def problem(self) -> str:
        """Why nothing else can begin meanwhile, or empty."""
        return self.neutral.problem or self._problem

    @property
    def not_yet(self) -> str:
        """What may be left out before a session, and should not be; empty when nothing is."""
        missing = [NOT_TAKEN] if self.neutral.is_missing else []
        if not (self.is_calibrated or self.is_declined):
            missing.append("gaze not calibrated" if missing else "Gaze not calibrated yet")
        return ", ".join(missing)

    def ask(self) -> None:
        """As the button does, where gaze can be calibrated now."""
        if self.calibrate_button.isEnabled():
            self.asked.emit()

    def set_open(self, is_open: bool) -> None:
        """Whether there is a session to calibrate in, and nothing in the way."""
        self._is_open = is_open
        is_free = is_open and not self.problem
        for button in (self.calibrate_button, self.keep_button, self.accept_button):
            button.setEnabled(is_free and not self.is_declined)
            button.setToolTip("The participant declined gaze." if self.is_declined else "")
        self.redo_button.setEnabled(is_free and self.points.at >= 0)
        self.neutral.set_open(is_free)

    def show_neutral(self, progress: NeutralProgress) -> None:
        """The neutral face is being taken."""
        self.neutral.show_progress(progress)
        self._show_running()

    def show_neutral_taken(self, sentence: str) -> None:
        """It is in force."""
        self.neutral.show_taken(sentence)
        self._show_running()

    def show_neutral_failed(self, sentence: str) -> None:
        """It was not taken, and why."""
        self.neutral.show_failure(sentence)
        self._show_running()

    def show_none(self) -> None:
        """Nothing is taken or calibrated yet."""
        self.neutral.show_none()
        self._show(Reading(Level.OFF, "Gaze is not calibrated"), buttons=(self.calibrate_button,))
        self.calibrate_button.show_words("Calibrate gaze")
        self._say_what_comes()

    def show_progress(self, progress: GazeProgress) -> None:
        """A dot is shown."""
        sentence = _MEANWHILE[progress.kind].format(place=progress.place, of=progress.of)
        buttons = (self.break_button, *((self.next_button,) if progress.is_paced else ()))
        self._show(Reading(Level.OFF, sentence), buttons=buttons, problem=_RUNNING)
        if progress.is_paced:
            goes_on = "when you press Space"
        elif progress.kind is PointKind.MOVEMENT:
            goes_on = "after six seconds"
        else:
            goes_on = "when the eyes rest on this one"
        self._detail.show_text(f"The next dot comes {goes_on}.")
        self._space.setEnabled(progress.is_paced)

    def show_result(self, result: CalibrationResult, *, has_previous: bool) -> None:
        """Gaze is calibrated: how far it is off, point by point."""
        width_px, height_px = result.calibration.screen_px
        share = result.error_px / math.hypot(width_px, height_px)
        is_good = _within(result.error_deg, share, _GOOD_DEG, _GOOD_SHARE)
        is_poor = not _within(result.error_deg, share, _POOR_DEG, _POOR_SHARE)
        words = "too far for a map, calibrate once more" if is_poor else ""
        reading = Reading(
            Level.GOOD if is_good else Level.WARNING,
            f"Gaze is off by {_error_words(result)}{': ' + words if words else ''}",
        )
        self._show(
            reading,
            buttons=(
                *((self.keep_button,) if has_previous else ()),
                self.redo_button,
                self.calibrate_button,
                self.accept_button,
            ),
        )
        self.calibrate_button.show_words("Redo all")
        self._detail.show_text(_basis(result))
        self._show_points(result)
        self.is_calibrated = True
        self.changed.emit()

    def show_failure(self, sentence: str, *, has_previous: bool) -> None:
        """There is no calibration now, and why."""
        buttons = (*((self.keep_button,) if has_previous else ()), self.calibrate_button)
        self._show(Reading(Level.FAULT, sentence), buttons=buttons)
        self.calibrate_button.show_words("Calibrate gaze")
        self._detail.show_text(
            "The earlier calibration is out of force. It can be kept, which is written down."
            if has_previous
            else ""
        )

    def show_accepted(self) -> None:
        """The moderator took it."""
        if self._is_accepted:
            return
        self._is_accepted = True
        for button in (self.accept_button, self.redo_button, self.keep_button):
            button.hide()
        self._detail.show_text(f"{self._detail.text()} Accepted.")

    @property
    def text(self) -> str:
        """All it says, for tests and screen readers."""
        said = (self.neutral.text, self.verdict.text, self._detail.text(), self._point.text())
        return " ".join(part for part in said if part)

    def _show(self, reading: Reading, *, buttons: tuple[QWidget, ...], problem: str = "") -> None:
        self._problem = problem
        self.is_calibrated = self._is_accepted = False
        self.verdict.show_reading(reading)
        self._detail.show_text("")
        self._point.show_text("")
        self.points.hide()
        self._space.setEnabled(False)
        for button in self._buttons():
            button.setVisible(button in buttons)
        self._show_running()
        for choice in (self.n_points, self.pace):
            choice.setVisible(self.calibrate_button in buttons)

    def _show_running(self) -> None:
        """While something runs it can be broken off, and nothing else be begun."""
        self.break_button.setVisible(bool(self.problem))
        self._escape.setEnabled(bool(self.problem) and self._hears_escape)
        self.set_open(self._is_open)
        self.changed.emit()

    def _say_what_comes(self) -> None:
        if self.calibrate_button.text() == "Calibrate gaze":
            self._detail.show_text(_BEFORE.format(n=self.choice().n_points))

    def _show_points(self, result: CalibrationResult) -> None:
        width_px, height_px = result.calibration.screen_px
        validated = () if result.validation is None else result.validation.points
        kinds = [PointKind.CALIBRATION] * len(result.points)
        kinds += [PointKind.VALIDATION] * len(validated)
        errors = self._errors = (*result.points, *validated)
        self._shown = tuple(
            GazePoint(kind, error.x_px, error.y_px)
            for kind, error in zip(kinds, errors, strict=True)
        )
        limit_px = max(2.0 * result.error_px, _POOR_SHARE * math.hypot(width_px, height_px))
        self.points.show_points(
            [
                ShownError(
                    error.x_px / width_px,
                    error.y_px / height_px,
                    error.error_px / width_px,
                    _point_words(error) if kind is PointKind.VALIDATION or not error.used else "",
                    not error.used or error.error_px > limit_px,
                )
                for kind, error in zip(kinds, errors, strict=True)
            ],
            aspect=width_px / height_px,
        )
        self.points.show()

    def _point_chosen(self, at: int) -> None:
        self.set_open(self._is_open)
        words = "Choose a point to see its error and to redo it."
        if at >= 0:
            words = f"{_place(self._shown[at])} {_all_of(self._errors[at])}"
        self._point.show_text(words)

    def _redo(self) -> None:
        if self.points.at >= 0:
            self.redo_asked.emit(self._shown[self.points.at])

    def _accept(self) -> None:
        self.accepted.emit()
        self.show_accepted()


def _within(error_deg: float | None, share: float, deg: float, of_diagonal: float) -> bool:
    return share <= of_diagonal if error_deg is None else error_deg <= deg


def _error_words(result: CalibrationResult) -> str:
    validation = result.validation
    in_mm = None if validation is None else validation.error_mm
    px = f"{result.error_px:.0f} px"
    if result.error_deg is None:
        return px
    mm = "" if in_mm is None else f", {in_mm:.0f} mm"
    return f"{result.error_deg:.1f}° ({px}{mm})"


def _basis(result: CalibrationResult) -> str:
    calibration, validation = result.calibration, result.validation
    fitted = f"fitted to {calibration.n_used} of {calibration.n_all} samples"
    if validation is None:
        how = "each point left out in turn" if result.is_held_out else "on its own points"
        return f"Median of {len(result.points)} points, {how}; {fitted}."
    return f"{_validated(validation)}; {fitted}."


def _validated(validation: GazeValidation) -> str:
    n_known = sum(point.used > 0 for point in validation.points)
    return (
        f"Median of {n_known} points it was not calibrated on, {validation.used} of "
        f"{validation.n_all} samples"
    )


def _place(point: GazePoint) -> str:
    kind = "Validation" if point.kind is PointKind.VALIDATION else "Calibration"
    return f"{kind} point at {point.x_px:.0f}, {point.y_px:.0f} px:"


def _all_of(error: PointError) -> str:
    """Everything measured at a point, in words."""
    n_all = error.used + error.left_out
    if not error.used:
        return f"not seen, 0 of {n_all} samples."
    deg = "" if error.error_deg is None else f", {error.error_deg:.1f}°"
    mm = "" if error.error_mm is None else f", {error.error_mm:.0f} mm"
    return f"{error.error_px:.0f} px{deg}{mm} off, {error.used} of {n_all} samples."


def _point_words(error: PointError) -> str:
    if not error.used:
        return "not seen"
    return f"{error.error_px:.0f} px" if error.error_deg is None else f"{error.error_deg:.1f}°"
