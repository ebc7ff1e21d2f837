"""What a crash left behind is finished at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from bundle.sent import assert_holds, journalled, tick_of
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
    (tmp_path / "A.journal").write_bytes(b"rubbish" * 9)
    cut_off(tmp_path / "B.h5", 1)
    with pytest.raises(BundleError, match=r"A\.journal is not a journal"):
        recover(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["A.journal", "B.h5"]
