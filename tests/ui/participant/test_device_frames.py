"""A page in a device frame finds itself on that device, and pictures are as large as on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from participant.conftest import Open, Write
from participant.sites import Site, button, page, step_on

WHAT_IT_FINDS = """[screen.width, screen.height, screen.availWidth, outerWidth, outerHeight,
  innerWidth, innerHeight, devicePixelRatio, navigator.maxTouchPoints, 'ontouchstart' in window,
  screen.orientation.type]"""
QUERIES = """['(pointer: coarse)', '(pointer: fine)', '(any-pointer: fine)', '(hover: none)',
  '(hover: hover)', '(hover)', '(min-resolution: 2dppx)', '(-webkit-min-device-pixel-ratio: 2.5)',
  '(resolution <= 1dppx)', '(max-device-width: 480px)', '(max-device-width: 20em)',
  'screen and (pointer: coarse) and (max-width: 400px)', 'not all and (pointer: coarse)'
  ].map((query) => matchMedia(query).matches)"""
ON_A_PHONE = [
    True, False, False, True, False, False, True, True, False, True, False, True, False,
]  # fmt: skip
NEVER_ON_A_DESKTOP = (0, 6, 7, 9, 10, 11)
"""Places among the queries; whether there is a mouse at all is the machine's to say."""
STYLES = """<link rel=stylesheet href=/late.css><style>
  p { width: 10px } @media (pointer: coarse) { #own { width: 20px } }
  @media (hover: hover) { #own { height: 40px } } </style>
  <p id=own></p><p id=late></p><p id=made></p><p id=put></p>
  <script>
    const style = document.createElement('style');
    style.textContent = '@media (hover: none) { #made { width: 40px } }';
    setTimeout(() => document.head.append(style), 50);
    document.styleSheets[1].insertRule('@media (any-pointer: coarse) { #put { width: 50px } }', 3);
  </script>"""
WIDTHS = "['own', 'late', 'made', 'put'].map((id) => document.getElementById(id).clientWidth)"


@pytest.fixture
def styled(site: Site) -> Site:
    site.pages["/"] = page(STYLES)
    css = b"@media (hover: none) and (pointer: coarse) { #late { width: 30px } }"
    site.files["/late.css"] = ("text/css", css)
    return site


def test_a_phone_is_a_phone_to_scripts_media_queries_and_style_sheets(
    open_window: Open, write_study: Write, styled: Site
) -> None:
    person = open_window(
        write_study(step_on(styled.url + "/"), {}), device="smartphone", size=(1366, 768)
    )
    person.show("one")
    person.wait(lambda: person.run("innerHeight") == 844)
    assert person.run(WHAT_IT_FINDS) == [
        390, 844, 390, 390, 844, 390, 844, 3, 5, True, "portrait-primary",
    ]  # fmt: skip
    assert person.run(QUERIES) == ON_A_PHONE
    assert person.run("matchMedia('(pointer: coarse)').media") == "(pointer: coarse)"
    person.wait(lambda: person.run(WIDTHS) == [20, 30, 40, 50])
    assert person.run("getComputedStyle(document.getElementById('own')).height") != "40px"
    assert "Mobile" in str(person.run("navigator.userAgent"))


def test_a_desktop_is_a_desktop_after_a_finger_too(
    open_window: Open, write_study: Write, styled: Site
) -> None:
    QTest.createTouchDevice()  # as a phone's page leaves it, for the whole run
    person = open_window(write_study(step_on(styled.url + "/"), {}), device="desktop")
    person.show("one")
    assert person.run("[navigator.maxTouchPoints, 'ontouchstart' in window]") == [0, False]
    answers = person.run(QUERIES)
    assert isinstance(answers, list)
    assert not any(answers[place] for place in NEVER_ON_A_DESKTOP)
    assert person.run("devicePixelRatio") == person.window.devicePixelRatioF()
    QTest.qWait(300)
    widths = person.run(WIDTHS)
    assert isinstance(widths, list) and (widths[0], widths[3]) == (10, 10)
    assert "Mobile" not in str(person.run("navigator.userAgent"))


FRAMES = {
    "tablet": "frame = { kind = 'tablet' }",
    "own": "frame = { kind = 'own', width_px = 500, height_px = 300, user_agent = 'Kiosk/2' }",
    "desktop": "frame = { kind = 'desktop' }",
    "phone": "frame = { kind = 'phone', touch = false }",
}


def test_each_step_has_a_frame_of_its_own_whatever_the_device(
    open_window: Open, write_study: Write, styled: Site
) -> None:
    steps = "".join(
        step_on(styled.url + "/", stimulus=frame).replace('"one"', f'"{name}"')
        for name, frame in FRAMES.items()
    )
    person = open_window(write_study(steps, {}), device="mobile", size=(1366, 768))
    found = {}
    for name in (*FRAMES, "tablet"):  # the same address each time: loaded anew for another frame
        person.show(name)
        person.wait(lambda: person.run("document.readyState") == "complete")
        QTest.qWait(150)
        found[name] = person.run(
            "[innerWidth, innerHeight, matchMedia('(pointer: coarse)').matches,"
            " navigator.userAgent.includes('Android'), navigator.userAgent.includes('Mobile')]"
        )
        if name == "own":
            assert person.run("[navigator.userAgent, screen.width]") == ["Kiosk/2", 500]
            frame = person.page.view.geometry()
            assert (frame.width(), frame.height()) == (500, 300)
    assert found["tablet"] == [820, 1180, True, True, False]
    assert found["own"] == [500, 300, False, False, False]
    assert found["desktop"] == [1366, 768, False, False, False]
    assert found["phone"] == [390, 844, False, True, True]
    assert len(person.told("page", kind="load")) == 5


def test_a_mouse_is_a_finger_only_where_the_frame_is_touched(
    open_window: Open, write_study: Write, site: Site
) -> None:
    site.pages["/"] = page(
        "<script>window.seen = []; for (const kind of ['touchstart', 'click'])"
        " addEventListener(kind, (e) => seen.push(kind + (e.pointerType || '')))</script>"
        + button("buy", 100, 200)
    )
    steps = "".join(
        step_on(site.url + "/", stimulus=FRAMES[name]).replace('"one"', f'"{name}"')
        for name in ("tablet", "desktop")
    )
    person = open_window(write_study(steps, {}))
    for name, seen in (
        ("desktop", ["clickmouse"]),
        ("tablet", ["touchstart", "clicktouch"]),
        ("desktop", ["clickmouse"]),
    ):
        person.show(name)
        person.wait(lambda: person.run("[document.readyState, seen]") == ["complete", []])
        person.click("#buy")
        person.wait(lambda seen=seen: person.run("seen") == seen)


SCREENSHOTS = """
[[steps]]
id = "image"
title = "Image"
[steps.stimulus]
kind = "image"
path = "stimuli/shot.png"
FRAME
[[steps.aois]]
name = "top"
box = [0, 0, 780, 844]
[[steps]]
id = "screens"
title = "Screens"
[steps.stimulus]
kind = "screens"
FRAME
[[steps.stimulus.screens]]
id = "first"
path = "stimuli/shot.png"
[[steps.stimulus.screens.hotspots]]
box = [0, 844, 780, 844]
leads_to = "second"
[[steps.stimulus.screens]]
id = "second"
path = "stimuli/shot.png"
"""


@pytest.mark.parametrize(
    ("frame", "device", "place"),
    [
        ("frame = { kind = 'phone' }", "desktop", (765, 118, 390, 844)),
        ("", "mobile", (765, 118, 390, 844)),
        ("", "desktop", (711, 0, 499, 1080)),
        ("frame = { kind = 'desktop' }", "mobile", (711, 0, 499, 1080)),
    ],
)
def test_a_phone_s_screenshots_are_shown_as_large_as_on_a_phone(
    open_window: Open,
    write_study: Write,
    frame: str,
    device: str,
    place: tuple[int, int, int, int],
) -> None:
    folder = write_study(SCREENSHOTS.replace("FRAME", frame), {"stimuli/note.txt": ""})
    image = QImage(780, 1688, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    image.save(str(folder.path / "stimuli" / "shot.png"))
    person = open_window(folder, device=device, size=(1920, 1080))
    left, top, width, height = place
    for step_id in ("image", "screens"):
        person.show(step_id)
        shown = person.window.grab().toImage()
        y = top + height // 2
        row = [x for x in range(1920) if shown.pixelColor(x, y) == QColor("green")]
        column = [y for y in range(1080) if shown.pixelColor(960, y) == QColor("green")]
        assert (row[0], len(row)) == pytest.approx((left, width), abs=1)
        assert (column[0], len(column)) == pytest.approx((top, height), abs=1)
    area = person.told("aois", step_id="image")[0]
    found = [area[name] for name in ("x_px", "y_px", "width_px", "height_px")]
    assert found == pytest.approx([left, top, width, height / 2], abs=1.0)
    target = person.window.stage
    QTest.mouseClick(
        target, Qt.MouseButton.LeftButton, pos=QPoint(left + width // 2, top + height * 3 // 4)
    )
    click = person.wait_for("page", kind="click")
    assert click["selector"] == "hotspot:second"
    assert (click["page_x_px"], click["page_y_px"]) == pytest.approx((390, 1266), abs=3)
