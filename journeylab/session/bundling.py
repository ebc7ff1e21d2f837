"""How the bundle of a session is made in its study: written, and encrypted where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from journeylab.bundle.encryption import encrypt_bundle, is_encrypted
from journeylab.session.stopping import WriteBundle
from journeylab.study.folder import StudyFolder

_WRITING_SHARE: Final = 0.9  # of the progress; encrypting is the rest


class EncryptingWriter:
    """Makes a bundle with ``write``, then encrypts it to the study's public key."""

    def __init__(self, write: WriteBundle, recipient: str) -> None:
        self._write = write
        self._recipient = recipient

    def __call__(self, journal: Path, *, progress: Callable[[float], None] | None = None) -> Path:
        def partly(share: float) -> None:
            if progress is not None:
                progress(share * _WRITING_SHARE)

        path = encrypt_bundle(self._write(journal, progress=partly), self._recipient)
        if progress is not None:
            progress(1.0)
        return path


def writer_for(folder: StudyFolder, write: WriteBundle) -> WriteBundle:
    """What makes the bundles of this study."""
    recipient = folder.study.privacy.encrypt_to
    return write if recipient is None else EncryptingWriter(write, recipient)


def encrypt_leftovers(folder: StudyFolder) -> tuple[Path, ...]:
    """Encrypt what a crash, or an earlier life of the study, left plain; what was encrypted.

    Raises
    ------
    BundleError, StorageError
        When one cannot be encrypted; it stays as it is.
    """
    recipient = folder.study.privacy.encrypt_to
    if recipient is None:
        return ()
    plain = [path for path in folder.sessions_path.glob("*.h5") if not is_encrypted(path)]
    return tuple(encrypt_bundle(path, recipient) for path in sorted(plain))
