"""The look comes whole from the theme, and figures do not dance."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from journeylab.study.model import Expression
from journeylab.theme import DARK, FONT_FAMILY, LIGHT, Palette
from journeylab.ui.widgets.action_unit_bars import ActionUnitBars, bars_of
from journeylab.ui.widgets.health import HealthRow, Level, Reading
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner
from journeylab.ui.widgets.style import apply_style, font, load_fonts, style_sheet
from journeylab.vocabulary import ACTION_UNIT_COLUMNS


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_colour_of_the_sheet_is_a_token(palette: Palette) -> None:
    tokens = {value for name in palette.__dataclass_fields__ for value in _values(palette, name)}
    sheet = style_sheet(palette)
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", sheet)) <= tokens
    assert "$" not in sheet


def _values(palette: Palette, name: str) -> tuple[str, ...]:
    value = getattr(palette, name)
    return (value,) if isinstance(value, str) else value


def test_inter_is_loaded_and_digits_are_of_one_width(qapp: QApplication) -> None:
    assert FONT_FAMILY in load_fonts()
    assert QFontInfo(font()).family() == FONT_FAMILY
    metrics = QFontMetricsF(font(22, weight=700))
    widths_px = [metrics.horizontalAdvance(digit * 4) for digit in "0123456789"]
    assert max(widths_px) - min(widths_px) < 0.5


def test_a_part_may_stand_on_the_other_ground(qtbot: QtBot, qapp: QApplication) -> None:
    apply_style(qapp, DARK)
    part = QWidget()
    qtbot.addWidget(part)
    label = QLabel("x", part)
    apply_style(part, LIGHT)
    part.show()
    label.ensurePolished()
    assert label.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text.lower()
    assert part.grab().toImage().pixelColor(2, 2).name() == LIGHT.ground.lower()


def test_a_button_shows_its_key_and_leaves_listening_to_the_page(qtbot: QtBot) -> None:
    button = KeyButton("Next step", key="→", primary=True)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Next step, key →"
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.sizeHint().width() > KeyButton("Next step").sizeHint().width()


def test_action_units_show_the_strongest_of_a_pair_and_nothing_without_a_face(
    qtbot: QtBot,
) -> None:
    bars = ActionUnitBars()
    qtbot.addWidget(bars)
    bars.set_intensities(_face(AU01=0.1, AU02=0.3))
    bars.refresh_figures()
    assert bars.figures[2] == "0.30"
    assert bars.figures[0] == "0.00"
    bars.set_intensities(None)
    bars.refresh_figures()
    assert set(bars.figures) == {"–"}


def test_the_study_s_own_expressions_stand_below_the_action_units(qtbot: QtBot) -> None:
    own = tuple(
        Expression(name=f"mood {n}", formula="min(AU06, AU12) - 0.5 * AU04") for n in range(6)
    )
    bars = ActionUnitBars(bars_of(own))
    qtbot.addWidget(bars)
    assert bars.labels[6:] == ("mood 0", "mood 1", "mood 2", "mood 3")
    assert bars.sizeHint().height() == 10 * 21
    bars.resize(260, bars.sizeHint().height())

    def is_loud() -> bool:
        image, y = bars.grab().toImage(), 6 * 21 + 10
        row = {image.pixelColor(x, y).name() for x in range(image.width())}
        return DARK.accent.lower() in row

    bars.set_intensities(_face(AU06=0.8, AU12=0.9, AU04=0.2))
    bars.refresh_figures()
    assert bars.figures[6] == "0.70"
    assert is_loud()
    bars.set_intensities(_face(AU06=0.3, AU12=0.3))
    assert not is_loud(), "below its threshold it is not shown"
    bars.set_intensities(np.full(len(ACTION_UNIT_COLUMNS), np.nan))
    bars.refresh_figures()
    assert set(bars.figures) == {"–"}


def _face(**intensities: float) -> NDArray[np.float64]:
    return np.array([intensities.get(code, 0.0) for code in ACTION_UNIT_COLUMNS])


def test_levels_differ_in_shape(qtbot: QtBot) -> None:
    pictures = []
    for level in (Level.GOOD, Level.WARNING, Level.FAULT, Level.OFF):
        row = HealthRow()
        qtbot.addWidget(row)
        row.show_reading(Reading(level, "x"))
        mask = row.grab().toImage().copy(0, 0, 12, row.sizeHint().height())
        pictures.append(mask.convertToFormat(mask.Format.Format_Grayscale8))
    for index, one in enumerate(pictures):
        assert all(one != other for other in pictures[index + 1 :])


def test_a_banner_says_and_can_be_dismissed(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.say("The camera is busy.", detail="Close the other program.")
    assert banner.isVisible()
    assert banner.text == "The camera is busy. Close the other program."
    with qtbot.waitSignal(banner.dismissed):
        banner.dismiss()
    assert not banner.isVisible()


def test_text_from_outside_is_not_read_as_markup(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.say("<b>study</b>")
    labels = [one for one in banner.findChildren(QLabel) if one.text() == "<b>study</b>"]
    assert labels[0].textFormat() is Qt.TextFormat.PlainText


def test_placeholders_are_readable(qtbot: QtBot, qapp: QApplication) -> None:
    apply_style(qapp, DARK)
    field = QLineEdit()
    qtbot.addWidget(field)
    assert (
        qapp.palette().color(QPalette.ColorRole.PlaceholderText).name() == DARK.quiet_text.lower()
    )
