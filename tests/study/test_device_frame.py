"""What a step is shown on: by the participant's device, by a preset, or of an own size."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from journeylab.study.device_frame import (
    WHOLE_SCREEN,
    DeviceFrame,
    FrameKind,
    device_kind,
    device_rule,
    surface_of,
)


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        *((word, FrameKind.PHONE) for word in ("phone", "mobile", "smartphone", "Mobile", "PHONE")),
        ("Android phone", FrameKind.PHONE),
        ("mobile_app", FrameKind.PHONE),
        ("tablet", FrameKind.TABLET),
        ("Tablet (own)", FrameKind.TABLET),
        *((word, FrameKind.DESKTOP) for word in ("desktop", "laptop", "telephones", "", None)),
    ],
)
def test_the_device_s_words_decide(device: str | None, kind: FrameKind) -> None:
    assert device_kind(device) is kind
    assert surface_of(DeviceFrame(), device).kind is kind


def test_a_preset_holds_whatever_the_device() -> None:
    phone = surface_of(DeviceFrame(kind=FrameKind.PHONE), "desktop")
    assert (phone.size_px, phone.pixel_ratio, phone.is_touch) == ((390, 844), 3.0, True)
    assert surface_of(DeviceFrame(kind=FrameKind.DESKTOP), "mobile") == WHOLE_SCREEN


def test_touch_and_user_agent_can_be_set_by_themselves() -> None:
    frame = DeviceFrame(kind=FrameKind.PHONE, touch=False, user_agent="Kiosk/1.0")
    surface = surface_of(frame, None)
    assert (surface.is_touch, surface.user_agent) == (False, "Kiosk/1.0")
    own = DeviceFrame(kind=FrameKind.OWN, width_px=800, height_px=600)
    assert surface_of(own, "mobile").size_px == (800, 600)
    assert not surface_of(own, "mobile").is_touch


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "own"},
        {"kind": "own", "width_px": 400},
        {"kind": "own", "width_px": 40, "height_px": 400},
        {"kind": "phone", "width_px": 400, "height_px": 400},
        {"kind": "watch"},
        {"user_agent": "two\nlines"},
        {"user_agent": "naïve"},
    ],
)
def test_what_is_no_frame_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DeviceFrame.model_validate(values)


def test_the_rule_is_said_for_the_study_s_own_values() -> None:
    said = device_rule(("desktop", "smartphone", "tablet"))
    assert "desktop: whole screen, smartphone: phone, 390 × 844, tablet: tablet" in said
    assert "No segment “device”" in device_rule(())
