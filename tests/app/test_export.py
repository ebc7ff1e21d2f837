"""journeylab export: tables, video and sound as other programs read them."""

from __future__ import annotations

import csv
import shutil
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from bundle.sent import START_NS, TICK_NS, a_header, image_of, journalled, psnr_db, row_of
from pyarrow import parquet

from journeylab.app.export import run_export
from journeylab.assets import asset
from journeylab.bundle.finalise import finalise
from journeylab.bundle.reader import Bundle
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import AnalysisError, BundleError, StorageError
from journeylab.streams import AudioBlock, Frame, Sample, row


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finalise(journalled(tmp_path_factory.mktemp("finished") / "P01.h5", 70).journal_path)


def made(path: Path, samples: list[Sample]) -> Path:
    writer = BundleWriter(path, a_header(), clock=VirtualClock())
    for sample in samples:
        writer.write([sample])
    writer.close()
    return finalise(writer.journal_path)


def test_tables_hold_the_values_that_were_sent(finished: Path, tmp_path: Path) -> None:
    told: list[str] = []
    result = run_export(finished, to="csv", out=tmp_path, warn=told.append)
    names = {path.name for path in result.paths}
    assert {"pointer.csv", "camera.csv", "notes.csv", "affect.csv"} <= names
    assert "landmarks.csv" not in names and "landmarks is left out of csv" in told[0]
    assert all(path.parent == tmp_path / "P01" for path in result.paths)
    with (tmp_path / "P01" / "affect.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 70
    for k, line in enumerate(lines):
        assert int(line["t_ns"]) == START_NS + k * TICK_NS
        sent = row_of("affect", k, t_ns=0).values[0]
        if np.isnan(sent):
            assert line["valence"] == ""
        else:
            assert np.float32(line["valence"]) == np.float32(sent)
    assert float(lines[30]["t_s"]) == pytest.approx(1.0, abs=1e-6)
    assert not list(tmp_path.rglob("*.partial"))


def test_a_text_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    texts = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", 'fine, "quoted"\nand broken']
    path = made(
        tmp_path / "P01.h5", [row("notes", n, text=t, author="") for n, t in enumerate(texts)]
    )
    run_export(path, to="csv", out=tmp_path)
    with (tmp_path / "P01" / "notes.csv").open(newline="", encoding="utf-8") as file:
        found = [line["text"] for line in csv.DictReader(file)]
    assert found == [*(f"'{text}" for text in texts[:4]), texts[4]]


def test_the_video_is_the_same_packets_and_begins_at_any_key(
    finished: Path, tmp_path: Path
) -> None:
    (path,) = run_export(finished, to="mp4", out=tmp_path).paths
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = list(video.decode(stream))
        assert (stream.codec_context.name, len(frames)) == ("h264", 70)
        for k in (0, 29, 30, 69):
            assert psnr_db(frames[k].to_ndarray(format="bgr24"), image_of(k)) > 25
            assert frames[k].time == pytest.approx(k * TICK_NS / NS_PER_S, abs=1e-4)
    # The same pictures as in the bundle: nothing was encoded again.
    with Bundle.open(finished) as bundle:
        decoded = [frame.image for frame in bundle.frames()]
    for k in (3, 45):
        assert psnr_db(frames[k].to_ndarray(format="bgr24"), decoded[k]) > 30
    with av.open(str(path)) as video:
        keys = [bytes(packet) for packet in video.demux(video=0) if packet.is_keyframe]
    assert len(keys) == 3
    for key in keys:  # length-prefixed units: a sequence (7) and a picture (8) parameter set each
        kinds, at = [], 0
        while at < len(key):
            size = int.from_bytes(key[at : at + 4], "big")
            kinds.append(key[at + 4] & 31)
            at += 4 + size
        assert {7, 8, 5} <= set(kinds)


def test_a_camera_that_changed_its_size_gives_two_videos(tmp_path: Path) -> None:
    samples: list[Sample] = [Frame(n, n, image_of(n)) for n in range(1, 5)]
    samples += [Frame(n, n, image_of(n, width_px=96, height_px=32)) for n in range(5, 12)]
    path = made(tmp_path / "P01.h5", samples)
    paths = run_export(path, to="mp4", out=tmp_path).paths
    assert [path.name for path in paths] == ["camera.mp4", "camera-2.mp4"]
    for path, count, width in zip(paths, (4, 7), (64, 96), strict=True):
        with av.open(str(path)) as video:
            frames = list(video.decode(video=0))
        assert (len(frames), frames[0].width) == (count, width)


def test_sound_keeps_its_place_over_a_loss(tmp_path: Path) -> None:
    ones = np.ones(800, np.int16)
    blocks: list[Sample] = [
        AudioBlock(0, 0, ones, 8000),
        AudioBlock(500_000_000, 4000, ones, 8000),
        AudioBlock(NS_PER_S, 0, ones, 16000),
    ]
    paths = run_export(made(tmp_path / "P01.h5", blocks), to="wav", out=tmp_path).paths
    assert [path.name for path in paths] == ["microphone.wav", "microphone-2.wav"]
    with wave.open(str(paths[0]), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
        pcm = np.frombuffer(sound.readframes(10**6), "<i2")
    assert np.flatnonzero(pcm).tolist() == [*range(800), *range(4000, 4800)]


def test_a_study_gives_a_folder_for_each_session_and_goes_on_past_a_damaged_one(
    finished: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(asset("demo-study"), study)
    (study / "sessions").mkdir(exist_ok=True)
    for name in ("P01", "P02"):
        shutil.copy(finished, study / "sessions" / f"{name}.h5")
    (study / "sessions" / "P03.h5").write_bytes(b"damaged")
    told: list[str] = []
    result = run_export(study, to="wav", out=tmp_path / "out", warn=told.append)
    assert [path.parent.name for path in result.paths] == ["P01", "P02"]
    assert result.failed == 1 and any("P03.h5 is left out" in one for one in told)


def test_what_cannot_be_written_is_told(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"Choose csv, parquet, mp4, wav"):
        run_export(finished, to="docx", out=tmp_path)
    with pytest.raises(BundleError, match="does not exist"):
        run_export(tmp_path / "none", to="csv", out=tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        run_export(finished, to="csv", out=tmp_path / "file")
    told: list[str] = []
    silent = made(tmp_path / "P09.h5", [])
    for to, words in (("mp4", "holds no video"), ("wav", "holds no sound")):
        assert run_export(silent, to=to, out=tmp_path, warn=told.append).paths == ()
        assert words in told[-1]


def test_parquet_holds_the_meshes_too(finished: Path, tmp_path: Path) -> None:
    run_export(finished, to="parquet", out=tmp_path)
    table = parquet.read_table(tmp_path / "P01" / "landmarks.parquet")
    assert table.num_rows == 70 and len(table["xyz"][0]) == 478 * 3
