"""Where the participant's browser view may go, for pages and for everything they load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl

LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_HOST_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})
_EMBEDDED_SCHEMES: Final = frozenset({"data", "blob"})  # made by the page itself, no traffic
_PRIVATE_FOLDERS: Final = ("sessions", "exports")


@dataclass(frozen=True, slots=True)
class AllowList:
    """Files of one study, and servers on this machine; nothing else.

    The study's sessions and exports are other people's data: no page reads them.
    """

    study_path: Path
    hosts: frozenset[str] = LOCAL_HOSTS

    def allows_page(self, url: QUrl) -> bool:
        """Whether the view may show this address."""
        if url.scheme() == "file":
            return self._is_study_file(url)
        if url.scheme() in ("http", "https"):
            return url.host() in self.hosts
        return url.toString() == "about:blank"

    def allows_resource(self, url: QUrl) -> bool:
        """Whether a page may load this address: a picture, a script, a frame, a request."""
        if url.scheme() in _EMBEDDED_SCHEMES:
            return True
        if url.scheme() in _HOST_SCHEMES:
            return url.host() in self.hosts
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
