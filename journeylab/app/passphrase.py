"""Where the command line gets a study's passphrase from."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Final

from journeylab.errors import StudyError
from journeylab.study.folder import STUDY_FILE, StudyFolder, load_study
from journeylab.study.study_key import LOSS_WARNING, check_passphrase, is_locked, unlock_study

VARIABLE: Final = "JOURNEYLAB_PASSPHRASE"


def unlock_if_needed(path: Path) -> None:
    """Unlock the study that a folder is, or that a bundle in ``sessions/`` belongs to.

    Nothing happens where there is no study, or it is not encrypted. The passphrase comes from the
    environment, for scripts, or is asked for on a terminal.

    Raises
    ------
    StudyError
        When there is no passphrase, or it is the wrong one.
    """
    study = path if path.is_dir() else path.resolve().parent.parent
    if not (study / STUDY_FILE).is_file():
        return
    folder = load_study(study)
    if is_locked(folder):
        unlock_study(folder, _ask(folder))


def new_passphrase() -> str:
    """A passphrase for a new key, after saying what losing it means.

    Raises
    ------
    StudyError
        When it is too short, was typed differently twice, or there is nobody to ask.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        check_passphrase(given)
        return given
    if not sys.stdin.isatty():
        raise StudyError("There is no terminal to ask on.", remedy=f"Set {VARIABLE}.")
    print(LOSS_WARNING)
    first = getpass("Passphrase: ")
    check_passphrase(first)
    if getpass("Once more: ") != first:
        raise StudyError("The two passphrases differ; nothing was changed.")
    return first


def _ask(folder: StudyFolder) -> str:
    given = os.environ.get(VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise StudyError(
            f'The study "{folder.study.title}" is encrypted.',
            remedy=f"Run this on a terminal, or set {VARIABLE}.",
        )
    return getpass(f'Passphrase of "{folder.study.title}": ')
