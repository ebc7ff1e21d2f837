"""Which variants participants were assigned, kept beside the sessions.

A bundle tells it too, but an encrypted one only to who can open it, and the next participant
comes whether or not the study is unlocked. The book holds ids and variants and nothing else: the
ids stand in the names of the session files already.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from journeylab.errors import StorageError, StudyError
from journeylab.study.folder import StudyFolder, participant_of
from journeylab.study.quotas import HeldSession

BOOK_FILE: Final = "assignments.json"
PREFIX: Final = "variant."
"""A variant stands among a session's segments, as ``variant.<step id>``: what is compared by device
is compared by variant in the same way."""


class AssignmentBook:
    """The book of one study; read when asked, written whole."""

    def __init__(self, folder: StudyFolder) -> None:
        self._folder = folder

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._folder.sessions_path / BOOK_FILE

    def read(self) -> dict[str, dict[str, str]]:
        """Participant to variants, as ``variant.<step id>``; empty where there is no book.

        Raises
        ------
        StudyError
            When it cannot be read.
        """
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(who): _variants(met) for who, met in kept["participants"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudyError(
                f"{self.path} cannot be read ({error}): it tells which variants were assigned.",
                remedy="Restore it from a copy. Where every session can be opened, remove it: it "
                "is made anew.",
            ) from error

    def beside(
        self, sessions: Iterable[HeldSession], *, participant_id: str
    ) -> dict[str, dict[str, str]]:
        """What the book tells besides the sessions that can be read: of this participant, and of
        those whose session is there and cannot be read.

        Raises
        ------
        StudyError
            When the book cannot be read, or neither it nor a session tells what this participant
            met, and a session of hers is there.
        """
        book = self.read()
        readable = {one.participant_id for one in sessions}
        unread = {participant_of(path) for path in self._folder.bundles()} - readable
        if participant_id in unread and participant_id not in book:
            raise StudyError(
                f"A session of {participant_id} is there and cannot be opened, so it is not known "
                "which version of the steps she met: she might meet another one now.",
                remedy="Unlock the study with its passphrase and start again. If it is somebody "
                "else, give another id.",
            )
        return {who: met for who, met in book.items() if who == participant_id or who in unread}

    def note(
        self, participant_id: str, segments: Mapping[str, str], sessions: Iterable[HeldSession] = ()
    ) -> None:
        """Keep what a participant is assigned, and what sessions that can be read tell besides.

        Raises
        ------
        StudyError
            When the book cannot be read.
        StorageError
            When it cannot be written.
        """
        book = before = self.read()
        for one in sessions:
            if not one.is_simulated and (met := _variants(one.segments)):
                book = {**book, one.participant_id: met}
        if met := _variants(segments):
            book = {**book, participant_id: met}
        if book != before:
            self._write(book)

    def forget(self, participant_id: str) -> bool:
        """Take a participant out; whether she was in it. Raises as :meth:`note`."""
        book = self.read()
        if book.pop(participant_id, None) is None:
            return False
        self._write(book)
        return True

    def _write(self, book: Mapping[str, Mapping[str, str]]) -> None:
        text = json.dumps({"participants": book}, indent=1, sort_keys=True)
        partial = self.path.with_suffix(".json.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8") as out:
                out.write(text + "\n")
                out.flush()
                os.fsync(out.fileno())
            partial.replace(self.path)
        except OSError as error:
            raise StorageError(
                f"{self.path} cannot be written ({error.strerror or error}).",
                remedy="Allow writing there, or free some space.",
            ) from error


def _variants(segments: Mapping[str, Any]) -> dict[str, str]:
    return {str(n): str(value) for n, value in segments.items() if str(n).startswith(PREFIX)}
