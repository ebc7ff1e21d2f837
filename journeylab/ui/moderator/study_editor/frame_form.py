"""What a page, a picture or screenshots are shown on: the participant's device, or another."""

from __future__ import annotations

from typing import Any, Final

from journeylab.study.device_frame import (
    MOST_PX,
    PRESETS_PX,
    DeviceFrame,
    FrameKind,
    device_rule,
)
from journeylab.study.editing import Place, value_at, with_value
from journeylab.study.model import Study
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import ChoiceField, NumberField, TextField
from journeylab.ui.moderator.study_editor.form import Form
from journeylab.ui.widgets.card import Label
from journeylab.vocabulary import StimulusKind

_KINDS: Final = (
    (FrameKind.DEVICE, "As the participant's device"),
    (FrameKind.DESKTOP, "Desktop, the whole screen"),
    (FrameKind.PHONE, "Phone, 390 × 844"),
    (FrameKind.TABLET, "Tablet, 820 × 1180"),
    (FrameKind.OWN, "A size of your own"),
)
_TOUCH: Final = ((None, "As usual there"), (True, "Touch"), (False, "Mouse"))
_FIRST_PX: Final = (1280, 800)


class FrameForm(Form):
    """The device frame of a stimulus; ``at`` is the frame."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.kind = ChoiceField("Shown on", _KINDS, palette=desk.palette)
        self.width_px = NumberField("Width, px", empty=None, is_whole=True, most=MOST_PX)
        self.height_px = NumberField("Height, px", empty=None, is_whole=True, most=MOST_PX)
        self.touch = ChoiceField("Used with", _TOUCH, palette=desk.palette)
        self.user_agent = TextField(
            "User agent", placeholder="as browsers there call themselves", longest=400
        )
        self.rule = Label("", role="small", wrap=True)
        self.bind(self.kind, ("kind",), "what it is shown on", change=_with_kind)
        self.bind(self.width_px, ("width_px",), "width")
        self.bind(self.height_px, ("height_px",), "height")
        self.bind(self.touch, ("touch",), "touch")
        self.bind(self.user_agent, ("user_agent",), "user agent")
        for column, field in enumerate((self.kind, self.width_px, self.height_px, self.touch)):
            self.grid.addWidget(field, 0, column)
        self.grid.addWidget(self.rule, 1, 0, 1, 4)
        self.grid.addWidget(self.user_agent, 2, 0, 1, 4)
        for column, share in enumerate((3, 1, 1, 2)):
            self.grid.setColumnStretch(column, share)

    def show_at(self, at: Place) -> None:
        frame: DeviceFrame = value_at(self.desk.study, at)
        is_page = value_at(self.desk.study, (*at[:-1], "kind")) == StimulusKind.PAGE
        is_own = frame.kind is FrameKind.OWN
        # What goes, goes first: for a moment all of them would push the window wider.
        shown = (
            (self.width_px, is_own),
            (self.height_px, is_own),
            (self.touch, is_page),
            (self.user_agent, is_page),
            (self.rule, frame.kind is FrameKind.DEVICE),
        )
        for widget, is_shown in sorted(shown, key=lambda one: one[1]):
            widget.setVisible(is_shown)
        segments = self.desk.study.segments
        devices = next((one.values for one in segments if one.name == "device"), ())
        self.rule.show_text(device_rule(devices))
        super().show_at(at)


def _with_kind(study: Study, at: Place, kind: Any) -> Study:
    """Another kind of frame; one of an own size begins with the size there was."""
    before: DeviceFrame = value_at(study, at)
    width, height = PRESETS_PX.get(before.kind, _FIRST_PX)
    size = (width, height) if kind is FrameKind.OWN else (None, None)
    changes = {"kind": kind, "width_px": size[0], "height_px": size[1]}
    changed: Study = with_value(study, at, before.model_copy(update=changes))
    return changed
