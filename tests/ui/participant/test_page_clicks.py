"""Real presses of a real mouse on pages: each lies in the box of what was pressed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from participant.conftest import Write
from participant.sites import Site, button, page, step_on

_TRIAL = Path(__file__).with_name("page_trial.py")


def _steps(site: Site) -> str:
    site.pages["/long"] = page("<p>Long</p>" + button("end", 150, 9700), height=10_000)
    site.pages["/in"] = page("<p>Frame</p>" + button("pay", 60, 90))
    site.pages["/frame"] = page(
        "<p>Page</p><iframe id=bank src=/in width=250 height=200 "
        "style='position:absolute;left:40px;top:900px;border:5px solid'></iframe>",
        height=3000,
    )
    site.pages["/shadow"] = page(
        """<p>Card</p><shop-card id=card style="position:absolute;left:100px;top:300px">
        </shop-card><script>
        customElements.define('shop-card', class extends HTMLElement {
          constructor() {
            super().attachShadow({mode: 'open'}).innerHTML =
              '<button id=buy style="width:150px;height:70px">Buy</button>';
          }
        });</script>"""
    )
    site.pages["/form"] = page(
        "<form><input id=mail type=email required style='width:200px;height:60px'>"
        "<p><button id=send style='width:150px;height:60px'>Send</button></form>"
    )
    shapes = {
        "long": ("#end", 9500),
        "frame": ("#bank >>> #pay", 700),
        "shadow": ("#card >>> #buy", 0),
        "form": ("#send", 0),
    }
    steps = ""
    for name, (selector, scroll_px) in shapes.items():
        step = step_on(f"{site.url}/{name}").replace('"one"', f'"{name}"')
        steps += step.replace('title = "One"', f'title = "One"\nguide = "{selector} @ {scroll_px}"')
    return steps


@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_every_press_of_the_mouse_lies_in_the_box_of_what_it_pressed(
    write_study: Write, site: Site, xvfb: str, device: str
) -> None:
    folder = write_study(_steps(site), {})
    environment = {**os.environ, "DISPLAY": xvfb, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    trial = subprocess.run(
        [sys.executable, str(_TRIAL), str(folder.path), device],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert trial.returncode == 0, trial.stderr[-2000:]
    pressed = [json.loads(line) for line in trial.stdout.splitlines()]
    assert [one["pressed"] for one in pressed] == [
        "#end",
        "#bank >>> #pay",
        "#card >>> #buy",
        "#send",
    ]
    for one in pressed:
        (click,) = one["clicks"]
        assert click["selector"] == one["pressed"]
        left, top, width, height = one["box"]
        assert left <= click["page_x_px"] <= left + width
        assert top <= click["page_y_px"] <= top + height
        # Where the mouse was, to a pixel of the screen and its rounding.
        assert click["page_x_px"] == pytest.approx(left + width * 0.7, abs=2)
        assert click["page_y_px"] == pytest.approx(top + height * 0.4, abs=2)
