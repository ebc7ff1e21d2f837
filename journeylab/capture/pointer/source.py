"""The system's mouse, watched through pynput."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Any, Final

from journeylab.capture.pointer.motion import PointerSample, PointerSpeed, pointer_row
from journeylab.capture.source import Emit, SourceStatus
from journeylab.capture.tally import Tally
from journeylab.clock import Clock
from journeylab.errors import PointerError
from journeylab.logs import logger
from journeylab.vocabulary import PointerAction, PointerButton

__all__ = [
    "PointerSample",
    "PointerSpeed",
    "SystemPointer",
    "pointer_row",
    "wayland_warning",
]

_READY_TIMEOUT_S: Final = 5.0
_END_ATTEMPTS: Final = 20
_END_PAUSE_S: Final = 0.1
_BUTTONS: Final = {
    "left": PointerButton.LEFT,
    "right": PointerButton.RIGHT,
    "middle": PointerButton.MIDDLE,
}

_log = logger(__name__)


def wayland_warning(environ: Mapping[str, str] | None = None) -> str | None:
    """One sentence when this desktop hides most of the mouse from other programs, else None.

    Wayland shows a program the mouse over its own windows only; pynput sees what XWayland sees,
    that is the mouse over X11 windows.
    """
    environ = os.environ if environ is None else environ
    if environ.get("XDG_SESSION_TYPE") == "wayland" or environ.get("WAYLAND_DISPLAY"):
        return (
            "This desktop runs on Wayland, where the system's mouse can be watched only over "
            "XWayland windows."
        )
    return None


class SystemPointer:
    """Every move, button and scroll of the mouse on the X display, wherever it happens.

    Events are stamped when they arrive. The first row says where the cursor is at the start.

    Parameters
    ----------
    origin_px
        Top-left corner of the participant's screen on the desktop, as the system counts; positions
        are relative to it and negative on screens to its left.
    scale
        Device pixels in one unit of the system's: 1, but where it counts in points (macOS).
    accept_xwayland
        Watch on Wayland all the same: right when the participant's window itself is an X11
        window (``QT_QPA_PLATFORM=xcb``).

    Raises
    ------
    PointerError
        When there is no display, the display cannot be watched, or the desktop runs on Wayland;
        the remedy then is the window's own mouse events.
    """

    stream = "pointer"
    is_simulated = False

    def __init__(
        self,
        *,
        clock: Clock,
        origin_px: tuple[int, int] = (0, 0),
        scale: float = 1.0,
        accept_xwayland: bool = False,
    ) -> None:
        warning = wayland_warning()
        if warning is not None and not accept_xwayland:
            raise PointerError(
                warning,
                remedy="The mouse is followed over the participant's window only; for all of it, "
                "log in to an X11 session.",
            )
        self._mouse = _import_mouse()
        self._display = os.environ.get("DISPLAY", "")
        _where(self._mouse)
        self._clock = clock
        self._origin_px = origin_px
        self._scale = scale
        self._tally = Tally()
        self._speed = PointerSpeed()
        self._life = threading.Lock()
        self._listener: Any = None
        self._is_stopped = False
        self._emit: Emit | None = None

    @property
    def label(self) -> str:
        """Human name of the device."""
        return f"system mouse on display {self._display}" if self._display else "system mouse"

    def status(self) -> SourceStatus:
        """How it fares; from any thread."""
        return self._tally.status()

    def set_origin_px(self, origin_px: tuple[int, int], *, scale: float = 1.0) -> None:
        """Count from another corner: the participant's screen has moved. From any thread."""
        self._scale = scale
        # A new speed as well, else the change of corner would look like a flick of the mouse.
        self._origin_px, self._speed = origin_px, PointerSpeed()

    def start(self, emit: Emit) -> None:
        """Begin to emit, from pynput's thread. Called once, from any thread."""
        with self._life:
            if self._listener is not None or self._is_stopped:
                raise RuntimeError(f"{self.label}: a source starts once, and not after its stop")
            self._emit = emit
            self._listener = _make_listener(
                self._mouse,
                {
                    "on_move": self._moved,
                    "on_click": self._clicked,
                    "on_scroll": self._scrolled,
                },
                on_begin=self._began,
                on_death=self._died,
            )
            self._listener.start()
            ready = threading.Thread(target=self._listener.wait, daemon=True)
            ready.start()
            ready.join(_READY_TIMEOUT_S)
            if ready.is_alive():
                self._tally.set_fault("The mouse cannot be watched: the display does not answer.")

    def stop(self) -> None:
        """End the listener. From any thread but its own; twice is harmless."""
        with self._life:
            self._is_stopped = True
            if self._listener is not None and self._listener.is_alive():
                _end(self._listener)

    def _began(self) -> None:
        self._moved(*_where(self._mouse))

    def _moved(self, x_px: float, y_px: float, *_: object) -> None:
        self._give(x_px, y_px, PointerAction.MOVE)

    def _clicked(self, x_px: float, y_px: float, button: Any, pressed: bool, *_: object) -> None:
        action = PointerAction.PRESS if pressed else PointerAction.RELEASE
        self._give(x_px, y_px, action, button=_BUTTONS.get(button.name, PointerButton.OTHER))

    def _scrolled(self, x_px: float, y_px: float, dx: float, dy: float, *_: object) -> None:
        self._give(x_px, y_px, PointerAction.SCROLL, scroll=(dx, dy))

    def _died(self, reason: str) -> None:
        if not self._is_stopped:
            self._tally.set_fault(
                f"The mouse is not watched any more: display {self._display} is gone ({reason})."
            )

    def _give(
        self,
        x_px: float,
        y_px: float,
        action: PointerAction,
        *,
        button: PointerButton = PointerButton.NONE,
        scroll: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        if self._emit is None or self._is_stopped:
            return
        sample = PointerSample(
            self._clock.now_ns(),
            (x_px - self._origin_px[0]) * self._scale,
            (y_px - self._origin_px[1]) * self._scale,
            action,
            button,
            *scroll,
        )
        self._emit(pointer_row(sample, self._speed))
        self._tally.add_sample()


def _import_mouse() -> Any:
    display = os.environ.get("DISPLAY")
    if sys.platform == "linux" and not display:
        raise PointerError(
            "There is no display to watch the mouse on (DISPLAY is not set).",
            remedy="Start JourneyLab from a desktop session, or under Xvfb.",
        )
    try:
        from pynput import mouse
    except ImportError as error:  # it reaches for the display while being imported
        raise _unwatchable(error) from error
    return mouse


def _unwatchable(error: Exception) -> PointerError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return PointerError(
        f"The mouse cannot be watched on display {os.environ.get('DISPLAY', '')}: {reason}.",
        remedy="Check that DISPLAY names a running display that this account may use (xhost).",
    )


def _display_errors() -> tuple[type[Exception], ...]:
    """What reaching for a display that is not there may raise."""
    try:
        from Xlib.error import ConnectionClosedError, DisplayError
    except ImportError:  # not an X11 system
        return (OSError,)
    return (OSError, ConnectionClosedError, DisplayError)


def _where(mouse: Any) -> tuple[int, int]:
    """Position of the cursor on the desktop; also the proof that the display answers."""
    try:
        x_px, y_px = mouse.Controller().position
    except _display_errors() as error:
        raise _unwatchable(error) from error
    return round(x_px), round(y_px)


def _make_listener(
    mouse: Any,
    handlers: Mapping[str, Callable[..., None]],
    *,
    on_begin: Callable[[], None],
    on_death: Callable[[str], None],
) -> Any:
    class Watching(mouse.Listener):  # type: ignore[misc]
        """Reports the death of its thread instead of raising in it."""

        def run(self) -> None:
            reason = "its connection was closed"
            try:
                on_begin()
                super().run()
            except Exception as error:  # noqa: BLE001  top of a thread: a dead device is shown
                _log.warning("the mouse's listener died: %s", error)
                reason = str(error) or type(error).__name__
                for name in ("_display_stop", "_display_record"):
                    _close_display(getattr(self, name, None))
            on_death(reason)
            self._mark_ready()  # frees whoever waits for a listener that never came up

    return Watching(**handlers)


def _close_display(display: Any) -> None:
    """pynput leaves its connections open when the display dies."""
    if display is not None:
        with suppress(*_display_errors()):
            display.close()


def _end(listener: Any) -> None:
    """Stop and join pynput's thread.

    On X11 pynput's own stop only takes hold with the next event, since it queues its request on
    the connection the thread is waiting on. A second connection ends the recording at once. It
    is asked again until the thread is gone: a request sent before the recording began is void.
    """
    listener.stop()
    context = getattr(listener, "_context", None)
    for _ in range(_END_ATTEMPTS):
        if context is not None:
            _disable_recording(context)
        threading.Thread.join(listener, _END_PAUSE_S)
        if not listener.is_alive():
            return
    _log.warning("the mouse's listener did not end")


def _disable_recording(context: int) -> None:
    from Xlib.display import Display

    # When the display is gone, so is the recording.
    with suppress(*_display_errors()), closing(Display()) as display:
        display.set_error_handler(lambda *_: None)  # it may have ended by itself meanwhile
        display.record_disable_context(context)
        display.sync()
