"""Erasing a participant takes the researcher's words that name her along."""

from __future__ import annotations

from pathlib import Path

from journeylab.analysis.insight_edits import (
    EditAction,
    InsightEdit,
    InsightEdits,
    read_edits,
    write_edits,
)
from journeylab.app.erase import run_erase
from journeylab.study.folder import save_study
from journeylab.study.model import Step, Stimulus, Study
from journeylab.vocabulary import StimulusKind

STUDY = Study(
    id="shop",
    title="Shop",
    steps=(Step(id="a", title="A", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="Go")),),
)


def _edit(text: str) -> InsightEdit:
    return InsightEdit(
        "a", EditAction.REWORDED, "1 of 3 smile.", "ann", "2026-11-27T09:00:00+00:00", text
    )


def test_insights_that_name_her_go_and_those_of_others_stay(tmp_path: Path) -> None:
    folder = save_study(tmp_path / "study", STUDY)
    edits = tuple(map(_edit, ("P01 laughs out loud.", "Only P011 laughs.", "They laugh.")))
    write_edits(folder, InsightEdits(edit=edits))
    said: list[str] = []
    removed = run_erase(folder.path, "P01", confirm=lambda _: True, say=said.append)
    assert [edit.text for edit in read_edits(folder).edit] == ["Only P011 laughs.", "They laugh."]
    assert removed == (folder.path / "insight-edits.toml",)
    assert any("the insights that name P01" in line for line in said)
