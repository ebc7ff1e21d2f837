"""The researcher's edits of insights: kept beside the study, marked, reversible, never silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from analysis.planted import Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis.insight_edits import (
    EDITED,
    EDITS_FILE,
    HIDDEN,
    OUTDATED,
    InsightEdits,
    apply_edits,
    hidden,
    mark_words,
    read_edits,
    restored,
    reworded,
    undone,
    with_edit,
    write_edits,
)
from journeylab.analysis.journey import Insight, JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.errors import AnalysisError
from journeylab.report.evidence import map_findings
from journeylab.report.map_layout import lay_out_map
from journeylab.report.scene import Text
from journeylab.study.folder import StudyFolder, save_study

NOW = "2026-11-27T09:00:00+00:00"
WHO = {"author": "ann", "now_utc": NOW}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = save_study(tmp_path_factory.mktemp("edits"), study_of())
    folder.prepare_for_writing()
    write_bundle(folder, Recipe("P01", visits=(("ad", 3.0), ("landing", 3.0))))
    return folder


@pytest.fixture(scope="module")
def journey(folder: StudyFolder) -> JourneyMap:
    return build_journey_map(folder)


def _insight(journey: JourneyMap, step_id: str = "ad") -> Insight:
    return next(step.insight for step in journey.steps if step.step_id == step_id)


def _edits(journey: JourneyMap, text: str = "They love the ad.") -> InsightEdits:
    edit = reworded(_insight(journey), text, step_id="ad", segment={}, **WHO)
    return with_edit(InsightEdits(), edit)


def test_other_words_are_shown_and_the_measured_ones_kept(journey: JourneyMap) -> None:
    measured = _insight(journey)
    edited = _insight(apply_edits(journey, _edits(journey)))
    assert edited.text == "They love the ad."
    assert (edited.kind, edited.participants) == (measured.kind, measured.participants)
    assert edited.mark is not None
    assert (edited.mark.state, edited.mark.measured) == (EDITED, measured.text)
    assert mark_words(edited.mark) == f"Edited by ann on 27 Nov 2026. Measured: “{measured.text}”"
    assert _insight(apply_edits(journey, _edits(journey)), "landing").mark is None


def test_a_hidden_sentence_is_nowhere_and_says_that_it_is_hidden(journey: JourneyMap) -> None:
    measured = _insight(journey)
    edit = hidden(measured, step_id="ad", segment={}, **WHO)
    shown = apply_edits(journey, with_edit(InsightEdits(), edit))
    assert _insight(shown).text == "Hidden by the researcher."
    scene = lay_out_map(shown)
    words = " ".join(item.text for item in scene.items if isinstance(item, Text))
    assert "hidden" in words and "Hidden by" in words
    hides = {one.step.step_id: one.is_hidden for one in map_findings(shown) if not one.is_callout}
    assert hides["ad"] and not hides["landing"]


def test_every_export_reads_the_edit_and_its_mark(journey: JourneyMap) -> None:
    shown = apply_edits(journey, _edits(journey))
    (finding,) = [
        one for one in map_findings(shown) if not one.is_callout and one.step.step_id == "ad"
    ]
    assert finding.text == "They love the ad."
    assert finding.edit.startswith("Edited by ")
    texts = [item.text for item in lay_out_map(shown).items if isinstance(item, Text)]
    assert any(text.endswith("· edited") for text in texts)


def test_an_edit_of_another_sentence_is_told_not_applied(journey: JourneyMap) -> None:
    (edit,) = _edits(journey).edit
    older = InsightEdits(edit=(replace(edit, original="3 of 3 smile.", about=("cue AU15",)),))
    insight = _insight(apply_edits(journey, older))
    assert insight.text == _insight(journey).text
    assert insight.mark is not None and insight.mark.state == OUTDATED
    assert "not shown" in mark_words(insight.mark) and "They love the ad." in mark_words(
        insight.mark
    )


def test_edits_belong_to_a_segments_map(journey: JourneyMap) -> None:
    mobile = replace(journey, segment={"device": "mobile"})
    assert _insight(apply_edits(mobile, _edits(journey))).mark is None


def test_undoing_goes_back_edit_by_edit(journey: JourneyMap) -> None:
    first = _edits(journey, "First.")
    second = with_edit(
        first, reworded(_insight(journey), "Second.", step_id="ad", segment={}, **WHO)
    )
    third = with_edit(second, restored(_insight(journey), step_id="ad", segment={}, **WHO))
    shown, texts = journey, []
    for edits in (first, second, third):
        shown = apply_edits(shown, edits)  # the map on show may be edited already
        texts.append(_insight(shown).text)
    assert texts == ["First.", "Second.", _insight(journey).text]
    assert undone(third, "ad", {}) == second
    assert undone(undone(second, "ad", {}), "ad", {}) == InsightEdits()
    assert undone(InsightEdits(), "ad", {}) == InsightEdits()


def test_an_edit_of_an_edited_insight_keeps_what_was_measured(journey: JourneyMap) -> None:
    shown = _insight(apply_edits(journey, _edits(journey)))
    again = reworded(shown, "Other words.", step_id="ad", segment={}, **WHO)
    assert again.original == _insight(journey).text


def test_no_words_and_too_many_are_refused(journey: JourneyMap) -> None:
    for text in ("  ", "x" * 601):
        with pytest.raises(AnalysisError, match="characters"):
            reworded(_insight(journey), text, step_id="ad", segment={}, **WHO)


def test_the_file_is_readable_and_the_bundle_untouched(
    folder: StudyFolder, journey: JourneyMap
) -> None:
    before = [path.read_bytes() for path in folder.bundles()]
    edits = _edits(journey, "Sie lieben <b>die Anzeige</b> 💙")
    write_edits(folder, edits)
    try:
        text = (folder.path / EDITS_FILE).read_text(encoding="utf-8")
        assert 'author = "ann"' in text and "Sie lieben <b>die Anzeige</b> 💙" in text
        assert read_edits(folder) == edits
        shown = build_journey_map(folder)
        assert _insight(shown).text == "Sie lieben <b>die Anzeige</b> 💙"
        assert [path.read_bytes() for path in folder.bundles()] == before
    finally:
        (folder.path / EDITS_FILE).unlink()
    assert _insight(build_journey_map(folder)).mark is None


def test_an_edit_does_not_have_the_map_built_anew(folder: StudyFolder, journey: JourneyMap) -> None:
    from journeylab.analysis.cache import content_of_study

    before = content_of_study(folder)
    write_edits(folder, _edits(journey))
    try:
        assert content_of_study(folder) == before
    finally:
        (folder.path / EDITS_FILE).unlink()


def test_a_damaged_file_is_said_and_not_written_over(folder: StudyFolder) -> None:
    path: Path = folder.path / EDITS_FILE
    path.write_text("edit = 'nonsense", encoding="utf-8")
    try:
        journey = build_journey_map(folder)
        assert any("Insights are shown as measured" in note for note in journey.notes)
        assert path.read_text(encoding="utf-8") == "edit = 'nonsense"
    finally:
        path.unlink()


def test_hiding_is_marked_in_its_state(journey: JourneyMap) -> None:
    edit = hidden(_insight(journey), step_id="ad", segment={}, **WHO)
    mark = _insight(apply_edits(journey, with_edit(InsightEdits(), edit))).mark
    assert mark is not None and mark.state == HIDDEN
    assert mark_words(mark) == "Hidden by ann on 27 Nov 2026."


def _measured(text: str, *about: str) -> Insight:
    return Insight(text, "negative", ("P01",), 1.0, about=about)


def _with(journey: JourneyMap, insight: Insight) -> JourneyMap:
    first, *rest = journey.steps
    return replace(journey, steps=(replace(first, insight=insight), *rest))


FOUR, FIVE = "4 of 12 press lips (AU24): friction.", "5 of 13 press lips (AU24): friction."


def test_a_hidden_claim_stays_hidden_when_a_session_changes_its_numbers(
    journey: JourneyMap,
) -> None:
    edit = hidden(_measured(FOUR, "friction"), step_id="ad", segment={}, **WHO)
    edits = with_edit(InsightEdits(), edit)
    later = _with(journey, _measured(FIVE, "friction", "repeated clicks"))
    shown = _insight(apply_edits(later, edits))
    assert shown.text == "Hidden by the researcher."
    assert shown.mark is not None and shown.mark.state == HIDDEN
    words = mark_words(shown.mark)
    assert words == "Hidden by ann on 27 Nov 2026. The measured numbers have changed since."
    scene = lay_out_map(apply_edits(later, edits))
    assert not any("press lips" in item.text for item in scene.items if isinstance(item, Text))
    second = _with(journey, _measured("9 of 13 frown; 5 of 13 press lips.", "load", "friction"))
    assert _insight(apply_edits(second, edits)).text == "Hidden by the researcher."


def test_other_words_of_a_claim_stay_and_say_that_its_numbers_changed(
    journey: JourneyMap,
) -> None:
    edit = reworded(
        _measured(FOUR, "friction"), "The card field hurts.", step_id="ad", segment={}, **WHO
    )
    edits = with_edit(InsightEdits(), edit)
    shown = _insight(apply_edits(_with(journey, _measured(FIVE, "friction")), edits))
    assert shown.text == "The card field hurts."
    assert shown.mark is not None and shown.mark.is_older
    assert mark_words(shown.mark).endswith(
        f"The measured numbers have changed since. Measured: “{FIVE}”"
    )
    other = _insight(apply_edits(_with(journey, _measured("9 of 13 smile.", "cue AU12")), edits))
    assert other.text == "9 of 13 smile."
    assert other.mark is not None and other.mark.state == OUTDATED


def test_an_edit_of_a_file_of_before_knows_its_claim_by_its_words(journey: JourneyMap) -> None:
    edit = replace(hidden(_measured(FOUR, "friction"), step_id="ad", segment={}, **WHO), about=())
    edits = with_edit(InsightEdits(), edit)
    shown = _insight(apply_edits(_with(journey, _measured(FIVE, "friction")), edits))
    assert shown.mark is not None and shown.mark.state == HIDDEN
