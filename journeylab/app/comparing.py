"""Joins the analysis tab's comparison of two studies: which one, reading both, writing it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from journeylab.analysis.compared_studies import ComparedPair, compare_studies
from journeylab.errors import StudyError
from journeylab.report.files import written_words
from journeylab.report.study_export import ExportChoice
from journeylab.study.folder import StudyFolder, load_study
from journeylab.study.study_key import is_locked
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.background import Background, Progress, Work
from journeylab.ui.analysis.compare_page import ComparePage
from journeylab.ui.analysis.requests import comparison_work
from journeylab.ui.moderator.unlock import ask_for_passphrase
from journeylab.ui.moderator.words import shown_path


class CompareWiring(QObject):
    """Answers the page that compares studies; GUI thread only, all reading beside it."""

    def __init__(self, page: ComparePage, *, palette: Palette = LIGHT, parent: QObject) -> None:
        super().__init__(parent)
        self.page = page
        self._palette = palette
        self._folder: StudyFolder | None = None
        self._other: Path | None = None
        self._is_turned = False
        self._comparison = Background("comparing the studies", self)
        self._exports = Background("writing the comparison", self)
        page.choose_asked.connect(self._choose_other)
        page.turn_asked.connect(self._turn)
        page.stop_asked.connect(self._stop_comparing)
        page.export.asked.connect(self._export)
        page.export.stopped.connect(self._stop_export)
        self._comparison.progressed.connect(page.show_progress)
        self._comparison.finished.connect(page.show_pair)
        self._comparison.failed.connect(page.show_failure)
        self._exports.progressed.connect(page.export.advance)
        self._exports.finished.connect(self._tell_exported)
        self._exports.failed.connect(self._tell_export_failure)

    def open_study(self, folder: StudyFolder | None) -> None:
        """Another study is open; what was compared with the one before is gone."""
        self._comparison.cancel()
        self._folder, self._other, self._is_turned = folder, None, False
        self.page.show_nothing()

    def compare_with(self, path: Path) -> None:
        """Set the study that is open against the one in another folder."""
        self._other, self._is_turned = path, False
        self._compare()

    def _unlocks(self, path: Path) -> bool:
        """Ask for the other study's passphrase where its sessions are encrypted and locked."""
        try:
            other = load_study(path)
        except StudyError:
            return False  # the reading tells it
        if not is_locked(other) or not other.bundles():
            return False
        self.page.show_failure(f"The study in {path} is encrypted: unlock it to compare with it.")
        ask_for_passphrase(other, self.page, self._compare, palette=self._palette)
        return True

    def shut_down(self) -> None:
        """End all work beside the window."""
        for background in (self._comparison, self._exports):
            background.close()
        self.page.shut_down()

    @Slot()
    def _choose_other(self) -> None:
        if self._folder is None:
            return
        start = self._other or self._folder.path.parent
        chosen = QFileDialog.getExistingDirectory(
            self.page, "Choose the study to compare with", str(start)
        )
        if chosen:
            self.compare_with(Path(chosen))

    @Slot()
    def _turn(self) -> None:
        self._is_turned = not self._is_turned
        self._compare()

    def _compare(self) -> None:
        if self._folder is None or self._other is None or self._unlocks(self._other):
            return
        self.page.show_loading(shown_path(self._other))
        self._comparison.run(_comparison_work(self._folder, self._other, self._is_turned))

    @Slot()
    def _stop_comparing(self) -> None:
        self._comparison.cancel()
        self.page.show_nothing()

    @Slot(object)
    def _export(self, choice: ExportChoice) -> None:
        comparison, folder = self.page.comparison, self._folder
        if comparison is None or folder is None:
            return
        self.page.export.begin()
        self.page.say("Writing …")
        self._exports.run(
            comparison_work(folder, comparison, choice, segment={}, palette=self._palette)
        )

    def _tell_exported(self, paths: list[Path]) -> None:
        self.page.export.end()
        where = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        if self._folder is not None:
            self.page.say(written_words(f"exports/: {where}", self._folder), tone="joy")

    def _tell_export_failure(self, words: str) -> None:
        self.page.export.end()
        self.page.say(words, tone="negative")

    def _stop_export(self) -> None:
        self._exports.cancel()
        self.page.export.end()
        self.page.say("Export stopped")


def _comparison_work(folder: StudyFolder, other: Path, is_turned: bool) -> Work:
    """Read both studies and set them against each other."""

    def work(progress: Progress) -> ComparedPair:
        there = load_study(other)
        return compare_studies(folder, there, is_turned=is_turned, progress=progress)

    return work
