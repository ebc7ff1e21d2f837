"""Keep Python's search for rubbish short while a session runs."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Set aside all that is in memory now: a session's own objects are few.

    Python looks through all it holds for objects that only hold each other, at any time and in any
    thread, and no other thread runs meanwhile. Over the modules, windows and models of the app
    that takes a tenth of a second; over what comes after this call, next to nothing.
    """
    gc.collect()
    gc.freeze()


def release_memory() -> None:
    """Look through everything again."""
    gc.unfreeze()
