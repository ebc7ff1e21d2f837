"""``infer``: the table's columns, its errors, and a real clip from crying to laughing."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest

from journeylab.app.gaze_targets import read_gaze_targets
from journeylab.app.infer import COLUMNS, InferSummary, run_infer
from journeylab.errors import InferenceError, StorageError, VideoError
from journeylab.simulation.avatar import Avatar, AvatarIdentity, AvatarPose


def run(video: Path, out: Path, **options: object) -> tuple[InferSummary, list[dict[str, str]]]:
    given: dict[str, object] = {"neutral": None, "gaze_targets": None} | options
    summary = run_infer(video, out=out, **given)  # type: ignore[arg-type]
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return summary, rows


def write_video(path: Path, images: list[np.ndarray]) -> Path:
    height_px, width_px = images[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        for image in images:
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def smiling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The avatar at rest for 20 frames, smiling for 20, gone for 10."""
    avatar = Avatar(AvatarIdentity(seed=3), width_px=480, height_px=360)
    rest = avatar.render(AvatarPose())
    smile = avatar.render(AvatarPose(action_units={"AU12": 1.0, "AU06": 0.6}))
    nobody = np.full_like(rest, 90)
    path = tmp_path_factory.mktemp("video") / "smiling.mp4"
    return write_video(path, [rest] * 20 + [smile] * 20 + [nobody] * 10)


def test_columns_are_those_scripts_rely_on() -> None:
    assert " ".join(COLUMNS) == (
        "frame timestamp_s face quality AU01 AU02 AU04 AU05 AU06 AU07 AU09 AU10 AU12 AU14 AU15 "
        "AU17 AU20 AU23 AU24 AU25 AU26 AU43 AU12L AU12R AU14L AU14R valence arousal joy surprise "
        "confusion frustration sadness contempt fear disgust anger boredom head_yaw_deg "
        "head_pitch_deg head_roll_deg head_x_mm head_y_mm head_z_mm gaze_x_px gaze_y_px blink"
    )


def test_a_smile_is_found_where_it_was_and_nobody_where_nobody_was(
    smiling: Path, tmp_path: Path
) -> None:
    shares: list[float] = []
    summary, rows = run(smiling, tmp_path / "out.csv", progress=shares.append)
    assert tuple(rows[0]) == COLUMNS
    assert [row["frame"] for row in rows] == [str(at) for at in range(50)]
    assert float(rows[30]["timestamp_s"]) == pytest.approx(1.0, abs=1e-3)
    assert float(rows[10]["AU12"]) < 0.15
    assert float(rows[29]["AU12"]) > 0.5
    assert float(rows[29]["valence"]) > 30 > abs(float(rows[10]["valence"]))
    assert (rows[10]["face"], rows[-1]["face"]) == ("1", "0")
    lost = rows[-1]
    assert lost["quality"] == "0.0000"
    assert all(lost[name] == "" for name in COLUMNS[4:])
    assert all(row["gaze_x_px"] == "" for row in rows)
    assert summary.n_frames == 50 and 38 <= summary.n_faces <= 45
    assert "whole video" in summary.neutral
    assert shares[-1] == 1.0 and shares == sorted(shares)


def test_a_given_neutral_stretch_is_the_zero(smiling: Path, tmp_path: Path) -> None:
    summary, rows = run(smiling, tmp_path / "out.csv", neutral=(0.0, 0.6))
    assert float(rows[15]["AU12"]) < 0.1
    assert float(rows[35]["AU12"]) > 0.5
    assert summary.neutral == "seconds 0 to 0.6"


@pytest.mark.parametrize("neutral", [(2.0, 1.0), (-1.0, 1.0), (1.0, 1.0), (float("nan"), 2.0)])
def test_a_range_that_is_none_is_refused_before_anything_runs(
    tmp_path: Path, neutral: tuple[float, float]
) -> None:
    with pytest.raises(InferenceError, match=r"not a stretch of time.*--neutral 0:5"):
        run(tmp_path / "never_opened.mp4", tmp_path / "out.csv", neutral=neutral)


def test_a_range_outside_the_video_or_without_a_face_is_refused(
    smiling: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(InferenceError, match=r"60:70 lies outside smiling\.mp4"):
        run(smiling, out, neutral=(60.0, 70.0))
    with pytest.raises(InferenceError, match=r"smiling\.mp4, neutral range 1\.55:1\.6"):
        run(smiling, out, neutral=(1.55, 1.6))
    assert not out.exists()


def test_a_video_without_a_face_gives_an_empty_table(tmp_path: Path) -> None:
    video = write_video(tmp_path / "grey.mp4", [np.full((240, 320, 3), 128, np.uint8)] * 5)
    summary, rows = run(video, tmp_path / "out.csv")
    assert summary.n_faces == 0 and summary.mean_quality == 0
    assert len(rows) == 5 and all(row["AU12"] == "" for row in rows)


def test_a_video_that_is_none_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is not a video")
    for video in (broken, tmp_path / "absent.mp4"):
        with pytest.raises(VideoError, match=video.name):
            run(video, tmp_path / "out.csv")


def test_a_folder_that_is_not_there_is_named(smiling: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        run(smiling, tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: column t_start_s is missing"),
        ("t_start_s,t_end_s,x_px\n0,1,5\n", "line 1: column y_px is missing"),
        ("t_start_s,t_end_s,x_px,y_px\n", "holds no targets"),
        ("t_start_s,t_end_s,x_px,y_px\n0,1,5,5\n1,2,left,5\n", "line 3: x_px is 'left'"),
        ("t_start_s,t_end_s,x_px,y_px\n0,1,5\n", "line 2: y_px is ''"),
        ("t_start_s,t_end_s,x_px,y_px\n0,1,nan,5\n", "line 2: x_px is 'nan'"),
        ("t_start_s,t_end_s,x_px,y_px\n2,1,5,5\n", "line 2: the target lasts from 2.0 to 1.0"),
    ],
)
def test_malformed_targets_are_told_with_their_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "targets.csv"
    path.write_text(text)
    with pytest.raises(InferenceError) as caught:
        read_gaze_targets(path)
    assert says in str(caught.value) and "targets.csv" in str(caught.value)


def test_targets_that_are_missing_or_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"absent\.csv"):
        read_gaze_targets(tmp_path / "absent.csv")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(128, 256)))
    with pytest.raises(InferenceError, match="UTF-8"):
        read_gaze_targets(binary)


def test_targets_the_eyes_cannot_have_followed_are_refused(smiling: Path, tmp_path: Path) -> None:
    targets = tmp_path / "targets.csv"
    targets.write_text("t_start_s,t_end_s,x_px,y_px\n0,0.6,10,10\n0.7,1.3,900,10\n")
    with pytest.raises(InferenceError, match=r"targets\.csv: Only"):
        run(smiling, tmp_path / "out.csv", gaze_targets=targets)


def test_gaze_on_the_avatar_comes_out_near_where_it_looked(tmp_path: Path) -> None:
    avatar = Avatar(AvatarIdentity(seed=5), width_px=480, height_px=360)
    images, lines = [], ["t_start_s,t_end_s,x_px,y_px"]
    for at, (yaw, pitch) in enumerate((x, y) for x in (-14, 0, 14) for y in (-16, -9, -2)):
        images += [avatar.render(AvatarPose(gaze_yaw_deg=yaw, gaze_pitch_deg=pitch))] * 12
        lines.append(f"{at * 0.4},{(at + 1) * 0.4},{960 - 50 * yaw},{-50 * pitch}")
    targets = tmp_path / "targets.csv"
    targets.write_text("\n".join(lines))
    video = write_video(tmp_path / "looking.mp4", images)
    summary, rows = run(video, tmp_path / "out.csv", gaze_targets=targets)
    assert summary.gaze_samples is not None and summary.gaze_samples[0] > 40
    # Second and last of the points, at the end of their time.
    to_her_right, to_her_left = float(rows[23]["gaze_x_px"]), float(rows[-1]["gaze_x_px"])
    assert to_her_right > 960 + 250
    assert to_her_left < 960 - 250


@pytest.mark.real_face
def test_crying_to_laughing(faces: Path, tmp_path: Path) -> None:
    summary, rows = run(faces / "real" / "WolfgangLanger_Pexels.mp4", tmp_path / "out.csv")
    assert summary.n_frames == 472
    assert summary.n_faces >= 0.99 * 472
    times = np.array([float(row["timestamp_s"]) for row in rows])
    valence = np.array([float(row["valence"] or "nan") for row in rows])
    crying = np.nanmean(valence[times < 6])
    laughing = np.nanmean(valence[(times >= 12) & (times < 18)])
    assert laughing > crying + 20
