"""The key file: which participant id is which person. Optional, and never part of the data.

``participants.key.csv`` lies beside study.toml, outside sessions/ and exports/. No bundle, map or
export reads it. Whoever is to analyse the sessions is given the folder without it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Final

from journeylab.errors import StorageError, StudyError
from journeylab.study.folder import check_participant_id

KEY_FILE: Final = "participants.key.csv"
_COLUMNS: Final = ("participant_id", "person")
_ONLY_OWNER: Final = 0o600


class KeyFile:
    """Links participant ids to people; readable and writable by its owner only."""

    def __init__(self, study_path: Path) -> None:
        self.path = study_path / KEY_FILE

    def people(self) -> dict[str, str]:
        """The person behind each participant id; empty when there is no key file.

        Raises
        ------
        StudyError
            When the file is not a table with the columns participant_id and person.
        """
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{self.path} cannot be read ({error}).") from error
        rows = list(csv.reader(StringIO(text)))
        if not rows or tuple(rows[0]) != _COLUMNS:
            raise StudyError(
                f"{self.path} is no key file.",
                remedy=f"Its first line must be: {','.join(_COLUMNS)}",
            )
        people = {}
        for number, cells in enumerate(rows[1:], start=2):
            if not cells:
                continue
            if len(cells) != len(_COLUMNS):
                raise StudyError(
                    f"{self.path}, line {number}: two columns are expected, not {len(cells)}.",
                    remedy='A person with a comma stands in "quotes".',
                )
            people[check_participant_id(cells[0].strip())] = cells[1]
        return people

    def link(self, participant_id: str, person: str) -> None:
        """Note who a participant is, replacing what was noted before.

        Raises
        ------
        StudyError, StorageError
            When the id is unfit, or the file cannot be read or written.
        """
        self._write({**self.people(), check_participant_id(participant_id): person})

    def forget(self, participant_id: str) -> bool:
        """Take a participant out; whether she was in. A file left without anyone is removed."""
        people = self.people()
        if participant_id not in people:
            return False
        del people[participant_id]
        if people:
            self._write(people)
        else:
            self.path.unlink()
        return True

    def _write(self, people: Mapping[str, str]) -> None:
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(sorted(people.items()))
        partial = self.path.with_suffix(".csv.partial")
        try:
            partial.unlink(missing_ok=True)
            number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER)
            with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
                file.write(text.getvalue())
            partial.replace(self.path)
        except OSError as error:
            raise StorageError(
                f"{self.path} cannot be written ({error.strerror or error})."
            ) from error
