"""The video of the next step is open before the step begins: its first frame waits for nothing."""

from __future__ import annotations

from PySide6.QtMultimedia import QMediaPlayer
from pytestqt.qtbot import QtBot

from journeylab.study.folder import StudyFolder
from journeylab.ui.participant.video_reel import Reel
from participant.conftest import Open, Participant, Write
from participant.test_video_stage import VIDEO, encode

TWO = VIDEO + VIDEO.replace('"ad"', '"next"').replace('"Ad"', '"Next"').replace(
    "ad.mp4", "next.mp4"
)


def two_videos(write_study: Write) -> StudyFolder:
    folder = write_study(TWO, {})
    encode(folder.path / "stimuli/ad.mp4", colour=(30, 90, 200), n_frames=50)
    encode(folder.path / "stimuli/next.mp4", colour=(200, 90, 30), n_frames=10)
    return folder


def wait_for_reel(shop: Participant, name: str) -> Reel:
    def found() -> list[Reel]:
        reels = shop.window.findChildren(Reel)
        return [one for one in reels if one.path.name == name and one.image is not None]

    shop.wait(lambda: bool(found()))
    return found()[0]


def test_the_first_frame_is_painted_with_the_step(open_window: Open, write_study: Write) -> None:
    shop = open_window(two_videos(write_study), size=(640, 480))
    shop.window.prepare_step(shop.step("ad"))
    wait_for_reel(shop, "ad.mp4")
    assert not shop.told("stimulus")
    shop.window.show_step(shop.step("ad"))
    shop.window.stage.repaint()
    onset = shop.told("stimulus", what="onset")[0]
    assert onset["media_s"] == 0.0
    shop.wait_for("stimulus", what="end")
    assert len(shop.told("stimulus", what="frame")) >= 40


def test_a_video_plays_on_while_the_next_one_is_opened(
    open_window: Open, write_study: Write
) -> None:
    shop = open_window(two_videos(write_study), size=(640, 480))
    shop.show("ad")
    shop.window.prepare_step(shop.step("next"))
    wait_for_reel(shop, "next.mp4")
    shop.wait_for("stimulus", step_id="ad", what="end")
    shop.window.show_step(shop.step("next"))
    shop.window.stage.repaint()
    seen = shop.window.grab().toImage().pixelColor(320, 240)
    assert seen.red() > 150 > seen.blue()
    shop.wait_for("stimulus", step_id="next", what="end")
    details = {row["detail"] for row in shop.told("stimulus", step_id="next")}
    assert details == {"stimuli/next.mp4"}


def test_another_video_is_shown_than_was_opened(
    open_window: Open, write_study: Write, qtbot: QtBot
) -> None:
    shop = open_window(two_videos(write_study))
    shop.window.prepare_step(shop.step("next"))
    wait_for_reel(shop, "next.mp4")
    shop.show("ad")
    qtbot.waitUntil(lambda: len(shop.window.findChildren(QMediaPlayer)) == 1)
    shop.wait_for("stimulus", step_id="ad", what="end")
    assert {row["step_id"] for row in shop.told("stimulus")} == {"ad"}


def test_a_broken_video_is_told_of_when_it_is_due(
    open_window: Open, write_study: Write, qtbot: QtBot
) -> None:
    shop = open_window(write_study(VIDEO, {"stimuli/ad.mp4": "this is no video" * 100}))
    shop.window.prepare_step(shop.step("ad"))
    qtbot.waitUntil(lambda: any(one.problem for one in shop.window.findChildren(Reel)))
    assert shop.sentences == []
    shop.window.show_step(shop.step("ad"))
    shop.wait(lambda: bool(shop.sentences))
    qtbot.wait(100)
    assert len(shop.sentences) == 1
