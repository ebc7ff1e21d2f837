"""What the moderator is told of a page that cannot be shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo

from journeylab.study.folder import StudyFolder
from journeylab.study.stimulus import Stimulus

BLANK: Final = "about:blank"
_GO_ON: Final = "Show the step again when that is mended, or go on to the next one."
_HTTP: Final = QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
# Chromium's net error codes, in words.
_REASONS: Final = {
    -7: "it did not answer in time",
    -21: "the network changed meanwhile",
    -101: "the connection was cut",
    -102: "no server answers there",
    -105: "nobody knows that name",
    -106: "this computer is not connected",
    -109: "it cannot be reached from here",
    -118: "it did not answer in time",
    -137: "nobody knows that name",
    -310: "it leads round in a circle",
    -312: "that port is not for pages",
    -375: "it asks for a password",
    -324: "it answered with nothing",
}


def shown_address(url: QUrl) -> str:
    """An address as it may be written down: without a name and password."""
    if not url.userInfo():
        return url.toString()
    shown = QUrl(url)
    shown.setUserInfo("")  # which leaves its sign
    return shown.toString().replace("://@", "://", 1)


def no_address(title: str, address: str) -> str:
    """The step names something that no browser should open."""
    return (
        f"The step “{title}” names {address}, which is no page. Write an address that begins with "
        "https:// or http://, or a file of the study folder."
    )


def led_away(address: str, elsewhere: str) -> str:
    """The step's page sends the browser on to a place the study does not allow."""
    host = QUrl(elsewhere).host() or elsewhere
    return (
        f"The page {address} leads on to {elsewhere}, which this step does not allow. Add {host} "
        f"to the step's “allow”. {_GO_ON}"
    )


def too_large(n_characters: int) -> str:
    """A page whose elements are too many for a picture of the whole of it; its address is the
    participant's to have written down, or not."""
    return (
        f"A page is too large to be pictured whole ({n_characters / 1e6:.0f} million characters): "
        "of it there are only the pictures of what was on the screen."
    )


def why_not_loaded(address: str, info: QWebEngineLoadingInfo, *, distrusted: str) -> str:
    """Why the step's page is not there, and what to do."""
    if distrusted:
        return (
            f"The page {address} could not be loaded: its certificate is not to be trusted "
            f"({distrusted.rstrip('.')}). Tell those who run the site, or use an address with a "
            f"valid certificate. {_GO_ON}"
        )
    if info.errorDomain() is _HTTP:
        return (
            f"The page {address} could not be loaded: its server answered with the error "
            f"{info.errorCode()}. See that the address is right. {_GO_ON}"
        )
    reason = _REASONS.get(info.errorCode(), info.errorString())
    return (
        f"The page {address} could not be loaded: {reason}. See that its server runs and that "
        f"this computer is connected. {_GO_ON}"
    )


def without_fragment(url: QUrl) -> QUrl:
    """The address of a page, whatever place of it is meant."""
    bare = QUrl(url)
    bare.setFragment("")
    return bare


def page_address(folder: StudyFolder, stimulus: Stimulus) -> QUrl:
    """Where a stimulus of kind page lies.

    Raises
    ------
    StudyError
        When its file is missing or outside the study folder.
    """
    if stimulus.path:
        return QUrl.fromLocalFile(str(folder.stimulus_path(stimulus.path)))
    return QUrl(stimulus.url or "")
