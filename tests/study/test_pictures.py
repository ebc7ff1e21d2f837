"""AOIs and hotspots lie on their pictures, or a study is not opened."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from journeylab.errors import StudyError
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Aoi, Step, Stimulus, Study, Variant
from journeylab.study.pictures import picture_size, placed_boxes, video_size
from journeylab.study.stimulus import Hotspot, Screen
from journeylab.vocabulary import StimulusKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stimuli").mkdir()
    Image.new("RGB", (400, 300)).save(tmp_path / "stimuli" / "wide.png")
    Image.new("RGB", (300, 600)).save(tmp_path / "stimuli" / "tall.png")
    return tmp_path


def _study(folder: Path, step: Step) -> StudyFolder:
    return save_study(folder, Study(id="s", title="S", steps=(step,)))


def _image(name: str) -> Stimulus:
    return Stimulus(kind=StimulusKind.IMAGE, path=f"stimuli/{name}.png")


def test_the_size_is_that_of_the_picture_as_it_is_shown(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter, as phones write it
    Image.new("RGB", (400, 300)).save(folder / "turned.jpg", exif=exif)
    assert picture_size(folder / "stimuli" / "wide.png") == (400, 300)
    assert picture_size(folder / "turned.jpg") == (300, 400)


def test_what_is_no_picture_is_named(folder: Path) -> None:
    (folder / "fake.png").write_bytes(b"picture")
    with pytest.raises(StudyError, match=r"fake\.png is no picture"):
        picture_size(folder / "fake.png")


@pytest.mark.parametrize("box", [(0, 0, 400, 300), (399, 299, 1, 1)])
def test_an_aoi_on_the_picture_is_fine(folder: Path, box: tuple[int, int, int, int]) -> None:
    aoi = Aoi(name="price", box=box)
    step = Step(id="a", title="A", stimulus=_image("wide"), aois=(aoi,))
    _study(folder, step).check_stimuli()


def test_an_aoi_off_the_picture_is_told_with_both_sizes(folder: Path) -> None:
    aoi = Aoi(name="price", box=(350, 0, 51, 20))
    step = Step(id="a", title="Offer", stimulus=_image("wide"), aois=(aoi,))
    with pytest.raises(StudyError) as caught:
        _study(folder, step).check_stimuli()
    for words in ('step "Offer"', 'The AOI "price" lies off', "401 × 20", "400 × 300"):
        assert words in str(caught.value)


def test_a_variant_whose_picture_is_smaller_is_found(folder: Path) -> None:
    step = Step(
        id="a",
        title="A",
        stimulus=_image("wide"),
        aois=(Aoi(name="price", box=(350, 0, 50, 20)),),
        variants=(Variant(id="b", stimulus=_image("tall")),),
    )
    with pytest.raises(StudyError, match=r"tall\.png is 300 × 600"):
        _study(folder, step).check_stimuli()


def test_hotspots_and_aois_of_each_screen_are_held_against_its_own_picture(folder: Path) -> None:
    low = Hotspot(box=(0, 500, 50, 50), leads_to="one")
    screens = (
        Screen(id="one", path="stimuli/wide.png"),
        Screen(id="two", path="stimuli/tall.png", hotspots=(low,)),
    )
    stimulus = Stimulus(kind=StimulusKind.SCREENS, screens=screens)
    aois = (Aoi(name="x", box=(0, 500, 9, 9), screen="two"), Aoi(name="x", box=(9, 9, 9, 9)))
    step = Step(id="a", title="A", stimulus=stimulus, aois=aois)
    assert [b.picture[8:12] for b in placed_boxes(step)] == ["tall", "wide", "tall"]
    _study(folder, step).check_stimuli()
    wrong = (screens[0].model_copy(update={"hotspots": (low,)}), screens[1])
    step = step.model_copy(update={"stimulus": stimulus.model_copy(update={"screens": wrong})})
    with pytest.raises(StudyError, match='hotspot 1 of the screen "one" lies off'):
        _study(folder, step).check_stimuli()


def test_selectors_and_pages_have_no_picture(folder: Path) -> None:
    page = Stimulus(kind=StimulusKind.PAGE, url="https://shop.example/")
    step = Step(id="a", title="A", stimulus=page, aois=(Aoi(name="x", selector="#x"),))
    assert list(placed_boxes(step)) == []


def _video(path: Path, *, aspect: Fraction | None = None) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def test_a_video_is_as_large_as_it_is_shown(folder: Path) -> None:
    _video(folder / "plain.mp4")
    _video(folder / "wide.mp4", aspect=Fraction(2, 1))
    _video(folder / "high.mp4", aspect=Fraction(1, 2))
    sizes = [video_size(folder / f"{name}.mp4") for name in ("plain", "wide", "high")]
    assert sizes == [(64, 48), (128, 48), (64, 96)]


def test_what_is_no_video_is_named(folder: Path) -> None:
    (folder / "fake.mp4").write_bytes(b"video")
    with pytest.raises(StudyError, match=r"fake\.mp4 is no video"):
        video_size(folder / "fake.mp4")


def test_an_aoi_off_its_video_is_told_with_both_sizes(folder: Path) -> None:
    _video(folder / "stimuli" / "ad.mp4")
    video = Stimulus(kind=StimulusKind.VIDEO, path="stimuli/ad.mp4")
    step = Step(id="a", title="Ad", stimulus=video, aois=(Aoi(name="logo", box=(60, 0, 4, 9)),))
    _study(folder, step).check_stimuli()
    step = step.model_copy(update={"aois": (Aoi(name="logo", box=(60, 0, 5, 9)),)})
    with pytest.raises(StudyError, match=r'"logo" lies off .* 65 × 9 px, .*ad\.mp4 is 64 × 48 px'):
        _study(folder, step).check_stimuli()


def test_an_aoi_on_a_video_has_its_seconds() -> None:
    aoi = Aoi(name="logo", box=(0, 0, 9, 9), from_s=1.0, to_s=2.5)
    assert [aoi.lies_there_at(s) for s in (0.9, 1.0, 2.4, 2.5)] == [False, True, True, False]
    assert Aoi(name="logo", box=(0, 0, 9, 9)).lies_there_at(1e4)
    with pytest.raises(ValueError, match="ends after the second"):
        Aoi(name="logo", box=(0, 0, 9, 9), from_s=2.0, to_s=2.0)
