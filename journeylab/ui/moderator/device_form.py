"""Which camera, which microphone, which display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QWidget

from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.ports import (
    NO_MICROPHONE,
    SIMULATED,
    DeviceOption,
    DisplayOption,
)
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.inputs import ComboBox

_FILE = "file…"
_VIDEO_FILTER = "Video (*.mp4 *.mov *.mkv *.avi *.webm *.m4v);;All files (*)"

ChooseFile = Callable[[QWidget], Path | None]


def ask_for_video(parent: QWidget) -> Path | None:
    """Let the moderator pick a video file; None when she does not."""
    name, _ = QFileDialog.getOpenFileName(
        parent, "Use a video file as the camera", str(Path.home()), _VIDEO_FILTER
    )
    return Path(name) if name else None


class DeviceForm(Card):
    """Emits ``changed`` when another device is chosen."""

    changed = Signal()

    def __init__(self, *, choose_file: ChooseFile = ask_for_video, palette: Palette = DARK) -> None:
        super().__init__("Devices")
        self._choose_file = choose_file
        self.camera = ComboBox(palette=palette)
        self.microphone = ComboBox(palette=palette)
        self.display = ComboBox(palette=palette)
        self._last_camera = 0
        self._chosen: set[QWidget] = set()
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, box) in enumerate(
            (
                ("Camera", self.camera),
                ("Microphone", self.microphone),
                ("Participant's display", self.display),
            )
        ):
            box.setAccessibleName(name)
            grid.addWidget(Label(name, role="quiet"), row, 0)
            grid.addWidget(box, row, 1)
        self.body.addLayout(grid)
        self.set_devices((), microphones=(), displays=())
        self.camera.activated.connect(self._camera_chosen)
        self.microphone.activated.connect(self._microphone_chosen)
        self.display.activated.connect(self._display_chosen)

    def set_devices(
        self,
        cameras: Sequence[DeviceOption],
        *,
        microphones: Sequence[DeviceOption],
        displays: Sequence[DisplayOption],
    ) -> None:
        """Show what this machine has; what was chosen stays chosen where it still exists."""
        self._fill(
            self.camera,
            [(one.label, one.spec) for one in cameras]
            + [("Simulated participant", SIMULATED), ("Video file…", _FILE)],
        )
        self._fill(
            self.microphone,
            [(one.label, one.spec) for one in microphones] + [("No microphone", NO_MICROPHONE)],
        )
        self._fill(self.display, [(one.label, one.index) for one in displays])
        self._last_camera = self.camera.currentIndex()
        self._fit_microphone()

    def choose_video(self, path: Path) -> None:
        """Use a video file as the camera."""
        index = self.camera.findData(str(path))
        if index < 0:
            index = self.camera.count() - 1
            self.camera.insertItem(index, path.name, str(path))
        self.camera.setCurrentIndex(index)
        self._chosen.add(self.camera)
        self._last_camera = index
        self._fit_microphone()
        self.changed.emit()

    def values(self) -> tuple[str, str, int]:
        """Specs of camera and microphone, index of the display."""
        display = self.display.currentData()
        return (
            str(self.camera.currentData()),
            str(self.microphone.currentData() or NO_MICROPHONE),
            int(display) if display is not None else 0,
        )

    def _fill(self, box: ComboBox, items: Sequence[tuple[str, object]]) -> None:
        # What merely stood there first gives way to a device that has been plugged in.
        chosen = box.currentData() if box in self._chosen else None
        box.blockSignals(True)
        box.clear()
        for label, value in items:
            box.addItem(label, value)
        kept = box.findData(chosen) if chosen is not None else -1
        box.setCurrentIndex(max(kept, 0))
        box.blockSignals(False)

    def _camera_chosen(self, index: int) -> None:
        if self.camera.itemData(index) == _FILE:
            path = self._choose_file(self)
            if path is None:
                self.camera.setCurrentIndex(self._last_camera)
            else:
                self.choose_video(path)
            return
        self._last_camera = index
        self._chosen.add(self.camera)
        self._fit_microphone()
        self.changed.emit()

    def _microphone_chosen(self) -> None:
        self._chosen.add(self.microphone)
        self.changed.emit()

    def _display_chosen(self) -> None:
        self._chosen.add(self.display)
        self.changed.emit()

    def _fit_microphone(self) -> None:
        """A simulated participant brings a voice of her own; nobody else has it."""
        is_simulated = self.camera.currentData() == SIMULATED
        index = self.microphone.findData(SIMULATED)
        if is_simulated and index < 0:
            self.microphone.insertItem(0, "Simulated participant", SIMULATED)
            self.microphone.setCurrentIndex(0)
        elif not is_simulated and index >= 0:
            self.microphone.removeItem(index)
