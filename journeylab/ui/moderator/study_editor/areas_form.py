"""AOIs and hotspots: drawn on pictures and videos, or given as CSS selectors on pages."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from journeylab.errors import StudyError
from journeylab.study.boxes import BoxPx
from journeylab.study.editing import Place, fresh_title, inserted, removed, value_at
from journeylab.study.stimulus import Aoi, Hotspot, Stimulus
from journeylab.ui.moderator.study_editor.area_rows import (
    AreaForm,
    HotspotForm,
    SelectorForm,
)
from journeylab.ui.moderator.study_editor.canvas import BoxCanvas, NamedBox
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import (
    ChoiceField,
    button,
)
from journeylab.ui.moderator.study_editor.form import Form, Rows, scrolled
from journeylab.ui.moderator.study_editor.video_scrubber import VideoScrubber
from journeylab.ui.widgets.card import Label, SectionLabel
from journeylab.ui.widgets.notices import EmptyState
from journeylab.vocabulary import StimulusKind

_SIDE_PX: Final = 300
_CHOICE_PX: Final = 240
_OWNERS: Final = ((False, "Version A's areas"), (True, "Areas of its own, or none"))
_KEYS: Final = (
    "Drag to draw, to move, to resize. Arrow keys move by 1 px, with Shift by 10; with Ctrl they "
    "resize. Del removes."
)


class AreasForm(Form):
    """The areas of a step, or of one of its versions; ``at`` is that step or version."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._screen = ""
        self._shown: list[Place] = []
        self._selected: Place | None = None
        self._picture: tuple[Path | None, float] = (None, 0.0)
        self.canvas = BoxCanvas(palette=desk.palette)
        self.scrubber = VideoScrubber()
        self.screen_choice = ChoiceField("Screen", (), palette=desk.palette)
        self.draws = ChoiceField(
            "Draw", ((False, "Areas of interest"), (True, "Hotspots")), palette=desk.palette
        )
        self.draws.show_value(False)
        self.add_button = button("Add area")
        self.areas = Rows(desk, partial(AreaForm, desk), noun="area", can_move=False, drop_px=18)
        self.hotspots = Rows(
            desk, partial(HotspotForm, desk), noun="hotspot", can_move=False, drop_px=18
        )
        self.selectors = Rows(
            desk,
            partial(SelectorForm, desk),
            noun="area",
            can_move=False,
            drop_px=18,
            empty="No areas yet. Give one to see how long it was looked at.",
        )
        self.add_selector = button("Add area")
        self.nothing = EmptyState(
            "No areas here",
            detail="Areas are drawn on pictures and videos, and given as selectors on pages.",
        )
        self.owner = ChoiceField("Measured by", _OWNERS, palette=desk.palette)
        self.owner.setFixedWidth(_CHOICE_PX)
        self._whose = QWidget()
        self.inherited = Label("", role="quiet", wrap=True)
        self.inherited.setMinimumHeight(32)
        self.no_picture = Label("", role="quiet", wrap=True)
        self._on_picture, self._on_page = QWidget(), QWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        for field in (self.screen_choice, self.draws):
            field.setFixedWidth(_CHOICE_PX)
            top.addWidget(field)
        top.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignBottom)
        top.addStretch(1)
        side = QWidget()
        side_stack = QVBoxLayout(side)
        side_stack.setContentsMargins(0, 0, 8, 0)
        side_stack.addWidget(self.hotspots)
        side_stack.addWidget(self.areas)
        side_stack.addStretch(1)
        beside = scrolled(side)
        beside.setFixedWidth(_SIDE_PX)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        seen = QVBoxLayout()
        seen.setSpacing(8)
        seen.addWidget(self.canvas, 1)
        seen.addWidget(self.scrubber)
        middle.addLayout(seen, 1)
        middle.addWidget(beside)
        picture = QVBoxLayout(self._on_picture)
        picture.setContentsMargins(0, 0, 0, 0)
        picture.setSpacing(8)
        picture.addLayout(top)
        picture.addWidget(self.no_picture)
        picture.addLayout(middle, 1)
        picture.addWidget(Label(_KEYS, role="small", wrap=True))
        page = QVBoxLayout(self._on_page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(8)
        page.addWidget(SectionLabel("Areas on the page"))
        page.addWidget(self.selectors)
        page.addWidget(self.add_selector, 0, Qt.AlignmentFlag.AlignLeft)
        page.addStretch(1)
        whose = QHBoxLayout(self._whose)
        whose.setContentsMargins(0, 0, 0, 8)
        whose.setSpacing(12)
        whose.addWidget(self.owner)
        whose.addWidget(self.inherited, 1, Qt.AlignmentFlag.AlignBottom)
        self.grid.addWidget(self._whose, 0, 0)
        for widget in (self._on_picture, self._on_page, self.nothing):  # one of them is shown
            self.grid.addWidget(widget, 1, 0)
        self.grid.setRowStretch(1, 1)

    def _connect(self) -> None:
        self.owner.edited.connect(self._take_owner)
        self.canvas.drawn.connect(self._draw)
        self.canvas.changed.connect(self._change)
        self.canvas.removed.connect(self._remove)
        self.canvas.chosen.connect(self._choose)
        self.scrubber.shown.connect(self._show_second)
        self.scrubber.unreadable.connect(self._show_no_video)
        self.screen_choice.edited.connect(self._go_to_screen)
        self.add_button.clicked.connect(self._add_in_the_middle)
        self.add_selector.clicked.connect(self._add_selector)

    # -- showing -------------------------------------------------------------------------------

    @property
    def stimulus(self) -> Stimulus:
        """What the areas lie on."""
        result: Stimulus = value_at(self.desk.study, (*self.at, "stimulus"))
        return result

    def show_at(self, at: Place) -> None:
        if at != self.at:
            self._selected = None
        super().show_at(at)
        kind = StimulusKind(self.stimulus.kind)
        on_picture = kind in (StimulusKind.IMAGE, StimulusKind.SCREENS, StimulusKind.VIDEO)
        on_page = kind is StimulusKind.PAGE
        self._on_picture.setVisible(on_picture)
        self._on_page.setVisible(on_page)
        self.nothing.setVisible(not on_picture and not on_page)
        self._show_owner(is_asked="variants" in at and (on_picture or on_page))
        if on_page:
            self.selectors.show_at((*at, "aois"))
        if on_picture:
            self._show_picture(has_screens=kind is StimulusKind.SCREENS)

    @property
    def _aois(self) -> tuple[Aoi, ...]:
        """The areas it has of its own."""
        return value_at(self.desk.study, (*self.at, "aois")) or ()

    def _show_owner(self, *, is_asked: bool) -> None:
        """Say whose areas a version is measured by."""
        aois = value_at(self.desk.study, (*self.at, "aois"))
        self._whose.setVisible(is_asked)
        self.owner.show_value(aois is not None)
        self.inherited.setVisible(not aois)
        self.inherited.show_text(
            "They must fit what this version shows. What you draw here takes their place."
            if aois is None
            else "It has no areas and is measured by none, until you draw some."
        )

    def _take_owner(self, is_own: Any) -> None:
        self.desk.put((*self.at, "aois"), () if is_own else None, "whose areas")

    def _show_picture(self, *, has_screens: bool) -> None:
        screens = self.stimulus.screens
        if has_screens and self._screen not in [screen.id for screen in screens]:
            self._screen = screens[0].id if screens else ""
        if not has_screens:
            self._screen = ""
        self.screen_choice.offer([(screen.id, screen.id) for screen in screens])
        self.screen_choice.show_value(self._screen)
        self.screen_choice.setVisible(has_screens)
        self.draws.setVisible(has_screens)
        self.areas.show_at((*self.at, "aois"))
        self.hotspots.setVisible(has_screens and bool(screens))
        if self._hotspots_place is not None:
            self.hotspots.show_at(self._hotspots_place)
        self._load()
        self._show_boxes()

    @property
    def _hotspots_place(self) -> Place | None:
        for number, screen in enumerate(self.stimulus.screens):
            if screen.id == self._screen:
                return (*self.at, "stimulus", "screens", number, "hotspots")
        return None

    def _load(self) -> None:
        """Read the picture anew when it is another one."""
        stimulus = self.stimulus
        name = stimulus.path
        if StimulusKind(stimulus.kind) is StimulusKind.SCREENS:
            name = next((one.path for one in stimulus.screens if one.id == self._screen), None)
        is_video = self._is_on_video
        noun = "video" if is_video else "picture"
        path, changed, problem = None, 0.0, f"Choose a {noun} under Shows first."
        if name:
            try:
                path = self.desk.find(name)
                changed = path.stat().st_mtime
            except (StudyError, OSError):
                problem = f"{name} is not there. Choose it again under Shows."
        if (path, changed) != self._picture:
            self._picture = (path, changed)
            self.canvas.show_image(QImage() if path is None or is_video else _read(path))
        self.scrubber.setVisible(is_video and path is not None)
        if is_video and path is not None:
            self.scrubber.show_video(path, changed)
            problem = ""  # its picture is on the way
        else:
            self.scrubber.let_go()
        is_shown = self.canvas.size_px != (0, 0)
        if path is not None and not is_shown and not is_video:
            problem = f"{name} is no picture that can be shown. Save it as PNG or JPEG."
        self._say_no_picture("" if is_shown else problem)

    def _say_no_picture(self, sentence: str) -> None:
        self.no_picture.show_text(sentence)
        self.no_picture.setVisible(bool(sentence))
        self.add_button.setEnabled(self.canvas.size_px != (0, 0))

    def _show_second(self, image: QImage) -> None:
        self.canvas.show_image(image)
        self._say_no_picture("")
        self._show_boxes()

    def _show_no_video(self) -> None:
        self.canvas.show_image(QImage())
        self._say_no_picture("This is no video that can be shown. Save it as MP4 with H.264.")

    @property
    def _is_on_video(self) -> bool:
        return StimulusKind(self.stimulus.kind) is StimulusKind.VIDEO

    def _show_boxes(self) -> None:
        boxes: list[NamedBox] = []
        self._shown = []
        aois = self._aois
        screens = {"", *(screen.id for screen in self.stimulus.screens)}
        first = self.stimulus.screens[0].id if self.stimulus.screens else ""
        for number, (aoi, row) in enumerate(zip(aois, self.areas.rows, strict=True)):
            is_here = (aoi.screen or first) == self._screen or not self._screen
            # One of a screen or page that is gone is listed, so that it can be removed.
            row.setVisible(is_here or aoi.screen not in screens)
            place = (*self.at, "aois", number)
            is_now = not self._is_on_video or aoi.lies_there_at(self.scrubber.media_s)
            if is_here and aoi.box is not None and (is_now or place == self._selected):
                self._shown.append(place)
                boxes.append(NamedBox(aoi.name, aoi.box))
        spots = self._hotspots_place
        for number, spot in enumerate(value_at(self.desk.study, spots) if spots else ()):
            assert spots is not None
            self._shown.append((*spots, number))
            boxes.append(NamedBox(f"→ {spot.leads_to or '?'}", spot.box, is_hotspot=True))
        selected = self._shown.index(self._selected) if self._selected in self._shown else -1
        self.canvas.show_boxes(boxes, selected=selected)

    # -- acts ----------------------------------------------------------------------------------

    def _draw(self, box: BoxPx) -> None:
        place = self._hotspots_place
        if self.draws.read() and place is not None:
            number = len(value_at(self.desk.study, place))
            spot = Hotspot.model_construct(box=box, leads_to=self._next_screen())
            self._selected = (*place, number)
            self.desk.do(inserted(self.desk.study, (*place, number), spot), "draw hotspot")
            return
        place = (*self.at, "aois")
        aois = self._aois
        name = fresh_title("area", (aoi.name for aoi in aois))
        self._selected = (*place, len(aois))
        fresh = Aoi(name=name, box=box, screen=self._screen)
        self.desk.put(place, (*aois, fresh), "draw area")
        form = self.areas.rows[-1].form
        assert isinstance(form, AreaForm)
        form.name.line.setFocus()
        form.name.line.selectAll()

    def _next_screen(self) -> str:
        ids = [screen.id for screen in self.stimulus.screens]
        index = ids.index(self._screen)
        return ids[(index + 1) % len(ids)]

    def _add_in_the_middle(self) -> None:
        width, height = self.canvas.size_px
        self._draw((width * 3 // 8, height * 3 // 8, max(width // 4, 1), max(height // 4, 1)))
        self.canvas.setFocus(Qt.FocusReason.MouseFocusReason)

    def _change(self, index: int, box: BoxPx) -> None:
        place = self._shown[index]
        self._selected = place
        self.desk.put((*place, "box"), box, "move area", run=repr((place, "box")))

    def _remove(self, index: int) -> None:
        place = self._shown[index]
        self._selected = None
        self.desk.do(removed(self.desk.study, place), "remove area")

    def _choose(self, index: int) -> None:
        self._selected = self._shown[index] if index >= 0 else None
        self.desk.break_run()

    def _go_to_screen(self, screen: Any) -> None:
        self._screen = screen or ""
        self._selected = None
        self.show_at(self.at)

    def _add_selector(self) -> None:
        place = (*self.at, "aois")
        aois = self._aois
        name = fresh_title("area", (aoi.name for aoi in aois))
        fresh = Aoi.model_construct(name=name, selector="")
        self.desk.put(place, (*aois, fresh), "add area")
        form = self.selectors.rows[-1].form
        assert isinstance(form, SelectorForm)
        form.name.line.setFocus()
        form.name.line.selectAll()


def _read(path: Path) -> QImage:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    return reader.read()
