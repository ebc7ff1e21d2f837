"""Brings a window to the front where the window system asks for more than Qt does."""

from __future__ import annotations

from contextlib import closing

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from journeylab.logs import logger

_PAGER = 2
"""Window managers raise a window at the word of a pager; at that of its own program, not all do."""

_log = logger(__name__)


def bring_to_front(window: QWidget) -> None:
    """Raise a window and give it the keyboard, over another program's full screen too."""
    window.raise_()
    window.activateWindow()
    if QGuiApplication.platformName() == "xcb":
        _ask_as_pager(int(window.winId()))


def _ask_as_pager(number: int) -> None:
    from Xlib.display import Display
    from Xlib.error import DisplayError
    from Xlib.protocol.event import ClientMessage
    from Xlib.X import CurrentTime, SubstructureNotifyMask, SubstructureRedirectMask

    try:
        with closing(Display()) as display:
            root = display.screen().root
            wanted = ClientMessage(
                window=display.create_resource_object("window", number),
                client_type=display.intern_atom("_NET_ACTIVE_WINDOW"),
                data=(32, [_PAGER, CurrentTime, 0, 0, 0]),
            )
            root.send_event(wanted, event_mask=SubstructureRedirectMask | SubstructureNotifyMask)
            display.sync()
    except (DisplayError, OSError) as error:
        _log.warning("the participant's window was not brought to the front: %s", error)
