"""What is kept of a study is the same as what was read, is made anew when anything changed, and
is never believed when it is damaged."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pyrage
import pytest
from analysis.planted import PLAN, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.analysis import journey_builder, readers, study_sessions
from journeylab.analysis.alignment import grid_of
from journeylab.analysis.cache import StudyCache, cache_of, content_of
from journeylab.analysis.cache_file import pack, unpack
from journeylab.analysis.exclusions import decide, decision_about
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.kept_map import kept_map
from journeylab.analysis.measures import study_measures
from journeylab.analysis.readers import Readers
from journeylab.analysis.study_sessions import PART, Reading, ReadSession, read_all
from journeylab.bundle.encryption import encrypt_bundle
from journeylab.errors import BundleError
from journeylab.study.cache_folder import cached_files, owner_of
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.study_key import KEYRING, encrypt_study

VISITS = tuple((plan[0], 3.0) for plan in PLAN)
PASSPHRASE = "four unrelated plain words"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = save_study(tmp_path_factory.mktemp("recorded") / "study", study_of())
    folder.sessions_path.mkdir()
    for number in range(3):
        write_bundle(folder, Recipe(f"P0{number}", visits=VISITS, seed=number))
    return folder


@pytest.fixture
def folder(recorded: StudyFolder, tmp_path: Path) -> StudyFolder:
    return load_study(Path(shutil.copytree(recorded.path, tmp_path / "study")))


class Counter:
    """Counts how many bundles were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n = 0
        read = study_sessions._read

        def counted(*arguments: object) -> ReadSession:
            self.n += 1
            return read(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(study_sessions, "_read", counted)

    def taken(self) -> int:
        n, self.n = self.n, 0
        return n


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


def assert_same(one: JourneyMap, two: JourneyMap) -> None:
    for name in ("position_s", "mean", "low", "high", "n_people", "tone"):
        np.testing.assert_array_equal(getattr(one.trace, name), getattr(two.trace, name))
    assert one.callouts == two.callouts
    assert one.findings == two.findings
    assert one.notes == two.notes
    for first, second in zip(one.steps, two.steps, strict=True):
        assert first.insight == second.insight
        assert repr(first.eyes) == repr(second.eyes)
        for name in ("screen", "heatmap"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    for mine, other in zip(one.sessions, two.sessions, strict=True):
        assert mine.summary == other.summary
        np.testing.assert_array_equal(mine.valence, other.valence)
        assert repr(mine.eyes) == repr(other.eyes)


def forget_maps(folder: StudyFolder) -> None:
    for file in cached_files(folder.path):
        if owner_of(file) == "study":
            file.unlink()


def test_a_map_from_the_cache_is_the_same_and_reads_no_bundle(
    folder: StudyFolder, reads: Counter
) -> None:
    cold = build_journey_map(folder)
    assert reads.taken() == 3
    warm = build_journey_map(folder)
    forget_maps(folder)
    from_sessions = build_journey_map(folder)
    assert reads.taken() == 0
    assert_same(cold, warm)
    assert_same(cold, from_sessions)


def test_one_more_session_reads_one_bundle_and_a_changed_one_is_read_anew(
    folder: StudyFolder, reads: Counter
) -> None:
    build_journey_map(folder)
    reads.taken()
    write_bundle(folder, Recipe("P09", visits=VISITS, seed=9))
    assert build_journey_map(folder).n_usable == 4
    assert reads.taken() == 1
    os.utime(folder.bundles()[0])
    build_journey_map(folder)
    assert reads.taken() == 1


def test_another_study_file_or_program_reads_all_anew(
    folder: StudyFolder, reads: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_journey_map(folder)
    reads.taken()
    changed = folder.study.model_copy(update={"goal": "Another"})
    build_journey_map(save_study(folder.path, changed))
    assert reads.taken() == 3
    monkeypatch.setattr("journeylab.analysis.cache.program_digest", lambda: "another")
    build_journey_map(load_study(folder.path))
    assert reads.taken() == 3


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "pickle", "other", "text"])
def test_a_damaged_file_is_made_anew(folder: StudyFolder, reads: Counter, damage: str) -> None:
    cold = build_journey_map(folder)
    reads.taken()
    files = cached_files(folder.path)
    sessions = {owner_of(file) for file in files} - {"study"}
    for file in files:
        data = file.read_bytes()
        middle = len(data) // 2
        file.write_bytes(
            {
                "cut": data[:middle],
                "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "empty": b"",
                "pickle": pickle.dumps(file),
                "other": pack("another key", {"a": 1}),
                "text": b"[]",
            }[damage]
        )
    again = build_journey_map(folder)
    assert reads.taken() == len(sessions) == 3
    assert_same(cold, again)
    build_journey_map(folder)
    assert reads.taken() == 0


def test_a_file_of_the_right_key_and_wrong_content_is_no_session(folder: StudyFolder) -> None:
    build_journey_map(folder)
    cache = cache_of(folder)
    assert cache is not None
    path = folder.bundles()[0]
    kept = cache.get(path, PART, content_of(path), ReadSession)
    assert kept is not None
    cache.put(path, PART, content_of(path), {"summary": 1})
    assert cache.get(path, PART, content_of(path), ReadSession) is None
    short = Reading(folder, grid_of(folder.study.steps[:2]), {}, cache)
    cache.put(path, PART, content_of(path), kept)
    assert study_sessions._from_cache(short, path) is None


def test_a_longer_array_than_the_file_is_refused() -> None:
    data = pack("k", {"a": np.zeros(4)})
    longer = data.replace(b'[["<f8", [4]]]', b'[["<f8", [9]]]')
    assert longer != data
    assert unpack(longer, "k", dict[str, int]) is None


def test_what_is_kept_of_a_bundle_goes_with_it(folder: StudyFolder) -> None:
    build_journey_map(folder)
    gone = folder.bundles()[1]
    gone.unlink()
    build_journey_map(folder)
    assert gone.name not in {owner_of(file) for file in cached_files(folder.path)}


def test_a_segment_has_a_map_of_its_own(folder: StudyFolder, reads: Counter) -> None:
    write_bundle(folder, Recipe("P09", visits=VISITS, seed=9, device="mobile"))
    assert build_journey_map(folder).n_usable == 4
    assert build_journey_map(folder, segment={"device": "mobile"}).n_usable == 1
    assert build_journey_map(folder).n_usable == 4
    assert reads.taken() == 4


def test_a_bundle_that_cannot_be_opened_is_tried_again(folder: StudyFolder) -> None:
    path = folder.bundles()[0]
    whole = path.read_bytes()
    about = path.stat()
    path.write_bytes(b"torn")
    assert build_journey_map(folder).n_usable == 2
    path.write_bytes(whole)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert build_journey_map(folder).n_usable == 3


def test_a_damaged_bundle_costs_no_map_its_cache(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[int] = []
    search = journey_builder.find_findings

    def counted(*arguments: object, **named: object) -> object:
        searched.append(1)
        return search(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(journey_builder, "find_findings", counted)
    (folder.sessions_path / "P99.h5").write_bytes(b"damaged")
    cold = build_journey_map(folder)
    assert [summary.session_id for summary in cold.excluded] == [""]
    assert_same(cold, build_journey_map(folder))
    assert len(searched) == 1


def test_a_bundle_that_opens_after_all_is_on_the_map(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it has changed: the machine was short of memory, or the file was locked."""
    read = study_sessions._read
    bad = folder.bundles()[0]

    def failing(reading: object, bundle: object) -> ReadSession:
        if Path(bundle.path) == bad:  # type: ignore[attr-defined]
            raise BundleError("No memory.", remedy="Try again.")
        return read(reading, bundle)  # type: ignore[arg-type]

    monkeypatch.setattr(study_sessions, "_read", failing)
    assert build_journey_map(folder).n_usable == 2
    assert build_journey_map(folder).n_usable == 2
    monkeypatch.setattr(study_sessions, "_read", read)
    assert build_journey_map(folder).n_usable == 3


def test_an_encrypted_study_keeps_nothing_in_clear_and_opens_it_with_its_key_only(
    folder: StudyFolder, reads: Counter
) -> None:
    build_journey_map(folder)
    assert cached_files(folder.path)
    folder = encrypt_study(folder, PASSPHRASE)
    assert cached_files(folder.path) == []
    recipient = folder.study.privacy.encrypt_to
    assert recipient is not None
    for path in folder.bundles():
        encrypt_bundle(path, recipient)
    reads.taken()
    cold = build_journey_map(folder)
    assert reads.taken() == 3
    assert cold.n_usable == 3
    for file in cached_files(folder.path):
        data = file.read_bytes()
        assert data.startswith(b"age-encryption.org/")
        assert b"JLcache" not in data
        assert b"participant_id" not in data
    assert_same(cold, build_journey_map(folder))
    assert reads.taken() == 0
    identity = KEYRING.get(folder.path)
    KEYRING.drop(folder.path)
    locked = build_journey_map(folder)
    assert locked.n_usable == 0
    KEYRING.put(folder.path, identity)
    assert_same(cold, build_journey_map(folder))
    KEYRING.put(folder.path, pyrage.x25519.Identity.generate())
    assert build_journey_map(folder).n_usable == 0
    KEYRING.drop(folder.path)


def test_a_plain_file_in_an_encrypted_study_is_removed(folder: StudyFolder) -> None:
    build_journey_map(folder)
    kept = {file: file.read_bytes() for file in cached_files(folder.path)}
    folder = encrypt_study(folder, PASSPHRASE)
    for file, data in kept.items():
        file.write_bytes(data)
    assert kept_map(folder, {}) is not None
    assert cached_files(folder.path) == []
    KEYRING.drop(folder.path)


def test_practice_leaves_nothing(folder: StudyFolder) -> None:
    practice = StudyFolder(folder.path, folder.study, practice_path=folder.sessions_path)
    assert build_journey_map(practice).n_usable == 3
    assert cached_files(folder.path) == []


def test_a_folder_that_cannot_be_written_to_still_has_its_map(folder: StudyFolder) -> None:
    (folder.path / ".cache").write_text("in the way")
    assert build_journey_map(folder).n_usable == 3


def test_files_are_their_owners_alone(folder: StudyFolder) -> None:
    build_journey_map(folder)
    files = cached_files(folder.path)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert not [file for file in files if file.name.endswith(".new")]


def test_processes_read_what_one_reads(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = build_journey_map(folder)
    for file in cached_files(folder.path):
        file.unlink()
    monkeypatch.setattr(readers, "FROM_SESSIONS", 2)
    monkeypatch.setattr(readers, "FROM_BYTES", 1)
    monkeypatch.setattr(readers, "MOST_PROCESSES", 2)
    assert_same(alone, build_journey_map(folder))


def test_cancelling_while_processes_read_ends_them(
    folder: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FROM_SESSIONS", 2)
    monkeypatch.setattr(readers, "FROM_BYTES", 1)

    class EnoughError(Exception):
        """Somebody closed the window."""

    def progress(_share: float) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        build_journey_map(folder, progress=progress)


def test_a_reader_of_the_callers_own_keeps_nothing(folder: StudyFolder) -> None:
    reading = Reading(folder, grid_of(folder.study.steps), {}, None)
    assert len(read_all(Readers(reading))) == 3
    assert cached_files(folder.path) == []
    assert isinstance(cache_of(folder), StudyCache)


def test_nothing_is_written_or_removed_through_a_link(folder: StudyFolder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "P07.h5.session.cached").write_bytes(b"another's")
    (folder.path / ".cache").symlink_to(elsewhere)
    assert build_journey_map(folder).n_usable == 3
    assert [path.name for path in elsewhere.iterdir()] == ["P07.h5.session.cached"]


def test_a_decision_of_the_researcher_reads_no_bundle_again(
    folder: StudyFolder, reads: Counter
) -> None:
    first = build_journey_map(folder)
    reads.taken()
    decision = decision_about(
        first.sessions[0].summary,
        is_excluded=True,
        reason="Spoke to a friend",
        author="R",
        now_utc="2026-11-22T10:00:00+00:00",
    )
    decide(folder, decision)
    assert build_journey_map(folder).n_usable == 2
    measured = study_measures(folder).measures.values
    graded = dict(zip(measured["participant_id"], measured["grade"], strict=True))
    assert graded["P00"] == "excluded"
    assert graded["P01"] != "excluded"
    assert reads.taken() == 0
