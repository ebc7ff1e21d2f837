"""How pages come onto the screen of a laptop without a graphics card."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

from PySide6.QtGui import QOffscreenSurface, QOpenGLContext

_SETTING: Final = "QT_QUICK_BACKEND"
_GL_RENDERER: Final = 0x1F01
# Mesa's and Windows' drawing by the processor.
_BY_PROCESSOR: Final = ("llvmpipe", "softpipe", "swrast", "swiftshader", "gdi generic")


def spare_the_processor() -> None:
    """Let Qt draw pages without OpenGL where OpenGL is done by the processor; called before the
    first page is made.

    A window with a page in it is put together by OpenGL, all of it at each frame of a video.
    Without a graphics card that costs a third of a core, and the console stutters. A setting of
    the environment is kept.
    """
    if _SETTING not in os.environ and _is_done_by_processor():
        os.environ[_SETTING] = "software"


@cache
def _is_done_by_processor() -> bool:
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return True  # there is no OpenGL at all
    try:
        renderer = str(context.functions().glGetString(_GL_RENDERER) or "").lower()
    finally:
        context.doneCurrent()
    return any(name in renderer for name in _BY_PROCESSOR)
