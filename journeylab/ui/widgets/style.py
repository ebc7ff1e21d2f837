"""The house look for Qt: Inter, a QPalette and a style sheet, all from the theme's tokens."""

from __future__ import annotations

from functools import lru_cache
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from journeylab.assets import asset
from journeylab.errors import JourneyLabError
from journeylab.theme import CARD_RADIUS_PX, DARK, FONT_FAMILY, FONT_FILES, Palette

BODY_PX = 13
SMALL_PX = 12
SECTION_PX = 11
FIGURE_PX = 22
TITLE_PX = 20

_SHEET = Template(
    """
* { font-family: "$family"; }
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QDialog, QWidget[role="page"] { background: $ground; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px; }

QFrame[role="card"] {
    background: $surface; border: 1px solid $line; border-radius: ${radius}px;
}
QFrame[role="sheet"] {
    background: $surface; border: 1px solid $quiet_text; border-radius: ${radius}px;
}
QFrame[role="bar"] { background: $surface; border: 0; }
QFrame[role="bar"][edge="bottom"] { border-bottom: 1px solid $line; }
QFrame[role="bar"][edge="top"] { border-top: 1px solid $line; }
QFrame[role="side"] { background: transparent; border: 0; }
QFrame[role="side"][edge="right"] { border-right: 1px solid $line; }
QFrame[role="side"][edge="left"] { border-left: 1px solid $line; }
QFrame[role="banner"][level="fault"] {
    background: $negative_tint; border: 1px solid $negative_edge; border-radius: ${radius}px;
}
QFrame[role="banner"][level="warning"] {
    background: $warning_tint; border: 1px solid $warning_edge; border-radius: ${radius}px;
}
QFrame[role="banner"][level="good"] {
    background: $joy_tint; border: 1px solid $joy_edge; border-radius: ${radius}px;
}
QFrame[role="banner"][level="note"] {
    background: $accent_tint; border: 1px solid $accent_edge; border-radius: ${radius}px;
}

QLabel { background: transparent; border: 0; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 700; }
QLabel[role="heading"] { font-size: 15px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="figure"] { font-size: ${figure}px; font-weight: 700; }
QLabel[role="unit"] { color: $quiet_text; font-weight: 600; font-size: ${small}px; }
QLabel[role="quiet"] { color: $quiet_text; }
QLabel[role="small"] { color: $quiet_text; font-size: ${small}px; }
QLabel[role="section"] { color: $quiet_text; font-size: ${section}px; font-weight: 600; }
QLabel[tone="joy"] { color: $joy_text; }
QLabel[tone="negative"] { color: $negative_text; }
QLabel[tone="neutral"] { color: $neutral_text; }
QLabel[tone="warning"] { color: $warning_text; }
QLabel[role="key"] {
    color: $quiet_text; background: $ground; border: 1px solid $line; border-radius: 5px;
    font-size: ${section}px; font-weight: 600;
}

QPushButton {
    background: $raised; border: 1px solid $line; border-radius: 7px;
    padding: 0 14px; min-height: 32px; font-weight: 600; outline: 0;
}
QPushButton:hover { border-color: $quiet_text; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $quiet_text; background: $surface; border-color: $line; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[role="primary"]:hover { border-color: $text; }
QPushButton[role="primary"]:disabled {
    background: $surface; border-color: $line; color: $quiet_text;
}
QPushButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover { background: $raised; }
QPushButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="quiet"]:disabled { color: $quiet_text; }
QPushButton[role="tab"] {
    background: transparent; border: 0; border-bottom: 2px solid transparent; border-radius: 0;
    padding: 0 2px; color: $text; min-height: 46px;
}
QPushButton[role="tab"]:hover { border-bottom-color: $quiet_text; }
QPushButton[role="tab"]:focus { border-bottom-color: $text; }
QPushButton[role="tab"]:checked { border-bottom-color: $accent; }
QPushButton[role="tab"]:disabled { color: $quiet_text; }

QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QDoubleSpinBox {
    background: $ground; border: 1px solid $line; border-radius: 7px; padding: 0 10px;
    min-height: 30px; selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit { padding: 6px 8px; }
QLineEdit, QPlainTextEdit { placeholder-text-color: $quiet_text; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover, QSpinBox:hover {
    border-color: $quiet_text;
}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border-color: $accent;
}
QLineEdit[invalid="true"] { border-color: $warning; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled {
    color: $quiet_text; background: $surface;
}
QComboBox QLineEdit, QSpinBox QLineEdit, QDoubleSpinBox QLineEdit {
    border: 0; padding: 0; background: transparent; min-height: 0;
}
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: 0; }
QComboBox { padding-right: 26px; }
QComboBox::drop-down { border: 0; width: 26px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $line; padding: 4px; outline: 0;
    selection-background-color: $accent_tint; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; border-radius: 5px; }

QCheckBox { spacing: 10px; min-height: 24px; background: transparent; }
QCheckBox::indicator {
    width: 16px; height: 16px; border: 1px solid $quiet_text; border-radius: 5px;
    background: $ground;
}
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; }
QCheckBox::indicator:disabled { border-color: $line; background: $surface; }
QCheckBox:disabled { color: $quiet_text; }

QListView, QListWidget, QTableView, QTableWidget, QScrollArea {
    background: transparent; border: 0; outline: 0;
}
QScrollArea > QWidget, QScrollArea > QWidget > QWidget { background: transparent; }
QListView::item { border-radius: 7px; }
QListView::item:hover { background: $raised; }
QListView::item:selected { background: $accent_tint; color: $text; }
QTableView {
    gridline-color: $line; selection-background-color: $accent_tint; selection-color: $text;
}
QTableView::item { padding: 0 8px; border: 0; border-bottom: 1px solid $line; }
QTableView::item:selected { background: $accent_tint; color: $text; }
QTableView QLineEdit, QTableView QComboBox, QTableView QSpinBox {
    border-radius: 0; min-height: 26px;
}
QHeaderView { background: transparent; border: 0; }
QHeaderView::section {
    background: transparent; border: 0; border-bottom: 1px solid $line; padding: 6px 8px;
    color: $quiet_text; font-size: ${section}px; font-weight: 600;
}
QProgressBar {
    background: $raised; border: 0; border-radius: 3px; min-height: 6px; max-height: 6px;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSlider { min-height: 20px; }
QSlider::groove:horizontal { background: $raised; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $text; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
}
QSlider::handle:horizontal:focus { background: $accent; }
QMenu { background: $surface; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 16px; border-radius: 5px; }
QMenu::item:selected { background: $accent_tint; }
QSplitter::handle { background: $line; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $neutral; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
)


@lru_cache(maxsize=1)
def load_fonts() -> tuple[str, ...]:
    """Load Inter from the shipped files, once; return the families Qt found in them.

    Needs a QApplication.

    Raises
    ------
    JourneyLabError
        When a font file cannot be loaded.
    """
    families: list[str] = []
    for name in FONT_FILES:
        path = asset("fonts", name)
        loaded = QFontDatabase.addApplicationFont(str(path))
        if loaded < 0:
            raise JourneyLabError(
                f"The font file {path} cannot be loaded.", remedy="Install JourneyLab again."
            )
        families += QFontDatabase.applicationFontFamilies(loaded)
    return tuple(dict.fromkeys(families))


def font(size_px: int = BODY_PX, *, weight: int = 400, tracking_percent: float = 0.0) -> QFont:
    """Inter with tabular digits, for widgets that paint themselves.

    ``weight`` is the CSS weight (400, 500, 600, 700), ``tracking_percent`` the extra space
    between letters as a percentage of their width.
    """
    result = QFont(FONT_FAMILY)
    result.setPixelSize(size_px)
    result.setWeight(QFont.Weight(weight))
    # Digits of one width: a figure that changes must not push its neighbours about.
    result.setFeature(QFont.Tag("tnum"), 1)
    if tracking_percent:
        result.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100.0 + tracking_percent)
    return result


def colour(token: str, alpha: float = 1.0) -> QColor:
    """QColor of a palette's value, with an opacity from 0 to 1."""
    result = QColor(token)
    result.setAlphaF(alpha)
    return result


def qt_palette(palette: Palette) -> QPalette:
    """The QPalette of a ground, so that what the style sheet does not reach fits too."""
    role = QPalette.ColorRole
    result = QPalette()
    for qt_role, token in (
        (role.Window, palette.ground),
        (role.WindowText, palette.text),
        (role.Base, palette.ground),
        (role.AlternateBase, palette.surface),
        (role.Text, palette.text),
        (role.PlaceholderText, palette.quiet_text),
        (role.Button, palette.raised),
        (role.ButtonText, palette.text),
        (role.BrightText, palette.on_accent),
        (role.ToolTipBase, palette.raised),
        (role.ToolTipText, palette.text),
        (role.Highlight, palette.accent),
        (role.HighlightedText, palette.on_accent),
        (role.Link, palette.accent_text),
        (role.Light, palette.raised),
        (role.Midlight, palette.line),
        (role.Mid, palette.line),
        (role.Dark, palette.line),
        (role.Shadow, palette.ground),
    ):
        result.setColor(qt_role, QColor(token))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, qt_role, QColor(palette.quiet_text))
    return result


def _translucent(token: str, alpha: float) -> str:
    it = QColor(token)
    return f"rgba({it.red()}, {it.green()}, {it.blue()}, {alpha})"


def style_sheet(palette: Palette) -> str:
    """The style sheet of a ground."""
    tokens = {
        name: value
        for name in palette.__dataclass_fields__
        if isinstance(value := getattr(palette, name), str)
    }
    edges = {
        f"{name}_edge": _translucent(tokens[name], 0.45)
        for name in ("joy", "negative", "warning", "accent")
    }
    return _SHEET.substitute(
        tokens | edges,
        family=FONT_FAMILY,
        body=BODY_PX,
        small=SMALL_PX,
        section=SECTION_PX,
        title=TITLE_PX,
        figure=FIGURE_PX,
        radius=CARD_RADIUS_PX,
    )


def apply_style(target: QApplication | QWidget, palette: Palette = DARK) -> None:
    """Give an application, or one part of it, the house look on the given ground.

    The application gets the ground most windows share; a part on the other ground (the light
    analysis inside the dark console's window) is given its own.
    """
    load_fonts()
    if isinstance(target, QApplication):
        target.setStyle("Fusion")
        target.setFont(font())
    else:
        target.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        target.setFont(font())
        if not target.property("role"):
            target.setProperty("role", "page")
    target.setPalette(qt_palette(palette))
    target.setStyleSheet(style_sheet(palette))


def set_role(widget: QWidget, **properties: str) -> None:
    """Set style properties such as ``role="primary"`` and have the style sheet read them anew."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
