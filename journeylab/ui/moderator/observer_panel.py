"""Who watches the session over the network: the console's panel and line for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from journeylab.theme import DARK, Palette
from journeylab.ui.moderator.console_keys import KeyAct
from journeylab.ui.moderator.health_bar import HealthBar
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.inputs import ComboBox
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner

OPEN_KEY: Final = "F6"
TURN_KEY: Final = "F7"
_WIDTH_PX: Final = 440
_MARGIN_PX: Final = 16
_NAME_MOST: Final = 16  # letters of a name in the health bar
_OFF: Final = (
    "Nobody can watch now. People in this network may follow the trace, the steps and the markers "
    "in their browser, never a picture of the participant. Their notes are kept under their names."
)
_TRUST: Final = "The connection is not encrypted: let observers in only in a network you trust."
_ALONE: Final = "This computer has no network: only a browser on it can watch."
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ObserverView:
    """What there is to say of observers; ``url`` is empty while nobody may watch.

    ``addresses`` are this computer's, the best first; ``problem`` says why it cannot be turned on.
    """

    addresses: Sequence[str] = ()
    url: str = ""
    code: str = ""
    watching: Sequence[str] = ()
    problem: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.url)

    @property
    def words(self) -> str:
        """One line for the console: who is watching."""
        if not self.is_on:
            return ""
        if not self.watching:
            return "Nobody watches yet"
        names = [_short(name) for name in self.watching]
        if len(names) > 2:
            return f"{len(names)} watch: {', '.join(names)}"
        return f"{' and '.join(names)} {'watch' if len(names) == 2 else 'watches'}"


def _short(name: str) -> str:
    return name if len(name) <= _NAME_MOST else f"{name[: _NAME_MOST - 1]}…"


class ObserverPanel(QFrame):
    """Lets observers in and ends it, over the page's lower right corner.

    F6, or its button in the health bar, opens and closes it; F7 lets observers in while it is
    open, and ends it at any time. ``start_requested`` goes out with the address chosen, ``opened``
    when the panel opens.
    """

    start_requested = Signal(str)
    end_requested = Signal()
    code_requested = Signal()
    opened = Signal()

    def __init__(self, page: QWidget, *, bar: HealthBar, palette: Palette = DARK) -> None:
        super().__init__(page)
        self.setProperty("role", "sheet")
        self.setFixedWidth(_WIDTH_PX)
        self.setAccessibleName("Observers")
        self._page, self._bar = page, bar
        self._view = ObserverView()
        self.banner = Banner(can_dismiss=False, palette=palette)
        self.explanation = Label(_OFF, role="quiet", wrap=True)
        self.addresses = ComboBox(palette=palette)
        self.addresses.setAccessibleName("Address of this computer")
        self.addresses.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.url, self.code = Label("", role="heading"), Label("", role="figure")
        for label in (self.url, self.code):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.watching = Label("", role="strong", wrap=True)
        self.turn = KeyButton("Let observers in", key=TURN_KEY, primary=True, palette=palette)
        self.end = KeyButton("End observing", key=TURN_KEY, palette=palette)
        self.new_code = KeyButton("New code", palette=palette)
        self.close_button = KeyButton("Close", key=OPEN_KEY, palette=palette)
        self._on = QWidget()
        self._build()
        self.turn.clicked.connect(self._turn)
        self.end.clicked.connect(self.end_requested)
        self.new_code.clicked.connect(self.code_requested)
        self.close_button.clicked.connect(self.toggle)
        bar.observers.clicked.connect(self.toggle)
        page.installEventFilter(self)
        self.hide()

    def _build(self) -> None:
        facts = QVBoxLayout(self._on)
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setSpacing(4)
        for title, label, words in (
            ("Address", self.url, "to be typed into a browser in the same network"),
            ("Code", self.code, "good once, for ten minutes; the next observer gets another"),
            ("Watching", self.watching, ""),
        ):
            facts.addWidget(SectionLabel(title))
            facts.addWidget(label)
            if words:
                facts.addWidget(Label(words, role="quiet", wrap=True))
            facts.addSpacing(8)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for button in (self.turn, self.end, self.new_code):
            acts.addWidget(button)
        acts.addStretch(1)
        acts.addWidget(self.close_button)
        self.trust = Label(_TRUST, role="small", wrap=True)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(SectionLabel("Observers"))
        for part in (self.banner, self.explanation, self.addresses, self._on, self.trust):
            layout.addWidget(part)
        layout.addLayout(acts)
        self._write()

    def keys(self) -> tuple[KeyAct, ...]:
        """The keys of this panel."""
        group = "Observers"
        return (
            KeyAct("observers", "Who watches", (OPEN_KEY,), self.toggle, group),
            KeyAct("observing", "Let in, when shown; end it", (TURN_KEY,), self._turn, group),
        )

    @property
    def is_on(self) -> bool:
        """Whether observers may watch."""
        return self._view.is_on

    def show_view(self, view: ObserverView) -> None:
        """Show another reading; twice a second, most of which change nothing."""
        if view != self._view:
            self._view = view
            self._write()

    def toggle(self) -> None:
        """Open, or close."""
        if self.isVisible():
            self.hide()
            return
        self.opened.emit()
        self.show()  # first: only what is shown knows its letters, and so its height
        self._place()
        self.raise_()

    def _turn(self) -> None:
        if self._view.is_on:
            self.end_requested.emit()
        elif self.isVisible():
            self.start_requested.emit(self.addresses.currentText())

    def _write(self) -> None:
        view = self._view
        self.banner.say(view.problem)
        known = [self.addresses.itemText(index) for index in range(self.addresses.count())]
        if known != list(view.addresses):
            self.addresses.clear()
            self.addresses.addItems(list(view.addresses))
        self.explanation.setVisible(not view.is_on)
        self.addresses.setVisible(not view.is_on and len(view.addresses) > 1)
        self._on.setVisible(view.is_on)
        for button, is_shown in (
            (self.turn, not view.is_on),
            (self.end, view.is_on),
            (self.new_code, view.is_on),
        ):
            button.setVisible(is_shown)
        is_alone = list(view.addresses) == [_LOOPBACK]
        self.trust.show_text(_ALONE if is_alone else _TRUST)
        self.url.show_text(view.url)
        half = len(view.code) // 2
        self.code.show_text(f"{view.code[:half]} {view.code[half:]}" if view.code else "–")
        self.watching.show_text(", ".join(view.watching) or "Nobody yet")
        self._bar.show_observers(view.words, n_watching=len(view.watching) if view.is_on else None)
        self._place()

    def _place(self) -> None:
        self._layout.activate()
        self.resize(_WIDTH_PX, self._layout.totalHeightForWidth(_WIDTH_PX))
        self.move(
            max(0, self._page.width() - self.width() - _MARGIN_PX),
            max(0, self._page.height() - self._bar.height() - self.height() - _MARGIN_PX),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
