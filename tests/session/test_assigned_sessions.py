"""Which version a participant meets holds from session to session, locked or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from session_bench import Bench

from journeylab.errors import StudyError
from journeylab.session.states import SessionState
from journeylab.study.assignment_book import AssignmentBook
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study, Variant
from journeylab.vocabulary import StimulusKind


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """Nobody can read the sessions of this study: the bench's controller is given none."""
    words = Stimulus(kind=StimulusKind.INSTRUCTION, text="Go")
    step = Step(id="ad", title="Ad", stimulus=words, variants=(Variant(id="b", stimulus=words),))
    device = Segment(name="device", values=("desktop", "mobile"))
    study = Study(id="s", title="S", steps=(step,), segments=(device,))
    return save_study(tmp_path / "study", study)


@contextmanager
def _opened(folder: StudyFolder) -> Iterator[Bench]:
    bench = Bench(folder)
    try:
        yield bench
    finally:
        bench.controller.close()


def _session(folder: StudyFolder) -> str:
    """One session of P01, which is locked away at its end; the version she met."""
    with _opened(folder) as bench:
        bench.record()
        header = bench.controller.header
        assert header is not None
        bench.stop()
        n_held = len(folder.bundles())
        (folder.sessions_path / f"P01-20260101-10000{n_held}.h5.age").write_bytes(b"locked")
        return header.segments["variant.ad"]


def test_who_comes_again_meets_the_same_though_her_session_is_locked(folder: StudyFolder) -> None:
    first = _session(folder)
    assert AssignmentBook(folder).read() == {"P01": {"variant.ad": first}}
    assert [_session(folder) for _ in range(3)] == [first] * 3
    assert set(AssignmentBook(folder).read()) == {"P01"}


def test_where_nothing_tells_what_she_met_no_session_begins(folder: StudyFolder) -> None:
    _session(folder)
    AssignmentBook(folder).path.unlink()
    with _opened(folder) as bench:
        with pytest.raises(StudyError, match="Unlock the study with its passphrase"):
            bench.start()
        assert bench.controller.state is SessionState.IDLE
        assert bench.writers == []
