"""The faces behind a map's findings, for the exports that were asked to show them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moments import FRAME_REACH_S
from journeylab.analysis.session_data import MomentData
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.report.evidence import MapFinding, map_findings
from journeylab.report.page import FaceAt, Faces

MOST_A_FINDING: Final = 6
_WIDTH_PX: Final = 180
_QUALITY: Final = 82


def read_faces(
    journey: JourneyMap,
    open_bundle: Callable[[Path], AbstractContextManager[MomentData]],
    *,
    progress: Callable[[float], None],
) -> Faces:
    """JPEG pictures of the faces behind each finding, the furthest from neutral first.

    A moment without a frame within a second, as when the video was not agreed to, has none.
    ``progress`` is called with the share of sessions read, 0..1; what it raises ends the reading.

    Raises
    ------
    BundleError
        When a session cannot be read any more.
    """
    wanted: dict[Path, set[int]] = {}
    for finding in map_findings(journey):
        for path, t_ns in _strongest(finding):
            wanted.setdefault(path, set()).add(t_ns)
    faces = {}
    for number, (path, times) in enumerate(wanted.items()):
        progress(number / len(wanted))
        with open_bundle(path) as bundle:
            for t_ns in sorted(times):
                jpeg = _jpeg(bundle, t_ns)
                if jpeg is not None:
                    faces[path, t_ns] = jpeg
    return faces


def _strongest(finding: MapFinding) -> list[FaceAt]:
    measured = [one for one in finding.witnesses if np.isfinite(one.valence)]
    measured.sort(key=lambda one: -abs(one.valence))
    return [(one.choice.summary.path, one.choice.t_ns) for one in measured[:MOST_A_FINDING]]


def _jpeg(bundle: MomentData, t_ns: int) -> bytes | None:
    frame = bundle.frame_at(t_ns)
    if frame is None or abs(frame.t_ns - t_ns) > FRAME_REACH_S * NS_PER_S:
        return None
    height, width = frame.image.shape[:2]
    size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
    small = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
    is_encoded, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data) if is_encoded else None
