"""Before a session: participant, devices, consent, and a look at what the devices give."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from journeylab.session.calibration import CalibrationResult
from journeylab.session.consent import GAZE_KEY
from journeylab.session.view import ConsoleView
from journeylab.study.folder import StudyFolder
from journeylab.theme import DARK, GAP_PX, Palette
from journeylab.ui.moderator.check_card import CheckCard
from journeylab.ui.moderator.consent_card import ConsentCard
from journeylab.ui.moderator.consent_tie import ConsentTie, SoundWish
from journeylab.ui.moderator.device_form import ChooseFile, DeviceForm, ask_for_video
from journeylab.ui.moderator.gaze_card import GazeCard
from journeylab.ui.moderator.participant_form import ParticipantForm
from journeylab.ui.moderator.ports import (
    NO_MICROPHONE,
    DeviceOption,
    DisplayOption,
    GazeProgress,
    SessionPort,
    SetupChoice,
)
from journeylab.ui.moderator.verdicts import stream_health
from journeylab.ui.moderator.words import minutes, plural, share
from journeylab.ui.widgets.camera_preview import CameraPreview
from journeylab.ui.widgets.card import Card, Label
from journeylab.ui.widgets.health import Level
from journeylab.ui.widgets.keys import KeyButton
from journeylab.ui.widgets.notices import Banner

_FORM_PX = 440
_OPENING = "Opening the camera"


class SetupPage(QWidget):
    """Takes the moderator's choices and shows what the chosen devices give.

    ``preview_requested`` goes out when a device is chosen, ``start_requested``,
    ``practice_requested`` and ``calibrate_requested`` when their buttons are pressed, each with a
    :class:`SetupChoice`; what else is asked of gaze goes out of ``gaze``.
    ``sound_wanted`` tells whether the microphone is to run: it does after a yes to the voice, and
    while the moderator checks it before anybody was asked.
    """

    preview_requested = Signal(object)
    start_requested = Signal(object)
    practice_requested = Signal(object)
    calibrate_requested = Signal(object)
    left = Signal()
    edit_requested = Signal(object)
    sound_wanted = Signal(bool)

    def __init__(self, *, choose_file: ChooseFile = ask_for_video, palette: Palette = DARK) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._session: SessionPort | None = None
        self._study_path: Path | None = None
        self.participant = ParticipantForm(palette=palette)
        self.devices = DeviceForm(choose_file=choose_file, palette=palette)
        self.consent = ConsentCard(palette=palette)
        self.gaze = GazeCard(palette=palette)
        self.preview = CameraPreview(waiting_text=_OPENING, palette=palette)
        self.banner = Banner(palette=palette)
        self.notice = Banner(can_dismiss=False, palette=palette)
        self.checks = CheckCard(palette=palette)
        self.sound = SoundWish(self.consent, self.checks, self)
        self._title = Label("", role="title")
        self._subtitle = Label("", role="quiet")
        self._reason = Label("", role="quiet", wrap=True)
        self._problem = ""
        self.start_button = QPushButton("Start session")
        self.start_button.setProperty("role", "primary")
        self.back_button = QPushButton("All studies")
        self.edit_button = KeyButton("Edit study", key="F4", palette=palette)
        self.practice_button = KeyButton("Practise", key="F5", palette=palette)
        self.practice_button.setToolTip(
            "Run the whole session with a simulated participant. Nothing of it is kept."
        )
        self._build()
        self._connect()
        self._judge_choice()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(GAP_PX)
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self._title)
        titles.addWidget(self._subtitle)
        top = QHBoxLayout()
        top.addLayout(titles, 1)
        top.setSpacing(GAP_PX)
        top.addWidget(self.edit_button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.practice_button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self._form())
        columns.addLayout(self._look(), 1)
        layout.addLayout(columns, 1)

    def _form(self) -> QWidget:
        inner = QWidget()
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 8, 0)
        stack.setSpacing(GAP_PX)
        for card in (self.participant, self.devices, self.consent):
            stack.addWidget(card)
        stack.addStretch(1)
        scroll = _scrolling(inner)
        scroll.setFixedWidth(_FORM_PX)
        return scroll

    def _look(self) -> QVBoxLayout:
        picture = Card("Preview")
        picture.body.addWidget(self.preview, 1)
        # The picture takes what the words leave; where they leave too little, all of it scrolls.
        self.preview.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        inner = QWidget()
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(GAP_PX)
        stack.addWidget(picture, 1)
        stack.addWidget(self.checks)
        stack.addWidget(self.gaze)
        acts = QHBoxLayout()
        acts.setSpacing(GAP_PX)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._reason.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        acts.addWidget(self._reason, 1)
        acts.addWidget(self.start_button)
        column = QVBoxLayout()
        column.setSpacing(GAP_PX)
        column.addWidget(self.notice)
        column.addWidget(self.banner)
        column.addWidget(_scrolling(inner), 1)
        column.addLayout(acts)
        return column

    def _connect(self) -> None:
        ConsentTie(self.participant, self.consent, self)  # first: what it clears is judged below
        self.participant.changed.connect(self._judge_choice)
        self.consent.changed.connect(self._judge_choice)
        self.sound.changed.connect(self.sound_wanted)
        self.checks.changed.connect(self._judge_choice)
        self.devices.changed.connect(self.ask_for_preview)
        self.start_button.clicked.connect(self._start)
        self.gaze.asked.connect(self._calibrate)
        self.gaze.changed.connect(self._judge_choice)
        self.back_button.clicked.connect(self.left)
        self.practice_button.clicked.connect(self._practise)
        self.edit_button.clicked.connect(self._edit)
        for key, act in (
            ("F2", self.consent.ask),
            ("F3", self.checks.ask_to_listen),
            ("F4", self._edit),
            ("E", self._edit),  # the letter alone acts where nothing is typed
            ("F5", self._practise),
            ("F7", self.checks.ask_for_delay),
            ("F8", self.gaze.neutral.ask),
            ("F9", self.gaze.ask),
        ):
            QShortcut(QKeySequence(key), self, act)

    def show_study(self, folder: StudyFolder, *, taken: Collection[str] = ()) -> None:
        """Begin the form anew for the next participant of a study."""
        study = folder.study
        self._study_path = folder.path
        self._title.show_text(study.title)
        facts = f"{plural(len(study.steps), 'step')}, {minutes(study.planned_s)} planned"
        self._subtitle.show_text(f"{facts} · {study.goal}" if study.goal else facts)
        self.participant.show_study(study, taken=taken)
        self.consent.show_privacy(study.privacy)
        self.consent.clear()
        self.notice.say(study.privacy.emotion_notice, level=Level.WARNING)
        self.gaze.neutral.set_needed(study.privacy.infers_emotion)
        self.participant.participant_id.setFocus()
        self._judge_choice()

    def set_devices(
        self,
        cameras: Sequence[DeviceOption],
        *,
        microphones: Sequence[DeviceOption],
        displays: Sequence[DisplayOption],
    ) -> None:
        """Show what this machine has."""
        self.devices.set_devices(cameras, microphones=microphones, displays=displays)

    def set_session(self, session: SessionPort | None) -> None:
        """Preview another session, or none; None also while one is being opened."""
        self._session = session
        self.gaze.show_none()
        self.checks.forget_delay()
        self.checks.end_listening()
        self.consent.show_taken_back()
        if session is None:
            self.preview.show_waiting(_OPENING)
        else:
            self.banner.say("")
        self.refresh_text()
        self._judge_choice()

    def show_problem(self, sentence: str) -> None:
        """Say why there is no preview, or no session; nothing that was entered is lost."""
        self.banner.say(sentence)
        self.preview.show_waiting("No picture. Choose another camera, or see the message above.")

    def show_message(self, sentence: str, *, level: Level) -> None:
        """Say something about a preview that goes on."""
        self.banner.say(sentence, level=level)

    def show_calibration(self, progress: GazeProgress) -> None:
        """The participant looks at a point; nothing else can begin meanwhile."""
        self.banner.say("")
        self.gaze.show_progress(progress)
        self._judge_choice()

    def show_calibrated(self, result: CalibrationResult, *, has_previous: bool) -> None:
        """Show how far gaze is off."""
        self.gaze.show_result(result, has_previous=has_previous)
        self._judge_choice()

    def show_uncalibrated(self, sentence: str, *, has_previous: bool) -> None:
        """Say why gaze is not calibrated."""
        self.gaze.show_failure(sentence, has_previous=has_previous)
        self._judge_choice()

    def choice(self) -> SetupChoice:
        """What is chosen now, complete or not."""
        participant_id, segments = self.participant.values()
        camera, microphone, screen_index = self.devices.values()
        consent = self.consent.values()
        if consent["audio"] != "yes" and self.consent.agrees.isChecked():
            microphone = NO_MICROPHONE
        return SetupChoice(
            participant_id=participant_id,
            segments=segments,
            camera=camera,
            microphone=microphone,
            screen_index=screen_index,
            consent=consent,
        )

    @property
    def reason(self) -> str:
        """Why the session cannot start yet; empty when it can."""
        return self._problem

    def ask_for_preview(self) -> None:
        """Ask for the chosen devices to be opened."""
        self.set_session(None)
        self.preview_requested.emit(self.choice())

    def refresh_curves(self) -> None:
        """The picture and its mesh. On the GUI thread, thirty times a second."""
        if self._session is None:
            return
        live = self._session.live
        analysed = live.analysed_frame()
        if analysed is not None:
            mesh = analysed.measures.mesh
            self.preview.show_frame(
                analysed.frame.image,
                index=analysed.frame.index,
                mesh_xyz=None if mesh is None else mesh.xyz,
            )
        elif (frame := live.latest_frame()) is not None:
            self.preview.show_frame(frame.image, index=frame.index)

    def refresh_text(self) -> None:
        """The verdicts. On the GUI thread, twice a second."""
        self.checks.show_session(
            self._session,
            has_microphone=self.devices.values()[1] != NO_MICROPHONE,
            n_displays=self.devices.display.count(),
            voice=self.consent.voice,
        )
        if self._session is not None:
            view = self._session.view()
            self.preview.show_caption(self._caption(view))
            if view.alert:
                self.banner.say(view.alert)
        self._judge_choice()

    def _caption(self, view: ConsoleView) -> str:
        camera = stream_health(view, "camera")
        measures = None if self._session is None else self._session.live.latest_measures()
        parts = []
        if camera is not None and math.isfinite(camera.rate_hz):
            parts.append(f"{camera.rate_hz:.0f} fps")
        if measures is not None and measures.has_face:
            parts.append(f"quality {share(measures.quality)}")
        return " · ".join(parts)

    def _judge_choice(self) -> None:
        is_open = self._session is not None
        # What is on the participant's screen now comes first: nothing else can begin meanwhile.
        busy = self.gaze.problem or self.checks.problem
        is_free = is_open and not busy and not self.consent.is_asking
        problem = busy or self.participant.problem() or self.consent.problem()
        if not problem and not is_open:
            problem = "The camera is not open yet."
        self._problem = problem
        self.gaze.is_declined = self.consent.declines(GAZE_KEY)
        self._reason.show_text(problem or self.gaze.not_yet)
        self.start_button.setEnabled(not problem)
        self.gaze.set_open(is_free)
        has_microphone = self.devices.values()[1] != NO_MICROPHONE
        can_listen = is_free and has_microphone and not self.consent.voice
        self.checks.set_open(is_free, can_listen=can_listen)
        self.sound.judge()
        self.consent.set_open(is_free)

    def _start(self) -> None:
        self.start_requested.emit(self.choice())

    def _practise(self) -> None:
        if not (self.gaze.problem or self.checks.problem or self.consent.is_asking):
            self.practice_requested.emit(self.choice())

    def _edit(self) -> None:
        if self._study_path is not None:
            self.edit_requested.emit(self._study_path)

    def _calibrate(self) -> None:
        self.calibrate_requested.emit(self.choice())


def _scrolling(inner: QWidget) -> QScrollArea:
    """What scrolls up and down where it is higher than its room."""
    scroll = QScrollArea()
    scroll.setWidget(inner)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return scroll
