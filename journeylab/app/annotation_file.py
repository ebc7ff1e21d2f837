"""The file in which the researcher's annotations of a session are kept, beside the study."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from journeylab.analysis.replay_annotations import (
    AnnotationDocument,
    Change,
    applied,
    document_from_text,
    document_to_text,
)
from journeylab.bundle.encryption import ENCRYPTED_SUFFIX
from journeylab.bundle.schema import BUNDLE_SUFFIX
from journeylab.errors import AnalysisError
from journeylab.report.files import whole_file
from journeylab.study.folder import StudyFolder
from journeylab.study.study_key import KEYRING

_SUFFIX: Final = ".json"
_WRITING: Final = threading.Lock()
"""One change after the other: each reads what the one before it wrote."""


class AnnotationFile:
    """The annotations of one session, ``annotations/<session>.json`` in the study's folder.

    In an encrypted study it is encrypted to the study's key, as the sessions are: what is written
    of a participant is as private as what was recorded. May be used from any thread.
    """

    def __init__(self, folder: StudyFolder, bundle: Path, session_id: str) -> None:
        self._folder = folder
        self._session_id = session_id
        self._recipient = folder.study.privacy.encrypt_to
        name = bundle.name.split(BUNDLE_SUFFIX, 1)[0] + _SUFFIX
        self._plain_path = folder.annotations_path / name
        self.path = self._plain_path
        if self._recipient is not None:
            self.path = self._plain_path.with_name(name + ENCRYPTED_SUFFIX)

    def read(self) -> AnnotationDocument:
        """The document; an empty one where there is no file yet.

        Raises
        ------
        AnalysisError
            When it cannot be read, or is none.
        """
        # What was written before the study was encrypted is plain until it is written again.
        for path in dict.fromkeys((self.path, self._plain_path)):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise AnalysisError(
                    f"The annotations in {path} cannot be read ({error.strerror or error})."
                ) from error
            plain = data if path == self._plain_path else self._decrypted(data)
            text = plain.decode("utf-8", "replace")
            return document_from_text(text, session_id=self._session_id, name=str(path))
        return AnnotationDocument(self._session_id)

    def change(self, change: Change) -> AnnotationDocument:
        """Read the document anew, change it and write it: others may have written meanwhile.

        Raises
        ------
        AnalysisError
            When it cannot be read; nothing is written then.
        StorageError
            When it cannot be written; what stood there stays.
        """
        with _WRITING:
            document = applied(self.read(), change)
            data = document_to_text(document).encode("utf-8")
            if self._recipient is not None:
                data = _encrypted(data, self._recipient)
            _write(self.path, data)
            if self.path != self._plain_path:
                self._plain_path.unlink(missing_ok=True)
        return document

    def _decrypted(self, data: bytes) -> bytes:
        import pyrage

        identity = KEYRING.get(self._folder.path)
        if identity is None:
            raise AnalysisError(
                f"The annotations in {self.path} are encrypted.",
                remedy="Open the study and enter the passphrase first.",
            )
        try:
            plain: bytes = pyrage.decrypt(data, [identity])
        except (pyrage.DecryptError, OSError) as error:
            raise AnalysisError(
                f"The annotations in {self.path} do not open: they were damaged or changed.",
                remedy="Move the file away; it is not written over.",
            ) from error
        return plain


def encrypt_annotations(folder: StudyFolder) -> tuple[Path, ...]:
    """Encrypt what was written before the study had its key; the new files.

    Raises
    ------
    StorageError
        When one cannot be written; it stays plain then.
    """
    recipient = folder.study.privacy.encrypt_to
    made = []
    for plain in sorted(folder.annotations_path.glob(f"*{_SUFFIX}")):
        target = plain.with_name(plain.name + ENCRYPTED_SUFFIX)
        if recipient is not None and not target.exists():
            _write(target, _encrypted(plain.read_bytes(), recipient))
            plain.unlink()
            made.append(target)
    return tuple(made)


def _encrypted(data: bytes, recipient: str) -> bytes:
    import pyrage

    encrypted: bytes = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)])
    return encrypted


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as partial:
        partial.unlink(missing_ok=True)  # a link there would be written through
        partial.write_bytes(data)
