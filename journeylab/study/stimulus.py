"""What a step shows: video, image, screens with hotspots, page, instruction, questions, nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from journeylab.study.device_frame import DeviceFrame
from journeylab.study.parts import Identifier, Part, check_distinct
from journeylab.vocabulary import StimulusKind


def _has_area(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    if x < 0 or y < 0 or width < 1 or height < 1:
        raise ValueError("left and top of at least 0 and a width and height of at least 1 expected")
    return box


Box = Annotated[tuple[int, int, int, int], AfterValidator(_has_area)]
"""Left, top, width and height in pixels of the picture it lies on."""


class Aoi(Part):
    """An area of interest: a box on a picture, or a CSS selector on a page.

    ``screen`` names the screen it lies on where a step has several; ``box`` is in pixels of that
    picture. On a video it lies there from second ``from_s`` on, until ``to_s`` or the end.
    """

    name: str = Field(min_length=1, max_length=40)
    box: Box | None = None
    selector: str = Field(default="", max_length=400)
    screen: str = ""
    from_s: float = Field(default=0.0, ge=0, le=24 * 3600)
    to_s: float | None = Field(default=None, gt=0, le=24 * 3600)

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Aoi:
        if (self.box is None) == (not self.selector.strip()):
            raise ValueError("an AOI needs either a box on the picture or a selector on the page")
        if self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError("an AOI on a video ends after the second at which it begins")
        return self

    def lies_there_at(self, media_s: float) -> bool:
        """Whether it lies on a video at this position, s."""
        return self.from_s <= media_s and (self.to_s is None or media_s < self.to_s)


class Hotspot(Part):
    """A place of a screen that leads to another screen when it is clicked."""

    box: Box
    leads_to: Identifier


class Screen(Part):
    """One screenshot of a sequence; the first one is shown first."""

    id: Identifier
    path: str
    hotspots: tuple[Hotspot, ...] = ()


class Stimulus(Part):
    """What a step shows.

    ``path`` is relative to the study folder: the video, the image, or the first page of a step
    of kind page (``url`` instead, for a site that is served). ``text`` is the body of an
    instruction, and what is said on a step without anything on the screen. ``pictures`` maps a
    value of the segment ``device`` (or ``any``) to a picture shown on the map when the session
    holds none of its own. ``allow`` names the hosts a page may lead to beside its own, and
    ``allow_resources`` those it may load pictures, scripts and data from; ``*.shop.example``
    stands for all under it. ``frame`` is what a page, a picture or screenshots are shown on.
    ``read_ahead`` lets a page be loaded, unseen, while the step before it runs.
    """

    kind: StimulusKind
    path: str | None = None
    url: str | None = None
    text: str | None = None
    pictures: dict[str, str] = Field(default_factory=dict)
    screens: tuple[Screen, ...] = ()
    allow: tuple[str, ...] = ()
    allow_resources: tuple[str, ...] = ()
    read_ahead: bool = True
    frame: DeviceFrame = DeviceFrame()

    @field_validator("allow", "allow_resources")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            bare = host.removeprefix("*.")
            if not bare or "/" in bare or "*" in bare or any(c.isspace() for c in bare):
                raise ValueError(
                    f'"{host}" is no host; write shop.example, or *.shop.example for all under it'
                )
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Stimulus:
        if self.kind in (StimulusKind.VIDEO, StimulusKind.IMAGE) and not self.path:
            raise ValueError(f'a stimulus of kind "{self.kind}" needs a path')
        if self.kind is StimulusKind.PAGE and bool(self.path) == bool(self.url):
            raise ValueError('a stimulus of kind "page" needs either a path or a url')
        if self.kind is StimulusKind.INSTRUCTION and not self.text:
            raise ValueError('a stimulus of kind "instruction" needs a text')
        if (self.kind is StimulusKind.SCREENS) != bool(self.screens):
            raise ValueError('a stimulus of kind "screens" needs screens, and only such a one')
        ids = [screen.id for screen in self.screens]
        check_distinct(ids, what="screens")
        for screen in self.screens:
            for hotspot in screen.hotspots:
                if hotspot.leads_to not in ids:
                    raise ValueError(
                        f'a hotspot of the screen "{screen.id}" leads to "{hotspot.leads_to}", '
                        "which is no screen of this step"
                    )
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """All files it names, relative to the study folder."""
        own = () if self.path is None else (self.path,)
        return (*own, *(screen.path for screen in self.screens), *self.pictures.values())
