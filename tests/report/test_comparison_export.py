"""The difference map as files: each opens again and says what was compared."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from analysis.journeys import journey_of

from journeylab.analysis.comparing import Comparison, compare_maps
from journeylab.opencv import cv2
from journeylab.report.comparison_export import (
    ComparisonExport,
    comparison_tables,
    write_comparison,
)
from journeylab.report.comparison_layout import lay_out_comparison
from journeylab.report.export import FORMATS
from journeylab.report.scene import Text
from journeylab.report.table_files import write_parquet

ODD = 'Round <b>2</b> & "süß"'
LEVELS = {"ad": 20.0, "checkout": -40.0, "done": 30.0}


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    first = journey_of(LEVELS, n=12, seed=1)
    second = journey_of({**LEVELS, "checkout": 0.0}, n=12, seed=2)
    return compare_maps(first, second, names=("Round 1", ODD))


def test_every_format_of_the_map_is_written_for_a_comparison(
    comparison: Comparison, tmp_path: Path
) -> None:
    paths = write_comparison(ComparisonExport(comparison, tmp_path, "cmp"), FORMATS)
    assert {path.suffix for path in paths} == {f".{name}" for name in FORMATS}
    assert sorted(paths) == sorted(tmp_path.iterdir())
    assert cv2.imread(str(tmp_path / "cmp.png")).shape[1] == 3840
    page = (tmp_path / "cmp.html").read_text(encoding="utf-8")
    assert "<b>2</b>" not in page
    assert "Checkout is better in Round &lt;b&gt;2&lt;/b&gt;" in page
    assert "default-src 'none'" in page


def test_tables_read_back_equal(comparison: Comparison, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    steps = comparison_tables(comparison)[0]
    write_parquet(steps, tmp_path / "steps.parquet")
    table = pq.read_table(tmp_path / "steps.parquet").to_pydict()
    assert table["verdict"] == ["unclear", "better, sure", "unclear"]
    assert np.array(table["difference"]) == pytest.approx(steps.values["difference"])
    write_comparison(ComparisonExport(comparison, tmp_path, "cmp"), ("csv",))
    with (tmp_path / "cmp-sentences.csv").open(encoding="utf-8-sig", newline="") as file:
        told = [row["text"] for row in csv.DictReader(file)]
    assert told[0].startswith(f"Checkout is better in {ODD}: valence ")


def test_better_and_worse_are_told_in_words_beside_their_colour(comparison: Comparison) -> None:
    scene = lay_out_comparison(comparison, width_px=1366, height_px=660)
    words = [item.text for item in scene.items if isinstance(item, Text)]
    assert "better, sure" in words
    assert words.count("unclear") == 2
    hints = [hit.hint for hit in scene.hits]
    assert any(hint.startswith("Checkout: Sure: chance alone") for hint in hints)


@pytest.mark.parametrize("n", [1, 2])
def test_the_smallest_studies_are_laid_out(n: int) -> None:
    first, second = journey_of({"ad": 0.0}, n=n), journey_of({"ad": 9.0}, n=n)
    scene = lay_out_comparison(compare_maps(first, second, names=("A", "B")))
    words = " ".join(item.text for item in scene.items if isinstance(item, Text))
    assert ("Too few participants to test any step." in words) == (n == 1)


def test_no_text_reaches_beyond_the_drawing(comparison: Comparison) -> None:
    from journeylab.report.text_metrics import text_width

    for width in (900.0, 1366.0, 1920.0):
        scene = lay_out_comparison(comparison, width_px=width, height_px=700)
        for item in scene.items:
            if isinstance(item, Text):
                wide = text_width(item.text, item.size_px, weight=item.weight)
                left = item.x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
                assert left >= 0
                assert left + wide <= scene.width_px
                assert item.y <= scene.height_px
