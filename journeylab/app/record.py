"""``journeylab record``: one session from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication

from journeylab.app.application import on_interrupt, open_application
from journeylab.app.devices import NONE, SIMULATED, DeviceRequest
from journeylab.app.live import LiveSession, SessionRequest
from journeylab.app.neutral_tasks import NEUTRAL_S
from journeylab.clock import SessionClock
from journeylab.errors import JourneyLabError, SessionError
from journeylab.session.auto_advance import left_out_words
from journeylab.session.consent import (
    CONSENT_KEYS,
    EMOTION_KEY,
    GAZE_KEY,
    PAGE_KEY,
    POINTER_KEY,
    allows_emotion,
    asked_of,
    consent_record,
    consent_text,
)
from journeylab.session.health import NEEDED_DISK_BYTES
from journeylab.study.folder import (
    check_participant_id,
    check_segments,
    load_study,
)
from journeylab.study.privacy import Privacy
from journeylab.ui.moderator.ports import SetupChoice

DECLINABLE: Final = tuple(CONSENT_KEYS)
"""What ``--decline`` takes. Sharing is never agreed to on the command line."""

_WORDS: Final = {
    EMOTION_KEY: "Emotions may be estimated from the face",
    "face_video": "Face video may be kept",
    GAZE_KEY: "Where she looks may be measured",
    POINTER_KEY: "The mouse may be recorded",
    PAGE_KEY: "Page visits and clicks may be recorded",
    "audio": "Her voice may be recorded",
    "screen": "Pictures of the screen may be kept",
}


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """The command's arguments; ``declined`` names what the participant did not agree to.

    ``neutral`` tells whether the session begins with the neutral face; None: unless the camera is
    a video.
    """

    study: Path
    participant_id: str
    camera: str
    microphone: str
    is_automatic: bool
    segments: dict[str, str]
    declined: tuple[str, ...] = ()
    neutral: bool | None = None


def run_record(
    request: RecordRequest,
    *,
    progress: Callable[[float], None],
    say: Callable[[str], None],
) -> Path:
    """Run one session and return its bundle; ``progress`` gets 0..1 while it is written.

    With ``is_automatic`` steps advance by their planned durations. Otherwise the moderator's
    console opens on this session. Ctrl-C ends the session and keeps all of it.

    Raises
    ------
    JourneyLabError
        Whatever stands in the way, before anything is recorded.
    """
    folder = load_study(request.study)
    folder.check_stimuli()
    check_participant_id(request.participant_id)
    check_segments(folder.study, request.segments)
    folder.prepare_for_writing(free_bytes_needed=NEEDED_DISK_BYTES)
    application = open_application()
    consent = consent_of(request, privacy=folder.study.privacy)
    takes_neutral = _takes_neutral(request, consent, folder.study.privacy, say=say)
    if not request.is_automatic:
        from journeylab.app.running import record_with_console

        choice = SetupChoice(
            participant_id=request.participant_id,
            segments=request.segments,
            camera=request.camera,
            microphone=request.microphone,
            screen_index=QGuiApplication.screens().index(participant_screen()),
            consent=consent,
            takes_neutral=takes_neutral,
        )
        return record_with_console(folder, choice)
    if left_out := left_out_words(folder.study):
        say(left_out)
    session = LiveSession(folder, screen=participant_screen(), clock=SessionClock())
    return _record_on_rails(
        application,
        session,
        request,
        SessionRequest(
            request.participant_id, request.segments, consent, takes_neutral=takes_neutral
        ),
        progress=progress,
        say=say,
    )


def _takes_neutral(
    request: RecordRequest, consent: dict[str, str], privacy: Privacy, *, say: Callable[[str], None]
) -> bool:
    """Whether the session begins with the neutral face; what is done is said."""
    if not (privacy.infers_emotion and allows_emotion(consent)):
        return False
    takes_neutral = request.neutral
    if takes_neutral is None:
        takes_neutral = not Path(request.camera).is_file()
        if not takes_neutral:
            say("The camera is a video: no neutral face is asked for (--neutral takes its start).")
    elif not takes_neutral:
        say("No neutral face is taken: action units are measured against an estimate.")
    if takes_neutral:
        say(f"First the neutral face: a dot on the participant's screen, {NEUTRAL_S:.0f} s.")
    return takes_neutral


def participant_screen() -> QScreen:
    """The second display where there is one, else the only one."""
    screens = QGuiApplication.screens()
    return screens[1] if len(screens) > 1 else screens[0]


def consent_of(request: RecordRequest, *, privacy: Privacy) -> dict[str, str]:
    """The moderator's statement: asked for on a terminal, else the command itself is it.

    Raises
    ------
    SessionError
        When the participant did not agree, or something is declined that is not asked for.
    """
    for key in request.declined:
        if key not in DECLINABLE:
            raise SessionError(
                f'--decline "{key}" is not known.', remedy=f"It may be: {', '.join(DECLINABLE)}."
            )
    declined = set(request.declined)
    if request.microphone == NONE:
        declined.add("audio")
    answers = {key: "no" if key in declined else "yes" for key in DECLINABLE}
    if request.camera.isdecimal() and sys.stdin.isatty():
        print(consent_text(privacy))
        if not _says_yes(f"Has {request.participant_id} heard this and agreed to take part?"):
            raise SessionError("Nothing was recorded: without consent there is no session.")
        for key in (one for one in asked_of(privacy) if answers.get(one) == "yes"):
            answers[key] = "yes" if _says_yes(f"  {_WORDS[key]}?") else "no"
    return consent_record(
        answers,
        privacy=privacy,
        stated_by="simulated" if request.camera == SIMULATED else "moderator, command line",
    )


def _says_yes(question: str) -> bool:
    """Ask on the terminal; all but a yes is a no."""
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _record_on_rails(
    application: QApplication,
    session: LiveSession,
    request: RecordRequest,
    session_request: SessionRequest,
    *,
    progress: Callable[[float], None],
    say: Callable[[str], None],
) -> Path:
    outcome: list[Path | str] = []

    def end(result: Path | str) -> None:
        outcome.append(result)
        # Not quit(): that asks the windows first, and the participant's never agrees.
        application.exit()

    is_begun = is_unwanted = False

    def begin() -> None:
        nonlocal is_begun
        is_begun = True
        session.start(session_request, is_automatic=True)

    def stop_unwanted() -> None:
        if is_unwanted:
            session.stop()

    session.ready.connect(begin)
    session.started.connect(stop_unwanted, Qt.ConnectionType.QueuedConnection)
    session.notice.connect(say)
    session.finalising.connect(progress)
    session.finished.connect(end)
    session.failed.connect(end)
    session.open(
        DeviceRequest(
            request.camera, request.microphone, request.segments.get("device", "desktop")
        ),
        with_preview=False,
    )

    def interrupt() -> None:
        nonlocal is_unwanted
        say("Stopping; everything recorded so far is kept.")
        if session.is_recording:
            session.stop()
        elif is_begun:  # between two states: it is stopped, and kept, once it records
            is_unwanted = True
        else:
            end("Stopped before anything was recorded.")

    try:
        with on_interrupt(interrupt):
            application.exec()
    finally:
        session.close().result()
    result = outcome[-1] if outcome else "The session was closed."
    if isinstance(result, str):
        raise JourneyLabError(result)
    return result
