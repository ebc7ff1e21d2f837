"""From a journal to a bundle: nothing lost, nothing altered, whatever kills it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from bundle.sent import START_NS, TICK_NS, a_header, assert_holds, journalled, tick_of
from journeylab.bundle import finalise as finalise_module
from journeylab.bundle.finalise import finalise, finalise_in_subprocess
from journeylab.bundle.journal import HEADER_BYTES
from journeylab.bundle.reader import Bundle
from journeylab.bundle.seal import append_seal
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.errors import BundleError, StorageError
from journeylab.streams import STREAMS, Row, row


def test_every_sample_of_every_stream_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    writer = journalled(tmp_path / "P01.h5", 70)
    path = finalise(writer.journal_path)
    assert path == tmp_path / "P01.h5"
    assert [p.name for p in tmp_path.iterdir()] == ["P01.h5"]
    with Bundle.open(path) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(70)])
        assert len(bundle.table("pointer")) == 70 * 16
        assert len(bundle.frame_times_ns()) == 70
        assert bundle.header == a_header()
        assert bundle.attributes["complete"] == 1
        assert bundle.attributes["recovered"] == 0
        assert set(bundle.streams) == set(STREAMS) - {"health"}


def test_every_stream_is_monotonic_and_inside_the_session(tmp_path: Path) -> None:
    with Bundle.open(finalise(journalled(tmp_path / "P01.h5", 40).journal_path)) as bundle:
        assert bundle.start_ns == START_NS
        assert bundle.end_ns == START_NS + 40 * TICK_NS
        for stream in bundle.streams:
            times = bundle.table(stream, columns=()).t_ns
            assert np.all(np.diff(times) >= 0)
            assert bundle.start_ns <= times[0] <= times[-1] <= bundle.end_ns


def test_a_session_without_samples_has_every_group(tmp_path: Path) -> None:
    with Bundle.open(finalise(journalled(tmp_path / "P01.h5", 0).journal_path)) as bundle:
        assert bundle.streams == ("clock",)
        assert all(len(bundle.table(stream)) == 0 for stream in STREAMS if stream != "clock")
        assert bundle.frame_at(START_NS) is None
        assert bundle.picture_at(START_NS) is None
        assert bundle.audio() is None
        assert list(bundle.frames()) == []


def test_samples_that_threads_brought_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=VirtualClock())
    times = list(range(20_000))
    rng = random.Random(4)
    for begin in range(0, len(times), 500):
        part = times[begin : begin + 500]
        rng.shuffle(part)
        writer.write([row("markers", t, label=f"m{t}", author="a") for t in part])
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        table = bundle.table("markers")
        assert table.t_ns.tolist() == times
        assert table["label"].tolist() == [f"m{t}" for t in times]


def test_clock_pairs_come_every_ten_seconds(tmp_path: Path) -> None:
    clock = VirtualClock(wall_start_ns=1_700_000_000 * NS_PER_S)
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=clock)
    for _ in range(350):
        clock.advance_ns(NS_PER_S // 10)
        writer.write([])
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        table = bundle.table("clock")
        assert (table.t_ns / NS_PER_S).tolist() == [0, 10, 20, 30, 35]
        assert (table["wall_ns"] - table.t_ns == 1_700_000_000 * NS_PER_S).all()


def test_a_torn_tail_costs_only_the_torn_record(tmp_path: Path) -> None:
    clock = VirtualClock()
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=clock)
    writer.write([row("notes", 5, text="first", author="a")])
    whole = writer.bytes_written
    writer.write([row("notes", 9, text="the last one", author="b")])
    journal = writer.journal_path.read_bytes()
    assert len(journal) - whole > HEADER_BYTES
    for end in (*range(whole, len(journal), 9), len(journal) - 1):
        folder = tmp_path / str(end)
        folder.mkdir()
        torn = folder / "P01.journal"
        torn.write_bytes(journal[:end])
        with Bundle.open(finalise(torn)) as bundle:
            assert bundle.table("notes")["text"].tolist() == ["first"]
            assert bundle.attributes["recovered"] == 1
            assert bundle.attributes["bytes_damaged"] == end - whole
            assert bundle.table("health")["kind"].tolist() == ["recovered"]
        shutil.rmtree(folder)


def test_a_damaged_stretch_is_a_marked_gap_and_the_rest_is_kept(tmp_path: Path) -> None:
    writer = journalled(tmp_path / "P01.h5", 70, close=False)
    at = writer.bytes_written
    for k in range(70, 140):
        writer.write(tick_of(k))
    writer.close()
    data = bytearray(writer.journal_path.read_bytes())
    data[at : at + 50_000] = bytes(50_000)
    writer.journal_path.write_bytes(data)
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(70)])
        assert bundle.attributes["recovered"] == 0  # it was closed in order
        assert bundle.attributes["records_lost"] > 0
        assert bundle.attributes["bytes_damaged"] >= 50_000
        assert bundle.table("health")["kind"].tolist() == ["gap"]
        frames = list(bundle.frames())
        assert frames[-1].index == 139
        # After the gap, video begins again with a keyframe: nothing is decoded from debris.
        missing = {frame.index for frame in frames} ^ set(range(140))
        assert missing and min(missing) >= 70
        after = next(frame.index for frame in frames if frame.index > max(missing))
        assert after % 30 == 0
        last = bundle.table("steps").t_ns[-1]
        assert last == tick_of(139)[0].t_ns


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kill_9_of_the_writer_loses_at_most_the_last_tick(tmp_path: Path, seed: int) -> None:
    script = Path(__file__).with_name("endless_writer.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "P01.h5")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        time.sleep(random.Random(seed).uniform(0.02, 0.4))
        process.kill()
        told = [0, *map(int, process.stdout.read().split())]
    bundle_path = finalise_in_subprocess(tmp_path / "P01.journal")
    with Bundle.open(bundle_path) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(told[-1] + 1)])
        assert bundle.attributes["recovered"] == 1
        # At most one tick was on its way when it was killed.
        assert len(bundle.table("face")) in (told[-1] + 1, told[-1] + 2)


def test_killed_while_finalising_the_next_run_makes_the_same_bundle(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 60).journal_path
    reference = tmp_path / "reference"
    reference.mkdir()
    shutil.copy(journal, reference / "P01.journal")
    expected = finalise(reference / "P01.journal").read_bytes()
    for share in (0.0, 0.3, 0.7, 0.9):
        with subprocess.Popen(
            [sys.executable, "-m", "journeylab.bundle.finalise", str(journal)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line).get("progress", 1.0) >= share:
                    break
            process.kill()
    assert finalise(journal).read_bytes() == expected
    assert sorted(p.name for p in tmp_path.iterdir()) == ["P01.h5", "reference"]


def test_killed_between_the_bundle_and_the_end_of_its_journal(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 3).journal_path
    kept = journal.read_bytes()
    bundle = finalise(journal)
    before = bundle.stat().st_mtime_ns
    journal.write_bytes(kept)
    assert finalise(journal) == bundle
    assert bundle.stat().st_mtime_ns == before
    assert not journal.exists()


def test_finalising_twice_is_finalising_once(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 3).journal_path
    assert finalise(journal) == finalise(journal) == finalise_in_subprocess(journal)


def test_another_sessions_bundle_is_never_replaced(tmp_path: Path) -> None:
    first = finalise(journalled(tmp_path / "P01.h5", 2).journal_path)
    other = tmp_path / "other"
    other.mkdir()
    journal = journalled(other / "P01.h5", 2).journal_path
    shutil.copy(first, other / "P01.h5")
    with pytest.raises(BundleError, match="belongs to another session"):
        finalise(journal)
    assert journal.exists()


def test_a_damaged_bundle_in_the_way_is_put_aside(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    (tmp_path / "P01.h5").write_bytes(b"half a bundle")
    finalise(journal)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["P01.h5", "P01.h5.damaged"]
    assert (tmp_path / "P01.h5.damaged").read_bytes() == b"half a bundle"


def test_each_damaged_bundle_in_the_way_is_kept(tmp_path: Path) -> None:
    kept = journalled(tmp_path / "P01.h5", 2).journal_path.read_bytes()
    (tmp_path / "P01.h5.damaged").write_bytes(b"the first")
    (tmp_path / "P01.h5").write_bytes(b"the second")
    finalise(tmp_path / "P01.journal")
    (tmp_path / "P01.journal").write_bytes(kept)
    (tmp_path / "P01.h5").unlink()
    os.mkfifo(tmp_path / "P01.h5")  # opening it would wait for a writer that never comes
    finalise(tmp_path / "P01.journal")
    assert (tmp_path / "P01.h5.damaged").read_bytes() == b"the first"
    assert (tmp_path / "P01-2.h5.damaged").read_bytes() == b"the second"
    assert (tmp_path / "P01-3.h5.damaged").is_fifo()
    with Bundle.open(tmp_path / "P01.h5") as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(2)])


def test_a_bundle_in_the_way_is_audited_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    kept = journal.read_bytes()
    bundle = finalise(journal)
    with h5py.File(bundle, "r+") as file:  # its journal_id fits, and so will its seal
        del file["affect/valence"]
        file["affect/valence"] = h5py.ExternalLink("/etc/passwd", "/x")
    append_seal(bundle)
    journal.write_bytes(kept)
    opened: list[object] = []
    open_file = h5py.File.__init__

    def note(file: h5py.File, name: object, *arguments: object, **options: object) -> None:
        opened.append(name)
        open_file(file, name, *arguments, **options)

    monkeypatch.setattr(h5py.File, "__init__", note)
    finalise(journal)
    assert bundle not in opened  # libhdf5 of this process never saw it
    with Bundle.open(bundle) as anew:
        assert_holds(anew, [tick_of(k) for k in range(2)])
    assert (tmp_path / "P01.h5.damaged").exists()


def test_a_live_journal_is_left_alone(tmp_path: Path) -> None:
    writer = journalled(tmp_path / "P01.h5", 2, close=False)
    for finish in (finalise, finalise_in_subprocess):
        with pytest.raises(BundleError, match="still being recorded"):
            finish(writer.journal_path)
    writer.write(tick_of(2))
    writer.close()
    with Bundle.open(finalise(writer.journal_path)) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(3)])


def test_the_subprocess_reports_progress_up_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    finalise_in_subprocess(journalled(tmp_path / "P01.h5", 30).journal_path, progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 10
    assert shares[-1] == 1.0


def test_the_dead_subprocess_is_told_in_words_and_the_journal_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killer))
    with pytest.raises(BundleError, match=r"P01\.journal stopped before its end \(SIGSEGV\)"):
        finalise_in_subprocess(journal)
    assert journal.exists()


def test_a_finaliser_that_a_full_disk_brought_down_says_how_much_room_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    killer = tmp_path / "python"
    killer.write_text(f"#!/bin/sh\ntouch {tmp_path}/P01.h5.partial\nkill -SEGV $$\n")
    killer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(killer))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 10**6))
    with pytest.raises(StorageError, match=r"1 MB free; to finish P01\.journal it needs \d+ MB"):
        finalise_in_subprocess(journal)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["P01.journal", "python"]


def test_without_room_the_journal_stays_and_the_need_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 10**6))
    with pytest.raises(StorageError, match=r"has 1 MB free; to finish P01.journal it needs \d+ MB"):
        finalise(journal)
    assert [p.name for p in tmp_path.iterdir()] == ["P01.journal"]


def test_a_disk_that_fills_up_meanwhile_is_told_and_the_journal_stays(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 60).journal_path
    program = (
        "import os, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])\n"
    )
    arguments = ["-m", "journeylab.bundle.finalise", str(journal)]
    told = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True
    ).stdout
    message = json.loads(told.splitlines()[-1])
    assert message["error"] == "storage"
    assert f"The disk of {tmp_path} is full" in message["what"]
    assert [p.name for p in tmp_path.iterdir()] == ["P01.journal"]
    with Bundle.open(finalise(journal)) as bundle:
        assert_holds(bundle, [tick_of(k) for k in range(60)])


@pytest.mark.parametrize("dataset", ["camera/packets", "notes/text"])
def test_what_does_not_read_back_equal_is_no_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: str
) -> None:
    journal = journalled(tmp_path / "P01.h5", 2).journal_path
    read_back = finalise_module._check_readback

    def after_damage(partial: Path, *arguments: object) -> None:
        with h5py.File(partial, "r+") as file:
            file[dataset][0] = b"?" if dataset == "notes/text" else 77
        read_back(partial, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(finalise_module, "_check_readback", after_damage)
        with pytest.raises(BundleError, match="does not read back as it was written"):
            finalise(journal)
    assert [p.name for p in tmp_path.iterdir()] == ["P01.journal"]
    assert finalise(journal).exists()


def test_a_file_that_is_no_journal_is_refused_in_words(tmp_path: Path) -> None:
    for content in (b"", b"hello" * 100, os.urandom(3000)):
        path = tmp_path / "x.journal"
        path.write_bytes(content)
        with pytest.raises(BundleError, match="is not a journal of JourneyLab"):
            finalise(path)
        assert path.read_bytes() == content
    with pytest.raises(BundleError, match="neither the journal"):
        finalise(tmp_path / "none.journal")


def test_plain_h5py_reads_it_without_plugins_or_journeylab(tmp_path: Path) -> None:
    path = finalise(journalled(tmp_path / "P01.h5", 5).journal_path)
    program = (
        "import sys, h5py\n"
        "f = h5py.File(sys.argv[1])\n"
        "p = f['pointer']\n"
        "print(f.attrs['format'], f.attrs['participant_id'], p['t_ns'][-1], p['x_px'].shape[0])\n"
        "print(p['x_px'].attrs['unit'], f['steps/step_id'].asstr()[1])\n"
    )
    environment = {"PATH": os.environ["PATH"], "HDF5_PLUGIN_PATH": "/nowhere"}
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    last = tick_of(4)[17].t_ns
    sent = next(sample for sample in tick_of(1) if sample.stream == "steps")
    assert told == f"journeylab-bundle P01 {last} 80\npx {sent.values[0]}\n"


def test_datasets_say_their_unit_meaning_range_and_source(tmp_path: Path) -> None:
    with h5py.File(finalise(journalled(tmp_path / "P01.h5", 2).journal_path)) as file:
        valence = file["affect/valence"]
        assert valence.attrs["unit"] == "1"
        assert valence.attrs["range"].tolist() == [-100, 100]
        assert valence.attrs["source"] == "affect 1.2"
        assert file["pointer/x_px"].attrs["source"] == "X pointer"
        assert file["pointer/speed_px_s"].attrs["range"][0] == 0
        assert np.isnan(file["pointer/speed_px_s"].attrs["range"][1])
        for group in file.values():
            for dataset in group.values():
                assert dataset.attrs["description"]


def test_memory_stays_bounded_over_a_long_session(tmp_path: Path) -> None:
    writer = BundleWriter(tmp_path / "P01.h5", a_header(), clock=VirtualClock())
    mesh = np.random.default_rng(0).random((478, 3)).astype(np.float32)
    for k in range(6000):
        writer.write([Row("landmarks", k, (mesh,))])
    writer.close()
    assert writer.bytes_written > 34_000_000
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from journeylab.bundle.finalise import finalise\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "finalise(Path(sys.argv[1]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(writer.journal_path)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert int(told) < 40_000  # kB; the pending meshes, a chunk, the libraries' own


def test_a_signal_to_the_group_does_not_leave_half_a_bundle(tmp_path: Path) -> None:
    journal = journalled(tmp_path / "P01.h5", 40).journal_path
    process = subprocess.Popen(
        [sys.executable, "-m", "journeylab.bundle.finalise", str(journal)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
    names = {p.name for p in tmp_path.iterdir()}
    assert names in ({"P01.journal"}, {"P01.h5"})
    finalise(journal)
