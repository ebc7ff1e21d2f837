"""A map reads what it needs, once, and nothing when nothing changed. The figures for fifty
sessions of half an hour come from ``tests/bench/map.py``."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from bench.long_sessions import long_study, write_long_sessions
from bench.map import NEEDED

from journeylab.analysis import aggregate
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.analysis.measures import study_measures
from journeylab.bundle.chunks import ChunkedValues
from journeylab.bundle.reader import Bundle
from journeylab.study.folder import StudyFolder

MINUTES = 2.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    folder = long_study(tmp_path_factory.mktemp("long"), minutes=MINUTES)
    write_long_sessions(folder, n=3, minutes=MINUTES, n_different=2)
    return folder


@pytest.fixture
def inflated(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each chunk of each dataset was inflated."""
    counted: Counter[str] = Counter()
    decode = ChunkedValues._decoded

    def counting(values: ChunkedValues, number: int) -> object:
        counted[f"{values._path} {number}"] += 1
        return decode(values, number)

    monkeypatch.setattr(ChunkedValues, "_decoded", counting)
    return counted


def test_what_the_bench_makes_is_a_bundle_with_its_map(folder: StudyFolder) -> None:
    with Bundle.open(folder.bundles()[0]) as bundle:
        assert {"face", "affect", "gaze", "pointer", "landmarks", "screen"} <= set(bundle.streams)
    journey = build_journey_map(folder)
    assert journey.n_usable == 3
    assert (journey.trace.n_people > 0).all()
    assert all(step.screen is not None and step.heatmap is not None for step in journey.steps)


def test_each_needed_column_is_inflated_once_and_no_other(
    folder: StudyFolder, inflated: Counter[str]
) -> None:
    for file in (folder.path / ".cache").glob("*"):
        file.unlink()
    build_journey_map(folder)
    # The chosen session's pictures are read when all sessions are known.
    pictures = {"screen", "steps"}
    found: dict[str, set[str]] = {}
    for name, times in inflated.items():
        stream, column = name.split(": ")[1].split(" ")[0].split("/")
        if stream not in pictures:
            assert times == 1, name
            found.setdefault(stream, set()).add(column)
    needed = {
        stream: {"t_ns", *columns}
        for stream, columns in NEEDED.items()
        if stream not in pictures and stream in found
    }
    assert found == needed
    inflated.clear()
    build_journey_map(folder)
    study_measures(folder)
    inflated.clear()
    study_measures(folder)
    assert not inflated


def _seconds_of(act: Callable[[], object]) -> float:
    """Of a core, since other programs may want it too."""
    began_s = time.process_time()
    act()
    return time.process_time() - began_s


@pytest.mark.realtime
def test_a_map_that_is_there_comes_at_once(folder: StudyFolder) -> None:
    build_journey_map(folder)
    assert min(_seconds_of(lambda: build_journey_map(folder)) for _ in range(3)) < 1.0


@pytest.mark.realtime
def test_the_band_of_fifty_participants_is_resampled_in_under_a_second() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 30, (50, 4800))
    took_s = min(_seconds_of(lambda: aggregate.bootstrap_band(values, rng=rng)) for _ in range(3))
    assert took_s < 1.0
