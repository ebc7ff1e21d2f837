"""``journeylab redact``: a copy of one bundle that may be passed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from journeylab.app.passphrase import unlock_if_needed
from journeylab.bundle.redaction import redact


def run_redact(
    bundle: Path, *, out: Path, blur: bool, progress: Callable[[float], None] | None = None
) -> Path:
    """Write the copy, asking for the study's passphrase where it is encrypted.

    Raises
    ------
    BundleError, StorageError, StudyError
        When the bundle cannot be opened or the copy cannot be written; nothing is left then.
    """
    unlock_if_needed(bundle)
    return redact(bundle, out, blur=blur, progress=progress)
