"""The study that ships: complete, small, and content with itself."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pytest

from journeylab.assets import asset
from journeylab.study.folder import load_study
from journeylab.vocabulary import StimulusKind

_DEMO = asset("demo-study")
_PAGES = sorted((_DEMO / "stimuli" / "shop").glob("*.html"))


def test_it_has_the_steps_of_a_first_purchase() -> None:
    folder = load_study(_DEMO)
    folder.check_stimuli()
    ids = [step.id for step in folder.study.steps]
    assert ids == [
        "ad", "landing", "product", "compare", "cart", "checkout", "confirmed", "unboxing",
    ]  # fmt: skip
    assert folder.study.step("ad").stimulus.kind is StimulusKind.VIDEO
    assert folder.study.step("unboxing").stimulus.kind is StimulusKind.CAMERA_ONLY
    assert [step.stage for step in folder.study.steps] == sorted(
        (step.stage for step in folder.study.steps),
        key=["Awareness", "Consideration", "Decision", "Purchase", "Onboarding"].index,
    )


def test_every_step_with_a_screen_has_a_picture_for_each_device() -> None:
    folder = load_study(_DEMO)
    (device,) = folder.study.segments
    for step in folder.study.steps:
        wanted = set() if step.id == "unboxing" else set(device.values)
        assert set(step.stimulus.pictures) == wanted
        for picture in step.stimulus.pictures.values():
            assert folder.stimulus_path(picture).stat().st_size < 150_000


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in _DEMO.rglob("*") if path.is_file()) < 4_000_000


def test_the_ad_is_short_and_plays_everywhere() -> None:
    path = _DEMO / "stimuli" / "ad.mp4"
    assert path.stat().st_size < 1_500_000
    with av.open(str(path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.average_rate) == (1280, 720, 30)
        assert 12 <= (container.duration or 0) / av.time_base <= 15


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_pages_refer_to_nothing_outside_their_folder(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?:href|src|action)=\"([^\"#]+)", text):
        assert (page.parent / target).is_file(), target
    assert not re.findall(r"https?://|//cdn|@import", text)


@pytest.mark.parametrize("name", ["shop.css", "shop.js"])
def test_style_and_script_load_nothing_from_elsewhere(name: str) -> None:
    text = (_DEMO / "stimuli" / "shop" / name).read_text(encoding="utf-8")
    assert not re.findall(r"https?://|@import", text)
    for target in re.findall(r"url\(\"([^\"]+)", text):
        assert (_DEMO / "stimuli" / "shop" / target).is_file(), target


@pytest.mark.parametrize(
    ("page", "next_page"),
    [
        ("index.html", "product.html"),
        ("product.html", "compare.html"),
        ("product.html", "cart.html"),
        ("compare.html", "cart.html"),
        ("cart.html", "checkout.html"),
        ("checkout.html", "confirmed.html"),
        ("confirmed.html", "index.html"),
    ],
)
def test_pages_lead_on(page: str, next_page: str) -> None:
    text = (_DEMO / "stimuli" / "shop" / page).read_text(encoding="utf-8")
    assert re.search(rf'(?:href|action)="{re.escape(next_page)}"', text)
