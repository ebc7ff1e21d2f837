"""A page as stimulus: the shop, the site, the prototype, in a browser view that is watched."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWebEngineCore import QWebEngineLoadingInfo, QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from journeylab.clock import Clock
from journeylab.session.health import SESSION
from journeylab.session.rows import health_row
from journeylab.streams import Picture, Row
from journeylab.study.device_frame import DeviceFrame, Surface, surface_of
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.theme import LIGHT
from journeylab.ui.participant.allow_list import AllowList
from journeylab.ui.participant.aoi_tracker import AoiTracker
from journeylab.ui.participant.page_ahead import Ahead, PageAhead
from journeylab.ui.participant.page_areas import PageAreas
from journeylab.ui.participant.page_dialogs import DialogGuard
from journeylab.ui.participant.page_events import (
    BOXES,
    PAINTED,
    READY,
    PageEvent,
)
from journeylab.ui.participant.page_finger import Finger
from journeylab.ui.participant.page_frames import PageFrames
from journeylab.ui.participant.page_keys import PageKeys
from journeylab.ui.participant.page_media import PageMedia
from journeylab.ui.participant.page_pictures import PagePictures
from journeylab.ui.participant.page_words import (
    BLANK,
    led_away,
    no_address,
    page_address,
    shown_address,
    why_not_loaded,
    without_fragment,
)
from journeylab.ui.participant.rows import page_row
from journeylab.ui.participant.stage import Stage
from journeylab.ui.participant.surface_place import framed, paint_frame
from journeylab.ui.participant.web_page import Browser

_CHANGES_VIEW: Final = frozenset({"load", "scroll", "change", "click", "invalid"})
_PASSWORD: Final = "password"


class PageStage(Stage):
    """Shows pages of the study, edge to edge or in a device's frame, and writes what happens.

    ``device`` is the participant's, as the segment of that name says.
    """

    def __init__(
        self,
        folder: StudyFolder,
        *,
        clock: Clock,
        device: str | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(clock=clock, parent=parent)
        self._folder = folder
        self._device = device
        self._surface = surface_of(DeviceFrame(), device)
        self._zoom = 1.0
        self._last_ns = 0
        self._onset_token = ""
        self._n_onsets = 0
        self._crashes = 0
        self._is_broken = False
        self._is_dead = False  # the engine's process is gone, and nothing is loaded yet
        self._url = QUrl()
        self._refused: set[tuple[str, str]] = set()  # on the page that is shown
        self._refused_page = ""  # the last address that was refused as a page of its own
        self._browser = Browser(AllowList(folder.path), surface=self._surface, parent=self)
        self._view = QWebEngineView(self)
        self._view.setPage(self._browser.page)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view.setAcceptDrops(False)
        self.setFocusProxy(self._view)
        self.keys = self._keys = PageKeys(self._browser, self._view, self)
        self._finger = Finger(self)
        self._finger.is_on = self._surface.is_touch
        self._frames = PageFrames(self._view, self, finger=self._finger)
        tracker = AoiTracker(self._view, clock=clock, write=self.sample.emit)
        self._areas = PageAreas(self._browser, self._view, tracker=tracker)
        self._pages = PagePictures(self._browser, clock=clock, parent=self)
        self._media = PageMedia(self._browser.page, self)
        self._dialogs = DialogGuard(self._view, self)
        self._ahead = PageAhead(self._browser, self._view, self)
        self._wire()
        # Starts the engine's processes now, so that the first page comes without a pause.
        self._browser.page.setBackgroundColor(QColor(LIGHT.ground))
        self._browser.page.load(QUrl(BLANK))

    def _wire(self) -> None:
        self._ahead.told.connect(self._take_event)
        self._ahead.refused.connect(self._take_refusal)
        self._ahead.address_came.connect(self._take_url)
        self._ahead.loading_changed.connect(self._take_load)
        page = self._browser.page
        page.renderProcessTerminated.connect(self._take_crash)
        self._pages.taken.connect(self._take_page_picture)
        self._pages.missed.connect(self._note)
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
        url = page_address(self._folder, step.stimulus)
        self._expect(step.id, shown_address(url))
        self._url = url
        self._media.hold(False)
        self._crashes = 0
        self._n_onsets += 1
        self._refused_page = self._browser.page.distrust = ""
        self._areas.begin(step)
        self._pages.begin_step(step.id)
        self._keys.show_markers(self._folder.study.markers_during(step))
        is_changed = self._put_on(surface_of(step.stimulus.frame, self._device))
        allowed = AllowList.of(self._folder.path, step.stimulus)
        self._browser.allow(allowed)
        is_there = not (self._is_dead or is_changed) and self._ahead.stands_on(url)
        ahead = self._ahead.take_up(QUrl() if is_changed else url)
        if ahead in (Ahead.COMING, Ahead.THERE):
            self._is_dead = False
            self._frames.begin(self._zoom)
            self._areas.ask()
        if not allowed.allows_page(url):
            self._take_refusal("page", shown_address(url))
            self._fail(no_address(step.title, shown_address(url)), detail=shown_address(url))
        elif is_there or ahead is Ahead.THERE:
            self._onset_token = f"onset {self._n_onsets}"
            self._browser.run(f'window.__journeylab.tellWhenPainted("{self._onset_token}")')
            self._areas.ask()
            self._see(self._browser.page.url().toString())
        else:
            self._onset_token = "load"
            if ahead is not Ahead.COMING:
                self._browser.page.load(url)

    def prepare(self, step: Step) -> None:
        """Load the page of the step that comes next while no page is seen; raises as
        :meth:`show_step`. Nothing of it is written before it is shown."""
        url = page_address(self._folder, step.stimulus)
        allowed = AllowList.of(self._folder.path, step.stimulus)
        is_wanted = step.stimulus.read_ahead and allowed.allows_page(url)
        surface = surface_of(step.stimulus.frame, self._device)
        is_ready = surface == self._surface and self._ahead.is_ready(url)
        if self._is_on or self._awaits_onset or not is_wanted or is_ready:
            return
        # A copy still loads what was allowed to the page it is of.
        if self._pages.is_busy or not self._ahead.may_begin:
            self._ahead.begin_later(partial(self.prepare, step))
            return
        self._frames.end()
        self._media.hold(True)
        self._browser.allow(allowed)
        self._refused_page = self._browser.page.distrust = ""
        self.setGeometry(self.window().rect())
        self._put_on(surface)
        self._fit_view()
        if self.isHidden():
            # The engine tells a page the size at which it was shown last; nothing is painted here.
            self.show()
            self.hide()
        self._ahead.begin(url)

    def _put_on(self, surface: Surface) -> bool:
        """Show pages on this surface from now on; whether it is another than before."""
        if surface == self._surface:
            return False
        self._surface = surface
        self._browser.put_on(surface)
        self._finger.is_on = surface.is_touch
        self._fit_view()
        self.update()
        return True

    def close_browser(self) -> None:
        """Take the engine down; the stage shows nothing afterwards."""
        self._view.hide()
        self._ahead.close()
        self._frames.end()
        self._media.close()
        self._pages.close()
        self._browser.close()

    def _take_event(self, event: PageEvent) -> None:
        arrived_ns = self._clock.now_ns()
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
        if self._surface.size_px is not None:
            size = QSize(*self._surface.size_px)
        self._pages.see(url, viewport=size, height_px=height_px)

    def _take_page_picture(self, picture: Picture, url: str, detail: str) -> None:
        t_ns = self._now_ns()
        self.sample.emit(replace(picture, t_ns=t_ns))
        self._emit(page_row(t_ns, "picture", url=url, detail=detail))

    def _emit(self, row: object) -> None:
        self._last_ns = max(self._last_ns, row.t_ns)  # type: ignore[attr-defined]
        self.sample.emit(row)

    def _take_url(self, url: QUrl) -> None:
        page = self._browser.page
        detail = page.ways.came(page.history())
        if url.toString() in ("", BLANK):
            return
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
            self._browser.page.ways.way = None
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
            and shown_address(info.url()) == self._refused_page
            and without_fragment(self._browser.page.url()) != without_fragment(self._url)
        ):
            self._give_up(led_away(address, self._refused_page), detail=self._refused_page)

    def _give_up(self, sentence: str, *, detail: str) -> None:
        """The step's page is not there, and nothing of what came in its place may stay."""
        self._is_dead = True
        self._fail(sentence, detail=detail)
        self._browser.page.load(QUrl(BLANK))

    def _note(self, sentence: str) -> None:
        row = health_row(self._now_ns(), SESSION, kind="warning", count=0, detail=sentence)
        self.sample.emit(row)

    def _take_crash(
        self, status: QWebEnginePage.RenderProcessTerminationStatus, exit_code: int
    ) -> None:
        self._crashes += 1
        # The step's own: where she went from there is hers to have recorded, or not.
        address = shown_address(self._url)
        if status is QWebEnginePage.RenderProcessTerminationStatus.NormalTerminationStatus:
            return
        self._is_dead = True
        self._ahead.fail()
        if not (self._is_on or self._awaits_onset):
            return  # nobody sees it; the next step that shows a page loads it
        self._is_broken = True
        if self._crashes > 1:
            sentence = f"The page {address} broke down again ({exit_code}). Go on to the next step."
            self.sample.emit(_health(self._now_ns(), "fault", sentence))
            self._fail(sentence, detail=address)
            return
        shown, again = shown_address(self._browser.page.url()), "broke down, loaded again"
        self._emit(page_row(self._now_ns(), "load", url=shown, detail=again))
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
        if self._surface.size_px is not None:
            frame, self._zoom = framed(self._surface.size_px, self.width(), self.height())
        if self._view.geometry() != frame:
            self._view.setGeometry(frame)
        if abs(self._view.zoomFactor() - self._zoom) > 1e-3:
            self._view.setZoomFactor(self._zoom)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        is_framed = self._surface.size_px is not None
        painter.fillRect(self.rect(), QColor(LIGHT.raised if is_framed else LIGHT.ground))
        if is_framed:
            paint_frame(painter, self._view.geometry())
        painter.end()


def _health(t_ns: int, kind: str, sentence: str) -> Row:
    return health_row(t_ns, "page", kind=kind, count=0, detail=sentence)
