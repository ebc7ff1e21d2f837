"""Markers and notes at the console: asked for by key or button, confirmed once they are kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from journeylab.ui.moderator.console_acts import ConsoleActs
from journeylab.ui.moderator.console_keys import REMARKS, ConsoleKeys, KeyAct, letter_keys
from journeylab.ui.moderator.console_parts import ConsoleParts
from journeylab.ui.moderator.console_sight import ConsoleSight
from journeylab.ui.moderator.line_field import Line
from journeylab.ui.widgets.health import Level


class ConsoleRemarks(QObject):
    """Begins notes, and says what became of them and of markers.

    ``line_needed`` goes out where a note is to be typed and the console is not in sight; ``marked``
    with the key of a marker that was set. Words for the participant's display name no marker:
    ``said`` gives its key.
    """

    line_needed = Signal(object)
    said = Signal(str, object)
    marked = Signal(str)

    def __init__(
        self,
        parts: ConsoleParts,
        acts: ConsoleActs,
        parent: QObject,
        *,
        sight: ConsoleSight,
    ) -> None:
        super().__init__(parent)
        self._sight = sight
        self._panel = parts.markers
        self._acts = acts
        self._keys: ConsoleKeys | None = None
        self._panel.field.given_up.connect(self.tell_note_waits)
        parts.course.title_field.given_up.connect(self.tell_title_waits)

    def keys(self) -> tuple[KeyAct, ...]:
        """The key of a note."""
        return (KeyAct("note", "Write a note", letter_keys("N"), self.begin_note, REMARKS),)

    def show_keys(self, keys: ConsoleKeys) -> None:
        """Write the note's key beside its field."""
        self._keys = keys
        self._panel.show_note_key(keys.shown_key("note"))

    def begin_note(self) -> None:
        """Give the note's field the keyboard."""
        if self._sight.is_clear:
            self._panel.begin_note()
        else:
            self.line_needed.emit(Line.NOTE)

    def confirm_marker(self, label: str) -> None:
        """The session has kept a marker: say so at once."""
        self._panel.confirm(label)
        markers = () if self._keys is None else self._keys.markers
        key = next((one.key for one in markers if one.label == label), "")
        self.marked.emit(key)
        self.said.emit(f"{key} marked".strip(), Level.GOOD)

    def confirm_note(self) -> None:
        """The session has kept a note."""
        self._panel.say("note kept")
        self.said.emit("Note kept", Level.GOOD)

    def give_back_note(self, text: str, began_ns: int | None) -> None:
        """The session has refused a note: its words are not lost."""
        self._panel.field.put(text, began_ns)

    def tell_note_waits(self) -> None:
        """The participant types: a note that was begun waits."""
        self._tell_waits("note")

    def tell_title_waits(self) -> None:
        """The participant types: the title of an unplanned step waits."""
        self._tell_waits("unplanned")

    def _tell_waits(self, act: str) -> None:
        key = "" if self._keys is None else self._keys.lasting_key(act)
        self._acts.say(
            f"The participant is typing: {key} goes on with your line",
            level=Level.WARNING,
            aside=f"The line waits: {key}",
        )
