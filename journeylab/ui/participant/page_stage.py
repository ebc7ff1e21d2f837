"""A page as stimulus: the shop, the site, the prototype, in a browser view that is watched."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.session.rows import health_row
from journeylab.streams import Picture, Row
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.theme import LIGHT
from journeylab.ui.participant.allow_list import AllowList
from journeylab.ui.participant.aoi_tracker import AoiTracker
from journeylab.ui.participant.page_areas import PageAreas
from journeylab.ui.participant.page_dialogs import DialogGuard
from journeylab.ui.participant.page_events import (
    BOXES,
    PAINTED,
    READY,
    PageEvent,
    read_page_event,
)
from journeylab.ui.participant.page_finger import Finger
from journeylab.ui.participant.page_frames import PageFrames
from journeylab.ui.participant.page_keys import PageKeys
from journeylab.ui.participant.page_media import PageMedia
from journeylab.ui.participant.page_pictures import PagePictures
from journeylab.ui.participant.page_words import (
    led_away,
    no_address,
    shown_address,
    why_not_loaded,
)
from journeylab.ui.participant.rows import page_row
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.web_page import Browser

PHONE_WIDTH_PX: Final = 390
PHONE_HEIGHT_PX: Final = 844
_PHONE_MARGIN_PX: Final = 20
_CHANGES_VIEW: Final = frozenset({"load", "scroll", "change", "click", "invalid"})
_PASSWORD: Final = "password"
_BLANK: Final = "about:blank"


def phone_frame(width_px: int, height_px: int) -> tuple[QRect, float]:
    """Where the phone's page lies on a screen, and its zoom.

    The page always sees 390 x 844 CSS px; on a low screen they are drawn smaller.
    """
    room_px = height_px - 2 * _PHONE_MARGIN_PX
    zoom = min(1.0, room_px / PHONE_HEIGHT_PX)
    # Rounded up: a page counts whole CSS px, and must find all of its 390.
    width, height = math.ceil(PHONE_WIDTH_PX * zoom), math.ceil(PHONE_HEIGHT_PX * zoom)
    return QRect((width_px - width) // 2, (height_px - height) // 2, width, height), zoom


class PageStage(Stage):
    """Shows pages of the study, edge to edge or in a phone's frame, and writes what happens."""

    def __init__(
        self, folder: StudyFolder, *, clock: Clock, is_mobile: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(clock=clock, parent=parent)
        self._folder = folder
        self._is_mobile = is_mobile
        self._zoom = 1.0
        self._last_ns = 0
        self._onset_token = ""
        self._n_onsets = 0
        self._crashes = 0
        self._is_broken = False
        self._history_at = 0
        self._is_dead = False  # the engine's process is gone, and nothing is loaded yet
        self._url = QUrl()
        self._refused: set[tuple[str, str]] = set()  # on the page that is shown
        self._refused_page = ""  # the last address that was refused as a page of its own
        self._browser = Browser(AllowList(folder.path), is_mobile=is_mobile, parent=self)
        self._view = QWebEngineView(self)
        self._view.setPage(self._browser.page)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view.setAcceptDrops(False)
        self.setFocusProxy(self._view)
        self.keys = self._keys = PageKeys(self._browser, self._view, self)
        finger = Finger(self) if is_mobile else None
        self._frames = PageFrames(self._view, self, finger=finger)
        tracker = AoiTracker(self._view, clock=clock, write=self.sample.emit)
        self._areas = PageAreas(self._browser, self._view, tracker=tracker)
        self._pages = PagePictures(self._browser, clock=clock, parent=self)
        self._media = PageMedia(self._browser.page, self)
        self._dialogs = DialogGuard(self._view, self)
        self._wire()
        # Starts the engine's processes now, so that the first page comes without a pause.
        self._browser.page.setBackgroundColor(QColor(LIGHT.ground))
        self._browser.page.load(QUrl(_BLANK))

    def _wire(self) -> None:
        self._browser.told.connect(self._take_message)
        self._browser.refused.connect(self._take_refusal)
        page = self._browser.page
        page.urlChanged.connect(self._take_url)
        page.loadingChanged.connect(self._take_load)
        page.renderProcessTerminated.connect(self._take_crash)
        self._pages.taken.connect(self._take_page_picture)
        self._dialogs.refused.connect(
            lambda what: self._take_refusal(what, shown_address(page.url()))
        )

    @property
    def view(self) -> QWebEngineView:
        """The browser view itself."""
        return self._view

    def show_step(self, step: Step) -> None:
        """Open the step's page; a page the participant already stands on is left as it is.

        Raises
        ------
        StudyError
            When the page's file is missing or outside the study folder.
        """
        stimulus = step.stimulus
        url = (
            QUrl.fromLocalFile(str(self._folder.stimulus_path(stimulus.path)))
            if stimulus.path
            else QUrl(stimulus.url or "")
        )
        self._expect(step.id, shown_address(url))
        self._url = url
        self._media.hold(False)
        self._crashes = 0
        self._n_onsets += 1
        self._refused_page = self._browser.page.distrust = ""
        self._areas.begin(step)
        self._pages.begin_step(step.id)
        self._keys.show_markers(self._folder.study.markers)
        allowed = AllowList.of(self._folder.path, stimulus)
        self._browser.allow(allowed)
        if not allowed.allows_page(url):
            self._take_refusal("page", shown_address(url))
            self._fail(no_address(step.title, shown_address(url)), detail=shown_address(url))
        elif self._stands_on(url):
            self._onset_token = f"onset {self._n_onsets}"
            self._browser.run(f'window.__journeylab.tellWhenPainted("{self._onset_token}")')
            self._areas.ask()
            self._see(self._browser.page.url().toString())
        else:
            self._onset_token = "load"
            self._browser.page.load(url)

    def close_browser(self) -> None:
        """Take the engine down; the stage shows nothing afterwards."""
        self._view.hide()
        self._frames.end()
        self._media.close()
        self._pages.close()
        self._browser.close()

    def _stands_on(self, url: QUrl) -> bool:
        page = self._browser.page
        if self._is_dead or page.isLoading():
            return False
        return _without_fragment(page.url()) == _without_fragment(url)

    def _take_message(self, message: str) -> None:
        arrived_ns = self._clock.now_ns()
        event = read_page_event(message)
        if event is None or event.url == _BLANK:
            return
        if event.kind == PAINTED:
            if event.detail == self._onset_token:
                self._stamp_onset(arrived_ns)
        elif event.kind == READY:
            self._areas.ask()
        elif event.kind == BOXES:
            self._areas.take(event, arrived_ns, zoom=self._zoom)
        else:
            self._write_event(event, arrived_ns)
            if math.isfinite(event.size_px[1]):
                self._see(event.url, height_px=event.size_px[1])

    def _write_event(self, event: PageEvent, arrived_ns: int) -> None:
        row = event.row(arrived_ns, not_before_ns=self._last_ns)
        if event.kind == "load":
            frame = self._view.geometry()
            where = (
                f"{event.detail}, view {frame.width()}x{frame.height()} at "
                f"{frame.x()},{frame.y()}, zoom {self._zoom:.3f}"
            )
            row = page_row(row.t_ns, "load", url=event.url, scroll_px=event.scroll_px, detail=where)
            self._end_breakdown(f"The page {event.url} is shown again, from its beginning.")
        self._emit(row)
        if self._is_on and event.kind in _CHANGES_VIEW:
            self.view_changed.emit()

    def _see(self, url: str, *, height_px: float = 0.0) -> None:
        size = self._view.size()
        if self._is_mobile:
            size = QSize(PHONE_WIDTH_PX, PHONE_HEIGHT_PX)
        self._pages.see(url, viewport=size, height_px=height_px)

    def _take_page_picture(self, picture: Picture, url: str, detail: str) -> None:
        t_ns = self._now_ns()
        self.sample.emit(replace(picture, t_ns=t_ns))
        self._emit(page_row(t_ns, "picture", url=url, detail=detail))

    def _emit(self, row: object) -> None:
        self._last_ns = max(self._last_ns, row.t_ns)  # type: ignore[attr-defined]
        self.sample.emit(row)

    def _take_url(self, url: QUrl) -> None:
        if url.toString() in ("", _BLANK):
            return
        # Back and forward inside the page; the first row of a page is where it led.
        at = self._browser.page.history().currentItemIndex()
        detail = "back" if at < self._history_at else ""
        self._history_at = at
        self._emit(page_row(self._now_ns(), "url", url=shown_address(url), detail=detail))
        self._fit_view()  # the engine forgets the zoom between sites
        self._see(url.toString())

    def _take_refusal(self, what: str, url: str) -> None:
        shown = url if len(url) <= 1024 else url[:1024] + "…"
        if what == "page":
            self._refused_page = url
        elif (self._pages.is_busy or what == _PASSWORD) and (what, shown) in self._refused:
            return  # a page's copy asks for what the page had asked for; a server asks again
        self._refused.add((what, shown))
        self._emit(page_row(self._now_ns(), "refused", url=shown, detail=what))

    def _take_load(self, info: QWebEngineLoadingInfo) -> None:
        status = info.status()
        if status is QWebEngineLoadingInfo.LoadStatus.LoadStartedStatus:
            self._refused.clear()
        else:
            self._browser.see_to_watcher()
        self._fit_view()
        self._is_dead = False
        self._frames.begin(self._zoom)
        # A link that leads nowhere is refused and told, and the step goes on.
        if not self._awaits_onset:
            return
        address, distrust = shown_address(self._url), self._browser.page.distrust
        if status is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus and (
            info.url() == self._url or distrust
        ):
            self._give_up(
                why_not_loaded(address, info, distrusted=distrust),
                detail=f"{address}: {distrust or info.errorString()}",
            )
        elif (
            status is QWebEngineLoadingInfo.LoadStatus.LoadStoppedStatus
            and info.url().toString() == self._refused_page
            and _without_fragment(self._browser.page.url()) != _without_fragment(self._url)
        ):
            self._give_up(led_away(address, self._refused_page), detail=self._refused_page)

    def _give_up(self, sentence: str, *, detail: str) -> None:
        """The step's page is not there, and nothing of what came in its place may stay."""
        self._is_dead = True
        self._fail(sentence, detail=detail)
        self._browser.page.load(QUrl(_BLANK))

    def _take_crash(
        self, status: QWebEnginePage.RenderProcessTerminationStatus, exit_code: int
    ) -> None:
        self._crashes += 1
        address = self._browser.page.url().toString()
        if status is QWebEnginePage.RenderProcessTerminationStatus.NormalTerminationStatus:
            return
        self._is_dead = True
        if not (self._is_on or self._awaits_onset):
            return  # nobody sees it; the next step that shows a page loads it
        self._is_broken = True
        if self._crashes > 1:
            sentence = f"The page {address} broke down again ({exit_code}). Go on to the next step."
            self.sample.emit(_health(self._now_ns(), "fault", sentence))
            self._fail(sentence, detail=address)
            return
        self._emit(page_row(self._now_ns(), "load", url=address, detail="broke down, loaded again"))
        self.sample.emit(
            _health(self._now_ns(), "fault", f"The page {address} broke down and is loaded again.")
        )
        self._browser.page.load(self._browser.page.url())

    def hold(self, is_held: bool) -> None:
        self._media.hold(is_held)
        self._pages.hold(is_held)

    def leave(self) -> None:
        super().leave()
        self._media.hold(True)  # out of sight it is not to be heard; a next step goes on with it
        self._areas.end()
        self._pages.end_step()
        self._end_breakdown("The page that broke down was left.")

    def _end_breakdown(self, sentence: str) -> None:
        if self._is_broken:
            self._is_broken = False
            self.sample.emit(_health(self._now_ns(), "recovered", sentence))

    def _now_ns(self) -> int:
        return max(self._clock.now_ns(), self._last_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_view()
        self._areas.ask()  # another display may show the same page elsewhere

    def _fit_view(self) -> None:
        frame, self._zoom = self.rect(), 1.0
        if self._is_mobile:
            frame, self._zoom = phone_frame(self.width(), self.height())
        if self._view.geometry() != frame:
            self._view.setGeometry(frame)
        if abs(self._view.zoomFactor() - self._zoom) > 1e-3:
            self._view.setZoomFactor(self._zoom)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.raised if self._is_mobile else LIGHT.ground))
        if self._is_mobile:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(LIGHT.neutral), 1.0))
            painter.setBrush(QColor(LIGHT.ground))
            painter.drawRoundedRect(self._view.geometry().adjusted(-7, -7, 7, 7), 12, 12)
        painter.end()


def _health(t_ns: int, kind: str, sentence: str) -> Row:
    return health_row(t_ns, "page", kind=kind, count=0, detail=sentence)


def _without_fragment(url: QUrl) -> QUrl:
    bare = QUrl(url)
    bare.setFragment("")
    return bare
