"""How the bundle of a session is made in its study: written, and encrypted where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from journeylab.bundle.encryption import encrypt_bundle
from journeylab.bundle.recover import joined_error
from journeylab.bundle.schema import BUNDLE_SUFFIX, DAMAGED_SUFFIX
from journeylab.errors import BundleError, JourneyLabError
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

    Damaged bundles that were put aside are among it: they show the participant just as well. One
    that cannot be encrypted keeps no other from it. Nothing outside the study's folder is touched:
    a study from elsewhere could else encrypt the files of others to a key nobody here has.

    Raises
    ------
    BundleError, StorageError
        When some cannot be encrypted; they stay as they are.
    """
    recipient = folder.study.privacy.encrypt_to
    if recipient is None:
        return ()
    root = folder.path.resolve()
    encrypted: list[Path] = []
    failures: list[JourneyLabError] = []
    for suffix in (BUNDLE_SUFFIX, DAMAGED_SUFFIX):
        for path in sorted(folder.sessions_path.glob(f"*{suffix}")):
            if not path.is_file():
                continue
            try:
                if not path.resolve().is_relative_to(root):
                    raise BundleError(
                        f"{path} lies outside its study's folder and is not encrypted.",
                        remedy="Move it into the study's folder.",
                    )
                encrypted.append(encrypt_bundle(path, recipient))
            except JourneyLabError as error:
                failures.append(error)
    if failures:
        raise joined_error(failures)
    return tuple(encrypted)
