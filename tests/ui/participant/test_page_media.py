"""Video and sound inside a page stand still while the session is paused, and go on after it."""

from __future__ import annotations

import io
import wave
from fractions import Fraction

import av
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from journeylab.ui.participant.cover import PauseCover
from participant.conftest import Open, Participant, Write
from participant.sites import Site, button, page, step_on

_LONG_S = 30
_WHERE = "[...document.querySelectorAll('video, audio')].map((one) => one.currentTime)"
_WHETHER = "[...document.querySelectorAll('video, audio')].map((one) => one.paused)"
_SHADOW = """<div id=host></div><script>
  const root = document.querySelector('#host').attachShadow({mode: 'open'});
  function go() {
    film.play();
    tone.play();
    root.querySelector('audio').play();
    document.querySelector('iframe').contentDocument.querySelector('video').play();
  }
  root.innerHTML = '<audio id=hidden src="/tone.wav" loop></audio>';
</script>"""


def _video() -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(10 * _LONG_S):
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), index % 256, np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return data.getvalue()


def _tone() -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        seconds = np.arange(8000 * _LONG_S) / 8000
        out.writeframes((8000 * np.sin(2 * np.pi * 220 * seconds)).astype("<i2").tobytes())
    return data.getvalue()


@pytest.fixture
def player(open_window: Open, write_study: Write, site: Site) -> Participant:
    """A page that was made to play a video and a sound, with a second video that rests."""
    site.files = {"/film.webm": ("video/webm", _video()), "/tone.wav": ("audio/wav", _tone())}
    site.pages["/frame"] = page("<video id=framed src=/film.webm></video>")
    site.pages["/"] = page(
        button("go", 0, 0, on="go()") + "<div style='height:80px'></div>"
        "<video id=film src=/film.webm></video>"
        "<audio id=tone src=/tone.wav></audio>"
        "<video id=resting src=/film.webm></video>"
        "<input id=field><iframe src=/frame></iframe>" + _SHADOW
    )
    text = """
[[steps]]
id = "two"
title = "Two"
[steps.stimulus]
kind = "instruction"
text = "Read."
"""
    person = open_window(write_study(step_on(site.url + "/") + text, {}))
    person.show("one")
    person.wait(lambda: person.run("document.readyState") == "complete")
    person.click("#go")
    person.wait(lambda: min(_places(person)[:2]) > 0.2)
    return person


def _places(person: Participant) -> list[float]:
    found = person.run(_WHERE)
    assert isinstance(found, list)
    return found


def _others(person: Participant) -> list[float]:
    """Where the media in the frame and in the shadow root are, s."""
    found = person.run(
        "[document.querySelector('iframe').contentDocument.querySelector('video').currentTime, "
        "document.querySelector('#host').shadowRoot.querySelector('audio').currentTime]"
    )
    assert isinstance(found, list)
    return found


def test_what_plays_stands_still_in_a_pause_and_goes_on_after_it(
    player: Participant, qtbot: QtBot
) -> None:
    player.wait(lambda: min(_others(player)) > 0.2)
    cover = PauseCover(player.window)
    cover.lay()
    player.wait(lambda: player.run(_WHETHER) == [True, True, True])
    qtbot.wait(400)  # frames are told on the next round at the latest
    before = _places(player) + _others(player)
    qtbot.wait(1000)
    assert _places(player) + _others(player) == before
    assert player.page.view.page().isAudioMuted()
    cover.lift()
    player.wait(
        lambda: all(
            now > then + 0.2
            for now, then in zip(
                _places(player)[:2] + _others(player), before[:2] + before[3:], strict=True
            )
        )
    )
    assert player.run(_WHETHER) == [False, False, True], "what rested goes on resting"
    assert not player.page.view.page().isAudioMuted()
    assert _places(player)[0] < before[0] + 5, "it goes on where it stood"


def test_what_a_page_begins_to_play_in_a_pause_waits_for_its_end(
    player: Participant, qtbot: QtBot
) -> None:
    cover = PauseCover(player.window)
    cover.lay()
    player.wait(lambda: player.run(_WHETHER) == [True, True, True])
    player.run("(document.querySelector('#resting').play(), 1)")
    qtbot.wait(500)
    assert player.run(_WHETHER) == [True, True, True]
    cover.lift()
    player.wait(lambda: player.run(_WHETHER) == [False, False, False])


def test_a_page_that_was_left_is_not_heard_and_goes_on_when_it_is_shown_again(
    player: Participant, qtbot: QtBot
) -> None:
    stage = player.page
    player.show("two")
    heard: list[object] = []
    qtbot.wait(300)
    stage.view.page().runJavaScript(f"JSON.stringify({_WHETHER})", 0, heard.append)
    player.wait(lambda: bool(heard))
    assert heard == ["[true,true,true]"] and stage.view.page().isAudioMuted()
    player.show("one")
    player.wait(lambda: player.run(_WHETHER) == [False, False, True])


def test_with_alt_a_marker_is_set_while_a_field_of_the_page_is_typed_into(
    player: Participant, qtbot: QtBot
) -> None:
    window, taken = player.window, []
    for key in ("1", "Alt+1"):
        shortcut = QShortcut(key, window)
        shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    player.click("#field")
    player.wait(lambda: player.page.is_typed_into)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_1)
    player.wait(lambda: player.run("document.querySelector('#field').value") == "1")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert taken == ["Alt+1"]
    qtbot.wait(200)
    assert player.run("document.querySelector('#field').value") == "1"
