"""Run on an X display of its own: plays a video that counts its frames, prints what was seen when.

``python video_trial.py STUDY``. The count is read from the X display, as eight black or white
blocks, after each turn of the event loop, beside the newest row of stream stimulus. One JSON
object a line.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
from PySide6.QtTest import QTest
from Xlib.display import Display
from Xlib.X import ZPixmap

from journeylab.app.application import open_application
from journeylab.clock import SessionClock
from journeylab.streams import STREAMS, Row
from journeylab.study.folder import load_study
from journeylab.ui.participant.window import ParticipantWindow

BITS = 8
_ARRIVED_NS = 20_000_000
_COLUMNS = [column.name for column in STREAMS["stimulus"].columns]


def seen_count(display: Display, size: tuple[int, int]) -> int | None:
    """The number on the screen; None while there is none."""
    width_px, height_px = size
    row = display.screen().root.get_image(0, height_px // 2, width_px, 1, ZPixmap, 0xFFFFFFFF)
    light = np.frombuffer(row.data, np.uint8).reshape(width_px, 4)[:, 0]
    middles = light[[round((bit + 0.5) * width_px / BITS) for bit in range(BITS)]]
    if np.any((middles > 60) & (middles < 195)):
        return None
    return sum(1 << bit for bit in range(BITS) if middles[bit] > 127)


def main(study: Path) -> None:
    application = open_application()
    folder = load_study(study)
    clock, eye = SessionClock(), Display()
    window = ParticipantWindow(folder, clock=clock)
    told: list[tuple[int, dict[str, object]]] = []

    def take(sample: object) -> None:
        if isinstance(sample, Row) and sample.stream == "stimulus":
            told.append((sample.t_ns, dict(zip(_COLUMNS, sample.values, strict=True))))

    window.sample.connect(take)
    screen = application.primaryScreen()
    window.show_on(screen)
    QTest.qWait(300)
    size = screen.geometry().width(), screen.geometry().height()
    window.show_step(folder.study.steps[0])
    pairs: set[tuple[int, float]] = set()
    deadline_ns = clock.now_ns() + 30_000_000_000
    while clock.now_ns() < deadline_ns and not any(one["what"] == "end" for _, one in told):
        QTest.qWait(4)
        frames = [(t_ns, one) for t_ns, one in told if one["what"] == "frame"]
        # What was painted is on its way to the X server for a moment.
        if frames and clock.now_ns() - frames[-1][0] > _ARRIVED_NS:
            count, media_s = seen_count(eye, size), float(str(frames[-1][1]["media_s"]))
            pairs.add((-1 if count is None else count, media_s))
    for count, media_s in sorted(pairs):
        print(json.dumps({"count": count, "media_s": media_s}))
    for t_ns, one in told:
        media_s = float(str(one["media_s"]))
        known_s = None if math.isnan(media_s) else media_s
        print(json.dumps({"what": one["what"], "t_ns": t_ns, "at_s": known_s}))
    window.close_for_good()
    QTest.qWait(100)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
