"""Measures of sessions whose every sample is known come out as they must; what was not measured
is NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import PLAN, PlantedSession, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis import measures, measures_documentation
from journeylab.analysis.measures import measures_columns, study_measures, tables_of
from journeylab.analysis.measures_face import unit_events
from journeylab.analysis.measures_session import SessionMeasures, measure_session
from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.streams import Row, row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Aoi, Expression, Segment, Step, Stimulus, Study
from journeylab.study.questions import Question
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    EYE_FEATURE_COLUMNS,
    HEAD_POSE_COLUMNS,
    STATES,
    QuestionKind,
    StimulusKind,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "measures.md"
START_NS = 5 * NS_PER_S
RATE_HZ = 30
SCREEN = ScreenGeometry(1280, 720, 1.0, 344.0, 194.0)
STUDY = Study(
    id="known",
    title="Known",
    segments=(Segment(name="device", values=("desktop", "mobile")),),
    expressions=(Expression(name="grin", formula="AU12", threshold=0.5),),
    steps=(
        Step(
            id="a",
            title="A",
            stage="One",
            planned_s=8,
            stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="a"),
            aois=(Aoi(name="left", box=(0, 0, 640, 720)), Aoi(name="never", box=(0, 0, 1, 1))),
            questions=(
                Question(id="q1", kind=QuestionKind.EASE),
                Question(id="q2", kind=QuestionKind.MANIKIN),
                Question(id="q3", kind=QuestionKind.TEXT, text="Why?"),
            ),
        ),
        Step(id="b", title="B", stimulus=Stimulus(kind=StimulusKind.CAMERA_ONLY)),
        Step(id="c", title="C", stimulus=Stimulus(kind=StimulusKind.INSTRUCTION, text="c")),
    ),
    questions=(Question(id="sus", kind=QuestionKind.SUS),),
)


def at(seconds: float) -> int:
    """Session time so long after the begin."""
    return START_NS + round(seconds * NS_PER_S)


def ticks(start_s: float, end_s: float, rate_hz: int = RATE_HZ) -> list[int]:
    return [at(start_s + k / rate_hz) for k in range(round((end_s - start_s) * rate_hz))]


def stay(step_id: str, start_s: float, end_s: float, visit: int = 1) -> list[Row]:
    return [
        row("steps", at(start_s), step_id=step_id, phase="start", visit=visit),
        row("steps", at(end_s), step_id=step_id, phase="end", visit=visit),
    ]


def frames(times_ns: Iterable[int], *, blink: int = 0) -> list[Row]:
    """Frames with a face, 600 mm away."""
    nothing = dict.fromkeys((*HEAD_POSE_COLUMNS, *EYE_FEATURE_COLUMNS, "interocular_px"), 0.0)
    values = nothing | {"head_z_mm": 600.0, "quality": 0.8, "face": 1, "blink": blink}
    return [row("face", t_ns, **values) for t_ns in times_ns]


def affect(times_ns: Iterable[int], valence: float, **states: float) -> list[Row]:
    values = dict.fromkeys(STATES, 0.0) | states
    return [
        row("affect", t_ns, valence=valence, arousal=abs(valence), confidence=1.0, **values)
        for t_ns in times_ns
    ]


def units(times_ns: Iterable[int], **levels: float) -> list[Row]:
    values = dict.fromkeys(ACTION_UNIT_COLUMNS, 0.0) | levels
    return [row("action_units", t_ns, **values) for t_ns in times_ns]


def gaze(times_ns: Iterable[int], x_px: float, y_px: float) -> list[Row]:
    return [row("gaze", t_ns, x_px=x_px, y_px=y_px, uncertainty_px=30.0) for t_ns in times_ns]


def mouse(seconds: float, x_px: float, y_px: float, action: int = 0, dy: float = 0.0) -> Row:
    values = {"button": int(action == 1), "scroll_dx": 0.0, "scroll_dy": dy, "speed_px_s": 120.0}
    return row("pointer", at(seconds), x_px=x_px, y_px=y_px, action=action, **values)


def area(seconds: float, name: str, *box: float, step_id: str = "a") -> Row:
    names = ("x_px", "y_px", "width_px", "height_px")
    return row(
        "aois", at(seconds), step_id=step_id, name=name, **dict(zip(names, box, strict=True))
    )


def measured(rows: Sequence[Row], study: Study = STUDY) -> SessionMeasures:
    header = SessionHeader(
        session_id="s1",
        study_id=study.id,
        study_title=study.title,
        participant_id="P01",
        created_utc="2026-11-22T09:30:00Z",
        app_version="0.1.0",
        steps=tuple(
            PlannedStep(each.id, each.title, each.stage, each.planned_s, each.stimulus.kind.value)
            for each in study.steps
        ),
        screen=SCREEN,
        segments={"device": "mobile"},
    )
    ordered = sorted(rows, key=lambda each: each.t_ns)
    return measure_session(PlantedSession(Path("x.h5"), header, ordered), study)


def test_valence_is_told_over_measured_time() -> None:
    rows = stay("a", 0, 10) + stay("b", 10, 12) + frames(ticks(0, 12))
    rows += affect(ticks(0, 6), 20, joy=0.9) + affect(ticks(6, 10), -40) + affect(ticks(10, 12), 5)
    found = measured(rows).steps["a"]
    assert found["face_s"] == pytest.approx(10)
    assert found["valence_mean"] == pytest.approx(-4)
    assert found["valence_median"] == 20
    assert found["valence_sd"] == pytest.approx(math.sqrt(0.6 * 24**2 + 0.4 * 36**2))
    assert (found["valence_min"], found["valence_max"]) == (-40, 20)
    assert found["valence_above_share"] == pytest.approx(0.6)
    assert found["valence_below_share"] == pytest.approx(0.4)
    assert found["valence_area"] == pytest.approx(-40)
    assert found["arousal_mean"] == pytest.approx(28)
    assert found["joy_share"] == pytest.approx(0.6)
    assert found["anger_share"] == 0


def test_time_without_a_face_weighs_nothing() -> None:
    rows = stay("a", 0, 10) + frames(ticks(0, 2)) + affect(ticks(0, 2), 30)
    found = measured(rows).steps["a"]
    assert found["face_s"] == pytest.approx(2, abs=0.1)
    assert found["valence_mean"] == pytest.approx(30)
    assert found["frames"] == 60
    assert found["frame_rate_hz"] == pytest.approx(6)


def test_what_was_not_measured_is_nan_and_never_0() -> None:
    found = measured(stay("a", 0, 10) + frames(ticks(0, 2)))
    kept = {"reached", "time_on_step_s", "planned_s", "place", "visits", "revisits", "skipped"}
    kept |= {"markers", "notes", "answers", "items", "frames", "frame_rate_hz", "face_share"}
    kept |= {"quality_mean", "samples_lost", "blinks", "blinks_per_min"}
    assert {name for name, each in found.steps["a"].items() if not math.isnan(each)} == kept
    known = {name for name, each in found.steps["c"].items() if not math.isnan(each)}
    assert known == {"reached", "planned_s"}
    assert found.steps["c"]["reached"] == 0
    assert found.areas == ()


def test_a_step_without_a_screen_has_no_gaze_but_blinks() -> None:
    rows = stay("b", 0, 10) + frames(ticks(0, 10)) + gaze(ticks(0, 10), 100, 100)
    rows.append(area(0, "left", 0, 0, 640, 720, step_id="b"))
    found = measured(rows)
    assert math.isnan(found.steps["b"]["fixations"])
    assert math.isnan(found.steps["b"]["gaze_s"])
    assert found.steps["b"]["blinks"] == 0
    assert found.areas == ()


def levels(*parts: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Times at 30 Hz, and an intensity that goes straight from point to point (s, 0..1)."""
    seconds, values = zip(*parts, strict=True)
    t_ns = np.array(ticks(seconds[0], seconds[-1]), dtype=np.int64)
    return t_ns, np.interp((t_ns - START_NS) / NS_PER_S, seconds, values)


def events_in(t_ns: np.ndarray, values: np.ndarray, *, end_s: float = 60) -> list[list[float]]:
    found = unit_events(t_ns, values, unit="AU12", step_id="a", span=(at(0), at(end_s)))
    return [
        [(t - START_NS) / NS_PER_S for t in (each.onset_ns, each.apex_ns, each.offset_ns)]
        for each in found
    ]


def test_an_event_has_onset_apex_and_offset() -> None:
    t_ns, values = levels((0, 0), (1, 0), (2, 0.6), (3, 0), (5, 0))
    (event,) = events_in(t_ns, values)
    # 0.15 of 0.6 is a quarter of the way up and of the way down.
    assert event == pytest.approx([1.25, 2.0, 2.75], abs=1 / RATE_HZ)


def test_a_lost_frame_ends_no_event_and_a_lost_face_does() -> None:
    t_ns, values = levels((0, 0.5), (4, 0.5))
    values[60] = np.nan
    values[70] = 0.0
    assert len(events_in(t_ns, values)) == 1
    values[60:90] = np.nan
    assert len(events_in(t_ns, values)) == 2
    assert len(events_in(np.delete(t_ns, range(60, 90)), np.delete(values, range(60, 90)))) == 2


@pytest.mark.parametrize(
    "parts",
    [
        [(0, 0.0), (5, 0.0)],
        [(0, 0.25), (5, 0.25)],
        [(0, 0.0), (1, 0.0), (1.01, 0.5), (1.06, 0.5), (1.07, 0.0), (3, 0.0)],
    ],
)
def test_nothing_weak_or_short_is_an_event(parts: list[tuple[float, float]]) -> None:
    assert events_in(*levels(*parts)) == []


def test_an_event_does_not_reach_over_the_end_of_its_step() -> None:
    t_ns, values = levels((0, 0.5), (4, 0.5))
    (event,) = events_in(t_ns, values, end_s=2)
    assert event[2] < 2


def test_no_frames_no_events() -> None:
    assert events_in(np.empty(0, dtype=np.int64), np.empty(0)) == []


def test_events_stand_in_their_table_with_time_on_step() -> None:
    rows = stay("a", 0, 4) + stay("b", 4, 6) + stay("a", 6, 10, visit=2) + frames(ticks(0, 10))
    rows += units(ticks(0, 7)) + units(ticks(7, 8), AU12=0.7) + units(ticks(8, 10))
    found = tables_of(STUDY, [measured(rows)])
    events = found.events.values
    assert list(events["action_unit"]) == ["AU12"]
    assert list(events["step_id"]) == ["a"]
    assert events["onset_s"][0] == pytest.approx(7)
    assert events["onset_on_step_s"][0] == pytest.approx(5)
    assert events["duration_s"][0] == pytest.approx(1, abs=0.05)
    assert events["peak"][0] == pytest.approx(0.7)
    of_a = found.measures.values["step_id"] == "a"
    assert found.measures.values["AU12_events"][of_a] == 1
    assert found.measures.values["AU12_mean"][of_a] == pytest.approx(0.7 / 8, abs=1e-3)
    assert found.measures.values["AU04_events"][of_a] == 0
    assert found.measures.values["own_grin_peak"][of_a] == pytest.approx(0.7)
    assert found.measures.values["own_grin_share"][of_a] == pytest.approx(1 / 8, abs=1e-3)


def test_a_straight_way_is_efficient_and_a_detour_is_not() -> None:
    straight = [mouse(k / 20, 60 * k, 80 * k) for k in range(6)]
    rows = stay("a", 0, 10) + frames(ticks(0, 10)) + [*straight, mouse(0.3, 300, 400, action=1)]
    found = measured(rows).steps["a"]
    assert found["pointer_path_px"] == pytest.approx(500)
    assert found["pointer_efficiency"] == pytest.approx(1)
    assert found["pointer_moving_s"] == pytest.approx(0.25)
    assert found["pointer_speed_mean_px_s"] == pytest.approx(2000)
    assert found["pointer_speed_peak_px_s"] == pytest.approx(120)
    assert found["clicks"] == 1
    # On to (300, 0) over (600, 400): 300 + 500 of way for 400 of distance.
    detour = [mouse(0.35, 600, 400), mouse(0.4, 300, 0), mouse(0.45, 300, 0, action=1)]
    assert measured(rows + detour).steps["a"]["pointer_efficiency"] == pytest.approx(0.75)


def test_the_spread_of_the_cursor_is_counted_in_bits() -> None:
    rows = stay("a", 0, 8) + frames(ticks(0, 8))
    assert measured([*rows, mouse(0, 40, 40)]).steps["a"]["pointer_entropy"] == 0
    two = [mouse(0, 40, 40), mouse(4, 1000, 600)]
    assert measured(rows + two).steps["a"]["pointer_entropy"] == pytest.approx(1)
    four = [mouse(2 * k, 40 + 300 * k, 40) for k in range(4)]
    assert measured(rows + four).steps["a"]["pointer_entropy"] == pytest.approx(2)


def test_a_mouse_that_rested_is_a_way_of_0_and_no_mouse_is_nan() -> None:
    rows = stay("b", 0, 5) + stay("a", 5, 10) + frames(ticks(0, 10))
    rested = measured([*rows, mouse(1, 40, 40)]).steps["a"]
    assert (rested["pointer_path_px"], rested["clicks"]) == (0, 0)
    assert math.isnan(rested["pointer_speed_mean_px_s"])
    none = measured(rows).steps["a"]
    assert math.isnan(none["pointer_path_px"])
    assert math.isnan(none["clicks"])


def test_wheel_and_page_are_counted() -> None:
    def page(seconds: float, kind: str, scroll_px: float) -> Row:
        values = {"url": "u", "selector": "s", "detail": "", "page_x_px": 0.0, "page_y_px": 0.0}
        offsets = {"scroll_x_px": 0.0, "scroll_y_px": scroll_px}
        return row("page", at(seconds), kind=kind, **values, **offsets)

    rows = stay("a", 0, 10) + frames(ticks(0, 10))
    rows += [mouse(1, 5, 5, action=3, dy=-2), mouse(2, 5, 5, action=3, dy=1)]
    rows += [page(1, "scroll", 300), page(2, "scroll", 120), page(3, "invalid", math.nan)]
    found = measured(rows).steps["a"]
    assert (found["scrolls"], found["scroll_notches"]) == (2, 3)
    assert (found["scroll_depth_px"], found["fields_refused"]) == (300, 1)


def looks() -> list[Row]:
    """A second on the left, one on the right, one on the left again."""
    rows = stay("a", 0, 3) + frames(ticks(0, 3))
    for second, x_px in enumerate((200, 1000, 200)):
        rows += gaze(ticks(second, second + 1), x_px, 300)
    return rows


def test_areas_are_dwelt_on_looked_at_and_come_back_to() -> None:
    rows = [*looks(), area(0, "left", 0, 0, 640, 720), area(0, "right", 900, 200, 200, 200)]
    rows += [mouse(0.5, 950, 300), mouse(2, 100, 100), mouse(2.5, 100, 100, action=1)]
    found = measured(rows)
    areas = {each.name: each.measures for each in found.areas}
    left, right = areas["left"], areas["right"]
    assert (left["fixations"], right["fixations"]) == (2, 1)
    assert (left["looks"], right["looks"]) == (2, 1)
    assert left["dwell_s"] == pytest.approx(2, abs=0.15)
    assert left["dwell_share"] == pytest.approx(2 / 3, abs=0.05)
    assert left["first_fixation_s"] == pytest.approx(0, abs=0.05)
    assert right["first_fixation_s"] == pytest.approx(1, abs=0.1)
    assert right["first_fixation_duration_s"] == pytest.approx(1, abs=0.1)
    assert left["shown_s"] == pytest.approx(3)
    assert right["pointer_dwell_s"] == pytest.approx(1.5)
    assert (left["clicks"], right["clicks"]) == (1, 0)
    step = found.steps["a"]
    assert step["fixations"] == 3
    assert step["aois_seen"] == 2
    assert step["aoi_dwell_s"] == pytest.approx(3, abs=0.2)
    assert step["gaze_on_screen_share"] == 1
    assert step["gaze_off_screen_s"] == 0


def test_an_area_counts_where_it_lies_at_the_time() -> None:
    moved = [area(0, "box", 0, 0, 640, 720), area(1.5, "box", 900, 0, 380, 720)]
    (found,) = measured(looks() + moved).areas
    # On the left it is there for the first look only; on the right it comes too late.
    assert found.measures["fixations"] == 1
    hidden = [area(0, "box", 0, 0, 640, 720), area(1, "box", *[math.nan] * 4)]
    (found,) = measured(looks() + hidden).areas
    assert found.measures["shown_s"] == pytest.approx(1)
    assert found.measures["fixations"] == 1


def test_an_area_that_is_not_looked_at_has_0_and_without_gaze_nan() -> None:
    away = area(0, "away", 0, 600, 100, 100)
    (found,) = measured([*looks(), away]).areas
    assert (found.measures["fixations"], found.measures["dwell_s"]) == (0, 0)
    assert math.isnan(found.measures["first_fixation_s"])
    rows = [each for each in looks() if each.stream != "gaze"]
    (found,) = measured([*rows, away]).areas
    assert math.isnan(found.measures["fixations"])
    assert found.measures["shown_s"] == pytest.approx(3)


def test_gaze_beside_the_screen_is_told() -> None:
    rows = stay("a", 0, 4) + frames(ticks(0, 4))
    rows += gaze(ticks(0, 1), 600, 300) + gaze(ticks(1, 4), 2600, 300)
    found = measured(rows).steps["a"]
    assert found["gaze_on_screen_share"] == pytest.approx(0.25, abs=0.02)
    assert found["gaze_off_screen_s"] == pytest.approx(3, abs=0.1)


def test_coming_back_order_and_skips() -> None:
    rows = stay("b", 0, 3) + stay("a", 3, 5) + stay("b", 5, 6, visit=2) + frames(ticks(0, 6))
    rows.append(row("acts", at(5.9), act="skip", step_id="b", visit=2, value="", author="m"))
    found = measured(rows).steps
    assert (found["b"]["visits"], found["b"]["revisits"], found["b"]["skipped"]) == (2, 1, 1)
    assert (found["a"]["visits"], found["a"]["revisits"], found["a"]["skipped"]) == (1, 0, 0)
    assert (found["b"]["place"], found["a"]["place"]) == (1, 2)
    assert found["b"]["time_on_step_s"] == pytest.approx(4)


def test_what_was_taken_back_is_left_out() -> None:
    def outcome(seconds: float, value: str) -> Row:
        return row(
            "acts", at(seconds), act="outcome", step_id="a", visit=1, value=value, author="m"
        )

    def withdrawn(seconds: float, stream: str, of_s: float) -> Row:
        return row("withdrawals", at(seconds), of_stream=stream, of_t_ns=at(of_s), author="m")

    rows = stay("a", 0, 10) + frames(ticks(0, 10))
    rows += [outcome(3, "success"), outcome(5, "failed"), withdrawn(6, "acts", 5)]
    rows += [row("markers", at(second), label="delight", author="m") for second in (2, 5)]
    rows += [withdrawn(7, "markers", 2), row("notes", at(4), text="hm", author="m")]
    found = measured(rows)
    assert found.outcomes == {"a": "success"}
    assert (found.steps["a"]["markers"], found.steps["a"]["notes"]) == (1, 1)


def test_answers_are_told_as_given_and_as_numbers() -> None:
    def answer(seconds: float, item: str, value: str, step_id: str = "a") -> Row:
        return row("answers", at(seconds), step_id=step_id, question_id=item, value=value)

    rows = stay("a", 0, 10) + frames(ticks(0, 10))
    rows += [answer(8, "q1", "3"), answer(9, "q1", "6"), answer(9, "q2.valence", "7")]
    rows += [answer(9, "q3", "<b>so</b>")]
    rows += [answer(9.5, f"sus.{n}", "4" if n % 2 else "2", step_id="") for n in range(1, 11)]
    found = measured(rows)
    step = found.steps["a"]
    assert (step["ease"], step["manikin_valence"]) == (6, 7)
    assert math.isnan(step["manikin_arousal"])
    assert (step["answers"], step["items"]) == (3, 4)
    table = tables_of(STUDY, [found]).answers.values
    told = zip(table["item_id"], table["value"], table["number"], strict=True)
    by_item = {item: (value, number) for item, value, number in told}
    assert by_item["q1"] == ("6", 6)
    assert by_item["q3"][0] == "<b>so</b>"
    assert math.isnan(by_item["q3"][1])
    assert by_item["sus"] == ("75", 75)
    assert len(table["item_id"]) == 4 + 11


def test_losses_count_on_their_step() -> None:
    def lost(seconds: float, stream: str, kind: str, count: int) -> Row:
        return row("health", at(seconds), of_stream=stream, kind=kind, count=count, detail="")

    rows = stay("a", 0, 5) + stay("b", 5, 10) + frames(ticks(0, 10))
    rows += [lost(2, "camera", "gap", 7), lost(3, "display", "drop", 9), lost(7, "face", "drop", 2)]
    found = measured(rows).steps
    assert (found["a"]["samples_lost"], found["b"]["samples_lost"]) == (7, 2)


def test_every_value_belongs_to_a_declared_column() -> None:
    rows = looks() + affect(ticks(0, 3), 5) + units(ticks(0, 3)) + [mouse(1, 2, 3)]
    found = measured([*rows, area(0, "left", 0, 0, 640, 720)])
    columns = measures_columns(STUDY)
    declared = {column.name for column in columns}
    assert len(declared) == len(columns)
    assert set(found.steps["a"]) <= declared
    assert {column.name for column in measures.NUMBERS} <= set(found.steps["a"])
    for table in tables_of(STUDY, [found]).tables:
        assert all(
            column.description and column.dtype in ("f8", "text") for column in table.columns
        )
        for column in table.columns:
            values = table.values[column.name]
            if column.dtype == "text":
                assert all(isinstance(value, str) for value in values)
                continue
            known = values[np.isfinite(values)]
            assert column.low is None or (known >= column.low).all(), column.name
            assert column.high is None or (known <= column.high + 1e-9).all(), column.name


def test_the_table_has_a_row_for_each_session_and_step() -> None:
    one = measured(stay("a", 0, 5) + frames(ticks(0, 5)))
    table = tables_of(STUDY, [one, one]).measures
    assert len(table) == 6
    assert list(table.values["step_id"]) == ["a", "b", "c"] * 2
    assert list(table.values["reached"]) == [1, 0, 0] * 2
    assert set(table.values["segment_device"]) == {"mobile"}
    assert len(tables_of(STUDY, []).measures) == 0


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    folder = save_study(tmp_path / "study", study_of())
    folder.sessions_path.mkdir()
    visits = tuple((plan[0], 3.0) for plan in PLAN)
    for number in range(2):
        write_bundle(folder, Recipe(f"P0{number}", visits=visits, seed=number))
    return folder


def test_bundles_are_measured_once(folder: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = study_measures(folder)
    assert len(first.measures) == 2 * len(PLAN)
    assert np.isfinite(first.measures.values["valence_mean"]).all()

    def never(*_: object) -> None:
        raise AssertionError("a bundle was measured again")

    monkeypatch.setattr(measures, "measure_session", never)
    again = study_measures(folder)
    for one, two in zip(first.tables, again.tables, strict=True):
        for column in one.columns:
            np.testing.assert_array_equal(one.values[column.name], two.values[column.name])


def test_a_damaged_bundle_is_named_and_costs_the_others_nothing(folder: StudyFolder) -> None:
    folder.bundles()[0].write_bytes(b"torn")
    found = study_measures(folder)
    assert len(found.measures) == len(PLAN)
    assert len(found.unread) == 1
    assert found.unread[0].startswith("P00-0.h5: ")


def test_progress_may_end_it(folder: StudyFolder) -> None:
    def progress(share: float) -> None:
        if share > 0.4:
            raise BundleError("enough")

    with pytest.raises(BundleError, match="enough"):
        study_measures(folder, progress=progress)


def test_the_document_is_what_the_declarations_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == measures_documentation.document(), (
        "run: python -m journeylab.analysis.measures_documentation docs/measures.md"
    )


def test_the_document_names_every_column() -> None:
    text = measures_documentation.document()
    for table in tables_of(STUDY, []).tables:
        assert f"## {table.name}\n" in text
        for column in table.columns:
            if not column.name.startswith(("segment_", "own_")):
                assert f"| `{column.name}` | {column.dtype} | {column.unit} |" in text


def test_a_jump_over_a_gap_is_no_way_and_no_speed() -> None:
    moved = [mouse(1 + k / 20, 60 * k, 80 * k) for k in range(6)]
    rows = stay("a", 0, 10) + frames(ticks(0, 10)) + moved
    jumped = measured([*rows, mouse(6, 1200, 400), mouse(6.05, 1200, 410)]).steps["a"]
    assert jumped["pointer_path_px"] == pytest.approx(510)
    assert jumped["pointer_moving_s"] == pytest.approx(0.3)
    assert jumped["pointer_speed_mean_px_s"] == pytest.approx(1700)


def test_a_row_without_a_place_costs_nothing_but_itself() -> None:
    moved = [mouse(1 + k / 20, 60 * k, 80 * k) for k in range(6)]
    rows = stay("a", 0, 10) + frames(ticks(0, 10)) + moved
    rows += [mouse(1.275, math.nan, math.nan), mouse(1.3, 300, 400, action=1)]
    found = measured(rows).steps["a"]
    assert found["pointer_path_px"] == pytest.approx(500)
    assert found["pointer_efficiency"] == pytest.approx(1)
    assert found["pointer_speed_mean_px_s"] == pytest.approx(2000)
