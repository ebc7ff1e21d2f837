"""Files that take their name only when they are whole."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from journeylab.errors import StorageError
from journeylab.study.folder import StudyFolder


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to beside ``path``; it takes that name at the end, or is removed.

    What stood there before stays until the new file is whole. Missing folders are made.

    Raises
    ------
    StorageError
        Naming the file, when it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror or error}).",
            remedy=remedy_of(error),
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def remedy_of(error: OSError) -> str:
    """What to do about a file that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space, or choose a folder on another disk."
    return "Choose a folder you may write to."


def keep_private(path: Path, folder: StudyFolder) -> Path:
    """Let only its owner read a file that was written of an encrypted study: it is plain.

    Raises
    ------
    StorageError
        When that cannot be done.
    """
    if folder.study.privacy.is_encrypted:
        try:
            path.chmod(0o600)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be kept to its owner ({error.strerror or error}).",
                remedy="Write it to a disk of this computer.",
            ) from error
    return path


def written_words(where: object, folder: StudyFolder) -> str:
    """What to say of what was written of a study: of an encrypted one, that it is plain."""
    plain = "unencrypted " if folder.study.privacy.is_encrypted else ""
    return f"Written {plain}to {where}"
