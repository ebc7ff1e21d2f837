"""The picture each step is shown by: of the best session's screen, read when it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.cache import content_of
from journeylab.analysis.screens import decode
from journeylab.analysis.sessions import GRADES
from journeylab.analysis.study_sessions import Reading, ReadSession
from journeylab.errors import BundleError

DEVICE: Final = "device"
_PART: Final = "pictures"


@dataclass(frozen=True, slots=True, eq=False)
class _Pictures:
    """Decoded pictures of one session by the time they were taken; BGR uint8 (h, w, 3)."""

    by_time: dict[str, NDArray[np.uint8]]


class StepScreens:
    """Pictures of the sessions that were read."""

    def __init__(self, reading: Reading, sessions: Sequence[ReadSession]) -> None:
        self._reading = reading
        # The best grade first; of equal ones, the first name.
        self._sessions = sorted(
            (each for each in sessions if each.is_usable and each.pictures),
            key=lambda each: GRADES.index(each.summary.grade),
        )
        self._opened: dict[str, dict[str, NDArray[np.uint8]]] = {}

    def screen(self, step_id: str, device: str) -> NDArray[np.uint8] | None:
        """BGR picture of a step on a device, or None.

        A session whose pictures are damaged gives its place to the next.
        """
        for session in self._sessions:
            if step_id in session.pictures and _device_of(session) == device:
                picture = self._picture(session, step_id)
                if picture is not None:
                    return picture
        return None

    def _picture(self, session: ReadSession, step_id: str) -> NDArray[np.uint8] | None:
        name = session.summary.path.name
        if name not in self._opened:
            self._opened[name] = self._all_of(session)
        return self._opened[name].get(str(session.pictures[step_id]))

    def _all_of(self, session: ReadSession) -> dict[str, NDArray[np.uint8]]:
        """All pictures of a session at once: to open its bundle costs more than to decode them."""
        path, cache = session.summary.path, self._reading.cache
        if cache is not None:
            kept = cache.get(path, _PART, content_of(path), _Pictures)
            if kept is not None and all(_is_picture(each) for each in kept.by_time.values()):
                return kept.by_time
        found: dict[str, NDArray[np.uint8]] = {}
        try:
            with self._reading.opened(path) as bundle:
                for t_ns in session.pictures.values():
                    try:
                        picture = bundle.picture_at(t_ns)
                    except BundleError:
                        continue  # one damaged picture does not cost the others their place
                    image = None if picture is None else decode(picture.data)
                    if image is not None:
                        found[str(t_ns)] = image
        except BundleError:
            return found
        if cache is not None:
            cache.put(path, _PART, content_of(path), _Pictures(found))
        return found


def _is_picture(values: NDArray[Any]) -> bool:
    return values.ndim == 3 and values.shape[2] == 3 and values.size > 0


def _device_of(session: ReadSession) -> str:
    return session.summary.segments.get(DEVICE, "")
