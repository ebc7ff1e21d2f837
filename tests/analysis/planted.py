"""Sessions with planted truths, as samples of the bundle's streams.

The same samples serve as an in-memory session and, written through the bundle's writer, as a
real bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.clock import NS_PER_S
from journeylab.errors import BundleError
from journeylab.opencv import cv2
from journeylab.streams import STREAMS, Frame, Picture, Row, Sample, row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Segment, Step, Stimulus, Study
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    EYE_FEATURE_COLUMNS,
    HEAD_POSE_COLUMNS,
    STATES,
    StimulusKind,
)

RATE_HZ = 10
SCREEN = ScreenGeometry(1280, 800)
START_NS = 5 * NS_PER_S
PLAN = (
    ("ad", "Ad", "Awareness", 6.0),
    ("landing", "Landing", "Awareness", 8.0),
    ("product", "Product", "Consideration", 10.0),
    ("compare", "Compare", "Consideration", 12.0),
    ("cart", "Cart", "Decision", 7.0),
    ("checkout", "Checkout", "Decision", 14.0),
    ("confirmed", "Confirmed", "Decision", 6.0),
    ("unboxing", "Unboxing", "Onboarding", 12.0),
)


@dataclass(frozen=True)
class Bump:
    """An expression on a step: where in it (0..1), how wide, how much, with which units."""

    step_id: str
    at: float
    width: float
    valence: float
    units: Mapping[str, float] = field(default_factory=dict)
    states: Mapping[str, float] = field(default_factory=dict)


SMILE = MappingProxyType({"AU12": 0.7, "AU06": 0.5})
FROWN = MappingProxyType({"AU04": 0.7})
PRESS = MappingProxyType({"AU24": 0.7, "AU04": 0.25})
STORY = (
    Bump("ad", 0.55, 0.3, 45, SMILE, {"joy": 0.9}),
    Bump("product", 0.5, 0.16, 50, SMILE, {"joy": 0.9}),
    Bump("compare", 0.5, 0.22, -55, FROWN, {"confusion": 0.9}),
    Bump("checkout", 0.55, 0.22, -68, PRESS, {"frustration": 0.9}),
    Bump("confirmed", 0.45, 0.35, 72, SMILE, {"joy": 0.95}),
    Bump("unboxing", 0.6, 0.25, 30, SMILE, {"joy": 0.7}),
)


def study_of(plan: Sequence[tuple[str, str, str, float]] = PLAN) -> Study:
    """A study of these steps, with the segment device."""
    return Study(
        id="first-purchase",
        title="First purchase · Bright Bikes",
        goal="Conversion, +10 % orders from mobile by Q1",
        segments=(Segment(name="device", values=("desktop", "mobile")),),
        steps=tuple(
            Step(
                id=step_id,
                title=title,
                stage=stage,
                planned_s=planned_s,
                stimulus=Stimulus(
                    kind=StimulusKind.CAMERA_ONLY
                    if step_id == "unboxing"
                    else StimulusKind.INSTRUCTION,
                    text=title,
                ),
            )
            for step_id, title, stage, planned_s in plan
        ),
    )


@dataclass(frozen=True)
class Recipe:
    """How to plant one session."""

    participant_id: str = "P01"
    device: str = "desktop"
    story: Sequence[Bump] = STORY
    visits: Sequence[tuple[str, float]] = tuple((plan[0], plan[3]) for plan in PLAN)
    seed: int = 1
    gaze: bool = True
    pointer: bool = True
    pictures: bool = True
    frames: bool = False
    consent: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = True
    face_share: float = 1.0
    quality: float = 0.9
    noise: float = 3.0
    click_burst_on: str | None = None
    created_utc: str = "2026-11-22T09:30:00Z"


def header_of(recipe: Recipe, study: Study) -> SessionHeader:
    """The header a planted session carries."""
    return SessionHeader(
        session_id=f"{recipe.participant_id}-{recipe.seed}",
        study_id=study.id,
        study_title=study.title,
        participant_id=recipe.participant_id,
        created_utc=recipe.created_utc,
        app_version="0.1.0",
        steps=tuple(
            PlannedStep(step.id, step.title, step.stage, step.planned_s, step.stimulus.kind.value)
            for step in study.steps
        ),
        screen=SCREEN,
        segments={"device": recipe.device},
        consent=dict(recipe.consent),
        simulated=recipe.simulated,
        camera_width_px=320 if recipe.frames else None,
        camera_height_px=240 if recipe.frames else None,
        camera_rate_hz=float(RATE_HZ) if recipe.frames else None,
    )


def samples_of(recipe: Recipe) -> list[Sample]:
    """All samples of a planted session, in the order of their times."""
    rng = np.random.default_rng(recipe.seed)
    samples: list[Sample] = []
    t_ns = START_NS
    entered: dict[str, int] = {}
    index = 0
    for step_id, duration_s in recipe.visits:
        entered[step_id] = entered.get(step_id, 0) + 1
        end_ns = t_ns + round(duration_s * NS_PER_S)
        samples.append(_step_row(t_ns, step_id, "start", entered[step_id]))
        n = max(1, round(duration_s * RATE_HZ))
        for k in range(n):
            now_ns = t_ns + k * (end_ns - t_ns) // n
            samples.extend(_frame_rows(recipe, rng, now_ns, step_id, k / n))
            if recipe.frames:
                samples.append(Frame(now_ns, index, _face_image(index)))
            index += 1
        samples.extend(_pointer_rows(recipe, rng, t_ns, end_ns, step_id))
        if recipe.pictures and step_id != "unboxing":
            picture = _screen_picture(step_id)
            samples.append(
                Picture(t_ns + 1, step_id, SCREEN.width_px, SCREEN.height_px, "image/png", picture)
            )
        samples.append(_step_row(end_ns - 1, step_id, "end", entered[step_id]))
        t_ns = end_ns
    return sorted(samples, key=lambda sample: sample.t_ns)


def _step_row(t_ns: int, step_id: str, phase: str, visit: int) -> Row:
    return row("steps", t_ns, step_id=step_id, phase=phase, visit=visit)


def _frame_rows(
    recipe: Recipe, rng: np.random.Generator, t_ns: int, step_id: str, u: float
) -> Iterator[Row]:
    has_face = rng.random() < recipe.face_share
    nothing = dict.fromkeys((*HEAD_POSE_COLUMNS, *EYE_FEATURE_COLUMNS, "interocular_px"), 0.0)
    yield row(
        "face",
        t_ns,
        face=int(has_face),
        quality=recipe.quality if has_face else 0.0,
        blink=0,
        **nothing,
    )
    if not has_face:
        return
    valence, units, states = 0.0, dict.fromkeys(ACTION_UNIT_COLUMNS, 0.02), dict.fromkeys(STATES, 0)
    for bump in recipe.story:
        if bump.step_id != step_id:
            continue
        weight = float(np.exp(-0.5 * ((u - bump.at) / bump.width * 2) ** 2))
        valence += bump.valence * weight
        for name, level in bump.units.items():
            units[name] = max(units[name], level * weight)
        for name, level in bump.states.items():
            states[name] = max(states[name], level * weight)
    valence = float(np.clip(valence + rng.normal(0, recipe.noise), -100, 100))
    yield row("affect", t_ns, valence=valence, arousal=20.0, confidence=0.9, **states)
    yield row("action_units", t_ns, **units)
    if recipe.gaze and step_id != "unboxing":
        x, y = gaze_target(step_id, u)
        x, y = rng.normal((x, y), (40, 30))
        yield row("gaze", t_ns, x_px=float(x), y_px=float(y), uncertainty_px=45.0)


def gaze_target(step_id: str, u: float) -> tuple[float, float]:
    """Where on the screen a planted participant looks."""
    order = [plan[0] for plan in PLAN]
    spot = (order.index(step_id) if step_id in order else 0) + int(u * 3) * 2
    return 250.0 + 173 * (spot % 5), 180.0 + 131 * (spot % 4)


def _pointer_rows(
    recipe: Recipe, rng: np.random.Generator, start_ns: int, end_ns: int, step_id: str
) -> Iterator[Row]:
    if not recipe.pointer:
        return
    moves = [(t_ns, 0) for t_ns in range(start_ns, end_ns, NS_PER_S // 5)]
    presses = []
    if step_id == recipe.click_burst_on:
        begin_ns = (start_ns + end_ns) // 2
        presses = [(begin_ns + k * NS_PER_S // 4, 1) for k in range(4)]
    for t_ns, action in moves + presses:
        x, y = rng.normal((600, 400), 4)
        yield row(
            "pointer",
            t_ns,
            x_px=float(x),
            y_px=float(y),
            action=action,
            button=action,
            scroll_dx=0.0,
            scroll_dy=0.0,
            speed_px_s=50.0,
        )


@cache
def _screen_picture(step_id: str) -> bytes:
    image = np.full((400, 640, 3), 250, np.uint8)
    cv2.rectangle(image, (0, 0), (640, 44), (70, 52, 36), -1)
    cv2.putText(image, "Bright Bikes", (18, 30), 0, 0.7, (255, 255, 255), 2, cv2.LINE_AA)
    rng = np.random.default_rng(len(step_id))
    hue = tuple(int(v) for v in rng.integers(120, 225, 3))
    if step_id in ("compare",):
        for line in range(5):
            for column in range(4):
                x, y = 30 + column * 150, 70 + line * 62
                cv2.rectangle(image, (x, y), (x + 134, y + 46), (236, 229, 222), -1)
    else:
        cv2.rectangle(image, (30, 72), (320, 360), hue, -1)
        for line in range(5):
            y = 84 + line * 46
            cv2.rectangle(image, (350, y), (600 - 40 * (line % 3), y + 18), (222, 214, 205), -1)
        cv2.rectangle(image, (350, 320), (500, 360), (237, 111, 47), -1)
    return bytes(cv2.imencode(".png", image)[1])


def _face_image(index: int) -> NDArray[np.uint8]:
    image = np.full((240, 320, 3), (60, 48, 40), np.uint8)
    cv2.ellipse(image, (160, 120), (62, 84), 0, 0, 360, (150, 180, 222), -1, cv2.LINE_AA)
    for x in (135, 185):
        cv2.circle(image, (x, 100), 8, (70, 60, 50), -1, cv2.LINE_AA)
    bend = 10 + 8 * np.sin(index / 20)
    cv2.ellipse(image, (160, 155), (26, int(bend)), 0, 10, 170, (80, 70, 170), 3, cv2.LINE_AA)
    return image


class PlantedTable:
    """Rows of one stream, in memory."""

    def __init__(self, t_ns: NDArray[np.int64], columns: dict[str, NDArray[Any]]) -> None:
        self.t_ns = t_ns
        self._columns = columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._columns[name]

    def __len__(self) -> int:
        return len(self.t_ns)


class PlantedSession:
    """A session read from samples in memory instead of from a bundle."""

    def __init__(
        self, path: Path, header: SessionHeader, samples: Iterable[Sample], **attributes: object
    ) -> None:
        self.path = path
        self.header = header
        self.attributes: dict[str, object] = {"complete": True, **attributes}
        self._samples = list(samples)
        times = [sample.t_ns for sample in self._samples]
        self.start_ns, self.end_ns = (min(times), max(times)) if times else (0, 0)

    def __enter__(self) -> PlantedSession:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> PlantedTable:
        if stream == "screen":
            pictures = [each for each in self._samples if isinstance(each, Picture)]
            ids = np.array([each.step_id for each in pictures], dtype=object)
            return PlantedTable(
                np.array([each.t_ns for each in pictures], dtype=np.int64), {"step_id": ids}
            )
        spec = STREAMS[stream]
        low = -(2**62) if start_ns is None else start_ns
        high = 2**62 if end_ns is None else end_ns
        rows = [
            sample
            for sample in self._samples
            if isinstance(sample, Row) and sample.stream == stream and low <= sample.t_ns < high
        ]
        made = {}
        for place, column in enumerate(spec.columns):
            if columns is not None and column.name not in columns:
                continue
            values = [sample.values[place] for sample in rows]
            dtype = object if column.dtype == "text" else column.dtype
            made[column.name] = np.array(values, dtype=dtype)
        return PlantedTable(np.array([sample.t_ns for sample in rows], dtype=np.int64), made)

    def picture_at(self, t_ns: int) -> Picture | None:
        earlier = [s for s in self._samples if isinstance(s, Picture) and s.t_ns <= t_ns]
        return earlier[-1] if earlier else None


class PlantedStudy:
    """A study folder whose bundles are in memory; ``open`` stands in for the bundle's reader."""

    def __init__(self, path: Path, recipes: Sequence[Recipe], *, study: Study | None = None):
        self.folder: StudyFolder = save_study(path, study or study_of())
        self.folder.sessions_path.mkdir(exist_ok=True)
        self._sessions: dict[Path, PlantedSession] = {}
        for place, recipe in enumerate(recipes):
            file = self.folder.sessions_path / f"{place:02d}-{recipe.participant_id}.h5"
            file.write_bytes(b"")
            header = header_of(recipe, self.folder.study)
            self._sessions[file] = PlantedSession(file, header, samples_of(recipe))

    def open(self, path: Path) -> PlantedSession:
        if path not in self._sessions:
            raise BundleError(f"{path} is not a bundle.", remedy="Leave it out.")
        return self._sessions[path]


def six_recipes(**changes: Any) -> list[Recipe]:
    """Six participants who live the same story at their own pace and strength."""
    recipes = []
    for place in range(6):
        rng = np.random.default_rng(100 + place)
        strength = rng.uniform(0.8, 1.15)
        story = tuple(
            Bump(
                b.step_id,
                b.at + rng.normal(0, 0.03),
                b.width,
                b.valence * strength,
                b.units,
                b.states,
            )
            for b in STORY
        )
        visits = tuple((plan[0], plan[3] * rng.uniform(0.7, 1.5)) for plan in PLAN)
        values: dict[str, Any] = {
            "participant_id": f"P{place + 1:02d}",
            "device": ("desktop", "mobile")[place % 2],
            "story": story,
            "visits": visits,
            "seed": place + 1,
            "click_burst_on": "checkout" if place in (1, 3, 5) else None,
        }
        recipes.append(Recipe(**{**values, **changes}))
    return recipes
