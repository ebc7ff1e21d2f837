"""A camera of this machine, through OpenCV."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from journeylab.capture.camera.gaps import FrameGaps
from journeylab.capture.camera.v4l2 import NodeState, node_path, probe_node
from journeylab.capture.source import Gap
from journeylab.capture.threaded import ThreadedSource
from journeylab.clock import NS_PER_S, Clock
from journeylab.errors import CameraError
from journeylab.logs import logger
from journeylab.opencv import cv2
from journeylab.streams import Frame

_FIRST_FRAME_TIMEOUT_S: Final = 8.0
_POLL_S: Final = 0.05
# OpenCV waits this long for a frame before it gives up; its own 10 s would hold up every stop.
_FRAME_TIMEOUT_S: Final = 2
# The driver holds a few images from before the start; they would be stamped too late.
_MOST_STALE: Final = 8

_log = logger(__name__)


class CaptureHandle(Protocol):
    """The part of ``cv2.VideoCapture`` that is used."""

    def isOpened(self) -> bool: ...  # noqa: N802  OpenCV's name
    def grab(self) -> bool: ...
    def retrieve(self) -> tuple[bool, Any]: ...
    def get(self, prop: int, /) -> float: ...
    def set(self, prop: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


OpenCapture: TypeAlias = Callable[[int], CaptureHandle]
ProbeCamera: TypeAlias = Callable[[int], NodeState]
LocateCamera: TypeAlias = Callable[[], int | None]


class DeviceCamera(ThreadedSource):
    """A webcam: motion JPEG at the size and rate nearest to what was asked for.

    Frames are stamped when they arrive. A camera that stops giving frames faults the status and
    is opened again, with growing pauses, until it gives images of the same size once more.

    Parameters
    ----------
    index
        Number of the camera, as in ``/dev/video0``.
    width_px, height_px, rate_hz
        What is asked for; what the camera really gives stands in the properties of that name.
    first_frame_timeout_s
        How long the camera may take to give its first frame.
    locate
        Tells the camera's present number, None while it is away: one that is plugged in again
        may come back under another.
    open_capture, probe
        How the device is opened and asked beforehand, for tests.

    Raises
    ------
    CameraError
        When there is no such camera, it is busy, this account may not use it, or it opens but
        gives no image.
    """

    def __init__(
        self,
        index: int,
        *,
        clock: Clock,
        width_px: int = 1280,
        height_px: int = 720,
        rate_hz: float = 30.0,
        label: str | None = None,
        first_frame_timeout_s: float = _FIRST_FRAME_TIMEOUT_S,
        locate: LocateCamera | None = None,
        open_capture: OpenCapture | None = None,
        probe: ProbeCamera | None = None,
    ) -> None:
        super().__init__("camera", label=label or f"camera {index}", clock=clock)
        self._probe = probe or probe_camera
        self._open_capture = open_capture or _open_capture
        self._locate = locate or (lambda: index)
        self._timeout_s = first_frame_timeout_s
        image = self._open(index, width_px, height_px, rate_hz)
        self._height_px, self._width_px = int(image.shape[0]), int(image.shape[1])
        told_hz = self._capture.get(cv2.CAP_PROP_FPS)
        self._rate_hz = told_hz if 1 <= told_hz <= 240 else rate_hz
        _log.info(
            "%s gives %dx%d at %.1f Hz", self._label, self._width_px, self._height_px, self._rate_hz
        )

    @property
    def width_px(self) -> int:
        """Width the camera gives."""
        return self._width_px

    @property
    def height_px(self) -> int:
        """Height the camera gives."""
        return self._height_px

    @property
    def rate_hz(self) -> float:
        """Rate the camera promises; in poor light it may give less."""
        return self._rate_hz

    def _open(self, index: int, width_px: int, height_px: int, rate_hz: float) -> Any:
        """Open the device; its first image, or a CameraError with nothing left open."""
        refusal = _refusal(index, self._probe(index))
        if refusal is not None:
            raise refusal
        self._capture = self._open_capture(index)
        if not self._capture.isOpened():
            self._capture.release()
            # Another program may have been quicker than we were.
            raise _refusal(index, self._probe(index)) or CameraError(
                f"Camera {index} cannot be opened.",
                remedy="Unplug it, plug it in again, and close other programs that use it.",
            )
        self._negotiate(width_px, height_px, rate_hz)
        return self._first_image(self._timeout_s)

    def _reopen(self) -> bool:
        """Try once to have the camera back."""
        index = self._locate()
        if index is None:
            return False
        try:
            image = self._open(index, self._width_px, self._height_px, self._rate_hz)
        except CameraError as error:
            _log.info("%s is not back yet: %s", self._label, error)
            return False
        if image.shape[:2] == (self._height_px, self._width_px):
            return True
        # The video's size is fixed when it begins.
        _log.warning("%s came back with images of another size", self._label)
        self._capture.release()
        return False

    def _negotiate(self, width_px: int, height_px: int, rate_hz: float) -> None:
        # The order matters: without motion JPEG first, USB 2 allows 10 Hz at 1280x720.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width_px)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height_px)
        self._capture.set(cv2.CAP_PROP_FPS, rate_hz)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)

    def _first_image(self, timeout_s: float) -> Any:
        """Proof that the camera works; opening alone proves nothing."""
        answer: queue.Queue[Any] = queue.Queue(1)
        is_given_up = threading.Event()

        def read() -> None:
            answer.put(self._read())
            if is_given_up.is_set():
                self._capture.release()

        reader = threading.Thread(target=read, name="first frame", daemon=True)
        reader.start()
        image = None
        for _ in range(max(1, round(timeout_s / _POLL_S))):
            reader.join(_POLL_S)
            if not reader.is_alive() or self._stopping.is_set():
                break
        try:
            image = answer.get_nowait()
        except queue.Empty:
            is_given_up.set()  # only the driver can wake the thread; it will close the camera
        else:
            reader.join()
            if image is None:
                self._capture.release()
        if image is None:
            raise CameraError(
                f"{self._label} opened but gave no image within {timeout_s:.0f} s.",
                remedy="Open its shutter or privacy switch, plug it straight into the computer, "
                "or choose another camera.",
            )
        return image

    def _read(self) -> Any | None:
        if not self._capture.grab():
            return None
        ok, image = self._capture.retrieve()
        return image if ok and image is not None and image.size else None

    def _run(self) -> None:
        gaps = FrameGaps(self._rate_hz)
        last_ns = self._clock.now_ns()
        is_back = False
        self._skip_stale()
        index = 0
        while not self._stopping.is_set():
            grabbed = self._grab()
            t_ns = self._clock.now_ns()
            if not grabbed:
                if not self._stop_or_come_back():
                    return
                is_back = True
                continue
            lost = gaps.add(t_ns)
            ok, image = self._capture.retrieve()
            index += lost
            if ok and image is not None and image.shape[:2] == (self._height_px, self._width_px):
                if is_back:
                    self._tally.end_fault(Gap(last_ns, t_ns, lost))
                    is_back = False
                else:
                    self._tally.add_lost(lost)
                self._give(Frame(t_ns, index, image, arrived_ns=t_ns))
                last_ns = t_ns
            else:
                self._tally.add_lost(lost + 1)  # a damaged JPEG
            index += 1

    def _stop_or_come_back(self) -> bool:
        """The camera gives nothing: have it back, however long that takes; False when stopped."""
        if self._stopping.is_set():
            return False
        self._tally.set_fault(
            f"{self._label} stopped giving images. Check its cable; it is tried again by itself."
        )
        self._capture.release()
        if not self._retry(self._reopen):
            return False
        self._skip_stale()
        return True

    def _grab(self) -> bool:
        try:
            return self._capture.grab()
        except cv2.error as error:
            _log.warning("%s: %s", self._label, error)
            return False

    def _skip_stale(self) -> None:
        """Images that were waiting come at once; a fresh one has to be waited for."""
        for _ in range(_MOST_STALE):
            before_ns = self._clock.now_ns()
            if not self._capture.grab():
                return
            if self._clock.now_ns() - before_ns > NS_PER_S / self._rate_hz / 4:
                return

    def _close(self) -> None:
        self._capture.release()


def probe_camera(index: int) -> NodeState:
    """How a camera stands, as far as the system tells; elsewhere than on Linux, only opening it
    does."""
    return probe_node(node_path(index)) if sys.platform == "linux" else NodeState.READY


def _refusal(index: int, state: NodeState) -> CameraError | None:
    if state is NodeState.READY:
        return None
    name = f"Camera {index} ({node_path(index)})"
    if state is NodeState.BUSY:
        return CameraError(
            f"{name} is in use by another program.",
            remedy="Close the browser tab, meeting or camera program that shows it; "
            f"`fuser -v {node_path(index)}` names it.",
        )
    if state is NodeState.DENIED:
        return CameraError(
            f"{name} may not be used by this account.",
            remedy="Run `sudo usermod -aG video $USER`, then log out and in again.",
        )
    if state is NodeState.NOT_A_CAMERA:
        return CameraError(
            f"{name} gives no video.",
            remedy="Choose another camera; `journeylab doctor` lists them.",
        )
    return CameraError(
        f"There is no camera {index} ({node_path(index)}).",
        remedy="Plug it in, or name another one, a video file, or `simulated`.",
    )


def _open_capture(index: int) -> CaptureHandle:
    # Read by OpenCV when it first waits for a frame.
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(_FRAME_TIMEOUT_S))
    backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
    handle: CaptureHandle = cv2.VideoCapture(index, backend)
    return handle
