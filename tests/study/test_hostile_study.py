"""A study from elsewhere: its files stay inside its folder, and its names are only ever text."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLabel

from journeylab.errors import StudyError
from journeylab.logs import printable
from journeylab.report.raster import write_png
from journeylab.report.scene import Scene, Text
from journeylab.study.folder import StudyFolder, load_study
from journeylab.theme import DARK
from journeylab.ui.moderator.ports import StudyListing
from journeylab.ui.moderator.studies_page import StudyList
from journeylab.ui.participant.allow_list import AllowList
from journeylab.ui.widgets.card import Figure, Label, tooltip
from journeylab.ui.widgets.keys import KeyCap

UI = Path(__file__).resolve().parents[2] / "journeylab" / "ui"

NAMES = (
    "<b>bold</b>",
    '<img src="file:///etc/passwd">',
    "<a href='http://example.org'>click</a>",
    "<script>alert(1)</script>",
    "</style><h1>x",
    "&lt;b&gt; &amp;",
    r"$\frac{\infty$ \unknown{",
    "%s %(x)s {0} {x!r}",
    "a\x1b[31mred\x07",
    "right\u202eot\u2066left",
    "line\nbreak\ttab",
    "'; DROP TABLE x; --",
    "../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "🙂" * 20,
)


def toml(text: str) -> str:
    """A text as a TOML string, with everything unusual escaped."""
    inner = "".join(c if c.isalnum() else f"\\U{ord(c):08X}" for c in text)
    return f'"{inner}"'


def study(folder: Path, *, path: str = "stimuli/a.png", name: str = "A study") -> StudyFolder:
    (folder / "stimuli").mkdir(parents=True, exist_ok=True)
    (folder / "stimuli" / "a.png").write_bytes(b"picture")
    (folder / "study.toml").write_text(
        f'id = "s"\ntitle = {toml(name)}\n[[steps]]\nid = "a"\ntitle = {toml(name)}\n'
        f'stimulus = {{ kind = "image", path = {toml(path)} }}\n',
        encoding="utf-8",
    )
    return load_study(folder)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.png"
    path.write_bytes(b"somebody else's")
    return path


@pytest.mark.parametrize(
    "path",
    ["../secret.png", "stimuli/../../secret.png", "/etc/passwd", "stimuli/../../study2/x", ".."],
)
def test_a_stimulus_outside_the_folder_is_refused(tmp_path: Path, secret: Path, path: str) -> None:
    with pytest.raises(StudyError, match="lies outside the study folder"):
        study(tmp_path / "study", path=path).check_stimuli()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, secret: Path) -> None:
    folder = study(tmp_path / "study", path="stimuli/link.png")
    stimuli = folder.path / "stimuli"
    (stimuli / "link.png").symlink_to(secret)
    (stimuli / "up").symlink_to(tmp_path, target_is_directory=True)
    (stimuli / "chain.png").symlink_to(stimuli / "link.png")
    (stimuli / "within.png").symlink_to(stimuli / "a.png")
    for path in ("stimuli/link.png", "stimuli/up/secret.png", "stimuli/chain.png"):
        with pytest.raises(StudyError, match="lies outside the study folder"):
            folder.stimulus_path(path)
    assert folder.stimulus_path("stimuli/within.png") == (stimuli / "a.png").resolve()


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "d/" * 3000])
def test_what_can_be_no_file_name_is_told(tmp_path: Path, path: str) -> None:
    with pytest.raises(StudyError, match="is no file name"):
        study(tmp_path / "study", path=path).check_stimuli()


def test_no_page_loads_what_lies_outside_by_a_link_or_a_strange_name(
    tmp_path: Path, secret: Path
) -> None:
    root = study(tmp_path / "study").path
    (root / "stimuli" / "link.png").symlink_to(secret)
    (root / "stimuli" / "up").symlink_to(tmp_path, target_is_directory=True)
    (root / "stimuli" / "loop").symlink_to(root / "stimuli" / "loop")
    allowed = AllowList(root)
    assert allowed.allows_resource(QUrl.fromLocalFile(str(root / "stimuli" / "a.png")))
    for name in ("link.png", "up/secret.png", "loop", "%00", "x" * 5000, "a.png%00.html"):
        url = QUrl(f"file://{root}/stimuli/{name}")
        assert not allowed.allows_resource(url) and not allowed.allows_page(url)


def test_a_loop_of_links_and_a_pipe_are_no_stimuli(tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    (folder.path / "stimuli" / "loop").symlink_to(folder.path / "stimuli" / "loop")
    os.mkfifo(folder.path / "stimuli" / "pipe")
    for path, words in (("stimuli/loop", "is no file name"), ("stimuli/pipe", "is missing")):
        with pytest.raises(StudyError, match=words):
            folder.stimulus_path(path)


def test_a_study_file_that_never_ends_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "study.toml")
    with pytest.raises(StudyError, match="is no study file"):
        load_study(tmp_path)
    (tmp_path / "study.toml").unlink()
    (tmp_path / "study.toml").write_bytes(b"#" * (5 << 20))
    with pytest.raises(StudyError, match="is no study file"):
        load_study(tmp_path)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "{a=" * 3000, "[" + "a." * 20000])
def test_a_study_file_nested_without_end_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(StudyError, match="is not valid TOML"):
        load_study(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_as_they_are(qtbot: object, tmp_path: Path, name: str) -> None:
    title = study(tmp_path, name=name).study.title
    assert title == name
    figure = Figure(title)
    figure.show_values(title, unit=title, detail=title)
    labels = [Label(title), KeyCap(title), *figure.findChildren(QLabel)]
    for label in labels:
        assert label.textFormat() is Qt.TextFormat.PlainText
        qtbot.addWidget(label if label.parent() is None else figure)  # type: ignore[attr-defined]
    shown = tooltip(title)
    assert "<b>" not in shown and "<img" not in shown and "<a " not in shown
    assert "<script" not in shown and "<h1" not in shown
    studies = StudyList(palette=DARK)
    qtbot.addWidget(studies)  # type: ignore[attr-defined]
    studies.show_listings([StudyListing(tmp_path, title, problem=title)])
    assert studies.item(0).toolTip() == shown


def test_the_map_draws_names_as_they_are(tmp_path: Path) -> None:
    texts = [Text(10, 20 + 20 * n, name, 12, "text") for n, name in enumerate(NAMES)]
    write_png(Scene(400, 400, tuple(texts)), tmp_path / "map.png", scale=1.0)
    assert (tmp_path / "map.png").stat().st_size > 1000


def test_names_cannot_steer_a_terminal() -> None:
    for name in NAMES:
        shown = printable(name)
        assert not {"\x1b", "\x07", "\u202e", "\u2066", "\t"} & set(shown)
    assert printable("Grüße, 你好 🙂\n") == "Grüße, 你好 🙂\n"


def test_every_label_and_tooltip_of_the_windows_takes_plain_text_only() -> None:
    """What Qt would read as markup goes through Label, KeyCap and tooltip(), which do not."""
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            where = f"{path.name}:{node.lineno}"
            assert name not in {"QLabel", "QMessageBox", "setHtml", "setWhatsThis", "showText"}, (
                where
            )
            if name == "setToolTip":
                assert _is_own_or_plain(node.args[0]), f"{where}: use tooltip()"


def _is_own_or_plain(argument: ast.expr) -> bool:
    """Words of ours, or words from elsewhere through tooltip()."""
    if isinstance(argument, ast.IfExp):
        return _is_own_or_plain(argument.body) and _is_own_or_plain(argument.orelse)
    if isinstance(argument, ast.Call):
        return isinstance(argument.func, ast.Name) and argument.func.id == "tooltip"
    return isinstance(argument, ast.Constant)
