"""The replay's controls: play, step, speed, blur, sound and clip, each with its key."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

from journeylab.analysis.replay_playhead import SPEEDS
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.card import Label
from journeylab.ui.widgets.inputs import CheckBox
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.style import BODY_PX, font

_WIDEST_TIME: Final = "000:00.0 / 000:00"


class Transport(QFrame):
    """One row of controls; it shows keys but leaves listening to the page."""

    play_asked = Signal()
    stepped = Signal(int)
    """+1 or -1 frame."""
    speed_chosen = Signal(float)
    blur_chosen = Signal(bool)
    sound_chosen = Signal(bool)
    span_start_asked = Signal()
    span_end_asked = Signal()
    span_clear_asked = Signal()
    clip_asked = Signal()

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "top")
        self._palette = palette
        self.play = KeyButton("Play", key="Space", primary=True, palette=palette)
        self.play.setFixedWidth(118)
        self.back = KeyButton("−1", key=",", palette=palette)
        self.on = KeyButton("+1", key=".", palette=palette)
        self.back.setToolTip("One frame back (comma); ← 5 seconds back")
        self.on.setToolTip("One frame on (period); → 5 seconds on")
        self.time = Label("0:00.0 / 0:00")
        self.time.setFont(font(BODY_PX, weight=600))
        # As wide as it will get: words that change must not lay the window out again.
        self.time.setFixedWidth(QFontMetrics(self.time.font()).horizontalAdvance(_WIDEST_TIME))
        self.blur = CheckBox("Blur face  B", palette=palette)
        self.sound = CheckBox("Sound  M", palette=palette)
        self.from_here = KeyButton("From", key="[", palette=palette)
        self.to_here = KeyButton("To", key="]", palette=palette)
        self.from_here.setToolTip("The clip begins where the playhead stands")
        self.to_here.setToolTip("The clip ends where the playhead stands")
        self.clear_span = QPushButton("×")
        self.clear_span.setProperty("role", "quiet")
        self.clear_span.setToolTip("Choose no span any more (X)")
        self.clear_span.setAccessibleName("Clear the span")
        self.clear_span.setFixedWidth(26)
        self.clear_span.setStyleSheet("padding: 0;")
        self.clear_span.setEnabled(False)
        self.clip = KeyButton("Clip …", key="C", palette=palette)
        self._speeds = QButtonGroup(self)
        self._speeds.setExclusive(True)
        self._build()
        self._wire()

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(8)
        for button in (self.back, self.play, self.on):
            layout.addWidget(button)
        layout.addSpacing(6)
        layout.addWidget(self.time)
        layout.addSpacing(6)
        speeds = QHBoxLayout()
        speeds.setSpacing(0)
        for place, speed in enumerate(SPEEDS):
            choice = QPushButton(speed_words(speed))
            choice.setCheckable(True)
            choice.setChecked(speed == 1.0)
            choice.setStyleSheet(self._sheet(place))
            choice.setToolTip("Slower −, faster +")
            self._speeds.addButton(choice, place)
            speeds.addWidget(choice)
        layout.addLayout(speeds)
        layout.addStretch(1)
        for widget in (self.blur, self.sound):
            layout.addWidget(widget)
            layout.addSpacing(6)
        layout.addStretch(1)
        ends: tuple[QWidget, ...] = (self.from_here, self.to_here, self.clear_span, self.clip)
        for end in ends:
            layout.addWidget(end)

    def _wire(self) -> None:
        self.play.clicked.connect(self.play_asked)
        self.back.clicked.connect(partial(self._step, -1))
        self.on.clicked.connect(partial(self._step, 1))
        self._speeds.idClicked.connect(self._choose_speed)
        self.blur.toggled.connect(self.blur_chosen)
        self.sound.toggled.connect(self.sound_chosen)
        self.from_here.clicked.connect(self.span_start_asked)
        self.to_here.clicked.connect(self.span_end_asked)
        self.clear_span.clicked.connect(self.span_clear_asked)
        self.clip.clicked.connect(self.clip_asked)

    def show_playing(self, is_playing: bool) -> None:
        """Offer to pause, or to play."""
        self.play.show_words("Pause" if is_playing else "Play")

    def show_time(self, words: str) -> None:
        """Show where the playhead stands."""
        self.time.show_text(words)

    def show_has_span(self, has_span: bool) -> None:
        """Offer to clear the span of a clip where one is chosen."""
        self.clear_span.setEnabled(has_span)

    def show_speed(self, speed: float) -> None:
        """Press the button of a speed."""
        self._speeds.button(SPEEDS.index(speed)).setChecked(True)

    def _step(self, n_frames: int) -> None:
        self.stepped.emit(n_frames)

    def _choose_speed(self, place: int) -> None:
        self.speed_chosen.emit(SPEEDS[place])

    def _sheet(self, place: int) -> str:
        palette = self._palette
        left = 7 if place == 0 else 0
        right = 7 if place == len(SPEEDS) - 1 else 0
        return (
            "QPushButton {"
            f"border-top-left-radius: {left}px; border-bottom-left-radius: {left}px;"
            f"border-top-right-radius: {right}px; border-bottom-right-radius: {right}px;"
            f"background: {palette.ground}; border: 1px solid {palette.line};"
            f"{'' if place == 0 else 'border-left: 0;'} font-weight: 500; padding: 0 10px; }}"
            f"QPushButton:checked {{ background: {palette.accent_tint};"
            f"color: {palette.accent_text}; font-weight: 600; }}"
            f"QPushButton:focus {{ border-color: {palette.accent}; }}"
        )


def speed_words(speed: float) -> str:
    """A speed as on its button: ½×, 1×."""
    return "½×" if speed == 0.5 else f"{speed:g}×"
