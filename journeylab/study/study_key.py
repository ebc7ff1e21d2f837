"""The key of an encrypted study: a passphrase guards it, and the app holds it while it runs.

Each encrypted study has one age key pair. The public half stands in study.toml, so that a session
can be encrypted without anybody typing a passphrase beside the participant. The private half lies
in ``study.key.age``, itself encrypted with the passphrase by age (scrypt). Whoever loses the
passphrase, or that file, loses the sessions: there is no other way in.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, Final

import tomlkit

from journeylab.errors import StorageError, StudyError
from journeylab.study.cache_folder import clear_cache
from journeylab.study.folder import STUDY_FILE, StudyFolder, load_study

STUDY_KEY_FILE: Final = "study.key.age"
LEAST_CHARACTERS: Final = 12
LOSS_WARNING: Final = (
    "Whoever loses this passphrase loses the sessions: nobody can restore it, and there is no "
    f"other way in. The same holds for the file {STUDY_KEY_FILE} in the study folder: keep a copy "
    "of both in a safe place, apart from each other."
)
_ONLY_OWNER: Final = 0o600
_WRONG: Final = "Decryption failed"  # age's words, held to by a test


class Keyring:
    """The private keys of the studies unlocked in this process, by folder. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._identities: dict[Path, Any] = {}

    def put(self, study_path: Path, identity: Any) -> None:
        """Hold a study's private key until the process ends, or :meth:`drop`."""
        with self._lock:
            self._identities[study_path.resolve()] = identity

    def get(self, study_path: Path) -> Any | None:
        """The private key of a study that is unlocked, else None."""
        with self._lock:
            return self._identities.get(study_path.resolve())

    def drop(self, study_path: Path) -> None:
        """Forget a study's key."""
        with self._lock:
            self._identities.pop(study_path.resolve(), None)


KEYRING: Final = Keyring()
"""One for the process: a bundle is opened in many places, and a passphrase typed once."""


def check_passphrase(passphrase: str) -> None:
    """Raise StudyError for one that is too short to resist guessing."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise StudyError(
            f"The passphrase has {len(passphrase)} characters.",
            remedy=f"Use at least {LEAST_CHARACTERS}, such as four unrelated words.",
        )


def encrypt_study(folder: StudyFolder, passphrase: str) -> StudyFolder:
    """Give a study a key of its own, guarded by a passphrase, and unlock it; about a second.

    From then on its sessions are encrypted when they are finished.

    Raises
    ------
    StudyError
        When the passphrase is too short, or the study has a key already.
    StorageError
        When the folder cannot be written to.
    """
    import pyrage

    check_passphrase(passphrase)
    if folder.study.privacy.is_encrypted or _key_path(folder).exists():
        raise StudyError(
            f"{folder.path} has a key already.", remedy="Its passphrase cannot be given anew."
        )
    identity = pyrage.x25519.Identity.generate()
    guarded = pyrage.passphrase.encrypt(str(identity).encode("ascii"), passphrase)
    if pyrage.passphrase.decrypt(guarded, passphrase).decode("ascii") != str(identity):
        raise StudyError("The study's key does not read back as it was made; try again.")
    _write_whole(_key_path(folder), guarded)
    _set_recipient(folder, str(identity.to_public()))
    KEYRING.put(folder.path, identity)
    clear_cache(folder.path)  # computed of plain sessions, and as plain as they were
    return load_study(folder.path)


def unlock_study(folder: StudyFolder, passphrase: str) -> None:
    """Hold the study's private key in memory, so that its bundles open; about a second.

    Raises
    ------
    StudyError
        When the passphrase is wrong, or the key is missing, damaged or another study's.
    """
    import pyrage

    path = _key_path(folder)
    check_key_is_there(folder)
    try:
        guarded = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{path} cannot be read ({error.strerror or error}).") from error
    if not guarded.startswith(b"age-encryption.org/"):
        raise _damaged(path)
    try:
        text = pyrage.passphrase.decrypt(guarded, passphrase).decode("ascii")
        identity = pyrage.x25519.Identity.from_str(text)
    except pyrage.DecryptError as error:
        if str(error) == _WRONG:
            raise StudyError(
                f'That is not the passphrase of "{folder.study.title}".',
                remedy="Mind capital letters and spaces, and try again.",
            ) from error
        raise _damaged(path) from error
    except (pyrage.IdentityError, UnicodeError) as error:
        raise _damaged(path) from error
    if str(identity.to_public()) != folder.study.privacy.encrypt_to:
        raise StudyError(
            f"{path} is the key of another study.",
            remedy=f"Put back the {STUDY_KEY_FILE} that came with this one.",
        )
    KEYRING.put(folder.path, identity)


def is_locked(folder: StudyFolder) -> bool:
    """Whether its bundles cannot be opened before a passphrase is entered."""
    return folder.study.privacy.is_encrypted and KEYRING.get(folder.path) is None


def check_key_is_there(folder: StudyFolder) -> None:
    """Raise StudyError when an encrypted study has lost its private key: nothing may be recorded
    then that nobody could ever read."""
    path = _key_path(folder)
    if folder.study.privacy.is_encrypted and not path.is_file():
        raise StudyError(
            f"{path} is missing: without it no session of this study can be opened.",
            remedy="Put back the copy you kept.",
        )


def _key_path(folder: StudyFolder) -> Path:
    return folder.path / STUDY_KEY_FILE


def _damaged(path: Path) -> StudyError:
    return StudyError(f"{path} is damaged.", remedy="Put back the copy you kept.")


def _set_recipient(folder: StudyFolder, recipient: str) -> None:
    """Write the public key into study.toml, leaving what a person wrote there as it is."""
    file = folder.path / STUDY_FILE
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
        privacy = document.setdefault("privacy", tomlkit.table())
        privacy["encrypt_to"] = recipient
        _write_whole(file, tomlkit.dumps(document).encode("utf-8"), mode=file.stat().st_mode)
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror or error}).") from error


def _write_whole(path: Path, data: bytes, *, mode: int = _ONLY_OWNER) -> None:
    """Put a file in place in one go; it is on the disk when this returns."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & 0o777)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror or error}).",
            remedy="Allow writing there, or free some space.",
        ) from error
