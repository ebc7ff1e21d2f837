"""A long session for the replay's bench: 720p video, meshes, measures, mouse, sound, pictures.

Of the screen, and of pages that scroll; and a video that is watched.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bundle.sent import a_header
from faults.cost import RATE_HZ, Content, encoded, noisy_frames

from journeylab.bundle.finalise import finalise
from journeylab.bundle.header import PlannedStep, ScreenGeometry
from journeylab.bundle.video import GOP_FRAMES
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import NS_PER_S, VirtualClock
from journeylab.opencv import cv2
from journeylab.streams import Picture, Row, Sample, row
from journeylab.vocabulary import ACTION_UNIT_COLUMNS, STATES

N_STEPS = 12
SCREEN = ScreenGeometry(1920, 1080)
_PICTURE_EVERY_S = 8
_MARK_EVERY_S = 40
_GOPS = 4
FILM = "stimuli/film.mp4"
FILM_S = 30.0
_PAGE_PX = (1920, 6400)
_SCROLL_EVERY_S = 2


class LongSession(Content):
    """The samples of a session that has moods, a mouse that clicks, and pages that scroll."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._n = round(seconds * RATE_HZ)
        angle = self._rng.uniform(0, 2 * np.pi, 478)
        reach = np.sqrt(self._rng.uniform(0, 1, 478))
        head = np.stack((150 * reach * np.cos(angle), 200 * reach * np.sin(angle)))
        self._shape = np.zeros((478, 3), dtype=np.float32)
        self._shape[:, :2] = (head / ((1280,), (720,))).T
        self._mood = _walk(self._rng, self._n, slow_s=25.0)
        self._frown = np.clip(_walk(self._rng, self._n, slow_s=12.0) - 0.5, 0, 1)
        self._smile = np.clip(_walk(self._rng, self._n, slow_s=12.0) - 0.5, 0, 1)
        self._places = (SCREEN.width_px / 2, SCREEN.height_px / 2)
        self._pictures = [_picture(n) for n in range(24)]
        self._page = _long_page()

    def tick(self, k: int) -> list[Sample]:
        """All but video, of one thirtieth of a second."""
        t_ns = k * NS_PER_S // RATE_HZ
        samples = [s for s in super().tick(k) if s.stream not in ("affect", "action_units", "gaze")]
        centre = ((640 + 40 * np.sin(k / 15)) / 1280, (370 + 12 * np.sin(k / 9)) / 720, 0)
        for place, sample in enumerate(samples):
            if sample.stream == "landmarks":
                mesh = self._shape + np.float32(centre) + self._jitter[k % 64]
                samples[place] = Row("landmarks", t_ns, (mesh,), sample.arrived_ns)
        frown, smile = float(self._frown[k]), float(self._smile[k])
        units = dict.fromkeys(ACTION_UNIT_COLUMNS, 0.03) | {
            "AU04": frown,
            "AU12": smile,
            "AU06": 0.7 * smile,
            "AU24": 0.8 * frown,
        }
        states = dict.fromkeys(STATES, 0.02) | {"joy": smile, "confusion": frown}
        valence = float(np.clip(60 * self._mood[k] + self._rng.normal(0, 3), -100, 100))
        x, y = self._places
        gaze_x = x + 600 * np.sin(k / 55) + self._rng.normal(0, 30)
        gaze_y = y + 300 * np.sin(k / 83) + self._rng.normal(0, 30)
        samples += [
            row("affect", t_ns, valence=valence, arousal=30.0, confidence=0.9, **states),
            row("action_units", t_ns, **units),
            row("gaze", t_ns, x_px=gaze_x, y_px=gaze_y, uncertainty_px=70.0),
        ]
        return samples + self._now_and_then(k, t_ns)

    def _now_and_then(self, k: int, t_ns: int) -> list[Sample]:
        samples: list[Sample] = []
        step_ticks = self._n // N_STEPS
        if k % step_ticks == 0 and k // step_ticks < N_STEPS:
            if k:
                samples.append(_step(t_ns - 1, k // step_ticks - 1, "end"))
            samples.append(_step(t_ns, k // step_ticks, "start"))
        number = min(k // step_ticks, N_STEPS - 1)
        if k % (_PICTURE_EVERY_S * RATE_HZ) == 0:
            data = self._pictures[k // (_PICTURE_EVERY_S * RATE_HZ) % len(self._pictures)]
            samples.append(Picture(t_ns, f"s{number}", 1600, 900, "image/jpeg", data))
        samples += self._stimulus(k - number * step_ticks, t_ns, number)
        if k % (_MARK_EVERY_S * RATE_HZ) == RATE_HZ * 7:
            samples.append(row("markers", t_ns, label="confusion", author="moderator"))
            samples.append(row("notes", t_ns + 1, text="Looks for the price", author="moderator"))
            for n in range(4):
                samples.append(_press(t_ns + n * NS_PER_S // 4))
        return samples

    def _stimulus(self, k: int, t_ns: int, number: int) -> list[Sample]:
        """What a page or a video does, ``k`` ticks into its step."""
        kind, step_id = kind_of(number), f"s{number}"
        if kind == "video":
            media_s = k / RATE_HZ % FILM_S
            return [
                row(
                    "stimulus",
                    t_ns,
                    step_id=step_id,
                    what="frame",
                    detail=FILM,
                    media_s=media_s,
                )
            ]
        if kind != "page":
            return []
        url = f"stimuli/shop/{number}.html"
        size = f"{_PAGE_PX[0]}x{_PAGE_PX[1]} px"
        view = f"view {SCREEN.width_px}x{SCREEN.height_px} at 0,0, zoom 1.0"
        if k == 1:
            return [_page_row(t_ns, "load", url, detail=f"{size}, {view}")]
        if k == RATE_HZ:
            picture = Picture(
                t_ns, f"s{number}", *_PAGE_PX, "image/jpeg", self._page, stream="pages"
            )
            return [_page_row(t_ns, "picture", url, detail=size), picture]
        if k > RATE_HZ and k % (_SCROLL_EVERY_S * RATE_HZ) == 0:
            depth = 100.0 * (k // (_SCROLL_EVERY_S * RATE_HZ))
            return [_page_row(t_ns, "scroll", url, scroll_y=depth % (_PAGE_PX[1] - 1080))]
        return []


def kind_of(number: int) -> str:
    """What a step shows: in turns a page, a picture and a video."""
    return ("page", "image", "video")[number % 3]


def make_film(path: Path) -> Path:
    """Write the video that is watched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = list(noisy_frames(GOP_FRAMES))
    with av.open(str(path), "w") as film:
        stream: Any = film.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"preset": "veryfast"}
        for k in range(round(FILM_S * RATE_HZ)):
            frame = av.VideoFrame.from_ndarray(frames[k % len(frames)], format="bgr24")
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def make_session(path: Path, minutes: float) -> Path:
    """Write the session and finalise it; its bundle."""
    packets = encoded(noisy_frames(_GOPS * GOP_FRAMES))
    steps = tuple(
        PlannedStep(f"s{n}", f"Step {n + 1}", "Consideration", minutes * 60 / N_STEPS, kind_of(n))
        for n in range(N_STEPS)
    )
    content, clock = LongSession(minutes * 60), VirtualClock()
    writer = BundleWriter(path, a_header(steps=steps, screen=SCREEN, simulated=True), clock=clock)
    for k in range(round(minutes * 60 * RATE_HZ)):
        t_ns = k * NS_PER_S // RATE_HZ
        writer.write(sorted(content.tick(k), key=lambda sample: sample.t_ns))
        packet = replace(packets[k % len(packets)], t_ns=t_ns, arrived_ns=None, frame=k)
        writer._append([writer._packet_record("camera", packet)])
        clock.advance_ns(NS_PER_S // RATE_HZ)
    writer.close()
    return finalise(writer.journal_path)


def _step(t_ns: int, number: int, phase: str) -> Row:
    return row("steps", t_ns, step_id=f"s{number}", phase=phase, visit=1)


def _press(t_ns: int) -> Row:
    return row(
        "pointer",
        t_ns,
        x_px=900.0,
        y_px=500.0,
        action=1,
        button=1,
        scroll_dx=0.0,
        scroll_dy=0.0,
        speed_px_s=0.0,
    )


def _page_row(
    t_ns: int, kind: str, url: str, *, scroll_y: float = float("nan"), detail: str = ""
) -> Row:
    nowhere = dict.fromkeys(("page_x_px", "page_y_px"), float("nan"))
    scroll_x = 0.0 if np.isfinite(scroll_y) else scroll_y
    scroll = {"scroll_x_px": scroll_x, "scroll_y_px": scroll_y}
    return row("page", t_ns, kind=kind, url=url, selector="", detail=detail, **nowhere, **scroll)


def _walk(rng: np.random.Generator, n: int, *, slow_s: float) -> np.ndarray:
    """Smooth noise of about unit size, as slow as moods are."""
    knots = rng.normal(0, 0.8, max(4, round(n / RATE_HZ / slow_s)))
    return np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)


def _picture(number: int) -> bytes:
    rng = np.random.default_rng(number)
    image = np.full((900, 1600, 3), 245, np.uint8)
    for _ in range(40):
        x, y = int(rng.integers(0, 1400)), int(rng.integers(0, 800))
        colour = tuple(int(v) for v in rng.integers(90, 230, 3))
        cv2.rectangle(image, (x, y), (x + 180, y + 70), colour, -1)
        cv2.putText(image, f"Item {number}", (x + 10, y + 44), 0, 0.9, (30, 30, 30), 2, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image)[1])


def _long_page() -> bytes:
    rng = np.random.default_rng(99)
    image = np.full((_PAGE_PX[1], _PAGE_PX[0], 3), 250, np.uint8)
    for number in range(260):
        x, y = int(rng.integers(0, _PAGE_PX[0] - 400)), int(rng.integers(0, _PAGE_PX[1] - 160))
        colour = tuple(int(v) for v in rng.integers(120, 235, 3))
        cv2.rectangle(image, (x, y), (x + 380, y + 140), colour, -1)
        cv2.putText(image, f"Part {number}", (x + 12, y + 60), 0, 1.2, (30, 30, 30), 2, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image)[1])


if __name__ == "__main__":
    print(make_session(Path(sys.argv[1]), float(sys.argv[2])))
