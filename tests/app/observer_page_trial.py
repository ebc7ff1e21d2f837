"""Opens the observers' page in a browser view, joins, and prints what it says, as JSON lines.

``python observer_page_trial.py FOLDER MARKUP``: with these words as step, marker and note. A
process of its own: Chromium must be loaded before the application exists.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtTest import QTest
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView

from journeylab.app.application import open_application
from journeylab.app.observers import ObserverServer
from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import SessionClock
from journeylab.session.controller import SessionController
from journeylab.session.observing import ObserverRoom, observed
from journeylab.study.folder import save_study
from journeylab.study.model import Step, Stimulus, Study


class Page(QWebEnginePage):
    """Prints what the browser complains of."""

    def javaScriptConsoleMessage(self, _level: object, words: str, line: int, _of: str) -> None:
        print(json.dumps({"complaint": f"{line}: {words}"}), flush=True)


class Browser:
    """The page, asked until it holds."""

    def __init__(self, url: str) -> None:
        self.view = QWebEngineView()
        self.page = Page(self.view)
        self.view.setPage(self.page)
        self.view.resize(390, 844)
        self.view.show()
        self.view.load(QUrl(url))

    def ask(self, script: str) -> object:
        answers: list[object] = []
        self.page.runJavaScript(f"JSON.stringify({script})", 0, answers.append)
        for _ in range(200):
            QTest.qWait(20)
            if answers:
                break
        return json.loads(str(answers[0]) or "null") if answers else None

    def wait(self, script: str) -> None:
        for _ in range(300):
            if self.ask(script):
                return
            QTest.qWait(80)
        raise SystemExit(f"never true: {script}")

    def do(self, script: str) -> None:
        self.ask(f"(() => {{ {script}; return 1; }})()")


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def watch(
    browser: Browser, room: ObserverRoom, controller: SessionController, *, markup: str
) -> None:
    controller.remarks.add_marker(markup)
    browser.wait("typeof el === 'function' && !el('join').hidden")
    fill = "el('name').value = 'Anna'; el('code').value = '{}'; el('join-form').requestSubmit()"
    browser.do(fill.format("12 34"))
    browser.wait("el('join-problem').textContent !== ''")
    say(refused=browser.ask("el('join-problem').textContent"))
    code = room.open_code()
    browser.wait("!document.querySelector('#join-form button').disabled")
    browser.do(fill.format(f"{code[:4]} {code[4:]}"))
    browser.wait("!!state && !el('watch').hidden")
    browser.wait("state.markers.length > 0")
    browser.do(f"el('note').value = {json.dumps(markup)}; sendNote()")
    browser.wait("el('notes').children.length > 0")
    browser.wait("state.markers.length > 0")
    say(
        title=browser.ask("document.title"),
        study=browser.ask("el('title').textContent"),
        step=browser.ask("el('step').textContent"),
        marker=browser.ask("el('markers').firstChild.lastChild.textContent"),
        note=browser.ask("el('notes').firstChild.lastChild.textContent"),
        pictures=browser.ask("document.querySelectorAll('img, video').length"),
        is_wide=browser.ask("document.documentElement.scrollWidth > innerWidth"),
        cookie=browser.ask("document.cookie"),
    )
    room.close()
    browser.wait("!el('over').hidden")
    say(over=browser.ask("el('over-title').textContent"))


def main(folder: Path, markup: str) -> None:
    application = open_application()
    step = Step(id="ad", title=markup, stimulus=Stimulus(kind="instruction", text="Look."))
    study = save_study(folder, Study(id="k", title=f"Kettles {markup}", steps=(step,)))
    clock = SessionClock()
    controller = SessionController(
        study,
        sources=(),
        analyser_factory=lambda: sys.exit("there is no camera"),
        clock=clock,
        screen=ScreenGeometry(1920, 1080),
    )
    controller.start_recording("P01", segments={}, consent={})
    room = ObserverRoom(observed(controller), clock=clock)
    server = ObserverServer(room, address="127.0.0.1", port=0)
    server.start()
    browser = Browser(server.url)
    try:
        watch(browser, room, controller, markup=markup)
    finally:
        browser.view.close()
        browser.view.deleteLater()
        QTest.qWait(50)
        server.stop()
        controller.close()
        application.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
