"""What a team decides about a study, as a readable TOML file beside its study.toml.

Never in a bundle: what was measured stays as it was measured.
"""

from __future__ import annotations

import os
import stat
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import tomlkit
from pydantic import TypeAdapter, ValidationError

from journeylab.errors import AnalysisError, StorageError

_T = TypeVar("_T")

_MAX_BYTES: Final = 4 << 20
_REMEDY: Final = "Correct the file, or move it away; it is not written over."


def read_document(path: Path, kind: type[_T]) -> _T | None:
    """The document of that kind; None where there is no file.

    Raises
    ------
    AnalysisError
        When it cannot be read, or is none, saying where. A file that does not say what was decided
        must not pass for one that says nothing.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > _MAX_BYTES:
            raise AnalysisError(f"{path} is no text file, or one of over 4 MB.", remedy=_REMEDY)
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnalysisError(f"{path} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise AnalysisError(f"{path} is no text in UTF-8.", remedy=_REMEDY) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AnalysisError(f"{path} is not valid TOML: {error}.", remedy=_REMEDY) from error
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(
            str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"]
        )
        said = problem["msg"].removeprefix("Value error, ")
        raise AnalysisError(
            f"{path} cannot be read: {key or 'the file'}: {said}.", remedy=_REMEDY
        ) from error


def write_document(path: Path, kind: type[_T], document: _T, *, heading: str) -> None:
    """Write a document in place of an older one, in one go; what stood there stays until then.

    Parameters
    ----------
    heading
        Lines of comment at its top: what it is, and how it may be edited.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    values: dict[str, Any] = TypeAdapter(kind).dump_python(document, mode="json", exclude_none=True)
    text = "".join(f"# {line}\n" for line in heading.splitlines()) + "\n" + tomlkit.dumps(values)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.unlink(missing_ok=True)  # a link there would be written through
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror or error}).",
            remedy="Allow writing there, or free some space; nothing was changed.",
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
