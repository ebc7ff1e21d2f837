"""The layers are import contracts; this runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Signal

_ROOT = Path(__file__).resolve().parent.parent


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run(
        [linter, "--no-cache"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_signals_do_not_steal_references_of_true_and_none() -> None:
    """PySide6 6.12.0 does on Python 3.10 and 3.11, and ends the process after ~1000 emits."""

    class _Sender(QObject):
        fired = Signal(object)

    sender = _Sender()
    received = []
    sender.fired.connect(received.append)
    before = (sys.getrefcount(True), sys.getrefcount(None))
    for _ in range(5000):
        sender.fired.emit(True)
        sender.fired.emit(None)
    assert len(received) == 10_000
    received.clear()
    after = (sys.getrefcount(True), sys.getrefcount(None))
    assert all(now > then - 1000 for then, now in zip(before, after, strict=True))


def test_the_command_line_starts_without_loading_qt_or_a_model() -> None:
    code = (
        "import sys, journeylab.cli; "
        "print([m for m in ('PySide6', 'mediapipe', 'cv2', 'h5py', 'pynput') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
