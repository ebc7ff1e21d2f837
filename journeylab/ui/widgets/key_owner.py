"""Whose a key is, where the moderator and the participant share one keyboard."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


class HoldsKeys(Protocol):
    """Something of the participant's that may have the keyboard."""

    @property
    def holds_keys(self) -> bool:
        """Whether plain keys are hers now, and no acts of the session."""
        ...

    @property
    def is_typed_into(self) -> bool:
        """Whether her caret stands in a text, or she chooses from a list."""
        ...


@runtime_checkable
class ParticipantsWindow(Protocol):
    """The window that the participant sees; ``stage`` is what is on it."""

    @property
    def stage(self) -> HoldsKeys: ...


def stage_of(window: object) -> HoldsKeys | None:
    """What is on the participant's window; None for any other window, or for none."""
    return window.stage if isinstance(window, ParticipantsWindow) else None


def is_for_the_moderator(event: QKeyEvent) -> bool:
    """Whether a key is the moderator's whoever has the keyboard: F1 to F35, and whatever is held
    with Alt.

    AltGr writes signs and is no such key: it is Ctrl and Alt, or a modifier of its own.
    """
    if Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35:
        return True
    modifier = Qt.KeyboardModifier
    held = event.modifiers()
    writes_signs = modifier.ControlModifier | modifier.GroupSwitchModifier
    return bool(held & modifier.AltModifier) and not held & writes_signs
