"""The house style, where a machine can check it: sizes, words, colours, clocks, doors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = _ROOT / "journeylab"
_MODULES = sorted(_PACKAGE.rglob("*.py"))

_SHARE_WITHIN = 0.9
_MODULE_LINES, _MODULE_LINES_MOST = 400, 600
_FUNCTION_LINES, _FUNCTION_LINES_MOST = 60, 100
_CLASS_METHODS = 25


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path), str(path))


def _name(path: Path) -> str:
    return str(path.relative_to(_ROOT))


def _nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path in _MODULES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, kinds):
                yield path, node


def _assert_sizes(sizes: dict[str, int], *, usual: int, most: int) -> None:
    over = {name: size for name, size in sizes.items() if size > usual}
    assert len(over) <= (1 - _SHARE_WITHIN) * len(sizes), f"over {usual} lines: {over}"
    assert not {name: size for name, size in over.items() if size > most}, f"over {most}: {over}"


def test_modules_stay_small() -> None:
    sizes = {_name(path): len(_text(path).splitlines()) for path in _MODULES}
    _assert_sizes(sizes, usual=_MODULE_LINES, most=_MODULE_LINES_MOST)


def test_functions_stay_small() -> None:
    sizes = {}
    for path, node in _nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        sizes[f"{_name(path)}:{node.name}:{node.lineno}"] = (node.end_lineno or 0) - node.lineno + 1
    _assert_sizes(sizes, usual=_FUNCTION_LINES, most=_FUNCTION_LINES_MOST)


def test_no_class_becomes_a_god_object() -> None:
    for path, node in _nodes(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        assert len(methods) <= _CLASS_METHODS, f"{_name(path)}: {node.name} has {len(methods)}"


def test_modules_are_named_for_their_subject() -> None:
    for path in _MODULES:
        assert path.stem not in {"utils", "helpers", "common", "misc"}, _name(path)


def test_every_module_and_public_thing_says_what_it_is() -> None:
    for path in _MODULES:
        assert ast.get_docstring(_tree(path)), f"{_name(path)} has no docstring"
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{_name(path)}: {node.name} has no docstring"


def test_wall_time_is_read_in_the_clock_module_alone() -> None:
    for path in _MODULES:
        if path.name == "clock.py" and path.parent == _PACKAGE:
            continue
        found = re.search(r"\btime\.time(_ns)?\(|\bdatetime\.(now|utcnow)\(", _text(path))
        assert found is None, f"{_name(path)}: {found and found.group()}"


def test_colours_are_spelled_in_the_theme_alone() -> None:
    for path in _MODULES:
        if path != _PACKAGE / "theme.py":
            found = re.search(r"[\"']#[0-9A-Fa-f]{3,8}[\"']", _text(path))
            assert found is None, f"{_name(path)}: {found and found.group()}"


def test_opencv_has_one_door() -> None:
    for path, node in _nodes(ast.Import):
        assert isinstance(node, ast.Import)
        if path != _PACKAGE / "opencv.py":
            assert "cv2" not in {alias.name for alias in node.names}, _name(path)


def test_nothing_is_caught_that_is_not_named() -> None:
    for path, node in _nodes(ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        assert node.type is not None, f"{_name(path)}:{node.lineno}: a bare except"
        if isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}:
            line = _text(path).splitlines()[node.lineno - 1]
            assert "noqa: BLE001" in line, f"{_name(path)}:{node.lineno}: say why it may catch all"


def test_the_event_loop_is_never_pumped_by_hand() -> None:
    for path in _MODULES:
        assert "processEvents" not in _text(path), _name(path)


def test_no_qt_or_device_opens_at_import() -> None:
    """Modules below the user interface import fragile libraries only where they need them."""
    fragile = {"PySide6", "pynput", "sounddevice", "mediapipe", "pyqtgraph"}
    for path in _MODULES:
        if path.relative_to(_PACKAGE).parts[0] in {"ui", "app"}:
            continue
        for node in _tree(path).body:
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in fragile, f"{_name(path)} imports {name} at import"


def _own_texts() -> list[Path]:
    """Files of the project in which a person writes; caches and environments start with a dot."""
    kinds = {".py", ".md", ".toml", ".sh", ".txt", ".lock", ".html", ".js", ".css", ".json", ""}
    return [
        path
        for path in _ROOT.rglob("*")
        if path.is_file()
        and path.suffix in kinds
        and not any(part.startswith(".") for part in path.relative_to(_ROOT).parts if part != ".ci")
    ]


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile(r"pypi[.]org|pythonhosted|npmjs|deb[.]debian")
    for path in _own_texts():
        found = hosts.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None or path.name == Path(__file__).name, f"{_name(path)}: {found}"


def test_every_third_party_package_is_in_the_readme_with_its_reason() -> None:
    project = _text(_ROOT / "pyproject.toml")
    block = project.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    names = re.findall(r"^\s+\"([A-Za-z0-9-]+)", block, flags=re.M)
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    for name in names:
        row = re.search(rf"^\|\s*{re.escape(name)}\s*\|\s*(\S.*?)\s*\|", readme, flags=re.M | re.I)
        assert row, f"README.md gives no reason for {name}"
