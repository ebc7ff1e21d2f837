"""Pages without a graphics card: Qt's own way of drawing, unless somebody chose another."""

from __future__ import annotations

import os

import pytest

from journeylab.ui.participant import graphics

SETTING = "QT_QUICK_BACKEND"


@pytest.mark.parametrize(
    ("chosen", "by_processor", "wanted"),
    [(None, True, "software"), (None, False, None), ("rhi", True, "rhi")],
)
def test_only_the_processors_opengl_is_spared(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, by_processor: bool, wanted: str | None
) -> None:
    if chosen is None:
        monkeypatch.delenv(SETTING, raising=False)
    else:
        monkeypatch.setenv(SETTING, chosen)
    monkeypatch.setattr(graphics, "_is_done_by_processor", lambda: by_processor)
    graphics.spare_the_processor()
    assert os.environ.get(SETTING) == wanted
    # What it set is the environment's, not this test's.
    os.environ.pop(SETTING, None)
