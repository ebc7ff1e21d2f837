"""The preview: the frame as it is, converted once, with the mesh on it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from journeylab.opencv import cv2
from journeylab.ui.widgets.camera_preview import CameraPreview
from journeylab.ui.widgets.face_contours import CONTOURS


@pytest.fixture
def preview(qtbot: QtBot) -> CameraPreview:
    preview = CameraPreview()
    qtbot.addWidget(preview)
    preview.resize(320, 180)
    preview.show()
    return preview


def test_colours_arrive_as_the_camera_saw_them(preview: CameraPreview) -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:] = (10, 20, 200)  # BGR
    preview.show_frame(image)
    colour = preview.grab().toImage().pixelColor(160, 90)
    assert (colour.red(), colour.green(), colour.blue()) == (200, 20, 10)


def test_the_picture_is_not_mirrored(preview: CameraPreview) -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:, :640] = 255
    preview.show_frame(image)
    shown = preview.grab().toImage()
    assert shown.pixelColor(60, 90).red() > 200
    assert shown.pixelColor(260, 90).red() < 50


def test_the_mesh_is_drawn_on_the_face(preview: CameraPreview) -> None:
    image = np.full((720, 1280, 3), 90, np.uint8)
    preview.show_frame(image, index=1)
    plain = preview.grab().toImage()
    angle = np.linspace(0, 2 * np.pi, 478)
    xyz = np.stack([0.5 + 0.2 * np.cos(angle), 0.5 + 0.2 * np.sin(angle), 0 * angle], axis=1)
    preview.show_frame(image, index=1, mesh_xyz=xyz.astype(np.float32))
    assert preview.grab().toImage() != plain


def test_converting_a_frame_costs_about_a_resize(preview: CameraPreview) -> None:
    image = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), np.uint8)

    def median_s(work: object) -> float:
        costs = []
        for _ in range(15):
            began = time.perf_counter()
            work()  # type: ignore[operator]
            costs.append(time.perf_counter() - began)
        return float(np.median(costs))

    resize_s = median_s(lambda: cv2.resize(image, (320, 180), interpolation=cv2.INTER_AREA))
    assert median_s(lambda: preview.show_frame(image)) < 3 * resize_s + 0.001


def test_contours_index_the_mesh() -> None:
    points = np.concatenate(CONTOURS)
    assert points.min() >= 0
    assert points.max() < 478
    assert len(CONTOURS) == 13


def test_waiting_drops_the_last_face(preview: CameraPreview) -> None:
    preview.show_frame(np.zeros((72, 128, 3), np.uint8))
    assert preview.has_frame
    preview.show_waiting("Opening the camera")
    assert not preview.has_frame
