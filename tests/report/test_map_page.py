"""The page in a real browser: what a click, a key and the cursor show, and what it asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from report.chromium import Tab, browser, opened

from journeylab.analysis.journey import JourneyMap
from journeylab.report.export import MapExport, export_scene, write_map

pytestmark = [
    pytest.mark.skipif(browser() is None, reason="no Chromium is installed (Debian: chromium)"),
    pytest.mark.realtime,
]
ODD = "<img src=x onerror=\"document.title='owned'\"> 購入 & <b>Покупка</b>"
SIDE = "document.getElementById('side').innerText"


@pytest.fixture(scope="module")
def odd(journey: JourneyMap) -> JourneyMap:
    """The planted journey, with markup wherever a name may stand."""
    steps = tuple(
        replace(step, title=f"{step.title} {ODD}", insight=replace(step.insight, text=ODD))
        for step in journey.steps
    )
    return replace(journey, study_title=ODD, goal=ODD, steps=steps, notes=(f"Missing: {ODD}",))


@pytest.fixture(scope="module")
def tab(odd: JourneyMap, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Its page, open."""
    folder = tmp_path_factory.mktemp("page")
    (path,) = write_map(MapExport(odd, folder, "shop"), ("html",))
    with opened(path.as_uri(), profile=folder / "profile") as tab:
        yield tab


@pytest.fixture(autouse=True)
def home(tab: Tab) -> None:
    """Each test begins with all findings listed and the whole map shown."""
    tab.key("Escape")
    tab.click("document.getElementById('fit')")


def test_it_asks_for_nothing_and_breaks_no_rule(tab: Tab) -> None:
    asked = [
        event["params"]["request"]["url"]
        for event in tab.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert sum(url.startswith("file:") for url in asked) == 1
    told = [e for e in tab.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert told == []


def test_markup_in_names_is_shown_not_obeyed(tab: Tab) -> None:
    assert ODD in tab.value("document.title")
    assert tab.value("document.querySelectorAll('img[src=x], #side b, svg b').length") == 0
    assert ODD in tab.value("document.querySelector('#bar h1').textContent")
    assert ODD in tab.value(SIDE)
    tab.click("document.querySelectorAll('.finding')[0]")
    tab.wait_until("document.querySelector('.back')")
    assert ODD in tab.value("document.getElementById('side').textContent")
    assert tab.value("document.querySelectorAll('img[src=x]').length") == 0


def test_a_click_on_a_callout_shows_its_evidence(tab: Tab, odd: JourneyMap) -> None:
    callout = odd.callouts[0]
    label = json.dumps(f"{callout.title}: {callout.detail}")
    tab.click(
        "[...document.querySelectorAll('.hit')]"
        f".find(each => each.getAttribute('aria-label') === {label})"
    )
    tab.wait_until("document.querySelector('.back')")
    words = tab.value(SIDE)
    assert callout.title in words and callout.detail in words
    for person in callout.participants:
        assert person in words
    for label in ("WHO", "WHEN", "HOW SURE"):
        assert label in words
    assert tab.value("document.querySelectorAll('#side tbody tr').length") == len(
        callout.participants
    )
    assert tab.value("document.querySelector('#side img.screen').naturalWidth") > 100
    assert tab.value("document.querySelector('.chosen').getAttribute('visibility')") == "visible"
    tab.click("document.querySelector('.back')")
    assert "STEP BY STEP" in tab.value(SIDE)


def test_an_insight_is_opened_by_keyboard_too(tab: Tab) -> None:
    tab.value("[...document.querySelectorAll('.hit')].at(-1).focus()")
    tab.key("Enter")
    tab.wait_until("document.querySelector('.back')")
    assert "HOW SURE" in tab.value(SIDE)


def test_the_cursor_on_the_trace_reads_values_and_base(tab: Tab, odd: JourneyMap) -> None:
    x, y = _on_trace(tab, odd, share=0.5)
    tab.move(x, y)
    words = tab.value("document.getElementById('tip').innerText")
    assert "mean " in words and "median " in words and f"n = {odd.n_usable}" in words
    assert tab.value("document.getElementById('tip').hidden") is False
    tab.move(5, 400)
    assert tab.value("document.getElementById('tip').hidden") is True


def test_a_click_on_the_trace_lists_every_participant_there(tab: Tab, odd: JourneyMap) -> None:
    tab.click_at(*_on_trace(tab, odd, share=0.31))
    tab.wait_until("document.querySelector('.back')")
    words = tab.value(SIDE)
    assert all(session.summary.participant_id in words for session in odd.sessions)


def test_lines_are_switched_on_and_off(tab: Tab, odd: JourneyMap) -> None:
    def is_shown(layer: str) -> bool:
        return bool(
            tab.value(f"document.getElementById('{layer}').getAttribute('visibility')") == "visible"
        )

    assert [is_shown(layer) for layer in ("mean", "band", "median", "people")] == [
        True,
        True,
        False,
        False,
    ]
    for name in ("mean", "median", "people"):
        tab.click(f"document.getElementById('show-{name}')")
    assert [is_shown(layer) for layer in ("mean", "band", "median", "people")] == [
        False,
        False,
        True,
        True,
    ]
    assert tab.value("document.getElementById('people').children.length") == odd.n_usable
    x, y = _on_trace(tab, odd, share=0.5)
    tab.move(x, y)
    assert "P0" in tab.value("document.getElementById('tip').innerText")
    for name in ("mean", "median", "people"):
        tab.click(f"document.getElementById('show-{name}')")


def test_wheel_and_drag_zoom_and_move_without_opening_anything(tab: Tab, odd: JourneyMap) -> None:
    x, y = _on_trace(tab, odd, share=0.5)
    before = _view(tab)
    tab.ask("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-400)
    tab.wait_until("document.getElementById('share').textContent !== '100 %'")
    zoomed = _view(tab)
    assert zoomed[2] < 0.7 * before[2]
    tab.move(x, y)
    tab.press("mousePressed", x, y)
    tab.move(x - 60, y + 10, buttons=1)
    tab.move(x - 120, y + 20, buttons=1)
    tab.press("mouseReleased", x - 120, y + 20)
    assert _view(tab)[0] > zoomed[0]
    assert not tab.value("Boolean(document.querySelector('.back'))")
    tab.click("document.getElementById('fit')")
    assert _view(tab) == before


def _on_trace(tab: Tab, journey: JourneyMap, *, share: float) -> tuple[float, float]:
    """A place on the screen over the trace's area, near its lower edge."""
    scene = export_scene(journey)
    assert scene.axes is not None
    left, right = scene.axes.knots_x[0], scene.axes.knots_x[-1]
    place = (left + share * (right - left), scene.axes.bottom_y - 8)
    at = tab.value(
        f"(() => {{ const p = new DOMPoint({place[0]}, {place[1]}).matrixTransform("
        "document.querySelector('#stage svg').getScreenCTM()); return [p.x, p.y]; })()"
    )
    return float(at[0]), float(at[1])


def _view(tab: Tab) -> list[float]:
    box = tab.value("document.querySelector('#stage svg').getAttribute('viewBox')")
    return [float(part) for part in box.split()]
