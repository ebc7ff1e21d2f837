"""The participant's screen: a phone's page in its middle, and its stored picture."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.app.played import SCREEN
from journeylab.bundle.header import ScreenGeometry
from journeylab.opencv import cv2
from journeylab.simulation.screens import camera_frame_mm, screen_picture, shown_at
from journeylab.study.folder import StudyFolder


def test_a_phones_page_stands_in_the_middle_with_a_phones_shape(demo_study: StudyFolder) -> None:
    place = shown_at(demo_study.study.step("cart"), device="mobile", screen=SCREEN)
    assert place.left_px * 2 + place.width_px == pytest.approx(SCREEN.width_px)
    assert place.height_px / place.width_px == pytest.approx(844 / 390)
    whole = shown_at(demo_study.study.step("cart"), device="desktop", screen=SCREEN)
    assert (whole.width_px, whole.height_px) == (1920, 1080)


def test_what_is_right_for_the_participant_is_left_for_the_camera() -> None:
    corners = camera_frame_mm(np.array(((0.0, 0.0), (1920.0, 1080.0))), screen=SCREEN)
    assert corners[0] == pytest.approx((172.5, 10.0, 0.0))
    assert corners[1] == pytest.approx((-172.5, 204.0, 0.0))
    unknown = camera_frame_mm(np.array(((0.0, 0.0),)), screen=ScreenGeometry(1280, 720))
    assert np.isfinite(unknown).all()


@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_the_stored_picture_shows_the_page_where_it_is_shown(
    demo_study: StudyFolder, device: str
) -> None:
    step = demo_study.study.step("checkout")
    picture = screen_picture(demo_study, step, device=device, screen=SCREEN, t_ns=5)
    assert picture is not None
    assert (picture.t_ns, picture.step_id, picture.media_type) == (5, "checkout", "image/jpeg")
    image = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (picture.height_px, picture.width_px, 3)
    assert picture.width_px / picture.height_px == pytest.approx(16 / 9, rel=0.01)
    margin = image[:, : image.shape[1] // 4].reshape(-1, 3).std(axis=0).max()
    assert (margin < 3) == (device == "mobile"), "beside the phone there is nothing"


def test_a_step_without_a_screen_has_no_picture(demo_study: StudyFolder) -> None:
    step = demo_study.study.step("unboxing")
    assert screen_picture(demo_study, step, device="desktop", screen=SCREEN, t_ns=0) is None
