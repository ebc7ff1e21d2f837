"""What the participant sees, one page after the other, without a session behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gallery_study import QUESTIONS
from photographing import Camera, Scenes
from PySide6.QtCore import Qt

from journeylab.clock import SessionClock
from journeylab.study.folder import StudyFolder
from journeylab.study.model import Step
from journeylab.study.privacy import Privacy
from journeylab.study.questions import items_of
from journeylab.ui.participant.cover import PauseCover
from journeylab.ui.participant.window import ParticipantWindow

_ANSWERS = {
    "ease": "6", "feeling.valence": "7", "feeling.arousal": "4", "trust": "5",
    "way": "By a test's verdict", "friend": "9", "sus.1": "4",
    "change": "Say what delivery costs before I type my address.",
}  # fmt: skip
_STEPS = (
    ("ad", 6.0, "video"),
    ("store", 0.8, "image"),
    ("welcome", 0.6, "instruction"),
    ("sign-up", 0.8, "screens"),
    ("landing", 6.0, "page"),
    ("unboxing", 0.6, "camera-only"),
)


def participant_scenes(folder: StudyFolder, camera: Camera, *, size: tuple[int, int]) -> Scenes:
    """Consent, calibration, each kind of stimulus and of question, the pause, and the thanks."""
    window = _open(folder, size)
    yield 0.5, lambda: window.show_consent(Privacy())
    yield 0.5, lambda: camera.take(window, "participant-consent")
    yield 0.1, lambda: _agree_to_most(window)
    yield 0.3, lambda: camera.take(window, "participant-consent-answered")
    middle = size[0] * 0.5, size[1] * 0.5
    yield 0.1, lambda: window.show_calibration_point(*middle)
    yield 1.2, lambda: camera.take(window, "participant-calibration")
    for step_id, wait_s, name in _STEPS:
        yield 0.1, partial(window.show_step, folder.study.step(step_id))
        yield wait_s, partial(camera.take, window, f"participant-{name}")
    yield 0.1, lambda: window.show_dot(*middle)
    yield 0.8, lambda: camera.take(window, "participant-drift-dot")
    yield 0.1, window.hide_dot
    yield 0.1, lambda: window.over.show_neutral(5.0)
    yield 0.1, lambda: window.over.neutral.show_left(2.4)
    yield 0.5, lambda: camera.take(window, "participant-neutral")
    yield 0.1, window.hide_dot
    yield 0.1, lambda: window.show_step(_long(folder.study.step("welcome"), n=8))
    yield 0.5, lambda: camera.take(window, "participant-instruction-long")
    yield 0.1, lambda: window.show_step(_long(folder.study.step("welcome"), n=40))
    yield 0.5, lambda: camera.take(window, "participant-instruction-scrolled")
    yield 0.1, lambda: window.show_flashes((1.0, 30.0))
    yield 0.3, lambda: camera.take(window, "participant-flash-white")
    yield 2.0, lambda: camera.take(window, "participant-flash-black")
    cover = PauseCover(window)
    yield 0.1, cover.lay
    yield 0.4, lambda: camera.take(window, "participant-paused")
    yield 0.1, cover.lift
    yield from _questions(window, camera)
    yield 0.1, window.show_waiting
    yield 0.4, lambda: camera.take(window, "participant-waiting")
    yield 0.1, window.show_thanks
    yield 0.4, lambda: camera.take(window, "participant-thanks")
    yield 0.1, window.close_for_good
    phone = _open(folder, size, device="mobile")
    yield 0.3, lambda: phone.show_step(folder.study.step("landing"))
    yield 6.0, lambda: camera.take(phone, "participant-page-mobile")
    yield 0.1, phone.close_for_good


def _long(step: Step, *, n: int) -> Step:
    """The step with its instruction so many times as long."""
    text = " ".join([step.stimulus.text or ""] * n)
    return step.model_copy(update={"stimulus": step.stimulus.model_copy(update={"text": text})})


def _open(
    folder: StudyFolder, size: tuple[int, int], *, device: str = "desktop"
) -> ParticipantWindow:
    window = ParticipantWindow(folder, clock=SessionClock(), device=device)
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)
    window.setGeometry(0, 0, *size)
    window.show()
    return window


def _agree_to_most(window: ParticipantWindow) -> None:
    lines = list(window.stage.lines.values())
    for line in lines:
        line.give("no" if line is lines[-1] else "yes")


def _questions(window: ParticipantWindow, camera: Camera) -> Scenes:
    """Each kind once, with an answer; the pages of one question after the other."""
    items = [item for question in QUESTIONS for item in items_of(question)]
    items = [item for item in items if item.id in _ANSWERS]
    yield 0.1, lambda: window.show_questions("asked", items)
    for number, item in enumerate(items):
        if number == 0:
            yield 0.4, lambda: camera.take(window, "participant-question-unanswered")
        yield 0.3, _answering(window, item.id)
        name = f"participant-question-{item.id.replace('.', '-')}"
        yield 0.3, partial(camera.take, window, name)
        if item is not items[-1]:
            yield 0.1, window.stage.next.click


def _answering(window: ParticipantWindow, item_id: str) -> Callable[[], None]:
    def answer() -> None:
        window.stage.field.set_value(_ANSWERS[item_id])
        window.stage.field.changed.emit()

    return answer
