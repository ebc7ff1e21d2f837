"""What a replay shows at a time, from real bundles: in sync, blurred, and with things missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from analysis.planted import SCREEN, START_NS, Recipe, header_of, samples_of, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis.replay import read_track
from journeylab.analysis.replay_view import ReplayReader
from journeylab.analysis.replay_windows import FaceBlur
from journeylab.bundle.blurring import FaceBoxes
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle, Table
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_MS, NS_PER_S, VirtualClock
from journeylab.streams import Frame, Picture, Row, row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.vocabulary import PointerAction

VISITS = (("ad", 3.0), ("landing", 2.0), ("product", 3.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    made = save_study(tmp_path_factory.mktemp("study"), study_of())
    made.prepare_for_writing()
    return made


@pytest.fixture(scope="module")
def whole(folder: StudyFolder) -> Path:
    return write_bundle(folder, Recipe("P01", visits=VISITS, frames=True, click_burst_on="landing"))


def test_everything_at_a_time_comes_from_that_time(whole: Path) -> None:
    with Bundle.open(whole) as bundle:
        track = read_track(bundle)
        reader = ReplayReader(bundle, track)
        gaze = bundle.table("gaze")
        affect = bundle.table("affect", columns=("valence",))
        for place, step_id in ((3, "ad"), (22, "ad"), (61, "product")):
            t_ns = int(gaze.t_ns[place]) + NS_PER_MS
            view = reader.view(t_ns, blurs=False)
            assert view.instant.gaze_px == (gaze["x_px"][place], gaze["y_px"][place])
            assert view.instant.radius_px == pytest.approx(45.0)
            assert view.instant.valence == affect["valence"][place]
            assert view.frame_ns == int(gaze.t_ns[place])
            assert view.screen is not None and view.screen.shape == (400, 640, 3)
            assert view.screen_px == (SCREEN.width_px, SCREEN.height_px)
            step = track.step_at(t_ns)
            assert step is not None and step.step_id == step_id


def test_a_click_is_seen_for_a_while_and_the_cursor_stays_where_it_was(whole: Path) -> None:
    with Bundle.open(whole) as bundle:
        reader = ReplayReader(bundle, read_track(bundle))
        rows = bundle.table("pointer", columns=("action",))
        press_ns = int(rows.t_ns[np.asarray(rows["action"]) == PointerAction.PRESS][0])
        before, at, after = (
            reader.instant(press_ns + late_ms * NS_PER_MS) for late_ms in (-1, 100, 2000)
        )
        assert not before.clicks and not after.clicks
        assert at.clicks[0].age == pytest.approx(1 / 6, abs=0.01)
        assert at.cursor_px is not None
        # Long after its last move the mouse lies where it lay.
        late = reader.instant(bundle.end_ns + 60 * NS_PER_S)
        assert late.cursor_px is not None
        assert late.gaze_px is None and math.isnan(late.valence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"frames": False}, "No face video was recorded."),
        ({"pictures": False}, "No picture of the screen was recorded."),
        ({"gaze": False}, "No point of gaze: gaze was not calibrated."),
        ({"pointer": False}, "No mouse was recorded."),
        ({"face_share": 0.0}, "No valence was measured."),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_shown(
    folder: StudyFolder, changes: dict[str, object], sentence: str
) -> None:
    number = 10 + ("frames", "pictures", "gaze", "pointer", "face_share").index(next(iter(changes)))
    recipe = replace(
        Recipe("P02", visits=VISITS, frames=True, seed=number),
        **changes,  # type: ignore[arg-type]
    )
    with Bundle.open(write_bundle(folder, recipe)) as bundle:
        track = read_track(bundle)
        assert sentence in track.missing
        view = ReplayReader(bundle, track).view(bundle.start_ns + 2 * NS_PER_S, blurs=True)
        assert (view.face is None) == ("frames" in changes)
        assert (view.screen is None) == ("pictures" in changes)
        assert (view.instant.gaze_px is None) == bool({"gaze", "face_share"} & set(changes))
        assert (view.instant.cursor_px is None) == ("pointer" in changes)


def test_a_picture_of_another_step_is_not_shown(folder: StudyFolder) -> None:
    visits = (("ad", 3.0), ("unboxing", 3.0))  # the last one is camera only
    path = write_bundle(folder, Recipe("P03", visits=visits, frames=True, seed=30))
    with Bundle.open(path) as bundle:
        reader = ReplayReader(bundle, read_track(bundle))
        assert reader.view(START_NS + NS_PER_S, blurs=False).screen is not None
        view = reader.view(START_NS + 4 * NS_PER_S, blurs=False)
        assert view.screen is None and view.screen_words == "No picture of the screen in this step"


def test_a_steps_screen_is_shown_from_its_first_instant(whole: Path) -> None:
    with Bundle.open(whole) as bundle:
        track = read_track(bundle)
        reader = ReplayReader(bundle, track)
        for step in track.steps:
            place = bundle.pictures().index(
                next(entry for entry in bundle.pictures() if entry.step_id == step.step_id)
            )
            assert reader.view(step.start_ns, blurs=False).screen_key == place


class Film:
    """A video whose frames are as bright as their position in it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def frame_at(self, file: str, media_s: float) -> np.ndarray | None:
        self.asked.append(file)
        if file != "stimuli/ad.mp4":
            return None
        return np.full((90, 160, 3), round(10 * media_s), dtype=np.uint8)


def test_a_watched_video_is_shown_frame_by_frame_on_its_screen(folder: StudyFolder) -> None:
    recipe = Recipe("P06", visits=VISITS, seed=60)
    path = folder.sessions_path / "P06-60.h5"
    writer = BundleWriter(
        path, header_of(recipe, folder.study), clock=VirtualClock(start_ns=START_NS)
    )
    painted = [
        row(
            "stimulus",
            START_NS + NS_PER_S + k * NS_PER_S // 25,
            step_id="ad",
            what="frame",
            detail="stimuli/ad.mp4",
            media_s=k / 25,
        )
        for k in range(25)
    ]
    other = row(
        "stimulus", START_NS + 3 * NS_PER_S, step_id="landing", what="onset", detail="x",
        media_s=float("nan"),
    )  # fmt: skip
    writer.write(sorted([*samples_of(recipe), *painted, other], key=lambda sample: sample.t_ns))
    writer.close()
    finalise(writer.journal_path)
    film = Film()
    with Bundle.open(path) as bundle:
        reader = ReplayReader(bundle, read_track(bundle), stimuli=film)
        before = reader.view(START_NS + NS_PER_S // 2, blurs=False)
        assert before.screen_key == 0  # pictured, but not running yet
        keys = set()
        for k in (0, 7, 24):
            view = reader.view(START_NS + NS_PER_S + k * NS_PER_S // 25 + 1, blurs=False)
            assert view.screen is not None and view.screen_key < -1
            keys.add(view.screen_key)
            # 16:9 on a screen of 16:10 has a black stripe above and below.
            assert view.screen.shape == (100, 160, 3)
            assert not view.screen[:4].any() and not view.screen[-4:].any()
            assert (view.screen[10:-10] == round(10 * k / 25)).all()
        assert len(keys) == 3
        held = reader.view(START_NS + 2 * NS_PER_S + NS_PER_S // 2, blurs=False)
        assert held.screen is not None and held.screen_key < -1
        assert reader.view(START_NS + 4 * NS_PER_S, blurs=False).screen_key == 1
        assert set(film.asked) == {"stimuli/ad.mp4"}


def test_frames_are_stepped_by_their_own_times(whole: Path) -> None:
    with Bundle.open(whole) as bundle:
        track = read_track(bundle)
        times = track.frame_t_ns.tolist()
        assert track.frame_ns(times[5], 1) == times[6]
        assert track.frame_ns(times[5] + 1, -1) == times[4]
        assert track.frame_ns(times[0], -1) == times[0]
        assert track.frame_ns(times[-1], 1) == times[-1]


class Meshes:
    """A session of meshes only: a face that wanders, lost now and then."""

    start_ns, end_ns = 0, 20 * NS_PER_S

    def __init__(self) -> None:
        rng = np.random.default_rng(4)
        times = np.arange(0, self.end_ns, NS_PER_S // 30)
        self.t_ns = times[rng.random(len(times)) > 0.2]
        centre = 0.5 + 0.2 * np.sin(self.t_ns / NS_PER_S)[:, None, None]
        self.xyz = (centre + rng.uniform(-0.1, 0.1, (len(self.t_ns), 478, 3))).astype(np.float32)
        self.read_ns = 0

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> Table:
        assert stream == "landmarks" and columns in (None, ("xyz",))
        first, last = np.searchsorted(self.t_ns, (start_ns or 0, end_ns or self.end_ns))
        self.read_ns += (end_ns or self.end_ns) - (start_ns or 0)
        return Table(self.t_ns[first:last], {"xyz": self.xyz[first:last]})


def test_the_face_is_where_the_whole_sessions_meshes_put_it_at_every_frame() -> None:
    meshes = Meshes()
    whole, by_span = FaceBoxes(meshes), FaceBlur(meshes)  # type: ignore[arg-type]
    n_without = 0
    for t_ns in range(0, meshes.end_ns, NS_PER_S // 30):
        wanted, found = whole.at(t_ns), by_span.box_at(t_ns)
        if wanted is None or found is None:
            assert wanted is found
            n_without += 1
        else:
            np.testing.assert_array_equal(wanted, found)
    assert n_without > 0  # frames in whose surroundings no face was found were among them


def test_one_seek_reads_no_more_than_the_meshes_around_it() -> None:
    meshes = Meshes()
    FaceBlur(meshes).box_at(9 * NS_PER_S)  # type: ignore[arg-type]
    assert 0 < meshes.read_ns < 4 * NS_PER_S


def test_blurring_covers_the_face_in_each_frame_and_all_of_a_frame_without_one(
    folder: StudyFolder,
) -> None:
    """A chequered face on a chequered wall: under the blur no chequer is left."""
    recipe = Recipe("P04", visits=(("ad", 2.0),), seed=40)
    path = folder.sessions_path / "P04-40.h5"
    clock = VirtualClock(start_ns=START_NS)
    writer = BundleWriter(path, header_of(recipe, folder.study), clock=clock)
    writer.write([s for s in samples_of(recipe) if isinstance(s, Row | Picture)])
    chequers = (np.indices((240, 320)).sum(axis=0) // 4 % 2 * 200 + 20).astype(np.uint8)
    image = np.repeat(chequers[:, :, None], 3, axis=2)
    lost = (7, 8, 9, 10, 11, 12, 13)
    for k in range(20):
        t_ns = START_NS + k * NS_PER_S // 10
        writer.write([Frame(t_ns, k, image)])
        if k not in lost:
            mesh = np.zeros((478, 3), dtype=np.float32)
            rng = np.random.default_rng(k)
            mesh[:, 0] = 0.4 + 0.01 * k + rng.uniform(-0.08, 0.08, 478)
            mesh[:, 1] = 0.5 + rng.uniform(-0.12, 0.12, 478)
            writer.write([Row("landmarks", t_ns, (mesh,))])
    writer.close()
    finalise(writer.journal_path)
    with Bundle.open(path) as bundle:
        reader = ReplayReader(bundle, read_track(bundle))
        for k in range(20):
            t_ns = START_NS + k * NS_PER_S // 10
            plain = reader.view(t_ns, blurs=False)
            view = reader.view(t_ns, blurs=True)
            assert view.face is not None and plain.face is not None
            assert view.is_blurred and not plain.is_blurred
            rough = np.abs(np.diff(view.face[:, :, 1].astype(int), axis=1))
            if k in lost[2:-2]:
                assert rough.max() < 40, f"frame {k}: something of it can still be seen"
            elif k not in lost:
                left, right = round((0.32 + 0.01 * k) * 320), round((0.48 + 0.01 * k) * 320)
                face = rough[round(0.38 * 240) : round(0.62 * 240), left:right]
                assert face.max() < 40, f"frame {k}: the face can still be seen"
                assert rough[:10].max() < 60, f"frame {k}: who stands there can be recognised"


@pytest.mark.parametrize(
    "column",
    ["camera/packets", "screen/data", "gaze/x_px", "pointer/x_px", "affect/joy", "landmarks/xyz"],
)
def test_what_is_damaged_is_left_out_and_never_shows_a_face(
    folder: StudyFolder, column: str, tmp_path: Path
) -> None:
    recipe = Recipe("P07", visits=(("ad", 2.0),), seed=70)
    path = tmp_path / "P07.h5"
    writer = BundleWriter(
        path, header_of(recipe, folder.study), clock=VirtualClock(start_ns=START_NS)
    )
    writer.write([s for s in samples_of(recipe) if isinstance(s, Row | Picture)])
    rng = np.random.default_rng(7)
    for k in range(20):
        t_ns = START_NS + k * NS_PER_S // 10
        noise = rng.integers(0, 255, (120, 160, 3)).astype(np.uint8)
        mesh = rng.uniform(0.45, 0.55, (478, 3)).astype(np.float32)
        writer.write([Frame(t_ns, k, noise), Row("landmarks", t_ns, (mesh,))])
    writer.close()
    finalise(writer.journal_path)
    _damage(path, column)
    with Bundle.open(path) as bundle:
        view = ReplayReader(bundle, read_track(bundle)).view(START_NS + NS_PER_S, blurs=True)
    assert (view.face is None) == (column == "camera/packets")
    assert (view.screen is None) == (column == "screen/data")
    assert (view.instant.gaze_px is None) == (column == "gaze/x_px")
    assert (view.instant.cursor_px is None) == (column == "pointer/x_px")
    assert math.isnan(view.instant.valence) == (column == "affect/joy")
    if view.face is not None:
        edge = np.abs(np.diff(view.face[:20].astype(int), axis=1)).max()
        assert edge < 40  # whoever may be there; without meshes as well


def _damage(path: Path, column: str) -> None:
    """Change some bytes in each chunk of a column; the checksums tell."""
    places: list[tuple[int, int]] = []
    with h5py.File(path) as file:
        file[column].id.chunk_iter(lambda one: places.append((one.byte_offset, one.size)))
    data = bytearray(path.read_bytes())
    for begin, size in places:
        data[begin + size // 2] ^= 0xFF
        data[begin + size // 3] ^= 0xFF
    path.write_bytes(data)


def test_an_unplanned_step_has_the_title_it_was_given(folder: StudyFolder) -> None:
    from analysis.planted import PlantedSession

    recipe = Recipe("P05", visits=(("ad", 2.0), ("extra", 2.0)))
    act = row(
        "acts", START_NS, act="unplanned", step_id="extra", visit=1, value="A call", author="m"
    )
    samples = [act, *samples_of(recipe)]
    session = PlantedSession(Path("x.h5"), header_of(recipe, folder.study), samples)
    from journeylab.analysis.replay_events import read_steps

    assert [step.title for step in read_steps(session)] == ["Ad", "A call"]
