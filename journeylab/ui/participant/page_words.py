"""What the moderator is told of a page that cannot be shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo

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
    text, secret = url.toString(), url.userInfo()
    return text.replace(f"{secret}@", "", 1) if secret else text


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
