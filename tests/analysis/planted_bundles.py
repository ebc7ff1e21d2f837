"""Planted sessions written as real bundles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.planted import START_NS, Recipe, header_of, samples_of

from journeylab.bundle.finalise import finalise
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.streams import Sample
from journeylab.study.folder import StudyFolder

TICK = 500


def write_bundle(folder: StudyFolder, recipe: Recipe, *, besides: Sequence[Sample] = ()) -> Path:
    """Write a planted session, and samples besides, into a study's sessions/; the bundle."""
    clock = VirtualClock(start_ns=START_NS, wall_start_ns=1_795_340_000_000_000_000)
    path = folder.sessions_path / f"{recipe.participant_id}-{recipe.seed}.h5"
    writer = BundleWriter(path, header_of(recipe, folder.study), clock=clock)
    samples = sorted([*samples_of(recipe), *besides], key=lambda sample: sample.t_ns)
    for start in range(0, len(samples), TICK):
        tick = samples[start : start + TICK]
        clock.sleep_until_ns(tick[-1].t_ns)
        writer.write(tick)
    writer.close()
    return finalise(writer.journal_path)
