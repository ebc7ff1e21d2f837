"""``journeylab encrypt`` and ``decrypt``: sessions at rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from journeylab.app.annotation_file import encrypt_annotations
from journeylab.app.passphrase import new_passphrase, unlock_if_needed
from journeylab.bundle.encryption import is_encrypted, plain_bundle
from journeylab.bundle.journal import storage_error
from journeylab.errors import BundleError
from journeylab.session.bundling import encrypt_leftovers
from journeylab.study.folder import load_study
from journeylab.study.study_key import encrypt_study

_CHUNK_BYTES = 1 << 20


def run_encrypt(study: Path, *, passphrase: Callable[[], str] = new_passphrase) -> tuple[Path, ...]:
    """Give a study a key, and encrypt the sessions it has; their new paths.

    A study that has its key already gets only what still lies plain encrypted.

    Raises
    ------
    StudyError, BundleError, StorageError
        When it cannot be done; what is not encrypted yet stays as it is.
    """
    folder = load_study(study)
    if not folder.study.privacy.is_encrypted:
        folder = encrypt_study(folder, passphrase())
    encrypt_annotations(folder)
    return encrypt_leftovers(folder)


def run_decrypt(bundle: Path, *, out: Path) -> Path:
    """Write a plain copy of an encrypted bundle.

    Raises
    ------
    BundleError, StudyError, StorageError
        When it is not encrypted, does not open, or the copy exists or cannot be written.
    """
    if not is_encrypted(bundle):
        raise BundleError(f"{bundle} is not encrypted.")
    unlock_if_needed(bundle)
    with plain_bundle(bundle) as plain, plain.open("rb") as source:
        try:
            number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise BundleError(f"{out} is there already.", remedy="Choose another name.") from None
        except OSError as error:
            raise storage_error(out, error) from error
        try:
            with os.fdopen(number, "wb") as file:
                while data := source.read(_CHUNK_BYTES):
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            out.unlink(missing_ok=True)
            raise storage_error(out, error) from error
    return out
