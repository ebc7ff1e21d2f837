"""Replay of one session: what the participant saw and did, the face and all measures, in sync."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from journeylab.analysis.replay import ReplayTrack
from journeylab.analysis.replay_annotations import AnnotationState
from journeylab.analysis.replay_axis import time_words
from journeylab.analysis.replay_index import SessionIndex
from journeylab.bundle.encryption import is_encrypted
from journeylab.clock import NS_PER_S, Clock
from journeylab.study.folder import StudyFolder
from journeylab.theme import LIGHT, Palette
from journeylab.ui.analysis.replay.head import ReplayHead
from journeylab.ui.analysis.replay.keys import ReplayKeys
from journeylab.ui.analysis.replay.measures import ReplayMeasures
from journeylab.ui.analysis.replay.pictures import ReplayFace, ReplayScreen
from journeylab.ui.analysis.replay.player import Player
from journeylab.ui.analysis.replay.side import ReplaySide
from journeylab.ui.analysis.replay.sound import ReplaySound
from journeylab.ui.analysis.replay.target import ReplayTarget
from journeylab.ui.analysis.replay.timeline import ReplayTimeline
from journeylab.ui.analysis.replay.transport import Transport, speed_words
from journeylab.ui.analysis.replay.worker import (
    PaintedView,
    ReplayWorker,
    SessionRequest,
    ViewRequest,
)
from journeylab.ui.widgets.notices import EmptyState
from journeylab.ui.widgets.style import apply_style

_LIST_PX: Final = 258
_FACE_PX: Final = 286
_FIGURES_EVERY: Final = 15
_DECRYPTING: Final = "It is encrypted: an hour with video takes some seconds"
_CLIP_NS: Final = 5 * NS_PER_S
"""Without a span chosen, a clip reaches so far to either side of the playhead."""


class ReplayPage(QWidget):
    """Shows one session at a time; ``clock`` moves the playhead.

    Reads beside the window; what is to be kept goes out as signals.
    """

    back_asked = Signal()
    opened = Signal(object)
    """A ReplayTrack: the session is open."""
    shown = Signal(object)
    """A PaintedView: the widgets have it and paint it next."""
    annotation_written = Signal(object, str)
    """Session time and text."""
    clip_asked = Signal(object)
    """First and last session time of the span, ns."""

    def __init__(self, *, clock: Clock, palette: Palette = LIGHT) -> None:
        super().__init__()
        apply_style(self, palette)
        self._track: ReplayTrack | None = None
        self._wanted_ns: int | None = None
        self._span: list[int | None] = [None, None]
        self._writing_ns = 0
        self._n_shown = 0
        self.player = Player(clock=clock, parent=self)
        self.worker = ReplayWorker(self)
        self.sound = ReplaySound(self.player, self.worker, self)
        self.screen_picture = ReplayScreen(palette=palette)
        self.face_picture = ReplayFace(palette=palette)
        self.measures = ReplayMeasures(palette=palette)
        self.timeline = ReplayTimeline(palette=palette)
        self.transport = Transport(palette=palette)
        self.side = ReplaySide(palette=palette)
        self.head = ReplayHead(palette=palette)
        self._reading = EmptyState("Opening the session")
        self._problem = EmptyState("The session cannot be replayed", action="Back")
        self._states = QStackedWidget()
        self._build()
        self._wire()
        self.keys = ReplayKeys(self)

    @property
    def track(self) -> ReplayTrack | None:
        """The session that is open."""
        return self._track

    def open_session(
        self,
        target: ReplayTarget,
        *,
        folder: StudyFolder | None = None,
    ) -> None:
        """Open a session of a study, which says whether faces are blurred at first, and which
        expressions of its own it has."""
        study = None if folder is None else folder.study
        expressions = () if study is None else study.expressions
        self._forget()
        self._wanted_ns = target.t_ns
        self.head.show_title(target.path.name.split(".", 1)[0])
        self.transport.blur.setChecked(study is not None and study.privacy.blur_faces)
        self.measures.show_expressions(expressions)
        words = _DECRYPTING if is_encrypted(target.path) else ""
        self._reading.show_detail(words)
        self._states.setCurrentWidget(self._reading)
        self.worker.open(SessionRequest(target.path, folder))
        self.setFocus()

    def leave_session(self) -> None:
        """Close the session, so that its file may be erased."""
        self._forget()
        self.worker.leave()

    def shut_down(self) -> None:
        """End all work beside the window; before the application leaves."""
        self._forget()
        self.worker.close()

    # -- annotations and clips -----------------------------------------------------------------

    def begin_annotation(self) -> None:
        """Stand still and let an annotation be written here."""
        if self._track is not None:
            self.player.pause()
            self._writing_ns = self.player.position_ns
            self.side.begin_annotation(self._writing_ns)

    def show_annotations(self, state: AnnotationState) -> None:
        """Show the annotations of the session that is open."""
        selected = self.side.annotations.list.selected()
        self.side.show_annotations(state)
        chosen = "" if selected is None else selected.key
        self.timeline.show_annotations(state.document.annotations, chosen=chosen)

    def mark_span(self, place: int) -> None:
        """Begin (0) or end (1) the span of a clip where the playhead stands."""
        if self._track is None:
            return
        self._span[place] = self.player.position_ns
        first, last = self._span
        if first is not None and last is not None and last <= first:
            self._span[1 - place] = None
        self._show_span()

    def clear_span(self) -> None:
        """Choose no span any more."""
        self._span = [None, None]
        self._show_span()

    def span_ns(self) -> tuple[int, int] | None:
        """The span that is chosen; of one end alone, as long as a clip is by itself."""
        if self._track is None or self._span == [None, None]:
            return None
        first, last = self._span
        if first is None and last is not None:
            first = max(self._track.start_ns, last - 2 * _CLIP_NS)
        if last is None and first is not None:
            last = min(self._track.end_ns, first + 2 * _CLIP_NS)
        assert first is not None and last is not None
        return first, last

    def ask_for_clip(self) -> None:
        """Ask for a clip of the span; without one, of ten seconds around the playhead."""
        if self._track is None:
            return
        self.player.pause()
        t_ns = self.player.position_ns
        around = (
            max(self._track.start_ns, t_ns - _CLIP_NS),
            min(self._track.end_ns, t_ns + _CLIP_NS),
        )
        self.clip_asked.emit(self.span_ns() or around)

    # -- how it is built -----------------------------------------------------------------------

    def _build(self) -> None:
        self._replay = QWidget()
        layout = QVBoxLayout(self._replay)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(_body(self), 1)
        strip = QHBoxLayout()
        strip.setContentsMargins(12, 0, 4, 4)
        strip.addWidget(self.timeline)
        layout.addLayout(strip)
        layout.addWidget(self.transport)
        for state in (self._reading, self._problem, self._replay):
            self._states.addWidget(state)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(self._states, 1)

    def _wire(self) -> None:
        player, transport = self.player, self.transport
        for asked in (self.head.back.clicked, self._problem.acted):
            asked.connect(self.back_asked)
        # the worker
        self.worker.opened.connect(self._show_track)
        self.worker.viewed.connect(self._show_view)
        self.worker.indexed.connect(self._show_index)
        self.worker.failed.connect(self._show_failure)
        self.worker.troubled.connect(self.head.say)
        # time
        player.moved.connect(self._show_position)
        player.playing_changed.connect(transport.show_playing)
        player.speed_changed.connect(transport.show_speed)
        for places in (self.timeline, self.side):
            places.sought.connect(player.seek)
        # controls
        transport.play_asked.connect(player.toggle)
        transport.stepped.connect(player.step)
        transport.speed_chosen.connect(player.set_speed)
        transport.blur_chosen.connect(self._show_position)
        self.head.page_chosen.connect(self._show_position)
        transport.sound_chosen.connect(self.sound.turn)
        transport.span_start_asked.connect(partial(self.mark_span, 0))
        transport.span_end_asked.connect(partial(self.mark_span, 1))
        transport.span_clear_asked.connect(self.clear_span)
        transport.clip_asked.connect(self.ask_for_clip)
        # annotations
        self.side.annotations.begun.connect(self.begin_annotation)
        self.side.annotations.written.connect(self._write_annotation)
        self.timeline.annotation_chosen.connect(self.side.select_annotation)

    # -- what came -----------------------------------------------------------------------------

    def _forget(self) -> None:
        self.player.take(None)
        self._track, self._span = None, [None, None]
        self.timeline.show_track(None)
        self.side.annotations.end_writing()  # what was begun is of the session that is left
        self.side.show_annotations(AnnotationState())
        self._show_span()
        for show in (self.head.show_step, self.head.say):
            show("")

    def _show_track(self, track: ReplayTrack) -> None:
        self._track = track
        self.head.show_title(track.title)
        self.head.say(" ".join(track.missing))
        self.transport.sound.setEnabled(track.has_sound)
        self.head.whole_page.setVisible(track.has_pages)
        self.side.expect(track.start_ns)
        self.side.show_annotations(AnnotationState())
        self.timeline.show_track(track)
        self._states.setCurrentWidget(self._replay)
        self.opened.emit(track)
        # What comes before the first step is preparation.
        begin_ns = track.steps[0].start_ns if track.steps else track.start_ns
        self.player.take(track, begin_ns if self._wanted_ns is None else self._wanted_ns)

    def _show_span(self) -> None:
        span_ns = self.span_ns()
        self.timeline.show_span(span_ns)
        self.transport.show_has_span(span_ns is not None)

    def _show_index(self, index: SessionIndex) -> None:
        self.timeline.show_events(index.events)
        self.side.show_index(index)

    def _show_view(self, painted: PaintedView) -> None:
        view = painted.view
        if painted.face is not None:
            self.face_picture.show_blurred(view.is_blurred)
            self.face_picture.show_picture(painted.face)
        else:
            self.face_picture.show_words(view.face_words)
        if view.screen_words:
            self.screen_picture.show_words(view.screen_words)
        elif painted.screen is not None:
            self.screen_picture.show_picture(painted.screen)
        self.screen_picture.show_instant(
            view.instant, screen_px=view.screen_px, view_box=view.view_box
        )
        # Figures that change thirty times a second cannot be read, and cost their painting.
        self._n_shown += 1
        is_read = not self.player.is_playing or self._n_shown % _FIGURES_EVERY == 0
        self.measures.show_instant(view.instant, with_figures=is_read)
        self.shown.emit(painted)

    def _show_failure(self, sentence: str) -> None:
        self._problem.show_detail(sentence)
        self._states.setCurrentWidget(self._problem)

    def _show_position(self) -> None:
        track = self._track
        if track is None:
            return
        t_ns = self.player.position_ns
        self.timeline.show_position(t_ns)
        at_s, whole_s = ((t - track.start_ns) / NS_PER_S for t in (t_ns, track.end_ns))
        self.transport.show_time(f"{time_words(at_s, tenths=True)} / {time_words(whole_s)}")
        step = track.step_at(t_ns)
        words = "between two steps" if step is None else step.title
        if self.player.speed != 1.0:
            words += f" · {speed_words(self.player.speed)}"
        self.head.show_step(words)
        rooms_px = self.face_picture.room_px, self.screen_picture.room_px
        blurs, whole_page = self.transport.blur.isChecked(), self.head.whole_page.isChecked()
        self.worker.ask_view(ViewRequest(t_ns, blurs, *rooms_px, whole_page))

    def _write_annotation(self, text: str) -> None:
        self.annotation_written.emit(self._writing_ns, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_position()  # the pictures are made to measure

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.player.pause()


def _body(page: ReplayPage) -> QHBoxLayout:
    """Lists, the screen, and the face with its measures, beside each other."""
    body = QHBoxLayout()
    body.setContentsMargins(12, 10, 12, 8)
    body.setSpacing(12)
    page.side.setFixedWidth(_LIST_PX)
    face = QWidget()
    face.setFixedWidth(_FACE_PX)
    beside = QVBoxLayout(face)
    beside.setContentsMargins(0, 0, 0, 0)
    beside.setSpacing(10)
    beside.addWidget(page.face_picture)
    # All units that are measured need more room than a small window has.
    measures = QScrollArea()
    measures.setWidgetResizable(True)
    measures.setFrameShape(QFrame.Shape.NoFrame)
    measures.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(page.measures)
    column.addStretch(1)
    measures.setWidget(inside)
    beside.addWidget(measures, 1)
    body.addWidget(page.side)
    body.addWidget(page.screen_picture, 1)
    body.addWidget(face)
    return body
