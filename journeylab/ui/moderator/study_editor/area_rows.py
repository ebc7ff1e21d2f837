"""One area in words: of a picture or video, of a page, or a hotspot that leads on."""

from __future__ import annotations

from journeylab.study.boxes import BoxPx
from journeylab.study.editing import Place, value_at, with_value
from journeylab.study.model import Study
from journeylab.study.stimulus import Aoi, Stimulus
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import ChoiceField, NumberField, TextField
from journeylab.ui.moderator.study_editor.form import Form
from journeylab.ui.widgets.card import Label
from journeylab.vocabulary import StimulusKind


class AreaForm(Form):
    """An AOI drawn on a picture: its name, and where it lies; on a video from when to when."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.name = TextField("Name", longest=40)
        self.where = Label("", role="small")
        self.begin = NumberField("From second", empty=0.0, placeholder="beginning")
        self.end = NumberField("To second", empty=None, placeholder="end")
        self.bind(self.name, ("name",), "name of area")
        self.bind(self.begin, ("from_s",), "begin of area")
        self.bind(self.end, ("to_s",), "end of area")
        self.grid.addWidget(self.name, 0, 0, 1, 2)
        self.grid.addWidget(self.where, 1, 0, 1, 2)
        self.grid.addWidget(self.begin, 2, 0)
        self.grid.addWidget(self.end, 2, 1)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        aoi: Aoi = value_at(self.desk.study, at)
        stimulus: Stimulus = value_at(self.desk.study, (*at[: at.index("aois")], "stimulus"))
        is_video = StimulusKind(stimulus.kind) is StimulusKind.VIDEO
        self.begin.setVisible(is_video)
        self.end.setVisible(is_video)
        self.where.show_text(_where(aoi.box))
        sentence, is_problem = self.desk.remark(at)
        self.name.show_remark(sentence, is_problem=is_problem)


class HotspotForm(Form):
    """A hotspot: the screen it leads to, and where it lies."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.leads_to = ChoiceField("Hotspot leads to", (), palette=desk.palette)
        self.where = Label("", role="small")
        self.bind(self.leads_to, ("leads_to",), "where the hotspot leads")
        self.grid.addWidget(self.leads_to, 0, 0)
        self.grid.addWidget(self.where, 1, 0)

    def show_at(self, at: Place) -> None:
        stimulus: Stimulus = value_at(self.desk.study, at[: at.index("stimulus") + 1])
        self.leads_to.offer([(screen.id, screen.id) for screen in stimulus.screens])
        super().show_at(at)
        self.where.show_text(_where(value_at(self.desk.study, at).box))
        sentence, is_problem = self.desk.remark(at)
        self.leads_to.show_remark(sentence, is_problem=is_problem)


class SelectorForm(Form):
    """An AOI on a page: its name and its CSS selector."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.name = TextField("Name", placeholder="such as price", longest=40)
        self.selector = TextField("CSS selector", placeholder="such as #price or .offer .total")
        self.bind(self.name, ("name",), "name of area")
        self.bind(self.selector, ("selector",), "selector", change=_with_selector)
        self.grid.addWidget(self.name, 0, 0)
        self.grid.addWidget(self.selector, 0, 1)
        self.grid.setColumnStretch(0, 1)
        self.grid.setColumnStretch(1, 2)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        sentence, is_problem = self.desk.remark(at)
        self.selector.show_remark(sentence, is_problem=is_problem)


def _with_selector(study: Study, at: Place, selector: str) -> Study:
    """An area by its selector; a box it had on a picture goes."""
    changes = {"selector": selector, "box": None, "screen": "", "from_s": 0.0, "to_s": None}
    changed: Study = with_value(study, at, value_at(study, at).model_copy(update=changes))
    return changed


def _where(box: BoxPx | None) -> str:
    if box is None:
        return "Not on this picture"
    left, top, width, height = box
    return f"{width} × {height} px, from {left}, {top}"
