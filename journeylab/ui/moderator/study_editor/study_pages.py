"""The pages of the whole study: goal, segments, markers, expressions, questions, privacy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from journeylab.errors import StudyError
from journeylab.study.editing import (
    Place,
    as_identifier,
    inserted,
    new_segment,
    value_at,
    with_quota,
    with_segment_value,
    with_value,
)
from journeylab.study.goals import GoalKind, as_goal, goal_kind, goal_words
from journeylab.study.model import Segment, Study
from journeylab.ui.moderator.privacy_form import PrivacyForm
from journeylab.ui.moderator.study_editor.desk import Desk
from journeylab.ui.moderator.study_editor.expressions_form import ExpressionsForm
from journeylab.ui.moderator.study_editor.fields import (
    ChoiceField,
    LongField,
    NumberField,
    TextField,
    button,
)
from journeylab.ui.moderator.study_editor.form import Form, Page, Rows
from journeylab.ui.moderator.study_editor.markers_form import MarkersForm
from journeylab.ui.moderator.study_editor.questions_form import QuestionsForm
from journeylab.ui.widgets.card import Label

ChooseFolder = Callable[[QWidget], Path | None]

_KINDS = (
    (GoalKind.CONVERSION, "Conversion: more people buy or sign up"),
    (GoalKind.CHURN, "Churn: fewer people leave"),
    (GoalKind.OWN, "In your own words"),
)
_USUAL_SEGMENTS = (
    Segment(name="device", values=("desktop", "mobile")),
    Segment(name="visitor", values=("new", "returning")),
    Segment(name="age-band", values=("18-24", "25-34", "35-54", "55+")),
)


def ask_where(parent: QWidget) -> Path | None:
    """Let the moderator pick the folder to put the study into; None when she does not."""
    name = QFileDialog.getExistingDirectory(parent, "Put the study into", str(Path.home()))
    return Path(name) if name else None


class GoalForm(Form):
    """Why the study is made, and with how many."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.title = TextField("Title", placeholder="such as First purchase, mobile", longest=120)
        self.kind = ChoiceField("Goal", _KINDS, palette=desk.palette)
        self.words = TextField("", placeholder="such as +10 % orders from mobile", longest=2000)
        self.words.editor.setAccessibleName("Goal in words")
        self.hypothesis = LongField(
            "Hypothesis",
            placeholder="What do you expect, and where? Such as: the card number field costs us "
            "more orders than the price does.",
            lines=3,
        )
        self.participants = NumberField(
            "Participants wanted", empty=None, is_whole=True, most=10_000, placeholder="such as 30"
        )
        self.bind(self.title, ("title",), "title")
        self.bind(self.hypothesis, ("hypothesis",), "hypothesis")
        self.bind(self.participants, ("participants",), "participants")
        self.kind.edited.connect(self._take_kind)
        self.words.edited.connect(self._take_words)
        self.words.ended.connect(desk.break_run)
        for row, field in enumerate((self.title, self.kind, self.words, self.hypothesis)):
            self.grid.addWidget(field, row, 0, 1, 2)
        self.grid.addWidget(self.participants, 4, 0)
        self.grid.setColumnStretch(0, 1)
        self.grid.setColumnStretch(1, 2)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        goal = self.desk.study.goal
        if self.kind.read() is None or as_goal(self.kind.read(), self.words.read() or "") != goal:
            self.kind.show_value(goal_kind(goal))
            self.words.show_value(goal_words(goal))

    def _take_kind(self, _kind: GoalKind) -> None:
        self._put_goal("kind of goal", "")

    def _take_words(self, _words: str) -> None:
        self._put_goal("goal", "goal")

    def _put_goal(self, act: str, run: str) -> None:
        goal = as_goal(self.kind.read() or GoalKind.OWN, self.words.read() or "")
        self.desk.put(("goal",), goal, act, run=run)


class SegmentForm(Form):
    """A segment's name, and its values with how many participants are wanted of each."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.name = TextField("Segment", placeholder="such as device", longest=64)
        self.bind(self.name, ("name",), "segment", change=_renamed)
        self.values = Rows(
            desk,
            partial(SegmentValueForm, desk),
            noun="value",
            can_move=False,
            is_framed=False,
            drop_px=18,
        )
        self.hold(self.values, ("values",))
        self.add_button = button("Add value")
        self.add_button.clicked.connect(self._add)
        self.grid.addWidget(self.name, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(self.values, 0, 1)
        self.grid.addWidget(self.add_button, 1, 1, Qt.AlignmentFlag.AlignLeft)
        self.grid.setColumnStretch(0, 2)
        self.grid.setColumnStretch(1, 3)

    def _add(self) -> None:
        place = (*self.at, "values")
        index = len(value_at(self.desk.study, place))
        self.desk.do(inserted(self.desk.study, (*place, index), ""), "add value")
        self.values.rows[-1].form.begin_typing()


class SegmentValueForm(Form):
    """One value of a segment, and its quota."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.value = TextField("Value", placeholder="such as mobile", longest=40)
        self.wanted = NumberField(
            "Wanted", empty=None, is_whole=True, most=10_000, placeholder="any number"
        )
        self.bind(self.value, (), "value", change=_revalued)
        self.wanted.edited.connect(self._take_quota)
        self.wanted.ended.connect(desk.break_run)
        self.grid.addWidget(self.value, 0, 0)
        self.grid.addWidget(self.wanted, 0, 1)
        self.grid.setColumnStretch(0, 3)
        self.grid.setColumnStretch(1, 2)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        segment = value_at(self.desk.study, at[:2])
        self.wanted.show_value(segment.quotas.get(value_at(self.desk.study, at)))

    def _take_quota(self, wanted: int | None) -> None:
        study = self.desk.study
        segment = value_at(study, self.at[:2])
        changed = with_quota(segment, value_at(study, self.at), wanted)
        self.desk.put(self.at[:2], changed, "quota", run=repr((self.at, "quota")))


def _renamed(study: Study, at: Place, name: str) -> Study:
    changed: Study = with_value(study, (*at, "name"), as_identifier(name))
    return changed


def _revalued(study: Study, at: Place, value: str) -> Study:
    index = at[3]
    assert isinstance(index, int)
    segment = with_segment_value(value_at(study, at[:2]), index, value)
    changed: Study = with_value(study, at[:2], segment)
    return changed


class SegmentsForm(Form):
    """All segments, and the usual ones to be added with a click."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows = Rows(
            desk, partial(SegmentForm, desk), noun="segment", drop_px=18, empty="No segments yet."
        )
        self.hold(self.rows)
        self.add_buttons: list[QWidget] = []
        acts = QHBoxLayout()
        acts.setSpacing(8)
        for usual in _USUAL_SEGMENTS:
            one = button(f"Add {usual.name.replace('-', ' ')}")
            one.clicked.connect(partial(self._add, usual))
            one.setProperty("segment", usual.name)
            self.add_buttons.append(one)
            acts.addWidget(one)
        self.own_button = button("Add your own")
        self.own_button.clicked.connect(self._add_own)
        acts.addWidget(self.own_button)
        acts.addStretch(1)
        self.grid.addWidget(self.rows, 0, 0)
        self.grid.addLayout(acts, 1, 0)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        names = {segment.name for segment in self.desk.study.segments}
        for one in self.add_buttons:
            one.setVisible(one.property("segment") not in names)

    def _add(self, segment: Segment, *_: Any) -> None:
        segments = (*self.desk.study.segments, segment)
        self.desk.put(("segments",), segments, "add segment")

    def _add_own(self) -> None:
        self._add(new_segment(self.desk.study))
        self.rows.rows[-1].form.begin_typing()


class PrivacyPart(Form):
    """The privacy form, bound to the study."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.privacy = PrivacyForm(palette=desk.palette)
        self.problem = Label("", role="small", wrap=True)
        self.problem.setProperty("tone", "warning")
        self.grid.addWidget(self.privacy, 0, 0)
        self.grid.addWidget(self.problem, 1, 0)
        self.privacy.changed.connect(self._take_privacy)

    def show_at(self, at: Place) -> None:
        super().show_at(at)
        privacy = self.desk.study.privacy
        if not self._reads_as(privacy):
            with QSignalBlocker(self.privacy):
                self.privacy.show_privacy(privacy)
        sentence, _ = self.desk.remark(("keep_until",))
        self.problem.show_text(f"⚠ {sentence}" if sentence else "")
        self.problem.setVisible(bool(sentence))

    def _reads_as(self, privacy: Any) -> bool:
        try:
            entered = self.privacy.privacy()
        except StudyError:
            return True  # what cannot be read is left for its writer to mend
        return bool(entered.model_copy(update={"encrypt_to": privacy.encrypt_to}) == privacy)

    def _take_privacy(self) -> None:
        try:
            entered = self.privacy.privacy()
        except StudyError as error:
            self.desk.note_unread("keep_until", str(error))
            return
        self.desk.note_unread("keep_until", "")
        kept = {"encrypt_to": self.desk.study.privacy.encrypt_to}
        self.desk.put(("privacy",), entered.model_copy(update=kept), "privacy", run="privacy")


def study_pages(desk: Desk) -> dict[str, tuple[Page, Place]]:
    """The pages of the whole study by their names in the list, each with its place."""
    closing = QuestionsForm(desk)
    return {
        "Goal": (
            Page(desk, "Goal", detail="What the study is to find out.", form=GoalForm(desk)),
            (),
        ),
        "Segments": (
            Page(
                desk,
                "Segments and quotas",
                detail="Groups whose journeys are compared. The moderator chooses a value of each "
                "for every participant.",
                form=SegmentsForm(desk),
            ),
            ("segments",),
        ),
        "Markers": (
            Page(
                desk,
                "Markers",
                detail="What the moderator marks during a session, each with one key. A step may "
                "have markers of its own, which come first while it runs: give them there.",
                form=MarkersForm(desk),
            ),
            ("markers",),
        ),
        "Expressions": (
            Page(
                desk,
                "Expressions",
                detail="Expressions of the face the study defines itself, each from 0 to 1: it "
                "counts as shown from a value of yours on. The session and the map show them "
                "beside the usual ones.",
                form=ExpressionsForm(desk),
            ),
            ("expressions",),
        ),
        "Questions at the end": (
            Page(
                desk,
                "Questions at the end",
                detail="Asked on the participant's screen after the last step.",
                form=closing,
            ),
            ("questions",),
        ),
        "Privacy": (
            Page(
                desk,
                "Privacy",
                detail="What the study promises its participants.",
                form=PrivacyPart(desk),
            ),
            ("privacy",),
        ),
    }
