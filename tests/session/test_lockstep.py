"""A played session: everything that was played comes out of the bundle, at its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from session_fakes import FakeAnalyser

from journeylab.bundle.header import ScreenGeometry
from journeylab.bundle.reader import Bundle
from journeylab.capture.pointer.motion import PointerSample
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import StudyError
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.lockstep import LockstepSession
from journeylab.session.lockstep_script import LockstepScript
from journeylab.streams import Picture, row
from journeylab.study.assignment import PREFIX, assign
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Stimulus, Variant
from journeylab.study.privacy import Privacy, Purpose

SCREEN = ScreenGeometry(1920, 1080)
ALL = dict(AGREED_TO_ALL)
WALL_NS = 1_750_000_000 * NS_PER_S


@dataclass(frozen=True)
class Played:
    step_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Target:
    x_px: float
    y_px: float
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Marked:
    label: str
    at_s: float


def camera_at(t_s: float) -> NDArray[np.uint8]:
    """A grey that tells the time: 100 at the start, one more every tenth of a second."""
    return np.full((48, 64, 3), 100 + int(t_s * 10), np.uint8)


def pointer_between(t0_s: float, t1_s: float) -> Sequence[PointerSample]:
    """A cursor that runs right at 100 px/s, told 125 times a second."""
    first, last = (int(np.ceil(t * 125 - 1e-9)) for t in (t0_s, t1_s))
    return [PointerSample(n * NS_PER_S // 125, 0.8 * n, 5.0) for n in range(first, last)]


def audio_between(first: int, count: int) -> NDArray[np.int16]:
    return (np.arange(first, first + count) % 1000).astype(np.int16)


def script(folder: StudyFolder) -> LockstepScript:
    page = row(
        "page",
        1_700_000_000,
        kind="click",
        url="shop.html",
        selector="#buy",
        page_x_px=1.0,
        page_y_px=2.0,
        scroll_x_px=0.0,
        scroll_y_px=0.0,
        detail="",
    )
    return LockstepScript(
        assign(folder.study, "P07", segments={"device": "mobile"}, earlier=tuple),
        duration_s=4.0,
        frame_at=camera_at,
        frame_rate_hz=30,
        steps=(Played("ad", 1.0, 2.01), Played("shop", 2.01, 3.5)),
        consent=ALL,
        devices={"camera": "played camera"},
        pointer_between=pointer_between,
        audio_between=audio_between,
        markers=(Marked("delight", 2.5),),
        samples=(
            page,
            Picture(2_020_000_000, "shop", 10, 10, "image/png", b"not read here"),
        ),
        neutral_s=(0.1, 0.5),
    )


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(start_ns=7 * NS_PER_S, wall_start_ns=WALL_NS)


def play(folder: StudyFolder, played: LockstepScript, clock: VirtualClock) -> Path:
    session = LockstepSession(folder, played, analyser=FakeAnalyser(), clock=clock, screen=SCREEN)
    return session.run()


def test_everything_played_is_in_the_bundle_at_its_time(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    start_ns = clock.now_ns()
    with Bundle.open(play(folder, script(folder), clock)) as bundle:
        assert bundle.header.simulated
        assert bundle.header.participant_id == "P07"
        assert (bundle.header.camera_width_px, bundle.header.camera_height_px) == (64, 48)

        times_ns = bundle.frame_times_ns()
        np.testing.assert_array_equal(times_ns, start_ns + np.rint(np.arange(120) / 30 * 1e9))
        image = bundle.frame_at(start_ns + 2 * NS_PER_S)
        assert image is not None
        assert abs(int(image.image[20, 20, 0]) - 120) <= 4
        for stream in ("face", "landmarks", "action_units", "affect", "gaze"):
            np.testing.assert_array_equal(bundle.table(stream).t_ns, times_ns)

        steps = bundle.table("steps")
        played = [
            (round((t - start_ns) / 1e6), step, phase)
            for t, step, phase in zip(steps.t_ns, steps["step_id"], steps["phase"], strict=True)
        ]
        assert played == [
            (1000, "ad", "start"),
            (2010, "ad", "end"),
            (2010, "shop", "start"),
            (3500, "shop", "end"),
        ]
        markers = bundle.table("markers")
        assert markers.t_ns.tolist() == [start_ns + 2_500_000_000]
        assert bundle.table("page").t_ns.tolist() == [start_ns + 1_700_000_000]
        assert [entry.t_ns for entry in bundle.pictures()] == [start_ns + 2_020_000_000]
        assert bundle.table("calibrations")["kind"].tolist() == ["neutral"]

        pointer = bundle.table("pointer")
        assert len(pointer) == 500
        assert np.median(pointer["speed_px_s"][50:]) == pytest.approx(100, rel=0.05)
        sound = bundle.audio()
        assert sound is not None
        assert sound.t_ns == start_ns
        np.testing.assert_array_equal(sound.pcm, audio_between(0, 64_000))


def test_the_display_is_told_as_a_live_session_tells_it(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    start_ns = clock.now_ns()
    with Bundle.open(play(folder, script(folder), clock)) as bundle:
        displays = bundle.table("displays")
        assert displays.t_ns.tolist() == [start_ns]
        assert (displays["width_px"][0], displays["height_px"][0]) == (1920, 1080)


def test_the_variants_that_were_played_are_in_the_bundle(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    other = Variant(id="b", stimulus=Stimulus(kind="instruction", text="another"))
    ad, *rest = folder.study.steps
    steps = (ad.model_copy(update={"variants": (other,)}), *rest)
    balanced = replace(folder, study=folder.study.model_copy(update={"steps": steps}))
    played = script(balanced)
    with Bundle.open(play(balanced, played, clock)) as bundle:
        segments = bundle.header.segments
    assert segments == {"device": "mobile", PREFIX + "ad": segments[PREFIX + "ad"]}
    is_other = played.assignment.steps[0].stimulus.text == "another"
    assert segments[PREFIX + "ad"] == ("b" if is_other else "a")


def test_every_stream_is_in_order_and_inside_the_span(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    with Bundle.open(play(folder, script(folder), clock)) as bundle:
        for stream in bundle.streams:
            times_ns = bundle.table(stream).t_ns
            assert np.all(np.diff(times_ns) >= 0), stream
            assert bundle.start_ns <= times_ns[0] <= times_ns[-1] <= bundle.end_ns, stream


def test_two_runs_of_one_script_differ_in_nothing_but_their_id(
    folder: StudyFolder,
) -> None:
    paths = [play(folder, script(folder), VirtualClock(wall_start_ns=WALL_NS)) for _ in range(2)]
    assert paths[0] != paths[1]
    with Bundle.open(paths[0]) as one, Bundle.open(paths[1]) as two:
        assert one.header == replace(two.header, session_id=one.header.session_id)
        assert one.streams == two.streams
        for stream in one.streams:
            first, second = one.table(stream), two.table(stream)
            np.testing.assert_array_equal(first.t_ns, second.t_ns)
            for name in first.columns:
                np.testing.assert_array_equal(first[name], second[name], err_msg=f"{stream} {name}")


def test_what_was_not_agreed_to_is_not_in_the_bundle(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    refused = replace(
        script(folder), consent={**ALL, "face_video": "no", "audio": "no", "screen": "no"}
    )
    with Bundle.open(play(folder, refused, clock)) as bundle:
        assert not {"camera", "microphone", "screen"} & set(bundle.streams)
        assert len(bundle.table("landmarks")) == 120


def test_in_a_workplace_no_emotion_is_stored_and_gaze_goes_on(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    study = folder.study.model_copy(update={"privacy": Privacy(purpose=Purpose.WORKPLACE)})
    workplace = StudyFolder(folder.path, study)
    with Bundle.open(play(workplace, script(folder), clock)) as bundle:
        inferred = {"landmarks", "face_measures", "action_units", "action_units_raw", "affect"}
        assert not inferred & set(bundle.streams)
        assert {"camera", "face", "gaze", "pointer"} <= set(bundle.streams)
        assert "neutral" not in bundle.table("calibrations")["kind"].tolist()
        assert len(bundle.table("health")) == 0
        assert bundle.header.consent["emotion_recognition"] == "no"
        assert "prohibited" in bundle.header.consent["limited_by"]


def test_a_calibration_that_fails_is_a_warning_and_the_session_goes_on(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    # The played eyes never move, so nothing can be fitted to them.
    targets = tuple(Target(100.0 * n, 50.0, n / 2, n / 2 + 0.5) for n in range(6))
    with Bundle.open(play(folder, replace(script(folder), targets=targets), clock)) as bundle:
        health = bundle.table("health")
        assert health["kind"].tolist() == ["warning"]
        assert len(bundle.table("face")) == 120


def test_a_step_the_study_does_not_have_is_refused_before_anything_is_written(
    folder: StudyFolder, clock: VirtualClock
) -> None:
    with pytest.raises(StudyError, match="checkout"):
        play(folder, replace(script(folder), steps=(Played("checkout", 0, 1),)), clock)
    assert list(folder.sessions_path.glob("P07*")) == []


def test_progress_runs_from_nothing_to_all(folder: StudyFolder, clock: VirtualClock) -> None:
    shares: list[float] = []
    session = LockstepSession(
        folder, script(folder), analyser=FakeAnalyser(), clock=clock, screen=SCREEN
    )
    session.run(progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
