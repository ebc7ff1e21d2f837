"""Files that take their name only when they are whole."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from journeylab.errors import StorageError


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
