"""The faces behind a map's findings, for the exports that were asked to show them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np

from journeylab.analysis.journey import JourneyMap
from journeylab.analysis.moments import FRAME_REACH_S
from journeylab.analysis.screens import may_be_shared
from journeylab.analysis.session_data import MomentData
from journeylab.clock import NS_PER_S
from journeylab.opencv import cv2
from journeylab.report.evidence import MapFinding, map_findings
from journeylab.report.page import FaceAt, Faces

MOST_A_FINDING: Final = 6
NOT_AGREED: Final = "not agreed to be shown"
NONE_KEPT: Final = "none kept"
NOT_PICKED: Final = f"shown for {MOST_A_FINDING} only"
_WIDTH_PX: Final = 180
_QUALITY: Final = 82


def read_faces(
    journey: JourneyMap,
    open_bundle: Callable[[Path], AbstractContextManager[MomentData]],
    *,
    progress: Callable[[float], None],
) -> Faces:
    """JPEG pictures of the faces behind each finding, the furthest from neutral first.

    Where there is none, the words why: the participant did not agree to be shown to others than
    the researchers, there is no frame within a second, or enough of the finding are shown.
    ``progress`` is called with the share of sessions read, 0..1; what it raises ends the reading.

    Raises
    ------
    BundleError
        When a session cannot be read any more.
    """
    wanted: dict[Path, set[int]] = {}
    faces: dict[FaceAt, bytes | str] = {}
    for finding in map_findings(journey):
        chosen, beyond = _strongest(finding)
        faces |= dict.fromkeys(beyond, NOT_PICKED)
        for path, t_ns in chosen:
            wanted.setdefault(path, set()).add(t_ns)
    for number, (path, times) in enumerate(wanted.items()):
        progress(number / len(wanted))
        with open_bundle(path) as bundle:
            is_agreed = may_be_shared(bundle.header)
            for t_ns in sorted(times):
                faces[path, t_ns] = _jpeg(bundle, t_ns) if is_agreed else NOT_AGREED
    return faces


def _strongest(finding: MapFinding) -> tuple[list[FaceAt], list[FaceAt]]:
    """The moments whose faces are shown, and those there is no room for."""
    ordered = sorted(
        finding.witnesses,
        key=lambda one: -abs(one.valence) if np.isfinite(one.valence) else 1.0,
    )
    places = [(one.choice.summary.path, one.choice.t_ns) for one in ordered]
    return places[:MOST_A_FINDING], places[MOST_A_FINDING:]


def _jpeg(bundle: MomentData, t_ns: int) -> bytes | str:
    frame = bundle.frame_at(t_ns)
    if frame is None or abs(frame.t_ns - t_ns) > FRAME_REACH_S * NS_PER_S:
        return NONE_KEPT
    height, width = frame.image.shape[:2]
    size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
    small = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
    is_encoded, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data) if is_encoded else NONE_KEPT
