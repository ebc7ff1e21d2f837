"""Annotations: what was added, moved and deleted is undone one by one, and reads back equal."""

from __future__ import annotations

import json

import numpy as np
import pytest

from journeylab.analysis.replay_annotations import (
    Annotation,
    AnnotationDocument,
    Change,
    History,
    added,
    applied,
    deleted,
    document_from_text,
    document_to_text,
    moved,
    reworded,
)
from journeylab.errors import AnalysisError

NOW = "2026-11-27T08:00:00+00:00"


def _add(t_ns: int, text: str, new_id: str) -> Change:
    return added(t_ns, text, author="kim", now_utc=NOW, new_id=new_id)


def test_undo_takes_back_every_change_and_redo_makes_it_again() -> None:
    rng = np.random.default_rng(5)
    document, history = AnnotationDocument("s"), History()
    seen = [document]
    for number in range(60):
        have = document.annotations
        act = rng.integers(0, 4) if have else 0
        one = have[rng.integers(0, len(have))] if have else None
        if act == 0 or one is None:
            change = _add(int(rng.integers(0, 1000)), f"<b>{number}</b> ü", f"{number:03d}")
        elif act == 1:
            change = moved(one, int(rng.integers(0, 1000)), now_utc=NOW)
        elif act == 2:
            change = reworded(one, f"again {number}", now_utc=NOW)
        else:
            change = deleted(one)
        document, history = applied(document, change), history.after(change)
        assert list(document.annotations) == sorted(
            document.annotations, key=lambda each: (each.t_ns, each.id)
        )
        seen.append(document)
    for wanted in reversed(seen[:-1]):
        change_back, history = history.undo()
        assert change_back is not None
        document = applied(document, change_back)
        assert document == wanted
    assert history.undo()[0] is None
    for wanted in seen[1:]:
        change_on, history = history.redo()
        assert change_on is not None
        document = applied(document, change_on)
        assert document == wanted
    assert history.redo()[0] is None


def test_a_new_act_forgets_what_was_undone() -> None:
    history = History().after(_add(1, "a", "a"))
    _, history = history.undo()
    assert history.after(_add(2, "b", "b")).redo()[0] is None


def test_what_somebody_else_wrote_meanwhile_stays() -> None:
    mine, theirs = _add(10, "mine", "1"), _add(5, "theirs", "2")
    on_disk = applied(applied(AnnotationDocument("s"), mine), theirs)
    assert mine.after is not None
    after = applied(on_disk, moved(mine.after, 3, now_utc=NOW))
    assert [one.text for one in after.annotations] == ["mine", "theirs"]


def test_a_document_reads_back_equal_and_is_readable() -> None:
    document = applied(AnnotationDocument("s-1"), _add(10**12, "Zögert <hier> 🙂\nlange", "x"))
    text = document_to_text(document)
    assert "Zögert <hier> 🙂" in text
    assert document_from_text(text, session_id="s-1", name="x.json") == document
    assert document.annotations[0] == Annotation(
        "x", 10**12, "Zögert <hier> 🙂\nlange", "kim", NOW, ""
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"session_id": "s"',
        '{"session_id": "other", "annotations": [], "format": "1"}',
        '{"session_id": "s", "annotations": [], "format": "9"}',
        json.dumps({"session_id": "s", "annotations": [{"id": "a", "t_ns": "soon"}]}),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(AnalysisError, match=r"P01\.json"):
        document_from_text(text, session_id="s", name="P01.json")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 5000])
def test_an_annotation_has_a_text_and_not_too_much_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        _add(1, text, "a")
