"""Studies to begin with, which ship with the product and run as they are."""

from __future__ import annotations

from typing import Final

from journeylab.assets import asset
from journeylab.study.folder import StudyFolder, load_study

TEMPLATES: Final = ("first-purchase", "mobile-onboarding", "first-ten-minutes")
_FOLDER: Final = "templates"


def templates() -> tuple[StudyFolder, ...]:
    """The templates, in the order in which they are offered.

    Raises
    ------
    StudyError
        When one cannot be read.
    FileNotFoundError
        When the installation lacks one.
    """
    return tuple(load_study(asset(_FOLDER, name)) for name in TEMPLATES)
