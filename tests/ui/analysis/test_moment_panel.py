"""A moment beside the map: the face as the study wants it shown, and words that are true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from journeylab.analysis.journey import SessionSummary
from journeylab.analysis.moments import Moment, MomentChoice
from journeylab.ui.analysis.moment_panel import MomentPanel

SUMMARY = SessionSummary(
    path=Path("P01.h5"),
    session_id="P01-1",
    participant_id="P01",
    created_utc="",
    segments={},
    simulated=True,
    duration_s=10.0,
    face_share=1.0,
    mean_quality=0.9,
    lost=0,
    grade="A",
    reason="",
)
FACE = np.full((90, 160, 3), 200, np.uint8)
BLURRED = np.full((90, 160, 3), 100, np.uint8)


def _moment() -> Moment:
    return Moment(
        MomentChoice(SUMMARY, "Ad", 0, 10.0, 1.0),
        session_s=1.0,
        face=FACE,
        screen=FACE,
        gaze=(0.5, 0.5),
        gaze_spread=(0.1, 0.1),
        valence=10.0,
        units=(),
        blurred=BLURRED,
    )


def _level(panel: MomentPanel) -> int:
    image = panel.face_picture.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_the_face_is_blurred_where_the_study_wants_it_and_the_box_says_so(
    qtbot: QtBot,
) -> None:
    panel = MomentPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    panel.blur_faces(True)
    panel.show_moment(_moment())
    assert abs(_level(panel) - 100) < 8
    panel.blur.toggle()
    assert abs(_level(panel) - 200) < 8
    panel.blur_faces(True)
    assert abs(_level(panel) - 100) < 8


def test_the_halo_is_named_as_what_it_is(qtbot: QtBot) -> None:
    panel = MomentPanel()
    qtbot.addWidget(panel)
    panel.show_moment(_moment())
    words = "\n".join(label.text() for label in panel.findChildren(QLabel))
    assert "halo: with 68 % it lies within" in words and "standard deviation" not in words
