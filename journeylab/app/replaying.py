"""Joins the analysis tab to the replay of a session, its annotations and its clips."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from journeylab.analysis.replay import ReplayTrack
from journeylab.app.annotating import AnnotationDesk
from journeylab.app.clip import clip_path, write_clip
from journeylab.clock import Clock
from journeylab.report.files import written_words
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background as Latest
from journeylab.ui.analysis.background import Progress, Work
from journeylab.ui.analysis.page import AnalysisPage
from journeylab.ui.analysis.replay.clip_dialog import ClipChoice, ClipDialog
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.rooms import AnalysisRooms
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.widgets.background import Background


class ReplayWiring(QObject):
    """Opens a replay from the map and the list of sessions, and leads back. GUI thread only.

    ``rooms`` holds both pages and is what the window shows as its analysis tab.
    """

    def __init__(
        self,
        analysis: AnalysisPage,
        *,
        clock: Clock,
        background: Background,
        palette: Palette = LIGHT,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._palette = palette
        self._folder: StudyFolder | None = None
        self.dialog: ClipDialog | None = None
        self._clips = Latest("writing the clip", self)
        self.analysis = analysis
        self.page = ReplayPage(clock=clock, palette=palette)
        self.rooms = AnalysisRooms(analysis, self.page)
        self.desk = AnnotationDesk(clock=clock, background=background, parent=self)
        self._connect()

    def _connect(self) -> None:
        page, desk = self.page, self.desk
        self.analysis.replay_asked.connect(self.open)
        page.back_asked.connect(self.leave)
        page.opened.connect(self._read_annotations)
        page.clip_asked.connect(self._ask_about_clip)
        # annotations
        panel = page.side.annotations
        page.annotation_written.connect(desk.add)
        page.timeline.annotation_moved.connect(desk.move)
        panel.rewritten.connect(desk.reword)
        panel.deleted.connect(desk.delete)
        panel.undo_asked.connect(desk.undo)
        panel.redo_asked.connect(desk.redo)
        desk.changed.connect(page.show_annotations)

    @Slot(object)
    def open(self, target: ReplayTarget) -> None:
        """Show the replay of a session of the study that is open."""
        folder = self._folder = self.analysis.folder
        if folder is None:
            return
        self.page.open_session(target, folder=folder)
        self.rooms.show_replay()

    @Slot()
    def leave(self) -> None:
        """Go back to the map and let go of the session's file."""
        self._close_dialog()
        self.desk.leave()
        self.page.leave_session()
        self.rooms.show_map()

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        self._close_dialog()
        self.desk.finish()
        self._clips.close()
        self.page.shut_down()

    @Slot(object)
    def _read_annotations(self, track: ReplayTrack) -> None:
        if self._folder is not None:
            self.desk.open(self._folder, track)

    @Slot(object)
    def _ask_about_clip(self, span_ns: tuple[int, int]) -> None:
        track = self.page.track
        if track is None or self._folder is None:
            return
        self._close_dialog()
        dialog = ClipDialog(
            self.page,
            span_ns=span_ns,
            track=track,
            is_encrypted=self._folder.study.privacy.is_encrypted,
            palette=self._palette,
        )
        dialog.asked.connect(partial(self._write_clip, self._folder, track))
        dialog.stopped.connect(self._clips.cancel)
        dialog.finished.connect(self._forget_dialog)
        self._clips.progressed.connect(dialog.show_progress)
        self._clips.finished.connect(self._tell_written)
        self._clips.failed.connect(dialog.show_failure)
        self.dialog = dialog
        dialog.open()

    def _write_clip(self, folder: StudyFolder, track: ReplayTrack, choice: ClipChoice) -> None:
        path = clip_path(folder.exports_path, track.path, choice, start_ns=track.start_ns)
        self._clips.run(_clip_work(folder, track.path, path, choice))

    def _tell_written(self, path: Path) -> None:
        if self.dialog is not None and self._folder is not None:
            self.dialog.show_written(written_words(path, self._folder))

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _forget_dialog(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            self._clips.progressed.disconnect(dialog.show_progress)
            self._clips.finished.disconnect(self._tell_written)
            self._clips.failed.disconnect(dialog.show_failure)
            dialog.deleteLater()


def _clip_work(folder: StudyFolder, bundle: Path, path: Path, choice: ClipChoice) -> Work:
    """Write a clip."""

    def work(progress: Progress) -> Path:
        return write_clip(bundle, path, choice, folder=folder, progress=progress)

    return work
