"""Studies drawn at random, with everything a study may hold and text nobody expects."""

from __future__ import annotations

import random
from datetime import date

from journeylab.study.device_frame import DeviceFrame, FrameKind
from journeylab.study.model import (
    Aoi,
    Expression,
    MarkerKey,
    Segment,
    Step,
    Stimulus,
    Study,
    Variant,
)
from journeylab.study.privacy import Privacy, Purpose
from journeylab.study.questions import Question
from journeylab.study.stimulus import Hotspot, Screen
from journeylab.vocabulary import QuestionKind, StimulusKind

_TEXTS = (
    "plain", "Größe · 日本語 🙂", 'she said "no"', "it's", 'three """ quotes', "back\\slash",
    "two\nlines", "\nbegins with a break", "ends with one\n", "tab\there", "\\n no break", "# no",
    "[steps]", "a = 1", "'''", "ends in a quote\n\"", "bell\x07", "\u202eturned", "x\r\ny", " a ",
)  # fmt: skip


def text(rng: random.Random, most: int = 400) -> str:
    """One to three odd texts after each other."""
    joined = " ".join(rng.choice(_TEXTS) for _ in range(rng.randint(1, 3)))
    return (joined[:most].strip() or "x") if most < 100 else joined[:most]


def _questions(rng: random.Random) -> tuple[Question, ...]:
    kinds = rng.sample(list(QuestionKind), rng.randint(0, 4))
    return tuple(
        Question(
            id=f"q{n}",
            kind=kind,
            text="Why? " + text(rng, 200),
            points=rng.randint(2, 11),
            low=text(rng, 20),
            choices=(text(rng), "b", "c") if kind is QuestionKind.CHOICE else (),
            optional=rng.random() < 0.5,
        )
        for n, kind in enumerate(kinds)
    )


def _aois(rng: random.Random) -> tuple[Aoi, ...]:
    box = (rng.randint(0, 99), 0, 10, 10)
    return (
        Aoi(name="box", box=box, from_s=rng.choice((0.0, 1.5)), to_s=rng.choice((None, 4.25))),
        Aoi(name="page", selector='a[href="x"] > b'),
    )[: rng.randint(0, 2)]


_FRAMES = (
    DeviceFrame(),
    DeviceFrame(kind=FrameKind.PHONE, touch=False),
    DeviceFrame(kind=FrameKind.OWN, width_px=412, height_px=915, user_agent='Kiosk "2" \\ x'),
    DeviceFrame(user_agent="# no comment", touch=True),
)


def _stimulus(rng: random.Random) -> Stimulus:
    return _of_some_kind(rng).model_copy(update={"frame": rng.choice(_FRAMES)})


def _of_some_kind(rng: random.Random) -> Stimulus:
    kind = rng.choice([k for k in StimulusKind if k is not StimulusKind.QUESTIONS])
    pictures = {"any": "p.png", "mobile": 'a "b".png'} if rng.random() < 0.3 else {}
    if kind in (StimulusKind.VIDEO, StimulusKind.IMAGE):
        return Stimulus(kind=kind, path=f"stimuli/{text(rng, 30)}", pictures=pictures)
    if kind is StimulusKind.PAGE:
        hosts = ("b.example", "*.c.example")[: rng.randint(0, 2)]
        return Stimulus(kind=kind, url="https://a.example/?q=1#x", allow=hosts, pictures=pictures)
    if kind is StimulusKind.SCREENS:
        spot = Hotspot(box=(1, 2, 3, 4), leads_to="two")
        one, two = Screen(id="one", path="1.png", hotspots=(spot,)), Screen(id="two", path="2.png")
        return Stimulus(kind=kind, screens=(one, two))
    return Stimulus(kind=kind, text="Go. " + text(rng))


def rich_step(rng: random.Random, step_id: str) -> Step:
    """A step with whatever a step may have."""
    variants = tuple(
        Variant(
            id=name,
            title=text(rng, 30),
            stimulus=_stimulus(rng),
            aois=rng.choice((None, (), _aois(rng))),
        )
        for name in "bcd"[: rng.randint(0, 2)]
    )
    return Step(
        id=step_id,
        title=text(rng, 60),
        stage=rng.choice(("", "awareness", text(rng, 30))),
        touchpoint=rng.choice(("", "site")),
        owner=rng.choice(("", text(rng, 40))),
        task=rng.choice(("", text(rng))),
        guide=rng.choice(("", text(rng))),
        planned_s=rng.choice((30.0, 12.5, 60.0)),
        stimulus=_stimulus(rng),
        aois=_aois(rng),
        variants=variants,
        questions=_questions(rng),
        markers=(MarkerKey(key="#", label=text(rng, 30)), MarkerKey(key="5", label="on"))[
            : rng.randint(0, 2)
        ],
    )


def rich_study(seed: int) -> Study:
    """A study drawn from a seed."""
    rng = random.Random(seed)
    values = ("desktop", text(rng, 30) + "!")
    return Study(
        id="s",
        title=text(rng, 100),
        goal=rng.choice(("", text(rng))),
        hypothesis=rng.choice(("", text(rng))),
        participants=rng.choice((None, 30)),
        steps=tuple(rich_step(rng, f"step-{n}") for n in range(rng.randint(1, 5))),
        segments=(Segment(name="device", values=values, quotas={values[1]: 3}),)[
            : rng.randint(0, 1)
        ],
        markers=(MarkerKey(key='"', label=text(rng, 30)), MarkerKey(key="\\", label="x")),
        expressions=(Expression(name="mine", formula="AU12 * 0.5"),)[: rng.randint(0, 1)],
        questions=_questions(rng),
        privacy=rng.choice(
            (Privacy(), Privacy(purpose=Purpose.WORKPLACE, keep_until=date(2030, 1, 2)))
        ),
    )
