"""What was computed of a study, kept beside it in ``.cache/`` and made anew when anything changed.

A record is found again under a key: the content of what it was made from, the study as it is, and
the program that made it.

**Content of a bundle**, without reading it whole: its size, the time it was last written, its
first and last 4 KiB. A finished bundle is never written to again. At its end stands the seal,
whose CRC-32 covers all that has no checksum of its own, and so the CRC-32 of every dataset, the
session's id and the journal's: other content is another seal. An encrypted bundle begins with a
key of its own and ends with the authentication of its last part. Hashing fifty bundles whole
would take as long as reading what the map needs of them.

**Program**: the source of this package, of the bundle's reader and of the streams. A version
number would have to be remembered at every change of a threshold.

In an encrypted study the files are encrypted to its key and open only while it is unlocked.
Practice sessions leave nothing. Files are erased with their participant (``journeylab erase``),
and when their bundle is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import journeylab
from journeylab.analysis.cache_file import (
    Lock,
    is_locked,
    pack,
    read_file,
    unpack,
    write_file,
)
from journeylab.analysis.insight_edits import EDITS_FILE
from journeylab.bundle.encryption import is_encrypted
from journeylab.study.cache_folder import (
    CACHE_FOLDER,
    OF_STUDY,
    cache_name,
    cached_files,
    owner_of,
)
from journeylab.study.folder import StudyFolder

_T = TypeVar("_T")

_END_BYTES: Final = 4096
_PROGRAM: Final = ("analysis", "bundle", "streams", "vocabulary.py", "study", "clock.py")


@dataclass(frozen=True, slots=True)
class StudyCache:
    """The cache of one study. Used from one thread; a file is replaced in one go."""

    study_path: Path
    lock: Lock | None
    study_digest: str

    def get(self, owner: Path | None, part: str, content: str, kind: type[_T]) -> _T | None:
        """A record that is kept; None where there is none for this content.

        Parameters
        ----------
        owner
            The bundle it was made from; None for one of the whole study.
        part
            What of it.
        content
            From what it was made, such as :func:`content_of` tells.
        """
        data = read_file(self._file(owner, part), self.lock)
        return None if data is None else unpack(data, self._key(part, content), kind)

    def put(self, owner: Path | None, part: str, content: str, record: Any) -> None:
        """Keep a record, in place of an older one."""
        write_file(self._file(owner, part), pack(self._key(part, content), record), self.lock)

    def tidy(self, bundles: Iterable[Path]) -> None:
        """Remove what was made of bundles that are gone, and in an encrypted study what is not
        encrypted."""
        owners = {bundle.name for bundle in bundles} | {OF_STUDY}
        for file in cached_files(self.study_path):
            if owner_of(file) not in owners or (self.lock is not None and not is_locked(file)):
                with suppress(OSError):
                    file.unlink()

    def _file(self, owner: Path | None, part: str) -> Path:
        name = cache_name(OF_STUDY if owner is None else owner.name, part)
        return self.study_path / CACHE_FOLDER / name

    def _key(self, part: str, content: str) -> str:
        return _digest(part, content, self.study_digest, program_digest())


def cache_of(folder: StudyFolder) -> StudyCache | None:
    """The cache of a study; None where nothing may be kept: practice, and encrypted bundles in a
    study without a key."""
    if folder.practice_path is not None:
        return None
    recipient = folder.study.privacy.encrypt_to
    if recipient is None and any(is_encrypted(path) for path in folder.bundles()):
        return None
    lock = None if recipient is None else Lock(recipient, folder.path)
    return StudyCache(folder.path, lock, _digest(folder.study.model_dump_json()))


def content_of(bundle: Path) -> str:
    """Names the content of a bundle; empty when it cannot be read."""
    try:
        about = bundle.stat()
        with bundle.open("rb") as file:
            first = file.read(_END_BYTES)
            file.seek(max(0, about.st_size - _END_BYTES))
            last = file.read(_END_BYTES)
    except OSError:
        return ""
    digest = hashlib.sha256(f"{about.st_size} {about.st_mtime_ns} ".encode())
    digest.update(first)
    digest.update(last)
    return digest.hexdigest()


def content_of_study(folder: StudyFolder) -> str:
    """Names the content of all bundles and where they lie, and every file that lies beside
    study.toml or is a stimulus: what a person changed there may change the map."""
    stimuli = {
        folder.path / name
        for step in folder.study.steps
        for stimulus in (step.stimulus, *(variant.stimulus for variant in step.variants))
        for name in stimulus.files
    }
    # What the researcher makes of insights is laid over the map after it was found here.
    beside = {path for path in folder.path.glob("*") if path.is_file() and path.name != EDITS_FILE}
    return _digest(
        *(f"{path} {content_of(path)}" for path in folder.bundles()),
        *(f"{path} {_last_written(path)}" for path in sorted(stimuli | beside)),
    )


def _last_written(path: Path) -> str:
    try:
        about = path.stat()
    except OSError:
        return ""
    return f"{about.st_size} {about.st_mtime_ns}"


@cache
def program_digest() -> str:
    """Names the program that computes: its source, where that is there, else its version."""
    root = Path(journeylab.__file__).parent
    digest = hashlib.sha256(journeylab.__version__.encode())
    for name in _PROGRAM:
        place = root / name
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
