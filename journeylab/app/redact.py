"""``journeylab redact``: a copy of one bundle that may be passed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from journeylab.analysis.screens import may_be_shared
from journeylab.app.passphrase import unlock_if_needed
from journeylab.bundle.reader import Bundle
from journeylab.bundle.redaction import redact

_NOT_TO_BE_SHOWN: Final = (
    "the participant did not agree that others than the researchers see seconds of the session; "
    "pass this copy on to researchers only."
)


def run_redact(
    bundle: Path,
    *,
    out: Path,
    blur: bool,
    progress: Callable[[float], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Path:
    """Write the copy, asking for the study's passphrase where it is encrypted.

    ``warn`` is told that the participant did not agree to be shown to others.

    Raises
    ------
    BundleError, StorageError, StudyError
        When the bundle cannot be opened or the copy cannot be written; nothing is left then.
    """
    unlock_if_needed(bundle)
    path = redact(bundle, out, blur=blur, progress=progress)
    if warn is not None:
        with Bundle.open(path) as copy:
            if not may_be_shared(copy.header):
                warn(f"{path.name}: {_NOT_TO_BE_SHOWN}")
    return path
