"""Where the participant's browser view may go, for pages and for everything they load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl

from journeylab.study.stimulus import Stimulus

LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_PAGE_SCHEMES: Final = frozenset({"http", "https"})
_HOST_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})
_EMBEDDED_SCHEMES: Final = frozenset({"data", "blob"})  # made by the page itself, no traffic
_PRIVATE_FOLDERS: Final = ("sessions", "exports")
_ANY_UNDER: Final = "*."
_WWW: Final = "www."


@dataclass(frozen=True, slots=True)
class AllowList:
    """What one step may show and load; without hosts of its own, files of the study and servers
    on this machine.

    The study's sessions and exports are other people's data: no page reads them. A site
    elsewhere reaches neither files nor servers of this machine.

    Parameters
    ----------
    hosts
        Where pages may lie; ``*.shop.example`` stands for all under it. All but files of the
        study are reached through them.
    resource_hosts
        Where pages may load from in addition.
    has_files
        Whether files of the study are within reach.
    """

    study_path: Path
    hosts: frozenset[str] = LOCAL_HOSTS
    resource_hosts: frozenset[str] = frozenset()
    has_files: bool = True

    @classmethod
    def of(cls, study_path: Path, stimulus: Stimulus) -> AllowList:
        """What a step with this stimulus may show and load."""
        own = QUrl(stimulus.url or "").host().lower()
        is_elsewhere = bool(own) and own not in LOCAL_HOSTS
        bare = own.removeprefix(_WWW)
        hosts = {bare, _WWW + bare} if is_elsewhere else LOCAL_HOSTS
        return cls(
            study_path,
            hosts=frozenset({*hosts, *stimulus.allow}),
            resource_hosts=frozenset(stimulus.allow_resources),
            has_files=not is_elsewhere,
        )

    def allows_page(self, url: QUrl) -> bool:
        """Whether the view may show this address."""
        if url.scheme() == "file":
            return self.has_files and self._is_study_file(url)
        if url.scheme() in _PAGE_SCHEMES:
            return _is_under(url, self.hosts)
        return url.toString() == "about:blank"

    def allows_resource(self, url: QUrl) -> bool:
        """Whether a page may load this address: a picture, a script, a frame, a request."""
        if url.scheme() in _EMBEDDED_SCHEMES:
            return True
        if url.scheme() in _HOST_SCHEMES:
            return _is_under(url, self.hosts) or _is_under(url, self.resource_hosts)
        return self.allows_page(url)

    def _is_study_file(self, url: QUrl) -> bool:
        if url.host():
            return False  # a file of another computer
        try:
            root = self.study_path.resolve()
            # Links are followed first, so that none leads out of the folder.
            path = Path(url.toLocalFile()).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                return False
        except (OSError, ValueError, RuntimeError):  # too long, a NUL in it, a loop of links
            return False
        return path.relative_to(root).parts[0] not in _PRIVATE_FOLDERS


def _is_under(url: QUrl, hosts: frozenset[str]) -> bool:
    """Whether an address lies on one of these hosts; letters of any script count as they are
    sent."""
    host = _as_sent(url.host())
    if not host:
        return False
    for allowed in hosts:
        if allowed.startswith(_ANY_UNDER):
            if host.endswith("." + _as_sent(allowed.removeprefix(_ANY_UNDER))):
                return True
        elif host == _as_sent(allowed):
            return True
    return False


def _as_sent(host: str) -> str:
    """A host's name as it goes over the line: small letters, other scripts in ASCII."""
    return bytes(QUrl.toAce(host).data()).decode() or host.lower()
