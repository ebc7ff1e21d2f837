"""What a crash left behind is finished at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundle.sent import assert_holds, journalled, tick_of
from journeylab.bundle.journal import MAGIC
from journeylab.bundle.journal_reader import remove_if_empty
from journeylab.bundle.reader import Bundle
from journeylab.bundle.recover import leftover_journals, recover
from journeylab.errors import BundleError


def cut_off(path: Path, ticks: int) -> Path:
    """A journal without its end, as a crash leaves it."""
    journal = journalled(path, ticks).journal_path
    journal.write_bytes(journal.read_bytes()[:-20])
    return journal


def test_all_leftover_journals_of_a_study_are_finished(tmp_path: Path) -> None:
    sessions = tmp_path / "sessions"
    journals = [cut_off(sessions / f"P0{n}.h5", n) for n in (1, 2)]
    (sessions / "P03.journal").touch()
    live = journalled(sessions / "P04.h5", 1, close=False)
    assert set(leftover_journals(tmp_path)) == {*journals, sessions / "P03.journal"}
    shares: list[float] = []
    bundles = recover(tmp_path, progress=shares.append)
    assert [path.name for path in bundles] == ["P01.h5", "P02.h5"]
    assert shares.count(1.0) == 2
    for n, path in zip((1, 2), bundles, strict=True):
        with Bundle.open(path) as bundle:
            assert_holds(bundle, [tick_of(k) for k in range(n)])
            assert bundle.attributes["recovered"] == 1
    assert sorted(p.name for p in sessions.iterdir()) == ["P01.h5", "P02.h5", "P04.journal"]
    live.close()
    assert recover(live.journal_path) == (sessions / "P04.h5",)
    assert recover(tmp_path) == ()


def test_a_journal_that_cannot_be_finished_does_not_keep_the_others_from_it(
    tmp_path: Path,
) -> None:
    for name in ("A", "C"):
        (tmp_path / f"{name}.journal").write_bytes(b"rubbish" * 9)
    cut_off(tmp_path / "B.h5", 1)
    finished: list[Path] = []
    with pytest.raises(BundleError) as raised:
        recover(tmp_path, done=finished.append)
    for name in ("A", "C"):
        assert f"{name}.journal is not a journal of JourneyLab" in str(raised.value)
    assert finished == [tmp_path / "B.h5"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["A.journal", "B.h5", "C.journal"]


def test_a_journal_cut_off_in_its_first_record_holds_nothing_and_goes(tmp_path: Path) -> None:
    data = journalled(tmp_path / "whole.h5", 0).journal_path.read_bytes()
    (tmp_path / "whole.journal").unlink()
    second = data.index(MAGIC, 1)
    beginnings = [data[:end] for end in (*range(0, 60), 4096, second - 1)]
    for content in (*beginnings, bytes(5000)):
        (tmp_path / "P01.journal").write_bytes(content)
        assert recover(tmp_path) == ()
        assert list(tmp_path.iterdir()) == [], content


def test_nothing_else_than_such_a_beginning_is_removed(tmp_path: Path) -> None:
    data = journalled(tmp_path / "whole.h5", 3).journal_path.read_bytes()
    (tmp_path / "whole.journal").unlink()
    second = data.index(MAGIC, 1)
    larger = data[:8] + (2**24).to_bytes(4, "little") + data[12:]
    for content in (b"hello", b"hello" * 99, larger, larger[: second + 40], bytes(50) + b"x"):
        path = tmp_path / "P01.journal"
        path.write_bytes(content)
        assert not remove_if_empty(path)
        assert path.read_bytes() == content
