"""What a step shows: the kind, and the fields that kind has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from journeylab.study.device_frame import FRAMED
from journeylab.study.editing import (
    Place,
    as_identifier,
    as_kind,
    fresh_id,
    slug,
    value_at,
    with_value,
)
from journeylab.study.model import Study
from journeylab.study.stimulus import Aoi, Screen, Stimulus
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import (
    CheckField,
    ChoiceField,
    Field,
    FileField,
    LongField,
    TextField,
    WordsField,
    button,
)
from journeylab.ui.moderator.study_editor.form import Form, Rows
from journeylab.ui.moderator.study_editor.frame_form import FrameForm
from journeylab.ui.moderator.study_editor.map_pictures_form import MapPicturesForm
from journeylab.ui.widgets.card import Label, tooltip
from journeylab.vocabulary import StimulusKind

KIND_WORDS = {
    StimulusKind.VIDEO: "Video",
    StimulusKind.IMAGE: "Image",
    StimulusKind.SCREENS: "Screens",
    StimulusKind.PAGE: "Page",
    StimulusKind.INSTRUCTION: "Instruction",
    StimulusKind.QUESTIONS: "Questions",
    StimulusKind.CAMERA_ONLY: "Camera only",
}
_ABOUT = {
    StimulusKind.VIDEO: "Plays once. The next step begins when the moderator goes on.",
    StimulusKind.IMAGE: "One picture, as large as what it is shown on allows.",
    StimulusKind.SCREENS: "Screenshots that lead to each other by hotspots: draw them under Areas.",
    StimulusKind.PAGE: "A page from a file or a live site, in a browser view nobody can leave.",
    StimulusKind.INSTRUCTION: "Words to read, in large type.",
    StimulusKind.QUESTIONS: "The questions of this step, one a page: give them under Questions.",
    StimulusKind.CAMERA_ONLY: "Nothing to look at: unboxing, set-up, a talk. The camera goes on.",
}
_FILTERS = {
    StimulusKind.VIDEO: "Video (*.mp4 *.mov *.mkv *.webm *.avi)",
    StimulusKind.IMAGE: "Image (*.png *.jpg *.jpeg *.webp *.bmp)",
    StimulusKind.SCREENS: "Image (*.png *.jpg *.jpeg *.webp *.bmp)",
    StimulusKind.PAGE: "Page (*.html *.htm)",
}
_FILE_KINDS = frozenset({StimulusKind.VIDEO, StimulusKind.IMAGE, StimulusKind.PAGE})

ChooseStimulus = Callable[[QWidget, StimulusKind], Path | None]


def ask_for_stimulus(parent: QWidget, kind: StimulusKind) -> Path | None:
    """Let the moderator pick a stimulus file; None when she does not."""
    name, _ = QFileDialog.getOpenFileName(
        parent,
        f"Choose: {KIND_WORDS[kind].lower()}",
        str(Path.home()),
        f"{_FILTERS[kind]};;All files (*)",
    )
    return Path(name) if name else None


class ScreenForm(Form):
    """One screenshot of a sequence."""

    def __init__(self, desk: Desk, choose: ChooseStimulus) -> None:
        super().__init__(desk)
        self.name = TextField("Name", longest=64)
        self.name.setFixedWidth(190)
        self.path = FileField(
            "Picture",
            lambda parent: choose(parent, StimulusKind.SCREENS),
            placeholder="Choose a picture file",
        )
        self.bind(self.name, ("id",), "screen", change=_with_screen_name)
        self.bind(self.path, ("path",), "picture", change=_with_screen_path)
        self.grid.addWidget(self.name, 0, 0)
        self.grid.addWidget(self.path, 0, 1)
        self.grid.setColumnStretch(1, 1)


def _with_screen_name(study: Study, at: Place, name: str) -> Study:
    """A screen by another name; the hotspots and areas that name it follow."""
    old = value_at(study, (*at, "id"))
    screens = list(value_at(study, at[:-1]))
    new = as_identifier(name)
    index = at[-1]
    assert isinstance(index, int)
    is_only = [screen.id for screen in screens].count(old) == 1
    screens[index] = screens[index].model_copy(update={"id": new})
    if is_only:
        for n, screen in enumerate(screens):
            hotspots = tuple(
                spot.model_copy(update={"leads_to": new}) if spot.leads_to == old else spot
                for spot in screen.hotspots
            )
            screens[n] = screen.model_copy(update={"hotspots": hotspots})
    changed: Study = with_value(study, at[:-1], tuple(screens))
    owner = at[: at.index("stimulus")]
    aois: tuple[Aoi, ...] | None = value_at(study, (*owner, "aois"))
    if is_only and aois is not None:
        renamed = tuple(
            aoi.model_copy(update={"screen": new}) if aoi.screen == old else aoi for aoi in aois
        )
        changed = with_value(changed, (*owner, "aois"), renamed)
    return changed


def _with_screen_path(study: Study, at: Place, path: str | None) -> Study:
    """A screen's picture; a screen that has no name of its own is named after it."""
    changed: Study = with_value(study, (*at, "path"), path or "")
    name = value_at(study, (*at, "id"))
    if name.startswith("screen") and path and Path(path).is_absolute():
        others = [one.id for one in value_at(study, at[:-1]) if one.id != name]
        wanted = fresh_id(slug(Path(path).stem) or name, others)
        changed = _with_screen_name(changed, at, wanted)
    return changed


class StimulusForm(Form):
    """The stimulus of a step or of one of its versions."""

    def __init__(self, desk: Desk, choose: ChooseStimulus) -> None:
        super().__init__(desk)
        self._choose = choose
        kinds = list(KIND_WORDS.items())
        self.kind = ChoiceField("Kind", kinds, palette=desk.palette)
        self.about = Label("", role="quiet", wrap=True)
        self.about.setMinimumHeight(32)
        self.source = ChoiceField(
            "Page from",
            ((False, "A file, with its folder"), (True, "An address")),
            palette=desk.palette,
        )
        self.path = FileField("File", self._ask)
        self.url = TextField("Address", placeholder="https://shop.example/start", longest=2000)
        self.text = LongField("Text", lines=5, is_optional=True)
        self.allow = WordsField(
            "May lead to", placeholder="other hosts: pay.example, *.cdn.example"
        )
        self.allow_resources = WordsField(
            "May load from", placeholder="hosts of pictures, scripts and data"
        )
        self.screens = Rows(desk, partial(ScreenForm, desk, choose), noun="screen", drop_px=18)
        self.add_screen = button("Add screen")
        self.frame = FrameForm(desk)
        self.read_ahead = CheckField(
            "Load the page, unseen, while the step before it runs", palette=desk.palette
        )
        self.read_ahead.setToolTip(
            tooltip(
                "It is there at once then. Switch it off for a site that counts visits, or shows "
                "something else after what is done in the step before."
            )
        )
        self.pictures = MapPicturesForm(desk, lambda parent: choose(parent, StimulusKind.IMAGE))
        self.add_screen.clicked.connect(self._add_screen)
        self.bind(self.kind, ("kind",), "kind of stimulus", change=_with_kind)
        for field, name in (
            (self.path, "path"),
            (self.url, "url"),
            (self.text, "text"),
            (self.allow, "allow"),
            (self.allow_resources, "allow_resources"),
            (self.read_ahead, "read_ahead"),
        ):
            self.bind(field, (name,), {"path": "file", "url": "address"}.get(name, name))
        self.source.edited.connect(self._take_source)
        self.hold(self.screens, ("screens",))
        self.hold(self.frame, ("frame",))
        self.hold(self.pictures, ("pictures",))
        self._build()

    def _build(self) -> None:
        grid = self.grid
        grid.addWidget(self.kind, 0, 0)
        grid.addWidget(self.about, 0, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.source, 1, 0)
        grid.addWidget(self.path, 1, 1)
        grid.addWidget(self.url, 1, 1)
        grid.addWidget(self.text, 2, 0, 1, 2)
        grid.addWidget(self.allow, 3, 0, 1, 2)
        grid.addWidget(self.allow_resources, 4, 0, 1, 2)
        grid.addWidget(self.screens, 5, 0, 1, 2)
        grid.addWidget(self.add_screen, 6, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.frame, 7, 0, 1, 2)
        grid.addWidget(self.read_ahead, 8, 0, 1, 2)
        grid.setRowMinimumHeight(8, 6)
        grid.addWidget(self.pictures, 9, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)

    def show_at(self, at: Place) -> None:
        stimulus: Stimulus = value_at(self.desk.study, at)
        kind = StimulusKind(stimulus.kind)
        is_address = kind is StimulusKind.PAGE and stimulus.url is not None
        shown: dict[Field | QWidget, bool] = {
            self.source: kind is StimulusKind.PAGE,
            self.path: kind in _FILE_KINDS and not is_address,
            self.url: is_address,
            self.text: kind in (StimulusKind.INSTRUCTION, StimulusKind.CAMERA_ONLY),
            self.allow: kind is StimulusKind.PAGE,
            self.allow_resources: kind is StimulusKind.PAGE,
            self.screens: kind is StimulusKind.SCREENS,
            self.add_screen: kind is StimulusKind.SCREENS,
            self.frame: kind in FRAMED,
            self.read_ahead: kind is StimulusKind.PAGE,
        }
        for widget, is_shown in shown.items():
            widget.setVisible(is_shown)
        self.about.show_text(_ABOUT[kind])
        self.source.show_value(is_address)
        optional = kind is StimulusKind.CAMERA_ONLY
        self.text.area.setPlaceholderText(
            "What the participant is told to do (may be left out)"
            if optional
            else "What the participant reads"
        )
        super().show_at(at)

    def _ask(self, parent: QWidget) -> Path | None:
        return self._choose(parent, StimulusKind(value_at(self.desk.study, (*self.at, "kind"))))

    def _take_source(self, is_address: Any) -> None:
        stimulus: Stimulus = value_at(self.desk.study, self.at)
        changes = {"url": "", "path": None} if is_address else {"url": None, "path": None}
        self.desk.put(self.at, stimulus.model_copy(update=changes), "page from")

    def _add_screen(self) -> None:
        stimulus: Stimulus = value_at(self.desk.study, self.at)
        name = fresh_id("screen", (screen.id for screen in stimulus.screens))
        fresh = Screen.model_construct(id=name, path="")
        place = (*self.at, "screens")
        self.desk.put(place, (*stimulus.screens, fresh), "add screen")


def _with_kind(study: Study, at: Place, kind: StimulusKind) -> Study:
    stimulus = as_kind(value_at(study, at), StimulusKind(kind))
    changed: Study = with_value(study, at, stimulus)
    return changed
