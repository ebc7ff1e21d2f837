"""A study with a step of every kind, for pictures: the demo's steps and those of a template."""

from __future__ import annotations

import shutil
from pathlib import Path

from journeylab.app.demo import copy_demo_study
from journeylab.assets import asset
from journeylab.study.folder import StudyFolder, load_study, save_study
from journeylab.study.model import Segment, Step, Stimulus, Variant
from journeylab.study.questions import Question
from journeylab.vocabulary import QuestionKind, StimulusKind

QUESTIONS = (
    Question(id="ease", kind=QuestionKind.EASE),
    Question(id="feeling", kind=QuestionKind.MANIKIN),
    Question(
        id="trust",
        kind=QuestionKind.SCALE,
        text="How far do you trust this shop with your card?",
        points=7,
        low="not at all",
        high="completely",
    ),
    Question(
        id="way",
        kind=QuestionKind.CHOICE,
        text="How would you rather have looked for a kettle?",
        choices=("By searching", "By price", "By a test's verdict", "In a store"),
    ),
    Question(id="friend", kind=QuestionKind.NPS),
    Question(id="sus", kind=QuestionKind.SUS),
    Question(
        id="change", kind=QuestionKind.TEXT, text="What would you change first?", optional=True
    ),
)


def study_of_every_kind(path: Path) -> StudyFolder:
    """Write it there: film, image, page with two versions, screens, instruction, questions."""
    demo = copy_demo_study(path).study
    template = load_study(asset("templates", "mobile-onboarding"))
    shutil.copytree(template.path / "stimuli", path / "stimuli" / "app")
    store, app = (
        Step.model_validate_json(one.model_dump_json().replace("stimuli/", "stimuli/app/"))
        for one in (template.study.step("store"), template.study.step("sign-up"))
    )
    ad, landing, *others = demo.steps
    short = Stimulus(kind=StimulusKind.PAGE, path="stimuli/shop/product.html")
    landing = landing.model_copy(
        update={
            "variants": (Variant(id="b", title="Straight to the kettle", stimulus=short),),
            "questions": QUESTIONS[:2],
        }
    )
    welcome = Step(
        id="welcome",
        title="Welcome",
        stimulus=Stimulus(
            kind=StimulusKind.INSTRUCTION,
            text="You will see a short film and then a shop. Please look for a kettle you would "
            "buy, and say what goes through your mind.",
        ),
    )
    asked = Step(
        id="asked",
        title="Looking back",
        stimulus=Stimulus(kind=StimulusKind.QUESTIONS),
        questions=QUESTIONS[2:5],
    )
    study = demo.model_copy(
        update={
            "id": "kettle-shop",
            "title": "Kettle shop, second round",
            "hypothesis": "People leave at the delivery costs, because they come so late.",
            "steps": (ad, welcome, landing, store, app, *others, asked),
            "segments": (
                Segment(
                    name="device",
                    values=("desktop", "mobile"),
                    quotas={"desktop": 12, "mobile": 18},
                ),
                Segment(name="visitor", values=("new", "returning")),
            ),
            "questions": QUESTIONS[4:],
            "participants": 30,
        }
    )
    return save_study(path, study)
