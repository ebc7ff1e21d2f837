"""Joins the console's panel of observers to their server and to the session that runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from journeylab.app.live import LiveSession
from journeylab.app.observers import ObserverServer, local_addresses
from journeylab.clock import Clock
from journeylab.errors import JourneyLabError
from journeylab.session.controller import SessionController
from journeylab.session.observing import ObserverRoom, observed
from journeylab.session.states import SessionState
from journeylab.ui.moderator.observer_panel import ObserverPanel, ObserverView
from journeylab.ui.moderator.window import MainWindow

_LOOK_MS = 500


class ObserverWiring(QObject):
    """Lets observers watch one session, from the moderator's word to hers, or to its end.

    Nothing listens on the network before she asks for it, and each session begins without.
    ``session`` gives the one that runs. GUI thread only.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        session: Callable[[], LiveSession | None],
        clock: Clock,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._panel: ObserverPanel = window.console.observers
        self._session = session
        self._clock = clock
        self._controller: SessionController | None = None
        self._room: ObserverRoom | None = None
        self._server: ObserverServer | None = None
        self._addresses: list[str] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._panel.opened.connect(self._open)
        self._panel.start_requested.connect(self._start)
        self._panel.end_requested.connect(self.end)
        self._panel.code_requested.connect(self._make_code)
        window.stop_requested.connect(self.end)
        window.closed.connect(self.end)

    @Slot()
    def end(self) -> None:
        """Send all observers out and listen no more; harmless when none may watch."""
        self._timer.stop()
        if self._room is not None:
            self._room.close()
        if self._server is not None:
            self._server.stop()
        self._room = self._server = self._controller = None
        self._show()

    @Slot()
    def _open(self) -> None:
        self._addresses = local_addresses()
        if self._room is not None and not self._room.code:
            self._room.open_code()
        self._show()

    @Slot(str)
    def _start(self, address: str) -> None:
        session = self._session()
        controller = None if session is None else session.controller
        if self._room is not None or controller is None:
            return
        if controller.state is not SessionState.RECORDING or not address:
            self._show(problem="Observers can watch while a session is recorded.")
            return
        notice = controller.folder.study.privacy.observer_notice
        if notice:
            self._show(problem=notice)
            return
        room = ObserverRoom(observed(controller), clock=self._clock)
        try:
            server = ObserverServer(room, address=address)
        except JourneyLabError as error:
            self._show(problem=str(error))
            return
        server.start()
        room.open_code()
        self._controller, self._room, self._server = controller, room, server
        self._timer.start()
        self._show()

    @Slot()
    def _make_code(self) -> None:
        if self._room is not None:
            self._room.open_code()
            self._show()

    def _look(self) -> None:
        if not self._is_running:
            self.end()
            return
        # The next observer needs a code of her own; only while the moderator shows it.
        if self._room is not None and self._panel.isVisible() and not self._room.code:
            self._room.open_code()
        self._show()

    @property
    def _is_running(self) -> bool:
        """Whether the session that is watched is still the one, and recorded."""
        session, controller = self._session(), self._controller
        if session is None or controller is None or session.controller is not controller:
            return False
        return controller.state is SessionState.RECORDING

    def _show(self, *, problem: str = "") -> None:
        room, server = self._room, self._server
        if room is None or server is None:
            view = ObserverView(tuple(self._addresses), problem=problem)
        else:
            view = ObserverView(
                tuple(self._addresses),
                url=server.url,
                code=room.code,
                watching=room.watching(),
                problem=problem,
            )
        self._panel.show_view(view)
