"""A session whose devices, model and disk are in the test's hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from session_fakes import FakeAnalyser, FakeSource, MemoryWriter, frame, pointer_move, sound

from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import Clock, SessionClock
from journeylab.session.consent import AGREED_TO_ALL
from journeylab.session.controller import SessionController
from journeylab.session.events import SessionEvent
from journeylab.study.folder import StudyFolder

ALL = dict(AGREED_TO_ALL)


class Bench:
    """A controller whose devices, model and disk are in the test's hands."""

    def __init__(self, folder: StudyFolder, *, is_on_disk: bool = False) -> None:
        self.clock = SessionClock()
        self.camera = FakeSource("camera", frame, rate_hz=60, clock=self.clock)
        self.pointer = FakeSource(
            "pointer", lambda t_ns, _: pointer_move(t_ns), rate_hz=200, clock=self.clock
        )
        self.microphone = FakeSource(
            "microphone", lambda t, n: sound(t, 480 * n), rate_hz=100, clock=self.clock
        )
        self.analyser = FakeAnalyser()
        self.writers: list[MemoryWriter] = []
        self.events: list[SessionEvent] = []
        self.finalised: list[Path] = []
        self.full_from_tick: int | None = None
        self.controller = SessionController(
            folder,
            sources=(self.camera, self.pointer, self.microphone),
            analyser_factory=lambda: self.analyser,
            clock=self.clock,
            screen=ScreenGeometry(1920, 1080),
            open_writer=BundleWriter if is_on_disk else self.open_writer,
            write_bundle=finalise if is_on_disk else self.write_bundle,
        )
        self.controller.add_listener(self.events.append)

    def open_writer(self, path: Path, header: SessionHeader, *, clock: Clock) -> MemoryWriter:
        writer = MemoryWriter(path, header, clock=clock)
        writer.full_from_tick = self.full_from_tick
        self.writers.append(writer)
        return writer

    def write_bundle(
        self, journal: Path, *, progress: Callable[[float], None] | None = None
    ) -> Path:
        self.finalised.append(journal)
        if progress is not None:
            progress(1.0)
        return journal.with_suffix(".h5")

    def start(self, **consent: str) -> None:
        self.controller.start_recording(
            "P01", segments={"device": "mobile"}, consent={**ALL, **consent}
        )

    def record(self, **consent: str) -> MemoryWriter:
        self.start(**consent)
        return self.writers[-1]

    def stop(self) -> Path:
        self.controller.stop_recording()
        return self.controller.finalise()
