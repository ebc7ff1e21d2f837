"""journeylab verify: short when all is well, plain and non-zero when it is not."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from bundle.sent import a_header, journalled

from journeylab import cli
from journeylab.app.verify import run_verify
from journeylab.assets import asset
from journeylab.bundle.finalise import finalise
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock
from journeylab.errors import BundleError


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The demo study with one sound session and one that is not finished."""
    folder = tmp_path / "study"
    shutil.copytree(asset("demo-study"), folder)
    (folder / "sessions").mkdir(exist_ok=True)
    writer = BundleWriter(folder / "sessions" / "P01.h5", a_header(), clock=VirtualClock())
    writer.close()
    finalise(writer.journal_path)
    journalled(folder / "sessions" / "P02.h5", 3)
    return folder


def verify(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> int:
    monkeypatch.setattr(sys, "argv", ["journeylab", "verify", *map(str, paths)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


def test_a_sound_study_takes_a_line_for_each_session(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(monkeypatch, study) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"OK    {study} (study, 8 steps, 1 sessions)")
    assert "P02.journal is not finished: journeylab recover completes it" in lines[1]
    assert lines[2].startswith(f"OK    {study / 'sessions' / 'P01.h5'} (0:00, ")
    assert 'belongs to the study "shop"' in lines[3]
    assert len(lines) == 4


def test_a_damaged_bundle_is_told_and_the_others_still_checked(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = study / "sessions" / "P01.h5"
    bad = good.with_name("P03.h5")
    bad.write_bytes(good.read_bytes()[:-40])
    assert verify(monkeypatch, bad, good) == 1
    out = capsys.readouterr().out
    assert f"WRONG {bad}" in out and "was cut short, damaged, or changed" in out
    assert f"OK    {good}" in out


def test_a_stimulus_outside_the_study_is_told(study: Path) -> None:
    file = study / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("stimuli/ad.mp4", "../../etc/passwd"), encoding="utf-8")
    first = run_verify([file])[0]
    assert "lies outside the study folder" in first.problems[0]


def test_a_folder_of_bundles_needs_no_study(study: Path) -> None:
    (verdict,) = run_verify([study / "sessions"])
    assert verdict.is_sound and verdict.path.name == "P01.h5"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (verdict,) = run_verify([tmp_path / "none.h5"])
    assert "There is no bundle" in verdict.problems[0]
    (verdict,) = run_verify([tmp_path])
    assert "There is no study.toml" in verdict.problems[0]
    with pytest.raises(BundleError, match="Nothing was named"):
        run_verify([])


def test_names_cannot_steer_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(monkeypatch, tmp_path / "\x1b[2Jx\u202egnp.h5") == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and "[2Jx" in out
