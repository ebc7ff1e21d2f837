"""The pictures a step has on the map where a session holds none of its own, by device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from journeylab.study.editing import Place, value_at, with_entry
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import FileField
from journeylab.ui.moderator.study_editor.form import Form
from journeylab.ui.widgets.card import Label, SectionLabel

_ANY: Final = "any"
_DEVICE: Final = "device"
_ABOUT: Final = (
    "Shown on the map where no session holds a picture of this step: a package, a shop, a call. "
    "May be left out."
)


class MapPicturesForm(Form):
    """One file for any device and one for each value of the segment ``device``; ``at`` is the
    place of the pictures of a stimulus, ``choose`` lets a picture be picked."""

    def __init__(self, desk: Desk, choose: Callable[[QWidget], Path | None]) -> None:
        super().__init__(desk)
        self._choose = choose
        self.files: dict[str, FileField] = {}
        self._stack = QVBoxLayout()
        self._stack.setSpacing(8)
        self.grid.addWidget(SectionLabel("Picture on the map"), 0, 0)
        self.grid.addWidget(Label(_ABOUT, role="quiet", wrap=True), 1, 0)
        self.grid.addLayout(self._stack, 2, 0)
        self.grid.setAlignment(self._stack, Qt.AlignmentFlag.AlignTop)

    def show_at(self, at: Place) -> None:
        pictures: dict[str, str] = value_at(self.desk.study, at)
        devices = [one.values for one in self.desk.study.segments if one.name == _DEVICE]
        # One of a device that is gone stays in sight, so that it can be taken away.
        names = dict.fromkeys((_ANY, *(devices[0] if devices else ()), *pictures))
        if list(self.files) != list(names):
            self._make(list(names))
        super().show_at(at)
        for name, file in self.files.items():
            file.show_value(pictures.get(name))
            sentence, is_problem = self.desk.remark((*at, name))
            file.show_remark(sentence, is_problem=is_problem)

    def places(self) -> Iterator[Place]:
        yield from ((*self.at, name) for name in self.files)

    def _make(self, names: list[str]) -> None:
        for old in self.files.values():
            self._stack.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.files = {}
        for name in names:
            words = "On any device" if name == _ANY else f"On {name}"
            file = FileField(words, self._choose, placeholder="Choose a picture file")
            file.edited.connect(partial(self._put_picture, name))
            file.ended.connect(self.desk.break_run)
            self.files[name] = file
            self._stack.addWidget(file)

    def _put_picture(self, name: str, path: str | None) -> None:
        where = (*self.at, name)
        changed = with_entry(value_at(self.desk.study, self.at), name, path or None)
        self.desk.put(self.at, changed, "picture on the map", run=repr(where))
