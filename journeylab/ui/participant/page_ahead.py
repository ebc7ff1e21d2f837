"""A page that is loaded before its step begins: nobody sees it, and nothing of it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from journeylab.ui.participant.page_events import PageEvent, read_page_event
from journeylab.ui.participant.page_words import BLANK, shown_address, without_fragment
from journeylab.ui.participant.web_page import Browser

AHEAD: Final = "read ahead"
_SETTLE_MS: Final = 1500
"""A page's own scripts fill it after it has loaded; so long after, it rests."""
_AGAIN_MS: Final = 250
_MOST_REFUSED: Final = 200
_State = QWebEnginePage.LifecycleState
_Status = QWebEngineLoadingInfo.LoadStatus


class Ahead(Enum):
    """What there is of a page when its step begins."""

    NOTHING = auto()
    OTHER = auto()
    """The view holds another page that nobody has seen, or one that did not come."""
    COMING = auto()
    THERE = auto()


@dataclass(slots=True, eq=False)
class _Unseen:
    """What came of a page while nobody saw it: told when its step begins."""

    url: QUrl
    load: PageEvent | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)
    has_address: bool = False
    has_failed: bool = False


class PageAhead(QObject):
    """Stands between a browser and its stage: passes on what it tells, and loads pages ahead.

    A page that is loaded ahead is in the view it will be shown in, so that what a site keeps for
    a tab or a visit is there. What it tells is kept until :meth:`take_up`: that it loaded, its
    address, what it was refused. Once it is complete it rests: no timer of it runs until it is
    seen. GUI thread only.
    """

    told = Signal(object)  # a PageEvent
    refused = Signal(str, str)
    address_came = Signal(QUrl)
    loading_changed = Signal(object)  # a QWebEngineLoadingInfo

    def __init__(self, browser: Browser, view: QWebEngineView, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._browser = browser
        self._page = browser.page
        self._zoom = 1.0
        self._unseen: _Unseen | None = None
        self._is_leaving = False  # a page that was loaded for nothing is in the view yet
        self._try_again: Callable[[], None] = lambda: None
        self._rest = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._rest.timeout.connect(self._let_rest)
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._ask_again)
        browser.told.connect(self._take_message)
        browser.refused.connect(self._take_refusal)
        self._page.urlChanged.connect(self._take_address)
        self._page.loadingChanged.connect(self._take_loading)

    def stands_on(self, url: QUrl) -> bool:
        """Whether the view holds this page, and somebody has seen it."""
        return self._unseen is None and not self._page.isLoading() and _is_same(self._page, url)

    def is_ready(self, url: QUrl) -> bool:
        """Whether nothing is to be done for a page: it is there, or on its way."""
        return self._holds(url) or self.stands_on(url)

    @property
    def may_begin(self) -> bool:
        """Whether none is on its way that was not loaded ahead: of two at once the engine tells
        badly."""
        return self._unseen is not None or not self._page.isLoading()

    def begin(self, url: QUrl) -> None:
        """Load a page into the view, which is not shown."""
        self._end()
        self._unseen = _Unseen(url)
        self._is_leaving = False
        self._zoom = self._view.zoomFactor()
        _tell_sizes(self._view)
        self._page.load(url)

    def begin_later(self, try_again: Callable[[], None]) -> None:
        """Something else is to be done first: ask again in a while."""
        self._try_again = try_again
        self._again.start()

    def take_up(self, url: QUrl) -> Ahead:
        """This page is to be seen now; what was kept of it is told.

        Where it is not there or on its way it is to be loaded, and a page that was loaded for
        nothing is not seen meanwhile.
        """
        is_this, unseen = self._holds(url), self._unseen
        self._end()
        if unseen is None:
            return Ahead.NOTHING
        if not is_this or unseen.has_failed:
            self._is_leaving = True
            self._view.hide()
            return Ahead.OTHER
        for what, address in unseen.refused:
            self.refused.emit(what, address)
        if unseen.has_address:
            self.address_came.emit(self._page.url())
        if unseen.load is None:
            return Ahead.COMING
        detail = f"{unseen.load.detail}, {AHEAD}"
        self.told.emit(replace(unseen.load, age_ms=0.0, detail=detail))
        return Ahead.THERE

    def fail(self) -> None:
        """The page broke down."""
        if self._unseen is not None:
            self._unseen.has_failed = True

    def close(self) -> None:
        """Leave off, before the page goes."""
        self._rest.stop()
        self._again.stop()

    def _holds(self, url: QUrl) -> bool:
        unseen = self._unseen
        return unseen is not None and without_fragment(unseen.url) == without_fragment(url)

    def _end(self) -> None:
        self._unseen = None
        self.close()
        self._page.setLifecycleState(_State.Active)

    def _take_message(self, message: str) -> None:
        event = read_page_event(message)
        if event is None or event.url == BLANK or self._is_leaving:
            return
        if self._unseen is None:
            self.told.emit(event)
        elif event.kind == "load":
            self._unseen.load = event
            self._rest.start()

    def _take_refusal(self, what: str, url: str) -> None:
        if self._unseen is None:
            self.refused.emit(what, url)
        elif len(self._unseen.refused) < _MOST_REFUSED:
            self._unseen.refused.append((what, url))

    def _take_address(self, url: QUrl) -> None:
        if url.toString() not in ("", BLANK):
            self._arrive()
        if self._unseen is None:
            self.address_came.emit(url)
        else:
            self._unseen.has_address = True
            self._keep_zoom()

    def _take_loading(self, info: QWebEngineLoadingInfo) -> None:
        unseen = self._unseen
        if unseen is None:
            if info.status() is _Status.LoadFailedStatus:
                self._arrive()
            self.loading_changed.emit(info)
            return
        if info.status() is not _Status.LoadStartedStatus:
            self._browser.see_to_watcher()
            self._keep_zoom()
        # A page that does not come is loaded again when it is due, and told of then.
        is_own = info.url() == unseen.url or bool(self._page.distrust)
        led_to = [url for what, url in unseen.refused if what == "page"]
        is_led_away = shown_address(info.url()) in led_to
        if (info.status() is _Status.LoadFailedStatus and is_own) or (
            info.status() is _Status.LoadStoppedStatus and is_led_away
        ):
            unseen.has_failed = True

    def _keep_zoom(self) -> None:
        if abs(self._view.zoomFactor() - self._zoom) > 1e-3:  # the engine forgets it between sites
            self._view.setZoomFactor(self._zoom)

    def _arrive(self) -> None:
        if self._is_leaving:
            self._is_leaving = False
            self._view.show()
            self._view.setFocus()

    def _ask_again(self) -> None:
        self._try_again()

    def _let_rest(self) -> None:
        if self._unseen is not None and not self._view.isVisible() and not self._page.isLoading():
            self._page.setLifecycleState(_State.Frozen)


def _is_same(page: QWebEnginePage, url: QUrl) -> bool:
    return without_fragment(page.url()) == without_fragment(url)


def _tell_sizes(view: QWebEngineView) -> None:
    """Qt keeps the resizing of hidden widgets for later; a page asks for its size as it loads."""
    if (layout := view.layout()) is not None:
        layout.setGeometry(view.rect())
    for widget in (view, *view.findChildren(QWidget)):
        QCoreApplication.sendEvent(widget, QResizeEvent(widget.size(), widget.size()))
