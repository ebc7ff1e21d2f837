"""How good the measures are, against known truth and beside a peer.

    python tests/bench/validity.py --corpus ../shared/faces/dev [--real DIR] [--peer FILE]
        [--write docs/validity.md]

The corpus holds rendered faces with their truth (idNN_au, idNN_gaze); ``--real`` the clips whose
frames are labelled in ``real_labels.csv``; ``--peer`` MediaPipe's Face Landmarker with blendshapes.
Prints tables; ``--write`` also puts them into the document, between its marks.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.documented import show
from bench.validity_fixations import fixation_tables
from bench.validity_gaze import gaze_tables
from bench.validity_peer import blendshapes
from bench.validity_people import identities_of
from bench.validity_speech import speech_table
from bench.validity_units import (
    Truth,
    UnitClip,
    real_table,
    rendered_tables,
    resting_table,
)

from journeylab.capture.camera.source import read_frames
from journeylab.inference.analyser import FrameAnalyser, Observation
from journeylab.vocabulary import HEAD_POSE_COLUMNS

MARK = "measured"


def read_truth(path: Path) -> Truth:
    """Columns of a truth file, as text; nothing when there is none."""
    if not path.is_file():
        return {}
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def observe_clip(path: Path) -> list[Observation]:
    """Every frame of a clip, observed."""
    analyser = FrameAnalyser()
    try:
        return [analyser.observe(frame.image, t_ns=frame.t_ns) for frame in read_frames(path)]
    finally:
        analyser.close()


def unit_clip(path: Path, *, peer: Path | None) -> UnitClip:
    """One clip with its truth and, where its model is at hand, the peer's measures."""
    scores = {} if peer is None else blendshapes(path, peer)
    return UnitClip(path.stem, observe_clip(path), read_truth(path.with_suffix(".csv")), scores)


def head_pose_table(clips: Sequence[UnitClip]) -> Table:
    """Offset and spread of the head pose's error."""
    table = Table(title="Head pose on rendered faces, error over all frames")
    for heading in ("", "offset", "spread within a clip"):
        table.add_column(heading, justify="right" if heading else "left")
    errors = []
    for clip in clips:
        pose = np.array([one.head_pose for one in clip.seen])
        errors.append(pose - np.stack([clip.true(name) for name in HEAD_POSE_COLUMNS], axis=1))
    for at, name in enumerate(HEAD_POSE_COLUMNS):
        offset = np.mean([np.nanmean(one[:, at]) for one in errors])
        spread = np.mean([np.nanstd(one[:, at]) for one in errors])
        table.add_row(name, f"{offset:+.2f}", f"{spread:.2f}")
    return table


def all_tables(corpus: Path, *, real: Path | None, peer: Path | None) -> list[Table]:
    """Every table of the report, for what there is."""
    expressive = [unit_clip(path, peer=peer) for path in sorted(corpus.glob("*_au.mp4"))]
    looking = [unit_clip(path, peer=None) for path in sorted(corpus.glob("*_gaze.mp4"))]
    people = [] if real is None else sorted(real.glob("*.mp4"))
    about = identities_of(corpus)
    tables = rendered_tables(expressive, identities=about) if expressive else []
    if looking:
        tables.append(resting_table(looking))
    tables.append(speech_table())
    if people:
        tables.append(real_table([unit_clip(path, peer=peer) for path in people]))
    if expressive or looking:
        tables.append(head_pose_table([*expressive, *looking]))
    if looking:
        clips = {clip.name: (clip.seen, clip.truth) for clip in looking}
        tables += gaze_tables(clips, identities=about)
        tables += fixation_tables(corpus)
    return tables


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder of idNN_au, idNN_gaze")
    parser.add_argument("--real", type=Path, help="folder of the labelled real clips")
    parser.add_argument("--peer", type=Path, help="face_landmarker.task")
    parser.add_argument("--write", type=Path, help="document to put the tables into")
    options = parser.parse_args()
    tables = all_tables(options.corpus, real=options.real, peer=options.peer)
    show(tables, document=options.write, mark=MARK)
    return 0 if tables else 1


if __name__ == "__main__":
    raise SystemExit(main())
