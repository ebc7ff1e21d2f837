"""The demo study's ad: four quiet scenes for a made-up kettle, drawn frame by frame.

Nothing in it comes from elsewhere: the kettle is the shop's own drawing, the type is Inter, the
sound is a few sines and some filtered noise.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from journeylab.opencv import cv2

WIDTH, HEIGHT, RATE_HZ, DURATION_S = 1280, 720, 30, 14.6
SOUND_HZ = 48_000
CUTS_S = (3.3, 7.1, 10.9)
WIPE_S = 0.6

PINE, PEACH, CREAM, INK, COPPER, GLOW = (
    "#1a3d30",
    "#f6d9bd",
    "#faf6ee",
    "#1e2b26",
    "#b05a2a",
    "#ffb784",
)

Canvas = NDArray[np.float32]  # (HEIGHT, WIDTH, 3), RGB 0..255
Layer = NDArray[np.float32]  # (h, w, 4), premultiplied RGBA 0..255


def span(t_s: float, start_s: float, end_s: float) -> float:
    """Share of a span that has passed, eased out, 0..1."""
    share = min(1.0, max(0.0, (t_s - start_s) / (end_s - start_s)))
    return 1.0 - (1.0 - share) ** 3


def swing(share: float) -> float:
    """Ease in and out."""
    return 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, share)))


class Studio:
    """Draws the scenes with the fonts and the kettle it was given."""

    def __init__(self, fonts: Path, *, kettle: Layer, bare_kettle: Layer, plate: Layer) -> None:
        self._fonts = fonts
        self._kettle = kettle
        self._bare_kettle = bare_kettle
        self._plate = plate
        self._text = cache(self._render_text)

    def frame(self, t_s: float) -> NDArray[np.uint8]:
        """The whole picture at a time, RGB uint8."""
        scenes = (self._degrees, self._kettle_arrives, self._pours, self._logo)
        centres = ((640, 330), (1010, 250), (640, 400))
        index = sum(t_s >= cut_s for cut_s in CUTS_S)
        canvas = scenes[index](t_s)
        if index and t_s < CUTS_S[index - 1] + WIPE_S:
            share = swing((t_s - CUTS_S[index - 1]) / WIPE_S)
            mask = disc(*centres[index - 1], share * 1250)[..., None]
            canvas = scenes[index - 1](t_s) * (1 - mask) + canvas * mask
        return np.clip(canvas + 0.5, 0, 255).astype(np.uint8)

    def _degrees(self, t_s: float) -> Canvas:
        canvas = ground(PINE)
        rise = swing((t_s - 0.25) / 2.3)
        ring = np.zeros((HEIGHT, WIDTH), np.uint8)
        arc(ring, 0.0, 1.0, 8)
        blend(canvas, ring, "#2f6152", 0.8)
        ring[:] = 0
        arc(ring, 0.0, max(0.002, rise), 12)
        blend(canvas, ring, GLOW, 1.0)
        degrees = round(15 + 81 * rise)
        self._write(canvas, f"{degrees}°", (650, 380), 190, CREAM, weight="SemiBold")
        line = span(t_s, 1.3, 2.1)
        self._write(
            canvas,
            "Every cup has its degree.",
            (640, 640 + 14 * (1 - line)),
            34,
            CREAM,
            alpha=line * 0.92,
        )
        return canvas

    def _kettle_arrives(self, t_s: float) -> Canvas:
        canvas = ground(PEACH)
        blend(canvas, disc(920, 372, 292) * 255, "#eeb184", 1.0)
        arrive = span(t_s, CUTS_S[0] + 0.1, CUTS_S[0] + 1.5)
        drift_px = 10 * (t_s - CUTS_S[0])
        x_px = 905 + 420 * (1 - arrive) - drift_px
        place(canvas, self._kettle, warp(self._kettle, (x_px, 360), 610))
        steam(canvas, (x_px + 610 * (566 / 600 - 0.5), 250), t_s, 0.75 * arrive)
        words = ((0.7, "The Ottle Pour", 250, 30, COPPER), (0.95, "96°. Exactly.", 345, 76, INK))
        for delay_s, text, y_px, size, colour in words:
            shown = span(t_s, CUTS_S[0] + delay_s, CUTS_S[0] + delay_s + 0.8)
            self._write(
                canvas,
                text,
                (90 - 30 * (1 - shown), y_px),
                size,
                colour,
                weight="SemiBold",
                alpha=shown,
                anchor="lm",
            )
        shown = span(t_s, CUTS_S[0] + 1.6, CUTS_S[0] + 2.4)
        self._write(canvas, "And held there for an hour.", (92, 425), 30, INK, alpha=shown * 0.8,
                    anchor="lm")  # fmt: skip
        return canvas

    def _pours(self, t_s: float) -> Canvas:
        canvas = ground(CREAM)
        local_s = t_s - CUTS_S[1]
        tilt = 27 * swing((local_s - 0.35) / 0.9)
        canvas[600:] = rgb("#efe3d0")
        blend(canvas, disc(420, 330, 262) * 255, PEACH, 1.0)
        lifted = swing((local_s - 0.15) / 1.0)
        place(canvas, self._plate, warp(self._plate, (400, 432), 540))
        matrix = warp(self._bare_kettle, (400 + 40 * lifted, 432 - 142 * lifted), 540, tilt)
        tip = matrix @ np.array([self._kettle.shape[1] * 573 / 600,
                                 self._kettle.shape[0] * 203 / 560, 1.0])  # fmt: skip
        cup_x, cup_y = float(tip[0]) + 14, 520.0
        flow = span(local_s, 1.15, 1.5) * (1 - span(local_s, 3.6, 3.8))
        if flow > 0:
            self._water(canvas, (float(tip[0]), float(tip[1])), (cup_x, cup_y + 10), flow, t_s)
        cup(canvas, cup_x, cup_y, span(local_s, 1.4, 3.8))
        place(canvas, self._bare_kettle, matrix)
        steam(canvas, (cup_x, 500), t_s, 0.8 * span(local_s, 1.8, 3.0))
        for delay_s, text, y_px in ((0.6, "It pours like", 190), (0.75, "a pencil line.", 262)):
            shown = span(local_s, delay_s, delay_s + 0.8)
            self._write(canvas, text, (900, y_px + 18 * (1 - shown)), 58, INK, weight="SemiBold",
                        alpha=shown)  # fmt: skip
        return canvas

    def _water(
        self,
        canvas: Canvas,
        top: tuple[float, float],
        bottom: tuple[float, float],
        share: float,
        t_s: float,
    ) -> None:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        steps = np.linspace(0, share, 30)
        x_px = top[0] + (bottom[0] - top[0]) * np.sqrt(steps) + 0.7 * np.sin(9 * steps + 14 * t_s)
        y_px = top[1] + (bottom[1] - top[1]) * steps
        points = (np.stack([x_px, y_px], axis=1) * 16).round().astype(np.int32)
        cv2.polylines(mask, [points], False, 255, 5, cv2.LINE_AA, 4)
        blend(canvas, mask, "#8fb9c4", 0.9)

    def _logo(self, t_s: float) -> Canvas:
        canvas = ground(PINE)
        local_s = t_s - CUTS_S[2]
        mark = span(local_s, 0.3, 1.2)
        blend(canvas, disc(640, 226, 128 * mark) * 255, PEACH, mark)
        place(canvas, self._kettle, warp(self._kettle, (640, 226 + 22 * (1 - mark)), 210), mark)
        name, claim, offer = (span(local_s, at_s, at_s + 0.9) for at_s in (0.6, 1.1, 1.6))
        self._write(canvas, "ottle", (640, 420 + 16 * (1 - name)), 130, CREAM, weight="SemiBold",
                    alpha=name)  # fmt: skip
        self._write(canvas, "Slow kettles for quick mornings.", (640, 532), 38, CREAM, alpha=claim)
        self._write(canvas, "ottle.example  ·  free delivery from €60", (640, 606), 26, GLOW,
                    alpha=offer)  # fmt: skip
        return canvas

    def _write(
        self,
        canvas: Canvas,
        text: str,
        at: tuple[float, float],
        size: int,
        colour: str,
        *,
        weight: str = "Regular",
        alpha: float = 1.0,
        anchor: str = "mm",
    ) -> None:
        if alpha <= 0:
            return
        layer, x_anchor = self._text(text, size, colour, weight, anchor)
        matrix = np.array([[1, 0, at[0] - x_anchor], [0, 1, at[1] - layer.shape[0] / 2]])
        place(canvas, layer, matrix, alpha)

    def _render_text(
        self, text: str, size: int, colour: str, weight: str, anchor: str
    ) -> tuple[Layer, float]:
        font = ImageFont.truetype(str(self._fonts / f"Inter-{weight}.otf"), size)
        width_px = math.ceil(font.getlength(text)) + 2 * size
        image = Image.new("L", (width_px, 2 * size), 0)
        x_px = size if anchor == "lm" else width_px / 2
        ImageDraw.Draw(image).text((x_px, size), text, 255, font, anchor=anchor)
        mask = np.asarray(image, np.float32)[..., None] / 255
        return np.concatenate([mask * rgb(colour), mask * 255], axis=2), x_px


def rgb(colour: str) -> NDArray[np.float32]:
    return np.array(ImageColor.getrgb(colour), np.float32)


def ground(colour: str) -> Canvas:
    return np.broadcast_to(rgb(colour), (HEIGHT, WIDTH, 3)).copy()


def disc(x_px: float, y_px: float, radius_px: float) -> NDArray[np.float32]:
    """Coverage 0..1 of a disc."""
    y, x = np.ogrid[:HEIGHT, :WIDTH]
    return np.clip(radius_px - np.hypot(x - x_px, y - y_px) + 0.5, 0, 1).astype(np.float32)


def arc(mask: NDArray[np.uint8], start: float, end: float, thickness_px: int) -> None:
    """Part of the gauge's three-quarter ring."""
    angles = np.radians(135 + 270 * np.linspace(start, end, 90))
    points = np.stack([640 + 235 * np.cos(angles), 352 + 235 * np.sin(angles)], axis=1)
    cv2.polylines(
        mask, [(points * 16).round().astype(np.int32)], False, 255, thickness_px, cv2.LINE_AA, 4
    )


def blend(canvas: Canvas, mask: NDArray[np.generic], colour: str, alpha: float) -> None:
    share = mask.astype(np.float32)[..., None] * (alpha / 255)
    canvas *= 1 - share
    canvas += share * rgb(colour)


def warp(
    layer: Layer, centre: tuple[float, float], width_px: float, angle_deg: float = 0.0
) -> NDArray[np.float64]:
    """Matrix that puts a layer's centre somewhere, scaled to a width and turned clockwise."""
    height, width = layer.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle_deg, width_px / width)
    matrix[0, 2] += centre[0] - width / 2
    matrix[1, 2] += centre[1] - height / 2
    return np.asarray(matrix)


def place(canvas: Canvas, layer: Layer, matrix: NDArray[np.float64], alpha: float = 1.0) -> None:
    """Lay a premultiplied layer over the canvas."""
    flags = cv2.INTER_AREA if abs(matrix[0, 0]) < 0.7 else cv2.INTER_LINEAR
    laid = cv2.warpAffine(layer, matrix, (WIDTH, HEIGHT), flags=flags) * alpha
    canvas *= 1 - laid[..., 3:] / 255
    canvas += laid[..., :3]


def steam(canvas: Canvas, at: tuple[float, float], t_s: float, alpha: float) -> None:
    """Three ribbons that rise, sway and fade."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for ribbon in range(3):
        phase = (t_s * 0.42 + ribbon / 3) % 1.0
        rise = np.linspace(0, 1, 24)
        x_px = at[0] + (ribbon - 1) * 9 + (8 + 24 * rise) * np.sin(5 * rise + 2 * t_s + 2 * ribbon)
        y_px = at[1] - 8 - 40 * phase - 120 * rise
        points = (np.stack([x_px, y_px], axis=1) * 16).round().astype(np.int32)
        one = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.polylines(one, [points], False, 255, 13, cv2.LINE_AA, 4)
        mask = np.maximum(mask, one * math.sin(math.pi * phase))
    blend(canvas, cv2.GaussianBlur(mask, (0, 0), 11), "#ffffff", alpha)


def cup(canvas: Canvas, x_px: float, y_px: float, fill: float) -> None:
    """A cup seen from slightly above, that fills."""
    scale = 4
    image = Image.new("RGBA", (260 * scale, 150 * scale))
    draw = ImageDraw.Draw(image)

    def box(*corners: float) -> tuple[float, ...]:
        return tuple(corner * scale for corner in corners)

    draw.ellipse(box(30, 104, 230, 140), fill="#d8c8b0")
    draw.ellipse(box(176, 36, 236, 92), outline="#ffffff", width=11 * scale)
    draw.chord(box(50, -76, 210, 128), 0, 180, fill="#ffffff")
    draw.chord(box(50, -76, 210, 128), 20, 80, fill="#f1ebe1")
    draw.ellipse(box(50, 6, 210, 46), fill="#ffffff")
    draw.ellipse(box(57, 10, 203, 43), fill="#ddd2c2")
    inset = 26 * (1 - fill)
    draw.ellipse(box(59 + inset, 14 + 9 * (1 - fill), 201 - inset, 42), fill="#6b3f22")
    layer = np.asarray(image.resize((260, 150), Image.Resampling.LANCZOS), np.float32).copy()
    layer[..., :3] *= layer[..., 3:] / 255
    place(canvas, layer, np.array([[1.0, 0, x_px - 130], [0, 1, y_px - 22]]))


def sound() -> NDArray[np.int16]:
    """The ad's sound, mono; its peak stays near -12 dBFS."""
    t_s = np.arange(round(DURATION_S * SOUND_HZ)) / SOUND_HZ
    mix = np.zeros_like(t_s)
    chords = ((146.8, 220.0, 277.2, 329.6), (123.5, 185.0, 293.7, 370.0),
              (98.0, 196.0, 246.9, 370.0), (146.8, 220.0, 293.7, 440.0))  # fmt: skip
    starts_s = (0.0, *CUTS_S)
    for chord, start_s, end_s in zip(chords, starts_s, (*CUTS_S, DURATION_S), strict=True):
        shape = np.clip((t_s - start_s) / 0.7, 0, 1) * np.clip((end_s + 0.6 - t_s) / 0.9, 0, 1)
        for note_hz in chord:
            wave = np.sin(2 * np.pi * note_hz * t_s) + 0.25 * np.sin(4 * np.pi * note_hz * t_s)
            mix += 0.03 * shape * wave * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * t_s + note_hz))
    for tick in range(9):  # the gauge
        since_s = t_s - (0.45 + 0.22 * tick)
        mix += (
            0.05
            * (since_s > 0)
            * np.exp(-60 * np.clip(since_s, 0, 1))
            * np.sin(2 * np.pi * (900 + 70 * tick) * since_s)
        )
    noise = np.random.default_rng(96).standard_normal(t_s.size)
    hiss = np.convolve(noise, np.hanning(24) / 12, "same") - np.convolve(
        noise, np.hanning(120) / 60, "same"
    )
    pouring = np.clip((t_s - CUTS_S[1] - 1.2) / 0.3, 0, 1) * np.clip(
        (CUTS_S[1] + 3.8 - t_s) / 0.3, 0, 1
    )
    mix += 0.035 * pouring * hiss
    for note_hz, at_s in ((880.0, 0.3), (1174.7, 0.5), (1760.0, 0.7)):
        since_s = t_s - CUTS_S[2] - at_s
        mix += (
            0.06
            * (since_s > 0)
            * np.exp(-2.6 * np.clip(since_s, 0, 9))
            * np.sin(2 * np.pi * note_hz * since_s)
        )
    mix *= np.clip((DURATION_S - t_s) / 1.0, 0, 1)
    return np.asarray(mix / np.abs(mix).max() * 0.25 * 32767, np.int16)


def render(svg: str, width_px: int = 1400) -> Layer:
    """A drawing of 600 x 560 as a premultiplied layer."""
    from PySide6.QtCore import QByteArray, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    height_px = round(width_px * 560 / 600)
    image = QImage(width_px, height_px, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height_px, width_px, 4)
    return rows.astype(np.float32)


def open_studio(fonts: Path, drawing: Path) -> Studio:
    """The studio with the shop's drawing, whole and taken apart: kettle and plate."""
    svg = drawing.read_text(encoding="utf-8")
    before, rest = svg.split('<g id="plate">')
    plate, after = rest.split("</g>", 1)
    head = before[: before.index("</defs>") + len("</defs>")]
    return Studio(
        fonts,
        kettle=render(svg),
        bare_kettle=render(before + after),
        plate=render(f"{head}{plate}</svg>"),
    )


def make_ad(path: Path, *, fonts: Path, drawing: Path) -> None:
    """Draw, score and encode the ad: H.264 and AAC, ready to stream."""
    studio = open_studio(fonts, drawing)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=RATE_HZ)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"crf": "22", "preset": "slow", "tune": "animation"}
        audio = container.add_stream("aac", rate=SOUND_HZ, layout="mono")
        audio.bit_rate = 80_000
        for index in range(round(DURATION_S * RATE_HZ)):
            frame = av.VideoFrame.from_ndarray(studio.frame(index / RATE_HZ), format="rgb24")
            frame.pts = index
            frame.time_base = Fraction(1, RATE_HZ)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        block = av.AudioFrame.from_ndarray(sound()[None], format="s16", layout="mono")
        block.sample_rate = SOUND_HZ
        block.pts = 0
        container.mux(audio.encode(block))
        container.mux(audio.encode())
