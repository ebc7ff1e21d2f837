"""The picture a step is shown by when no session holds one: the study's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from journeylab.analysis.screens import stimulus_picture
from journeylab.opencv import cv2
from journeylab.study.folder import load_study

_STUDY = """
id = "s"
title = "S"
[[steps]]
id = "buy"
title = "Buy"
[steps.stimulus]
kind = "screens"
[[steps.stimulus.screens]]
id = "home"
path = "stimuli/home.png"
[[steps.stimulus.screens]]
id = "cart"
path = "stimuli/cart.png"
"""


def test_a_sequence_of_screenshots_is_shown_by_its_first(tmp_path: Path) -> None:
    (tmp_path / "stimuli").mkdir()
    for name, blue in (("home", 40), ("cart", 200)):
        image = np.full((60, 30, 3), (blue, 0, 0), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"stimuli/{name}.png"), image)
    (tmp_path / "study.toml").write_text(_STUDY, encoding="utf-8")
    folder = load_study(tmp_path)
    picture = stimulus_picture(folder, folder.study.steps[0], "")
    assert picture is not None
    assert picture.shape == (60, 30, 3)
    assert picture[0, 0, 0] == 40


def test_a_sequence_without_its_file_leaves_the_map_standing(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(_STUDY, encoding="utf-8")
    folder = load_study(tmp_path)
    assert stimulus_picture(folder, folder.study.steps[0], "") is None
