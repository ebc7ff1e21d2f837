"""The study editor on each of its pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from photographing import Camera, Scenes, open_dialogs

_PAGES = ("Goal", "Segments", "Markers", "Expressions", "Questions at the end", "Privacy")
_TABS = ("step", "shows", "areas", "questions")
_OF_STEPS = (
    *(("ad", tab) for tab in (0, 2)),
    *(("landing", tab) for tab in range(4)),
    ("store", 2),
    *(("sign-up", tab) for tab in (1, 2)),
    ("asked", 3),
)
_PAGE_S, _FILM_S = 0.35, 3.0


def editor_scenes(window: Any, camera: Camera, *, study: Path) -> Scenes:
    """A new study from its first page, then a study of every kind, page by page."""
    yield 0.1, lambda: window.edit_study(None)
    yield 0.8, lambda: camera.take(_editor(), "editor-new")
    yield 0.1, lambda: _editor().begin_with(None)
    yield _PAGE_S, lambda: camera.take(_editor(), "editor-new-empty")
    yield 0.1, lambda: _editor().save()
    yield _PAGE_S, lambda: camera.take(_editor(), "editor-new-problems")
    yield 0.1, lambda: _editor()._discard()
    yield 0.1, lambda: window.edit_study(study)
    for name in _PAGES:
        yield 0.1, partial(_on_editor, lambda editor, page: editor.show_page(page), name)
        yield _PAGE_S, partial(_photograph, camera, f"editor-{name.lower().replace(' ', '-')}")
    for step_id, tab in _OF_STEPS:
        yield 0.1, partial(_on_editor, _turn, (step_id, tab))
        wait_s = _FILM_S if (step_id, tab) == ("ad", 2) else _PAGE_S
        yield wait_s, partial(_photograph, camera, f"editor-{step_id}-{_TABS[tab]}")
    yield 0.1, lambda: _change_and_leave(_editor())
    yield _PAGE_S, lambda: camera.take(_editor(), "editor-leave-question")
    yield 0.1, lambda: _editor()._discard()


def _editor() -> Any:
    return open_dialogs()[0]


def _on_editor(act: Callable[[Any, Any], None], value: Any) -> None:
    act(_editor(), value)


def _photograph(camera: Camera, name: str) -> None:
    camera.take(_editor(), name)


def _turn(editor: Any, to: tuple[str, int]) -> None:
    step_id, tab = to
    editor.show_step([step.id for step in editor.desk.study.steps].index(step_id))
    editor.step_page.show_tab(tab)


def _change_and_leave(editor: Any) -> None:
    editor.desk.put(("title",), "Kettle shop, third round", "title")
    editor.reject()
