"""docs/detectors.md says what the detectors do."""

from __future__ import annotations

from pathlib import Path

from journeylab.analysis.detectors.documentation import document

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "detectors.md"


def test_the_document_is_written_from_the_rules() -> None:
    command = "python -m journeylab.analysis.detectors.documentation docs/detectors.md"
    assert DOCUMENT.read_text(encoding="utf-8") == document(), f"run: {command}"
