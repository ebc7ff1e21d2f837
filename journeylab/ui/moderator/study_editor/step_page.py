"""The page of one step: what it is, what it shows, its areas, its questions; its versions."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from journeylab.study.editing import Place, inserted, new_variant, removed, retitled, value_at
from journeylab.study.hints import STAGES
from journeylab.study.model import Step, Study
from journeylab.theme import GAP_PX
from journeylab.ui.moderator.study_editor.areas_form import AreasForm
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.fields import (
    ChoiceField,
    LongField,
    NumberField,
    OpenChoiceField,
    TextField,
    button,
)
from journeylab.ui.moderator.study_editor.form import Form, scrolled, section, show_remarks
from journeylab.ui.moderator.study_editor.markers_form import MarkersForm
from journeylab.ui.moderator.study_editor.questions_form import QuestionsForm
from journeylab.ui.moderator.study_editor.stimulus_form import ChooseStimulus, StimulusForm
from journeylab.ui.widgets.card import Label

_TOUCHPOINTS = ("ad", "site", "app", "e-mail", "package", "product", "support", "store")
_CHANNELS = ("web", "mobile app", "mail", "store", "phone", "social", "delivery")
_BUTTON_PX = 34
_FACTS = (
    "title", "stage", "planned_s", "touchpoint", "channel", "owner", "task", "success", "guide",
    "markers",
)  # fmt: skip


class FactsForm(Form):
    """What a step is, and what the moderator is told of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        palette = desk.palette
        self.title = TextField("Title", placeholder="such as Landing page", longest=80)
        self.stage = OpenChoiceField("Stage", STAGES, palette=palette)
        self.seconds = NumberField("Planned seconds", empty=0.0)
        self.touchpoint = OpenChoiceField("Touchpoint", _TOUCHPOINTS, palette=palette)
        self.channel = OpenChoiceField("Channel", _CHANNELS, palette=palette)
        self.owner = TextField("Owner", placeholder="who answers for it", longest=80)
        self.task = LongField("Task", placeholder="What the participant is asked to do", lines=3)
        self.success = LongField("Success", placeholder="How you tell that it was done", lines=2)
        self.guide = LongField(
            "Guide", placeholder="What the moderator may ask, and watch for", lines=4
        )
        self.markers = MarkersForm(
            desk,
            empty="None. Give some where a step has moments of its own: box open, first touch, on.",
            example="box open",
        )
        self.hold(self.markers, ("markers",))
        self.bind(self.title, ("title",), "title", change=self._retitled)
        for field, name in (
            (self.stage, "stage"),
            (self.seconds, "planned_s"),
            (self.touchpoint, "touchpoint"),
            (self.channel, "channel"),
            (self.owner, "owner"),
            (self.task, "task"),
            (self.success, "success"),
            (self.guide, "guide"),
        ):
            self.bind(field, (name,), name.removesuffix("_s").replace("planned", "planned time"))
        for row, fields in enumerate(
            ((self.title, self.stage, self.seconds), (self.touchpoint, self.channel, self.owner))
        ):
            for column, one in enumerate(fields):
                self.grid.addWidget(one, row, column)
        for row, long in enumerate((self.task, self.success, self.guide), start=2):
            self.grid.addWidget(long, row, 0, 1, 3)
        section(self, "Markers of this step, before the study's own", 5, columns=3)
        self.grid.addWidget(self.markers, 6, 0, 1, 3)
        for column in range(3):
            self.grid.setColumnStretch(column, 1)

    def _retitled(self, study: Study, at: Place, title: str) -> Study:
        index = at[1]
        assert isinstance(index, int)
        return retitled(study, index, title, keeps_id=self.desk.origin.has_sessions)


class VersionBar(Form):
    """Which version of a step is edited; ``at`` is the step."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.number = 0
        self.version = ChoiceField("Version", (), palette=desk.palette)
        self.version.setFixedWidth(220)
        self.title = TextField("Name of this version", placeholder="such as Short form", longest=80)
        self.title.setFixedWidth(260)
        self.add_button, self.remove_button = button("Add version"), button("Remove version")
        self.about = Label("", role="small")
        self.about.setMinimumHeight(_BUTTON_PX)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        bottom = Qt.AlignmentFlag.AlignBottom
        row.addWidget(self.version)
        row.addWidget(self.title)
        row.addWidget(self.add_button, 0, bottom)
        row.addWidget(self.remove_button, 0, bottom)
        row.addWidget(self.about, 0, bottom)
        row.addStretch(1)
        self.grid.addLayout(row, 0, 0)
        self.version.edited.connect(self._go_to)
        self.title.edited.connect(self._take_title)
        self.title.ended.connect(desk.break_run)
        self.add_button.clicked.connect(self._add)
        self.remove_button.clicked.connect(self._remove)

    @property
    def place(self) -> Place:
        """The step itself for version A, else the version."""
        return (*self.at, "variants", self.number - 1) if self.number else self.at

    def show_at(self, at: Place) -> None:
        step: Step = value_at(self.desk.study, at)
        if at != self.at or self.number > len(step.variants):
            self.number = 0
        super().show_at(at)
        names = [(0, "A")]
        for number, variant in enumerate(step.variants, start=1):
            name = variant.id.upper()
            names.append((number, f"{name}: {variant.title}" if variant.title else name))
        self.version.offer(names)
        self.version.show_value(self.number)
        if self.number:
            self.title.show_value(step.variants[self.number - 1].title)
        has_versions = bool(step.variants)
        self.about.show_text(
            "Each participant meets one version, drawn so that groups stay equal."
            if has_versions
            else "Add a version to compare two or more of them (A/B)."
        )
        shown = (
            (self.about, self.number == 0),
            (self.version, has_versions),
            (self.title, self.number > 0),
            (self.remove_button, self.number > 0),
            (self.add_button, len(step.variants) < 7),
        )
        # What goes, goes first: for a moment all of them would push the window wider.
        for widget, is_shown in sorted(shown, key=lambda one: one[1]):
            widget.setVisible(is_shown)

    def _go_to(self, number: int) -> None:
        self.number = number or 0
        self.desk.changed.emit()

    def _take_title(self, title: str) -> None:
        self.desk.put((*self.place, "title"), title, "version", run=repr(self.place))

    def _add(self) -> None:
        step: Step = value_at(self.desk.study, self.at)
        self.number = len(step.variants) + 1
        place = (*self.at, "variants", len(step.variants))
        self.desk.do(inserted(self.desk.study, place, new_variant(step)), "add version")

    def _remove(self) -> None:
        place, self.number = self.place, 0
        self.desk.do(removed(self.desk.study, place), "remove version")


class StepPage(Form):
    """One step in four tabs; ``at`` is ``("steps", n)``."""

    def __init__(self, desk: Desk, *, choose: ChooseStimulus) -> None:
        super().__init__(desk)
        self.heading = Label("", role="heading")
        self.remarks = Label("", role="small", wrap=True)
        self.facts = FactsForm(desk)
        self.versions = VersionBar(desk)
        self.stimulus = StimulusForm(desk, choose)
        self.areas = AreasForm(desk)
        self.questions = QuestionsForm(desk)
        self.tabs = {name: button(name) for name in ("Step", "Shows", "Areas", "Questions")}
        self._stack = QStackedWidget()
        for part in (self.facts, self.stimulus, self.areas, self.questions):
            self._stack.addWidget(self.areas if part is self.areas else scrolled(_padded(part)))
        tabs = QHBoxLayout()
        tabs.setSpacing(20)
        group = QButtonGroup(self)
        for number, one in enumerate(self.tabs.values()):
            one.setCheckable(True)
            one.setProperty("role", "tab")
            group.addButton(one, number)
            tabs.addWidget(one)
        tabs.addStretch(1)
        group.idClicked.connect(self.show_tab)
        self.grid.setVerticalSpacing(8)
        self.grid.addWidget(self.heading, 0, 0)
        self.grid.addLayout(tabs, 1, 0)
        self.grid.addWidget(self.remarks, 2, 0)
        self.grid.addWidget(self.versions, 3, 0)
        self.grid.addWidget(self._stack, 4, 0)
        self.grid.setRowStretch(4, 1)
        self.show_tab(0)

    def show_tab(self, number: int) -> None:
        """Show a tab by its number."""
        list(self.tabs.values())[number].setChecked(True)
        self._stack.setCurrentIndex(number)
        self.versions.setVisible(number in (1, 2))
        if self.at:
            self.show_at(self.at)

    @property
    def tab(self) -> int:
        """The number of the tab that is shown."""
        return self._stack.currentIndex()

    def show_at(self, at: Place) -> None:
        self.at = at
        step: Step = value_at(self.desk.study, at)
        index = at[1]
        assert isinstance(index, int)
        self.heading.show_text(f"Step {index + 1} · {step.title or 'no title yet'}")
        self.versions.show_at(at)
        part, where = self._parts_by_tab[self.tab]
        part.show_at(where)  # the others when they are turned to: each letter typed comes by here
        for (name, one), (_, place) in zip(self.tabs.items(), self._parts_by_tab, strict=True):
            within = {"Step": [(*at, f) for f in _FACTS], "Areas": [(*place, "aois")]}
            said = any(self.desk.remark(where)[1] for where in within.get(name, [place]))
            one.setText(f"{name} ⚠" if said else name)
        show_remarks(self.remarks, self.desk, at, self)

    @property
    def _parts_by_tab(self) -> tuple[tuple[Form, Place], ...]:
        place = self.versions.place
        return (
            (self.facts, self.at),
            (self.stimulus, (*place, "stimulus")),
            (self.areas, place),
            (self.questions, (*self.at, "questions")),
        )

    def places(self) -> Iterator[Place]:
        """What the tab that is shown says itself, and all that the signs of the others lead to."""
        shown, _ = self._parts_by_tab[self.tab]
        place = self.versions.place
        aois, stimulus = (*place, "aois"), (*place, "stimulus")
        questions = (*self.at, "questions")
        yield from ((*self.at, name) for name in _FACTS)
        yield from self.stimulus.places() if shown is self.stimulus else (stimulus,)
        yield from self.questions.places() if shown is self.questions else (questions,)
        n_areas = len(value_at(self.desk.study, aois) or ())
        yield from ((*aois, n) for n in range(n_areas)) if shown is self.areas else (aois,)

    def show_place(self, place: Place) -> None:
        """Turn to the tab and the version in which a place of this step is edited."""
        rest = place[2:]
        if rest[:1] == ("variants",) and len(rest) > 1 and isinstance(rest[1], int):
            self.versions.number, rest = rest[1] + 1, rest[2:]
        elif rest:
            self.versions.number = 0
        part = rest[0] if rest else ""
        if part == "stimulus":
            self.show_tab(2 if "hotspots" in rest else 1)
        else:
            self.show_tab({"aois": 2, "questions": 3}.get(str(part), 0))


def _padded(part: QWidget) -> QWidget:
    inner = QWidget()
    layout = QVBoxLayout(inner)
    layout.setContentsMargins(0, 4, 10, 0)
    layout.addWidget(part)
    layout.addStretch(1)
    return inner
