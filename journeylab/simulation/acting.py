"""What a simulated participant does on one step: where the eyes go, the hand, the clicks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journeylab.bundle.header import ScreenGeometry
from journeylab.clock import NS_PER_S
from journeylab.simulation.places import Place, View, view_of
from journeylab.simulation.pointing import Aim
from journeylab.simulation.reactions import Feeling, Reaction
from journeylab.simulation.scanpath import Fixation, Rectangle, wander
from journeylab.simulation.screens import css_size, shown_at
from journeylab.simulation.tempers import Temper
from journeylab.streams import Row, row
from journeylab.study.model import Step
from journeylab.vocabulary import StimulusKind

_LOOK_BEFORE_CLICK_S: Final = 0.45
_LOOK_AFTER_CLICK_S: Final = 0.30
_HAND_LAG_S: Final = 0.25
_SHORTEST_REST_S: Final = 0.7  # between two moves of the hand
_MODERATOR_LAG_S: Final = 0.9
_LABELS: Final = {
    Feeling.CONFUSION: "confusion",
    Feeling.FRUSTRATION: "frustration",
    Feeling.JOY: "delight",
    Feeling.AHA: "delight",
}


@dataclass(frozen=True, slots=True)
class SetMarker:
    """A marker the moderator sets, at a time, s."""

    label: str
    at_s: float


@dataclass(slots=True)
class StepActs:
    """All that happens on one step, times from the session's start."""

    fixations: list[Fixation] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    page: list[Row] = field(default_factory=list)
    markers: list[SetMarker] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stage:
    """The step being played: from when to when, on which device and screen."""

    step: Step
    start_s: float
    end_s: float
    device: str
    screen: ScreenGeometry

    @property
    def on(self) -> Rectangle:
        """Where it is shown."""
        return shown_at(self.step, device=self.device, screen=self.screen)


def act(
    stage: Stage, *, reactions: tuple[Reaction, ...], temper: Temper, rng: np.random.Generator
) -> StepActs:
    """Play one step; ``reactions`` count from its start."""
    view = view_of(stage.step, device=stage.device)
    acts = StepActs()
    acts.fixations = wander(
        view.places, on=stage.on, start_s=stage.start_s, end_s=stage.end_s, rng=rng
    )
    for reaction in reactions:
        if reaction.feeling in _LABELS and rng.uniform() < 0.6:
            at_s = stage.start_s + reaction.start_s + _MODERATOR_LAG_S
            if at_s < stage.end_s:
                acts.markers.append(SetMarker(_LABELS[reaction.feeling], at_s))
    if stage.step.stimulus.kind is not StimulusKind.PAGE:
        return acts
    acts.page.append(_page_row(stage, "load", at_s=stage.start_s + 0.04))
    clicks = _clicks(stage, view, reactions=reactions, temper=temper, rng=rng)
    for at_s, place, refused in clicks:
        _click(acts, stage, place=place, at_s=at_s, refused=refused, rng=rng)
    _let_the_hand_follow(acts, stage, temper=temper, rng=rng)
    acts.aims.sort(key=lambda aim: aim.at_s)
    acts.page.sort(key=lambda event: event.t_ns)
    return acts


def _clicks(
    stage: Stage,
    view: View,
    *,
    reactions: tuple[Reaction, ...],
    temper: Temper,
    rng: np.random.Generator,
) -> list[tuple[float, Place, bool]]:
    """Times, places, and whether the page refuses."""
    length_s = stage.end_s - stage.start_s
    clicks = []
    field_place = next((p for p in view.places if p.selector == "#card-number"), None)
    if field_place is not None:
        clicks.append((stage.start_s + 0.16 * length_s, field_place, False))
    for reaction in reactions:
        if reaction.feeling is Feeling.FRUSTRATION and view.stubborn is not None:
            clicks += _in_vain(stage, view.stubborn, reaction=reaction, temper=temper, rng=rng)
        elif reaction.feeling is Feeling.AHA and view.places[0].selector:
            clicks.append((stage.start_s + reaction.start_s + 0.9, view.places[0], False))
    if view.onward is not None:
        pause_s = temper.hesitation_s * float(rng.uniform(0.4, 0.8))
        at_s = max(stage.end_s - 0.35 - pause_s, stage.start_s + 0.7 * length_s)
        clicks.append((at_s, view.onward, False))
    clicks.sort(key=lambda click: click[0])
    return [click for click in clicks if click[0] < stage.end_s - 0.15]


def _in_vain(
    stage: Stage,
    place: Place,
    *,
    reaction: Reaction,
    temper: Temper,
    rng: np.random.Generator,
) -> list[tuple[float, Place, bool]]:
    """The click the page refuses, which frustrates, and those that follow it."""
    first_s = stage.start_s + reaction.start_s - 0.25
    clicks = [(first_s, place, True)]
    length_s = reaction.end_s - reaction.start_s
    if rng.uniform() < temper.rage and length_s > 1.5:
        now_s = first_s + 0.45 * length_s
        for _ in range(int(rng.integers(4, 7))):
            clicks.append((now_s, place, True))
            now_s += float(rng.uniform(0.16, 0.24))
    else:
        clicks.append((first_s + 0.55 * length_s, place, True))
    return clicks


def _click(
    acts: StepActs,
    stage: Stage,
    *,
    place: Place,
    at_s: float,
    refused: bool,
    rng: np.random.Generator,
) -> None:
    previous = acts.aims[-1] if acts.aims else None
    target = stage.on.point(place.x, place.y)
    if previous is not None and at_s - previous.at_s < 0.5 and _near(previous, target):
        spot = (previous.x_px, previous.y_px)  # rage does not aim again
    else:
        spread = stage.on.width_px * place.half_width * 0.3
        spot = (target[0] + float(rng.normal(0, spread / 2)), target[1] + float(rng.normal(0, 2)))
        from_s, until_s = at_s - _LOOK_BEFORE_CLICK_S, at_s + _LOOK_AFTER_CLICK_S
        kept = [f for f in acts.fixations if not from_s <= f.start_s < until_s]
        kept.append(Fixation(from_s, *spot))
        acts.fixations = sorted(kept, key=lambda fixation: fixation.start_s)
    width_px = 2 * place.half_width * stage.on.width_px
    acts.aims.append(Aim(at_s, *spot, click=True, target_px=max(width_px, 12.0)))
    at_s += 0.01
    acts.page.append(
        _page_row(stage, "click", at_s=at_s + 0.02, selector=place.selector, spot=spot)
    )
    if refused:
        acts.page.append(
            _page_row(
                stage,
                "invalid",
                at_s=at_s + 0.05,
                selector="#card-number" if place.selector == "#pay" else place.selector,
                detail="Card number invalid." if place.selector == "#pay" else "",
            )
        )


def _near(aim: Aim, target: tuple[float, float]) -> bool:
    return math.hypot(aim.x_px - target[0], aim.y_px - target[1]) < aim.target_px


def _let_the_hand_follow(
    acts: StepActs, stage: Stage, *, temper: Temper, rng: np.random.Generator
) -> None:
    clicks_s = [aim.at_s for aim in acts.aims]
    free_s = stage.start_s
    for fixation in acts.fixations:
        at_s = fixation.start_s + _HAND_LAG_S
        drawn = rng.uniform()
        is_busy = any(click - 1.0 < at_s < click + 0.35 for click in clicks_s)
        if drawn > temper.hand_follows or is_busy or at_s < free_s or at_s > stage.end_s - 0.2:
            continue
        x_px, y_px = fixation.x_px + rng.normal(0, 18), fixation.y_px + rng.normal(12, 14)
        x_px = float(np.clip(x_px, 0, stage.screen.width_px - 1))
        y_px = float(np.clip(y_px, 0, stage.screen.height_px - 1))
        acts.aims.append(Aim(at_s, x_px, y_px))
        free_s = at_s + _SHORTEST_REST_S


def _page_row(
    stage: Stage,
    kind: str,
    *,
    at_s: float,
    selector: str = "",
    spot: tuple[float, float] | None = None,
    detail: str = "",
) -> Row:
    page_x, page_y = math.nan, math.nan
    if spot is not None:
        width, height = css_size(stage.step, device=stage.device, screen=stage.screen)
        page_x = (spot[0] - stage.on.left_px) / stage.on.width_px * width
        page_y = (spot[1] - stage.on.top_px) / stage.on.height_px * height
    return row(
        "page",
        round(at_s * NS_PER_S),
        kind=kind,
        url=stage.step.stimulus.url or stage.step.stimulus.path or "",
        selector=selector,
        page_x_px=page_x,
        page_y_px=page_y,
        scroll_x_px=0.0,
        scroll_y_px=0.0,
        detail=detail,
    )
