"""Thirty simulated participants with planted truths, as samples of the bundle's streams.

Only faces' action units, gaze, hand and page events are planted; valence and states follow from the
action units by the product's own rules. Around the planted truths everybody does what people do:
keeps a pace of her own, smiles, frowns and presses her lips now and then for no reason, blinks,
turns away, comes back to a page, is never calibrated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from analysis.planted import START_NS, PlantedSession, PlantedTable
from numpy.typing import NDArray

from journeylab.analysis.detectors.finding import Finding, FindingKind
from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.journey_builder import build_journey_map
from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import PlannedStep, ScreenGeometry, SessionHeader
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.inference.affect import AffectState
from journeylab.streams import STREAMS, Row, row
from journeylab.study.folder import StudyFolder, save_study
from journeylab.study.model import Aoi, Segment, Step, Stimulus, Study
from journeylab.vocabulary import (
    ACTION_UNIT_COLUMNS,
    EYE_FEATURE_COLUMNS,
    HEAD_POSE_COLUMNS,
    STATES,
    StimulusKind,
)

RATE_HZ = 10
SCREEN = ScreenGeometry(1920, 1080, width_mm=345.0, height_mm=194.0)
DEVICES = ("desktop", "mobile")
TICK = 500
_UNIT = {code: place for place, code in enumerate(ACTION_UNIT_COLUMNS)}

PLAN = (
    ("ad", "Ad", "Awareness", 15.0, StimulusKind.VIDEO),
    ("landing", "Landing", "Awareness", 14.0, StimulusKind.PAGE),
    ("product", "Product", "Consideration", 18.0, StimulusKind.PAGE),
    ("compare", "Compare", "Consideration", 22.0, StimulusKind.PAGE),
    ("cart", "Cart", "Decision", 10.0, StimulusKind.PAGE),
    ("checkout", "Checkout", "Decision", 24.0, StimulusKind.PAGE),
    ("confirmed", "Confirmed", "Decision", 9.0, StimulusKind.PAGE),
    ("unboxing", "Unboxing", "Onboarding", 18.0, StimulusKind.CAMERA_ONLY),
)
AREAS = {
    "landing": {"Headline": (120, 200, 700, 180), "Picture": (1000, 180, 760, 640)},
    "product": {
        "Close-up photo": (140, 180, 720, 720),
        "Price": (1000, 260, 300, 80),
        "Description": (1000, 400, 720, 400),
    },
    "compare": {
        "Filter bar": (100, 120, 1700, 90),
        "Comparison table": (100, 260, 1400, 740),
        "Advice": (1560, 260, 280, 400),
    },
    "cart": {"Items": (120, 180, 900, 500), "Total": (1200, 180, 500, 320)},
    "checkout": {
        "Address": (120, 160, 900, 320),
        "Card number": (120, 560, 900, 70),
        "Expiry": (120, 690, 420, 70),
        "Pay": (120, 900, 900, 80),
        "Order summary": (1260, 160, 520, 420),
    },
    "confirmed": {"Thanks": (500, 160, 900, 200), "What comes next": (500, 460, 900, 400)},
}

Shape = dict[str, float]
SMILE: Shape = {"AU12": 0.75, "AU06": 0.55, "AU12L": 0.75, "AU12R": 0.75}
FROWN: Shape = {"AU04": 0.7, "AU07": 0.35}
PRESS: Shape = {"AU24": 0.75, "AU04": 0.45, "AU17": 0.3}
SURPRISE: Shape = {"AU01": 0.8, "AU02": 0.8, "AU05": 0.7, "AU26": 0.6}
CONTEMPT: Shape = {"AU14": 0.6, "AU14L": 0.7, "AU14R": 0.1}
LOW: Shape = {"AU15": 0.5, "AU17": 0.3}


@dataclass(frozen=True)
class Tendency:
    """That people react so: ``share`` of each device's participants, at ``at`` of the step for
    ``lasts`` of it, looking at an area; ``what`` names the expressions."""

    step_id: str
    what: str
    share: dict[str, float]
    at: float
    lasts: float
    area: str = ""


def _all(share: float) -> dict[str, float]:
    return dict.fromkeys(DEVICES, share)


STORY = (
    Tendency("ad", "smile", _all(0.8), 0.5, 0.55),
    Tendency("product", "aha", _all(0.6), 0.5, 0.35, "Close-up photo"),
    Tendency("compare", "frown", {"desktop": 0.8, "mobile": 0.07}, 0.55, 0.3, "Comparison table"),
    Tendency("checkout", "friction", {"desktop": 0.07, "mobile": 0.8}, 0.6, 0.3, "Card number"),
    Tendency("confirmed", "smile", _all(0.85), 0.45, 0.55, "Thanks"),
    Tendency("unboxing", "contempt", _all(0.45), 0.5, 0.25),
)


@dataclass(frozen=True)
class Truth:
    """What is planted, and what it must be found as: kind, step, segment's value, area.

    ``also`` are the kinds that tell the same truth once more: a peak where people smile, a valley
    where they frown.
    """

    name: str
    kind: FindingKind
    step_id: str
    mood: str
    segment: str | None = None
    area: str | None = None
    also: tuple[FindingKind, ...] = ()

    def is_found(self, findings: Sequence[Finding]) -> bool:
        """Whether one finding is of that kind, at that place, and of that segment and no other."""
        return any(
            one.kind is self.kind
            and one.step_id == self.step_id
            and one.mood == self.mood
            and (None if one.segment is None else one.segment.value) == self.segment
            and (self.area is None or (one.place is not None and one.place.name == self.area))
            for one in findings
        )

    def explains(self, finding: Finding) -> bool:
        """Whether a finding tells this truth: of its kind or one that says the same, on its step,
        of no segment but its own, and at no other area.

        The line of all participants falls where those of one segment frown: it need not name it.
        """
        if finding.step_id != self.step_id or finding.mood != self.mood:
            return False
        if finding.kind is not self.kind and finding.kind not in self.also:
            return False
        value = None if finding.segment is None else finding.segment.value
        is_its_line = value is None and finding.kind in self.also
        area = "" if finding.place is None else finding.place.name
        return (value == self.segment or is_its_line) and area in ("", self.area)


TRUTHS = (
    Truth("joyful ad", FindingKind.ENTRY_MOOD, "ad", "joy", also=(FindingKind.GREEN_PEAK,)),
    Truth("flat landing page after it", FindingKind.DISCONNECT, "landing", "warning"),
    Truth(
        "Aha on the product page",
        FindingKind.AHA,
        "product",
        "joy",
        area="Close-up photo",
        also=(FindingKind.GREEN_PEAK,),
    ),
    Truth(
        "confusing comparison table, desktop",
        FindingKind.COGNITIVE_LOAD,
        "compare",
        "negative",
        "desktop",
        "Comparison table",
        also=(FindingKind.VALLEY,),
    ),
    Truth(
        "frustrating form validation, mobile",
        FindingKind.FRICTION,
        "checkout",
        "negative",
        "mobile",
        "Card number",
        also=(FindingKind.VALLEY,),
    ),
    Truth("joy at order confirmed", FindingKind.GREEN_PEAK, "confirmed", "joy", area="Thanks"),
    Truth(
        "contempt at unboxing",
        FindingKind.DISAPPOINTMENT,
        "unboxing",
        "negative",
        also=(FindingKind.VALLEY,),
    ),
)


def missed(findings: Sequence[Finding]) -> list[str]:
    """Names of the planted truths that were not found."""
    return [truth.name for truth in TRUTHS if not truth.is_found(findings)]


def not_planted(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that no planted truth explains: of another kind, step, mood, segment or area."""
    return [
        one for one in findings if one.is_alarm and not any(truth.explains(one) for truth in TRUTHS)
    ]


def golden_study() -> Study:
    """The study the participants take."""
    return Study(
        id="golden",
        title="First purchase · planted",
        goal="More first orders from mobile",
        segments=(Segment(name="device", values=DEVICES),),
        steps=tuple(
            Step(
                id=step_id,
                title=title,
                stage=stage,
                planned_s=planned_s,
                stimulus=Stimulus(
                    kind=kind,
                    path={StimulusKind.VIDEO: "stimuli/ad.mp4"}.get(kind, f"stimuli/{step_id}.html")
                    if kind is not StimulusKind.CAMERA_ONLY
                    else None,
                    text="Open the box." if kind is StimulusKind.CAMERA_ONLY else None,
                ),
                aois=tuple(
                    Aoi(name=name, selector=f"#{_id(name)}") for name in AREAS.get(step_id, {})
                ),
            )
            for step_id, title, stage, planned_s, kind in PLAN
        ),
    )


def _id(name: str) -> str:
    return name.lower().replace(" ", "-")


@dataclass(frozen=True)
class _Event:
    """An expression in session time: shape, onset and offset in s from the step's start."""

    shape: Shape
    start_s: float
    end_s: float
    area: str = ""


@dataclass
class Participant:
    """One simulated participant, who reacts by ``story``; all chance comes from ``rng``."""

    participant_id: str
    device: str
    rng: np.random.Generator
    story: Sequence[Tendency]
    pace: float = field(init=False)
    strength: float = field(init=False)
    restless: float = field(init=False)
    has_gaze: bool = field(init=False)
    gaze_off_px: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.pace = float(self.rng.lognormal(0, 0.18))
        self.strength = float(self.rng.uniform(0.75, 1.1))
        self.restless = float(self.rng.uniform(0.3, 1.2))
        self.has_gaze = bool(self.rng.uniform() < 0.9)
        self.gaze_off_px = self.rng.normal(0, 25, 2)

    def visits(self) -> list[tuple[str, float]]:
        """Steps and their durations; some skip the cart, some go back to the product once."""
        order = [plan[0] for plan in PLAN]
        if self.rng.uniform() < 0.1:
            order.remove("cart")
        if self.rng.uniform() < 0.15:
            order[order.index("compare") : order.index("compare") + 1] = [
                "compare",
                "product",
                "compare",
            ]
        planned = {plan[0]: plan[3] for plan in PLAN}
        return [
            (step_id, planned[step_id] * self.pace * float(self.rng.lognormal(0, 0.2)))
            for step_id in order
        ]

    def events(self, step_id: str, duration_s: float) -> tuple[list[_Event], list[_Event]]:
        """Planted expressions of a visit, and those that have no reason."""
        planted = []
        for tendency in (one for one in self.story if one.step_id == step_id):
            shift, vigour = self.rng.normal(0, 0.06), self.rng.normal()
            start_s = float(np.clip(tendency.at - tendency.lasts / 2 + shift, 0.04, 0.7))
            lasts_s = tendency.lasts * duration_s * float(np.exp(0.15 * vigour))
            start_s *= duration_s
            planted += self._unfold(tendency, start_s, min(start_s + lasts_s, duration_s * 0.97))
        n_idle = self.rng.poisson(self.restless * duration_s / 25)
        idle = []
        for _ in range(n_idle):
            shapes = (SMILE, FROWN, PRESS, SURPRISE, CONTEMPT, LOW)
            shape = shapes[int(self.rng.choice(6, p=(0.3, 0.25, 0.2, 0.08, 0.07, 0.1)))]
            start_s = float(self.rng.uniform(0, duration_s))
            lasts_s = float(self.rng.uniform(0.5, 2.5))
            if shape is SURPRISE:
                lasts_s = 0.6
            idle.append(_Event(shape, start_s, min(start_s + lasts_s, duration_s)))
        return planted, idle

    def _unfold(self, tendency: Tendency, start_s: float, end_s: float) -> list[_Event]:
        shapes = {"smile": SMILE, "frown": FROWN, "friction": PRESS, "contempt": CONTEMPT}
        if tendency.what == "aha":
            surprised_s = min(0.8, 0.4 * (end_s - start_s))
            smile_s = start_s + surprised_s + float(self.rng.uniform(0.1, 1.0))
            return [
                _Event(SURPRISE, start_s, start_s + surprised_s, tendency.area),
                _Event(SMILE, smile_s, max(end_s, smile_s + 1.2), tendency.area),
            ]
        return [_Event(shapes[tendency.what], start_s, end_s, tendency.area)]


def cast_of(n: int, *, seed: int, story: Sequence[Tendency] = STORY) -> list[Participant]:
    """``n`` participants, half of them on each device, in a drawn order; who reacts is drawn, how
    many is planted."""
    rng = np.random.default_rng(seed)
    devices = [DEVICES[place % 2] for place in range(n)]
    rng.shuffle(devices)
    reactions: list[list[Tendency]] = [[] for _ in range(n)]
    for tendency in story:
        for device, share in tendency.share.items():
            own = [place for place in range(n) if devices[place] == device]
            for place in rng.choice(own, round(share * len(own)), replace=False):
                reactions[place].append(tendency)
    return [
        Participant(f"P{place + 1:02d}", devices[place], own, reactions[place])
        for place, own in enumerate(rng.spawn(n))
    ]


def header_of(person: Participant, study: Study) -> SessionHeader:
    """The header of a participant's session."""
    return SessionHeader(
        session_id=f"{person.participant_id}-golden",
        study_id=study.id,
        study_title=study.title,
        participant_id=person.participant_id,
        created_utc="2026-11-22T09:30:00Z",
        app_version="0.1.0",
        steps=tuple(
            PlannedStep(step.id, step.title, step.stage, step.planned_s, step.stimulus.kind.value)
            for step in study.steps
        ),
        screen=SCREEN,
        segments={"device": person.device},
        simulated=True,
    )


def rows_of(person: Participant) -> list[Row]:
    """All samples of a participant's session, in the order of their times."""
    rows: list[Row] = []
    t_ns, affect = START_NS, AffectState()
    entered: dict[str, int] = {}
    for step_id, duration_s in person.visits():
        entered[step_id] = entered.get(step_id, 0) + 1
        end_ns = t_ns + round(duration_s * NS_PER_S)
        rows.append(row("steps", t_ns, step_id=step_id, phase="start", visit=entered[step_id]))
        rows += _areas(step_id, t_ns)
        # What surprises or refuses does so once.
        planted, idle = person.events(step_id, duration_s)
        if entered[step_id] > 1:
            planted = []
        shown = [*planted, *idle]
        affect = _show_face(rows, person, shown, start_ns=t_ns, end_ns=end_ns, affect=affect)
        looked = _looked(person, step_id, planted, duration_s)
        rows += _gaze_rows(person, step_id, looked, t_ns)
        rows += _hand_rows(person, step_id, planted, looked, t_ns)
        rows.append(row("steps", end_ns - 1, step_id=step_id, phase="end", visit=entered[step_id]))
        t_ns = end_ns
    return sorted(rows, key=lambda one: one.t_ns)


def _show_face(
    rows: list[Row],
    person: Participant,
    events: Sequence[_Event],
    *,
    start_ns: int,
    end_ns: int,
    affect: AffectState,
) -> AffectState:
    """Append the rows of face, action units and affect of one visit."""
    n = max(2, round((end_ns - start_ns) / NS_PER_S * RATE_HZ))
    times_s = np.arange(n) * (end_ns - start_ns) / NS_PER_S / n
    units = np.abs(person.rng.normal(0.02, 0.02, (n, len(ACTION_UNIT_COLUMNS))))
    for event in events:
        weight = _envelope(times_s, event) * person.strength
        for code, level in event.shape.items():
            units[:, _UNIT[code]] = np.maximum(units[:, _UNIT[code]], level * weight)
    blinks = np.zeros(n, dtype=np.bool_)
    for start in np.flatnonzero(person.rng.uniform(size=n) < 0.25 / RATE_HZ):
        blinks[start : start + 3] = True
    units[blinks, _UNIT["AU43"]] = 0.9
    units = np.clip(units + person.rng.normal(0, 0.03, units.shape), 0, 1)
    lost = person.rng.uniform(size=n) < 0.02
    if person.rng.uniform() < 0.1:
        away = int(person.rng.integers(0, n))
        lost[away : away + 2 * RATE_HZ] = True
    nothing = dict.fromkeys((*EYE_FEATURE_COLUMNS, "interocular_px"), 0.0)
    pose = {**dict.fromkeys(HEAD_POSE_COLUMNS, 0.0), "head_z_mm": 600.0}
    for place in range(n):
        t_ns = start_ns + round(times_s[place] * NS_PER_S)
        has_face = int(not lost[place])
        rows.append(
            row(
                "face",
                t_ns,
                face=has_face,
                quality=0.85 * has_face,
                blink=int(blinks[place]),
                **pose,
                **nothing,
            )
        )
        if not has_face:
            continue
        affect, now = affect.seen(units[place], t_ns=t_ns)
        states = dict(zip(STATES, map(float, now.states), strict=True))
        rows.append(
            row("affect", t_ns, valence=now.valence, arousal=now.arousal, confidence=0.8, **states)
        )
        values = dict(zip(ACTION_UNIT_COLUMNS, map(float, units[place]), strict=True))
        rows.append(row("action_units", t_ns, **values))
    return affect


def _envelope(times_s: NDArray[np.float64], event: _Event) -> NDArray[np.float64]:
    """Onset within 0.3 s, apex, offset within 0.5 s."""
    rise = (times_s - event.start_s) / min(0.3, (event.end_s - event.start_s) / 3 + 1e-6)
    fall = (event.end_s - times_s) / min(0.5, (event.end_s - event.start_s) / 3 + 1e-6)
    return np.clip(np.minimum(rise, fall), 0, 1)


def _areas(step_id: str, t_ns: int) -> list[Row]:
    return [
        row(
            "aois",
            t_ns,
            step_id=step_id,
            name=name,
            x_px=float(x),
            y_px=float(y),
            width_px=float(width),
            height_px=float(height),
        )
        for name, (x, y, width, height) in AREAS.get(step_id, {}).items()
    ]


def _looked(
    person: Participant, step_id: str, planted: Sequence[_Event], duration_s: float
) -> list[tuple[float, float, float]]:
    """Fixations of a visit: time in s, x and y in px; on the planted area while it lasts."""
    areas = AREAS.get(step_id, {})
    fixations, t_s = [], 0.0
    while t_s < duration_s:
        now = [e for e in planted if e.area and e.start_s - 0.7 <= t_s <= e.end_s]
        if now and person.rng.uniform() < 0.85:
            box = areas[now[0].area]
        elif areas and person.rng.uniform() < 0.8:
            box = list(areas.values())[int(person.rng.integers(len(areas)))]
        else:
            box = (0, 0, SCREEN.width_px, SCREEN.height_px)
        x, y, width, height = box
        fixations.append(
            (
                t_s,
                x + width * float(person.rng.uniform(0.1, 0.9)),
                y + height * float(person.rng.uniform(0.1, 0.9)),
            )
        )
        t_s += float(person.rng.uniform(0.2, 0.6))
    return fixations


def _gaze_rows(
    person: Participant, step_id: str, looked: Sequence[tuple[float, float, float]], start_ns: int
) -> Iterator[Row]:
    if not person.has_gaze or step_id == "unboxing":
        return
    for (t_s, x, y), (until_s, _, _) in pairwise(looked):
        for k in range(max(1, round((until_s - t_s) * RATE_HZ))):
            off = person.gaze_off_px + person.rng.normal(0, 25, 2)
            yield row(
                "gaze",
                start_ns + round((t_s + k / RATE_HZ) * NS_PER_S),
                x_px=x + float(off[0]),
                y_px=y + float(off[1]),
                uncertainty_px=55.0,
            )


def _hand_rows(
    person: Participant,
    step_id: str,
    planted: Sequence[_Event],
    looked: Sequence[tuple[float, float, float]],
    start_ns: int,
) -> Iterator[Row]:
    """The pointer goes along with some fixations; a refused card is clicked again and again."""
    if step_id == "unboxing":
        return
    place = (SCREEN.width_px / 2, SCREEN.height_px / 2)
    for t_s, x, y in looked:
        if person.rng.uniform() < 0.5:
            place = (x, y)
        yield _pointer(start_ns + round(t_s * NS_PER_S), place, 0)
    for event in planted:
        if event.shape is not PRESS:
            continue
        refused_ns = start_ns + round((event.start_s - 0.4) * NS_PER_S)
        yield row(
            "page",
            refused_ns,
            kind="invalid",
            url="checkout.html",
            selector="#card-number",
            page_x_px=math.nan,
            page_y_px=math.nan,
            scroll_x_px=0.0,
            scroll_y_px=0.0,
            detail="Card number invalid.",
        )
        if person.rng.uniform() < 0.6:
            x, y, width, height = AREAS[step_id][event.area]
            for k in range(4):
                press_ns = refused_ns + round((0.6 + 0.3 * k) * NS_PER_S)
                yield _pointer(press_ns, (x + width / 2, y + height / 2), 1)


def _pointer(t_ns: int, place: tuple[float, float], action: int) -> Row:
    return row(
        "pointer",
        t_ns,
        x_px=float(place[0]),
        y_px=float(place[1]),
        action=action,
        button=action,
        scroll_dx=0.0,
        scroll_dy=0.0,
        speed_px_s=80.0,
    )


def write_golden_bundle(folder: StudyFolder, person: Participant) -> Path:
    """Write a participant's session through the bundle's writer; returns the bundle."""
    path = folder.sessions_path / f"{person.participant_id}.h5"
    clock = VirtualClock(start_ns=START_NS, wall_start_ns=1_795_340_000_000_000_000)
    writer = BundleWriter(path, header_of(person, folder.study), clock=clock)
    rows = rows_of(person)
    for start in range(0, len(rows), TICK):
        tick = rows[start : start + TICK]
        clock.sleep_until_ns(tick[-1].t_ns)
        writer.write(tick)
    writer.close()
    return finalise(writer.journal_path)


def golden_folder(path: Path) -> StudyFolder:
    """The golden study's folder, without sessions."""
    folder = save_study(path, golden_study())
    folder.sessions_path.mkdir(exist_ok=True)
    return folder


class GoldenSession(PlantedSession):
    """A participant's session without a file, its columns laid out once."""

    def __init__(self, path: Path, person: Participant, study: Study) -> None:
        super().__init__(path, header_of(person, study), ())
        by_stream: dict[str, list[Row]] = {}
        for one in rows_of(person):
            by_stream.setdefault(one.stream, []).append(one)
        times = [one.t_ns for rows in by_stream.values() for one in rows]
        self.start_ns, self.end_ns = min(times), max(times)
        self._tables: dict[str, PlantedTable] = {}
        for stream, rows in by_stream.items():
            columns = {
                column.name: np.array(
                    [one.values[place] for one in rows],
                    dtype=object if column.dtype == "text" else column.dtype,
                )
                for place, column in enumerate(STREAMS[stream].columns)
            }
            t_ns = np.array([one.t_ns for one in rows], dtype=np.int64)
            self._tables[stream] = PlantedTable(t_ns, columns)

    def table(
        self,
        stream: str,
        *,
        columns: Sequence[str] | None = None,
        start_ns: int | None = None,
        end_ns: int | None = None,
    ) -> PlantedTable:
        if stream not in self._tables:
            return super().table(stream, columns=columns)
        whole = self._tables[stream]
        low = 0 if start_ns is None else int(np.searchsorted(whole.t_ns, start_ns))
        high = len(whole) if end_ns is None else int(np.searchsorted(whole.t_ns, end_ns))
        names = [c.name for c in STREAMS[stream].columns if columns is None or c.name in columns]
        return PlantedTable(whole.t_ns[low:high], {name: whole[name][low:high] for name in names})


def golden_map(path: Path, cast: Sequence[Participant]) -> JourneyMap:
    """The map of a cast whose sessions are in memory; ``path`` takes the study's folder."""
    folder = golden_folder(path)
    sessions = {}
    for person in cast:
        file = folder.sessions_path / f"{person.participant_id}.h5"
        file.write_bytes(b"")
        sessions[file] = GoldenSession(file, person, folder.study)
    return build_journey_map(folder, open_bundle=sessions.__getitem__)
