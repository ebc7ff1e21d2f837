"""A hand on the keyboard of an X display, which notes when each key went down.

    python console_hand.py OUT.json KEY:AFTER_S...

Keys are X keysyms (``1``, ``Right``). They come in through XTEST, so the server stamps and routes
them like those of a real keyboard. Times are of the monotonic clock that all processes share.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

_HELD_S = 0.03


def main(out: Path, plan: list[str]) -> int:
    """Press the keys and write ``[[key, pressed_ns], ...]``."""
    display = Display()
    pressed: list[tuple[str, int]] = []
    due_s = time.monotonic()
    for entry in plan:
        key, _, after_s = entry.partition(":")
        code = display.keysym_to_keycode(XK.string_to_keysym(key))
        due_s += float(after_s)
        time.sleep(max(0.0, due_s - time.monotonic()))
        pressed_ns = time.perf_counter_ns()
        xtest.fake_input(display, X.KeyPress, code)
        display.flush()
        pressed.append((key, pressed_ns))
        time.sleep(_HELD_S)
        xtest.fake_input(display, X.KeyRelease, code)
        display.sync()
    out.write_text(json.dumps(pressed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
