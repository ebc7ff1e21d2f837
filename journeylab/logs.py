"""Logging: one logger tree, a terse console, and nothing about a participant's face in it."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname).1s %(threadName)s %(name)s: %(message)s"


def logger(name: str) -> logging.Logger:
    """Logger of a module; call it as ``logger(__name__)``."""
    return logging.getLogger(name)


def set_up_logs(*, verbose: bool = False) -> None:
    """Send warnings (or, when verbose, everything) to standard error. Called once, by the CLI."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format=_FORMAT)
