"""What the team expected of each step, and the gap to what was measured, as a table."""

from __future__ import annotations

from typing import Final

import numpy as np

from journeylab.analysis.expectation import Expectation
from journeylab.analysis.expected import gap_sentence, origin_words
from journeylab.analysis.tables import DataTable
from journeylab.streams import Column

EXPECTED_COLUMNS: Final = (
    Column("step_id", "text", "", "The step's id in study.toml."),
    Column("expected", "f8", "-100..100", "Valence the team expected."),
    Column("measured", "f8", "-100..100", "Mean valence over participants; empty for nobody."),
    Column("gap", "f8", "", "Measured less expected."),
    Column(
        "p", "f8", "0..1", "Chance alone gives as much this often, raised for the steps (Holm)."
    ),
    Column("n", "i8", "", "Participants measured on the step."),
    Column("expected_words", "text", "", "What the team expected, in its own words."),
    Column("gap_words", "text", "", "The gap in a sentence."),
)


def expected_table(expectation: Expectation) -> DataTable:
    """One row for each expected step of the study."""
    nan = float("nan")
    gaps = expectation.gaps
    texts = {
        "step_id": [gap.step_id for gap in gaps],
        "expected_words": [gap.words for gap in gaps],
        "gap_words": [gap_sentence(gap) if gap.is_measured else "" for gap in gaps],
    }
    numbers = {
        "expected": [gap.expected for gap in gaps],
        "measured": [gap.measured for gap in gaps],
        "gap": [gap.gap for gap in gaps],
        "p": [nan if gap.p is None else gap.p for gap in gaps],
    }
    values = {
        **{name: np.array(cells, dtype=object) for name, cells in texts.items()},
        **{name: np.array(cells, dtype=np.float64) for name, cells in numbers.items()},
        "n": np.array([gap.n for gap in gaps], dtype=np.int64),
    }
    about = origin_words(expectation)
    return DataTable("expected", f"{about[0].upper()}{about[1:]}", EXPECTED_COLUMNS, values)
