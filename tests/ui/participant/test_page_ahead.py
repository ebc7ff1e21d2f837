"""Pages that are loaded before their step begins, in the real engine: seen by nobody till then."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from journeylab.study.folder import StudyFolder
from journeylab.study.questions import Question, items_of
from journeylab.ui.participant.page_stage import PageStage
from journeylab.vocabulary import QuestionKind
from participant.conftest import Open, Participant, Write
from participant.sites import Site, page

STEP = """
[[steps]]
id = "{id}"
title = "{id}"
[steps.stimulus]
kind = "page"
url = "{url}"
"""
WORDS = """
[[steps]]
id = "words"
title = "Words"
[steps.stimulus]
kind = "instruction"
text = "Read."
"""


@pytest.fixture
def study(write_study: Write, site: Site) -> StudyFolder:
    """Words, and two pages of a site."""
    site.pages["/one"] = page("<p>one<script>first = [innerWidth, innerHeight]</script>")
    site.pages["/two"] = page("<p>two")
    steps = "".join(STEP.format(id=id_, url=f"{site.url}/{id_}") for id_ in ("one", "two"))
    return write_study(WORDS + steps, {})


def stage_of(shop: Participant) -> PageStage:
    (stage,) = shop.window.findChildren(PageStage)
    return stage


def read_ahead(shop: Participant, step_id: str) -> QWebEnginePage:
    """Show the words, and wait till the step's page is complete and rests."""
    shop.show("words")
    shop.window.prepare_step(shop.step(step_id))
    engine = stage_of(shop).view.page()
    shop.wait(lambda: engine.lifecycleState() is QWebEnginePage.LifecycleState.Frozen)
    return engine


def test_a_page_read_ahead_is_written_only_when_it_is_shown(
    open_window: Open, study: StudyFolder, site: Site, qtbot: QtBot
) -> None:
    shop = open_window(study)
    read_ahead(shop, "one")
    assert not shop.told("page")
    assert [row["step_id"] for row in shop.told("stimulus")] == ["words"]
    n_pictures = len(shop.pictures)
    qtbot.wait(300)
    assert len(shop.pictures) == n_pictures
    shown_ns = shop.window._clock.now_ns()
    shop.show("one")
    assert site.asked.count("/one") == 1
    assert [row["kind"] for row in shop.told("page")][:2] == ["url", "load"]
    load = shop.told("page", kind="load")[0]
    assert re.search(r"in \d+ ms, read ahead, view 1280x720 at 0,0", str(load["detail"]))
    onset = shop.told("stimulus", step_id="one", what="onset")[0]
    assert shown_ns <= int(str(load["t_ns"])) <= int(str(onset["t_ns"]))
    shop.wait(lambda: any(one.stream == "pages" for one in shop.pictures))


def test_a_page_read_ahead_finds_the_screen_it_will_be_shown_on(
    open_window: Open, study: StudyFolder
) -> None:
    shop = open_window(study, size=(1000, 700))
    read_ahead(shop, "one")
    shop.show("one")
    assert shop.run("first") == [1000, 700]


def test_a_page_read_ahead_does_nothing_until_it_is_seen(
    open_window: Open, study: StudyFolder, site: Site, qtbot: QtBot
) -> None:
    site.pages["/one"] = page(
        "<script>at = []; setInterval(() => at.push(Date.now()), 20)</script>"
    )
    shop = open_window(study)
    read_ahead(shop, "one")
    qtbot.wait(2500)  # out of sight a timer would come once a second
    shop.show("one")
    shop.wait(lambda: bool(shop.run("at.at(-1) - at[0] > 2400")))
    longest_ms = shop.run("Math.max(...at.slice(1).map((ms, n) => ms - at[n]))")
    assert isinstance(longest_ms, int | float) and longest_ms > 2000


def test_a_step_may_forbid_it(
    open_window: Open, write_study: Write, site: Site, qtbot: QtBot
) -> None:
    site.pages["/one"] = page("one")
    step = STEP.format(id="one", url=f"{site.url}/one") + "read_ahead = false\n"
    shop = open_window(write_study(WORDS + step, {}))
    shop.show("words")
    shop.window.prepare_step(shop.step("one"))
    qtbot.wait(500)
    assert site.asked == []
    shop.show("one")
    assert "ahead" not in str(shop.told("page", kind="load")[0]["detail"])


def test_what_a_visit_left_in_the_tab_is_there(
    open_window: Open, study: StudyFolder, site: Site
) -> None:
    site.pages["/one"] = page("<script>sessionStorage.cart = 'three pots'</script>")
    site.pages["/two"] = page("<script>found = sessionStorage.cart</script>")
    shop = open_window(study)
    shop.show("one")
    read_ahead(shop, "two")
    shop.show("two")
    assert shop.run("found") == "three pots"


def test_nothing_is_read_ahead_while_a_page_is_seen(
    open_window: Open, study: StudyFolder, site: Site, qtbot: QtBot
) -> None:
    shop = open_window(study)
    shop.show("one")
    shop.window.prepare_step(shop.step("two"))
    qtbot.wait(400)
    assert "/two" not in site.asked


def test_another_page_is_shown_than_was_read_ahead(
    open_window: Open, study: StudyFolder, site: Site
) -> None:
    shop = open_window(study)
    read_ahead(shop, "two")
    shop.show("one")
    assert shop.run("location.pathname") == "/one"
    assert shop.page.view.isVisible()
    assert not [row for row in shop.told("page") if str(row["url"]).endswith("/two")]
    onsets = [row["detail"] for row in shop.told("stimulus", what="onset")]
    assert onsets == ["instruction", f"{site.url}/one"]


def test_a_page_that_is_on_its_way_comes_on_as_soon_as_it_is_there(
    open_window: Open, study: StudyFolder, site: Site
) -> None:
    shop = open_window(study)
    shop.show("words")
    shop.window.prepare_step(shop.step("one"))
    shop.show("one")
    assert site.asked.count("/one") == 1
    assert len(shop.told("page", kind="load")) == 1


def test_what_it_was_refused_out_of_sight_is_told_with_its_step(
    open_window: Open, study: StudyFolder, site: Site
) -> None:
    site.pages["/one"] = page("<img src='http://foreign.example/x.png'>")
    shop = open_window(study)
    read_ahead(shop, "one")
    assert not shop.told("page", kind="refused")
    shop.show("one")
    assert shop.told("page", kind="refused")[0]["url"] == "http://foreign.example/x.png"


def test_a_page_that_does_not_come_is_told_of_when_it_is_due(
    open_window: Open, study: StudyFolder, site: Site, qtbot: QtBot
) -> None:
    site.status["/one"] = 500
    shop = open_window(study)
    shop.show("words")
    shop.window.prepare_step(shop.step("one"))
    shop.wait(lambda: "/one" in site.asked)
    qtbot.wait(300)
    assert shop.sentences == []
    shop.window.show_step(shop.step("one"))
    shop.wait(lambda: bool(shop.sentences))
    assert "error 500" in shop.sentences[0]
    site.status.clear()
    shop.show("one")
    assert shop.page.view.isVisible()


def test_an_answer_is_typed_on_while_a_page_is_read_ahead(
    open_window: Open, study: StudyFolder, site: Site, qtbot: QtBot
) -> None:
    site.pages["/one"] = page("<input autofocus>")
    shop = open_window(study)
    shop.window.activateWindow()
    qtbot.waitUntil(shop.window.isActiveWindow)
    shop.window.show_questions("s", items_of(Question(id="q", kind=QuestionKind.TEXT, text="Why?")))
    (field,) = shop.window.findChildren(QPlainTextEdit)
    qtbot.waitUntil(field.hasFocus)
    shop.window.prepare_step(shop.step("one"))
    shop.wait(lambda: "/one" in site.asked)
    for _ in range(20):
        assert QApplication.focusWidget() is field, QApplication.focusWidget()
        QTest.keyClick(field, Qt.Key.Key_A)
        qtbot.wait(40)
    assert field.toPlainText() == "a" * 20


def test_a_page_that_loads_leaves_the_keyboard_to_the_moderators_window(
    open_window: Open, study: StudyFolder, qtbot: QtBot
) -> None:
    shop = open_window(study)
    console = QPlainTextEdit()
    qtbot.addWidget(console)
    console.show()
    console.activateWindow()
    console.setFocus()
    qtbot.waitUntil(console.hasFocus)
    for step_id in ("one", "two"):
        shop.show(step_id)
        qtbot.wait(300)
        assert console.isActiveWindow() and console.hasFocus()
