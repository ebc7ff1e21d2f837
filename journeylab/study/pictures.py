"""The pictures and videos of a study: how large they are, and whether AOIs and hotspots lie on
them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from journeylab.errors import StudyError
from journeylab.study.boxes import BoxPx, lies_on
from journeylab.study.model import Step
from journeylab.study.stimulus import Aoi, Stimulus
from journeylab.vocabulary import StimulusKind

_EXIF_ORIENTATION: Final = 0x0112
_LYING: Final = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and the picture or video it is meant for. ``what`` names it, as in ``the AOI
    "price"``; ``picture`` is a path as the study writes it. ``drawn_on`` is the one of the step's
    own stimulus that it was drawn on, where a variant inherits it."""

    what: str
    box: BoxPx
    picture: str
    place: tuple[str | int, ...]
    is_on_video: bool = False
    drawn_on: PlacedBox | None = None
    version: str = ""

    def size_of(self, path: Path) -> tuple[int, int]:
        """Width and height of what it lies on, px; raises as :func:`picture_size`."""
        return video_size(path) if self.is_on_video else picture_size(path)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture as it is shown, px; only its header is read.

    Raises
    ------
    StudyError
        When it is no picture that can be read.
    """
    try:
        about = path.stat()
        return _size(path, about.st_mtime_ns, about.st_size)
    except OSError as error:
        raise StudyError(
            f"{path} is no picture that can be shown.", remedy="Save it as PNG or JPEG."
        ) from error


def video_size(path: Path) -> tuple[int, int]:
    """Width and height of a video as it is shown, upright and with square pixels, px.

    Raises
    ------
    StudyError
        When it is no video that can be read.
    """
    return _video(path)[0]


def video_duration_s(path: Path) -> float | None:
    """How long a video is, s; None where its file does not tell. Raises as :func:`video_size`."""
    return _video(path)[1]


def _video(path: Path) -> tuple[tuple[int, int], float | None]:
    try:
        about = path.stat()
        return _probe_video(path, about.st_mtime_ns, about.st_size)
    except OSError as error:
        raise StudyError(
            f"{path} is no video that can be shown.", remedy="Save it as MP4 with H.264."
        ) from error


@lru_cache(maxsize=64)
def _probe_video(
    path: Path, _changed_ns: int, _n_bytes: int
) -> tuple[tuple[int, int], float | None]:
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise OSError("no picture in it")
            duration_s = None if container.duration is None else container.duration / av.time_base
            aspect = container.streams.video[0].sample_aspect_ratio
            frame = next(container.decode(video=0), None)
    except av.FFmpegError as error:
        raise OSError(str(error)) from error
    if frame is None:
        raise OSError("no frame in it")
    width, height = frame.width, frame.height
    if aspect and aspect > 1:  # drawn wider, or else higher, as the player does
        width = int(width * aspect)
    elif aspect and 0 < aspect < 1:
        height = int(height / aspect)
    size = (height, width) if frame.rotation % 180 else (width, height)
    return size, duration_s


@lru_cache(maxsize=512)
def _size(path: Path, _changed_ns: int, _n_bytes: int) -> tuple[int, int]:
    """Read once for each state of the file: an editor asks with every letter that is typed."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            is_lying = image.getexif().get(_EXIF_ORIENTATION) in _LYING
    except (ValueError, Image.DecompressionBombError) as error:
        raise OSError(str(error)) from error
    return (height, width) if is_lying else (width, height)


def placed_boxes(step: Step) -> Iterator[PlacedBox]:
    """All AOIs and hotspots of a step that lie on a picture or video, its variants' too."""
    yield from _boxes_of(step.stimulus, step.aois, ("stimulus",), ("aois",))
    own = {one.place: one for one in _boxes_of(step.stimulus, step.aois, (), ("aois",))}
    for number, variant in enumerate(step.variants):
        at: tuple[str | int, ...] = ("variants", number)
        if variant.aois is not None:
            yield from _boxes_of(variant.stimulus, variant.aois, (*at, "stimulus"), (*at, "aois"))
            continue
        # The step's own hold for it; those of screens it does not have are told elsewhere.
        for placed in _boxes_of(variant.stimulus, step.aois, (*at, "stimulus"), ("aois",)):
            drawn_on = own.get(placed.place)
            place = placed.place if drawn_on is None else (*at, "aois", placed.place[-1])
            yield replace(placed, place=place, drawn_on=drawn_on, version=variant.id)


def _boxes_of(
    stimulus: Stimulus,
    aois: tuple[Aoi, ...],
    stimulus_place: tuple[str | int, ...],
    aois_place: tuple[str | int, ...],
) -> Iterator[PlacedBox]:
    screens = {screen.id: screen.path for screen in stimulus.screens}
    for number, aoi in enumerate(aois):
        picture = None
        if stimulus.kind in (StimulusKind.IMAGE, StimulusKind.VIDEO):
            picture = stimulus.path
        elif stimulus.kind is StimulusKind.SCREENS and screens:
            picture = screens.get(aoi.screen, "" if aoi.screen else next(iter(screens.values())))
        if aoi.box is not None and picture:
            yield PlacedBox(
                f'the AOI "{aoi.name}"',
                aoi.box,
                picture,
                (*aois_place, number),
                is_on_video=stimulus.kind is StimulusKind.VIDEO,
            )
    for n_screen, screen in enumerate(stimulus.screens):
        for n_hotspot, hotspot in enumerate(screen.hotspots):
            yield PlacedBox(
                f'the hotspot {n_hotspot + 1} of the screen "{screen.id}"',
                hotspot.box,
                screen.path,
                (*stimulus_place, "screens", n_screen, "hotspots", n_hotspot),
            )


def misplaced(placed: PlacedBox, find: Callable[[str], Path]) -> str:
    """A sentence when a box does not lie on its picture, or when a variant inherits it on a
    picture of another size than it was drawn on; else empty.

    Raises
    ------
    StudyError
        When a picture is not there, or is none.
    """
    size = placed.size_of(find(placed.picture))
    if placed.drawn_on is not None:
        drawn = placed.drawn_on.size_of(find(placed.drawn_on.picture))
        if drawn != size:
            return (
                f"Version {placed.version.upper()} is measured by version A's areas, and "
                f"{placed.what} was drawn on {drawn[0]} × {drawn[1]} px: {placed.picture} is "
                f"{size[0]} × {size[1]} px. Draw its own areas, or let it have none."
            )
    return off_picture(placed, size)


def off_picture(placed: PlacedBox, size: tuple[int, int]) -> str:
    """A sentence when a box does not lie on its picture of ``size``, else empty."""
    if lies_on(placed.box, size):
        return ""
    left, top, width, height = placed.box
    return (
        f"{placed.what[:1].upper()}{placed.what[1:]} lies off the picture: it reaches to "
        f"{left + width} × {top + height} px, and {placed.picture} is {size[0]} × {size[1]} px."
    )
