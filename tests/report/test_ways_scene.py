"""The ways through the steps, drawn and said."""

from __future__ import annotations

from dataclasses import replace

from journeylab.analysis.journey import JourneyMap
from journeylab.report.scene import Polygon, Text
from journeylab.report.ways_scene import lay_out_ways, way_sentences, ways_of


def _with_paths(journey: JourneyMap, *paths: tuple[str, ...]) -> JourneyMap:
    sessions = tuple(
        replace(session, path=path) for session, path in zip(journey.sessions, paths, strict=False)
    )
    return replace(journey, sessions=sessions)


def test_every_other_way_is_an_arrow_and_a_sentence(journey: JourneyMap) -> None:
    order = tuple(step.step_id for step in journey.steps)
    titles = {step.step_id: step.title for step in journey.steps}
    back = (*order[:3], order[1], *order[2:])
    known = _with_paths(journey, order, back, (*order[:2], *order[3:]), order[1:4])
    sentences = [words for words, _ in way_sentences(ways_of(known), titles)]
    n = len(known.sessions)
    assert sentences[0] == f"1 of {n} goes through all steps as expected."
    assert any(f"back from {titles[order[2]]} to {titles[order[1]]}" in s for s in sentences)
    assert any(f"straight to {titles[order[3]]}, past {titles[order[2]]}" in s for s in sentences)
    assert any(f"begins at {titles[order[1]]}" in s for s in sentences)
    assert any(f"ends at {titles[order[3]]}" in s for s in sentences)
    scene = lay_out_ways(known, width_px=1000)
    heads = [item for item in scene.items if isinstance(item, Polygon)]
    inner = [way for way in ways_of(known).ways if way.start and way.end]
    assert len(heads) == len(inner)


def test_all_lies_within_the_drawing(journey: JourneyMap) -> None:
    order = tuple(step.step_id for step in journey.steps)
    known = _with_paths(journey, (order[0], order[-1], order[0]), order)
    scene = lay_out_ways(known, width_px=800)
    for item in scene.items:
        if isinstance(item, Text):
            assert 0 < item.y < scene.height_px and 0 < item.x < 800
        elif isinstance(item, Polygon):
            assert all(0 < y < scene.height_px for _, y in item.points)


def test_without_sessions_it_says_so(journey: JourneyMap) -> None:
    scene = lay_out_ways(replace(journey, sessions=()), width_px=800)
    words = [item.text for item in scene.items if isinstance(item, Text)]
    assert "No session went through any step." in words
