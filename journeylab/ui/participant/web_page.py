"""The browser inside the participant's screen: one page that leaves no trace and goes nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFile, QIODevice, QObject, QUrl, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from journeylab.ui.participant.allow_list import AllowList

_WORLD: Final = QWebEngineScript.ScriptWorldId.ApplicationWorld
_WATCHER: Final = Path(__file__).with_name("page_watch.js")

_OFF: Final = (
    "AllowGeolocationOnInsecureOrigins",
    "AllowRunningInsecureContent",
    "AllowWindowActivationFromJavaScript",
    "BackForwardCacheEnabled",
    "DnsPrefetchEnabled",
    "ErrorPageEnabled",
    "FullScreenSupportEnabled",
    "HyperlinkAuditingEnabled",
    "JavascriptCanAccessClipboard",
    "JavascriptCanOpenWindows",
    "JavascriptCanPaste",
    "NavigateOnDropEnabled",
    "PdfViewerEnabled",
    "PluginsEnabled",
    "ScreenCaptureEnabled",
)
_ON: Final = (
    "FocusOnNavigationEnabled",
    # Else Chromium stops a local page's foreign requests by itself, and nobody hears of them:
    # the interceptor stops them, and tells.
    "LocalContentCanAccessRemoteUrls",
    "WebRTCPublicInterfacesOnly",
)


def mobile_user_agent(engine_default: str) -> str:
    """What a present Android phone with this engine would call itself."""
    found = re.search(r"Chrome/(\d+)", engine_default)
    major = found.group(1) if found else "130"
    return (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{major}.0.0.0 Mobile Safari/537.36"
    )


def desktop_user_agent(engine_default: str) -> str:
    """The engine's own, without the word that makes sites treat it as something odd."""
    return re.sub(r"\s*QtWebEngine/\S+", "", engine_default)


class Bridge(QObject):
    """What the watching script speaks to; it can tell, and nothing else."""

    told = Signal(str)

    @Slot(str)
    def tell(self, message: str) -> None:
        """Called from the page's application world."""
        self.told.emit(message)


class _Interceptor(QWebEngineUrlRequestInterceptor):
    """Stops every request the allow-list does not know, before it leaves the machine."""

    def __init__(self, allow_list: AllowList, refuse: Callable[[str, str], None]) -> None:
        super().__init__()
        self._allow_list = allow_list
        self._refuse = refuse

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        kind = info.resourceType()
        is_page = kind is QWebEngineUrlRequestInfo.ResourceType.ResourceTypeMainFrame
        url = info.requestUrl()
        allowed = (
            self._allow_list.allows_page(url) if is_page else self._allow_list.allows_resource(url)
        )
        if not allowed:
            info.block(True)
            what = kind.name.removeprefix("ResourceType")
            self._refuse("page" if is_page else f"resource {what}", url.toString())


class WebPage(QWebEnginePage):
    """A page that stays inside the allow-list and opens nothing beside itself.

    ``refused`` tells what was asked for (page, resource …, window, download, file, permission)
    and its address.
    """

    refused = Signal(str, str)

    def __init__(self, profile: QWebEngineProfile, *, allow_list: AllowList) -> None:
        super().__init__(profile)
        self._allow_list = allow_list
        self.newWindowRequested.connect(self._refuse_window)
        self.permissionRequested.connect(self._refuse_permission)
        self.certificateError.connect(lambda error: error.rejectCertificate())
        self.fullScreenRequested.connect(lambda request: request.reject())

    def acceptNavigationRequest(
        self, url: QUrl | str, _kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        address = QUrl(url)
        if is_main_frame:
            allowed = self._allow_list.allows_page(address)
        else:
            allowed = self._allow_list.allows_resource(address) or address.scheme() == "about"
        if not allowed:
            self.refused.emit("page" if is_main_frame else "frame", address.toString())
        return allowed

    def chooseFiles(  # noqa: N802
        self,
        _mode: QWebEnginePage.FileSelectionMode,
        _old_files: Sequence[str],
        _accepted_media_types: Sequence[str],
    ) -> list[str]:
        # A file dialog would show the participant this computer's files.
        self.refused.emit("file", self.url().toString())
        return []

    def javaScriptConsoleMessage(
        self,
        _level: QWebEnginePage.JavaScriptConsoleMessageLevel,
        _message: str,
        _line: int,
        _source: str,
    ) -> None:
        """A page's own chatter does not belong in our log."""

    def _refuse_window(self, request: QWebEngineNewWindowRequest) -> None:
        self.refused.emit("window", request.requestedUrl().toString())

    def _refuse_permission(self, permission: object) -> None:
        permission.deny()  # type: ignore[attr-defined]
        name = permission.permissionType().name  # type: ignore[attr-defined]
        self.refused.emit(f"permission {name}", self.url().toString())


class Browser(QObject):
    """Profile, page, channel and watcher, made and taken down in the order Chromium needs."""

    told = Signal(str)
    refused = Signal(str, str)

    def __init__(self, allow_list: AllowList, *, is_mobile: bool, parent: QObject) -> None:
        super().__init__(parent)
        _let_root_start()
        # Without a name it is off the record: cookies, cache and storage stay in memory.
        self._profile = QWebEngineProfile()
        self._interceptor = _Interceptor(allow_list, self.refused.emit)
        self._profile.setUrlRequestInterceptor(self._interceptor)
        call_itself = mobile_user_agent if is_mobile else desktop_user_agent
        self._profile.setHttpUserAgent(call_itself(self._profile.httpUserAgent()))
        self._profile.setPersistentPermissionsPolicy(
            QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime
        )
        self._profile.downloadRequested.connect(self._refuse_download)
        settings = self._profile.settings()
        for name in _OFF:
            settings.setAttribute(QWebEngineSettings.WebAttribute[name], False)
        for name in _ON:
            settings.setAttribute(QWebEngineSettings.WebAttribute[name], True)
        # Phones draw no scroll bars beside the page.
        settings.setAttribute(QWebEngineSettings.WebAttribute.ShowScrollBars, not is_mobile)
        self.page = WebPage(self._profile, allow_list=allow_list)
        self.page.refused.connect(self.refused)
        self._bridge = Bridge(self)
        self._bridge.told.connect(self.told)
        self._channel = QWebChannel(self)
        self._channel.registerObject("journeylab", self._bridge)
        self.page.setWebChannel(self._channel, _WORLD.value)
        self.page.scripts().insert(_watching_script())

    def run(self, script: str) -> None:
        """Run a line in the watcher's world."""
        self.page.runJavaScript(script, _WORLD.value)

    def close(self) -> None:
        """Delete the page, then its profile: Chromium demands this order."""
        import shiboken6

        self.page.refused.disconnect(self.refused)
        shiboken6.delete(self.page)
        shiboken6.delete(self._profile)

    def _refuse_download(self, download: QWebEngineDownloadRequest) -> None:
        download.cancel()
        self.refused.emit("download", download.url().toString())


def _let_root_start() -> None:
    """Chromium ends the whole process when root starts it with its sandbox."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")


def _watching_script() -> QWebEngineScript:
    library = QFile(":/qtwebchannel/qwebchannel.js")
    library.open(QIODevice.OpenModeFlag.ReadOnly)
    script = QWebEngineScript()
    script.setName("journeylab")
    script.setWorldId(_WORLD.value)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
    script.setRunsOnSubFrames(False)
    script.setSourceCode(
        bytes(library.readAll().data()).decode() + _WATCHER.read_text(encoding="utf-8")
    )
    library.close()
    return script
