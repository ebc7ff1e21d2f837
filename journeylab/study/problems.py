"""What keeps a study from being run, each as a sentence at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from journeylab.errors import StudyError
from journeylab.study.device_frame import (
    LEAST_PX,
    MOST_PX,
    DeviceFrame,
    FrameKind,
    is_header,
)
from journeylab.study.editing import Place
from journeylab.study.formula import parse_formula
from journeylab.study.hints import Remark
from journeylab.study.model import MarkerKey, Segment, Step, Study, Variant
from journeylab.study.pictures import misplaced, placed_boxes, video_duration_s
from journeylab.study.questions import Question
from journeylab.study.stimulus import Aoi, Stimulus
from journeylab.vocabulary import QuestionKind, StimulusKind

FindFile = Callable[[str], Any]
"""Gives the absolute path of a file the study names, or raises StudyError."""

_CHOOSE: Final = {
    StimulusKind.VIDEO: "Choose a video file.",
    StimulusKind.IMAGE: "Choose a picture.",
    StimulusKind.PAGE: "Choose an HTML file, or give an address.",
}
_LAST_FRAME_S: Final = 0.5
"""What may be said of a video's last second without being told that it is over."""
_OWN_WORDS: Final = (QuestionKind.SCALE, QuestionKind.CHOICE, QuestionKind.TEXT)


def problems(study: Study, find_file: FindFile | None = None) -> tuple[Remark, ...]:
    """All that is wrong, in the order of the study; empty when it can be run.

    Parameters
    ----------
    find_file
        Looks for a stimulus file; without it no file is looked for.
    """
    found = [*_head(study)]
    for index, step in enumerate(study.steps):
        at: Place = ("steps", index)
        found += [Remark((*at, *one.place), one.sentence) for one in _step(step, find_file)]
    found += [*_segments(study.segments), *_markers(study.markers, ("markers",))]
    found += _expressions(study)
    found += [Remark(("questions", *r.place), r.sentence) for r in _questions(study.questions)]
    return tuple(found or _by_the_model(study))


def bad_host(host: str) -> str:
    """A sentence when that is no host for an allow-list, else empty."""
    bare = host.removeprefix("*.")
    is_host = bare and all(c.isalnum() or c in ".-_:[]" for c in bare) and not bare.startswith(".")
    return "" if is_host else f'"{host}" is no host. Write shop.example, or *.shop.example.'


def bad_address(url: str) -> str:
    """A sentence when that is no address of a page, else empty."""
    try:
        parts = urlsplit(url.strip())
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_good = is_good and parts.port != 0 and not any(c.isspace() for c in url.strip())
    except ValueError:
        is_good = False
    return "" if is_good else f'"{url}" is no address. Write it as https://shop.example/start.'


def _head(study: Study) -> Iterator[Remark]:
    if not study.title.strip():
        yield Remark(("title",), "Give the study a title.")
    if study.participants is not None and not 1 <= study.participants <= 10_000:
        yield Remark(("participants",), "A number from 1 to 10000 is expected.")
    if not study.steps:
        yield Remark(("steps",), "The study has no step. Add the first one.")


def _step(step: Step, find_file: FindFile | None) -> Iterator[Remark]:
    if not step.title.strip():
        yield Remark(("title",), "Give the step a title.")
    if not 0 < step.planned_s <= 24 * 3600:
        yield Remark(("planned_s",), "Plan its seconds: above 0, one day at most.")
    yield from _stimulus(step.stimulus, ("stimulus",), find_file)
    yield from _aois(step.aois, step.stimulus, ("aois",))
    for number, variant in enumerate(step.variants):
        yield from _stimulus(variant.stimulus, ("variants", number, "stimulus"), find_file)
        if variant.aois is not None:
            yield from _aois(variant.aois, variant.stimulus, ("variants", number, "aois"))
        else:
            yield from _inherited(step, variant, ("variants", number, "aois"))
    if step.stimulus.kind is StimulusKind.QUESTIONS and not step.questions:
        yield Remark(("questions",), "This step asks questions and has none. Add the first one.")
    for one in _questions(step.questions):
        yield Remark(("questions", *one.place), one.sentence)
    yield from _markers(step.markers, ("markers",))
    if find_file is not None:
        yield from _off_pictures(step, find_file)


def _stimulus(stimulus: Stimulus, place: Place, find_file: FindFile | None) -> Iterator[Remark]:
    kind = stimulus.kind
    if kind is StimulusKind.PAGE and stimulus.url is not None:
        if sentence := bad_address(stimulus.url):
            yield Remark((*place, "url"), sentence)
    elif kind in _CHOOSE and not stimulus.path:
        yield Remark((*place, "path"), _CHOOSE[kind])
    if kind is StimulusKind.INSTRUCTION and not (stimulus.text or "").strip():
        yield Remark((*place, "text"), "Write what the participant is to read.")
    if stimulus.path and find_file is not None:
        yield from _missing(stimulus.path, (*place, "path"), find_file)
    for name, path in stimulus.pictures.items():
        if find_file is not None:
            yield from _missing(path, (*place, "pictures", name), find_file)
    yield from _frame(stimulus.frame, (*place, "frame"))
    for name in ("allow", "allow_resources"):
        for host in getattr(stimulus, name):
            if sentence := bad_host(host):
                yield Remark((*place, name), sentence)
                break
    if kind is StimulusKind.SCREENS:
        yield from _screens(stimulus, (*place, "screens"), find_file)


def _frame(frame: DeviceFrame, place: Place) -> Iterator[Remark]:
    if frame.kind is FrameKind.OWN:
        for name in ("width_px", "height_px"):
            side = getattr(frame, name)
            if side is None or not LEAST_PX <= side <= MOST_PX:
                yield Remark((*place, name), f"A number from {LEAST_PX} to {MOST_PX} is expected.")
    if not is_header(frame.user_agent):
        yield Remark((*place, "user_agent"), "One line of plain letters, digits and signs.")


def _screens(stimulus: Stimulus, place: Place, find_file: FindFile | None) -> Iterator[Remark]:
    if not stimulus.screens:
        yield Remark(place, "Add the first screenshot.")
    ids = [screen.id for screen in stimulus.screens]
    for number, screen in enumerate(stimulus.screens):
        if not screen.id:
            yield Remark((*place, number, "id"), "Give the screen a name.")
        elif ids.index(screen.id) < number:
            yield Remark((*place, number, "id"), f'There is another screen called "{screen.id}".')
        if not screen.path:
            yield Remark((*place, number, "path"), "Choose a picture.")
        elif find_file is not None:
            yield from _missing(screen.path, (*place, number, "path"), find_file)
        for n_hotspot, hotspot in enumerate(screen.hotspots):
            if hotspot.leads_to not in ids:
                yield Remark(
                    (*place, number, "hotspots", n_hotspot),
                    f"Say which screen the hotspot {n_hotspot + 1} leads to.",
                )


def _missing(path: str, place: Place, find_file: FindFile) -> Iterator[Remark]:
    try:
        find_file(path)
    except StudyError as error:
        is_outside = "outside" in error.what
        words = "lies outside the study folder" if is_outside else "is not there"
        yield Remark(place, f"{path} {words}. {error.remedy or 'Choose it again.'}")


def _aois(aois: Sequence[Any], stimulus: Stimulus, place: Place) -> Iterator[Remark]:
    seen: set[tuple[str, str]] = set()
    screens = {screen.id for screen in stimulus.screens}
    for number, aoi in enumerate(aois):
        if not aoi.name.strip():
            yield Remark((*place, number), "Give the area a name.")
        elif (aoi.screen, aoi.name) in seen:
            yield Remark((*place, number), f'There is another area called "{aoi.name}".')
        seen.add((aoi.screen, aoi.name))
        if aoi.box is None and not aoi.selector.strip():
            yield Remark((*place, number), "Give a CSS selector, such as #price.")
        if aoi.screen and stimulus.kind is StimulusKind.SCREENS and aoi.screen not in screens:
            yield Remark(
                (*place, number), f'The area "{aoi.name}" lies on a screen that is not there.'
            )


def _off_pictures(step: Step, find_file: FindFile) -> Iterator[Remark]:
    for placed in placed_boxes(step):
        try:
            sentence = misplaced(placed, find_file)
        except StudyError:
            continue  # told at the file
        if sentence:
            yield Remark(placed.place, sentence)
    versions: list[tuple[Place, Stimulus, Sequence[Aoi]]] = [((), step.stimulus, step.aois)]
    versions += [
        (("variants", n), one.stimulus, step.aois if one.aois is None else one.aois)
        for n, one in enumerate(step.variants)
    ]
    for place, stimulus, aois in versions:
        if stimulus.kind is StimulusKind.VIDEO and stimulus.path and aois:
            yield from _past_the_end(aois, stimulus.path, (*place, "aois"), find_file)


def _past_the_end(
    aois: Sequence[Aoi], path: str, place: Place, find_file: FindFile
) -> Iterator[Remark]:
    """AOIs that would lie on a video after it is over."""
    try:
        duration_s = video_duration_s(find_file(path))
    except StudyError:
        return  # told at the file
    if duration_s is None:
        return
    for number, aoi in enumerate(aois):
        if aoi.from_s >= duration_s:
            yield Remark(
                (*place, number),
                f"It begins at second {aoi.from_s:g}, and {path} is over after {duration_s:.1f} s.",
            )
        elif aoi.to_s is not None and aoi.to_s > duration_s + _LAST_FRAME_S:
            yield Remark(
                (*place, number),
                f"It ends at second {aoi.to_s:g}, and {path} is over after {duration_s:.1f} s. "
                "Leave “To second” empty for the end.",
            )


def _inherited(step: Step, variant: Variant, place: Place) -> Iterator[Remark]:
    """Areas of version A that cannot lie on what another version shows."""
    screens = {screen.id for screen in variant.stimulus.screens}
    has_screens = variant.stimulus.kind is StimulusKind.SCREENS
    for number, aoi in enumerate(step.aois):
        if has_screens and aoi.screen and aoi.screen not in screens:
            yield Remark(
                (*place, number),
                f"Version {variant.id.upper()} is measured by version A's areas, and has no screen "
                f'"{aoi.screen}" for "{aoi.name}". Draw its own areas, or let it have none.',
            )


def _questions(questions: Sequence[Question]) -> Iterator[Remark]:
    for number, question in enumerate(questions):
        if question.kind in _OWN_WORDS and not question.text.strip():
            yield Remark((number, "text"), "Write the question.")
        n_choices = len([choice for choice in question.choices if choice.strip()])
        if question.kind is QuestionKind.CHOICE and n_choices < 2:
            yield Remark((number, "choices"), "Give at least two choices.")
        if question.kind is QuestionKind.SCALE and not 2 <= question.points <= 11:
            yield Remark((number, "points"), "A scale has 2 to 11 points.")


def _segments(segments: Sequence[Segment]) -> Iterator[Remark]:
    names = Counter(segment.name for segment in segments)
    for index, segment in enumerate(segments):
        if not segment.name.strip():
            yield Remark(("segments", index, "name"), "Give the segment a name.")
        elif names[segment.name] > 1:
            yield Remark(("segments", index, "name"), "There is another segment of this name.")
        if not segment.values:
            yield Remark(("segments", index, "values"), "Give it at least one value.")
        for number, value in enumerate(segment.values):
            place: Place = ("segments", index, "values", number)
            if not value.strip():
                yield Remark(place, "Name the value, or take it away.")
            elif value in segment.values[:number]:
                yield Remark(place, f'"{value}" stands here twice.')
        for value in segment.quotas:
            if value not in segment.values:
                yield Remark(
                    ("segments", index, "quotas"),
                    f'There is a quota for "{value}", which is none of its values.',
                )


def _markers(markers: Sequence[MarkerKey], at: Place) -> Iterator[Remark]:
    for index, marker in enumerate(markers):
        place: Place = (*at, index, "key")
        others = [other for other in markers[:index] if other.pressed == marker.pressed]
        if len(marker.key) != 1 or marker.key.isspace():
            yield Remark(place, "Give the marker a key: one letter, digit or sign.")
        elif others and others[0].key == marker.key:
            yield Remark(place, f'"{others[0].label}" has the key {marker.key} already.')
        elif others:
            yield Remark(
                place,
                f'"{others[0].label}" has the key {others[0].key}, which is the same key as '
                f"{marker.key}.",
            )
        if not marker.label.strip():
            yield Remark((*at, index, "label"), "Give the marker a name.")


def _expressions(study: Study) -> Iterator[Remark]:
    for index, one in enumerate(study.expressions):
        place: Place = ("expressions", index)
        taken = {other.name.strip().casefold() for other in study.expressions[:index]}
        if not one.name.strip():
            yield Remark((*place, "name"), "Give the expression a name.")
        elif one.name.strip().casefold() in taken:
            yield Remark((*place, "name"), f'There is another expression called "{one.name}".')
        elif one.name != one.name.strip():
            yield Remark((*place, "name"), "Take the space before or behind the name away.")
        if not one.formula.strip():
            yield Remark((*place, "formula"), "Write a formula, such as min(AU06, AU12).")
        else:
            try:
                parse_formula(one.formula)
            except ValueError as error:
                words = str(error)
                yield Remark((*place, "formula"), f"{words[:1].upper()}{words[1:]}.")
        if not 0 < one.threshold <= 1:
            yield Remark((*place, "threshold"), "Above 0, 1 at most.")


def _by_the_model(study: Study) -> Iterator[Remark]:
    """What no rule above names: the study file's own checks have the last word."""
    try:
        Study.model_validate(study.model_dump())
    except ValidationError as error:
        for one in error.errors():
            words = one["msg"].removeprefix("Value error, ").rstrip(".")
            yield Remark(tuple(one["loc"]), f"{words[:1].upper()}{words[1:]}.")
