"""What the researcher makes of an insight: other words, or hidden; kept beside the study.

In ``insight-edits.toml``, with author, time and the measured sentence it was made of; the last
edit of a step counts, those before it stay to be read and to be gone back to. An edit is of a
claim, such as friction on a step: it stays in force when more sessions change the numbers, and says
so. Where another claim is measured, it is told of as outdated and not applied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from annotated_types import Len

from journeylab.analysis.journey import Insight, InsightMark, JourneyMap
from journeylab.analysis.kept_document import read_document, write_document
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder

EDITS_FILE: Final = "insight-edits.toml"
FORMAT: Final = 1
LONGEST_TEXT: Final = 600
EDITED, HIDDEN, OUTDATED = "edited", "hidden", "outdated"
NUMBERS_CHANGED: Final = "The measured numbers have changed since."
_HEADING: Final = (
    "Insights of the journey map as the researcher reworded or hid them.\n"
    "The last edit of a step counts, per segment. Written by JourneyLab; may be edited."
)


class EditAction(StrEnum):
    """What an edit does; RESTORED brings the measured sentence back."""

    REWORDED = "reworded"
    HIDDEN = "hidden"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class InsightEdit:
    """One edit of a step's insight on the map of a segment (empty: of all sessions).

    ``original`` is the measured sentence it was made of, ``text`` what is shown instead of it.
    """

    step_id: Annotated[str, Len(1, 200)]
    action: EditAction
    original: str
    author: str
    edited_utc: str
    text: Annotated[str, Len(0, LONGEST_TEXT)] = ""
    segment: dict[str, str] = field(default_factory=dict)
    about: tuple[str, ...] = ()
    """What the sentence was of, its main claim first; empty in a file of before."""

    def is_of(self, step_id: str, segment: Mapping[str, str]) -> bool:
        """Whether it is of that step on that segment's map."""
        return self.step_id == step_id and self.segment == dict(segment)


@dataclass(frozen=True, slots=True)
class InsightEdits:
    """All edits of a study, oldest first."""

    format: Literal[1] = FORMAT
    edit: tuple[InsightEdit, ...] = ()

    def last(self, step_id: str, segment: Mapping[str, str]) -> InsightEdit | None:
        """The last edit of a step's insight; None where there is none."""
        return next((one for one in reversed(self.edit) if one.is_of(step_id, segment)), None)


def reworded(
    insight: Insight,
    text: str,
    *,
    step_id: str,
    segment: Mapping[str, str],
    author: str,
    now_utc: str,
) -> InsightEdit:
    """An edit that gives an insight other words.

    Raises
    ------
    AnalysisError
        When there are none, or too many.
    """
    words = " ".join(text.split())
    if not words or len(words) > LONGEST_TEXT:
        raise AnalysisError(f"An insight has 1 to {LONGEST_TEXT} characters, not {len(words)}.")
    return _made(
        EditAction.REWORDED,
        insight,
        words,
        step_id=step_id,
        segment=segment,
        author=author,
        now_utc=now_utc,
    )


def hidden(
    insight: Insight, *, step_id: str, segment: Mapping[str, str], author: str, now_utc: str
) -> InsightEdit:
    """An edit that hides an insight."""
    return _made(
        EditAction.HIDDEN, insight, step_id=step_id, segment=segment, author=author, now_utc=now_utc
    )


def restored(
    insight: Insight, *, step_id: str, segment: Mapping[str, str], author: str, now_utc: str
) -> InsightEdit:
    """An edit that brings the measured sentence back."""
    return _made(
        EditAction.RESTORED,
        insight,
        step_id=step_id,
        segment=segment,
        author=author,
        now_utc=now_utc,
    )


def _made(
    action: EditAction,
    insight: Insight,
    text: str = "",
    *,
    step_id: str,
    segment: Mapping[str, str],
    author: str,
    now_utc: str,
) -> InsightEdit:
    return InsightEdit(
        step_id=step_id,
        action=action,
        original=measured_text(insight),
        author=author,
        edited_utc=now_utc,
        text=text,
        segment=dict(segment),
        about=insight.about,
    )


def edit_of(
    action: EditAction,
    insight: Insight,
    text: str,
    *,
    step_id: str,
    segment: Mapping[str, str],
    author: str,
    now_utc: str,
) -> InsightEdit:
    """An edit of that action; AnalysisError for words that cannot be an insight's."""
    if action is EditAction.REWORDED:
        return reworded(
            insight, text, step_id=step_id, segment=segment, author=author, now_utc=now_utc
        )
    make = hidden if action is EditAction.HIDDEN else restored
    return make(insight, step_id=step_id, segment=segment, author=author, now_utc=now_utc)


def measured_text(insight: Insight) -> str:
    """The sentence as it was measured, whatever is shown instead."""
    return insight.text if insight.mark is None else insight.mark.measured


def with_edit(edits: InsightEdits, edit: InsightEdit) -> InsightEdits:
    """With one more edit."""
    return replace(edits, edit=(*edits.edit, edit))


def undone(edits: InsightEdits, step_id: str, segment: Mapping[str, str]) -> InsightEdits:
    """Without the last edit of a step's insight: the one before it counts again."""
    last = edits.last(step_id, segment)
    if last is None:
        return edits
    place = len(edits.edit) - 1 - edits.edit[::-1].index(last)
    return replace(edits, edit=edits.edit[:place] + edits.edit[place + 1 :])


def apply_edits(journey: JourneyMap, edits: InsightEdits) -> JourneyMap:
    """The map with its insights as the researcher wants them, each marked as edited."""
    steps = tuple(
        replace(step, insight=_edited(step.insight, edits.last(step.step_id, journey.segment)))
        for step in journey.steps
    )
    return replace(journey, steps=steps)


def with_edits_of(folder: StudyFolder, journey: JourneyMap) -> JourneyMap:
    """The map with the edits kept beside its study.

    A file that cannot be read costs the map nothing but a note: the measured sentences are shown.
    """
    try:
        return apply_edits(journey, read_edits(folder))
    except AnalysisError as error:
        note = f"Insights are shown as measured: {error}"
        return replace(journey, notes=(*journey.notes, note))


def read_edits(folder: StudyFolder) -> InsightEdits:
    """The edits of a study, none where no file is.

    Raises
    ------
    AnalysisError
        When the file cannot be read.
    """
    return read_document(edits_path(folder), InsightEdits) or InsightEdits()


def write_edits(folder: StudyFolder, edits: InsightEdits) -> None:
    """Keep the edits beside the study; StorageError when that fails."""
    write_document(edits_path(folder), InsightEdits, edits, heading=_HEADING)


def are_naming(edits: InsightEdits, participant_id: str) -> bool:
    """Whether a participant's id stands in any of the researcher's words."""
    return any(_names(edit, participant_id) for edit in edits.edit)


def forget_named(folder: StudyFolder, participant_id: str) -> None:
    """Take the edits out of the file in whose words a participant's id stands."""
    before = read_edits(folder)
    kept = tuple(edit for edit in before.edit if not _names(edit, participant_id))
    if kept != before.edit:
        write_edits(folder, replace(before, edit=kept))


def edits_path(folder: StudyFolder) -> Path:
    """Where the edits of a study are kept."""
    return folder.path / EDITS_FILE


def mark_words(mark: InsightMark) -> str:
    """What was done to an insight by whom and when, in sentences, for every export."""
    by = f"by {mark.author}{_on(mark.edited_utc)}"
    since = f" {NUMBERS_CHANGED}" if mark.is_older else ""
    if mark.state == HIDDEN:
        return f"Hidden {by}.{since}"
    if mark.state == OUTDATED:
        was = f"“{mark.text}”" if mark.text else "hiding it"
        return f"An edit {by} is not shown, as something else is measured since: {was}"
    return f"Edited {by}.{since} Measured: “{mark.measured}”"


def _edited(insight: Insight, edit: InsightEdit | None) -> Insight:
    if insight.mark is not None:
        was = insight.mark
        insight = replace(insight, text=was.measured, kind=was.measured_kind, mark=None)
    if edit is None or edit.action is EditAction.RESTORED:
        return insight
    state = EDITED if edit.action is EditAction.REWORDED else HIDDEN
    if not _is_in_force(edit, insight):
        state = OUTDATED
    mark = InsightMark(
        state,
        insight.text,
        insight.kind,
        edit.text,
        edit.author,
        edit.edited_utc,
        is_older=edit.original != insight.text,
    )
    if state == OUTDATED:
        return replace(insight, mark=mark)
    if state == HIDDEN:
        return replace(insight, text="Hidden by the researcher.", kind="neutral", mark=mark)
    return replace(insight, text=edit.text, mark=mark)


def _is_in_force(edit: InsightEdit, insight: Insight) -> bool:
    """Whether an edit is of what is measured now: other words, of the main claim; a hidden claim
    stays hidden wherever in the sentence it stands."""
    if not edit.about:
        return _without_numbers(edit.original) == _without_numbers(insight.text)
    claims = insight.about if edit.action is EditAction.HIDDEN else insight.about[:1]
    return edit.about[0] in claims


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _names(edit: InsightEdit, participant_id: str) -> bool:
    word = re.compile(rf"(?<!\w){re.escape(participant_id)}(?!\w)")
    return word.search(f"{edit.text}\n{edit.original}") is not None


def _on(edited_utc: str) -> str:
    try:
        day = datetime.fromisoformat(edited_utc)
    except ValueError:
        return ""
    return f" on {day.day} {day:%b %Y}"
