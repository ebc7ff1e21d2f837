"""What lies behind a point of the trace: one session's face and screen at that second."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.insights import signed
from journeylab.analysis.moments import Moment, MomentChoice, eye_words, unit_words
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.moment_pictures import MomentPicture
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.inputs import CheckBox
from journeylab.ui.widgets.style import font, set_role

_BAR_ROW_PX = 22


class UnitBars(QWidget):
    """The strongest action units as bars with their values."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._units: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_units(self, units: tuple[tuple[str, float], ...]) -> None:
        """Show (code, intensity 0..1), strongest first."""
        self._units = units
        self.setFixedHeight(max(1, len(units)) * _BAR_ROW_PX)
        words = ", ".join(f"{unit_words(code)} {level:.2f}" for code, level in units)
        self.setAccessibleName(words or "no action unit")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font(12))
            if not self._units:
                painter.setPen(QColor(self._palette.quiet_text))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, "None above 0.05")
            for place, (code, level) in enumerate(self._units):
                self._paint_unit(painter, place * _BAR_ROW_PX, code, level)

    def _paint_unit(self, painter: QPainter, y: float, code: str, level: float) -> None:
        right = float(self.width())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(self._palette.text))
        painter.drawText(QRectF(0, y, right - 124, _BAR_ROW_PX), middle, unit_words(code))
        trough = QRectF(right - 116, y + _BAR_ROW_PX / 2 - 3, 78, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.raised))
        painter.drawRoundedRect(trough, 3, 3)
        colour = {"AU12": self._palette.joy, "AU06": self._palette.joy}.get(
            code,
            self._palette.negative
            if code in ("AU04", "AU14", "AU15", "AU24")
            else self._palette.neutral,
        )
        painter.setBrush(QColor(colour))
        filled = QRectF(trough)
        filled.setWidth(max(6.0, trough.width() * min(level, 1.0)))
        painter.drawRoundedRect(filled, 3, 3)
        painter.setPen(QColor(self._palette.quiet_text))
        painter.drawText(
            QRectF(right - 34, y, 34, _BAR_ROW_PX),
            middle | Qt.AlignmentFlag.AlignRight,
            f"{level:.2f}",
        )


class MomentPanel(QWidget):
    """Shows one moment; asks for the sessions before and after it by signals."""

    back_asked = Signal()
    replay_asked = Signal(object)
    """The MomentChoice whose replay is wanted."""
    other_asked = Signal(int)
    """-1 for the moment before it in the list, +1 for the next."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._moment: Moment | None = None
        self._choice: MomentChoice | None = None
        self.replay = QPushButton("Open replay")
        self.replay.setToolTip("Play the session from this moment on")
        self.replay.clicked.connect(self._ask_replay)
        self._heading = Label("", role="heading")
        self._when = Label("", role="quiet", wrap=True)
        self._valence = Label("", role="figure")
        self._valence_words = Label("valence", role="unit")
        self.face_picture = MomentPicture(
            "No camera frame of this moment", aspect=16 / 9, palette=palette
        )
        self.screen_picture = MomentPicture(
            "No picture of the screen at this moment", aspect=16 / 10, palette=palette
        )
        self.blur = CheckBox("Blur face  B", palette=palette)
        self.blur.toggled.connect(self._show_face)
        self._screen_words = Label("", role="small", wrap=True)
        self._units = UnitBars(palette=palette)
        self._eyes_label = SectionLabel("Eyes on this step")
        self._eyes = Label("", role="small", wrap=True)
        self.back = QPushButton("‹  Sessions")
        self.back.setProperty("role", "quiet")
        self.back.clicked.connect(self.back_asked)
        self.previous_session = QPushButton("‹")
        self.next_session = QPushButton("›")
        self._place = Label("", role="quiet")
        self.previous_session.setToolTip("The moment before it in the list")
        self.next_session.setToolTip("The next moment in the list")
        self.previous_session.setAccessibleName(self.previous_session.toolTip())
        self.next_session.setAccessibleName(self.next_session.toolTip())
        self.previous_session.clicked.connect(self._ask_before)
        self.next_session.clicked.connect(self._ask_next)
        self._build()

    @property
    def moment(self) -> Moment | None:
        """What is shown."""
        return self._moment

    def expect(self, choice: MomentChoice, *, index: int, count: int) -> None:
        """Name the session whose moment is being read, and its place among the others."""
        self._choice = choice
        summary = choice.summary
        details = [summary.participant_id, *summary.segments.values()]
        if summary.simulated:
            details.append("simulated")
        self._heading.show_text(" · ".join(details))
        self._when.show_text(f"{choice.step_title} · reading …")
        self._place.show_text(f"{index + 1} of {count}")
        self.previous_session.setEnabled(index > 0)
        self.next_session.setEnabled(index < count - 1)

    def show_moment(self, moment: Moment) -> None:
        """Show face, screen and values."""
        self._moment = moment
        minutes, seconds = divmod(moment.session_s, 60)
        time_words = f"{int(minutes)}:{seconds:04.1f} of the session"
        self._when.show_text(f"{moment.choice.step_title} · {time_words}")
        is_known = math.isfinite(moment.valence)
        self._valence.show_text(signed(moment.valence) if is_known else "–")
        self._valence_words.show_text("valence" if is_known else "no face at this moment")
        tone = "neutral"
        if is_known and abs(moment.valence) > 6:
            tone = "joy" if moment.valence > 0 else "negative"
        set_role(self._valence, tone=tone)
        self._show_face()
        self.screen_picture.show_picture(moment.screen, gaze=moment.gaze, spread=moment.gaze_spread)
        self._screen_words.show_text(
            "Dot: point of gaze, halo: with 68 % it lies within"
            if moment.gaze is not None and moment.screen is not None
            else "No point of gaze on the screen"
        )
        self._units.show_units(moment.units)
        self._show_eyes(moment.choice)

    def show_failure(self, words: str) -> None:
        """Say why the moment cannot be shown."""
        self._moment = None
        self._when.show_text(words)
        self._valence.show_text("–")
        self._show_face()
        self.screen_picture.show_picture(None)
        self._screen_words.show_text("")
        self._units.show_units(())
        self._show_eyes(None)

    def blur_faces(self, blurs: bool) -> None:
        """Show faces blurred at first, as the study wants it, or not."""
        self.blur.setChecked(blurs)

    def _show_face(self) -> None:
        moment = self._moment
        face = None if moment is None else moment.face
        if moment is not None and self.blur.isChecked():
            face = moment.blurred
        self.face_picture.show_picture(face)

    def _show_eyes(self, choice: MomentChoice | None) -> None:
        eyes = None if choice is None else choice.eyes
        words = "" if eyes is None else eye_words(eyes)
        self._eyes.show_text(words)
        for label in (self._eyes_label, self._eyes):
            label.setVisible(bool(words))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.back)
        top.addStretch(1)
        top.addWidget(self._place)
        for button in (self.previous_session, self.next_session):
            button.setFixedWidth(36)
            button.setStyleSheet("padding: 0;")
            top.addWidget(button)
        value = QHBoxLayout()
        value.setSpacing(6)
        value.addWidget(self._valence, 0, Qt.AlignmentFlag.AlignBaseline)
        value.addWidget(self._valence_words, 0, Qt.AlignmentFlag.AlignBaseline)
        value.addStretch(1)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(6)
        layout.addWidget(self._heading)
        layout.addWidget(self._when)
        layout.addLayout(value)
        layout.addWidget(self.face_picture)
        layout.addWidget(self.blur)
        layout.addWidget(self.replay)
        layout.addSpacing(4)
        layout.addWidget(self.screen_picture)
        layout.addWidget(self._screen_words)
        layout.addSpacing(4)
        layout.addWidget(SectionLabel("Action units"))
        layout.addWidget(self._units)
        layout.addSpacing(4)
        layout.addWidget(self._eyes_label)
        layout.addWidget(self._eyes)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(10)
        outer.addLayout(top)
        outer.addWidget(area, 1)

    def _ask_replay(self) -> None:
        if self._choice is not None:
            self.replay_asked.emit(self._choice)

    def _ask_before(self) -> None:
        self.other_asked.emit(-1)

    def _ask_next(self) -> None:
        self.other_asked.emit(1)
