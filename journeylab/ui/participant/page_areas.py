"""Areas of interest that are named by selectors, followed while their page scrolls and changes."""

from __future__ import annotations

import json

from PySide6.QtCore import QRectF
from PySide6.QtWebEngineWidgets import QWebEngineView

from journeylab.clock import NS_PER_MS
from journeylab.study.model import Step
from journeylab.ui.participant.aoi_tracker import AoiTracker
from journeylab.ui.participant.page_events import PageEvent
from journeylab.ui.participant.web_page import Browser


class PageAreas:
    """Asks the watching script where a step's areas lie, and has it written down.

    Each step's request has a number; what is told of an earlier one comes too late.
    """

    def __init__(self, browser: Browser, view: QWebEngineView, *, tracker: AoiTracker) -> None:
        self._browser = browser
        self._view = view
        self._tracker = tracker
        self._selectors: dict[str, str] = {}
        self._request = 0

    def begin(self, step: Step) -> None:
        """Follow this step's areas from now on."""
        self._tracker.begin(step.id)
        self._selectors = {aoi.name: aoi.selector for aoi in step.aois if aoi.selector}
        self._request += 1

    def end(self) -> None:
        """The step was left."""
        had_any = bool(self._selectors)
        self._tracker.end()
        self._selectors = {}
        self._request += 1
        if had_any:
            self.ask()

    def ask(self) -> None:
        """Tell the page that is there what to follow."""
        areas = json.dumps(list(self._selectors.items()))
        self._browser.run(
            f"window.__journeylab && window.__journeylab.track({self._request}, {areas})"
        )

    def take(self, event: PageEvent, arrived_ns: int, *, zoom: float) -> None:
        """Some of them lie elsewhere now."""
        if event.token != self._request:
            return
        view = QRectF(self._view.rect())
        boxes: dict[str, QRectF | None] = {}
        for name, box in event.boxes.items():
            if name in self._selectors:
                seen = None if box is None else QRectF(*(side * zoom for side in box))
                boxes[name] = None if seen is None else seen.intersected(view)
        self._tracker.show(boxes, arrived_ns - round(event.age_ms * NS_PER_MS))
