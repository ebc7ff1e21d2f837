"""The document of the format is what the declaration says, and its examples work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from bundle.sent import row_of
from journeylab.bundle.documentation import H5DUMP, READ_WITH_H5PY, READ_WITH_PANDAS, document
from journeylab.bundle.schema import DATASET_ATTRIBUTES, LAYOUT, ROOT_ATTRIBUTES, dataset_path

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "bundle-format.md"


def test_the_document_is_what_the_declaration_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "run: python -m journeylab.bundle.documentation docs/bundle-format.md"
    )


def test_it_names_every_dataset_and_attribute() -> None:
    text = document()
    for layout in LAYOUT.values():
        part = text.split(f"### {layout.spec.name}\n", 1)[1].split("\n##", 1)[0]
        for column in layout.datasets:
            assert f"| `{column.name}` |" in part
    for attribute in ROOT_ATTRIBUTES:
        assert f"| `{attribute.name}` |" in text


def test_a_bundle_has_exactly_what_is_declared(finished: Path) -> None:
    with h5py.File(finished) as file:
        assert set(file.attrs) == {attribute.name for attribute in ROOT_ATTRIBUTES}
        assert set(file) == set(LAYOUT)
        for name, layout in LAYOUT.items():
            assert set(file[name]) == {column.name for column in layout.datasets}
            for column in layout.datasets:
                attributes = set(file[dataset_path(name, column.name)].attrs)
                assert attributes | {"range"} == set(DATASET_ATTRIBUTES)


def run(code: str, folder: Path) -> dict[str, object]:
    """What an example's names are after it has run where the bundle lies."""
    names: dict[str, object] = {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(code, names)
    finally:
        os.chdir(before)
    return names


def test_h5py_reads_it_as_the_document_shows(finished: Path) -> None:
    names = run(READ_WITH_H5PY, finished.parent)
    assert READ_WITH_H5PY in document()
    assert len(names["x_px"]) == len(names["t_s"]) == 1600  # type: ignore[arg-type]
    sent = [row_of("notes", k, t_ns=0).values[0] for k in range(100)]
    assert list(names["notes"]) == sent  # type: ignore[call-overload]


def test_pandas_reads_it_in_five_lines(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(READ_WITH_PANDAS.splitlines()) == 5 and READ_WITH_PANDAS in document()
    pytest.importorskip("pandas")
    affect = run(READ_WITH_PANDAS, finished.parent)["affect"]
    sent = np.array([row_of("affect", k, t_ns=0).values[0] for k in range(100)], np.float32)
    np.testing.assert_array_equal(affect["valence"].to_numpy(), sent)  # type: ignore[index]
    assert "mean" in capsys.readouterr().out


@pytest.mark.parametrize("command", H5DUMP)
def test_stock_h5dump_reads_it(finished: Path, command: str) -> None:
    if shutil.which("h5dump") is None:
        pytest.fail("h5dump is missing: run make test, which installs it")
    shown = subprocess.run(
        command.split(), cwd=finished.parent, capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    if "-A" in command:
        assert 'ATTRIBUTE "format_version"' in shown.stdout and '"study_id"' in shown.stdout
    else:
        values = shown.stdout.split("DATA {", 1)[1].split("}", 1)[0]
        assert values.count(",") == 99


def test_stock_h5dump_inflates_every_dataset(finished: Path) -> None:
    shown = subprocess.run(
        ["h5dump", "-o", os.devnull, finished.name],
        cwd=finished.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stderr == ""


def test_it_is_written_by_its_command(tmp_path: Path) -> None:
    target = tmp_path / "format.md"
    subprocess.run(
        [sys.executable, "-m", "journeylab.bundle.documentation", str(target)], check=True
    )
    assert target.read_text(encoding="utf-8") == document()
