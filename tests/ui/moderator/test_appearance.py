"""The look is chosen from the bar, kept, and read again at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from journeylab.theme import DARK, LIGHT
from journeylab.ui.moderator.appearance import (
    USUAL,
    Appearance,
    AppearanceButton,
    load_appearance,
    save_appearance,
)


def test_what_was_chosen_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "home" / "appearance.json"
    assert load_appearance(file) is USUAL
    save_appearance(Appearance(is_light=True, is_colour_blind_safe=True), file)
    assert load_appearance(file) == Appearance(is_light=True, is_colour_blind_safe=True)


@pytest.mark.parametrize("text", ["", "[]", "7", '{"colour": true}', "\x00"])
def test_a_file_that_says_nothing_gives_the_usual_look(tmp_path: Path, text: str) -> None:
    file = tmp_path / "appearance.json"
    file.write_text(text)
    assert load_appearance(file) is USUAL


def test_the_menu_tells_ground_and_colours(qtbot: QtBot) -> None:
    button = AppearanceButton(Appearance(is_colour_blind_safe=True))
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.chosen) as chosen:
        button.light.trigger()
    assert chosen.args == [Appearance(is_light=True, is_colour_blind_safe=True)]
    with qtbot.waitSignal(button.chosen) as chosen:
        button.safe.trigger()
    assert chosen.args == [Appearance(is_light=True, is_colour_blind_safe=False)]


def test_the_analysis_is_light_whatever_the_console_is() -> None:
    assert USUAL.console is DARK and USUAL.analysis is LIGHT
    safe = Appearance(is_light=False, is_colour_blind_safe=True)
    assert safe.analysis.ground == LIGHT.ground
    assert safe.console.joy != DARK.joy and safe.analysis.joy != LIGHT.joy
