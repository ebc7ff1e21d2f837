"""The console's keys: what each does, which one is shown for it, and when it went down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.clock import NS_PER_MS, NS_PER_S, Clock
from journeylab.study.model import MarkerKey
from journeylab.ui.widgets.key_owner import stage_of

STEPS, TASK, REMARKS, VIEW = "Steps", "How the task ended", "Markers and notes", "Gaze and window"
"""Headings under which keys are listed."""

WITH_PARTICIPANT: Final = "Alt"
"""Held with a key while the participant has the keyboard: what is held with it is never hers."""
_LATEST_NS: Final = 5 * NS_PER_S
"""A press that seems to have waited longer was stamped by a clock that was set or began anew."""
_STAMPING: Final = frozenset({"xcb", "wayland", "windows", "cocoa"})
"""Platforms whose key events carry the time at which the key went down."""
_SIGNS: Final = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "Return": "⏎", "Enter": "⏎"}


@dataclass(frozen=True, slots=True)
class KeyAct:
    """Something a key does: ``keys`` in order of choice, the first free one is shown.

    A key of one character may be a study's marker instead; an act that has such a key has
    another one with Ctrl as well, which no marker can take. One of its keys acts while the
    participant has the keyboard: a function key, or one with Alt (and Shift, where a marker has
    that one too).
    """

    name: str
    words: str
    keys: tuple[str, ...]
    do: Callable[[], None]
    group: str = ""


def letter_keys(letter: str) -> tuple[str, ...]:
    """Keys of an act: its letter, with Ctrl where a marker has it, and with Alt, which lasts."""
    alt = WITH_PARTICIPANT
    return (letter, f"Ctrl+{letter}", f"{alt}+{letter}", f"{alt}+Shift+{letter}")


def is_lasting(key: str) -> bool:
    """Whether a key acts while somebody types: a function key, or one with Alt."""
    last = key.rpartition("+")[2]
    return key.startswith(f"{WITH_PARTICIPANT}+") or (last[:1] == "F" and last[1:].isdigit())


def shown(key: str) -> str:
    """A key as it is written on its cap."""
    *held, last = key.split("+") if len(key) > 1 else [key]
    return "+".join((*held, _SIGNS.get(last, last)))


class PressTimes:
    """When keys went down, on the session clock, from the window system's own stamps.

    A press waits while the window draws. The window system stamps it before, in milliseconds of
    a clock whose beginning is unknown; the press that waited least tells that beginning.
    """

    def __init__(self) -> None:
        self._offset_ns: int | None = None

    def pressed_ns(self, stamp_ms: int, *, arrived_ns: int) -> int:
        """Session time of a press stamped so, which is never after it arrived."""
        if stamp_ms <= 0:
            return arrived_ns
        offset_ns = arrived_ns - stamp_ms * NS_PER_MS
        known = self._offset_ns
        if known is None or offset_ns < known or offset_ns - known > _LATEST_NS:
            self._offset_ns = known = offset_ns
        return stamp_ms * NS_PER_MS + known


class ConsoleKeys(QObject):
    """Keys of a page, and the marker keys of the study it shows.

    A study's marker keys win over the page's own. While the participant has the keyboard, plain
    keys are hers; while the moderator types a line they are text: function keys and keys with Alt
    act always. The keys work while any window of the application has the keyboard and ``page`` can
    be seen; :meth:`listen_at` names another widget for the time in which it cannot.
    """

    changed = Signal()
    """Other keys are shown than before."""

    def __init__(self, page: QWidget, acts: Iterable[KeyAct], *, clock: Clock) -> None:
        super().__init__(page)
        self._page = page
        self._clock = clock
        self._acts = {act.name: act for act in acts}
        self._markers: tuple[MarkerKey, ...] = ()
        self._mark: Callable[[str], None] = lambda _: None
        self._shortcuts: list[QShortcut] = []
        self._is_typing = False
        self._times = PressTimes()
        self._pressed_ns: int | None = None
        self._watched: list[QObject] = []
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._watch_window_of)
        self._has_stamps = QGuiApplication.platformName() in _STAMPING
        self._make()

    @property
    def acts(self) -> tuple[KeyAct, ...]:
        """All that keys do here, without the markers."""
        return tuple(self._acts.values())

    @property
    def markers(self) -> tuple[MarkerKey, ...]:
        """The study's markers."""
        return self._markers

    def shown_key(self, name: str) -> str:
        """The key of an act as it is shown: the first that no marker has."""
        free = self._free(self._acts[name])
        return shown(free[0]) if free else ""

    def lasting_key(self, name: str) -> str:
        """The key of an act that acts whoever has the keyboard, as it is shown."""
        lasting = [key for key in self._free(self._acts[name]) if is_lasting(key)]
        return shown(lasting[0]) if lasting else ""

    def show_markers(self, markers: Sequence[MarkerKey], *, act: Callable[[str], None]) -> None:
        """Listen to another study's marker keys."""
        self._markers, self._mark = tuple(markers), act
        self._make()
        self.changed.emit()

    def listen_at(self, widget: QWidget) -> None:
        """Have the keys while this widget is seen: Qt asks it of each key."""
        if widget is not self._page:
            self._page = widget
            self._make()

    @property
    def are_participants(self) -> bool:
        """Whether plain keys are the participant's now."""
        stage = stage_of(QApplication.activeWindow())
        return stage is not None and stage.holds_keys

    def set_typing(self, is_typing: bool) -> None:
        """Leave plain keys to a text field, or listen to all."""
        self._is_typing = is_typing
        for shortcut in self._shortcuts:
            shortcut.setEnabled(self._acts_now(shortcut.key().toString()))

    def _acts_now(self, key: str) -> bool:
        return not self._is_typing or is_lasting(key)

    def take_pressed_ns(self) -> int:
        """When the key that acts now went down; the present where nothing tells."""
        pressed_ns, self._pressed_ns = self._pressed_ns, None
        return self._clock.now_ns() if pressed_ns is None else pressed_ns

    def _free(self, act: KeyAct) -> list[str]:
        taken = {
            QKeySequence(key)
            for one in self._markers
            for key in (one.key, f"{WITH_PARTICIPANT}+{one.key}")
        }
        return [key for key in act.keys if QKeySequence(key) not in taken]

    def _make(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts = [
            self._shortcut(key, act.do) for act in self._acts.values() for key in self._free(act)
        ]
        self._shortcuts += [
            self._shortcut(key, partial(self._set_marker, one.label))
            for one in self._markers
            for key in (one.key, f"{WITH_PARTICIPANT}+{one.key}")
        ]

    def _set_marker(self, label: str) -> None:
        self._mark(label)

    def _shortcut(self, key: str, do: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._page)
        # The participant's click takes the keyboard to her window; the keys stay the moderator's.
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.setAutoRepeat(False)  # a key held down must not run through the steps
        shortcut.setEnabled(self._acts_now(key))
        shortcut.activated.connect(partial(self._act, do))
        return shortcut

    def _act(self, do: Callable[[], None]) -> None:
        try:
            do()
        finally:
            self._pressed_ns = None  # what a mouse does next has a time of its own

    def _watch_window_of(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Each key is offered to the window that has the keyboard before it acts: time it there."""
        window = None if now is None else now.window()
        if window is not None and window not in self._watched:
            self._watched.append(window)
            window.installEventFilter(self)
            window.destroyed.connect(partial(_forget, self._watched, window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            now_ns = self._clock.now_ns()
            stamp_ms = event.timestamp() if self._has_stamps else 0
            self._pressed_ns = self._times.pressed_ns(stamp_ms, arrived_ns=now_ns)
        return super().eventFilter(watched, event)


def _forget(watched: list[QObject], window: QObject) -> None:
    watched[:] = [one for one in watched if one is not window]
