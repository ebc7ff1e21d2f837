"""The start of a recording: header, file, journal, and only the devices agreed to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from journeylab.bundle.header import ScreenGeometry, SessionHeader
from journeylab.clock import Clock
from journeylab.session.alert_desk import WATCHED
from journeylab.session.consent import allows_emotion, allows_gaze, may_start, storable_streams
from journeylab.session.engine import SessionEngine
from journeylab.session.header import build_header, bundle_path
from journeylab.session.recorder import Writer
from journeylab.study.assignment import Assignment
from journeylab.study.folder import StudyFolder
from journeylab.study.study_key import check_key_is_there


class OpenWriter(Protocol):
    """Makes the writer of a session, such as :class:`journeylab.bundle.writer.BundleWriter`."""

    def __call__(self, path: Path, header: SessionHeader, *, clock: Clock) -> Writer: ...


def open_recording(
    engine: SessionEngine,
    folder: StudyFolder,
    assignment: Assignment,
    *,
    consent: dict[str, str],
    screen: ScreenGeometry,
    open_writer: OpenWriter,
    clock: Clock,
    on_fault: Callable[[str], None],
) -> tuple[SessionHeader, int]:
    """Begin to journal what the consent allows; the header, and the instant it began, ns.

    Raises
    ------
    StudyError
        When the study is encrypted and its key file is missing.
    StorageError
        When the journal cannot be opened; nothing has changed then.
    """
    check_key_is_there(folder)
    rack = engine.rack
    devices = {name for name in rack.usable if may_start(name, consent)}
    camera = rack.camera
    microphone = rack.microphone if "microphone" in devices else None
    header = build_header(
        folder.study,
        assignment.participant_id,
        segments=assignment.segments,
        consent=consent,
        devices=rack.labels(devices),
        models=engine.models,
        screen=screen,
        simulated=rack.is_simulated(devices),
        clock=clock,
        camera_size_px=None if camera is None else (camera.width_px, camera.height_px),
        camera_rate_hz=None if camera is None else camera.rate_hz,
        microphone_rate_hz=None if microphone is None else microphone.rate_hz,
    )
    streams = storable_streams(consent)
    if not allows_emotion(consent):
        engine.withhold_emotion()
    if not allows_gaze(consent):
        engine.withhold_gaze()
    engine.alerts.be_deaf_to(set(WATCHED) - streams)
    engine.alerts.know_steps(assignment.steps)
    path = bundle_path(folder, assignment.participant_id, clock=clock)
    start_ns = engine.start_recording(
        lambda: open_writer(path, header, clock=clock),
        streams=streams,
        on_fault=on_fault,
    )
    rack.stop(set(rack.streams) - devices)
    rack.start(devices)
    return header, start_ns
