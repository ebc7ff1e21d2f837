"""The application from its start to its end: opened, opened anew in another look, left."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication

from journeylab.app.application import on_interrupt, open_application
from journeylab.app.displays import screen_of
from journeylab.app.window import APPEARANCE_FILE, Composition
from journeylab.clock import SessionClock
from journeylab.errors import JourneyLabError
from journeylab.study.folder import StudyFolder, load_study
from journeylab.ui.moderator.appearance import load_appearance
from journeylab.ui.moderator.ports import SetupChoice
from journeylab.ui.widgets.style import apply_style


def run_app(*, analyse: Path | None = None) -> int:
    """Open the application; with ``analyse``, on that study's journey map. Returns an exit code.

    Raises
    ------
    DisplayError
        When there is no display.
    """
    application = open_application()
    home = home_folder()
    opened, place = analyse, None
    shows_analysis = analyse is not None
    while True:
        appearance = load_appearance(home / APPEARANCE_FILE)
        apply_style(application, appearance.console)
        composition = Composition(clock=SessionClock(), home=home, appearance=appearance)
        composition.left.connect(partial(application.exit, 0), Qt.ConnectionType.QueuedConnection)
        window = composition.window
        if place is not None:
            window.restoreGeometry(place)
        window.show()
        if opened is not None and analyse is None:
            window.open_study(opened)
        if opened is not None and shows_analysis:
            composition.analysis.set_study(load_study(opened))
            window.show_analysis()
        with on_interrupt(composition.interrupt):
            code = application.exec()
        if not composition.wears_another:
            return code
        opened = analyse if window.folder is None else window.folder.path
        shows_analysis = window.page is window.analysis
        place = window.saveGeometry()
        window.deleteLater()


def record_with_console(folder: StudyFolder, choice: SetupChoice) -> Path:
    """Run one session in the moderator's console and return its bundle.

    Raises
    ------
    JourneyLabError
        When the devices cannot be opened, or the session was not finished.
    """
    application = open_application()
    composition = Composition(clock=SessionClock(), home=home_folder(), only=choice)
    composition.left.connect(partial(application.exit, 0), Qt.ConnectionType.QueuedConnection)
    for screen in QGuiApplication.screens():
        if screen != screen_of(choice.screen_index):
            composition.window.move(screen.availableGeometry().topLeft())
            break
    composition.window.show()
    if not composition.window.open_study(folder.path):
        raise JourneyLabError(f"{folder.path} cannot be opened.")
    with on_interrupt(composition.interrupt):
        application.exec()
    if isinstance(composition.result, Path):
        return composition.result
    raise JourneyLabError(composition.result or "The window was closed before the session ended.")


def home_folder() -> Path:
    """Where studies made in the app are offered to lie: ``JourneyLab`` among the documents."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "JourneyLab"
