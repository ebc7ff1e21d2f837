"""Practice: a session with a simulated participant that leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from journeylab.app.devices import SIMULATED
from journeylab.logs import logger
from journeylab.session.consent import AGREED_TO_ALL, consent_record
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Study
from journeylab.ui.moderator.ports import SetupChoice

PRACTICE_ID: Final = "practice"

_log = logger(__name__)

_PREFIX: Final = "journeylab-practice-"
_OF_PROCESS: Final = re.compile(rf"{_PREFIX}(\d+)-")


def practice_folder(folder: StudyFolder, *, temporary: Path | None = None) -> StudyFolder:
    """The same study with its sessions in a temporary place, never among those of participants.

    Nothing is encrypted there: it holds no person. What a crashed practice left behind is removed.
    """
    root = Path(tempfile.gettempdir()) if temporary is None else temporary
    _sweep(root)
    place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))
    privacy = folder.study.privacy.model_copy(update={"encrypt_to": None})
    study = folder.study.model_copy(update={"privacy": privacy})
    return replace(folder, study=study, practice_path=place)


def remove_practice(folder: StudyFolder) -> None:
    """Remove all a practice session wrote; nothing where the folder is of real sessions."""
    if folder.practice_path is not None:
        shutil.rmtree(folder.practice_path, ignore_errors=True)


def practice_choice(study: Study, *, screen_index: int, segments: dict[str, str]) -> SetupChoice:
    """A simulated participant who agrees to all the study asks, of the segments chosen so far."""
    first = {segment.name: segment.values[0] for segment in study.segments}
    return SetupChoice(
        participant_id=PRACTICE_ID,
        segments=first | segments,
        camera=SIMULATED,
        microphone=SIMULATED,
        screen_index=screen_index,
        consent=consent_record(AGREED_TO_ALL, privacy=study.privacy, stated_by=SIMULATED),
        is_practice=True,
    )


def _sweep(root: Path) -> None:
    """Remove what processes that are gone left."""
    for place in root.glob(f"{_PREFIX}*"):
        match = _OF_PROCESS.match(place.name)
        if match is not None and not Path(f"/proc/{match[1]}").exists() and Path("/proc").exists():
            _log.info("removing %s, left by a practice that was cut off", place)
            shutil.rmtree(place, ignore_errors=True)
