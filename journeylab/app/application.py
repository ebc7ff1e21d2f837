"""The QApplication, made once and alike wherever a window opens, and how it is told to end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from journeylab.app.display import require_display
from journeylab.ui.widgets.style import apply_style

# Python sees a signal only between its own instructions, and Qt's loop runs none while idle.
_SIGNAL_POLL_MS = 100


def open_application() -> QApplication:
    """The application with the house look; made when there is none yet.

    Raises
    ------
    DisplayError
        When there is no display.
    """
    require_display()
    application = QApplication.instance()
    if application is None:
        # Chromium is loaded late, when a study first shows a page, and needs this said early.
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        application = QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("JourneyLab")
    apply_style(application)
    return application


@contextmanager
def on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` on Ctrl-C and on SIGTERM, for as long as Qt's loop runs inside."""

    def handle(*_: object) -> None:
        act()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    waker = QTimer()
    waker.timeout.connect(lambda: None)
    waker.start(_SIGNAL_POLL_MS)
    try:
        yield
    finally:
        waker.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
