"""Run on an X display of its own with Qt's scale factors set: clicks what is seen, prints it all.

``python scale_trial.py STUDY DISPLAY_NAME LEFT TOP WIDTH HEIGHT [SCALE]``: with a scale, the
desktop is set to it in the middle, and all is tried again. What is seen is read from the
X display itself, in its pixels, so no arithmetic of Qt's is trusted. One JSON object a line. A
process of its own, because Qt reads its scale factors once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from desktop_settings import DesktopSettings

# Before the application exists: Chromium wants to share its OpenGL contexts.
from PySide6.QtTest import QTest
from Xlib.display import Display
from Xlib.X import ZPixmap

from journeylab.app.application import open_application
from journeylab.app.devices import screen_geometry, screen_origin_px
from journeylab.app.window_pointer import WindowPointer
from journeylab.capture.pointer.source import SystemPointer
from journeylab.clock import SessionClock
from journeylab.streams import STREAMS, Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.window import ParticipantWindow

Box = tuple[int, int, int, int]
MARKS = {"red": (230, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 230)}
DOTS_AT = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.37, 0.71), (0.9, 0.9))


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def look(display: Display, box: Box) -> np.ndarray:
    """What the X display shows there, (height, width, 3), RGB."""
    left, top, width, height = box
    image = display.screen().root.get_image(left, top, width, height, ZPixmap, 0xFFFFFFFF)
    data = np.frombuffer(image.data, np.uint8).reshape(height, width, 4)
    return data[:, :, 2::-1].astype(int)


def middle_of(seen: np.ndarray, colour: tuple[int, int, int]) -> tuple[float, float] | None:
    """Middle of all that has about that colour, px; None while there is nothing."""
    ys, xs = np.nonzero(np.abs(seen - np.array(colour)).max(axis=2) < 40)
    if len(xs) < 20:
        return None
    return float(xs.min() + xs.max()) / 2 + 0.5, float(ys.min() + ys.max()) / 2 + 0.5


def until(holds: Callable[[], object]) -> None:
    for _ in range(400):
        if holds():
            return
        QTest.qWait(25)
    raise SystemExit("what was waited for did not come")


class Trial:
    """The participant's window on one display, both pointers, and an eye on the X display."""

    def __init__(self, study: Path, name: str, box: Box) -> None:
        self.application = open_application()
        self.box = box
        self.rows: list[Row] = []
        self.n_clicks = 0
        self.pointed: dict[str, list[tuple[float, float]]] = {"system": [], "window": []}
        self.eye = Display()
        screen = {one.name(): one for one in self.application.screens()}[name]
        self.folder = load_study(study)
        clock = SessionClock()
        self.window = ParticipantWindow(self.folder, clock=clock)
        self.window.sample.connect(self._take)
        self.window.show_on(screen)
        self.pointers = (
            SystemPointer(clock=clock, origin_px=screen_origin_px(screen)),
            WindowPointer(clock=clock),
        )
        for pointer, of in zip(self.pointers, self.pointed, strict=True):
            pointer.start(lambda row, of=of: self._point(row, of))
        self.screen = screen
        self.tell_screen()

    def tell_screen(self) -> None:
        screen = self.screen
        geometry = screen_geometry(screen)
        say(
            name=geometry.name,
            size=[geometry.width_px, geometry.height_px],
            scale=geometry.scale,
            mm=[geometry.width_mm, geometry.height_mm],
            origin=list(screen_origin_px(screen)),
        )

    def _take(self, sample: object) -> None:
        if isinstance(sample, Row):
            self.rows.append(sample)

    def _point(self, row: object, of: str) -> None:
        assert isinstance(row, Row)
        x_px, y_px, action, *_ = row.values
        if action == 1:
            self.pointed[of].append((float(str(x_px)), float(str(y_px))))

    def _told(self, stream: str, what: str) -> list[dict[str, object]]:
        names = [column.name for column in STREAMS[stream].columns]
        rows = [
            dict(zip(names, one.values, strict=True)) for one in self.rows if one.stream == stream
        ]
        return [one for one in rows if what in (one.get("what"), one.get("kind"))]

    def show(self, index: int) -> None:
        self.window.show_step(self.folder.study.steps[index])
        until(lambda: len(self._told("stimulus", "onset")) > index)

    def click_each(self, step: str) -> None:
        """Click the middle of each mark where the X display shows it."""
        until(lambda: middle_of(look(self.eye, self.box), MARKS["blue"]))
        QTest.qWait(300)
        seen = look(self.eye, self.box)
        for name, colour in MARKS.items():
            at = middle_of(seen, colour)
            assert at is not None, f"{name} is not seen"
            before = len(self.pointed["window"]), len(self.pointed["system"])
            place = [str(int(at[0] + self.box[0])), str(int(at[1] + self.box[1]))]
            subprocess.run(["xdotool", "mousemove", *place, "click", "1"], check=True)
            until(
                lambda before=before: (
                    (len(self.pointed["window"]), len(self.pointed["system"]))
                    >= (before[0] + 1, before[1] + 1)
                )
            )
            told = {of: list(places[-1]) for of, places in self.pointed.items()}
            say(step=step, mark=name, seen=[int(at[0]), int(at[1])], **told)

    def pages_answer(self) -> None:
        self.n_clicks += len(MARKS)
        until(lambda: len(self._told("page", "click")) >= self.n_clicks)
        for click in self._told("page", "click")[-len(MARKS) :]:
            say(selector=click["selector"], page=[click["page_x_px"], click["page_y_px"]])

    def show_dots(self) -> None:
        width_px, height_px = self.box[2:]
        for x, y in DOTS_AT:
            asked = x * width_px, y * height_px
            self.window.show_calibration_point(*asked)
            QTest.qWait(900)  # till the ring is closed
            seen = look(self.eye, self.box)
            dark = np.abs(seen - seen[5, 5]).max(axis=2) > 60
            ys, xs = np.nonzero(dark)
            found = [(xs.min() + xs.max() + 1) / 2, (ys.min() + ys.max() + 1) / 2]
            say(dot=list(asked), found=[float(one) for one in found])

    def end(self) -> None:
        for pointer in self.pointers:
            pointer.stop()
        self.window.close_for_good()
        QTest.qWait(100)


def main(study: Path, name: str, box: Box, scale: float | None) -> None:
    settings = None if scale is None else DesktopSettings()
    trial = Trial(study, name, box)
    trial.show(0)
    trial.click_each("page")
    trial.pages_answer()
    if settings is not None and scale is not None:
        settings.set_scale(scale)
        QTest.qWait(1500)
        trial.tell_screen()
        trial.click_each("page")
        trial.pages_answer()
    trial.show(1)
    trial.click_each("picture")
    trial.show_dots()
    trial.end()


if __name__ == "__main__":
    left, top, width, height = (int(one) for one in sys.argv[3:7])
    scale = float(sys.argv[7]) if len(sys.argv) > 7 else None
    main(Path(sys.argv[1]), sys.argv[2], (left, top, width, height), scale)
