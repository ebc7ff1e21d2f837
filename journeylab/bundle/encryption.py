"""Bundles at rest: encrypted into age files, decrypted into memory.

The format is age (https://age-encryption.org/v1), written by its Rust implementation: a fresh key
for each file, ChaCha20-Poly1305 over 64 KiB chunks with a counter and a mark on the last one, so
that what was cut short, reordered or changed does not open. Nothing of it is our own.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from journeylab.bundle.journal import storage_error, sync_folder
from journeylab.errors import BundleError, StudyError
from journeylab.study.study_key import KEYRING

ENCRYPTED_SUFFIX: Final = ".age"

_HEADER_BYTES: Final = 4096
"""By how much two encryptions of the same bytes may differ: age pads its header at random."""


def is_encrypted(path: Path) -> bool:
    """Whether a bundle is encrypted, by its name."""
    return path.suffix == ENCRYPTED_SUFFIX


def encrypt_bundle(path: Path, recipient: str) -> Path:
    """Encrypt a finished bundle in its place; ``x.h5`` becomes ``x.h5.age``.

    What was written is decrypted again and compared before the plain file is deleted. May be
    killed at any point and called again.

    Parameters
    ----------
    recipient
        The study's public key, ``age1…``.

    Raises
    ------
    BundleError
        When there is no such bundle, what was written does not read back, or an encrypted bundle
        of another session has the name already.
    StorageError
        When the disk is too full. The plain bundle stays.
    StudyError
        When the public key is none.
    """
    target = path.with_name(path.name + ENCRYPTED_SUFFIX)
    partial = target.with_name(target.name + ".partial")
    with ExitStack() as stack:
        try:
            plain = stack.enter_context(path.open("rb"))
        except FileNotFoundError:
            return _done_by_another(path, target)
        fcntl.flock(plain, fcntl.LOCK_EX)
        if not path.exists():
            return _done_by_another(path, target)
        stack.callback(partial.unlink, missing_ok=True)
        try:
            _encrypt_verified(plain, partial, recipient)
            _check_same(partial, target)
            partial.replace(target)
            sync_folder(path.parent)
            path.unlink()
            sync_folder(path.parent)
        except OSError as error:
            raise storage_error(target, error) from error
    return target


def _check_same(partial: Path, target: Path) -> None:
    """Refuse to replace what is not an earlier encryption of the same bundle, cut off before the
    plain one was deleted. Without the private key only its size can tell."""
    if not target.exists():
        return
    if abs(target.stat().st_size - partial.stat().st_size) > _HEADER_BYTES:
        raise BundleError(
            f"{target} is there already and holds another session.",
            remedy="Move or rename it; the bundle beside it is kept as it is, not encrypted.",
        )


def _done_by_another(path: Path, target: Path) -> Path:
    if target.exists():
        return target
    raise BundleError(f"There is no bundle {path}.")


def _encrypt_verified(plain: IO[bytes], partial: Path, recipient: str) -> None:
    """Encrypt, and decrypt what was written with a key made for this and forgotten after.

    The study's private key may be locked away; a second recipient of the same age file tells as
    well whether every byte of it can be read.
    """
    import pyrage

    witness = pyrage.x25519.Identity.generate()
    try:
        recipients = [pyrage.x25519.Recipient.from_str(recipient), witness.to_public()]
    except pyrage.RecipientError as error:
        raise StudyError(f"{recipient} is no public key ({error}).") from error
    source = _Digest(plain)
    # A new file: what a killed run left, or a link somebody put there, is not written through.
    partial.unlink(missing_ok=True)
    number = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w+b") as file:
        pyrage.encrypt_io(source, file, recipients)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        read_back = _Digest()
        try:
            pyrage.decrypt_io(file, read_back, [witness])
        except (pyrage.DecryptError, OSError) as error:
            raise _not_read_back(partial) from error
    if read_back.digest() != source.digest():
        raise _not_read_back(partial)


def _not_read_back(partial: Path) -> BundleError:
    return BundleError(
        f"{partial} does not read back as it was written.",
        remedy="The bundle is kept as it was, not encrypted. Check the disk.",
    )


class _Digest(io.RawIOBase):
    """Passes bytes on, or swallows them, and sums them up."""

    def __init__(self, source: IO[bytes] | None = None) -> None:
        super().__init__()
        self._source = source
        self._sha256 = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = b"" if self._source is None else self._source.read(size)
        self._sha256.update(data)
        return data

    def readable(self) -> bool:
        return self._source is not None

    def writable(self) -> bool:
        return self._source is None

    def write(self, data: Any, /) -> int:
        self._sha256.update(data)
        return len(data)

    def digest(self) -> bytes:
        return self._sha256.digest()


@contextmanager
def plain_bundle(path: Path) -> Iterator[Path]:
    """A path that the plain bundle can be opened at, while the context lasts.

    That of the bundle itself where it is not encrypted. Else memory that no disk holds (on
    systems without such, a file nobody else may read, deleted at the end); a file opened there
    outlives the context. Errors raised inside name the bundle, not that path.

    Raises
    ------
    BundleError
        When the bundle's study is locked, or the file is damaged.
    """
    if not is_encrypted(path):
        yield path
        return
    identity = KEYRING.get(_study_of(path))
    if identity is None:
        raise BundleError(
            f"{path} is encrypted.", remedy="Open its study and enter the passphrase first."
        )
    with _private_file() as (file, place):
        _decrypt(path, file, identity)
        try:
            yield place
        except BundleError as error:
            raise BundleError(
                error.what.replace(str(place), str(path)), remedy=error.remedy
            ) from error


def _study_of(path: Path) -> Path:
    return path.resolve().parent.parent


def _decrypt(path: Path, file: IO[bytes], identity: Any) -> None:
    import pyrage

    try:
        with path.open("rb") as source:
            pyrage.decrypt_io(source, file, [identity])
        file.flush()
    except (OSError, pyrage.DecryptError) as error:
        # What does not authenticate comes as an OSError without a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise BundleError(f"{path} cannot be read ({error.strerror}).") from error
        if "matching" in str(error).lower():
            raise BundleError(
                f"{path} was encrypted for another study.",
                remedy="Open it in the study folder it was recorded in.",
            ) from error
        raise BundleError(
            f"{path} is no whole bundle: it was cut short, damaged or changed.",
            remedy="A copy from elsewhere may be whole.",
        ) from error


@contextmanager
def _private_file() -> Iterator[tuple[IO[bytes], Path]]:
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        with os.fdopen(os.memfd_create("journeylab-bundle"), "w+b") as file:
            yield file, Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        return
    number, name = tempfile.mkstemp(prefix="journeylab-", suffix=".h5")  # 0600
    try:
        with os.fdopen(number, "w+b") as file:
            yield file, Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
