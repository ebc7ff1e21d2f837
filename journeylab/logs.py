"""Logging: one logger tree, a terse console, and nothing about a participant's face in it."""

from __future__ import annotations

import logging
import os
from typing import Final

_FORMAT = "%(asctime)s %(levelname).1s %(threadName)s %(name)s: %(message)s"
# What Qt says of itself while it is imported, before there is anything to say.
_QT_RULES: Final = "qt.multimedia.symbolsresolver=false;qt.multimedia.ffmpeg.info=false"


def logger(name: str) -> logging.Logger:
    """Logger of a module; call it as ``logger(__name__)``."""
    return logging.getLogger(name)


def printable(text: str) -> str:
    """A text for a terminal: what would steer it, or turn the writing around, is shown as a mark.

    Names of files, studies and participants come from outside.
    """
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def set_up_logs(*, verbose: bool = False) -> None:
    """Send warnings (or, when verbose, everything) to standard error. Called once, by the CLI.

    Unless verbose, Qt keeps to itself which sound and video libraries it found.
    """
    if not verbose:
        os.environ.setdefault("QT_LOGGING_RULES", _QT_RULES)
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format=_FORMAT)
