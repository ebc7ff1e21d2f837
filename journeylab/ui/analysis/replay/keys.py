"""The replay's keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from journeylab.ui.analysis.replay.page import ReplayPage


class ReplayKeys(QObject):
    """Keys that act while the page is seen and no text is typed: a line of text takes its own."""

    def __init__(self, page: ReplayPage) -> None:
        super().__init__(page)
        transport, side, timeline = page.transport, page.side, page.timeline
        acts: tuple[tuple[tuple[str, ...], Callable[[], object]], ...] = (
            (("Space",), page.player.toggle),
            (("Left",), partial(page.player.seek_by, -5.0)),
            (("Right",), partial(page.player.seek_by, 5.0)),
            (("Shift+Left",), partial(page.player.seek_by, -1.0)),
            (("Shift+Right",), partial(page.player.seek_by, 1.0)),
            ((",",), partial(page.player.step, -1)),
            ((".",), partial(page.player.step, 1)),
            (("Home",), partial(page.player.seek, 0)),
            (("End",), partial(page.player.seek, 1 << 62)),
            (("Up",), partial(side.choose_beside, -1)),
            (("Down",), partial(side.choose_beside, 1)),
            (("+", "="), partial(page.player.change_speed, 1)),
            (("-",), partial(page.player.change_speed, -1)),
            (("Ctrl++", "Ctrl+="), partial(timeline.zoom, 0.64)),
            (("Ctrl+-",), partial(timeline.zoom, 1 / 0.64)),
            (("A",), page.begin_annotation),
            (("B",), transport.blur.toggle),
            (("M",), transport.sound.toggle),
            (("P",), page.head.whole_page.toggle),
            (("[",), partial(page.mark_span, 0)),
            (("]",), partial(page.mark_span, 1)),
            (("X",), page.clear_span),
            (("C",), page.ask_for_clip),
            (("Delete",), side.delete_selected),
            (("Ctrl+Z",), side.annotations.undo_asked.emit),
            (("Ctrl+Shift+Z", "Ctrl+Y"), side.annotations.redo_asked.emit),
            (("Esc",), page.back_asked.emit),
        )
        for keys, act in acts:
            for key in keys:
                shortcut = QShortcut(QKeySequence(key), page)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(partial(_do, act))


def _do(act: Callable[[], object]) -> None:
    act()
