"""Two study folders set against each other from the command line's side."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis.planted import PLAN, Recipe, study_of
from analysis.planted_bundles import write_bundle

from journeylab.app.compare import run_compare
from journeylab.errors import AnalysisError
from journeylab.study.folder import StudyFolder, save_study

SHORT = tuple((plan[0], 1.0) for plan in PLAN)


def _study(path: Path, n: int = 2, **changes: object) -> StudyFolder:
    folder = save_study(path, study_of().model_copy(update=changes))
    folder.prepare_for_writing()
    for number in range(n):
        write_bundle(folder, Recipe(f"P0{number}", visits=SHORT, seed=number))
    return folder


def test_two_rounds_are_compared_and_named_by_their_folders(tmp_path: Path) -> None:
    first, second = _study(tmp_path / "round-1"), _study(tmp_path / "round-2")
    (path,) = run_compare(second.path, first.path, out=tmp_path / "out", formats=("svg",))
    assert path.name.startswith("first-purchase-compared-round-")
    text = path.read_text(encoding="utf-8")
    assert "round-1" in text
    assert "round-2" in text


@pytest.mark.parametrize(
    ("other", "said"),
    [("same", "compared with itself"), ("empty", "no usable session"), ("apart", "no step in")],
)
def test_what_cannot_be_compared_is_told_and_nothing_is_written(
    tmp_path: Path, other: str, said: str
) -> None:
    study = _study(tmp_path / "study")
    if other == "empty":
        _study(tmp_path / "empty", n=0)
    elif other == "apart":
        steps = study_of((("elsewhere", "Elsewhere", "Decision", 5.0),)).steps
        folder = save_study(tmp_path / "apart", study_of().model_copy(update={"steps": steps}))
        folder.prepare_for_writing()
        write_bundle(folder, Recipe("P01", visits=(("elsewhere", 4.0),), story=()))
    path = study.path if other == "same" else tmp_path / other
    with pytest.raises(AnalysisError, match=said):
        run_compare(study.path, path, out=tmp_path / "out", formats=("png", "csv"))
    assert not (tmp_path / "out").exists()


def test_the_command_writes_map_and_comparison(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from journeylab.cli import app

    first, second = _study(tmp_path / "round-1"), _study(tmp_path / "round-2")
    words = ["map", str(second.path), "--compare", str(first.path)]
    words += ["--out", str(tmp_path / "out"), "--format", "csv"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "first-purchase-map-steps.csv" in names
    assert {name for name in names if "compared" in name and name.endswith("-sentences.csv")}
