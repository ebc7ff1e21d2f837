"""The browser inside the participant's screen: one page that leaves no trace and goes nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import shiboken6
from PySide6.QtCore import QFile, QIODevice, QObject, QUrl, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineDownloadRequest,
    QWebEngineFullScreenRequest,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from journeylab.study.device_frame import Surface
from journeylab.ui.participant.allow_list import AllowList
from journeylab.ui.participant.page_guise import Guise
from journeylab.ui.participant.page_history import PageHistory
from journeylab.ui.participant.page_words import shown_address

_WORLD: Final = QWebEngineScript.ScriptWorldId.ApplicationWorld
_WATCHER: Final = Path(__file__).with_name("page_watch.js")
_HOLD: Final = Path(__file__).with_name("page_hold.js")
_SEAL: Final = Path(__file__).with_name("page_seal.js")
_STOPPED_BY_ENGINE: Final = "Not allowed to load local resource: "
_LONGEST_WORDS: Final = 160
_NO_UDP: Final = "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"

_OFF: Final = (
    "AllowGeolocationOnInsecureOrigins",
    "AllowRunningInsecureContent",
    "AllowWindowActivationFromJavaScript",
    "BackForwardCacheEnabled",
    "DnsPrefetchEnabled",
    "ErrorPageEnabled",
    # Each page that loads would take the keyboard from the moderator's window.
    "FocusOnNavigationEnabled",
    "HyperlinkAuditingEnabled",
    "JavascriptCanAccessClipboard",
    "JavascriptCanPaste",
    "NavigateOnDropEnabled",
    "PdfViewerEnabled",
    "PluginsEnabled",
    "ScreenCaptureEnabled",
)
_ON: Final = (
    # Asked for and refused, instead of refused unheard.
    "FullScreenSupportEnabled",
    "JavascriptCanOpenWindows",
    # Else Chromium stops a local page's foreign requests by itself, and nobody hears of them:
    # the interceptor stops them, and tells.
    "LocalContentCanAccessRemoteUrls",
    "WebRTCPublicInterfacesOnly",
)


class Bridge(QObject):
    """What the watching script speaks to; it can tell, and nothing else."""

    told = Signal(str)
    handed = Signal(str)

    @Slot(str)
    def tell(self, message: str) -> None:
        """Called from the page's application world, with one event."""
        self.told.emit(message)

    @Slot(str)
    def hand(self, copy: str) -> None:
        """Called from the page's application world, with a copy of the whole page."""
        self.handed.emit(copy)


class _Interceptor(QWebEngineUrlRequestInterceptor):
    """Stops every request the allow-list does not know, before it leaves the machine."""

    def __init__(self, allow_list: AllowList, refuse: Callable[[str, str], None]) -> None:
        super().__init__()
        self.allow_list = allow_list
        self._refuse = refuse

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        kind = info.resourceType()
        is_page = kind is QWebEngineUrlRequestInfo.ResourceType.ResourceTypeMainFrame
        url = info.requestUrl()
        if is_page and url.scheme() == "data":
            return  # our own copies; pages are kept from such addresses by their WebPage
        allowed = (
            self.allow_list.allows_page(url) if is_page else self.allow_list.allows_resource(url)
        )
        if not allowed:
            info.block(True)
            what = kind.name.removeprefix("ResourceType")
            self._refuse("page" if is_page else f"resource {what}", shown_address(url))


class WebPage(QWebEnginePage):
    """A page that stays inside the allow-list and opens nothing beside itself.

    ``refused`` tells what was asked for (page, resource …, window, download, file, permission …,
    dialog …, print, full screen, password, certificate) and its address.
    """

    refused = Signal(str, str)

    def __init__(self, profile: QWebEngineProfile, *, allow_list: AllowList) -> None:
        super().__init__(profile)
        self.allow_list = allow_list
        self.distrust = ""  # what was wrong with the last page's own certificate
        self.ways = PageHistory()
        self.newWindowRequested.connect(self._refuse_window)
        self.permissionRequested.connect(self._refuse_permission)
        self.certificateError.connect(self._refuse_certificate)
        self.fullScreenRequested.connect(self._refuse_full_screen)
        self.fileSystemAccessRequested.connect(self._refuse_files)
        self.registerProtocolHandlerRequested.connect(self._refuse_handler)
        self.printRequested.connect(lambda: self._tell_refused("print"))
        # No answer is none: the engine then asks nobody for a password.
        self.authenticationRequired.connect(
            lambda url: self.refused.emit("password", shown_address(url))
        )

    def acceptNavigationRequest(
        self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        address = QUrl(url)
        if is_main_frame:
            allowed = self.allow_list.allows_page(address)
        else:
            allowed = self.allow_list.allows_resource(address) or address.scheme() == "about"
        if not allowed:
            self.refused.emit("page" if is_main_frame else "frame", shown_address(address))
        elif is_main_frame:
            self.ways.way = kind
        return allowed

    def chooseFiles(  # noqa: N802
        self,
        _mode: QWebEnginePage.FileSelectionMode,
        _old_files: Sequence[str],
        _accepted_media_types: Sequence[str],
    ) -> list[str]:
        # A file dialog would show the participant this computer's files.
        self._tell_refused("file")
        return []

    # A dialog over the session would hold up the moderator too. A question is answered with yes:
    # what was begun goes on, and a page that asks whether to be left is left.

    def javaScriptAlert(self, _origin: QUrl | str, message: str) -> None:  # noqa: N802
        self._tell_refused(f"dialog alert: {message[:_LONGEST_WORDS]}")

    def javaScriptConfirm(self, _origin: QUrl | str, message: str) -> bool:  # noqa: N802
        self._tell_refused(f"dialog confirm, answered yes: {message[:_LONGEST_WORDS]}")
        return True

    def javaScriptPrompt(  # noqa: N802
        self, _origin: QUrl | str, message: str, _default: str
    ) -> tuple[bool, str]:
        self._tell_refused(f"dialog prompt, not answered: {message[:_LONGEST_WORDS]}")
        return False, ""

    def javaScriptConsoleMessage(
        self,
        _level: QWebEnginePage.JavaScriptConsoleMessageLevel,
        message: str,
        _line: int,
        _source: str,
    ) -> None:
        """A page's own chatter does not belong in our log; what the engine stopped does."""
        if message.startswith(_STOPPED_BY_ENGINE):
            text = message.removeprefix(_STOPPED_BY_ENGINE)
            self.refused.emit("page", shown_address(QUrl(text)) or text)

    def _tell_refused(self, what: str) -> None:
        self.refused.emit(what, shown_address(self.url()))

    def _refuse_window(self, request: QWebEngineNewWindowRequest) -> None:
        self.refused.emit("window", shown_address(request.requestedUrl()))

    def _refuse_permission(self, permission: object) -> None:
        permission.deny()  # type: ignore[attr-defined]
        name = permission.permissionType().name  # type: ignore[attr-defined]
        self._tell_refused(f"permission {name}")

    def _refuse_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        self.refused.emit(f"certificate: {error.description()}", shown_address(error.url()))
        if error.isMainFrame():
            self.distrust = error.description()

    def _refuse_full_screen(self, request: QWebEngineFullScreenRequest) -> None:
        request.reject()
        self._tell_refused("full screen")

    def _refuse_files(self, request: object) -> None:
        request.reject()  # type: ignore[attr-defined]
        self._tell_refused("file")

    def _refuse_handler(self, request: object) -> None:
        request.reject()  # type: ignore[attr-defined]
        self._tell_refused("protocol handler")


class Browser(QObject):
    """Profile, page, channel and watcher, made and taken down in the order Chromium needs."""

    told = Signal(str)
    handed = Signal(str)
    refused = Signal(str, str)

    def __init__(self, allow_list: AllowList, *, surface: Surface, parent: QObject) -> None:
        super().__init__(parent)
        _prepare_engine()
        # Without a name it is off the record: cookies, cache and storage stay in memory.
        self._profile = QWebEngineProfile()
        self._interceptor = _Interceptor(allow_list, self.refused.emit)
        self._profile.setUrlRequestInterceptor(self._interceptor)
        self._profile.setPersistentPermissionsPolicy(
            QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime
        )
        self._profile.downloadRequested.connect(self._refuse_download)
        settings = self._profile.settings()
        for name in _OFF:
            settings.setAttribute(QWebEngineSettings.WebAttribute[name], False)
        for name in _ON:
            settings.setAttribute(QWebEngineSettings.WebAttribute[name], True)
        self.page = WebPage(self._profile, allow_list=allow_list)
        self.page.refused.connect(self.refused)
        self._bridge = Bridge(self)
        self._bridge.told.connect(self.told)
        self._bridge.handed.connect(self.handed)
        self._channel = QWebChannel(self)
        self._channel.registerObject("journeylab", self._bridge)
        self.page.setWebChannel(self._channel, _WORLD.value)
        self._watcher = _watching_script()
        scripts = [self._watcher, _holding_script(), _sealing_script()]
        # A page loses its own scripts where a link leads to another site, its profile's where
        # its process breaks down. Twice is once: each sees whether it is there.
        for script in scripts:
            self.page.scripts().insert(script)
            self._profile.scripts().insert(script)
        self._guise = Guise(self._profile, self.page)
        self._guise.put_on(surface)

    def put_on(self, surface: Surface) -> None:
        """What is loaded from now on finds itself on another device."""
        self._guise.put_on(surface)

    @property
    def profile(self) -> QWebEngineProfile:
        """Cookies and storage of this session; off the record."""
        return self._profile

    def allow(self, allow_list: AllowList) -> None:
        """What may be shown and loaded from now on."""
        self._interceptor.allow_list = allow_list
        self.page.allow_list = allow_list

    def run(self, script: str) -> None:
        """Run a line in the watcher's world."""
        self.page.runJavaScript(script, _WORLD.value)

    def see_to_watcher(self) -> None:
        """Bring in the watching script where the engine forgot it; called when a page is there."""
        self.page.runJavaScript("typeof window.__journeylab", _WORLD.value, self._bring_watcher)

    def _bring_watcher(self, found: object) -> None:
        if found == "undefined" and shiboken6.isValid(self):
            self.run(self._watcher.sourceCode())

    def close(self) -> None:
        """Delete the page, then its profile: Chromium demands this order."""
        self.page.refused.disconnect(self.refused)
        shiboken6.delete(self.page)
        shiboken6.delete(self._profile)

    def _refuse_download(self, download: QWebEngineDownloadRequest) -> None:
        download.cancel()
        self.refused.emit("download", shown_address(download.url()))


def _prepare_engine() -> None:
    """What the engine reads when it starts: no dev tools by any door, no line past the gate, no
    sandbox for root."""
    os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)
    # What a page's seal may miss cannot send by UDP: there is no proxy that it could send through.
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    if _NO_UDP not in flags:
        os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} {_NO_UDP}".strip()
    # Chromium ends the whole process when root starts it with its sandbox.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")


def _watching_script() -> QWebEngineScript:
    library = QFile(":/qtwebchannel/qwebchannel.js")
    library.open(QIODevice.OpenModeFlag.ReadOnly)
    source = bytes(library.readAll().data()).decode() + _WATCHER.read_text(encoding="utf-8")
    library.close()
    return _script("journeylab", source, world=_WORLD)


def _holding_script() -> QWebEngineScript:
    return _script("hold", _HOLD.read_text(encoding="utf-8"), world=_WORLD)


def _sealing_script() -> QWebEngineScript:
    # In the page's own world: it is there that a page would find them.
    source = _SEAL.read_text(encoding="utf-8")
    return _script("seal", source, world=QWebEngineScript.ScriptWorldId.MainWorld)


def _script(name: str, source: str, *, world: QWebEngineScript.ScriptWorldId) -> QWebEngineScript:
    script = QWebEngineScript()
    script.setName(name)
    script.setWorldId(world.value)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
    script.setRunsOnSubFrames(True)
    script.setSourceCode(source)
    return script
