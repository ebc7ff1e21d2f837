"""The two pictures of a replay: the participant's screen with gaze and mouse, and the face."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from journeylab.analysis.replay_view import Instant
from journeylab.theme import LIGHT, Palette
from journeylab.ui.widgets.picture_frame import paint_words
from journeylab.ui.widgets.style import SECTION_PX, colour, font

_RADIUS_PX = 8
_DOT_PX = 5.0
_LEAST_CIRCLE_PX = 9.0
_MADE_TO_MEASURE = 0.01
_CURSOR = ((0, 0), (0, 17), (4, 13.2), (6.8, 19.4), (9.4, 18.2), (6.7, 12.4), (12, 12))


class FramedPicture(QWidget):
    """A picture in its own proportions, as large as there is room, or the words why there is none.

    It is given made to measure; ``room_px`` says how large that is.
    """

    def __init__(self, name: str, *, palette: Palette = LIGHT) -> None:
        super().__init__()
        self._palette = palette
        self._image: QImage | None = None
        self._words = ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._image is not None

    @property
    def words(self) -> str:
        """Why none is shown."""
        return self._words

    @property
    def room_px(self) -> tuple[int, int]:
        """Width and height there are, in pixels of the display."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def show_picture(self, image: QImage) -> None:
        """Show a picture."""
        self._image, self._words = image, ""
        self.update()

    def show_words(self, words: str) -> None:
        """Show a sentence instead."""
        if self._image is not None or words != self._words:
            self._image, self._words = None, words
            self.update()

    def box(self) -> QRectF:
        """Where the picture lies."""
        if self._image is None:
            return QRectF(self.rect())
        (room_width, room_height), ratio = self.room_px, self.devicePixelRatioF()
        own = self._image.width(), self._image.height()
        scale = min(room_width / own[0], room_height / own[1])
        fitted = round(own[0] * scale), round(own[1] * scale)
        # A picture made to measure is not scaled again for a fraction of a pixel.
        width, height = own if abs(scale - 1.0) < _MADE_TO_MEASURE else fitted
        left, top = (room_width - width) // 2, (room_height - height) // 2
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            if self._image is None:
                paint_words(
                    painter,
                    self.rect(),
                    self._words,
                    palette=self._palette,
                    radius_px=_RADIUS_PX,
                    margin_px=16,
                )
                self._outline(painter, QRectF(self.rect()))
                return
            box = self.box()
            painter.save()
            path = QPainterPath()
            path.addRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
            painter.setClipPath(path)
            painter.drawImage(box, self._image)
            self.paint_over(painter, box)
            painter.restore()
            self._outline(painter, box)

    def paint_over(self, painter: QPainter, box: QRectF) -> None:
        """What lies on the picture; nothing here."""

    def _outline(self, painter: QPainter, box: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(self._palette.line), 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX, _RADIUS_PX)


class ReplayScreen(FramedPicture):
    """The participant's screen: gaze as a dot in its circle of error, cursor and clicks."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__("The participant's screen", palette=palette)
        self._instant: Instant | None = None
        self._screen_px = (1920, 1080)
        self._view_box: tuple[float, float, float, float] | None = None
        self.setMinimumSize(320, 180)

    def sizeHint(self) -> QSize:
        return QSize(800, 450)

    def show_instant(
        self,
        instant: Instant,
        *,
        screen_px: tuple[int, int],
        view_box: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Place gaze, cursor and clicks, which are in pixels of a screen of that size.

        Of a page, ``view_box`` was in view; the rest is shown dimmed.
        """
        self._instant, self._screen_px, self._view_box = instant, screen_px, view_box
        self.update()

    def gaze_place(self) -> QPointF | None:
        """Where the dot lies, px of this widget; None where there is none."""
        if self._instant is None or self._instant.gaze_px is None or not self.has_picture:
            return None
        return self._place(self.box(), self._instant.gaze_px)

    def paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Gaze, clicks and cursor, the cursor on top."""
        instant = self._instant
        if instant is None:
            return
        scale = box.width() / max(1, self._screen_px[0])
        self._dim_around_view(painter, box)
        for click in instant.clicks:
            centre = self._place(box, (click.x_px, click.y_px))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(self._palette.warning, 1.0 - 0.8 * click.age), 2.5))
            reach = 7.0 + 15.0 * click.age
            painter.drawEllipse(centre, reach, reach)
        if instant.gaze_px is not None:
            centre = self._place(box, instant.gaze_px)
            if math.isfinite(instant.radius_px):
                radius = max(instant.radius_px * scale, _LEAST_CIRCLE_PX)
                painter.setPen(QPen(colour(self._palette.accent, 0.8), 1.2))
                painter.setBrush(colour(self._palette.accent, 0.2))
                painter.drawEllipse(centre, radius, radius)
            painter.setPen(QPen(colour(self._palette.on_accent), 1.5))
            painter.setBrush(colour(self._palette.accent))
            painter.drawEllipse(centre, _DOT_PX, _DOT_PX)
        if instant.cursor_px is not None:
            tip = self._place(box, instant.cursor_px)
            # Dark with a light rim on either ground: the participant's screen has its own.
            painter.setPen(QPen(colour(LIGHT.ground), 1.2))
            painter.setBrush(colour(LIGHT.text))
            painter.drawPolygon(QPolygonF([tip + QPointF(x, y) for x, y in _CURSOR]))

    def _dim_around_view(self, painter: QPainter, box: QRectF) -> None:
        if self._view_box is None:
            return
        left, top, width, height = self._view_box
        corners = ((left, top), (left + width, top + height))
        view = QRectF(*(self._place(box, corner) for corner in corners)).intersected(box)
        around = QPainterPath()
        around.addRect(box)
        seen = QPainterPath()
        seen.addRect(view)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._palette.ground, 0.55))
        painter.drawPath(around.subtracted(seen))
        painter.setPen(QPen(colour(self._palette.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(view.adjusted(1, 1, -1, -1))

    def _place(self, box: QRectF, at_px: tuple[float, float]) -> QPointF:
        width_px, height_px = self._screen_px
        return QPointF(
            box.left() + at_px[0] / width_px * box.width(),
            box.top() + at_px[1] / height_px * box.height(),
        )


class ReplayFace(FramedPicture):
    """The face video; says on the picture when it is blurred."""

    def __init__(self, *, palette: Palette = LIGHT) -> None:
        super().__init__("Face video", palette=palette)
        self._is_blurred = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * 9 / 16)

    def sizeHint(self) -> QSize:
        return QSize(300, 169)

    def show_blurred(self, is_blurred: bool) -> None:
        """Say that the face is blurred, or not."""
        self._is_blurred = is_blurred

    def paint_over(self, painter: QPainter, box: QRectF) -> None:
        """The word in the corner."""
        if not self._is_blurred:
            return
        badge = QRectF(box.left() + 8, box.bottom() - 26, 58, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._palette.ground, 0.85))
        painter.drawRoundedRect(badge, 5, 5)
        painter.setFont(font(SECTION_PX, weight=600))
        painter.setPen(colour(self._palette.text))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, "Blurred")
