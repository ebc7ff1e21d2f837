"""The replay's sound: what is heard is what was said at the playhead, at any speed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from analysis.planted import START_NS, Recipe, header_of, samples_of, study_of
from pytestqt.qtbot import QtBot

from journeylab.bundle.finalise import finalise
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.streams import AudioBlock
from journeylab.ui.analysis.replay.page import ReplayPage
from journeylab.ui.analysis.replay.sound import ReplaySound
from journeylab.ui.analysis.replay.target import ReplayTarget

RATE_HZ = 8000
SECONDS = 8


class SoundCard:
    """Takes whatever it is given; stands for the system's sink and for the device behind it."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.is_stopped = False

    def write(self, data: bytes) -> int:
        self.heard += data
        return len(data)

    def bytesFree(self) -> int:  # noqa: N802  Qt's name
        return 4000

    def processedUSecs(self) -> int:  # noqa: N802  Qt's name
        return 0

    def stop(self) -> None:
        self.is_stopped = True

    def deleteLater(self) -> None:  # noqa: N802  Qt's name
        return

    @property
    def samples(self) -> np.ndarray:
        return np.frombuffer(bytes(self.heard), dtype="<i2")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session whose sound counts the tenths of a second."""
    recipe = Recipe("P01", visits=(("ad", float(SECONDS)),))
    path = tmp_path_factory.mktemp("sessions") / "P01.h5"
    writer = BundleWriter(
        path, header_of(recipe, study_of()), clock=VirtualClock(start_ns=START_NS)
    )
    writer.write(samples_of(recipe))
    n = RATE_HZ // 10
    for tenth in range(SECONDS * 10):
        pcm = np.full(n, 100 * tenth, dtype=np.int16)
        writer.write([AudioBlock(START_NS + tenth * NS_PER_S // 10, tenth * n, pcm, RATE_HZ)])
    writer.close()
    return finalise(writer.journal_path)


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[SoundCard]:
    """The sound cards that were opened, one for each run."""
    opened: list[SoundCard] = []

    def open_sink(sound: ReplaySound, rate_hz: int) -> None:
        opened.append(SoundCard())
        sound._rate_hz = rate_hz
        sound._sink = sound._device = opened[-1]  # type: ignore[assignment]

    monkeypatch.setattr(ReplaySound, "_open_sink", open_sink)
    return opened


@pytest.fixture
def page(qtbot: QtBot, bundle: Path, cards: list[SoundCard]) -> Iterator[ReplayPage]:
    """A session that is open, on a clock that stands."""
    made = ReplayPage(clock=VirtualClock(start_ns=NS_PER_S))
    qtbot.addWidget(made)
    made.resize(1366, 720)
    made.show()
    with qtbot.waitSignals([made.shown, made.worker.indexed], timeout=20_000):
        made.open_session(ReplayTarget(bundle))
    yield made
    made.shut_down()


def test_nothing_is_heard_before_sound_is_turned_on(
    qtbot: QtBot, page: ReplayPage, cards: list[SoundCard]
) -> None:
    page.player.toggle()
    qtbot.wait(150)
    assert cards == []


def test_what_is_heard_begins_at_the_playhead_and_goes_on_without_a_gap(
    qtbot: QtBot, page: ReplayPage, cards: list[SoundCard]
) -> None:
    page.player.seek(START_NS + 2 * NS_PER_S)
    page.transport.sound.setChecked(True)
    page.player.toggle()
    qtbot.waitUntil(lambda: bool(cards) and len(cards[0].samples) >= 2 * RATE_HZ, timeout=20_000)
    heard = cards[0].samples[: 2 * RATE_HZ]
    wanted = np.repeat(100 * np.arange(20, 40), RATE_HZ // 10)
    np.testing.assert_array_equal(heard, wanted)
    page.player.pause()
    assert cards[0].is_stopped


def test_a_seek_begins_anew_where_it_leads(
    qtbot: QtBot, page: ReplayPage, cards: list[SoundCard]
) -> None:
    page.transport.sound.setChecked(True)
    page.player.toggle()
    qtbot.waitUntil(lambda: bool(cards) and len(cards[0].samples) > 0, timeout=20_000)
    page.player.seek(START_NS + 6 * NS_PER_S)
    qtbot.waitUntil(lambda: len(cards) == 2 and len(cards[1].samples) > 0, timeout=20_000)
    assert cards[0].is_stopped
    assert cards[1].samples[0] == 6000


def test_at_twice_the_speed_twice_as_much_is_heard_in_the_time(
    qtbot: QtBot, page: ReplayPage, cards: list[SoundCard]
) -> None:
    page.player.set_speed(2.0)
    page.transport.sound.setChecked(True)
    page.player.toggle()
    qtbot.waitUntil(lambda: bool(cards) and len(cards[-1].samples) >= 2 * RATE_HZ, timeout=20_000)
    # After two seconds of hearing, about the fourth second of the session is heard.
    at_two_s = float(cards[-1].samples[2 * RATE_HZ - RATE_HZ // 5 : 2 * RATE_HZ].mean())
    assert at_two_s == pytest.approx(3900, abs=350)
